"""Columns on disk: flat numpy arrays that grow by appending, are memory-mapped to read, and ragged lists over them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Int32s: TypeAlias = npt.NDArray[np.int32]
Int64s: TypeAlias = npt.NDArray[np.int64]
UInt64s: TypeAlias = npt.NDArray[np.uint64]
UInt8s: TypeAlias = npt.NDArray[np.uint8]
Bools: TypeAlias = npt.NDArray[np.bool_]
Array: TypeAlias = npt.NDArray[Any]

COPY_BYTES = 8 << 20
ROWS_AT_ONCE = 1 << 16
"""Entries sorted or looked up together: some 3 MB."""


class Appender:
    """A column being written; `dtype` fixed, chunks appended, nothing kept in memory."""

    def __init__(self, path: Path, dtype: npt.DTypeLike) -> None:
        self._file = path.open("wb")
        self._dtype = np.dtype(dtype)
        self.length = 0

    def append(self, values: Sequence[Any] | Array) -> None:
        """Append values, converted to the column's type."""
        array = np.asarray(values, self._dtype)
        array.tofile(self._file)
        self.length += len(array)

    def close(self) -> None:
        """Flush; the column can be read afterwards."""
        self._file.close()


class Blob:
    """A file of bytes being written, with the length of every piece in a column beside it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._file = (folder / f"{name}.blob").open("wb")
        self._lengths = Appender(folder / f"{name}.lengths", np.uint32)

    def append(self, pieces: Sequence[bytes]) -> None:
        """Append pieces."""
        self._file.write(b"".join(pieces))
        self._lengths.append([len(piece) for piece in pieces])

    def append_text(self, texts: Sequence[str]) -> None:
        """Append strings; quicker than pieces where they are ASCII."""
        joined = "".join(texts)
        if joined.isascii():
            self._file.write(joined.encode())
            self._lengths.append([len(text) for text in texts])
        else:
            self.append([text.encode() for text in texts])

    def close(self) -> None:
        """Flush both files."""
        self._file.close()
        self._lengths.close()


def read_column(path: Path, dtype: npt.DTypeLike) -> Array:
    """A written column, memory-mapped; an empty file is an empty array."""
    if path.stat().st_size == 0:
        return np.empty(0, dtype)
    return np.memmap(path, dtype, "r").view(np.ndarray)


def read_blob(folder: Path, name: str) -> tuple[UInt8s, Array]:
    """Bytes and lengths of a written blob."""
    return read_column(folder / f"{name}.blob", np.uint8), read_column(folder / f"{name}.lengths", np.uint32)


def starts_of(lengths: Array) -> Int64s:
    """Where each piece starts, and one more: where the last ends."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def ragged(starts: Array, counts: Array) -> Int64s:
    """Indices of all elements of ragged runs: run `i` is `starts[i] .. starts[i] + counts[i]`, runs concatenated."""
    counts = np.asarray(counts, np.int64)
    total = int(counts.sum())
    if not total:
        return np.empty(0, np.int64)
    shifts = np.repeat(np.asarray(starts, np.int64) - (np.cumsum(counts) - counts), counts)
    shifts += np.arange(total)
    return shifts


def distinct(keys: Array) -> Array:
    """The distinct keys, ascending; sorts only what is left without repeats in a row, and only if it is not sorted."""
    keys = _without_repeats(keys)
    if len(keys) < 2 or (keys[1:] > keys[:-1]).all():
        return keys
    return _without_repeats(np.sort(keys))


def _without_repeats(keys: Array) -> Array:
    if len(keys) < 2:
        return keys
    new = np.empty(len(keys), np.bool_)
    new[0] = True
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return keys[new]


def runs(length: int, at_once: int | None = None) -> Iterator[slice]:
    """The entries of a column, `at_once` (else `ROWS_AT_ONCE`) at a time."""
    step = at_once or ROWS_AT_ONCE
    return (slice(first, min(first + step, length)) for first in range(0, length, step))


def blocks(columns: Sequence[Array]) -> Iterator[tuple[int, Array]]:
    """Columns that follow each other, some entries at a time, with the place of the first."""
    base = 0
    for column in columns:
        for first in range(0, len(column), ROWS_AT_ONCE):
            yield base + first, column[first : first + ROWS_AT_ONCE]
        base += len(column)


def view(column: Array) -> Any:
    """A column whose single entries are read as Python numbers, five times quicker than through numpy."""
    return memoryview(np.ascontiguousarray(column))  # type: ignore[arg-type]


def join_files(parts: Iterable[Path], target: Path) -> None:
    """Concatenate files. The parts stay."""
    with target.open("wb") as out:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, out, COPY_BYTES)
