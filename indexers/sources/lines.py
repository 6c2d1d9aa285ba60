"""JSON Lines, plain or gzipped. A plain file is cut at byte offsets, so that several processes can read one file."""

from __future__ import annotations

import gzip
import itertools
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from indexers.errors import UnreadableSource
from indexers.rows import RowKind
from indexers.sources.blocks import BLOCK_BYTES, Block

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class LinesPiece:
    """The lines of a file that start in `[start, end)`. A gzipped file is one piece, whatever its size."""

    kind: RowKind
    file: Path
    start: int
    end: int

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.end - self.start

    @property
    def renumbers(self) -> bool:
        """Pieces of one file continue each other's lines."""
        return True

    def blocks(self) -> Iterator[Block]:
        """Blocks of whole lines, numbered from 1 inside the piece."""
        try:
            with open_binary(self.file) as stream:
                if self.start:
                    stream.seek(self.start - 1)
                    stream.readline()
                limit = None if self.file.suffix == ".gz" else self.end
                yield from _blocks(stream, limit)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableSource(str(self.file), str(error)) from error


def cut(kind: RowKind, file: Path, pieces: int) -> list[LinesPiece]:
    """The file as at most `pieces` pieces of about equal size (one if gzipped)."""
    try:
        size = file.stat().st_size
    except OSError as error:
        raise UnreadableSource(str(file), error.strerror or str(error)) from error
    count = 1 if file.suffix == ".gz" else max(1, min(pieces, size // BLOCK_BYTES))
    edges = [size * index // count for index in range(count + 1)]
    return [LinesPiece(kind, file, start, end) for start, end in itertools.pairwise(edges)]


def open_binary(file: Path) -> BinaryIO:
    """The file's bytes, unpacked if its name ends in `.gz`, or in `.zip` with one file in it."""
    if file.suffix.lower() == ".zip":
        return _only_member(file)
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")  # type: ignore[return-value]


def _blocks(stream: BinaryIO, end: int | None) -> Iterator[Block]:
    line = 1
    at = stream.tell()
    while end is None or at < end:
        wanted = BLOCK_BYTES if end is None else min(BLOCK_BYTES, end - at)
        data = stream.read(wanted)
        if not data:
            return
        if not data.endswith(b"\n"):
            data += stream.readline()
        at += len(data)
        if line == 1 and data.startswith(BOM):
            data = data[len(BOM) :]
        yield Block(data, line)
        line += data.count(b"\n")


def _only_member(file: Path) -> BinaryIO:
    archive = zipfile.ZipFile(file)
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if len(names) != 1:
        archive.close()
        raise UnreadableSource(str(file), f"holds {len(names)} files, not one")
    member: BinaryIO = archive.open(names[0])  # type: ignore[assignment]
    archive.close()
    return member
