"""Dense numbers of distinct tuples, for columns longer than memory should hold: some rows at a time.

Rows are sorted in pieces, of which the distinct keys stay; those are sorted again by shares, runs of keys that hold
about as many, so that nothing is ever sorted whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from indexers.columns import Array, Int32s, Int64s, blocks, runs
from indexers.scratch import MEMORY, Scratch

MOST_KEY = 1 << 62
SAMPLED = 1 << 14
"""Keys looked at to find where shares of equal size begin."""


@dataclass(frozen=True, slots=True)
class Made:
    """A column that is made when it is asked for: `make` gives the entries of some rows (a slice has both its ends).

    No entry is greater than `top`.
    """

    length: int
    top: int
    make: Callable[[slice | Array], Array]

    def then(self, change: Callable[[Array], Array]) -> Made:
        """The column with its entries changed to others that are not greater."""
        return Made(self.length, self.top, lambda rows: change(self.make(rows)))


Numbers: TypeAlias = Array | Made
"""Entries are at least -1."""


def number_tuples(columns: Iterable[Numbers], scratch: Scratch = MEMORY) -> tuple[Int32s, Int64s]:
    """Dense numbers of the distinct tuples, ascending with the tuples, and the first row at which each stands."""
    key = _Key()
    for column in columns:
        if not key.takes(column):
            numbers, firsts = _numbered(key, scratch)
            key = _Key()
            key.add(Made(len(numbers), len(firsts) - 1, numbers.__getitem__))
        key.add(column)
    return _numbered(key, scratch)


class _Key:
    """Tuples as single numbers that ascend with them."""

    def __init__(self) -> None:
        self.length = 0
        self._columns: list[tuple[Made, int]] = []
        self._size = 1

    def takes(self, column: Numbers) -> bool:
        """True if there is room for one more column."""
        return self._size * (_made(column).top + 2) < MOST_KEY

    def add(self, column: Numbers) -> None:
        """Add the last members of the tuples."""
        made = _made(column)
        self._columns.append((made, made.top + 2))
        self._size *= made.top + 2
        self.length = made.length

    def of(self, rows: slice) -> Int64s:
        """The keys of some rows."""
        key = np.zeros(rows.stop - rows.start, np.int64)
        for column, width in self._columns:
            key *= width
            key += column.make(rows)
            key += 1
        return key


def _made(column: Numbers) -> Made:
    if isinstance(column, Made):
        return column
    return Made(len(column), int(column.max(initial=-1)), column.__getitem__)


def _numbered(key: _Key, scratch: Scratch) -> tuple[Int32s, Int64s]:
    numbers = scratch.empty(key.length, np.int32)
    keys, firsts = scratch.empty(key.length, np.int64), scratch.empty(key.length, np.int64)
    ends = [0]
    for some in runs(key.length, scratch.at_once(key.length)):
        found, numbers[some], heads = _distinct(key.of(some))
        here = slice(ends[-1], ends[-1] + len(found))
        keys[here], firsts[here] = found, heads + some.start
        ends.append(here.stop)
    if len(ends) <= 2:
        return numbers, firsts[: ends[-1]]
    merged, heads = _merged([keys[start:end] for start, end in itertools.pairwise(ends)], scratch)
    for some, (start, end) in zip(runs(key.length, scratch.at_once(key.length)), itertools.pairwise(ends), strict=True):
        numbers[some] = merged[start:end][numbers[some]]
    return numbers, scratch.joined(len(heads), np.int64, (firsts[some] for _, some in blocks([heads])))


def _merged(runs: Sequence[Int64s], scratch: Scratch) -> tuple[Int32s, Int64s]:
    """Of ascending runs, joined: the number of each key among the distinct, and the first place of each of those."""
    bases = list(itertools.accumulate(map(len, runs), initial=0))
    bounds = _bounds(runs, -(-bases[-1] // scratch.at_once(bases[-1])))
    edges = [[0, *np.searchsorted(run, bounds).tolist(), len(run)] for run in runs]
    numbers, heads = scratch.empty(bases[-1], np.int32), scratch.empty(bases[-1], np.int64)
    count = 0
    for share in range(len(bounds) + 1):
        slices = [slice(base + edge[share], base + edge[share + 1]) for base, edge in zip(bases, edges, strict=False)]
        some = np.concatenate([run[edge[share] : edge[share + 1]] for run, edge in zip(runs, edges, strict=True)])
        found, own, first = _distinct(some)
        own += count
        at = 0
        for here in slices:
            numbers[here] = own[at : at + here.stop - here.start]
            at += here.stop - here.start
        places = np.concatenate([np.arange(here.start, here.stop) for here in slices])
        heads[count : count + len(found)] = places[first]
        count += len(found)
    return numbers, heads[:count]


def _bounds(runs: Sequence[Int64s], shares: int) -> Int64s:
    """The first key of each share but the lowest."""
    count = sum(map(len, runs))
    step = max(1, count // SAMPLED)
    sample = np.sort(np.concatenate([run[::step] for run in runs]))
    return np.unique(sample[[len(sample) * share // shares for share in range(1, shares)]])


def _distinct(key: Int64s) -> tuple[Int64s, Int32s, Int64s]:
    """The distinct keys, ascending; the number of each entry's; the first place of each."""
    order = np.argsort(key)
    ordered = key[order]
    new = np.ones(len(key), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    numbers = np.empty(len(key), np.int32)
    numbers[order] = np.cumsum(new, dtype=np.int32) - 1
    heads = np.flatnonzero(new)
    return ordered[new], numbers, np.minimum.reduceat(order, heads) if len(heads) else order
