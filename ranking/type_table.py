"""What is known of part types, whoever knows it: the model, the table of jobs, or only the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.jobs import Interval, Jobs
from ranking.model import Model

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.int64]

JOB_WEIGHT = 2.0  # a share of 1 in the table counts like seven times the usual co-occurrence (e^2)
PRIOR_SHARE = 0.05  # of demand, told by how many parts a type has: types nobody asked for yet keep an order


@dataclass(frozen=True, slots=True)
class TypeTable:
    """Part types by code (`names[code]`, in sorted order).

    `usual` is a type's share of demand, summing to 1. `together[s, t]` says how much a basket with s calls for t (log
    lift plus the table of jobs; 0 nothing known), `after[s, t]` the same over what people do one after the other.
    """

    names: tuple[str, ...]
    codes: Mapping[str, int]
    usual: Floats
    together: Floats
    after: Floats
    intervals: Mapping[str, Interval]
    seasons: Mapping[str, Sequence[float]]

    @classmethod
    def of(cls, model: Model | None, jobs: Jobs, counts: Mapping[str, int]) -> TypeTable:
        """`counts` are the parts of each type in the catalogue; a type without one is never wished for."""
        names = tuple(sorted(counts))
        codes = {name: code for code, name in enumerate(names)}
        parts = np.array([counts[name] for name in names], np.float64)
        usual = parts / max(parts.sum(), 1.0)
        together, after = _table_of_jobs(jobs, codes), np.zeros((len(names), len(names)))
        if model is not None:
            known, own = _shared(model.coding.part_types, codes)
            asked = np.zeros(len(names))
            asked[own] = model.type_popularity[known]
            if asked.sum() > 0:
                usual = (1 - PRIOR_SHARE) * asked / asked.sum() + PRIOR_SHARE * usual
            together[np.ix_(own, own)] += model.together[np.ix_(known, known)]
            after[np.ix_(own, own)] = model.type_walk[np.ix_(known, known)]
        else:
            after = together
        return cls(names, codes, usual, together, after, jobs.intervals, jobs.seasons)

    def season(self, month: int) -> Floats:
        """Factor on each type's demand in a month, 1..12; 1 for a type without a season."""
        return np.array([self.seasons[name][month - 1] if name in self.seasons else 1.0 for name in self.names])


def _table_of_jobs(jobs: Jobs, codes: Mapping[str, int]) -> Floats:
    found = np.zeros((len(codes), len(codes)))
    for source, targets in jobs.together.items():
        for target, share in targets.items():
            if source in codes and target in codes:
                found[codes[source], codes[target]] = JOB_WEIGHT * share
    return found


def _shared(names: Iterable[str], codes: Mapping[str, int]) -> tuple[Places, Places]:
    """Rows of the model and rows of the table that are the same type."""
    pairs = [(row, codes[name]) for row, name in enumerate(names) if name in codes]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]
