"""What is known of part types, whoever knows it: the model, the table of jobs, or only the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.jobs import Interval, Jobs
from ranking.model import Model
from ranking.type_demand import TypeDemand

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int64]

JOB_WEIGHT = 2.0  # a share of 1 in the table counts like seven times the usual co-occurrence (e^2)
PRIOR_SHARE = 0.05  # of demand, told by how many parts a type has: types nobody asked for yet keep an order


@dataclass(frozen=True, slots=True)
class Car:
    """How old and how far driven the vehicle is, as far as it is known."""

    age_days: float | None = None
    km: float | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """When, where and for what vehicle: `month` 1..12 and `week` as in the northern half, `chain` the vehicle's groups
    from the narrowest (`ranking.type_demand.chain_of`), `region` as in the log."""

    month: int
    week: int | None = None
    chain: tuple[str, ...] = ()
    region: str | None = None
    car: Car = Car()


@dataclass(frozen=True, slots=True)
class TypeTable:
    """Part types by code (`names[code]`, in sorted order).

    `listed` is a type's share of the catalogue, `demand` what a model learnt of it, in the model's order: row
    `learnt[i]` of it is type `own[i]`. `together[s, t]` says how much a basket with s calls for t (log lift plus the
    table of jobs; 0 nothing known), `alongside[s, t]` is the share of such baskets that hold t; both are 0 between a
    kit and what it contains. `after[s, t]` says the same as `together` of a person who did something with s. `due_days`
    are how long a type lasts, by the log where it says enough, else by the table.
    """

    names: tuple[str, ...]
    codes: Mapping[str, int]
    listed: Floats
    demand: TypeDemand | None
    learnt: Rows
    own: Rows
    together: Floats
    alongside: Floats
    after: Floats
    due_days: Mapping[str, float]
    intervals: Mapping[str, Interval]
    seasons: Mapping[str, Sequence[float]]

    @classmethod
    def of(cls, model: Model | None, jobs: Jobs, counts: Mapping[str, int]) -> TypeTable:
        """`counts` are the parts of each type in the catalogue; a type without one is never wished for."""
        names = tuple(sorted(counts))
        codes = {name: code for code, name in enumerate(names)}
        parts = np.array([counts[name] for name in names], np.float64)
        together = _table_of_jobs(jobs, codes)
        alongside, after = np.zeros_like(together), np.zeros_like(together)
        learnt, own = _shared(model.coding.part_types if model else (), codes)
        if model is not None:
            together[np.ix_(own, own)] += model.together[np.ix_(learnt, learnt)]
            alongside[np.ix_(own, own)] = model.alongside[np.ix_(learnt, learnt)]
            both = np.maximum(model.type_walk, model.type_next)
            after[np.ix_(own, own)] = both[np.ix_(learnt, learnt)]
        kits, held = _kits(jobs, codes)
        for table in (together, alongside):
            table[kits, held] = table[held, kits] = 0.0
        return cls(
            names, codes, parts / max(parts.sum(), 1.0), model.type_demand if model else None, learnt, own,
            together, alongside, after if model else together, jobs.interval_days | _learnt_days(model),
            jobs.intervals, jobs.seasons,
        )  # fmt: skip

    def wanted(self, occasion: Occasion) -> Floats:
        """The chance of each type now, > 0, summing to about 1; without a model by catalogue and table of seasons."""
        if self.demand is None:
            return self.listed * self.season(occasion.month)
        asked = self.of_model(self.demand.wanted(occasion.chain, occasion.region, occasion.week))
        return np.asarray((1 - PRIOR_SHARE) * asked + PRIOR_SHARE * self.listed, np.float64)

    def of_model(self, values: Floats) -> Floats:
        """Values by the model's part types as values by these, 0 of a type the model does not know."""
        out = np.zeros(len(self.names))
        out[self.own] = values[self.learnt]
        return out

    def season(self, month: int) -> Floats:
        """Factor of the table on each type's demand in a month, 1..12; 1 for a type without a season."""
        return np.array([self.seasons[name][month - 1] if name in self.seasons else 1.0 for name in self.names])


def _learnt_days(model: Model | None) -> dict[str, float]:
    if model is None:
        return {}
    days, names = model.replacement.days.tolist(), model.coding.part_types
    return {names[code]: days[code] for code in model.replacement.known().tolist()}


def _table_of_jobs(jobs: Jobs, codes: Mapping[str, int]) -> Floats:
    found = np.zeros((len(codes), len(codes)))
    for source, targets in jobs.together.items():
        for target, share in targets.items():
            if source in codes and target in codes:
                found[codes[source], codes[target]] = JOB_WEIGHT * share
    return found


def _kits(jobs: Jobs, codes: Mapping[str, int]) -> tuple[Rows, Rows]:
    """Codes of kits and of what they contain, a row a pair, where the catalogue has both."""
    pairs = [
        (codes[kit], codes[part])
        for kit, parts in jobs.contains.items() for part in parts if kit in codes and part in codes
    ]  # fmt: skip
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _shared(names: Iterable[str], codes: Mapping[str, int]) -> tuple[Rows, Rows]:
    """Rows of the model and rows of the table that are the same type."""
    pairs = [(row, codes[name]) for row, name in enumerate(names) if name in codes]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]
