"""The columns of a delivery → a shard of applications, once it is known which parts there are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
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
from indexers.sources.aces_columns import Meanings, columns_in, meanings_in
from indexers.sources.reference import Reference
from indexers.unlisted import UNSOLD, Unlisted

NO_VEHICLE = Fault("", None, "the App names no vehicle")

ROWS_AT_ONCE = 1 << 16
_RECORDS = {"selector": "selectors", "notes": "notes", "position": "positions"}
_OF_ASKS, _OF_SELLS = ("selector", "where", "notes", "kept"), ("position", "detail")

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.decode


@dataclass(frozen=True)
class ReadApps:
    """The Apps of a file as `AppColumns` left them. Entries of the columns are the Apps, in the file's order.

    What the numbers mean is read from `folder` whenever it is asked for; nobody needs all of it for long.
    """

    file: Path
    folder: Path
    reference: Reference

    def told(self, name: str) -> list[Any]:
        """One list of the meanings."""
        return list(self.each(name))

    def each(self, name: str) -> Iterator[Any]:
        """The same, entry by entry."""
        return meanings_in(self.folder, name)

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
        asks = [(not one.names_vehicle, one.error is not None) for one in self.each("asks")]
        sells = [(one.error is not None, one.deletes) for one in self.each("sells")]
        (lost, wrong), (unsold, deletes) = _columns(asks, 2, np.bool_), _columns(sells, 2, np.bool_)
        return lost, wrong, unsold, deletes

    def lists_none(self) -> Bools:
        """By number of a part: it is no part number, but says that the maker has none."""
        return np.asarray(_of([number.lower() in UNSOLD for _, number in self.each("parts")], np.bool_))


def write_shard(apps: ReadApps, folder: Path, parts: Mapping[str, int]) -> ApplicationShard:
    """Write the shard into `folder` (made here); `parts` maps part ids to ordinals."""
    folder.mkdir(parents=True)
    return _Writer(apps, folder, parts).write()


class _Writer:
    """Some rows at a time, so that only what is distinct is held in memory."""

    def __init__(self, apps: ReadApps, folder: Path, parts: Mapping[str, int]) -> None:
        self._apps = apps
        self._folder = folder
        self._all = apps.columns()
        self._ordinals = _of([parts.get(_part_id(one), UNKNOWN_PART) for one in apps.each("parts")], np.int32)
        self._data, self._lengths = read_blob(apps.folder, "ids")
        self._asks = _numbers(apps.each("asks"), _OF_ASKS)
        self._sells = _numbers(apps.each("sells"), _OF_SELLS)
        self._bases, self._where = apps.told("bases"), apps.told("where")
        self._kept, self._told = apps.told("kept"), apps.told("details")
        self._conditions, self._details = _Pairs(len(self._where)), _Pairs(len(self._kept) + 1)
        self._unknown = np.zeros(len(self._ordinals) + 1, np.int64)

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
            "condition": self._conditions.numbers(columns["base"][good], self._asks["where"][asks], self._condition),
            "detail": self._details.numbers(self._sells["detail"][sells], self._asks["kept"][asks], self._detail),
        }
        found = {"part": part, "row": np.arange(first + 1, first + count + 1)}
        for name, values in numbers.items():
            found[name] = np.zeros(count, np.int32)
            found[name][good] = values
        return found

    def _put_records(self) -> None:
        made = {"condition": self._conditions, "detail": self._details}
        for name in TABLES:
            blob = Blob(self._folder, name)
            blob.append(made[name].records if name in made else self._apps.told(_RECORDS[name]))
            blob.close()

    def _condition(self, base: int, where: int) -> bytes:
        asked = self._where[where]
        if base != NONE:
            own = b'"BaseVehicle":["%s"]' % _encode(self._bases[base])[1:-1]
            asked = _sorted_in(own, asked)
        return b"{}" if asked == b"{}" else b'{"where":%s}' % asked

    def _detail(self, detail: int, kept: int) -> bytes:
        told, own = _decode(self._told[detail])
        attributes = (_decode(self._kept[kept]) if kept != NONE else {}) | own
        return _encode({**told, "attributes": attributes} if attributes else told)

    def _refuse(self, shard: ApplicationShard, rows: Int64s) -> None:
        for row in rows.tolist():
            sells = self._rare.sells[self._all["sells"][row]]
            asks = self._rare.asks[self._all["asks"][row]]
            error = BadRow(*(sells.error or asks.error or NO_VEHICLE))
            part = int(self._all["part"][row])
            subject = _part_id(self._rare.parts[part]) if self._rare.parts[part][1] else None
            shard.bad.append(quarantined(RowKind.APPLICATIONS, self._apps.file, row + 1, error, subject, self._id(row)))

    def _skip(self, shard: ApplicationShard, rows: Int64s) -> None:
        """Rows of parts that are not sold: counted, or facts where the maker says that it has none."""
        part = self._all["part"][rows]
        none = self._apps.lists_none()[part] if len(rows) else np.empty(0, np.bool_)
        shard.unlisted += [self._unlisted(row) for row in rows[none].tolist()]
        self._unknown += np.bincount(part[~none], minlength=len(self._unknown))

    def _count_unknown(self, shard: ApplicationShard) -> None:
        named = np.flatnonzero(self._unknown).tolist()
        if named:
            names = self._rare.parts
            shard.unknown_parts.update({_part_id(names[one]): int(self._unknown[one]) for one in named[:MOST_NAMES]})
        shard.unknown_parts_rest = int(self._unknown[named[MOST_NAMES:]].sum())

    def _unlisted(self, row: int) -> Unlisted:
        meanings = self._rare
        sells, asks = meanings.sells[self._all["sells"][row]], meanings.asks[self._all["asks"][row]]
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
    def _rare(self) -> Meanings:
        """All that the Apps say, for those that are told one by one."""
        return Meanings.load(self._apps.folder)

    @cached_property
    def _starts(self) -> Int64s:
        return starts_of(self._lengths)


class _Pairs:
    """Numbers of distinct pairs, and the record of each. Second halves are below `width`."""

    def __init__(self, width: int) -> None:
        self.records: list[bytes] = []
        self._known: dict[int, int] = {}
        self._width = width + 1

    def numbers(self, one: Int32s, other: Int32s, record: Callable[[int, int], bytes]) -> Int32s:
        """The number of each pair; halves are at least -1. `record` makes that of a new one."""
        codes = (one.astype(np.int64) + 1) * self._width + (other + 1)
        distinct, places = np.unique(codes, return_inverse=True)
        numbers = np.empty(len(distinct), np.int32)
        for at, code in enumerate(distinct.tolist()):
            number = self._known.get(code)
            if number is None:
                number = self._known[code] = len(self.records)
                high, low = divmod(code, self._width)
                self.records.append(record(high - 1, low - 1))
            numbers[at] = number
        return np.asarray(numbers[places])


def _part_id(part: tuple[str, str]) -> str:
    brand, number = part
    return f"{brand}:{number}"


def _numbers(rows: Iterable[Any], names: tuple[str, ...]) -> dict[str, Array]:
    """Attributes of what is distinct, as columns."""
    values = list(map(attrgetter(*names), rows))
    return dict(zip(names, _columns(values, len(names), np.int32), strict=True))


def _columns(values: list[Any], count: int, dtype: Any) -> tuple[Array, ...]:
    """Tuples as columns, as `_of` makes them."""
    return tuple(_of(values or [(0,) * count], dtype).T)


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
