"""Columns as long as a catalogue that only the build needs: in files that have no name, not in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from indexers.columns import ROWS_AT_ONCE, Array

SMALL_BYTES = 1 << 16
"""A column up to this size stays in memory."""
ROWS_IN_MEMORY = 1 << 20
MOST_PIECES = 16


class Scratch:
    """Arrays whose pages the system may write out. Their room goes with the last reference to them."""

    def __init__(self, folder: Path | None) -> None:
        """`folder` is where the room is taken; nothing can be seen in it. Without one it is memory."""
        self._folder = folder
        self._least = ROWS_AT_ONCE if folder is not None else ROWS_IN_MEMORY

    def at_once(self, length: int) -> int:
        """How many of so many entries are to be sorted together."""
        return max(self._least, length // MOST_PIECES)

    def empty(self, length: int, dtype: npt.DTypeLike) -> Array:
        """A writable column of `length` entries of any value. Raises `OSError` where there is no room for it."""
        kind = np.dtype(dtype)
        size = length * kind.itemsize
        if self._folder is None or size <= SMALL_BYTES:
            return np.empty(length, kind)
        with tempfile.TemporaryFile(dir=self._folder) as file:
            os.posix_fallocate(file.fileno(), 0, size)
            return np.memmap(file, kind, "r+", shape=(length,)).view(np.ndarray)

    def joined(self, length: int, dtype: npt.DTypeLike, pieces: Iterable[Array]) -> Array:
        """A column of `length` entries, written piece by piece."""
        column, filled = self.empty(length, dtype), 0
        for piece in pieces:
            column[filled : filled + len(piece)] = piece
            filled += len(piece)
        return column


MEMORY = Scratch(None)
"""For what is short, or made where there is no folder."""
