"""Taste as a mixed logit: a customer's vector of likings for brands, qualities and price levels, with learnt spread.

Within a part type a customer takes cell c (brand × quality × price level) with probability proportional to
share(c) · exp(x(c) · θ), θ ~ N(0, Σ) over customers (McFadden and Train 2000). What he could have taken is the type's
own assortment, so a brand that hardly exists in a type says much when it is taken. Σ is learnt by EM with a Laplace
step, then cut to its strongest directions, so that serving solves a small system.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.features import LEVELS, Coded, Coding

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

# What an act adds as evidence of taste; a purchase comes on top of its click. Strength by money would count one visit
# many times over: held-out NDCG@10 0.716 against 0.726 (benchmarks/personalisation.py, seed 7).
EVIDENCE = np.array([0.0, 0.25, 1.0, 0.5, 0.5])
MAX_COLUMNS = 256  # brands (by demand), qualities and levels whose spread is learnt in full
# Held-out NDCG@10 0.728 with rank 16, 32 cells and 2 steps; 0.730 with 32, 64 and 3, which take five times as long.
MAX_RANK = 16
MAX_CELLS = 32  # a type's strongest cells; the tail adds time and hardly moves the mean
MAX_PEOPLE = 500  # with the longest histories; the spread of taste is learnt from few people as well as from all
ROUNDS = 8
MORE_ROUNDS = 3  # from the spread of an earlier window
STEPS = 2
BOUND = 8.0  # likings beyond e^8 are noise


@dataclass(frozen=True, slots=True)
class TasteSpace:
    """`vectors`: rows for brands, qualities, levels in `MAX_RANK` or fewer directions of unit prior spread.

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
        kinds, counts = _counts(types[known], evidence[known])
        spans = [(int(self.starts[t]), int(self.starts[t + 1])) for t in kinds.tolist()]
        cells = np.concatenate([self.cells[a:b] for a, b in spans]).astype(np.float64)
        shares = np.concatenate([self.shares[a:b] for a, b in spans]).astype(np.float64)
        begins = np.concatenate(([0], np.cumsum([b - a for a, b in spans])[:-1]))
        target = np.asarray(evidence[known] @ chosen[known], np.float64)
        start = np.zeros(cells.shape[1])
        mean, _ = _posterior(cells, shares, begins, counts, target, np.eye(len(start)), start, STEPS)
        return mean.astype(np.float32)


def learn_space(
    coding: Coding,
    items: Coded,
    demand: Floats,
    user: Ints,
    item: Ints,
    evidence: Floats,
    earlier: TasteSpace | None = None,
) -> TasteSpace:
    """Learn the spread of taste from acts (parallel `user`, `item`, `evidence` > 0); `demand` is one weight an item.

    `earlier` is the space of an earlier window of the same coding, to begin from.
    """
    columns = _columns(coding, items, demand)
    cells, shares, starts = _assortment(coding, items, demand)
    one_hot = _one_hot(columns, cells)
    people = _people(user, item, evidence, items, _one_hot(columns, items), int(columns[-1].max()) + 1)
    begin = 0.5 * np.eye(one_hot.shape[1]) if earlier is None else _begin(earlier, columns)
    spread = _spread(people, one_hot, shares, starts, begin, ROUNDS if earlier is None else MORE_ROUNDS)
    values, directions = np.linalg.eigh(spread)
    order = np.argsort(-values)[:MAX_RANK]
    basis = directions[:, order] * np.sqrt(np.maximum(values[order], 0.0))
    basis *= np.where(basis[np.abs(basis).argmax(0), np.arange(basis.shape[1])] < 0, -1.0, 1.0)
    every = np.concatenate(columns)
    vectors = np.where((every >= 0)[:, None], basis[np.maximum(every, 0)], 0.0).astype(np.float32)
    space = TasteSpace(vectors, starts, np.zeros((0, vectors.shape[1]), np.float32), shares.astype(np.float32))
    summed = space.of(cells, len(coding.brands), len(coding.qualities))
    return TasteSpace(vectors, starts, summed, shares.astype(np.float32))


@dataclass(slots=True)
class _Person:
    kinds: Ints
    counts: Floats
    target: Floats
    mean: Floats


def _columns(coding: Coding, items: Coded, demand: Floats) -> tuple[Ints, Ints, Ints]:
    """Column of each brand (-1 beyond the strongest), quality and level."""
    names = min(len(coding.qualities), MAX_COLUMNS - LEVELS - 1)
    room = MAX_COLUMNS - LEVELS - names
    known = items.brand >= 0
    strength = np.bincount(items.brand[known], demand[known], len(coding.brands))
    brands = np.full(len(coding.brands), -1, np.int32)
    best = np.sort(np.argsort(-strength, kind="stable")[:room])
    brands[best] = np.arange(len(best))
    qualities = np.full(len(coding.qualities), -1, np.int32)
    qualities[:names] = len(best) + np.arange(names)
    return brands, qualities, (len(best) + names + np.arange(LEVELS)).astype(np.int32)


