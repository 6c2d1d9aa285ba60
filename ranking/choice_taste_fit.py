"""Learns the spread of taste of `ranking.choice_taste` by EM over the people with the longest histories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ranking.choice_taste import BOUND, TasteSpace
from ranking.features import LEVELS, Coded, Coding, NameRows
from ranking.neighbours import summed

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

MAX_COLUMNS = 256  # brands (by demand), qualities and levels whose spread is learnt in full
# Held-out NDCG@10 0.728 with rank 16, 32 cells and 2 steps; 0.730 with 32, 64 and 3, which take five times as long.
MAX_RANK = 16
MAX_CELLS = 32  # a type's strongest cells; the tail adds time and hardly moves the mean
MAX_PEOPLE = 500  # with the longest histories; the spread of taste is learnt from few people as well as from all
ROUNDS = 8
MORE_ROUNDS = 3  # from the spread of an earlier window


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
    people = _people(user, item, evidence, items, columns)
    begin = 0.5 * np.eye(one_hot.shape[1]) if earlier is None else _begin(earlier, columns)
    spread = _spread(people, one_hot, shares, starts, begin, ROUNDS if earlier is None else MORE_ROUNDS)
    values, directions = np.linalg.eigh(spread)
    order = np.argsort(-values)[:MAX_RANK]
    basis = directions[:, order] * np.sqrt(np.maximum(values[order], 0.0))
    basis *= np.where(basis[np.abs(basis).argmax(0), np.arange(basis.shape[1])] < 0, -1.0, 1.0)
    every = _by_name(columns)
    vectors = np.where((every >= 0)[:, None], basis[np.maximum(every, 0)], 0.0).astype(np.float32)
    placed = vectors[NameRows.of(coding).rows(cells)].sum(0)
    return TasteSpace.of(vectors, *_filled_up(placed, shares, starts))


def _filled_up(cells: Singles, shares: Floats, starts: NDArray[np.int64]) -> tuple[Singles, Singles]:
    """Cells and shares, one type after the other, as types × cells (× directions); the short end in shares of 0."""
    lengths = np.diff(starts)
    shape = (len(lengths), int(lengths.max(initial=1)))
    kind = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(len(shares)) - starts[kind]
    cube, table = np.zeros((*shape, cells.shape[1]), np.float32), np.zeros(shape, np.float32)
    cube[kind, place], table[kind, place] = cells, shares
    return cube, table


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


def _by_name(columns: tuple[Ints, Ints, Ints]) -> Ints:
    """Column of each row of a table of names (`NameRows`), -1 of those that have none."""
    gap = np.full(1, -1, np.int32)
    return np.concatenate([part for column in columns for part in (gap, column)])


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


def _people(user: Ints, item: Ints, evidence: Floats, items: Coded, columns: tuple[Ints, Ints, Ints]) -> list[_Person]:
    keep = items.part_type[item] >= 0
    user, item, evidence = user[keep], item[keep], evidence[keep]
    order = np.argsort(user, kind="stable")
    _, begins, sizes = np.unique(user[order], return_index=True, return_counts=True)
    longest = np.argsort(-sizes, kind="stable")[:MAX_PEOPLE]
    people = []
    for place in np.sort(longest).tolist():
        rows = order[begins[place] : begins[place] + sizes[place]]
        kinds, counts = summed(items.part_type[item[rows]], evidence[rows])
        target = np.asarray(evidence[rows] @ _one_hot(columns, items.take(item[rows])), np.float64)
        people.append(_Person(kinds, counts, target, np.zeros(len(target))))
    return people


def _begin(earlier: TasteSpace, columns: tuple[Ints, Ints, Ints]) -> Floats:
    """Spread of an earlier space in today's columns, with room in the directions it had cut."""
    every = _by_name(columns)
    rows = np.zeros((int(every.max()) + 1, earlier.vectors.shape[1]))
    rows[every[every >= 0]] = earlier.vectors[every >= 0]
    return np.asarray(rows @ rows.T + 0.1 * np.eye(len(rows)), np.float64)


def _spread(
    people: list[_Person], one_hot: Floats, shares: Floats, starts: NDArray[np.int64], begin: Floats, rounds: int
) -> Floats:
    """Σ by EM: everybody's posterior given Σ, then Σ as the mean of their second moments."""
    spread, width, cells = begin, len(begin), csr_matrix(one_hot)
    for _ in range(rounds):
        prior = np.asarray(np.linalg.inv(spread + 1e-4 * np.eye(width)), np.float64)
        total = np.zeros_like(spread)
        for person in people:
            covariance = _step(person, cells, shares, starts, prior)
            total += np.outer(person.mean, person.mean) + covariance
        spread = total / max(len(people), 1)
    return np.asarray((spread + spread.T) / 2, np.float64)


def _step(person: _Person, cells: csr_matrix, shares: Floats, starts: NDArray[np.int64], prior: Floats) -> Floats:
    """One Newton step of the person's mean; the covariance before it. A cell is three ones in a long row: sparse."""
    lengths = starts[person.kinds + 1] - starts[person.kinds]
    ends = np.concatenate(([0], np.cumsum(lengths)))
    rows = np.arange(ends[-1]) + np.repeat(starts[person.kinds] - ends[:-1], lengths)
    offered = cells[rows]
    chance = _chances(offered @ person.mean, shares[rows], ends[:-1])
    expected = csr_matrix((chance * np.repeat(person.counts, lengths), np.arange(len(rows)), np.arange(len(rows) + 1)))
    middle = (csr_matrix((chance, np.arange(len(rows)), ends), shape=(len(lengths), len(rows))) @ offered).toarray()
    crowd = (offered.T @ (expected @ offered)).toarray() - (middle.T * person.counts) @ middle
    covariance = np.asarray(np.linalg.inv(prior + crowd), np.float64)
    slope = person.target - expected.data @ offered - prior @ person.mean
    person.mean = np.clip(person.mean + covariance @ slope, -BOUND, BOUND)
    return covariance


def _chances(liking: Floats, shares: Floats, begins: NDArray[np.int64]) -> Floats:
    """How likely each cell is taken within its type; cells of one type are consecutive, from each of `begins`."""
    odds = shares * np.exp(np.clip(liking, -BOUND, BOUND))
    return np.asarray(
        odds / np.repeat(np.add.reduceat(odds, begins), np.diff(np.append(begins, len(odds)))), np.float64
    )
