"""What reading left out, and parts and applications that name nothing or nobody names."""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np

from fitment_rules.compile import IDENTIFIERS
from fitment_rules.model import Application
from indexers.findings.context import Context, Told, where_of
from indexers.report import Finding, listed
from indexers.slots import selector_of


def reading_findings(context: Context) -> list[Finding]:
    """What was skipped or dropped while reading, and parts that no application speaks of, grouped by kind."""
    told = context.told
    return [
        *_unknown_parts(told),
        *_unknown_vehicles(context),
        *_unplaced(context),
        *_part_types(told),
        *_universal(context),
        *_columns(told),
        *_lost(context),
        *_without(context),
    ]


def _unknown_parts(told: Told) -> list[Finding]:
    return listed(
        "unknown_part", "info", told.unknown_parts,
        "{count} applications of part {subject!r}, which is in no parts file; skipped",
        "add the part, if the shop sells it", told.unknown_parts_rest,
    )  # fmt: skip


def _unknown_vehicles(context: Context) -> list[Finding]:
    total: Counter[str] = Counter()
    counts = context.rows_of_records("selector").tolist()
    for record, count in zip(context.records("selector"), counts, strict=True):
        if count and record.startswith(b'{"ids"'):
            for vehicle_id in msgspec.json.decode(record)["unknown"]:
                total[vehicle_id] += count
    return listed(
        "unknown_vehicle_id", "warning", total,
        "{count} applications list vehicle {subject!r}, which the vehicle table does not have; dropped from the list",
        "add the vehicle or correct the id",
    )  # fmt: skip


def _unplaced(context: Context) -> list[Finding]:
    """Applications whose make, model and years, or ids, name nothing in the table: they can never match."""
    selectors, conditions = context.records("selector"), context.records("condition")
    lonely = context.rows_of_rule * ~context.placed
    at = np.flatnonzero(lonely)
    pairs = np.stack([context.rules[name][at] for name in ("selector", "condition")])
    found, inverse = np.unique(pairs, axis=1, return_inverse=True)
    counts = np.bincount(inverse.ravel(), lonely[at]).astype(np.int64)
    total: Counter[str] = Counter()
    for selector, condition, count in zip(*found.tolist(), counts.tolist(), strict=True):
        total[_named(selector_of(selectors[selector]), conditions[condition])] += count
    return listed(
        "unmatched_application", "warning", total, "{count} applications name {subject}, which no vehicle row is",
        "add the vehicles, or correct make, model, years or id",
    )  # fmt: skip


def _named(selector: Application, condition: bytes) -> str:
    years = "" if selector.years.open else f" {selector.years.start or ''}–{selector.years.end or ''}"
    name = " ".join("/".join(map(str, values)) for values in (selector.make, selector.model) if values)
    if not name:
        asked = where_of(condition)
        name = " ".join(f"{one} {'/'.join(map(str, asked[one]))}" for one in IDENTIFIERS if one in asked)
    return f"{name}{years}"


def _part_types(told: Told) -> list[Finding]:
    return listed(
        "unknown_part_type", "warning", told.unknown_types,
        "{count} parts are of type {subject!r}, which the vocabulary does not have",
        "add it to the part-type vocabulary, or use one of its names",
    )  # fmt: skip


def _universal(context: Context) -> list[Finding]:
    both = np.flatnonzero(context.universal & (context.counts > 0)).tolist()
    counts = {context.generation.part_id(one): int(context.counts[one]) for one in both}
    return listed(
        "universal_with_applications", "warning", counts,
        "part {subject!r} is declared universal and has {count} applications", "decide which of the two it is",
    )  # fmt: skip


def _columns(told: Told) -> list[Finding]:
    return listed(
        "unknown_column", "warning", told.extra_columns,
        "column {subject!r} of {count} applications is kept but narrows nothing",
        "put conditions under where or except",
    )  # fmt: skip


def _lost(context: Context) -> list[Finding]:
    counts = {context.generation.part_id(one): count for one, count in context.told.lost.items()}
    return listed(
        "vehicles_gone", "warning", counts,
        "{count} applications of part {subject!r} list only vehicles that are gone; dropped", "send them again",
    )  # fmt: skip


def _without(context: Context) -> list[Finding]:
    lonely = int((context.alive & ~context.universal & (context.counts == 0)).sum())
    if not lonely:
        return []
    message = f"{lonely} parts have no application and are not universal: their verdict is no_data"
    return [Finding("no_application", "info", message, "add applications, or declare them universal")]