def _assortment(coding: Coding, items: Coded, demand: Floats) -> tuple[Coded, Floats, NDArray[np.int64]]:
    """A type's cells by their share of demand plus a little for each listed part."""
    known = np.flatnonzero(items.part_type >= 0)
    stack = np.stack([items.part_type, items.brand, items.quality, items.level])[:, known]
    cells, inverse = np.unique(stack, axis=1, return_inverse=True)
    listed = np.bincount(inverse.ravel(), minlength=cells.shape[1])
    weight = np.asarray(np.bincount(inverse.ravel(), demand[known], cells.shape[1]) + 0.3 * np.sqrt(listed), np.float64)
    order = np.lexsort((-weight, cells[0]))
    place = np.arange(len(order)) - np.searchsorted(cells[0][order], cells[0][order])
    kept = np.sort(order[place < MAX_CELLS])
    types, weight = cells[0][kept], weight[kept]
    shares = weight / np.bincount(types, weight, len(coding.part_types))[types]
    starts = np.searchsorted(types, np.arange(len(coding.part_types) + 1)).astype(np.int64)
    return Coded(*(row.astype(np.int32) for row in cells[:, kept])), shares, starts


def _one_hot(columns: tuple[Ints, Ints, Ints], parts: Coded) -> Floats:
    out = np.zeros((len(parts.brand), int(columns[-1].max()) + 1))
    for table, codes in zip(columns, (parts.brand, parts.quality, parts.level), strict=True):
        if len(table):
            place = np.where(codes >= 0, table[np.maximum(codes, 0)], -1)
            rows = np.flatnonzero(place >= 0)
            out[rows, place[rows]] = 1.0
    return out


def _people(user: Ints, item: Ints, evidence: Floats, items: Coded, one_hot: Floats, width: int) -> list[_Person]:
    keep = items.part_type[item] >= 0
    user, item, evidence = user[keep], item[keep], evidence[keep]
    order = np.argsort(user, kind="stable")
    _, begins, sizes = np.unique(user[order], return_index=True, return_counts=True)
    longest = np.argsort(-sizes, kind="stable")[:MAX_PEOPLE]
    people = []
    for place in np.sort(longest).tolist():
        rows = order[begins[place] : begins[place] + sizes[place]]
        kinds, counts = _counts(items.part_type[item[rows]], evidence[rows])
        target = np.asarray(evidence[rows] @ one_hot[item[rows]], np.float64)
        people.append(_Person(kinds, counts, target, np.zeros(width)))
    return people


def _begin(earlier: TasteSpace, columns: tuple[Ints, Ints, Ints]) -> Floats:
    """Spread of an earlier space in today's columns, with room in the directions it had cut."""
    every = np.concatenate(columns)
    rows = np.zeros((int(every.max()) + 1, earlier.vectors.shape[1]))
    rows[every[every >= 0]] = earlier.vectors[every >= 0]
    return np.asarray(rows @ rows.T + 0.1 * np.eye(len(rows)), np.float64)


def _spread(
    people: list[_Person], cells: Floats, shares: Floats, starts: NDArray[np.int64], begin: Floats, rounds: int
) -> Floats:
    """Σ by EM: everybody's posterior given Σ, then Σ as the mean of their second moments."""
    spread, width = begin, len(begin)
    for _ in range(rounds):
        prior = np.asarray(np.linalg.inv(spread + 1e-4 * np.eye(width)), np.float64)
        total = np.zeros_like(spread)
        for person in people:
            rows = np.concatenate([np.arange(starts[t], starts[t + 1]) for t in person.kinds.tolist()])
            lengths = starts[person.kinds + 1] - starts[person.kinds]
            begins = np.concatenate(([0], np.cumsum(lengths)[:-1]))
            person.mean, precision = _posterior(
                cells[rows], shares[rows], begins, person.counts, person.target, prior, person.mean, 1
            )
            total += np.outer(person.mean, person.mean) + np.linalg.inv(precision)
        spread = total / max(len(people), 1)
    return np.asarray((spread + spread.T) / 2, np.float64)


def _posterior(
    cells: Floats,
    shares: Floats,
    begins: NDArray[np.int64],
    counts: Floats,
    target: Floats,
    prior: Floats,
    start: Floats,
    steps: int,
) -> tuple[Floats, Floats]:
    """Mode and precision of θ by Newton steps; cells of one type are consecutive, from each of `begins`."""
    lengths = np.diff(np.append(begins, len(cells)))
    often = np.repeat(counts, lengths)
    mean, precision = start, prior
    for _ in range(steps):
        odds = shares * np.exp(np.clip(cells @ mean, -BOUND, BOUND))
        chance = odds / np.repeat(np.add.reduceat(odds, begins), lengths)
        expected = chance * often
        middle = np.add.reduceat(chance[:, None] * cells, begins)
        precision = prior + (cells.T * expected) @ cells - (middle.T * counts) @ middle
        slope = target - expected @ cells - prior @ mean
        mean = np.clip(mean + np.linalg.solve(precision, slope), -BOUND, BOUND)
    return mean, precision


def _counts(types: Ints, evidence: Floats) -> tuple[Ints, Floats]:
    kinds, inverse = np.unique(types, return_inverse=True)
    return kinds, np.asarray(np.bincount(inverse, evidence, len(kinds)), np.float64)
