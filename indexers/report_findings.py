"""What a person should look at after a build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from indexers.assemble_applications import Applications
from indexers.assemble_parts import Parts
from indexers.assemble_vehicles import Vehicles
from indexers.read_applications import ApplicationShard
from indexers.read_parts import PartShard
from indexers.report import Finding, listed
from indexers.slots import selector_of


def findings_of(
    vehicles: Vehicles, parts: Parts, applications: Applications, part_shards: Sequence[PartShard],
    shards: Sequence[ApplicationShard],
) -> list[Finding]:  # fmt: skip
    """All findings of a build, grouped by kind."""
    return [
        *_unknown_parts(shards),
        *_unknown_vehicles(applications),
        *_unplaced(applications),
        *_part_types(part_shards),
        *_universal(parts, applications),
        *_columns(shards),
        *_lost(parts, applications),
        *_without(parts, applications),
    ]


def _unknown_parts(shards: Sequence[ApplicationShard]) -> list[Finding]:
    total: Counter[str] = Counter()
    for shard in shards:
        total.update(shard.unknown_parts)
    return listed(
        "unknown_part", "info", total, "{count} applications of part {subject!r}, which is in no parts file; skipped",
        "add the part, if the shop sells it", sum(shard.unknown_parts_rest for shard in shards),
    )  # fmt: skip


def _unknown_vehicles(applications: Applications) -> list[Finding]:
    rows = applications.rows
    per_selector = np.bincount(rows.rules["selector"][rows.rule], minlength=len(rows.tables.records["selector"]))
    total: Counter[str] = Counter()
    for record, count in zip(rows.tables.records["selector"], per_selector.tolist(), strict=True):
        if count and record.startswith(b'{"ids"'):
            for vehicle_id in msgspec.json.decode(record)["unknown"]:
                total[vehicle_id] += count
    return listed(
        "unknown_vehicle_id", "warning", total,
        "{count} applications list vehicle {subject!r}, which the vehicle table does not have; dropped from the list",
        "add the vehicle or correct the id",
    )  # fmt: skip


def _unplaced(applications: Applications) -> list[Finding]:
    """Applications whose make, model and years name nothing in the table: they can never match."""
    rows, placed = applications.rows, applications.rule_slots.placed
    lonely = np.bincount(rows.rule, minlength=len(placed)) * ~placed
    total: Counter[str] = Counter()
    for rule in np.flatnonzero(lonely).tolist():
        selector = selector_of(rows.tables.records["selector"][int(rows.rules["selector"][rule])])
        years = "" if selector.years.open else f" {selector.years.start or ''}–{selector.years.end or ''}"
        name = " ".join("/".join(map(str, values)) for values in (selector.make, selector.model) if values)
        total[f"{name}{years}"] += int(lonely[rule])
    return listed(
        "unmatched_application", "warning", total, "{count} applications name {subject}, which no vehicle row is",
        "add the vehicles, or correct make, model or years",
    )  # fmt: skip


def _part_types(shards: Sequence[PartShard]) -> list[Finding]:
    total: Counter[str] = Counter()
    for shard in shards:
        total.update(shard.unknown_types)
    return listed(
        "unknown_part_type", "warning", total,
        "{count} parts are of type {subject!r}, which the vocabulary does not have",
        "add it to the part-type vocabulary, or use one of its names",
    )  # fmt: skip


def _universal(parts: Parts, applications: Applications) -> list[Finding]:
    both = np.flatnonzero(parts.universal & (applications.counts > 0)).tolist()
    return listed(
        "universal_with_applications", "warning", {parts.ids[one]: int(applications.counts[one]) for one in both},
        "part {subject!r} is declared universal and has {count} applications", "decide which of the two it is",
    )  # fmt: skip


def _columns(shards: Sequence[ApplicationShard]) -> list[Finding]:
    total: Counter[str] = Counter()
    for shard in shards:
        total.update(shard.extra_columns)
    return listed(
        "unknown_column", "warning", total,
        "column {subject!r} of {count} applications is kept but narrows nothing",
        "put conditions under where or except",
    )  # fmt: skip


def _lost(parts: Parts, applications: Applications) -> list[Finding]:
    return listed(
        "vehicles_gone", "warning", dict(Counter(parts.ids[one] for one, _ in applications.lost)),
        "{count} applications of part {subject!r} list only vehicles that are gone; dropped", "send them again",
    )  # fmt: skip


def _without(parts: Parts, applications: Applications) -> list[Finding]:
    lonely = int((parts.alive & ~parts.universal & (applications.counts == 0)).sum())
    if not lonely:
        return []
    message = f"{lonely} parts have no application and are not universal: their verdict is no_data"
    return [Finding("no_application", "info", message, "add applications, or declare them universal")]
