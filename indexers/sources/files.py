"""From file names to pieces of work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from indexers.errors import UnreadableSource
from indexers.rows import RowKind
from indexers.sources.blocks import Piece
from indexers.sources.delimited import CsvPiece
from indexers.sources.lines import cut

LINES = (".jsonl", ".ndjson", ".json")


def pieces_of(kind: RowKind, files: Iterable[Path], count: int = 1) -> Sequence[Piece]:
    """The pieces of files of one kind, in the files' order; plain JSON Lines are cut into `count` each.

    Raises `UnreadableSource` for a missing file or an unknown format.
    """
    found: list[Piece] = []
    for file in files:
        if not file.is_file():
            raise UnreadableSource(str(file), "there is no such file")
        suffix = format_of(file)
        if suffix in LINES:
            found.extend(cut(kind, file, count))
        elif suffix in (".csv", ".tsv"):
            found.append(CsvPiece(kind, file))
        else:
            raise UnreadableSource(str(file), "is neither .jsonl nor .csv (either may be gzipped)")
    return found


def format_of(file: Path) -> str:
    """The suffix that says the format, lower case, without a trailing `.gz`."""
    return Path(file.stem if file.suffix == ".gz" else file.name).suffix.lower()
