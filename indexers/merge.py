"""Shards of applications → the rows of a generation, sorted by part, and its *rules*: the distinct contents of rows.

Everything runs on columns: 25 million rows are a few arrays of 100 MB at a time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np

from indexers.columns import Array, Bools, Int32s, Int64s, UInt8s, UInt64s, ragged, read_blob, read_column, starts_of
from indexers.read_applications import COLUMNS, DELETED, NONE, TABLES

RULE_COLUMNS = (*TABLES, "effective")
"""Of a rule: numbers of its records; `position` is its own (-1 none), `effective` its own or else its part's."""

IDS_AT_ONCE = 1 << 16


class Shard(Protocol):
    """A folder of application columns, in the order in which rows were read (later replaces earlier)."""

    @property
    def folder(self) -> Path:
        """Where the columns are."""
        ...


@dataclass(slots=True)
class Tables:
    """Distinct records by table, numbered from 0; a record's number is its index."""

    records: dict[str, list[bytes]]
    numbers: dict[str, dict[bytes, int]]

    @staticmethod
    def empty() -> Tables:
        """No records yet."""
        return Tables({name: [] for name in TABLES}, {name: {} for name in TABLES})

    def add(self, table: str, records: Iterable[bytes]) -> Int32s:
        """Numbers of records, new ones appended."""
        numbers, known = self.numbers[table], self.records[table]
        found = []
        for record in records:
            number = numbers.get(record)
            if number is None:
                number = numbers[record] = len(known)
                known.append(record)
            found.append(number)
        return np.array(found, np.int32)


@dataclass(slots=True)
class Rows:
    """Accepted rows in ascending (part, order read). `rule` indexes `rules`, which has the columns `RULE_COLUMNS`.

    `read` are the columns of rules that reading the notes may have changed, as the rows said them.
    """

    part: Int32s
    rule: Int32s
    row: Int32s
    order: Int64s
    rules: dict[str, Int32s]
    tables: Tables
    read: dict[str, Int32s] = field(default_factory=dict)


def merge(shards: Sequence[Shard], part_position: Int32s, tables: Tables, line_base: Sequence[int]) -> Rows:
    """One generation's rows. `part_position` is the number of each part's position record, or -1.

    `line_base[i]` is added to the lines of shard `i`. Rows of equal application id: the last counts; if it deletes,
    none does. `order` is a row's place in the shards' concatenated columns, which is where its id stands.
    """
    columns = {name: _joined(shards, name) for name in ("part", "id_hash")}
    keep = _last_of_each(shards, columns["id_hash"]) & (columns["part"] >= 0)
    order = _by_part(columns["part"], keep)
    part = columns.pop("part")[order]
    columns.clear()
    rules, rule = _rules(shards, tables, order, part, part_position)
    return Rows(part, rule, _source_rows(shards, line_base)[order], order, rules, tables)


def write_ids(shards: Sequence[Shard], rows: Rows, target: Path, part_count: int) -> tuple[Array, Int64s]:
    """Write application ids in row order to `target`; returns their lengths, and where each part's ids start."""
    blobs = [read_blob(shard.folder, "ids") for shard in shards]
    lengths = np.concatenate([lengths for _, lengths in blobs]) if blobs else np.empty(0, np.uint32)
    sizes = [len(data) for data, _ in blobs]
    bases = np.cumsum([0, *sizes])
    none = [np.empty(0, np.int64)]
    starts = np.concatenate([starts_of(own)[:-1] + base for (_, own), base in zip(blobs, bases, strict=False)] or none)
    with target.open("wb") as out:
        for first in range(0, len(rows.order), IDS_AT_ONCE):
            chosen = rows.order[first : first + IDS_AT_ONCE]
            _gather(blobs, bases, starts[chosen].astype(np.int64), lengths[chosen]).tofile(out)
    kept = lengths[rows.order]
    return kept, starts_of(kept)[np.searchsorted(rows.part, np.arange(part_count + 1))]


def _gather(blobs: Sequence[tuple[UInt8s, Array]], bases: Int64s, starts: Int64s, lengths: Array) -> UInt8s:
    places = ragged(starts, lengths)
    if len(blobs) == 1:
        return np.asarray(blobs[0][0][places])
    found = np.empty(len(places), np.uint8)
    for index, (data, _) in enumerate(blobs):
        here = (places >= bases[index]) & (places < bases[index + 1])
        found[here] = data[places[here] - bases[index]]
    return found


