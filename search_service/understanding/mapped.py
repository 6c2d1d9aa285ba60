"""Texts and tables that lie in files and are read memory-mapped: opened at no cost, shared by all workers, decoded when
asked for. What was built in memory has the same types (`Sequence`, `Mapping`) and the same content.
"""

from __future__ import annotations

import bisect
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

import msgspec
import numpy as np

from fitment_rules.model import natural_order
from indexers.store import Records, Store

Value = TypeVar("Value")
Other = TypeVar("Other")


def encoded(text: str) -> bytes:
    """UTF-8, of lone surrogates too, which people's texts may hold."""
    return text.encode("utf-8", "surrogatepass")


class Texts(Sequence[str]):
    """Texts by number."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @classmethod
    def open(cls, store: Store, name: str) -> Texts:
        """What `put_texts` wrote."""
        return cls(store.records(name))

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        return str(self._records[index], "utf-8")

    def raw(self, index: int) -> bytes:
        """The text in UTF-8, whose order is that of the texts."""
        return self._records[index]


def put_texts(store: Store, name: str, texts: Sequence[str]) -> None:
    """Write texts in their order."""
    store.put_records(name, map(str.encode, texts))


class Table(Mapping[str, Value], Generic[Value]):
    """Keys in ascending order, each with a record; found by the sorted checksums of the keys."""

    def __init__(self, store: Store, name: str, kind: Any) -> None:
        """What `put_table` wrote; `kind` is the type of a value."""
        self.keys_in_order = Texts.open(store, f"{name}.keys")
        self._values = store.records(f"{name}.values")
        self._sums = memoryview(store.get(f"{name}.sums"))  # type: ignore[arg-type]
        self._rows = memoryview(store.get(f"{name}.rows"))  # type: ignore[arg-type]
        self._decode: Callable[[bytes], Value] = msgspec.msgpack.Decoder(kind).decode

    @overload
    def get(self, key: str, /) -> Value | None: ...
    @overload
    def get(self, key: str, default: Value | Other, /) -> Value | Other: ...
    def get(self, key: str, default: Any = None, /) -> Any:
        """The value of a key, `default` for one that is not there."""
        row = self._row(key)
        return default if row is None else self._decode(self._values[row])

    def __getitem__(self, key: str) -> Value:
        row = self._row(key)
        if row is None:
            raise KeyError(key)
        return self._decode(self._values[row])

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._row(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys_in_order)

    def __len__(self) -> int:
        return len(self._rows)

    def _row(self, key: str) -> int | None:
        wanted = encoded(key)
        checksum = zlib.crc32(wanted)
        sums = self._sums
        at = bisect.bisect_left(sums, checksum)
        while at < len(sums) and sums[at] == checksum:
            row: int = self._rows[at]
            if self.keys_in_order.raw(row) == wanted:
                return row
            at += 1
        return None


def put_table(store: Store, name: str, table: Mapping[str, Any]) -> None:
    """Write a table for `Table`. Sets are written in ascending order, so that the same table gives the same bytes."""
    keys = sorted(table)
    encode = msgspec.msgpack.Encoder(order="deterministic").encode
    put_texts(store, f"{name}.keys", keys)
    store.put_records(f"{name}.values", (encode(_ordered(table[key])) for key in keys))
    sums = np.fromiter(map(zlib.crc32, map(str.encode, keys)), np.uint32, len(keys))
    rows = np.argsort(sums, kind="stable")
    store.put(f"{name}.sums", sums[rows])
    store.put(f"{name}.rows", rows.astype(np.int32))


def _ordered(value: Any) -> Any:
    """Sets as lists in natural order, numbers before texts: values of one set need not compare with each other."""
    if isinstance(value, frozenset):
        return sorted(value, key=natural_order)
    return {key: _ordered(one) for key, one in value.items()} if isinstance(value, dict) else value
