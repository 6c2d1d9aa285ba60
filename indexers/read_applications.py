"""Application rows → columns of numbers: one process reads one piece of the files and writes one *shard*.

A shard is a folder of columns, one entry an accepted row: part ordinal, numbers of selector, condition, notes,
position and detail (each number belongs to a table of records in the shard), source row (`-2 - line` where the row
names no source), hash and text of the application id. Nothing is kept per row in memory, so memory does not grow with
the file.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec
import numpy as np

from indexers.careful import read_row
from indexers.collector import uncollected
from indexers.columns import Appender, Blob, read_blob, starts_of
from indexers.errors import BadRow, UnreadableSource
from indexers.hashing import hash_strings
from indexers.memo import SEPARATOR, WRONG, Memo, read_condition, read_notes, read_places, read_selector
from indexers.progress import Tick
from indexers.quarantine import Quarantined, quarantined
from indexers.rows import ABSENT, Action, RawApplication, RowKind
from indexers.sources.blocks import Block, Piece
from indexers.unlisted import Unlisted, says_none

COLUMNS = {
    "part": np.int32, "selector": np.int32, "condition": np.int32, "notes": np.int32, "position": np.int32,
    "detail": np.int32, "row": np.int32, "id_hash": np.uint64,
}  # fmt: skip
TABLES = ("selector", "condition", "notes", "position", "detail")

NONE = -1
"""No position of its own, no source row, no such part."""
DELETED, ENDED = -2, -3
"""In column `part`: the row ends the application of its id, because it says so; or is bad, or names no part sold."""
UNKNOWN_PART = -1

MOST_BAD = 200_000
"""Bad rows, more than half of all, at which a piece is given up: it is no file of applications."""

MOST_NAMES = 10_000
"""Different unknown part ids and the like that a shard lists; more are only counted."""


@dataclass(slots=True)
class ApplicationShard:
    """What one process found. `unknown_parts` counts rows by part id, `rest` those beyond the names listed."""

    folder: Path
    file: Path
    read: int = 0
    accepted: int = 0
    bad: list[Quarantined] = field(default_factory=list)
    unknown_parts: Counter[str] = field(default_factory=Counter)
    unknown_parts_rest: int = 0
    extra_columns: Counter[str] = field(default_factory=Counter)
    unlisted: list[Unlisted] = field(default_factory=list)
    lines: int = 0
    renumbers: bool = False

    @property
    def mentioned_ids(self) -> Iterator[str]:
        """Application ids of all rows that had one; for small shards."""
        data, lengths = read_blob(self.folder, "ids")
        starts = starts_of(lengths).tolist()
        raw = data.tobytes()
        return (raw[start:end].decode() for start, end in itertools.pairwise(starts))


@runtime_checkable
class Columnar(Piece, Protocol):
    """A piece whose rows were read into columns before it was known which parts there are."""

    def shard(self, folder: Path, parts: Mapping[str, int]) -> ApplicationShard:
        """Its applications in `folder` (made here)."""
        ...


def read_applications(
    piece: Piece, folder: Path, parts: Mapping[str, int], vehicles: Container[str], tick: Tick
) -> ApplicationShard:
    """Read one piece into `folder` (made here). `parts` and `vehicles` map ids to ordinals.

    Lines in the shard start at 1; the caller raises them where the piece continues another (`Piece.renumbers`).
    """
    if isinstance(piece, Columnar):
        shard = piece.shard(folder, parts)
        tick(piece.size)
        return shard
    folder.mkdir(parents=True)
    with uncollected():
        reader = _Reader(piece, folder, parts, vehicles)
        for block in piece.blocks():
            reader.take(block)
            tick(len(block.data))
        return reader.finish()


class _Reader:
    def __init__(self, piece: Piece, folder: Path, parts: Mapping[str, int], vehicles: Container[str]) -> None:
        self._parts = parts
        self._file = piece.file
        self._decode = msgspec.json.Decoder(RawApplication)
        self._memos = {
            "selector": Memo(partial(read_selector, vehicle_ids=vehicles)),
            "condition": Memo(read_condition),
            "notes": Memo(read_notes),
            "position": Memo(read_places),
        }
        self._details: dict[tuple[Any, ...], int] = {}
        self._detail_records: list[bytes] = []
        self._columns = {name: Appender(folder / f"{name}.column", dtype) for name, dtype in COLUMNS.items()}
        self._ids = Blob(folder, "ids")
        self._ended: list[tuple[int, str]] = []
        self.shard = ApplicationShard(folder, piece.file, renumbers=piece.renumbers)

    def take(self, block: Block) -> None:
        """Decode a block at once; if some row of it cannot be, row by row."""
        try:
            rows = self._decode.decode_lines(block.data)
            lines = range(block.first_line, block.first_line + len(rows)) if block.lines is None else block.lines
            if len(rows) != block.data.count(b"\n") + (not block.data.endswith(b"\n")):
                rows, lines = self._one_by_one(block)
        except ValueError:
            rows, lines = self._one_by_one(block)
        self._append(rows, lines)
        self.shard.lines += block.data.count(b"\n")

    def finish(self) -> ApplicationShard:
        """Close the columns and write the tables of records."""
        for column in self._columns.values():
            column.close()
        self._ids.close()
        for name in TABLES:
            blob = Blob(self.shard.folder, name)
            blob.append(self._detail_records if name == "detail" else self._memos[name].records)
            blob.close()
        return self.shard

    def _one_by_one(self, block: Block) -> tuple[list[RawApplication], Sequence[int]]:
        rows, lines = [], []
        for index, line in enumerate(block.data.split(b"\n")):
            if not line.strip():
                continue
            number = block.line_of(index)
            try:
                rows.append(self._decode.decode(line))
                lines.append(number)
            except ValueError:
                raw = self._careful(line, number)
                if raw is not None:
                    rows.append(raw)
                    lines.append(number)
        return rows, lines

    def _careful(self, line: bytes, number: int) -> RawApplication | None:
        try:
            row = read_row(RowKind.APPLICATIONS, line)
        except BadRow as error:
            self.shard.read += 1
            self._refuse(number, error, *_ids_of(line))
            return None
        for name in getattr(row, "attributes", None) or ():
            self.shard.extra_columns[name] += 1
        return self._decode.decode(msgspec.json.encode(row))

    def _refuse(self, line: int, error: BadRow, part_id: str | None, row_id: str | None) -> None:
        self.shard.bad.append(quarantined(RowKind.APPLICATIONS, self._file, line, error, part_id, row_id))
        if row_id is not None:
            self._ended.append((line, row_id))
        bad, read = len(self.shard.bad), self.shard.read
        if bad >= MOST_BAD and bad > read // 2:
            raise UnreadableSource(str(self._file), f"{bad} of the first {read} rows are bad; the last: {error}")

    def _append(self, rows: Sequence[RawApplication], lines: Sequence[int]) -> None:
        self.shard.read += len(rows)
        columns = self._numbers(rows, lines)
        keep = self._accepted(rows, lines, columns)
        ids = [row.application_id or _own_id(row) for row in rows]
        if not keep.all():
            ids = [ids[index] for index in np.flatnonzero(keep).tolist()]
        for name, values in columns.items():
            self._columns[name].append(values[keep])
        self._columns["id_hash"].append(hash_strings(ids))
        self._ids.append_text(ids)
        if self._ended:
            self._end(dict(zip(ids, (lines[index] for index in np.flatnonzero(keep).tolist()), strict=True)))

    def _end(self, kept: Mapping[str, int]) -> None:
        """End applications of which the later word is bad, or about a part not sold; `kept` are lines by id."""
        ids = [row_id for line, row_id in self._ended if kept.get(row_id, -1) < line]
        self._ended = []
        for name, column in self._columns.items():
            if name != "id_hash":
                column.append([ENDED if name == "part" else 0] * len(ids))
        self._columns["id_hash"].append(hash_strings(ids))
        self._ids.append_text(ids)

    def _numbers(self, rows: Sequence[RawApplication], lines: Sequence[int]) -> dict[str, Any]:
        part_of, position = self._parts.get, self._memos["position"]
        selector, notes = self._memos["selector"], self._memos["notes"]
        found = {
            "part": [part_of(row.part_id, UNKNOWN_PART) for row in rows],
            "selector": [selector[bytes(row.vehicle) if row.vehicle_ids is ABSENT else _named(row)] for row in rows],
            "condition": self._conditions(rows),
            "notes": [NONE if row.notes is ABSENT else notes[bytes(row.notes)] for row in rows],
            "position": [NONE if row.position is ABSENT else position[bytes(row.position)] for row in rows],
            "detail": self._detail_numbers(rows),
            "row": [
                -2 - line if (source := row.source) is None else NONE if source.row is None else source.row
                for row, line in zip(rows, lines, strict=True)
            ],
        }
        return {name: np.array(values, np.int32) for name, values in found.items()}

    def _conditions(self, rows: Sequence[RawApplication]) -> list[int]:
        memo = self._memos["condition"]
        return [
            memo[bytes(row.where)]
            if row.except_ is ABSENT
            and row.built_from is None
            and row.built_to is None
            and row.vin_serial_from is None
            and row.vin_serial_to is None
            else memo[_limits(row)]
            for row in rows
        ]

    def _detail_numbers(self, rows: Sequence[RawApplication]) -> list[int]:
        known = self._details
        numbers = []
        for row in rows:
            source = row.source
            key: tuple[Any, ...] = (row.quantity,) if source is None else (row.quantity, source.file, source.date)
            if row.attributes is not ABSENT:
                key = (*key, bytes(row.attributes))
            number = known.get(key)
            numbers.append(self._new_detail(key, row) if number is None else number)
        return numbers

    def _new_detail(self, key: tuple[Any, ...], row: RawApplication) -> int:
        source = row.source
        file, date = (self._file.name, None) if source is None else (source.file or "", source.date)
        record: dict[str, Any] = {"quantity": row.quantity, "file": file, "date": date}
        if row.attributes is not ABSENT:
            record["attributes"] = row.attributes
        self._detail_records.append(msgspec.json.encode(record))
        self._details[key] = len(self._detail_records) - 1
        return self._details[key]

    def _accepted(self, rows: Sequence[RawApplication], lines: Sequence[int], columns: dict[str, Any]) -> Any:
        wrong = {name: columns[name] < WRONG for name in self._memos}
        keep = ~np.logical_or.reduce(list(wrong.values()))
        if any(row.action is Action.DELETE for row in rows):
            self._mark_deleted(rows, columns["part"], keep)
        for index in np.flatnonzero(~keep).tolist():
            name = next(name for name in wrong if wrong[name][index])
            row, error = rows[index], self._memos[name].error(int(columns[name][index]))
            self._refuse(lines[index], error, row.part_id, row.application_id)
        for index in np.flatnonzero(columns["part"] == UNKNOWN_PART).tolist():
            if keep[index]:
                keep[index] = False
                self._unknown(rows[index], lines[index])
        self.shard.accepted += int(keep.sum())
        return keep

    def _mark_deleted(self, rows: Sequence[RawApplication], part: Any, keep: Any) -> None:
        for index, row in enumerate(rows):
            if row.action is Action.DELETE:
                part[index], keep[index] = DELETED, True

    def _unknown(self, row: RawApplication, line: int) -> None:
        known, part_id = self.shard.unknown_parts, row.part_id
        if row.application_id is not None:
            self._ended.append((line, row.application_id))
        if says_none(part_id):
            self._unlisted(row)
            return
        if part_id in known or len(known) < MOST_NAMES:
            known[part_id] += 1
        else:
            self.shard.unknown_parts_rest += 1

    def _unlisted(self, row: RawApplication) -> None:
        """The row says that its maker has no such part; it is a fact, and no application."""
        spelled = bytes(row.vehicle) if row.vehicle_ids is ABSENT else _named(row)
        selector, condition = self._memos["selector"], self._memos["condition"]
        notes, position = self._memos["notes"], self._memos["position"]
        self.shard.unlisted.append(
            Unlisted(
                row.application_id or _own_id(row),
                row.part_id.rpartition(":")[0],
                _part_type(row),
                selector.records[selector[spelled]].decode(),
                condition.records[self._conditions([row])[0]].decode(),
                row.part_id.rpartition(":")[2],
                "[]" if row.notes is ABSENT else notes.records[notes[bytes(row.notes)]].decode(),
                "[]" if row.position is ABSENT else position.records[position[bytes(row.position)]].decode(),
                self._detail_records[self._detail_numbers([row])[0]].decode(),
            )
        )


def _part_type(row: RawApplication) -> str:
    told = {} if row.attributes is ABSENT else msgspec.json.decode(row.attributes)
    return str(told.get("part_type", "")) if isinstance(told, dict) else ""


def _named(row: RawApplication) -> bytes:
    return bytes(row.vehicle) + SEPARATOR + bytes(row.vehicle_ids)


def _limits(row: RawApplication) -> bytes:
    texts = (row.built_from, row.built_to, row.vin_serial_from, row.vin_serial_to)
    return SEPARATOR.join((bytes(row.where), bytes(row.except_), *((text or "").encode() for text in texts)))


def _own_id(row: RawApplication) -> str:
    """An id for a row without one: the same content has the same id, so that loading it again replaces it."""
    return "~" + hashlib.blake2b(msgspec.json.encode(row), digest_size=9).hexdigest()


def _ids_of(line: bytes) -> tuple[str | None, str | None]:
    """Part and application id of a bad row, as far as they can be read."""
    try:
        data = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None, None
    found = [data.get(name) if isinstance(data, dict) else None for name in ("part_id", "application_id")]
    part_id, row_id = (str(one) if isinstance(one, (str, int)) else None for one in found)
    return part_id, row_id
