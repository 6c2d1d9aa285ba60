"""The data report of a build: what was read, what is in it, and what a person should look at."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Severity: TypeAlias = Literal["info", "warning", "error"]

MOST_LISTED = 100
"""Findings of one kind listed one by one; the rest are summed up in one more."""


class Finding(msgspec.Struct, frozen=True):
    """Something to look at. `subject` is what it is about (a part id, a column); `file` and `row` where it stands."""

    kind: str
    severity: Severity
    message: str
    remedy: str
    subject: str | None = None
    file: str | None = None
    row: int | None = None


class RowCounts(msgspec.Struct):
    """Rows of one kind. `skipped` are applications of parts that the shop does not sell: neither taken nor bad.
    `none_listed` say that their maker has no part for a vehicle; they are kept as facts."""

    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    skipped: int = 0
    none_listed: int = 0


class MakeCoverage(msgspec.Struct):
    """A make's base vehicles, and how many of them have some application."""

    make: str
    base_vehicles: int
    covered: int


class TypeCoverage(msgspec.Struct):
    """A part type's parts, their applications, and the base vehicles that have one."""

    part_type: str
    parts: int
    applications: int
    covered: int


class PairCoverage(msgspec.Struct):
    """Base vehicles of a make that have an application of a part type."""

    make: str
    part_type: str
    covered: int


class Coverage(msgspec.Struct):
    """Coverage of a build. Applications that name no vehicle cover none in it."""

    makes: list[MakeCoverage]
    part_types: list[TypeCoverage]
    pairs: list[PairCoverage]


class Change(msgspec.Struct):
    """Counts of one kind of thing. `narrowed` matches less than before, `widened` more; the rest of `changed` neither,
    or beyond the first twenty thousand that are read."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    narrowed: int = 0
    widened: int = 0


class Compared(msgspec.Struct):
    """A build against the generation published before it."""

    generation: str
    parts: Change
    applications: Change


class NoteCounts(msgspec.Struct):
    """Notes of all applications: with a kind in the file, understood as conditions, reviewed, and open (conditions of
    unknown answer). `kinds` counts them by the kind given, decided, or else proposed."""

    total: int = 0
    given: int = 0
    understood: int = 0
    reviewed: int = 0
    open: int = 0
    kinds: dict[str, int] = {}


class Report(msgspec.Struct):
    """The contract's data report; `slots_per_node` are its 50th and 99th percentile and maximum.

    `totals` counts by kind what the findings list only the first of.
    """

    generation: str
    rows: dict[str, RowCounts]
    parts: int
    vehicles: int
    base_vehicles: int
    applications: int
    notes: int
    findings: list[Finding]
    totals: dict[str, int] = {}
    note_counts: NoteCounts = msgspec.field(default_factory=NoteCounts)
    coverage: Coverage | None = None
    compared: Compared | None = None
    quarantine: str | None = None
    slots: int = 0
    slots_per_node: dict[str, int] = {}
    seconds: dict[str, float] = {}

    def encoded(self) -> bytes:
        """JSON, indented for people."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def listed(
    kind: str, severity: Severity, subjects: dict[str, int], message: str, remedy: str, beyond: int = 0
) -> list[Finding]:
    """One finding a subject, the most frequent first, one for all the rest. `message` takes `{subject}`, `{count}`."""
    ordered = sorted(subjects.items(), key=lambda one: (-one[1], one[0]))
    found = [
        Finding(kind, severity, message.format(subject=subject, count=count), remedy, subject)
        for subject, count in ordered[:MOST_LISTED]
    ]
    rest = sum(count for _, count in ordered[MOST_LISTED:]) + beyond
    if rest:
        others = len(ordered) - MOST_LISTED
        found.append(Finding(kind, severity, f"and {rest} more rows of {max(others, 1)} or more others", remedy))
    return found
