"""Rules → slots: where the rules hang in the vehicle table, and the numbers by which documents say so.

A slot is a distinct (node, conjunction, position, noted). Numbers given in the generation before are kept; new slots
of a full build are numbered by node, so that the slots of a base vehicle, a model or a make are one run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from fitment_rules import compile as kernel
from fitment_rules.conditions import Condition
from fitment_rules.model import OPEN, Application, Note, NoteKind, Window
from fitment_rules.places import places
from fitment_rules.vehicles import VehicleTable
from indexers.columns import Bools, Int32s, Int64s, distinct, ragged, starts_of
from indexers.merge import Rows, number_tuples

PLAIN, NOTED = 0, 1


@dataclass(slots=True)
class Interned:
    """Values numbered in order of appearance; what a generation had before keeps its number."""

    values: list[Any] = field(default_factory=list)
    numbers: dict[Any, int] = field(default_factory=dict)

    @staticmethod
    def of(values: Sequence[Any]) -> Interned:
        """Values already numbered by their index."""
        return Interned(list(values), {value: number for number, value in enumerate(values)})

    def number(self, value: Any) -> int:
        """The value's number."""
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found


@dataclass(slots=True)
class Slots:
    """Slots as columns. The first `run_end` are numbered by node (`node` ascends); later ones were appended."""

    node: Int32s
    conjunction: Int32s
    position: Int32s
    noted: Int32s
    run_end: int

    @staticmethod
    def none() -> Slots:
        """No slots."""
        empty = np.empty(0, np.int32)
        return Slots(empty, empty, empty, empty, 0)


@dataclass(slots=True)
class Words:
    """What slots refer to: conjunctions, canonical positions, sets of note ids (the first is the empty one)."""

    conjunctions: Interned
    positions: Interned
    note_sets: Interned

    @staticmethod
    def empty() -> Words:
        """Nothing yet but the empty conjunction, position and note set, each number 0."""
        return Words(Interned.of([()]), Interned.of([()]), Interned.of([()]))


@dataclass(slots=True)
class RuleSlots:
    """Both kinds of slots, and for each rule the slots it has (ascending runs): CSR over rules."""

    slots: Slots
    note_slots: Slots
    starts: Int64s
    members: Int32s
    note_starts: Int64s
    note_members: Int32s
    placed: Bools
    """Per rule: it names at least one node of the table."""


def compile_rules(table: VehicleTable, rows: Rows, words: Words, known: Slots, known_notes: Slots) -> RuleSlots:
    """Slots of every rule; `words` grows, slots of `known` and `known_notes` keep their numbers."""
    rules, records = rows.rules, rows.tables.records
    placements, nodes, node_counts = _placements(table, records["selector"])
    conjunction = _conjunctions(rules, placements, records["condition"], words)
    position = _positions(rules["effective"], records["position"], words)
    notes = _note_sets(rules["notes"], records["notes"], words)
    node_starts = starts_of(node_counts)
    plain = _number(rules["selector"], node_starts, nodes, (conjunction, position, np.minimum(notes, NOTED)), known)
    asked = np.flatnonzero(notes)
    noted = _number(
        rules["selector"][asked], node_starts, nodes, (conjunction[asked], position[asked], notes[asked]), known_notes
    )
    note_counts = np.zeros(len(notes), np.int64)
    note_counts[asked] = np.diff(noted[1])
    return RuleSlots(
        plain[0], noted[0], plain[1], plain[2], starts_of(note_counts), noted[2], node_counts[rules["selector"]] > 0
    )


def selector_of(record: bytes) -> Application:
    """The part of an application that names vehicles."""
    data = msgspec.json.decode(record)
    if "ids" in data:
        return Application("", "", vehicle_ids=tuple(sorted((*data["ids"], *data["unknown"]))))
    return Application("", "", make=tuple(data["make"]), model=tuple(data["model"]), years=Window(*data["years"]))


def condition_of(record: bytes) -> Application:
    """The part of an application that asks for attributes, build dates and serials."""
    data = msgspec.json.decode(record)
    serial_from, serial_to = data.get("serial", (None, None))
    return Application(
        "", "",
        where={name: tuple(values) for name, values in data.get("where", {}).items()},
        except_=tuple({name: tuple(values) for name, values in one.items()} for one in data.get("except", ())),
        built=Window(*data["built"]) if "built" in data else OPEN,
        vin_serial_from=serial_from, vin_serial_to=serial_to,
    )  # fmt: skip


def notes_of(record: bytes) -> tuple[Note, ...]:
    """The notes of an application."""
    return tuple(Note(text, lang, NoteKind(kind) if kind else None) for text, lang, kind in msgspec.json.decode(record))


