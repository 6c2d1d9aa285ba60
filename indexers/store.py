"""The files of one generation's folder: named columns (`NAME.npy`), ragged records (`NAME.blob` with starts), JSON.

Written once, read memory-mapped. The names are listed in `docs/design.md`, "One generation, as files".
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import msgspec
import numpy as np
import numpy.typing as npt

from indexers.columns import COPY_BYTES, Array, Int64s, UInt8s, ragged

RECORDS_AT_ONCE = 1 << 10


class Store:
    """A folder of named files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, column: Array) -> None:
        """Write a column."""
        np.save(self.folder / f"{name}.npy", column, allow_pickle=False)

    def put_pieces(self, name: str, dtype: npt.DTypeLike, length: int, pieces: Iterable[Array]) -> None:
        """Write a column of `length` entries piece by piece. Raises `ValueError` if there are more or fewer."""
        kind, written = np.dtype(dtype), 0
        header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": (length,)}
        with (self.folder / f"{name}.npy").open("wb") as out:
            np.lib.format.write_array_header_1_0(out, header)
            for piece in pieces:
                np.asarray(piece, kind).tofile(out)
                written += len(piece)
        if written != length:
            raise ValueError(f"{name}: {written} entries instead of {length}")

    def get(self, name: str) -> Array:
        """A column, memory-mapped, read only."""
        path = self.folder / f"{name}.npy"
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
        return np.asarray(mapped).view(np.ndarray)

    def put_records(self, name: str, records: Iterable[bytes]) -> None:
        """Write records of bytes and where each starts."""
        lengths: list[int] = []
        left = iter(records)
        with (self.folder / f"{name}.blob").open("wb") as out:
            while some := list(itertools.islice(left, RECORDS_AT_ONCE)):
                out.write(b"".join(some))
                lengths.extend(map(len, some))
        self.put(f"{name}.starts", np.concatenate(([0], np.cumsum(np.array(lengths, np.int64)))).astype(np.int64))

    def records(self, name: str) -> Records:
        """Records written by `put_records`."""
        return Records(self.blob(name), self.get(f"{name}.starts"))

    def blob(self, name: str) -> UInt8s:
        """The bytes of a blob, memory-mapped."""
        path = self.folder / f"{name}.blob"
        if path.stat().st_size == 0:
            return np.empty(0, np.uint8)
        return np.memmap(path, np.uint8, "r").view(np.ndarray)

    def put_json(self, name: str, value: Any) -> None:
        """Write a small value."""
        (self.folder / f"{name}.json").write_bytes(msgspec.json.encode(value))

    def json(self, name: str, kind: Any = Any) -> Any:
        """Read a small value, checked against a type."""
        return msgspec.json.decode((self.folder / f"{name}.json").read_bytes(), type=kind)

    def digest(self, file: str) -> str:
        """SHA-256 of one file."""
        return _digest(self.folder / file)

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file but the manifest, by name."""
        files = [path for path in sorted(self.folder.iterdir()) if path.is_file() and path.stem != MANIFEST]
        return {path.name: _digest(path) for path in files}


MANIFEST = "manifest"


class Records(Sequence[bytes]):
    """Byte strings in one memory-mapped blob."""

    def __init__(self, blob: UInt8s, starts: Int64s) -> None:
        self._bytes, self._begun = blob, starts
        self._blob = memoryview(blob)  # type: ignore[arg-type]
        self._starts = memoryview(starts)  # type: ignore[arg-type]

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        return bytes(self._blob[self._starts[index] : self._starts[index + 1]])

    def __iter__(self) -> Iterator[bytes]:
        return (self[index] for index in range(len(self)))

    def are(self, indices: Int64s, data: UInt8s, lengths: Int64s) -> bool:
        """Whether these records are the strings of `data`, `lengths[i]` bytes each, one after the other."""
        starts = self._begun[indices]
        if not np.array_equal(self._begun[indices + 1] - starts, lengths):
            return False
        return np.array_equal(self._bytes[ragged(starts, lengths)], data)

    def texts(self, indices: Iterable[int]) -> list[str]:
        """Many records as text (UTF-8); every index must be in range."""
        blob, starts = self._blob, self._starts
        return [str(blob[starts[index] : starts[index + 1]], "utf-8") for index in indices]


def sync(path: Path) -> None:
    """Wait until a file, or what a folder lists, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while data := stream.read(COPY_BYTES):
            digest.update(data)
    return digest.hexdigest()
