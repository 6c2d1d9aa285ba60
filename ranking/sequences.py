"""Histories as columns: what each person touched, oldest first, without immediate repeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sequences:
    """Person i has `items[starts[i]:starts[i + 1]]`, oldest first; items are numbers below `size`."""

    starts: NDArray[np.int64]
    items: Ints
    size: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Ints:
        return self.items[self.starts[row] : self.starts[row + 1]]

    @property
    def owner(self) -> Ints:
        """The person of each entry of `items`."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))

    @classmethod
    def of(cls, lists: Iterable[Sequence[int] | Ints], size: int) -> Sequences:
        """From one list a person. Raises `ValueError` for a number outside 0..size - 1."""
        rows = [np.asarray(one, np.int32) for one in lists]
        items = np.concatenate(rows) if rows else np.zeros(0, np.int32)
        if len(items) and (int(items.min()) < 0 or int(items.max()) >= size):
            raise ValueError(f"items run from {items.min()} to {items.max()}, outside 0..{size - 1}")
        return cls(np.cumsum([0, *map(len, rows)]).astype(np.int64), items, size)

    @classmethod
    def of_columns(cls, owner: Ints, item: Ints, time: Floats, size: int) -> Sequences:
        """From parallel columns, one row an act; acts that repeat the one before are left out. Owners ascend."""
        order = np.lexsort((item, time, owner))
        owner, item = owner[order], item[order]
        new = np.ones(len(owner), bool)
        new[1:] = (np.diff(owner) != 0) | (np.diff(item) != 0)
        owner, item = owner[new], item[new]
        _, counts = np.unique(owner, return_counts=True)
        return cls(np.concatenate(([0], np.cumsum(counts))).astype(np.int64), item.astype(np.int32), size)

    def weighted(self, recency: float = 1.0) -> csr_matrix:
        """Persons × items: each entry weighs recency ** age, the latest 1; repeats add up."""
        lengths = np.diff(self.starts)
        age = np.repeat(self.starts[1:], lengths) - 1 - np.arange(len(self.items))
        matrix = csr_matrix((recency**age, self.items, self.starts), shape=(len(self), self.size))
        matrix.sum_duplicates()
        return matrix

    def popularity(self) -> Floats:
        """How often each item occurs."""
        return np.bincount(self.items, minlength=self.size).astype(np.float64)
