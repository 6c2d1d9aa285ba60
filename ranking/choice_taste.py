"""Taste as a mixed logit: a customer's vector of likings for brands, qualities and price levels, with learnt spread.

Within a part type a customer takes cell c (brand × quality × price level) with probability proportional to
share(c) · exp(x(c) · θ), θ ~ N(0, Σ) over customers (McFadden and Train 2000). What he could have taken is the type's
own assortment, so a brand that hardly exists in a type says much when it is taken. Σ is learnt by EM with a Laplace
step (`choice_taste_fit`), then cut to its strongest directions, so that serving solves a small system.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.features import Coded

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

# What an act adds as evidence of taste; a purchase comes on top of its click. Strength by money would count one visit
# many times over: held-out NDCG@10 0.716 against 0.726 (benchmarks/personalisation.py, seed 7).
EVIDENCE = np.array([0.0, 0.25, 1.0, 0.5, 0.5])
STEPS = 2  # of Newton; the figures beside `choice_taste_fit.MAX_RANK`
BOUND = 8.0  # likings beyond e^8 are noise


@dataclass(frozen=True, slots=True)
class TasteSpace:
    """`vectors`: rows for brands, qualities, levels in few directions of unit prior spread.

    Cells of type t are rows `starts[t]:starts[t + 1]` of `cells` (the sum of their rows of `vectors`) and `shares`.
    """

    vectors: Singles
    starts: NDArray[np.int64]
    cells: Singles
    shares: Singles

    def of(self, parts: Coded, brands: int, qualities: int) -> Singles:
        """One vector a part; an unknown brand, quality or level adds nothing."""
        starts = (0, brands, brands + qualities)
        out = np.zeros((len(parts.brand), self.vectors.shape[1]), np.float32)
        for codes, start in zip((parts.brand, parts.quality, parts.level), starts, strict=True):
            out += np.where((codes >= 0)[:, None], self.vectors[np.maximum(codes, 0) + start], np.float32(0))
        return out

    def taste(self, chosen: Singles, types: Ints, evidence: Floats) -> Singles | None:
        """A customer's taste in these directions, from the vectors and types of what he took; None without evidence."""
        known = (types >= 0) & (evidence > 0)
        if not known.any():
            return None
        kinds, counts = counted(types[known], evidence[known])
        spans = [(int(self.starts[t]), int(self.starts[t + 1])) for t in kinds.tolist()]
        cells = np.concatenate([self.cells[a:b] for a, b in spans]).astype(np.float64)
        shares = np.concatenate([self.shares[a:b] for a, b in spans]).astype(np.float64)
        begins = np.concatenate(([0], np.cumsum([b - a for a, b in spans])[:-1]))
        target = np.asarray(evidence[known] @ chosen[known], np.float64)
        mean = _mode(cells, shares, begins, counts, target)
        return mean.astype(np.float32)


def _mode(cells: Floats, shares: Floats, begins: NDArray[np.int64], counts: Floats, target: Floats) -> Floats:
    """Mode of θ by Newton steps from the prior; cells of one type are consecutive, from each of `begins`."""
    often = np.repeat(counts, np.diff(np.append(begins, len(cells))))
    prior = np.eye(cells.shape[1])
    mean = np.zeros(cells.shape[1])
    for _ in range(STEPS):
        chance = chances(np.asarray(cells @ mean, np.float64), shares, begins)
        expected = chance * often
        middle = np.add.reduceat(chance[:, None] * cells, begins)
        precision = prior + (cells.T * expected) @ cells - (middle.T * counts) @ middle
        slope = target - expected @ cells - mean
        mean = np.clip(mean + np.linalg.solve(precision, slope), -BOUND, BOUND)
    return mean


def chances(liking: Floats, shares: Floats, begins: NDArray[np.int64]) -> Floats:
    """How likely each cell is taken within its type."""
    odds = shares * np.exp(np.clip(liking, -BOUND, BOUND))
    return np.asarray(
        odds / np.repeat(np.add.reduceat(odds, begins), np.diff(np.append(begins, len(odds)))), np.float64
    )


def counted(types: Ints, evidence: Floats) -> tuple[Ints, Floats]:
    """Distinct types, ascending, and the evidence on each."""
    kinds, inverse = np.unique(types, return_inverse=True)
    return kinds, np.asarray(np.bincount(inverse, evidence, len(kinds)), np.float64)
