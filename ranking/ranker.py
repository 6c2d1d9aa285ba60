"""One score whose parts add up, and an order that never leaves the verdict bands.

`rank` is pure and deterministic: the same pool in any row order gives the same parts in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.policy import Firing, Policy
from ranking.policy_file import Boost, Bury, Hide, Pin, Weights
from ranking.signals import LATER_PAGE, MERCHANDISING, SIGNALS, Floats, Pool, column, signal_values

Sort: TypeAlias = Literal["relevance", "price_asc", "price_desc", "newest", "distance"]
Indices: TypeAlias = NDArray[np.int64]
RulesOf: TypeAlias = dict[int, list[tuple[str, str]]]
_NAMED_WEIGHTS = tuple(name for name in SIGNALS if name in Weights.__struct_fields__)


@dataclass(slots=True)
class Contribution:
    """One addend of a score: `contribution` = `value` * `weight`."""

    signal: str
    value: float
    weight: float
    contribution: float


@dataclass(slots=True)
class Ranking:
    """The outcome for one pool; every row number is a row of the pool as it was given.

    order        rows to show: bands ascend, inside a band the score falls, ties by part id, pins at their places
    score        one a row, equal to the sum of its contributions
    values       rows × `SIGNALS`
    weights      one a signal
    rules        row → (rule id, effect), in file order, of the rules that touched it
    hidden       rows a rule hides; `repeated` rows whose part id stood in the pool already
    """

    order: Indices
    score: Floats
    values: Floats
    weights: Floats
    rules: RulesOf
    hidden: int
    repeated: int

    def contributions(self, row: int) -> list[Contribution]:
        """The addends of one row's score, those without value or weight left out."""
        values, weights = self.values[row].tolist(), self.weights.tolist()
        pairs = zip(SIGNALS, values, weights, strict=True)
        return [Contribution(name, value, weight, value * weight) for name, value, weight in pairs if value * weight]


def rank(
    pool: Pool,
    policy: Policy,
    firings: Sequence[Firing] = (),
    *,
    sort: Sort = "relevance",
    personalised: bool = True,
    ceilings: Mapping[int, float] | None = None,
) -> Ranking:
    """Score the pool and order it inside its bands.

    `firings` are `policy.firing(context)`. Any `sort` but relevance orders by that column (unknown last) and ignores
    pins, because the customer asked for that order; scores are still given. `personalised=False` gives the personal
    signal no weight. `ceilings` is for candidates of later pages: the lowest score shown in each band so far; the band
    is moved below it as a whole, as contribution `later_page`, and pins do not apply.
    """
    size = len(pool.part_ids)
    band = np.array(pool.band, np.int64).reshape(-1)
    if band.shape != (size,):
        raise ValueError(f"{band.shape[0]} bands in a pool of {size}")
    values = signal_values(pool, policy.thresholds)
    shown, repeated = _first_of_each(pool.part_ids, band)
    rules: RulesOf = {}
    hidden = _apply_rules(pool, firings, values, shown, rules)
    weights = _weights(policy.weights, personalised)
    score = _sum(values, weights)
    if ceilings:
        _lower(band, shown, score, values, ceilings)
        score = _sum(values, weights)
    order = _ordered(pool, band, score, shown, sort)
    if sort == "relevance" and not ceilings:
        order = _pinned(order, band, pool.part_ids, firings, rules)
    return Ranking(order, score, values, weights, rules, hidden, repeated)


def _weights(weights: Weights, personalised: bool) -> Floats:
    out = np.ones(len(SIGNALS))
    for index, name in enumerate(SIGNALS):
        if name in _NAMED_WEIGHTS:
            out[index] = getattr(weights, name)
    if not personalised:
        out[SIGNALS.index("personal")] = 0.0
    return out


def _sum(values: Floats, weights: Floats) -> Floats:
    """Column after column, so that equal rows get bit-equal scores; a matrix product does not promise that."""
    score = np.zeros(len(values))
    for index in range(len(weights)):
        score += values[:, index] * weights[index]
    return score


