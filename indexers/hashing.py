"""One 64-bit hash for ids and numbers, the same for one string and for a whole column of them.

A polynomial over the UTF-8 bytes modulo 2^64. It finds candidates only: whoever looks something up compares the id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from indexers.columns import Int64s, UInt8s, UInt64s

BASE = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
STRINGS_AT_ONCE = 1 << 13


def hash_one(text: str) -> int:
    """Hash of one string; equals the entry of `hash_column` for it."""
    found, power = 0, BASE
    for byte in text.encode():
        found = (found + (byte + 1) * power) & _MASK
        power = (power * BASE) & _MASK
    return found


def hash_column(data: UInt8s, lengths: npt.NDArray[np.integer]) -> UInt64s:
    """Hashes of consecutive strings in `data`, `lengths[i]` bytes each."""
    return np.concatenate([np.empty(0, np.uint64), *hash_pieces(data, lengths)])


def hash_pieces(data: UInt8s, lengths: npt.NDArray[np.integer]) -> Iterator[UInt64s]:
    """The same, some at a time."""
    start = 0
    for first in range(0, len(lengths), STRINGS_AT_ONCE):
        sizes = lengths[first : first + STRINGS_AT_ONCE].astype(np.int64)
        end = start + int(sizes.sum())
        yield _hash_some(data[start:end], sizes)
        start = end


def hash_strings(texts: Sequence[str]) -> UInt64s:
    """Hashes of a list of strings."""
    encoded = [text.encode() for text in texts]
    return hash_column(np.frombuffer(b"".join(encoded), np.uint8), np.array([len(one) for one in encoded], np.int64))


def _hash_some(data: UInt8s, sizes: Int64s) -> UInt64s:
    hashes = np.zeros(len(sizes), np.uint64)
    filled = np.flatnonzero(sizes)
    if not len(filled):
        return hashes
    starts = (np.cumsum(sizes) - sizes)[filled]
    places = np.arange(len(data)) - np.repeat(starts, sizes[filled])
    terms = (data.astype(np.uint64) + np.uint64(1)) * _powers(int(sizes.max()))[places]
    hashes[filled] = np.add.reduceat(terms, starts)
    return hashes


@lru_cache(maxsize=64)
def _powers(count: int) -> UInt64s:
    with np.errstate(over="ignore"):
        return np.cumprod(np.full(count, BASE, np.uint64), dtype=np.uint64)
