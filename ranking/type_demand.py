"""Which part types are wanted, for which vehicles, where and in which week: smoothed, time-decayed popularity.

A part shop sees too few acts to count every vehicle × region × week × type, so the table is a product of three: the
share of a type in a vehicle group, each group shrunk towards the next broader one (engine → generation → model → make →
all), times a lift of the region, times a lift of the week of the year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import DAY_SECONDS, Log

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

WEEKS = 53
EVERYBODY = ""  # the group of all vehicles, always the first
GROUP_PRIOR = 30.0  # acts of the broader group that stand behind each group's own
REGION_PRIOR = 20.0  # expected acts at which a region's own record counts half
SEASON_PRIOR = 10.0  # the same for a week of the year
NEAR_WEEKS = np.array([0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25])  # a season is wider than a week


@dataclass(frozen=True, slots=True)
class TypeDemand:
    """`shares` (groups × types) sum to 1 a row; the first group is everybody. The lifts are logarithms, 0 as usual.

    `region_lift` is regions × types, `season_lift` is `WEEKS` × types by `week_of`.
    """

    groups: tuple[str, ...]
    regions: tuple[str, ...]
    shares: Singles
    region_lift: Singles
    season_lift: Singles
    group_row: Mapping[str, int] = field(default_factory=dict)
    region_row: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        groups: tuple[str, ...],
        regions: tuple[str, ...],
        shares: Singles,
        region_lift: Singles,
        season_lift: Singles,
    ) -> TypeDemand:
        """With the look-ups made."""
        rows = {name: row for row, name in enumerate(groups)}
        return cls(
            groups, regions, shares, region_lift, season_lift, rows, {name: row for row, name in enumerate(regions)}
        )

    def wanted(self, chain: Sequence[str] = (), region: str | None = None, week: int | None = None) -> Floats:
        """The chance of each part type, summing to 1, for a vehicle's groups from the narrowest to the broadest.

        The first group that the log knew counts; none of them, everybody. An unknown region or no week changes nothing.
        """
        row = next((self.group_row[name] for name in chain if name in self.group_row), 0)
        odds = self.shares[row].astype(np.float64)
        if region is not None and region in self.region_row:
            odds *= np.exp(self.region_lift[self.region_row[region]])
        if week is not None:
            odds *= np.exp(self.season_lift[week % WEEKS])
        return np.asarray(odds / max(float(odds.sum()), 1e-12), np.float64)


def chain_of(make: str, model: str = "", generation: str = "", engine: str = "") -> tuple[str, ...]:
    """Names of a vehicle's groups from the narrowest known to the make; everybody is not named."""
    make, model, generation, engine = (part.strip().casefold() for part in (make, model, generation, engine))
    chain = []
    if make and model:
        if engine:
            chain.append(f"engine:{make}|{model}|{generation}|{engine}")
        if generation:
            chain.append(f"generation:{make}|{model}|{generation}")
        chain.append(f"model:{make}|{model}")
    if make:
        chain.append(f"make:{make}")
    return tuple(chain)


def week_of(days: float) -> int:
    """Week of the year, 0..52, of a time in days since 1970: seven days each from the first of January."""
    date = np.datetime64(int(days * DAY_SECONDS), "s")
    return int((date.astype("M8[D]") - date.astype("M8[Y]").astype("M8[D]")).astype(int)) // 7


def learn_type_demand(
    log: Log, type_of_item: Ints, types: int, now: float, half_life: float, chains: Mapping[str, Sequence[str]]
) -> TypeDemand:
    """Learn from acts; `chains` names the groups of each vehicle id, narrowest first (`chain_of`)."""
    acts = log.take(np.flatnonzero(log.acts & (type_of_item[log.item] >= 0)))
    kind = type_of_item[acts.item]
    weight = np.exp2(-np.maximum(now - acts.time, 0.0) / half_life)
    groups, parents, own_groups = _groups(log.vehicles, chains)
    shares = _group_shares(kind, acts.vehicle, weight, parents, own_groups, types)
    region_lift = _lift(acts.region, kind, len(log.regions), shares[0], REGION_PRIOR)
    return TypeDemand.of(
        groups, tuple(log.regions), shares.astype(np.float32), region_lift, _season(acts.time, kind, shares[0])
    )


def _groups(
    vehicles: Sequence[str], chains: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], list[int], list[list[int]]]:
    """Names, the row of each group's parent (broader groups first), and the rows each vehicle counts for."""
    rows, parents, own = {EVERYBODY: 0}, [-1], []
    for vehicle in vehicles:
        path = [0]
        for name in reversed(chains.get(vehicle, ())):
            if name not in rows:
                rows[name] = len(rows)
                parents.append(path[-1])
            path.append(rows[name])
        own.append(path)
    return tuple(rows), parents, own


def _group_shares(
    kind: Ints, vehicle: Ints, weight: Floats, parents: list[int], own: list[list[int]], types: int
) -> Floats:
    counts = np.zeros((len(parents), types))
    known = vehicle >= 0
    cells = vehicle[known].astype(np.int64) * types + kind[known]
    by_vehicle = np.bincount(cells, weight[known], len(own) * types).reshape(len(own), types)
    for row, path in enumerate(own):
        counts[path[1:]] += by_vehicle[row]
    counts[0] = np.bincount(kind, weight, types)
    shares = np.empty_like(counts)
    shares[0] = (counts[0] + 0.5) / (counts[0].sum() + 0.5 * types) if types else counts[0]
    for row in range(1, len(parents)):
        shares[row] = (counts[row] + GROUP_PRIOR * shares[parents[row]]) / (counts[row].sum() + GROUP_PRIOR)
    return shares


def _lift(row: Ints, kind: Ints, rows: int, usual: Floats, prior: float) -> Singles:
    known = row >= 0
    cells = row[known].astype(np.int64) * len(usual) + kind[known]
    counts = np.asarray(np.bincount(cells, minlength=rows * len(usual)), np.float64).reshape(rows, len(usual))
    return _smoothed(counts, usual, prior)


def _season(time: Floats, kind: Ints, usual: Floats) -> Singles:
    day = time.astype("M8[D]")
    week = ((day - day.astype("M8[Y]").astype("M8[D]")).astype(np.int64) // 7).astype(np.int64)
    counts = np.asarray(np.bincount(week * len(usual) + kind, minlength=WEEKS * len(usual)), np.float64)
    counts = counts.reshape(WEEKS, len(usual))
    near = sum(
        share * np.roll(counts, shift, axis=0)
        for share, shift in zip(NEAR_WEEKS, range(-(len(NEAR_WEEKS) // 2), len(NEAR_WEEKS)), strict=False)
    )
    return _smoothed(np.asarray(near, np.float64), usual, SEASON_PRIOR)


def _smoothed(counts: Floats, usual: Floats, prior: float) -> Singles:
    """Log-lift of each cell over what its row would hold if it were as usual."""
    expected = counts.sum(1, keepdims=True) * usual
    return np.asarray(np.log((counts + prior) / (expected + prior)), np.float32)
