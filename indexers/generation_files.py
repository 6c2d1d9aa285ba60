"""What the files of a generation's folder hold, for those who write them and those who read them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import msgspec
import numpy as np

from fitment_rules.compile import decode_condition, encode_condition
from fitment_rules.conditions import Condition
from fitment_rules.errors import InvalidRow
from fitment_rules.model import OPEN, Scalar, Vehicle, Window, span
from fitment_rules.places import places
from indexers.careful import shown
from indexers.columns import Bools, Int32s
from indexers.coverage import Coverage
from indexers.errors import BadRow
from indexers.memo import values_of
from indexers.read_applications import TABLES
from indexers.rows import TypeName, VehicleRow
from indexers.slots import Slots
from indexers.store import Store
from indexers.title_words import MOST_TITLES, TitleReader
from indexers.units import Units

FORMAT = 8
"""Version of the folder's layout; a reader refuses another."""

WORK = "work"
"""Folder inside the one being built for what only the build needs; not part of the generation."""

APPLICATIONS, QUARANTINED, UNIVERSAL, DEAD = 1, 2, 4, 8
"""Bits of column `part.flags`: has accepted applications, has quarantined ones, is universal, was deleted."""

READ = ("selector", "condition", "notes")
"""Columns of a rule that reading its notes may change (`indexers.notes.reread`)."""

TO_REVIEW, UNDERSTOOD = "notes_to_review", "notes_understood"
"""Files (JSON Lines) of notes that are open, with what they may be, and of those that became conditions."""

TITLE_WORDS = "title_words"
"""File of what the catalogue's titles teach (`indexers.title_words`)."""

VALUE_NAMES = "value_names"
"""File of what ids of the operator's reference database are called; a generation built without them has none."""

REPORT = "report"
"""Files of the data report: `.json`, and `.txt` for people."""

