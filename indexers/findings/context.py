"""What the checks of a data report look at, and how they say where something stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from indexers.columns import Array, Bools, Int64s
from indexers.generation import Generation
from indexers.generation_files import DEAD, UNIVERSAL, WORK
from indexers.merge import RULE_COLUMNS
from indexers.quarantine import Quarantined
from indexers.report import Finding, Severity
from indexers.rows import Scalar
from indexers.store import Records, Store

MOST_ROWS = 5_000
"""Rows of one kind of finding that are listed one by one; all are counted."""

ROWS_AT_ONCE = 1 << 22
"""Rows looked at together, at most some 200 MB."""


@dataclass(frozen=True, slots=True)
class ReadShard:
    """Columns of applications of one piece of the files."""

    folder: Path
    file: str


@dataclass(frozen=True, slots=True)
class Told:
    """What reading the files told and the columns of the generation do not hold.

    `bad` are the first of `bad_rows` rows in quarantine; `lost` counts by part ordinal the applications of whose listed
    vehicles none is left.
    """

    shards: Sequence[ReadShard]
    bad: Sequence[Quarantined] = ()
    bad_rows: int = 0
    unknown_parts: Counter[str] = field(default_factory=Counter)
    unknown_parts_rest: int = 0
    unknown_types: Counter[str] = field(default_factory=Counter)
    extra_columns: Counter[str] = field(default_factory=Counter)
    lost: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Subject:
    """A build to look at, for any process: its folder, that of the generation published before, what reading told.

    `year` is the present one; the other two say whether the operator's own folders name positions and part types.
    """

    folder: Path
    before: Path | None
    told: Told
    year: int
    names_positions: bool = False
    names_part_types: bool = False


class Context:
    """A build whose rows and slots are written, read from its files: nothing is kept that grows with the rows."""

    def __init__(self, subject: Subject) -> None:
        self.told = subject.told
        self.subject = subject
        self.store = Store(subject.folder)
        self.work = subject.folder / WORK
        self.generation = Generation(subject.folder)
        self.rule_of: Array = self.store.get("rows.rule")
        self.starts: Array = self.store.get("rows.starts")
        self._records: dict[str, Records] = {}
        self.rules: dict[str, Array] = {name: self.store.get(f"rules.{name}") for name in RULE_COLUMNS}

    @cached_property
    def before(self) -> Generation | None:
        """The generation published before."""
        return None if self.subject.before is None else Generation(self.subject.before)

    def records(self, table: str) -> Records:
        """The distinct records of a table of `indexers.read_applications.TABLES`."""
        found = self._records.get(table)
        if found is None:
            found = self._records[table] = self.store.records(f"records.{table}")
        return found

    @cached_property
    def counts(self) -> Int64s:
        """Applications by part ordinal."""
        return np.diff(self.starts)

    @cached_property
    def alive(self) -> Bools:
        """By ordinal: the part is not deleted."""
        return np.asarray((self.store.get("part.flags") & DEAD) == 0)

    @cached_property
    def universal(self) -> Bools:
        """By ordinal: the part is declared to fit everything."""
        return np.asarray((self.store.get("part.flags") & UNIVERSAL) != 0)

    @cached_property
    def placed(self) -> Bools:
        """By rule: it names at least one node of the vehicle table."""
        return np.asarray(np.diff(self.store.get("rule_slots.starts")) > 0)

    @cached_property
    def rows_of_rule(self) -> Int64s:
        """By rule, how many rows say it."""
        found = np.zeros(len(self.rules["selector"]), np.int64)
        for _, rule in self.chunks():
            found += np.bincount(rule, minlength=len(found))
        return found

    def rows_of_records(self, table: str) -> Int64s:
        """By record of a table, how many rows have it; `effective` counts position records."""
        column = self.rules[table]
        used = column >= 0
        records = self.records("position" if table == "effective" else table)
        counted: Int64s = np.bincount(column[used], self.rows_of_rule[used], len(records)).astype(np.int64)
        return counted

    def chunks(self) -> Iterator[tuple[int, Array]]:
        """The rules of all rows, some rows at a time, with the first of these rows."""
        for first in range(0, len(self.rule_of), ROWS_AT_ONCE):
            yield first, self.rule_of[first : first + ROWS_AT_ONCE]

    def parts_between(self, first: int, last: int) -> Int64s:
        """The part of each row from `first` until before `last`."""
        low = int(np.searchsorted(self.starts, first, "right")) - 1
        high = int(np.searchsorted(self.starts, last, "left"))
        edges = np.clip(self.starts[low : high + 1], first, last)
        return np.repeat(np.arange(low, high), np.diff(edges))

    def parts_of(self, rows: Int64s) -> Int64s:
        """The part of each row."""
        return np.searchsorted(self.starts, rows, "right") - 1

    def rows_with(self, rules: Bools) -> tuple[Int64s, int]:
        """The first `MOST_ROWS` rows of some rules, and how many there are."""
        total = int(self.rows_of_rule[rules].sum())
        found, left = [np.empty(0, np.int64)], min(total, MOST_ROWS)
        for first, rule in self.chunks() if left else ():
            at = np.flatnonzero(rules[rule])[:left]
            found.append(at + first)
            left -= len(at)
            if not left:
                break
        return np.concatenate(found), total

    @cached_property
    def files(self) -> list[str]:
        """File by detail record."""
        return [msgspec.json.decode(one)["file"] for one in self.records("detail")]

    @cached_property
    def quantities(self) -> Int64s:
        """Quantity by detail record, -1 where none is given."""
        told = (msgspec.json.decode(one)["quantity"] for one in self.records("detail"))
        return np.array([-1 if one is None else one for one in told], np.int64)

    def application_ids(self, rows: Int64s) -> list[str]:
        """The ids of the applications in these rows."""
        return [one.application_id for one in self.generation.rows_at(self.parts_of(rows), rows)]

    def part_ids(self, rows: Int64s) -> list[str]:
        """The part of each of these rows."""
        return self.generation.part_ids(self.parts_of(rows).tolist())

    def about(
        self, kind: str, severity: Severity, rows: Int64s, said: Callable[[int], str], remedy: str
    ) -> list[Finding]:
        """A finding about the application in each of these rows; `said(index)` is its message."""
        found = self.generation.rows_at(self.parts_of(rows), rows)
        files = self.rules["detail"][self.rule_of[rows]].tolist()
        return [
            Finding(kind, severity, said(index), remedy, one.application_id, self.files[file], one.source_row)
            for index, (one, file) in enumerate(zip(found, files, strict=True))
        ]


def where_of(record: bytes) -> dict[str, list[Scalar]]:
    """What a condition record asks of single attributes; a fraction of the time that all of it takes."""
    return _WHERE.decode(record).where


class _Asked(msgspec.Struct, gc=False):
    where: dict[str, list[Scalar]] = {}


_WHERE = msgspec.json.Decoder(_Asked)


def more(kind: str, severity: Severity, count: int, remedy: str) -> list[Finding]:
    """The finding that stands for those not listed."""
    return [Finding(kind, severity, f"and {count:,} more applications", remedy)] if count > 0 else []


def mixed(columns: Sequence[Array | int]) -> Any:
    """One 64-bit hash of several columns of numbers, row by row; equal rows have equal hashes."""
    with np.errstate(over="ignore"):
        found: Any = np.uint64(0x2545F4914F6CDD1D)
        for column in columns:
            found = (found ^ np.asarray(column).astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            found = found ^ (found >> np.uint64(29))
        return found
