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
from indexers.columns import Bools, Int32s, Int64s, distinct, number_tuples, ragged, starts_of
from indexers.merge import Rows

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
    places = _places(table, rules, records)
    conjunction = _conjunctions(rules["condition"], places, words)
    position = _positions(rules["effective"], records["position"], words)
    notes = _note_sets(rules["notes"], records["notes"], words)
    node_starts = starts_of(places.node_counts)
    at = (places.of_rule, node_starts, places.nodes)
    plain = _number(*at, (conjunction, position, np.minimum(notes, NOTED)), known)
    asked = np.flatnonzero(notes)
    noted = _number(places.of_rule[asked], *at[1:], (conjunction[asked], position[asked], notes[asked]), known_notes)
    note_counts = np.zeros(len(notes), np.int64)
    note_counts[asked] = np.diff(noted[1])
    return RuleSlots(
        plain[0], noted[0], plain[1], plain[2], starts_of(note_counts), noted[2], places.node_counts[places.of_rule] > 0
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


@dataclass(slots=True)
class _Places:
    """Where rules hang: per rule the number of its place, per place its nodes (ragged) and the conditions it leaves.

    `rest` are the conditions of each condition record without the identifiers that the place has taken over.
    """

    of_rule: Int32s
    nodes: Int32s
    node_counts: Int64s
    left: list[tuple[Condition, ...]]
    rest: list[tuple[Condition, ...]]


def _places(table: VehicleTable, rules: Mapping[str, Int32s], records: Mapping[str, Sequence[bytes]]) -> _Places:
    """A place is a distinct pair of a vehicle selector and the identifiers that a condition asks for."""
    identifiers = Interned.of([_NOTHING])
    reader = _ConditionReader()
    split = [reader.read(record) for record in records["condition"]]
    named = np.array([identifiers.number(one) for one, _ in split] or [0], np.int32)
    of_rule, firsts = number_tuples([rules["selector"], named[rules["condition"]]])
    selectors = [_placement(table, selector_of(record)) for record in records["selector"]]
    found = [
        kernel.narrowed(table, selectors[selector], msgspec.json.decode(identifiers.values[number]))
        for selector, number in zip(
            rules["selector"][firsts].tolist(), named[rules["condition"][firsts]].tolist(), strict=True
        )
    ]
    nodes = [node for one in found for node in one.nodes]
    counts = np.array([len(one.nodes) for one in found], np.int64)
    return _Places(
        of_rule, np.array(nodes, np.int32), counts, [one.conditions for one in found], [rest for _, rest in split]
    )


def _placement(table: VehicleTable, selector: Application) -> kernel.Placement:
    if selector.vehicle_ids:
        return kernel.Placement(kernel.place_rows(table, selector.vehicle_ids)[0])
    return kernel.place_selector(table, selector.make, selector.model, selector.years)


class _Split(msgspec.Struct):
    """A condition record, undecoded."""

    where: dict[str, msgspec.Raw] = {}
    built: msgspec.Raw = msgspec.Raw()
    except_: msgspec.Raw = msgspec.field(name="except", default=msgspec.Raw())
    serial: msgspec.Raw = msgspec.Raw()


class _ConditionReader:
    """Reads condition records; what they ask beside identifiers is decoded once for all that ask the same."""

    def __init__(self) -> None:
        self._split = msgspec.json.Decoder(_Split).decode
        self._encode = msgspec.json.Encoder(order="deterministic").encode
        self._known: dict[bytes, tuple[Condition, ...]] = {_NOTHING: ()}

    def read(self, record: bytes) -> tuple[bytes, tuple[Condition, ...]]:
        """The identifiers asked for, as a JSON object, and the other conditions."""
        if not any(name in record for name in _IDENTIFIERS):
            return _NOTHING, self._conditions(record)
        split = self._split(record)
        named = {name: split.where.pop(name) for name in kernel.IDENTIFIERS if name in split.where}
        return self._encode(named), self._conditions(self._rest(split))

    def _rest(self, split: _Split) -> bytes:
        parts = (("built", split.built), ("except", split.except_), ("serial", split.serial))
        kept: dict[str, Any] = {name: raw for name, raw in parts if raw}
        if split.where:
            kept["where"] = split.where
        return self._encode(kept) if kept else _NOTHING

    def _conditions(self, record: bytes) -> tuple[Condition, ...]:
        found = self._known.get(record)
        if found is None:
            one = condition_of(record)
            found = kernel.remaining(one.where, one.except_, one.built, one.vin_serial_from, one.vin_serial_to)
            self._known[record] = found
        return found


_NOTHING = b"{}"
_IDENTIFIERS = tuple(f'"{name}"'.encode() for name in kernel.IDENTIFIERS)


def _conjunctions(condition: Int32s, places: _Places, words: Words) -> Int32s:
    """Per rule, the number of its conjunction: what its place leaves and what its condition record asks."""
    kinds, rests = Interned.of([()]), Interned.of([()])
    left_of = np.array([kinds.number(one) for one in places.left] or [0], np.int32)
    rest_of = np.array([rests.number(one) for one in places.rest] or [0], np.int32)
    pairs, firsts = number_tuples([left_of[places.of_rule], rest_of[condition]])
    numbers = [
        words.conjunctions.number(
            kernel.conjunction(kinds.values[kind], rests.values[rest]) if kind else rests.values[rest]
        )
        for kind, rest in zip(
            left_of[places.of_rule[firsts]].tolist(), rest_of[condition[firsts]].tolist(), strict=True
        )
    ]
    return np.array(numbers, np.int32)[pairs] if numbers else pairs


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
    place: Int32s, node_starts: Int64s, nodes: Int32s, shape: tuple[Int32s, Int32s, Int32s], known: Slots
) -> tuple[Slots, Int64s, Int32s]:
    """Slots of rules given as columns, and the CSR from rules to them."""
    shapes, firsts = number_tuples(shape)
    counts = node_starts[place + 1] - node_starts[place]
    node = nodes[ragged(node_starts[place], counts)].astype(np.int64)
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
