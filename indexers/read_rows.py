"""Any kind of row, one at a time and decoded: for the small kinds, and for loads outside a build."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from indexers.careful import read_row
from indexers.errors import BadRow
from indexers.quarantine import Quarantined, quarantined
from indexers.rows import ROW_TYPES, Row, RowKind
from indexers.sources.blocks import Block, Piece


@dataclass(slots=True)
class RowsRead:
    """Counts of one kind; `bad` are the refused rows."""

    read: int = 0
    bad: list[Quarantined] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Rows that were not refused."""
        return self.read - len(self.bad)


Check = Callable[[Row], None]


def read_rows(pieces: Iterable[Piece], tally: RowsRead, check: Check | None = None) -> Iterator[tuple[Row, Path, int]]:
    """Good rows with their file and line, in order; bad ones are added to `tally`.

    `check` may refuse a row by raising `BadRow`. Raises `UnreadableSource`.
    """
    lines_before: dict[Path, int] = {}
    for piece in pieces:
        base = lines_before.get(piece.file, 0) if piece.renumbers else 0
        for block in piece.blocks():
            for row, line in _rows_of(piece, block, base, tally, check):
                yield row, piece.file, line
            lines_before[piece.file] = lines_before.get(piece.file, 0) + block.data.count(b"\n")


def _rows_of(piece: Piece, block: Block, base: int, tally: RowsRead, check: Check | None) -> Iterator[tuple[Row, int]]:
    decoder = msgspec.json.Decoder(ROW_TYPES[piece.kind])
    for index, raw in enumerate(block.data.split(b"\n")):
        if not raw.strip():
            continue
        tally.read += 1
        line = base + block.line_of(index)
        try:
            row = _decode(piece.kind, decoder, raw)
            if check is not None:
                check(row)
        except BadRow as error:
            tally.bad.append(quarantined(piece.kind, piece.file, line, error))
        else:
            yield row, line


def _decode(kind: RowKind, decoder: msgspec.json.Decoder[Row], raw: bytes) -> Row:
    try:
        return decoder.decode(raw)
    except ValueError:
        return read_row(kind, raw)
