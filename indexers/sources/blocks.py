"""Every source, whatever its format, as blocks of contract rows in JSON Lines.

One shape for all of them keeps one reader, one error path and one fast path: a plain JSON Lines file is cut into
blocks without being parsed, the other formats are translated row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from indexers.rows import RowKind

BLOCK_BYTES = 1 << 20
"""Read at once: large enough that per-block costs vanish, small enough that decoded blocks stay in the cache."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows as JSON Lines. Row `i` was read at line `first_line + i`, or at `lines[i]` where rows are not lines."""

    data: bytes
    first_line: int
    lines: Sequence[int] | None = None

    def line_of(self, row: int) -> int:
        """Line of the file (from 1) at which a row of this block starts, relative to the piece it belongs to."""
        return self.first_line + row if self.lines is None else self.lines[row]


class Piece(Protocol):
    """A unit of work: a file, or a byte range of one, that one process reads from start to end. Picklable."""

    @property
    def kind(self) -> RowKind:
        """The kind of its rows."""
        ...

    @property
    def file(self) -> Path:
        """The file it was cut from."""
        ...

    @property
    def size(self) -> int:
        """Bytes on disk, for shares of work and for progress."""
        ...

    def blocks(self) -> Iterator[Block]:
        """Read it. Line numbers start at 1 in every piece; see `renumbers`. Raises `UnreadableSource`."""
        ...

    @property
    def renumbers(self) -> bool:
        """True if line numbers must be raised by the lines of the pieces of the same file before it."""
        ...