def _joined(shards: Sequence[Shard], name: str) -> Array:
    dtype = COLUMNS[name]
    columns = [read_column(shard.folder / f"{name}.column", dtype) for shard in shards]
    return np.concatenate(columns) if columns else np.empty(0, dtype)


def _last_of_each(shards: Sequence[Shard], hashes: UInt64s) -> Bools:
    """Which rows are the last of their application id."""
    keep = np.ones(len(hashes), np.bool_)
    ordered = np.sort(hashes)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return keep
    suspects = np.flatnonzero(np.isin(hashes, twice))
    last: dict[bytes, int] = {}
    for row, text in zip(suspects.tolist(), ids_at(shards, suspects), strict=True):
        before = last.get(text)
        if before is not None:
            keep[before] = False
        last[text] = row
    return keep


def ids_at(shards: Sequence[Shard], rows: Int64s) -> list[bytes]:
    """Application ids of rows (ascending places in the shards' concatenated columns)."""
    found: list[bytes] = []
    base = 0
    for shard in shards:
        data, lengths = read_blob(shard.folder, "ids")
        starts = starts_of(lengths)
        for row in rows[(rows >= base) & (rows < base + len(lengths))] - base:
            found.append(data[starts[row] : starts[row + 1]].tobytes())
        base += len(lengths)
    return found


def _by_part(part: Int32s, keep: Bools) -> Int64s:
    """Indices of the rows kept, by part, in the order read inside a part."""
    chosen = np.flatnonzero(keep)
    keys = (part[chosen].astype(np.int64) << 32) | chosen
    keys.sort()
    return keys & 0xFFFFFFFF


def _source_rows(shards: Sequence[Shard], line_base: Sequence[int]) -> Int32s:
    columns = []
    for shard, base in zip(shards, line_base, strict=True):
        column = np.array(read_column(shard.folder / "row.column", np.int32))
        own = column < NONE
        column[own] = -2 - column[own] + base
        columns.append(column)
    return np.concatenate(columns or [np.empty(0, np.int32)])


def _rules(
    shards: Sequence[Shard], tables: Tables, order: Int64s, part: Int32s, part_position: Int32s
) -> tuple[dict[str, Int32s], Int32s]:
    columns: dict[str, Int32s] = {}
    for name in TABLES:
        parts = [_numbered(shard, name, tables) for shard in shards]
        columns[name] = np.concatenate(parts or [np.empty(0, np.int32)])[order]
    own = columns["position"]
    nowhere = tables.numbers["position"].get(b"[]", DELETED)
    own[own == nowhere] = NONE
    columns["effective"] = np.where(own == NONE, part_position[part], own).astype(np.int32)
    numbers, firsts = number_tuples([columns[name] for name in RULE_COLUMNS])
    return {name: columns[name][firsts] for name in RULE_COLUMNS}, numbers


def _numbered(shard: Shard, table: str, tables: Tables) -> Int32s:
    """The shard's column with the numbers of the common table; -1 stays."""
    data, lengths = read_blob(shard.folder, table)
    starts = starts_of(lengths)
    raw = data.tobytes()
    numbers = tables.add(table, (raw[start:end] for start, end in itertools.pairwise(starts)))
    column = read_column(shard.folder / f"{table}.column", np.int32)
    if not len(numbers):
        return np.full(len(column), NONE, np.int32)
    found = numbers[np.maximum(column, 0)]
    found[column < 0] = NONE
    return found


def number_tuples(columns: Sequence[Int32s]) -> tuple[Int32s, Int64s]:
    """Dense numbers of the distinct tuples, ascending with the tuples, and a row at which each stands.

    Entries are at least -1.
    """
    key = columns[0].astype(np.int64) + 1
    size = int(key.max(initial=0)) + 1
    for column in columns[1:]:
        width = int(column.max(initial=-1)) + 2
        if size * width >= 1 << 62:
            found, key = np.unique(key, return_inverse=True)
            size = len(found)
        key = key * width + (column + 1)
        size *= width
    _, firsts, numbers = _unique(key)
    return numbers, firsts


def _unique(key: Int64s) -> tuple[Int64s, Int64s, Int32s]:
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    new = np.ones(len(key), np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    numbers = np.empty(len(key), np.int32)
    numbers[order] = np.cumsum(new, dtype=np.int32) - 1
    return ordered[new], order[new], numbers


def encode_places(places: Sequence[str]) -> bytes:
    """A position record."""
    return msgspec.json.encode(list(places))
