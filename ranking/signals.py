"""Candidates as columns, and each column as a signal between 0 and 1 (`personal`: -1 to 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranking.policy_file import Thresholds

Floats: TypeAlias = NDArray[np.float64]

SIGNALS = (
    "text", "part_type", "popularity", "personal", "availability", "distance", "price", "promotion", "newness",
    "merchandising", "later_page",
)  # fmt: skip
MERCHANDISING = SIGNALS.index("merchandising")
LATER_PAGE = SIGNALS.index("later_page")
LIMIT = 1e12  # no price, distance or age is larger; keeps sums of columns finite


@dataclass(slots=True)
class Pool:
    """The candidates of one request, one row a part, in any order. `None` is a column nobody knows.

    part_ids       identity and tie-break; of a repeated one the row in the best band is kept
    band           verdict band as an integer, 0 is shown first
    text           engine score, >= 0, any scale
    part_type      confidence 0..1 that the part's type is the one meant
    popularity     0..1 (`Model.popularity`)
    personal       -1..1 (`Model.score`)
    available      quantity that can be had (at the store asked for, else anywhere); NaN unknown
    distance_km    to the nearest store that has it; NaN unknown
    price          in one currency; NaN unknown
    promotion      0..1, 1 a promotion is running; or the share taken off the price
    age_days       since it was listed; NaN unknown
    brands, part_types, qualities   names as the policy writes them; empty = not known, then no rule selects by them
    """

    part_ids: Sequence[str]
    band: ArrayLike
    text: ArrayLike | None = None
    part_type: ArrayLike | None = None
    popularity: ArrayLike | None = None
    personal: ArrayLike | None = None
    available: ArrayLike | None = None
    distance_km: ArrayLike | None = None
    price: ArrayLike | None = None
    promotion: ArrayLike | None = None
    age_days: ArrayLike | None = None
    brands: Sequence[str] = ()
    part_types: Sequence[str] = ()
    qualities: Sequence[str] = ()


def column(values: ArrayLike | None, size: int) -> Floats:
    """`values` as float64 within ±`LIMIT`, infinities as NaN; all NaN for `None`.

    Raises `ValueError` if the length is not `size`.
    """
    if values is None:
        return np.full(size, np.nan)
    out = np.array(values, np.float64)
    if out.shape != (size,):
        raise ValueError(f"column of shape {out.shape} in a pool of {size}")
    out[np.isinf(out)] = np.nan
    return np.minimum(np.maximum(out, -LIMIT), LIMIT)


def signal_values(pool: Pool, curves: Thresholds) -> Floats:
    """Matrix of candidates × `SIGNALS`; the last two columns are zero, they are filled by rules and by paging."""
    size = len(pool.part_ids)
    out = np.zeros((len(SIGNALS), size))
    out[0] = _relative(column(pool.text, size))
    out[1] = _unit(column(pool.part_type, size))
    out[2] = _unit(column(pool.popularity, size))
    out[3] = np.minimum(_known(column(pool.personal, size), -1.0), 1.0)
    out[4] = _availability(column(pool.available, size), curves.unknown_availability)
    out[5] = _falling(column(pool.distance_km, size), curves.distance_scale_km)
    out[6] = _cheapness(column(pool.price, size))
    out[7] = _unit(column(pool.promotion, size))
    out[8] = _halving(column(pool.age_days, size), curves.newness_half_life_days)
    return out.T


def _known(values: Floats, least: float = 0.0) -> Floats:
    """Values from `least` up, 0 where nothing is known."""
    return np.maximum(np.where(np.isnan(values), 0.0, values), least)


def _unit(values: Floats) -> Floats:
    return np.minimum(_known(values), 1.0)


def _relative(values: Floats) -> Floats:
    values = _known(values)
    top = values.max(initial=0.0)
    return values / top if top > 0 else values


def _availability(quantity: Floats, unknown: float) -> Floats:
    return np.where(np.isnan(quantity), unknown, (quantity > 0).astype(np.float64))


def _falling(values: Floats, scale: float) -> Floats:
    return np.where(np.isnan(values), 0.0, scale / (scale + _known(values)))


def _halving(values: Floats, half_life: float) -> Floats:
    return np.where(np.isnan(values), 0.0, np.exp2(-_known(values) / half_life))


def _cheapness(price: Floats) -> Floats:
    price = np.where(price > 0, price, np.nan)
    known = price[~np.isnan(price)]
    if not known.size:
        return np.full(len(price), 0.5)
    middle = float(np.median(known))
    return np.where(np.isnan(price), 0.5, middle / (middle + _known(price)))
