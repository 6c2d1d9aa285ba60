"""The columns of a delivery → a shard of applications, once it is known which parts there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from indexers.columns import Appender, Array, Blob, Bools, Int32s, Int64s, number_tuples, read_blob, starts_of
from indexers.errors import BadRow
from indexers.hashing import hash_column
from indexers.quarantine import quarantined
from indexers.read_applications import (
    COLUMNS,
    DELETED,
    ENDED,
    MOST_NAMES,
    NONE,
    TABLES,
    UNKNOWN_PART,
    ApplicationShard,
)
from indexers.rows import RowKind
from indexers.sources.aces_columns import Meanings, columns_in
from indexers.sources.reference import Reference
from indexers.unlisted import UNSOLD, Unlisted

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.decode


@dataclass(frozen=True, slots=True)
class ReadApps:
    """The Apps of a file as `AppColumns` left them. Entries of the columns are the Apps, in the file's order."""

    file: Path
    folder: Path
    meanings: Meanings
    reference: Reference

    def columns(self) -> dict[str, Int32s]:
        """Numbers of base vehicle, halves and part of each App."""
        return columns_in(self.folder)

    def bad(self, columns: Mapping[str, Int32s]) -> Bools:
        """Which Apps have no meaning."""
        asks, sells = self.meanings.asks, self.meanings.sells
        lost = _of([not one.names_vehicle for one in asks], np.bool_)[columns["asks"]] & (columns["base"] == NONE)
        wrong = _of([one.error is not None for one in asks], np.bool_)[columns["asks"]]
        unsold = _of([one.error is not None for one in sells], np.bool_)[columns["sells"]]
        return np.asarray(lost | wrong | unsold)

    def deletes(self, columns: Mapping[str, Int32s]) -> Bools:
        """Which Apps end the application of their id."""
        return np.asarray(_of([one.deletes for one in self.meanings.sells], np.bool_)[columns["sells"]])

    def lists_none(self) -> Bools:
        """By number of a part: it is no part number, but says that the maker has none."""
        return np.asarray(_of([number.lower() in UNSOLD for _, number in self.meanings.parts], np.bool_))


def write_shard(apps: ReadApps, folder: Path, parts: Mapping[str, int]) -> ApplicationShard:
    """Write the shard into `folder` (made here); `parts` maps part ids to ordinals."""
    folder.mkdir(parents=True)
    return _Writer(apps, folder, parts).write()


