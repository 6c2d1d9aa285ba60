"""Item-to-item tables: for every item its strongest others, as three plain arrays that serve without a library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """For item i: `items[starts[i]:starts[i + 1]]`, ascending, without i, and their `strength` >= 0."""

    starts: NDArray[np.int64]
    items: Ints
    strength: Singles

    def of(self, item: int) -> tuple[Ints, Singles]:
        """Items next to one item and the strength of each."""
        span = slice(int(self.starts[item]), int(self.starts[item + 1]))
        return self.items[span], self.strength[span]

    def summed(self, items: Ints, weight: Floats) -> tuple[Ints, Floats]:
        """Everything next to some `items`, ascending, with the sum of strength × the item's `weight`."""
        if not len(items):
            return np.zeros(0, np.int32), np.zeros(0)
        starts = self.starts.take(items)
        lengths = self.starts.take(items + 1) - starts
        before = np.cumsum(lengths)
        at = np.arange(int(before[-1])) + np.repeat(starts - before + lengths, lengths)
        return summed(self.items.take(at), self.strength.take(at) * np.repeat(weight, lengths))


def summed(items: Ints, weight: Floats) -> tuple[Ints, Floats]:
    """Distinct items, ascending, and the sum of the weights on each."""
    if not len(items):
        return items, np.zeros(0)
    order = items.argsort(kind="stable")
    ordered = items[order]
    begins = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1))
    return ordered[begins], np.add.reduceat(np.asarray(weight[order], np.float64), begins)


def strongest(matrix: Any, most: int | None) -> Neighbours:
    """A table of the `most` strongest cells of each row of a CSR matrix (None: all)."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    kept = np.arange(matrix.nnz)
    if most is not None:
        order = np.lexsort((-matrix.data, rows))
        place = np.arange(len(order)) - matrix.indptr[rows[order]]
        kept = order[place < most]
    kept = kept[np.lexsort((matrix.indices[kept], rows[kept]))]
    starts = np.concatenate(([0], np.cumsum(np.bincount(rows[kept], minlength=matrix.shape[0]))))
    return Neighbours(
        starts.astype(np.int64), matrix.indices[kept].astype(np.int32), matrix.data[kept].astype(np.float32)
    )
