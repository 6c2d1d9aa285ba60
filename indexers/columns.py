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
ROWS_AT_ONCE = 1 << 22
"""Entries sorted or looked up together: some 150 MB."""


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


def blocks(columns: Sequence[Array]) -> Iterator[tuple[int, Array]]:
    """Columns that follow each other, some entries at a time, with the place of the first."""
    base = 0
    for column in columns:
        for first in range(0, len(column), ROWS_AT_ONCE):
            yield base + first, column[first : first + ROWS_AT_ONCE]
        base += len(column)


def number_tuples(columns: Iterable[Int32s]) -> tuple[Int32s, Int64s]:
    """Dense numbers of the distinct tuples, ascending with the tuples, and the first row at which each stands.

    Entries are at least -1. The columns are looked at one after the other.
    """
    each = iter(columns)
    key = next(each).astype(np.int64) + 1
    size = int(key.max(initial=0)) + 1
    for column in each:
        width = int(column.max(initial=-1)) + 2
        if size * width >= 1 << 62:
            numbers, firsts = _numbered(key)
            key, size = numbers.astype(np.int64), len(firsts)
        key *= width
        key += column
        key += 1
        size *= width
    return _numbered(key)


def _numbered(key: Int64s) -> tuple[Int32s, Int64s]:
    """Dense numbers of the distinct keys, and the first place of each; sorted in pieces, of which the distinct stay."""
    numbers = np.empty(len(key), np.int32)
    keys, firsts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for base, block in blocks([key]):
        found, numbers[base : base + len(block)], first = _distinct(block)
        keys.append(found)
        firsts.append(first + base)
    if len(keys) == 2:
        return numbers, firsts[1]
    joined = np.concatenate(firsts)
    _, merged, heads = _distinct(np.concatenate(keys))
    start = 0
    for (base, block), own in zip(blocks([key]), keys[1:], strict=True):
        here = numbers[base : base + len(block)]
        here[:] = merged[start : start + len(own)][here]
        start += len(own)
    return numbers, joined[heads]


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


def view(column: Array) -> Any:
    """A column whose single entries are read as Python numbers, five times quicker than through numpy."""
    return memoryview(np.ascontiguousarray(column))  # type: ignore[arg-type]


def join_files(parts: Iterable[Path], target: Path) -> None:
    """Concatenate files. The parts stay."""
    with target.open("wb") as out:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, out, COPY_BYTES)