class _Writer:
    def __init__(self, apps: ReadApps, folder: Path, parts: Mapping[str, int]) -> None:
        self._apps = apps
        self._folder = folder
        self._meanings = apps.meanings
        self._columns = apps.columns()
        self._part_ids = [f"{brand}:{number}" for brand, number in self._meanings.parts]
        self._ordinals = _of([parts.get(one, UNKNOWN_PART) for one in self._part_ids], np.int32)
        self._data, self._lengths = read_blob(apps.folder, "ids")
        self._starts = starts_of(self._lengths)

    def write(self) -> ApplicationShard:
        columns, count = self._columns, len(self._lengths)
        deletes = self._apps.deletes(columns)
        bad = self._apps.bad(columns) & ~deletes
        part = self._ordinals[columns["part"]]
        unknown = (part == UNKNOWN_PART) & ~bad & ~deletes
        part = np.where(deletes, DELETED, np.where(bad | unknown, ENDED, part)).astype(np.int32)
        good = np.flatnonzero(part >= 0)
        shard = ApplicationShard(self._folder, self._apps.file, count, len(good) + int(deletes.sum()), lines=count)
        self._refuse(shard, np.flatnonzero(bad))
        self._skip(shard, np.flatnonzero(unknown))
        self._put("part", part)
        self._put("row", np.arange(1, count + 1))
        self._put("id_hash", hash_column(self._data, self._lengths))
        for name in ("ids.blob", "ids.lengths"):
            os.link(self._apps.folder / name, self._folder / name)
        self._put_records(good, count)
        return shard

    def _put_records(self, good: Int64s, count: int) -> None:
        """Columns of numbers of records, 0 but for the good rows, and the records."""
        asks, sells, base = (self._columns[name][good] for name in ("asks", "sells", "base"))
        meanings = self._meanings
        plain = {
            "selector": _of([one.selector for one in meanings.asks], np.int32)[asks],
            "notes": _of([one.notes for one in meanings.asks], np.int32)[asks],
            "position": _of([one.position for one in meanings.sells], np.int32)[sells],
        }
        where = _of([one.where for one in meanings.asks], np.int32)[asks]
        conditions = _numbered(base, where, self._condition)
        detail = _of([one.detail for one in meanings.sells], np.int32)[sells]
        kept = _of([one.kept for one in meanings.asks], np.int32)[asks]
        details = _numbered(detail, kept, self._detail)
        records = {
            "selector": meanings.selectors, "notes": meanings.notes, "position": meanings.positions,
            "condition": conditions[1], "detail": details[1],
        }  # fmt: skip
        for name, values in {**plain, "condition": conditions[0], "detail": details[0]}.items():
            column = np.zeros(count, np.int32)
            column[good] = values
            self._put(name, column)
        for name in TABLES:
            blob = Blob(self._folder, name)
            blob.append(records[name])
            blob.close()

    def _condition(self, base: int, where: int) -> bytes:
        asked = self._meanings.where[where]
        if base != NONE:
            own = b'"BaseVehicle":["%s"]' % _encode(self._meanings.bases[base])[1:-1]
            asked = _sorted_in(own, asked)
        return b"{}" if asked == b"{}" else b'{"where":%s}' % asked

    def _detail(self, detail: int, kept: int) -> bytes:
        told, own = _decode(self._meanings.details[detail])
        attributes = (_decode(self._meanings.kept[kept]) if kept != NONE else {}) | own
        return _encode({**told, "attributes": attributes} if attributes else told)

    def _put(self, name: str, values: Array) -> None:
        column = Appender(self._folder / f"{name}.column", COLUMNS[name])
        column.append(values)
        column.close()

    def _refuse(self, shard: ApplicationShard, rows: Int64s) -> None:
        for row in rows.tolist():
            sells = self._meanings.sells[self._columns["sells"][row]]
            asks = self._meanings.asks[self._columns["asks"][row]]
            error = BadRow("", None, sells.error or asks.error or "the App names no vehicle")
            part = int(self._columns["part"][row])
            subject = self._part_ids[part] if self._meanings.parts[part][1] else None
            shard.bad.append(quarantined(RowKind.APPLICATIONS, self._apps.file, row + 1, error, subject, self._id(row)))

    def _skip(self, shard: ApplicationShard, rows: Int64s) -> None:
        """Rows of parts that are not sold: counted, or facts where the maker says that it has none."""
        part = self._columns["part"][rows]
        none = self._apps.lists_none()[part] if len(rows) else np.empty(0, np.bool_)
        shard.unlisted = [self._unlisted(row) for row in rows[none].tolist()]
        counts = np.bincount(part[~none], minlength=1)
        named = np.flatnonzero(counts).tolist()
        shard.unknown_parts.update({self._part_ids[one]: int(counts[one]) for one in named[:MOST_NAMES]})
        shard.unknown_parts_rest = int(counts[named[MOST_NAMES:]].sum())

    def _unlisted(self, row: int) -> Unlisted:
        sells = self._meanings.sells[self._columns["sells"][row]]
        asks = self._meanings.asks[self._columns["asks"][row]]
        condition = self._condition(int(self._columns["base"][row]), asks.where)
        return Unlisted(
            self._id(row), sells.brand, self._apps.reference.part_type(sells.part_type),
            self._meanings.selectors[asks.selector].decode(), condition.decode(),
        )  # fmt: skip

    def _id(self, row: int) -> str:
        return str(self._data[self._starts[row] : self._starts[row + 1]].tobytes(), "utf-8")


def _of(values: list[Any], dtype: Any) -> Array:
    """A column of what distinct things are; one entry even for none, so that it can be indexed."""
    return np.array(values or [0], dtype)


def _numbered(one: Int32s, other: Int32s, record: Callable[[int, int], bytes]) -> tuple[Int32s, list[bytes]]:
    """Numbers of distinct pairs, and the record of each."""
    numbers, firsts = number_tuples([one, other])
    return numbers, [record(*pair) for pair in zip(one[firsts].tolist(), other[firsts].tolist(), strict=True)]


def _sorted_in(own: bytes, asked: bytes) -> bytes:
    """A JSON object with one more member `"BaseVehicle":…`, in the order in which records have them."""
    if asked == b"{}":
        return b"{%s}" % own
    if asked > b'{"BaseVehicle"':
        return b"{%s,%s" % (own, asked[1:])
    return _encode(_decode(asked) | _decode(b"{%s}" % own))
