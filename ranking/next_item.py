"""The small interface behind which every model of "what next" stands, and the models on it.

A model is made from histories (`Sequences`, one a person, oldest item first) and scores every item for other histories.
`benchmarks.public` runs them over plain text files; `ranking.fit` uses the same parts for the shop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ranking.als import fit_als, random_walk
from ranking.neighbours import Neighbours
from ranking.sequences import Sequences
from ranking.sessions import SessionNeighbours, SessionSettings
from ranking.transitions import transitions

Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

TOP = 50  # a row of scores is scaled by the mean of its so many best before rows of two models are added


class NextItem(Protocol):
    """A model of what a person takes next."""

    def scores(self, histories: Sequences) -> Singles:
        """Histories × items: higher is likelier, 0 or more; items already in the history are scored like any other."""
        ...


@dataclass(frozen=True, slots=True)
class Popularity:
    """Everybody gets what is taken most."""

    counts: Floats

    @classmethod
    def fit(cls, train: Sequences) -> Popularity:
        """Counts of items."""
        return cls(train.popularity())

    def scores(self, histories: Sequences) -> Singles:
        """The counts, the same for all."""
        return np.tile(self.counts.astype(np.float32), (len(histories), 1))


@dataclass(frozen=True, slots=True)
class WalkSettings:
    """RP3beta with `transition` × directed transitions; each older item of a history weighs `recency` of the next."""

    user_damping: float = 0.8
    popularity_damping: float = 0.2
    neighbours: int = 300
    recency: float = 1.0
    transition: float = 0.0


@dataclass(frozen=True, slots=True)
class Walk:
    """Item-to-item: a history's score of an item is the sum of its items' links to it."""

    links: Any
    recency: float

    @classmethod
    def fit(cls, train: Sequences, settings: WalkSettings) -> Walk:
        """RP3beta over who has what, and what follows what. Both tables are scaled to a mean row sum of 1."""
        walk = random_walk(
            train.owner, train.items, (len(train), train.size), neighbours=settings.neighbours,
            user_damping=settings.user_damping, popularity_damping=settings.popularity_damping,
        )  # fmt: skip
        links = _matrix(walk)
        if settings.transition:
            links = links + settings.transition * _matrix(transitions(train))
        return cls(links.tocsr().astype(np.float32), settings.recency)

    def scores(self, histories: Sequences) -> Singles:
        """Recency-weighted histories times links."""
        return np.asarray((histories.weighted(self.recency).astype(np.float32) @ self.links).toarray(), np.float32)


@dataclass(frozen=True, slots=True)
class FactorSettings:
    """Implicit-feedback ALS; `confidence` is what an item in a history has above the 1 of all others."""

    factors: int = 256
    confidence: float = 49.0
    regularization: float = 100.0
    iterations: int = 15
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Factors:
    """ALS item factors; people are folded in, whether they were in training or not."""

    items: Singles
    settings: FactorSettings

    @classmethod
    def fit(cls, train: Sequences, settings: FactorSettings) -> Factors:
        """One cell for each item of a history, however often it occurs."""
        seen = _cells(train)
        found = fit_als(
            *seen, np.full(len(seen[0]), settings.confidence, np.float32), (len(train), train.size),
            factors=settings.factors, regularization=settings.regularization, iterations=settings.iterations,
            seed=settings.seed,
        )  # fmt: skip
        return cls(found, settings)

    def scores(self, histories: Sequences) -> Singles:
        """Exact ALS solution of every history times the item factors, never below 0."""
        gram = self.items.T @ self.items + self.settings.regularization * np.eye(self.items.shape[1], dtype=np.float32)
        inverse = np.linalg.inv(gram.astype(np.float64)).astype(np.float32)
        folded = np.zeros((len(histories), self.items.shape[1]), np.float32)
        for row in range(len(histories)):
            items = np.unique(histories[row])
            if len(items):
                folded[row] = self._fold_in(self.items[items], inverse)
        return np.asarray(np.maximum(folded @ self.items.T, np.float32(0)), np.float32)

    def _fold_in(self, touched: Singles, inverse: Singles) -> Singles:
        """(G + c TᵀT)⁻¹ (1 + c) Tᵀ1 by Woodbury, with G⁻¹ = `inverse` and T = `touched`."""
        extra = self.settings.confidence
        spread = touched @ inverse
        first = (1 + extra) * spread.sum(0)
        core = spread @ touched.T + np.eye(len(touched), dtype=np.float32) / extra
        return np.asarray(first - np.linalg.solve(core, touched @ first) @ spread, np.float32)


@dataclass(frozen=True, slots=True)
class Blend:
    """A weighted sum of models, each row of scores scaled by the mean of its `TOP` best."""

    parts: Sequence[tuple[float, NextItem]]

    def scores(self, histories: Sequences) -> Singles:
        """The sum."""
        return np.asarray(sum(weight * scaled(model.scores(histories)) for weight, model in self.parts), np.float32)


@dataclass(frozen=True, slots=True)
class Sessions:
    """Session neighbours as a model of this interface; `train` must be in time order."""

    neighbours: SessionNeighbours
    size: int

    @classmethod
    def fit(cls, train: Sequences, settings: SessionSettings) -> Sessions:
        """Keeps the sessions and an index of their items."""
        return cls(SessionNeighbours.of(train.starts, train.items, train.size, settings), train.size)

    def scores(self, histories: Sequences) -> Singles:
        """What people went on to who had the same items, the latest counting most."""
        out = np.zeros((len(histories), self.size), np.float32)
        for row in range(len(histories)):
            items, score = self.neighbours.next_items(histories[row])
            out[row, items] = score
        return out


@dataclass(frozen=True, slots=True)
class OwnFrequency:
    """What a person takes most often himself, ties and the rest by how many take it (next basket, repurchase)."""

    counts: Floats
    recency: float = 1.0

    @classmethod
    def fit(cls, train: Sequences, recency: float = 1.0) -> OwnFrequency:
        """Counts of items; older acts weigh `recency` each."""
        return cls(train.popularity(), recency)

    def scores(self, histories: Sequences) -> Singles:
        """Own count, plus everybody's on a scale below one purchase."""
        everybody = self.counts / (2.0 * max(float(self.counts.max(initial=0.0)), 1.0))
        return np.asarray(histories.weighted(self.recency).toarray() + everybody, np.float32)


def scaled(scores: Singles) -> Singles:
    """Each row over the mean of its `TOP` best, so that models add up whatever their units."""
    if scores.shape[1] <= TOP:
        mean = scores.mean(1, keepdims=True)
    else:
        mean = np.partition(scores, -TOP, axis=1)[:, -TOP:].mean(1, keepdims=True)
    return np.asarray(scores / np.maximum(mean, np.float32(1e-12)), np.float32)


def _cells(train: Sequences) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    held = train.weighted()
    rows = np.repeat(np.arange(len(train), dtype=np.int32), np.diff(held.indptr))
    return rows, held.indices.astype(np.int32)


def _matrix(found: Neighbours) -> Any:
    """As a sparse matrix whose rows sum to 1 in the mean."""
    size = len(found.starts) - 1
    total = max(float(found.strength.sum(dtype=np.float64)) / max(size, 1), 1e-12)
    return csr_matrix((found.strength / np.float32(total), found.items, found.starts), shape=(size, size))
