"""Measures of ranked lists, for all queries at once, and bootstrap intervals that resample whole users.

Definitions are those of trec_eval (gain = grade, discount log2(rank + 1), binary measures count grade >= 1), so they
equal ir-measures' nDCG, RR, R, AP and Success; a test holds them together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
MEASURES = ("ndcg@10", "mrr", "recall@10", "map", "success@3")


@dataclass(frozen=True, slots=True)
class Judged:
    """Ranked lists as a matrix: `grades[q, r]` is the grade (0 = not relevant) of what stands at rank r of query q.

    Rows shorter than the matrix are padded with 0. `ideal[q]` holds the grades of everything relevant to q, falling,
    padded with 0: found or not.
    """

    grades: Floats
    ideal: Floats


def judge(runs: Sequence[Sequence[str]], relevant: Sequence[Mapping[str, int]]) -> Judged:
    """Look the grades of ranked ids up. An id that is ranked twice counts at its first place only."""
    width = max((len(run) for run in runs), default=0)
    depth = max((len(grades) for grades in relevant), default=0)
    grades = np.zeros((len(runs), max(width, 1)))
    ideal = np.zeros((len(runs), max(depth, 1)))
    for row, (run, wanted) in enumerate(zip(runs, relevant, strict=True)):
        for rank, name in enumerate(dict.fromkeys(run)):
            grades[row, rank] = max(wanted.get(name, 0), 0)
        best = sorted((max(grade, 0) for grade in wanted.values()), reverse=True)
        ideal[row, : len(best)] = best
    return Judged(grades, ideal)


def ndcg(judged: Judged, k: int = 10) -> Floats:
    """Normalised discounted cumulative gain of the first k, one a query; 0 where nothing is relevant."""
    return _share(_dcg(judged.grades[:, :k]), _dcg(judged.ideal[:, :k]))


def reciprocal_rank(judged: Judged) -> Floats:
    """One over the rank of the first relevant, 0 if none is ranked."""
    hits = judged.grades > 0
    return np.asarray(hits.any(1) / (1.0 + hits.argmax(1)), np.float64)


def recall(judged: Judged, k: int = 10) -> Floats:
    """Share of what is relevant that stands among the first k."""
    return _share((judged.grades[:, :k] > 0).sum(1), (judged.ideal > 0).sum(1))


def average_precision(judged: Judged) -> Floats:
    """Mean, over everything relevant, of the precision at its rank (0 where it is not ranked)."""
    hits = judged.grades > 0
    precision = hits * np.cumsum(hits, 1) / np.arange(1, hits.shape[1] + 1)
    return _share(np.asarray(precision.sum(1)), (judged.ideal > 0).sum(1))


def success(judged: Judged, k: int = 3) -> Floats:
    """1 where something relevant stands among the first k."""
    return np.asarray((judged.grades[:, :k] > 0).any(1), np.float64)


def measures(judged: Judged) -> dict[str, Floats]:
    """Every measure of `MEASURES`, one value a query."""
    return {
        "ndcg@10": ndcg(judged, 10),
        "mrr": reciprocal_rank(judged),
        "recall@10": recall(judged, 10),
        "map": average_precision(judged),
        "success@3": success(judged, 3),
    }


def coverage(runs: Sequence[Sequence[str]], catalogue: int, k: int = 10) -> float:
    """Share of the catalogue that stands among the first k of some list."""
    return len({name for run in runs for name in run[:k]}) / catalogue if catalogue else 0.0


def novelty(runs: Sequence[Sequence[str]], often: Mapping[str, float], k: int = 10) -> float:
    """Mean surprise of the first k in bits: -log2 of the share of all acts that fell on a part, one act each added.

    Mean self-information (Vargas and Castells 2011); higher is further from what everybody takes. 0 without lists.
    """
    shown = [name for run in runs for name in run[:k]]
    total = sum(often.values()) + len(often)
    surprise = [math.log2(total / (often.get(name, 0.0) + 1.0)) for name in shown]
    return sum(surprise) / len(surprise) if surprise else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its bootstrap percentile interval (95 % unless asked otherwise); `n` queries."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}] (n={self.n})"


def mean_interval(values: ArrayLike, *, seed: int, groups: ArrayLike | None = None, draws: int = 1000) -> Interval:
    """Mean of `values`; whole groups (users) are resampled, because one user's queries are alike."""
    sums = _group_sums([np.asarray(values, np.float64)], groups)
    return _bootstrap(sums, lambda total: total[..., 0] / total[..., 1], seed, draws)


def ratio_interval(
    ours: ArrayLike, base: ArrayLike, *, seed: int, groups: ArrayLike | None = None, draws: int = 1000
) -> Interval:
    """Mean of `ours` over mean of `base`, both on the same queries (paired). NaN where the base is all zero."""
    sums = _group_sums([np.asarray(ours, np.float64), np.asarray(base, np.float64)], groups)

    def ratio(total: Floats) -> Floats:
        out = np.full(total.shape[:-1], np.nan)
        np.divide(total[..., 0], total[..., 1], out=out, where=total[..., 1] > 0)
        return out

    return _bootstrap(sums, ratio, seed, draws)


def _group_sums(columns: list[Floats], groups: ArrayLike | None) -> Floats:
    """Sums a group of every column and, last, of ones."""
    size = len(columns[0])
    labels = np.arange(size) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    return np.stack([np.bincount(labels, column) for column in [*columns, np.ones(size)]], axis=1)


def _bootstrap(sums: Floats, statistic: Callable[[Floats], Any], seed: int, draws: int) -> Interval:
    n = int(sums[:, -1].sum()) if len(sums) else 0
    if not n:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    random = np.random.default_rng(seed)
    totals = np.empty((draws, sums.shape[1]))
    for draw in range(draws):
        counts = np.bincount(random.integers(0, len(sums), len(sums)), minlength=len(sums))
        totals[draw] = counts @ sums
    drawn = np.asarray(statistic(totals), np.float64)
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (np.nan, np.nan)
    return Interval(float(statistic(sums.sum(0))), float(low), float(high), n)


def _dcg(grades: Floats) -> Floats:
    discounts: Floats = 1.0 / np.log2(np.arange(2, grades.shape[1] + 2))
    out: Floats = grades @ discounts
    return out


def _share(found: NDArray[Any], relevant: NDArray[Any]) -> Floats:
    out: Floats = np.zeros(len(found), np.float64)
    np.divide(found, relevant, out=out, where=relevant > 0)
    return out
