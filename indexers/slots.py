"""Rules → slots: where the rules hang in the vehicle table, and the numbers by which documents say so.

A slot is a distinct (node, conjunction, position, noted). Numbers given in the generation before are kept; new slots
of a full build are numbered by node, so that the slots of a base vehicle, a model or a make are one run.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from fitment_rules import compile as kernel
from fitment_rules.conditions import Condition
from fitment_rules.model import OPEN, Application, Note, NoteKind, Window
from fitment_rules.places import places
from fitment_rules.vehicles import VehicleTable
from indexers.columns import Array, Bools, Int32s, Int64s, blocks, runs, starts_of
from indexers.merge import Rows
from indexers.numbering import Made, number_tuples
from indexers.read_applications import NONE
from indexers.scratch import MEMORY, Scratch

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


def compile_rules(
    table: VehicleTable, rows: Rows, words: Words, known: Slots, known_notes: Slots, scratch: Scratch = MEMORY
) -> RuleSlots:
    """Slots of every rule; `words` grows, slots of `known` and `known_notes` keep their numbers."""
    rules, records = rows.rules, rows.tables.records
    places = _places(table, rules, records, scratch)
    conjunction = _conjunctions(rules["condition"], places, words, scratch)
    position = _looked_up(_positions(records["position"], words), rules["effective"])
    notes = _looked_up(_note_sets(records["notes"], words), rules["notes"])
    shape = (conjunction, position, notes.then(lambda sets: np.minimum(sets, NOTED)))
    plain = _number(places, _every(places.of_rule), shape, known, scratch)
    asking = [np.flatnonzero(notes.make(some)) + some.start for some in runs(notes.length)]
    asked = scratch.joined(sum(map(len, asking)), np.int64, asking)
    del asking
    only = tuple(Made(len(asked), one.top, _through(one, asked)) for one in (conjunction, position, notes))
    noted = _number(places, Made(len(asked), 0, lambda some: places.of_rule[asked[some]]), only, known_notes, scratch)
    note_starts = _starts(notes.length, lambda some: places.counts_of(some) * (notes.make(some) != 0), scratch)
    placed = scratch.joined(notes.length, np.bool_, (places.counts_of(some) > 0 for some in runs(notes.length)))
    return RuleSlots(plain[0], noted[0], plain[1], plain[2], note_starts, noted[2], placed)


def selector_of(record: bytes) -> Application:
    """The part of an application that names vehicles."""
    data = msgspec.json.decode(record)
    if "ids" in data:
        return Application("", "", vehicle_ids=tuple(sorted((*data["ids"], *data["unknown"]))))
    return Application("", "", make=tuple(data["make"]), model=tuple(data["model"]), years=Window(*data["years"]))


def selecting_of(record: bytes) -> tuple[Condition, ...]:
    """`every_condition` of `selector_of`, without what lies between."""
    data = msgspec.json.decode(record)
    if "ids" in data:
        return kernel.selecting(sorted((*data["ids"], *data["unknown"])), (), (), OPEN)
    return kernel.selecting((), data["make"], data["model"], Window(*data["years"]))


def requiring_of(record: bytes) -> tuple[Condition, ...]:
    """`every_condition` of `condition_of`, without what lies between."""
    data = msgspec.json.decode(record)
    built = Window(*data["built"]) if "built" in data else OPEN
    return kernel.remaining(data.get("where"), data.get("except", ()), built, *data.get("serial", (None, None)))


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
    node_starts: Int64s
    left: list[tuple[Condition, ...]]
    rest: list[tuple[Condition, ...]]

    def counts_of(self, rules: slice) -> Int64s:
        """How many nodes each of some rules has."""
        place = self.of_rule[rules]
        return np.asarray(self.node_starts[place + 1] - self.node_starts[place])


def _places(
    table: VehicleTable, rules: Mapping[str, Int32s], records: Mapping[str, Sequence[bytes]], scratch: Scratch
) -> _Places:
    """A place is a distinct pair of a vehicle selector and the identifiers that a condition asks for."""
    identifiers = Interned.of([_NOTHING])
    reader = _ConditionReader()
    named, rest = np.zeros(max(len(records["condition"]), 1), np.int32), []
    for number, record in enumerate(records["condition"]):
        asked, conditions = reader.read(record)
        named[number] = identifiers.number(asked)
        rest.append(conditions)
    of_rule, firsts = number_tuples([rules["selector"], _looked_up(named, rules["condition"], 0)], scratch)
    selectors = [_placement(table, selector_of(record)) for record in records["selector"]]
    nodes, counts, left = array("i"), array("q"), []
    for selector, number in zip(
        rules["selector"][firsts].tolist(), named[rules["condition"][firsts]].tolist(), strict=True
    ):
        found = kernel.narrowed(table, selectors[selector], msgspec.json.decode(identifiers.values[number]))
        nodes.extend(found.nodes)
        counts.append(len(found.nodes))
        left.append(found.conditions)
    return _Places(of_rule, np.array(nodes, np.int32), starts_of(np.array(counts, np.int64)), left, rest)


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
            found = self._known[record] = requiring_of(record)
        return found


_NOTHING = b"{}"
_IDENTIFIERS = tuple(f'"{name}"'.encode() for name in kernel.IDENTIFIERS)


def _conjunctions(condition: Int32s, places: _Places, words: Words, scratch: Scratch) -> Made:
    """Per rule, the number of its conjunction: what its place leaves and what its condition record asks."""
    kinds, rests = Interned.of([()]), Interned.of([()])
    left_of = np.array([kinds.number(one) for one in places.left] or [0], np.int32)
    rest_of = np.array([rests.number(one) for one in places.rest] or [0], np.int32)
    pair = (_looked_up(left_of, places.of_rule, 0), _looked_up(rest_of, condition, 0))
    pairs, firsts = number_tuples(pair, scratch)
    numbers = [
        words.conjunctions.number(
            kernel.conjunction(kinds.values[kind], rests.values[rest]) if kind else rests.values[rest]
        )
        for kind, rest in zip(*(one.make(firsts).tolist() for one in pair), strict=True)
    ]
    return _looked_up(np.array(numbers or [0], np.int32), pairs, 0)


def _positions(records: Sequence[bytes], words: Words) -> Int32s:
    """Numbers of canonical positions by number of a position record, from -1 on."""
    return np.array([0, *(words.positions.number(places(msgspec.json.decode(record))) for record in records)], np.int32)


def _note_sets(records: Sequence[bytes], words: Words) -> Int32s:
    """Numbers of sets of notes by number of a notes record, from -1 on."""
    sets = []
    for record in records:
        asked = kernel.notes_asked(Application("", "", notes=notes_of(record)))
        sets.append(words.note_sets.number(tuple(note.note_id for note in asked)))
    return np.array([0, *sets], np.int32)


def _looked_up(table: Int32s, column: Int32s, first: int = NONE) -> Made:
    """What `table` says of each entry of a column; its own first entry is that of the number `first`."""
    return Made(len(column), int(table.max(initial=0)), lambda some: table[column[some] - first])


def _through(column: Made, rows: Int64s) -> Callable[[slice | Array], Array]:
    return lambda some: column.make(rows[some])


def _every(column: Int32s) -> Made:
    return Made(len(column), 0, column.__getitem__)


def _starts(length: int, counts: Callable[[slice], Int64s], scratch: Scratch) -> Int64s:
    """Where runs of so many members start, and where the last ends."""
    starts, total = scratch.empty(length + 1, np.int64), 0
    starts[0] = 0
    for some in runs(length):
        here = starts[some.start + 1 : some.stop + 1]
        np.cumsum(counts(some), out=here)
        here += total
        total = int(here[-1])
    return starts


def _number(
    places: _Places, place: Made, shape: Sequence[Made], known: Slots, scratch: Scratch
) -> tuple[Slots, Int64s, Int32s]:
    """Slots of rules given as columns, and the CSR from rules to them."""
    shapes, firsts = number_tuples(shape, scratch)
    node_starts, nodes, width = places.node_starts, places.nodes, max(len(firsts), 1)

    def counts(some: slice) -> Int64s:
        at = place.make(some)
        return np.asarray(node_starts[at + 1] - node_starts[at])

    starts = _starts(place.length, counts, scratch)

    def keys(members: slice | Array) -> Int64s:
        """Node and shape as one number."""
        rule, members = _owners(starts, members)
        node = nodes[node_starts[place.make(rule)] + members - starts[rule]]
        return np.asarray(node.astype(np.int64) * width + shapes[rule])

    top = (int(nodes.max(initial=0)) + 1) * width - 1
    numbers, heads = number_tuples([Made(int(starts[-1]), top, keys)], scratch)
    fresh = _slots(len(heads), (keys(heads[some]) for some in runs(len(heads))), width,
                   [one.make(firsts) for one in shape], scratch)  # fmt: skip
    slots, of_fresh = _keep(known, fresh)
    if of_fresh is None:
        return slots, starts, numbers
    return slots, starts, scratch.joined(len(numbers), np.int32, (of_fresh[one] for _, one in blocks([numbers])))


def _owners(starts: Int64s, members: slice | Array) -> tuple[Int64s, Int64s]:
    """Of members in runs: the run each belongs to, and its number."""
    if not isinstance(members, slice):
        return np.searchsorted(starts, members, "right") - 1, members
    first, last = np.searchsorted(starts, members.start, "right") - 1, np.searchsorted(starts, members.stop)
    some = np.arange(members.start, members.stop)
    edges = np.clip(starts[first : last + 1], members.start, members.stop)
    return np.repeat(np.arange(first, last), np.diff(edges)), some


def _slots(count: int, keys: Iterable[Int64s], width: int, shape: Sequence[Int32s], scratch: Scratch) -> Slots:
    """Slots in the order of their keys."""
    node, conjunction, position, noted = (scratch.empty(count, np.int32) for _ in range(4))
    filled = 0
    for key in keys:
        here = slice(filled, filled + len(key))
        node[here] = key // width
        for column, values in zip((conjunction, position, noted), shape, strict=True):
            column[here] = values[key % width]
        filled = here.stop
    return Slots(node, conjunction, position, noted, count)


def _keep(known: Slots, fresh: Slots) -> tuple[Slots, Int64s | None]:
    """The known slots, then those of `fresh` that are new; and the number of each fresh slot, where it is another."""
    if not len(known.node):
        return fresh, None
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
