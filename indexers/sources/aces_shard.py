"""The columns of a delivery → a shard of applications, once it is known which parts there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from indexers.columns import Appender, Array, Blob, Bools, Int32s, Int64s, read_blob, starts_of
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
from indexers.sources.aces_apps import Fault
from indexers.sources.aces_columns import Meanings, columns_in
from indexers.sources.reference import Reference
from indexers.unlisted import UNSOLD, Unlisted

NO_VEHICLE = Fault("", None, "the App names no vehicle")

ROWS_AT_ONCE = 1 << 16
_OF_ASKS, _OF_SELLS = ("selector", "where", "notes", "kept"), ("position", "detail")

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.decode


@dataclass(frozen=True)
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
        lost, wrong, unsold, _ = self._facts
        asks, sells = columns["asks"], columns["sells"]
        return np.asarray((lost[asks] & (columns["base"] == NONE)) | wrong[asks] | unsold[sells])

    def deletes(self, columns: Mapping[str, Int32s]) -> Bools:
        """Which Apps end the application of their id."""
        return np.asarray(self._facts[3][columns["sells"]])

    @cached_property
    def _facts(self) -> tuple[Bools, Bools, Bools, Bools]:
        """Halves that name no vehicle, that are wrong (both kinds), and that delete."""
        asks, sells = self.meanings.asks, self.meanings.sells
        return (
            _of([not one.names_vehicle for one in asks], np.bool_),
            _of([one.error is not None for one in asks], np.bool_),
            _of([one.error is not None for one in sells], np.bool_),
            _of([one.deletes for one in sells], np.bool_),
        )

    def lists_none(self) -> Bools:
        """By number of a part: it is no part number, but says that the maker has none."""
        return np.asarray(_of([number.lower() in UNSOLD for _, number in self.meanings.parts], np.bool_))


def write_shard(apps: ReadApps, folder: Path, parts: Mapping[str, int]) -> ApplicationShard:
    """Write the shard into `folder` (made here); `parts` maps part ids to ordinals."""
    folder.mkdir(parents=True)
    return _Writer(apps, folder, parts).write()


class _Writer:
    """Some rows at a time, so that only what is distinct is held in memory."""

    def __init__(self, apps: ReadApps, folder: Path, parts: Mapping[str, int]) -> None:
        self._apps = apps
        self._folder = folder
        self._meanings = meanings = apps.meanings
        self._all = apps.columns()
        self._part_ids = [f"{brand}:{number}" for brand, number in meanings.parts]
        self._ordinals = _of([parts.get(one, UNKNOWN_PART) for one in self._part_ids], np.int32)
        self._data, self._lengths = read_blob(apps.folder, "ids")
        self._asks = {name: _of([getattr(one, name) for one in meanings.asks], np.int32) for name in _OF_ASKS}
        self._sells = {name: _of([getattr(one, name) for one in meanings.sells], np.int32) for name in _OF_SELLS}
        self._conditions = _Pairs(len(meanings.where), self._condition)
        self._details = _Pairs(len(meanings.kept) + 1, self._detail)
        self._unknown = np.zeros(len(self._part_ids) + 1, np.int64)

    def write(self) -> ApplicationShard:
        count = len(self._lengths)
        shard = ApplicationShard(self._folder, self._apps.file, count, lines=count)
        columns = {name: Appender(self._folder / f"{name}.column", dtype) for name, dtype in COLUMNS.items()}
        text = 0
        for first in range(0, count, ROWS_AT_ONCE):
            some = slice(first, first + ROWS_AT_ONCE)
            lengths = self._lengths[some]
            end = text + int(lengths.sum())
            rows = self._rows(shard, first, {name: column[some] for name, column in self._all.items()})
            for name, values in {**rows, "id_hash": hash_column(self._data[text:end], lengths)}.items():
                columns[name].append(values)
            text = end
        for column in columns.values():
            column.close()
        for name in ("ids.blob", "ids.lengths"):
            os.link(self._apps.folder / name, self._folder / name)
        self._put_records()
        self._count_unknown(shard)
        return shard

    def _rows(self, shard: ApplicationShard, first: int, columns: Mapping[str, Int32s]) -> dict[str, Array]:
        """Columns of rows, the first of which is row `first` of all; numbers are 0 but for good rows."""
        count = len(columns["part"])
        deletes = self._apps.deletes(columns)
        bad = self._apps.bad(columns) & ~deletes
        part = self._ordinals[columns["part"]]
        unknown = (part == UNKNOWN_PART) & ~bad & ~deletes
        part = np.where(deletes, DELETED, np.where(bad | unknown, ENDED, part))
        good = np.flatnonzero(part >= 0)
        self._refuse(shard, first + np.flatnonzero(bad))
        self._skip(shard, first + np.flatnonzero(unknown))
        shard.accepted += len(good) + int(deletes.sum())
        asks, sells = columns["asks"][good], columns["sells"][good]
        numbers = {
            "selector": self._asks["selector"][asks],
            "notes": self._asks["notes"][asks],
            "position": self._sells["position"][sells],
            "condition": self._conditions.numbers(columns["base"][good], self._asks["where"][asks]),
            "detail": self._details.numbers(self._sells["detail"][sells], self._asks["kept"][asks]),
        }
        found = {"part": part, "row": np.arange(first + 1, first + count + 1)}
        for name, values in numbers.items():
            found[name] = np.zeros(count, np.int32)
            found[name][good] = values
        return found

    def _put_records(self) -> None:
        meanings = self._meanings
        records = {
            "selector": meanings.selectors, "notes": meanings.notes, "position": meanings.positions,
            "condition": self._conditions.records, "detail": self._details.records,
        }  # fmt: skip
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

    def _refuse(self, shard: ApplicationShard, rows: Int64s) -> None:
        for row in rows.tolist():
            sells = self._meanings.sells[self._all["sells"][row]]
            asks = self._meanings.asks[self._all["asks"][row]]
            error = BadRow(*(sells.error or asks.error or NO_VEHICLE))
            part = int(self._all["part"][row])
            subject = self._part_ids[part] if self._meanings.parts[part][1] else None
            shard.bad.append(quarantined(RowKind.APPLICATIONS, self._apps.file, row + 1, error, subject, self._id(row)))

    def _skip(self, shard: ApplicationShard, rows: Int64s) -> None:
        """Rows of parts that are not sold: counted, or facts where the maker says that it has none."""
        part = self._all["part"][rows]
        none = self._apps.lists_none()[part] if len(rows) else np.empty(0, np.bool_)
        shard.unlisted += [self._unlisted(row) for row in rows[none].tolist()]
        self._unknown += np.bincount(part[~none], minlength=len(self._unknown))

    def _count_unknown(self, shard: ApplicationShard) -> None:
        named = np.flatnonzero(self._unknown).tolist()
        shard.unknown_parts.update({self._part_ids[one]: int(self._unknown[one]) for one in named[:MOST_NAMES]})
        shard.unknown_parts_rest = int(self._unknown[named[MOST_NAMES:]].sum())

    def _unlisted(self, row: int) -> Unlisted:
        sells = self._meanings.sells[self._all["sells"][row]]
        asks = self._meanings.asks[self._all["asks"][row]]
        meanings = self._meanings
        condition = self._condition(int(self._all["base"][row]), asks.where)
        return Unlisted(
            self._id(row), sells.brand, self._apps.reference.part_type(sells.part_type),
            meanings.selectors[asks.selector].decode(), condition.decode(),
            part_number=meanings.parts[int(self._all["part"][row])][1],
            notes="[]" if asks.notes < 0 else meanings.notes[asks.notes].decode(),
            position="[]" if sells.position < 0 else meanings.positions[sells.position].decode(),
            detail=self._detail(sells.detail, asks.kept).decode(),
        )  # fmt: skip

    def _id(self, row: int) -> str:
        starts = self._starts
        return str(self._data[starts[row] : starts[row + 1]].tobytes(), "utf-8")

    @cached_property
    def _starts(self) -> Int64s:
        return starts_of(self._lengths)


class _Pairs(dict[int, int]):
    """Numbers of distinct pairs, and the record of each. Second halves are below `width`."""

    def __init__(self, width: int, record: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self.records: list[bytes] = []
        self._width = width
        self._record = record

    def __missing__(self, code: int) -> int:
        one, other = divmod(code, self._width + 1)
        self.records.append(self._record(one - 1, other - 1))
        found = self[code] = len(self.records) - 1
        return found

    def numbers(self, one: Int32s, other: Int32s) -> Int32s:
        """The number of each pair; halves are at least -1."""
        codes = (one.astype(np.int64) + 1) * (self._width + 1) + (other + 1)
        distinct, places = np.unique(codes, return_inverse=True)
        return np.array([self[code] for code in distinct.tolist()], np.int32)[places]


def _of(values: list[Any], dtype: Any) -> Array:
    """A column of what distinct things are; one entry even for none, so that it can be indexed."""
    return np.array(values or [0], dtype)


def _sorted_in(own: bytes, asked: bytes) -> bytes:
    """A JSON object with one more member `"BaseVehicle":…`, in the order in which records have them."""
    if asked == b"{}":
        return b"{%s}" % own
    if asked > b'{"BaseVehicle"':
        return b"{%s,%s" % (own, asked[1:])
    return _encode(_decode(asked) | _decode(b"{%s}" % own))
