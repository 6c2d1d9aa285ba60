"""What a customer prefers, compared with what everybody takes: smoothed log-lifts over brand, quality, price level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.features import LEVELS, Coded, Coding

Floats: TypeAlias = NDArray[np.float64]
Singles: TypeAlias = NDArray[np.float32]

# Pseudo-events of everybody's taste behind each customer's own; chosen by `benchmarks/personalisation.py`.
PRIOR_EVENTS = 3.0


@dataclass(frozen=True, slots=True)
class BaseRates:
    """What share of the demand for a part type goes to each brand, quality and price level (types × names)."""

    brand: Singles
    quality: Singles
    level: Singles


def base_rates(coding: Coding, items: Coded, demand: Floats) -> BaseRates:
    """Shares by `demand` (one weight an item, >= 0) plus a little for each listed part, so that none is zero."""
    types = len(coding.part_types)

    def shares(codes: NDArray[np.int32], size: int) -> Singles:
        known = (codes >= 0) & (items.part_type >= 0)
        cells = items.part_type[known].astype(np.int64) * size + codes[known]
        totals = np.bincount(cells, demand[known] + 0.1, types * size).reshape(types, size)
        return np.asarray(totals / np.maximum(totals.sum(1, keepdims=True), 1e-9), np.float32)

    return BaseRates(
        shares(items.brand, len(coding.brands)),
        shares(items.quality, len(coding.qualities)),
        shares(items.level, LEVELS),
    )


def lift(codes: NDArray[np.int32], types: NDArray[np.int32], weight: Floats, rates: Singles) -> Floats:
    """Log of the smoothed share a customer gives each name over the share everybody gives it in the same part types.

    0 where he says nothing or the name does not occur in these types. Bounded below by the prior: never buying a brand
    is weak evidence.
    """
    known = (codes >= 0) & (types >= 0)
    weight = np.where(known, weight, 0.0)
    total = weight.sum()
    if not total > 0:
        return np.zeros(rates.shape[1])
    own = np.bincount(codes[known], weight[known], rates.shape[1])
    usual = weight[known] @ rates[types[known]] / total
    smooth = (own + PRIOR_EVENTS * usual) / ((total + PRIOR_EVENTS) * np.maximum(usual, 1e-12))
    return np.where(usual > 0, np.log(np.maximum(smooth, 1e-12)), 0.0)


def lift_in_type(
    codes: NDArray[np.int32],
    types: NDArray[np.int32],
    weight: Floats,
    rates: Singles,
    wanted: NDArray[np.int32],
    wanted_types: NDArray[np.int32],
) -> Floats:
    """As `lift`, but counting only what the customer did in the candidate's own part type; one value a candidate."""
    same_type = wanted_types[:, None] == types
    own = ((wanted[:, None] == codes) & same_type) @ weight
    total = same_type @ weight
    usual = rates[np.maximum(wanted_types, 0), np.maximum(wanted, 0)].astype(np.float64)
    known = (wanted >= 0) & (wanted_types >= 0) & (usual > 0)
    smooth = (own + PRIOR_EVENTS * usual) / ((total + PRIOR_EVENTS) * np.where(known, usual, 1.0))
    return np.where(known, np.log(np.where(known, smooth, 1.0)), 0.0)