SLOT_COLUMNS = ("node", "conjunction", "position", "noted")
STORED_PARTS = ("brand", "part_type", "quality", "currency", "position")


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`manifest.json`. `horizon` are the first and last model year that open ends are filled with."""

    format: int
    id: str
    created: str
    engine: str
    vocabulary: str
    horizon: tuple[int, int]
    parts: int
    ordinals: int
    vehicles: int
    base_vehicles: int
    derived_vehicles: bool
    applications: int
    rules: int
    slots: int
    slots_run_end: int
    note_slots: int
    note_slots_run_end: int
    documents: int
    base: str | None
    files: dict[str, str]
    derived_parts: bool = False


_UNIT_FIELDS = tuple(field.name for field in fields(Units))
_COVERAGE_FIELDS = tuple(field.name for field in fields(Coverage) if field.name not in ("units", "node_count"))


def save_coverage(store: Store, coverage: Coverage) -> None:
    """Write the columns that documents are made from."""
    for name in _COVERAGE_FIELDS:
        store.put(f"coverage.{name}", getattr(coverage, name))
    for name in _UNIT_FIELDS:
        store.put(f"units.{name}", getattr(coverage.units, name))
    store.put("coverage.node_count", np.array([coverage.node_count]))


def load_coverage(store: Store) -> Coverage:
    """Read what `save_coverage` wrote."""
    units = Units(**{name: store.get(f"units.{name}") for name in _UNIT_FIELDS})
    columns: dict[str, Any] = {name: store.get(f"coverage.{name}") for name in _COVERAGE_FIELDS}
    return Coverage(**columns, units=units, node_count=int(store.get("coverage.node_count")[0]))


def save_slots(store: Store, name: str, slots: Slots) -> None:
    """Write a table of slots."""
    for column in SLOT_COLUMNS:
        store.put(f"{name}.{column}", getattr(slots, column))


def load_slots(store: Store, name: str, run_end: int) -> Slots:
    """Read a table of slots."""
    node, conjunction, position, noted = (store.get(f"{name}.{column}") for column in SLOT_COLUMNS)
    return Slots(node, conjunction, position, noted, run_end)


def encode_conjunction(conditions: tuple[Condition, ...]) -> bytes:
    """A conjunction as a record."""
    return msgspec.json.encode([encode_condition(one) for one in conditions])


def decode_conjunction(record: bytes) -> tuple[Condition, ...]:
    """The conjunction that a record holds."""
    return tuple(decode_condition(one) for one in msgspec.json.decode(record))


def save_read(store: Store, read: Mapping[str, Int32s], rules: Mapping[str, Int32s]) -> None:
    """What the rows of rules said whose notes were read as conditions or reviewed: only those that differ."""
    differs = np.logical_or.reduce([read[name] != rules[name] for name in READ])
    at = np.flatnonzero(differs)
    store.put("rules.reread", at)
    for name in READ:
        store.put(f"rules.read_{name}", read[name][at])


def read_rules(store: Store) -> dict[str, Int32s]:
    """The columns of rules as their rows said them."""
    found = {name: store.get(f"rules.{name}") for name in TABLES}
    at = store.get("rules.reread")
    for name in READ if len(at) else ():
        found[name] = np.array(found[name])
        found[name][at] = store.get(f"rules.read_{name}")
    return found


def rule_positions(store: Store) -> Int32s:
    """Per rule, the number of its position, or else its part's, among the generation's canonical positions."""
    numbers = {tuple(one): number for number, one in enumerate(store.json("words")["positions"])}
    canonical = [numbers[places(msgspec.json.decode(record))] for record in store.records("records.position")]
    return np.asarray(np.array([numbers[()], *canonical], np.int32)[store.get("rules.effective") + 1])


def titles_of(store: Store, alive: Bools, reader: TitleReader) -> Iterator[tuple[str, list[str]]]:
    """Titles, each with the part's types: its own, or those its title names. At most `MOST_TITLES` parts, evenly."""
    ordinals = np.flatnonzero(alive)
    blob, starts, lengths = store.blob("parts"), store.get("parts.start"), store.get("parts.length")
    decoder = msgspec.json.Decoder(_Titled)
    for ordinal in ordinals[:: max(1, -(-len(ordinals) // MOST_TITLES))].tolist():
        part = decoder.decode(blob[starts[ordinal] : starts[ordinal] + lengths[ordinal]].tobytes())
        for title in part.title.values():
            yield title, reader.about(part.part_type.id, title)


class _Titled(msgspec.Struct):
    part_type: TypeName
    title: dict[str, str]


def vehicle_of(row: VehicleRow) -> Vehicle:
    """A vehicle row as the kernel has it. Raises `BadRow`."""
    years = Window(row.year_from, row.year_to) if row.year is None else Window(row.year, row.year)
    if row.year is not None and (row.year_from not in (None, row.year) or row.year_to not in (None, row.year)):
        raise BadRow("year", row.year, "contradicts year_from or year_to")
    if years.start is not None and years.end is not None and years.start > years.end:
        raise BadRow("year_from", years.start, f"is after year_to ({years.end})")
    if any(end is not None and not MIN_YEAR <= end <= MAX_YEAR for end in (years.start, years.end)):
        name, said = ("year", row.year) if row.year is not None else ("year_from", [years.start, years.end])
        raise BadRow(name, said, f"is no model year ({MIN_YEAR} to {MAX_YEAR})")
    for name in ("vehicle_id", "make", "model"):
        if not getattr(row, name).strip():
            raise BadRow(name, shown(getattr(row, name)), "is required")
    try:
        built = span(row.built_from, row.built_to)
    except InvalidRow as error:
        raise BadRow(error.field, shown(error.value), error.reason) from None
    return Vehicle(
        row.vehicle_id,
        sys.intern(row.make),
        row.model,
        OPEN if years.open else years,
        built,
        _attributes(row),
        row.names or UNNAMED,
        tuple(row.aliases or ()),
    )


MIN_YEAR, MAX_YEAR = 1880, 2200
UNNAMED: Mapping[str, Mapping[str, str]] = {}
"""The names of all vehicles that have none: one object for tens of thousands of rows."""


def _attributes(row: VehicleRow) -> dict[str, Scalar | tuple[Scalar, ...]]:
    """Attributes and ids under their own names; a list of one is that one, blanks are absent."""
    found: dict[str, Scalar | tuple[Scalar, ...]] = {}
    for name, value in {**(row.ids or {}), **(row.attributes or {})}.items():
        values = values_of(value)
        if values:
            found[name] = row.model if values == (row.model,) else values[0] if len(values) == 1 else values
    return found