def _first_of_each(part_ids: Sequence[str], band: Indices) -> tuple[NDArray[np.bool_], int]:
    shown = np.ones(len(part_ids), bool)
    if len(set(part_ids)) == len(part_ids):
        return shown, 0
    seen: set[str] = set()
    for row in np.argsort(band, kind="stable").tolist():
        shown[row] = part_ids[row] not in seen
        seen.add(part_ids[row])
    return shown, int((~shown).sum())


def _apply_rules(
    pool: Pool, firings: Sequence[Firing], values: Floats, shown: NDArray[np.bool_], rules: RulesOf
) -> int:
    hidden = 0
    for fired in firings:
        if fired.selector is None or not isinstance(fired.effect, Boost | Bury | Hide):
            continue
        mask = fired.selector.mask(pool.part_ids, pool.brands, pool.part_types, pool.qualities) & shown
        if isinstance(fired.effect, Hide):
            hidden += int(mask.sum())
            shown &= ~mask
        else:
            sign = 1.0 if isinstance(fired.effect, Boost) else -1.0
            values[mask, MERCHANDISING] += sign * fired.effect.weight
        for row in np.flatnonzero(mask).tolist():
            rules.setdefault(row, []).append((fired.rule_id, fired.name))
    return hidden


def _lower(
    band: Indices, shown: NDArray[np.bool_], score: Floats, values: Floats, ceilings: Mapping[int, float]
) -> None:
    for number, ceiling in ceilings.items():
        rows = (band == number) & shown
        if rows.any() and (excess := float(score[rows].max()) - ceiling) > 0:
            # One part in 1e-12 further down, so that rounding cannot lift the first row over the ceiling.
            values[rows, LATER_PAGE] = -excess - 1e-12 * (1.0 + abs(ceiling))


def _ordered(pool: Pool, band: Indices, score: Floats, shown: NDArray[np.bool_], sort: Sort) -> Indices:
    rows = np.flatnonzero(shown)
    keys = _sort_key(pool, score, sort)[rows].tolist()
    bands, ids = band[rows].tolist(), [pool.part_ids[row] for row in rows.tolist()]
    ranked = sorted(zip(bands, keys, ids, rows.tolist(), strict=True))
    return np.fromiter((row for *_, row in ranked), np.int64, len(ranked))


def _sort_key(pool: Pool, score: Floats, sort: Sort) -> Floats:
    """Ascending sort key, unknown values last."""
    columns = {
        "price_asc": (pool.price, 1.0),
        "price_desc": (pool.price, -1.0),
        "newest": (pool.age_days, 1.0),
        "distance": (pool.distance_km, 1.0),
    }
    if sort == "relevance":
        return -score
    values, sign = columns[sort]
    known = column(values, len(pool.part_ids))
    return np.where(np.isnan(known), np.inf, sign * known)


def _pinned(
    order: Indices, band: Indices, part_ids: Sequence[str], firings: Sequence[Firing], rules: RulesOf
) -> Indices:
    wanted: dict[str, tuple[int, str]] = {}
    for fired in firings:
        if isinstance(fired.effect, Pin):
            for offset, part_id in enumerate(fired.effect.part_ids):
                wanted.setdefault(part_id, (fired.effect.position - 1 + offset, fired.rule_id))
    if not wanted:
        return order
    rows = order.tolist()
    place = {row: wanted[part_ids[row]] for row in rows if part_ids[row] in wanted}
    for row, (_, rule_id) in place.items():
        rules.setdefault(row, []).append((rule_id, "pin"))
    out: list[int] = []
    for number in sorted(set(band[order].tolist())):
        members = [row for row in rows if band[row] == number]
        out += _placed(members, {row: place[row][0] for row in members if row in place}, list(wanted), part_ids)
    return np.array(out, np.int64)


def _placed(members: list[int], place: dict[int, int], file_order: list[str], part_ids: Sequence[str]) -> list[int]:
    """Pins in file order take their place or the next free one, or the last free one of a short band."""
    slots: list[int | None] = [None] * len(members)
    for row in sorted(place, key=lambda row: file_order.index(part_ids[row])):
        start = min(place[row], len(slots) - 1)
        after = [slot for slot in range(start, len(slots)) if slots[slot] is None]
        slots[after[0] if after else max(s for s in range(start) if slots[s] is None)] = row
    rest = iter(row for row in members if row not in place)
    return [next(rest) if row is None else row for row in slots]
