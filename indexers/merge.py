"""Shards of applications → the rows of a generation, sorted by part, and its *rules*: the distinct contents of rows.

Everything runs on columns, sorted and numbered some rows at a time: 25 million rows are a few arrays of 100 MB.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np

from indexers.columns import (
    ROWS_AT_ONCE,
    Array,
    Bools,
    Int32s,
    Int64s,
    UInt8s,
    UInt64s,
    blocks,
    distinct,
    ragged,
    read_blob,
    read_column,
    starts_of,
)
from indexers.numbering import Made, number_tuples
from indexers.read_applications import COLUMNS, DELETED, NONE, TABLES
from indexers.scratch import MEMORY, Scratch
from indexers.store import Store

RULE_COLUMNS = (*TABLES, "effective")
"""Of a rule: numbers of its records; `position` is its own (-1 none), `effective` its own or else its part's."""

IDS_AT_ONCE = 1 << 13
MOST_BITS = 4
"""Those that occur twice are looked for in at most 2 to this power shares of the hashes."""


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

    `order` is a row's place in the shards' concatenated columns. `read` are the columns of rules that reading the notes
    may have changed, as the rows said them.
    """

    part: Int32s
    rule: Int32s
    order: Int64s
    rules: dict[str, Int32s]
    tables: Tables
    read: dict[str, Int32s] = field(default_factory=dict)

    def keep(self, kept: Bools) -> None:
        """Drop the other rows."""
        self.part, self.rule, self.order = self.part[kept], self.rule[kept], self.order[kept]


def merge(shards: Sequence[Shard], part_position: Int32s, tables: Tables, scratch: Scratch = MEMORY) -> Rows:
    """One generation's rows. `part_position` is the number of each part's position record, or -1.

    Rows of equal application id: the last counts; if it deletes, none does.
    """
    part, order = _by_part(_columns(shards, "part"), _last_of_each(shards), scratch)
    rules, rule = _rules(shards, tables, order, part, part_position, scratch)
    return Rows(part, rule, order, rules, tables)


def source_rows(
    shards: Sequence[Shard], line_base: Sequence[int], order: Int64s, scratch: Scratch = MEMORY
) -> Iterator[Int32s]:
    """Source rows in row order, some at a time; `line_base[i]` is added to the lines of shard `i`."""
    columns = _columns(shards, "row")
    raised = (
        np.where(block < NONE, -2 - block + base, block)
        for column, base in zip(columns, line_base, strict=True)
        for _, block in blocks([column])
    )
    every = scratch.joined(sum(map(len, columns)), np.int32, raised)
    return (every[some] for _, some in blocks([order]))


def write_ids(shards: Sequence[Shard], rows: Rows, store: Store, part_count: int, scratch: Scratch = MEMORY) -> None:
    """Write application ids in row order, their lengths, and where each part's ids start."""
    blobs = [read_blob(shard.folder, "ids") for shard in shards]
    bases = np.cumsum([0, *(len(data) for data, _ in blobs)])
    lengths = scratch.joined(sum(len(one) for _, one in blobs), np.uint32, (one for _, one in blobs))
    starts = scratch.empty(len(lengths), np.uint32 if bases[-1] < 1 << 32 else np.int64)
    np.cumsum(lengths[:-1], out=starts[1:], dtype=starts.dtype)
    starts[:1] = 0
    sizes = np.zeros(part_count, np.int64)

    def pieces() -> Iterator[Array]:
        with (store.folder / "rows.ids.blob").open("wb") as out:
            for first in range(0, len(rows.order), IDS_AT_ONCE):
                chosen = rows.order[first : first + IDS_AT_ONCE]
                _gather(blobs, bases, starts[chosen].astype(np.int64), lengths[chosen]).tofile(out)
                np.add.at(sizes, rows.part[first : first + IDS_AT_ONCE], lengths[chosen])
                yield lengths[chosen]

    store.put_pieces("rows.id_length", np.uint32, len(rows.order), pieces())
    store.put("rows.id_start", starts_of(sizes))


def _gather(blobs: Sequence[tuple[UInt8s, Array]], bases: Int64s, starts: Int64s, lengths: Array) -> UInt8s:
    places = ragged(starts, lengths)
    if len(blobs) == 1:
        return np.asarray(blobs[0][0][places])
    found = np.empty(len(places), np.uint8)
    for index, (data, _) in enumerate(blobs):
        here = (places >= bases[index]) & (places < bases[index + 1])
        found[here] = data[places[here] - bases[index]]
    return found


