"""What the checks of a data report look at, and how they say where something stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from indexers.assemble_applications import Applications
from indexers.assemble_parts import Parts
from indexers.assemble_vehicles import Vehicles
from indexers.columns import Array, Int64s
from indexers.generation import Generation
from indexers.quarantine import Quarantined
from indexers.read_applications import ApplicationShard
from indexers.read_parts import PartShard
from indexers.report import Finding, Severity
from indexers.rows import Scalar
from indexers.sources.reference import Reference
from indexers.store import Store

MOST_ROWS = 5_000
"""Rows of one kind of finding that are listed one by one; all are counted."""


@dataclass(frozen=True)
class Context:
    """A build whose rows and slots are written, its shards, and the generation published before (`None`: none)."""

    store: Store
    vehicles: Vehicles
    parts: Parts
    applications: Applications
    part_shards: Sequence[PartShard]
    shards: Sequence[ApplicationShard]
    bad: Sequence[Quarantined]
    reference: Reference
    before: Generation | None

    @cached_property
    def rule_of(self) -> Array:
        """The rule of each row."""
        return self.applications.rows.rule

    @cached_property
    def files(self) -> list[str]:
        """File by detail record."""
        return [msgspec.json.decode(one)["file"] for one in self.applications.rows.tables.records["detail"]]

    @cached_property
    def quantities(self) -> Array:
        """Quantity by detail record, -1 where none is given."""
        told = (msgspec.json.decode(one)["quantity"] for one in self.applications.rows.tables.records["detail"])
        return np.array([-1 if one is None else one for one in told], np.int64)

    def application_id(self, row: int) -> str:
        """The id of the application in a row."""
        first, start, lengths, blob = self._ids
        part = int(self.applications.rows.part[row])
        at = int(start[part]) + int(lengths[first[part] : row].sum())
        return str(blob[at : at + int(lengths[row])].tobytes(), "utf-8")

    def part_id(self, row: int) -> str:
        """The part of a row."""
        return self.parts.ids[int(self.applications.rows.part[row])]

    @cached_property
    def _ids(self) -> tuple[Array, Array, Array, Array]:
        store = self.store
        return store.get("rows.starts"), store.get("rows.id_start"), store.get("rows.id_length"), store.blob("rows.ids")

    def at(self, kind: str, severity: Severity, row: int, message: str, remedy: str) -> Finding:
        """A finding about the application in a row."""
        rows = self.applications.rows
        file = self.files[int(rows.rules["detail"][rows.rule[row]])]
        line = int(rows.row[row])
        return Finding(kind, severity, message, remedy, self.application_id(row), file, line if line >= 0 else None)


@dataclass(slots=True)
class Pairs:
    """Rows of one kind of finding, each with the row it is about; the first are kept, all are counted."""

    rows: list[Int64s] = field(default_factory=list)
    others: list[Int64s] = field(default_factory=list)
    total: int = 0

    def add(self, rows: Int64s, others: Int64s) -> None:
        """Add rows; of a row that comes more than once the first counts."""
        found, firsts = np.unique(rows, return_index=True)
        room = max(0, MOST_ROWS - self.total)
        self.total += len(found)
        self.rows.append(found[:room])
        self.others.append(others[firsts][:room])

    def findings(self, context: Context, kind: str, severity: Severity, message: str, remedy: str) -> list[Finding]:
        """One finding a row; `message` takes `{part}`, `{other}` (application id) and `{other_part}`."""
        found = []
        for row, other in sorted(zip(_joined(self.rows), _joined(self.others), strict=True)):
            said = message.format(
                part=context.part_id(row), other=context.application_id(other), other_part=context.part_id(other)
            )
            found.append(context.at(kind, severity, row, said, remedy))
        return found + more(kind, severity, self.total - len(found), remedy)


def where_of(record: bytes) -> dict[str, list[Scalar]]:
    """What a condition record asks of single attributes; a fraction of the time that all of it takes."""
    return _WHERE.decode(record).where


class _Asked(msgspec.Struct, gc=False):
    where: dict[str, list[Scalar]] = {}


_WHERE = msgspec.json.Decoder(_Asked)


def more(kind: str, severity: Severity, count: int, remedy: str) -> list[Finding]:
    """The finding that stands for those not listed."""
    return [Finding(kind, severity, f"and {count:,} more applications", remedy)] if count > 0 else []


def _joined(arrays: Iterable[Int64s]) -> list[int]:
    return [int(one) for array in arrays for one in array.tolist()]


def mixed(columns: Sequence[Array | int]) -> Any:
    """One 64-bit hash of several columns of numbers, row by row; equal rows have equal hashes."""
    with np.errstate(over="ignore"):
        found: Any = np.uint64(0x2545F4914F6CDD1D)
        for column in columns:
            found = (found ^ np.asarray(column).astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            found = found ^ (found >> np.uint64(29))
        return found