def _placements(table: VehicleTable, records: Sequence[bytes]) -> tuple[list[tuple[Condition, ...]], Int32s, Int64s]:
    """Per selector: the conditions it leaves, and its nodes as a ragged list (flat, counts)."""
    left: list[tuple[Condition, ...]] = []
    flat: list[int] = []
    counts: list[int] = []
    for record in records:
        selector = selector_of(record)
        if selector.vehicle_ids:
            placed = kernel.Placement(kernel.place_rows(table, selector.vehicle_ids)[0])
        else:
            placed = kernel.place_selector(table, selector.make, selector.model, selector.years)
        left.append(placed.conditions)
        flat.extend(placed.nodes)
        counts.append(len(placed.nodes))
    return left, np.array(flat, np.int32), np.array(counts, np.int64)


def _conjunctions(
    rules: Mapping[str, Int32s], left: Sequence[tuple[Condition, ...]], records: Sequence[bytes], words: Words
) -> Int32s:
    """Per rule, the number of its conjunction: what its selector leaves and what its condition record asks."""
    kinds = Interned.of([()])
    left_of = np.array([kinds.number(conditions) for conditions in left] or [0], np.int32)
    pairs, firsts = number_tuples([left_of[rules["selector"]], rules["condition"]])
    asked: dict[int, tuple[Condition, ...]] = {}
    numbers = []
    for kind, record in zip(
        left_of[rules["selector"][firsts]].tolist(), rules["condition"][firsts].tolist(), strict=True
    ):
        rest = asked.get(record)
        if rest is None:
            rest = asked[record] = _asked(records[record])
        numbers.append(words.conjunctions.number(kernel.conjunction(kinds.values[kind], rest) if kind else rest))
    return np.array(numbers, np.int32)[pairs] if numbers else pairs


def _asked(record: bytes) -> tuple[Condition, ...]:
    if record == b"{}":
        return ()
    one = condition_of(record)
    return kernel.remaining(one.where, one.except_, one.built, one.vin_serial_from, one.vin_serial_to)


def _positions(effective: Int32s, records: Sequence[bytes], words: Words) -> Int32s:
    canonical = [words.positions.number(places(msgspec.json.decode(record))) for record in records]
    return np.array([0, *canonical], np.int32)[effective + 1]


def _note_sets(notes: Int32s, records: Sequence[bytes], words: Words) -> Int32s:
    sets = []
    for record in records:
        asked = kernel.notes_asked(Application("", "", notes=notes_of(record)))
        sets.append(words.note_sets.number(tuple(note.note_id for note in asked)))
    return np.array([0, *sets], np.int32)[notes + 1]


def _number(
    selector: Int32s, node_starts: Int64s, nodes: Int32s, shape: tuple[Int32s, Int32s, Int32s], known: Slots
) -> tuple[Slots, Int64s, Int32s]:
    """Slots of rules given as columns, and the CSR from rules to them."""
    shapes, firsts = number_tuples(shape)
    counts = node_starts[selector + 1] - node_starts[selector]
    node = nodes[ragged(node_starts[selector], counts)].astype(np.int64)
    width = max(len(firsts), 1)
    keys = node * width + np.repeat(shapes, counts)
    wanted = distinct(keys) if len(keys) else keys
    conjunction, position, noted = (column[firsts[wanted % width]] for column in shape)
    fresh = Slots((wanted // width).astype(np.int32), conjunction, position, noted, len(wanted))
    slots, numbers = _keep(known, fresh)
    members = numbers[np.searchsorted(wanted, keys)].astype(np.int32)
    return slots, starts_of(counts), members


def _keep(known: Slots, fresh: Slots) -> tuple[Slots, Int64s]:
    """The known slots and after them those of `fresh` that are new; and the number of each fresh slot."""
    if not len(known.node):
        return fresh, np.arange(len(fresh.node))
    both = [np.concatenate(pair) for pair in zip(_columns(known), _columns(fresh), strict=True)]
    same, firsts = number_tuples(both)
    of_fresh = firsts[same[len(known.node) :]]
    new = of_fresh >= len(known.node)
    of_fresh[new] = len(known.node) + np.arange(int(new.sum()))
    node, conjunction, position, noted = (
        np.concatenate((old, one[new])) for old, one in zip(_columns(known), _columns(fresh), strict=True)
    )
    return Slots(node, conjunction, position, noted, known.run_end), of_fresh


def _columns(slots: Slots) -> tuple[Int32s, Int32s, Int32s, Int32s]:
    return slots.node, slots.conjunction, slots.position, slots.noted