def _columns(shards: Sequence[Shard], name: str) -> list[Array]:
    return [read_column(shard.folder / f"{name}.column", COLUMNS[name]) for shard in shards]


def _last_of_each(shards: Sequence[Shard]) -> Bools:
    """Which rows are the last of their application id."""
    hashes = _columns(shards, "id_hash")
    keep = np.ones(sum(map(len, hashes)), np.bool_)
    twice = _twice(hashes)
    if not len(twice):
        return keep
    found = [
        np.flatnonzero(twice[np.minimum(np.searchsorted(twice, block), len(twice) - 1)] == block) + base
        for base, block in blocks(hashes)
    ]
    suspects = np.concatenate(found)
    last: dict[bytes, int] = {}
    for row, text in zip(suspects.tolist(), ids_at(shards, suspects), strict=True):
        before = last.get(text)
        if before is not None:
            keep[before] = False
        last[text] = row
    return keep


def _twice(hashes: Sequence[UInt64s]) -> UInt64s:
    """Hashes that occur more than once, ascending; a share of all hashes is sorted at a time."""
    bits = min(MOST_BITS, (sum(map(len, hashes)) // ROWS_AT_ONCE).bit_length())
    found = [np.empty(0, np.uint64)]
    for share in range(1 << bits):
        some = [block[block >> np.uint64(64 - bits) == share] if bits else block for _, block in blocks(hashes)]
        ordered = np.sort(np.concatenate([np.empty(0, np.uint64), *some]))
        found.append(distinct(ordered[1:][ordered[1:] == ordered[:-1]]))
    return np.concatenate(found)


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


def _by_part(columns: Sequence[Int32s], keep: Bools, scratch: Scratch) -> tuple[Int32s, Int64s]:
    """Parts and places of the rows kept that have one, by part, in the order read inside a part."""
    count = 0
    for base, block in blocks(columns):
        keep[base : base + len(block)] &= block >= 0
        count += int(keep[base : base + len(block)].sum())
    keys, filled = scratch.empty(count, np.int64), 0
    for base, block in blocks(columns):
        chosen = np.flatnonzero(keep[base : base + len(block)])
        keys[filled : filled + len(chosen)] = (block[chosen].astype(np.int64) << 32) | (chosen + base)
        filled += len(chosen)
    keys.sort()
    part = scratch.empty(count, np.int32)
    np.right_shift(keys, 32, out=part, casting="unsafe")
    keys &= 0xFFFFFFFF
    return part, keys


def _rules(
    shards: Sequence[Shard], tables: Tables, order: Int64s, part: Int32s, part_position: Int32s, scratch: Scratch
) -> tuple[dict[str, Int32s], Int32s]:
    """The distinct contents of rows, and the number of each row's."""
    joined = {name: _joined(shards, name, tables, scratch) for name in TABLES}
    nowhere = tables.numbers["position"].get(b"[]", DELETED)

    def column(name: str, rows: Array | slice) -> Int32s:
        found = joined["position" if name == "effective" else name][order[rows]]
        if name in ("position", "effective"):
            found[found == nowhere] = NONE
        return np.where(found == NONE, part_position[part[rows]], found) if name == "effective" else found

    def made(name: str) -> Made:
        top = len(tables.records["position" if name == "effective" else name]) - 1
        return Made(len(order), top, partial(column, name))

    rule, firsts = number_tuples(map(made, RULE_COLUMNS), scratch)
    rules = {
        name: scratch.joined(len(firsts), np.int32, (column(name, some) for _, some in blocks([firsts])))
        for name in RULE_COLUMNS
    }
    return rules, rule


def _numbers(shard: Shard, table: str, tables: Tables) -> Int32s:
    """The numbers that a shard's records have in the common table, and -1 at the end."""
    data, lengths = read_blob(shard.folder, table)
    raw = data.tobytes()
    numbers = tables.add(table, (raw[start:end] for start, end in itertools.pairwise(starts_of(lengths).tolist())))
    return np.append(numbers, np.int32(NONE))


def _joined(shards: Sequence[Shard], table: str, tables: Tables, scratch: Scratch) -> Int32s:
    """The shards' column with the numbers of the common table; -1 stays."""
    columns = _columns(shards, table)
    numbered = (
        numbers[np.maximum(block, NONE)]
        for shard, column in zip(shards, columns, strict=True)
        for numbers in (_numbers(shard, table, tables),)
        for _, block in blocks([column])
    )
    return scratch.joined(sum(map(len, columns)), np.int32, numbered)


def encode_places(places: Sequence[str]) -> bytes:
    """A position record."""
    return msgspec.json.encode(list(places))
