"""Asks the kernel (slots, masks, filters) what the oracle is asked, for one in-memory catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fitment_rules.candidates import resolve
from fitment_rules.compile import place
from fitment_rules.conditions import Condition
from fitment_rules.judge import NOTED, Asked, SlotSet, SlotTable
from fitment_rules.model import Application, day_window, note_id
from fitment_rules.places import places
from fitment_rules.vehicles import VehicleQuery, VehicleTable, given
from tests.oracle.catalogues import Case
from tests.oracle.oracle import Fit, Part, Query

Slot = tuple[int, tuple[Condition, ...], tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Compiled:
    """A table and the slots of every part, plain and per note."""

    table: VehicleTable
    slots: SlotTable
    note_slots: SlotTable
    of_part: Mapping[str, SlotSet]


def compiled(case: Case) -> Compiled:
    """Every application as slots, numbered by node."""
    table = VehicleTable(case.vehicles, case.horizon)
    positions = {part.part_id: part.position for part in case.parts}
    plain: dict[Slot, None] = {}
    noted: dict[Slot, None] = {}
    of_part: dict[str, tuple[set[Slot], set[Slot]]] = {part.part_id: (set(), set()) for part in case.parts}
    for rule in case.applications:
        for slot in _slots(table, rule, positions[rule.part_id]):
            node, conditions, where, notes = slot
            flat: Slot = (node, conditions, where, ("noted",) if notes else ())
            plain[flat] = None
            of_part[rule.part_id][0].add(flat)
            if notes:
                noted[slot] = None
                of_part[rule.part_id][1].add(slot)
    slots, numbers = _table(plain, table.node_count, by_note=False)
    note_slots, note_numbers = _table(noted, table.node_count, by_note=True)
    sets = {
        part: SlotSet(tuple(sorted(numbers[one] for one in flat)), tuple(sorted(note_numbers[one] for one in by_note)))
        for part, (flat, by_note) in of_part.items()
    }
    return Compiled(table, slots, note_slots, sets)


def asked(made: Compiled, query: Query) -> Asked:
    """The query, in the kernel's words."""
    return Asked(resolve(made.table, vehicle_query(query)), made.slots, made.note_slots, places(query.positions))


def vehicle_query(query: Query) -> VehicleQuery:
    """A caller's words as the kernel takes them."""
    ids: tuple[str, ...] | None = None
    for attribute, said in query.given:
        if attribute == "vehicle_id":
            texts = tuple(str(one) for one in said)
            ids = texts if ids is None else tuple(one for one in ids if one in texts)
    return VehicleQuery(
        given=tuple(given(attribute, *said) for attribute, said in query.given if attribute != "vehicle_id"),
        vehicle_ids=ids or (),
        **({"built": day_window(query.built)} if query.built else {}),
        vin_serial=query.vin_serial,
        answers={note_id(text): answer for text, answer in query.notes.items()},
    )


def fit(question: Asked, made: Compiled, case: Case, part: Part) -> Fit:
    """The judge's verdict and rows by outcome, from the part's slots."""
    if not len(question.candidates):
        return Fit(None, 0, 0, 0)
    own = made.of_part[part.part_id]
    masks = question.union(own.plain, own.noted)
    verdict = question.verdict(
        masks,
        universal=part.universal,
        applications=any(rule.part_id == part.part_id for rule in case.applications),
        quarantined=part.quarantined,
        position=places(part.position),
    )
    tally = question.tally(masks)
    return Fit(verdict.value, tally.match, tally.unknown, tally.mismatch)


def filtered(question: Asked, own: SlotSet) -> tuple[bool, bool]:
    """What the engine's filter says of a document with these slots: (could, fits)."""
    chosen = question.filter
    could = _meets(own, chosen.possible)
    jointly = bool(chosen.groups) and all(_meets(own, group) for group in chosen.groups)
    return could, _meets(own, chosen.always) or jointly


def _meets(own: SlotSet, other: SlotSet) -> bool:
    return bool(set(own.plain) & set(other.plain)) or bool(set(own.noted) & set(other.noted))


def _slots(table: VehicleTable, rule: Application, part_position: tuple[str, ...]) -> Iterable[Slot]:
    placement, notes = place(table, rule)
    where = places(rule.position or part_position)
    asks = tuple(note.note_id for note in notes)
    return [(node, placement.conditions, where, asks) for node in placement.nodes]


def _table(slots: Iterable[Slot], node_count: int, *, by_note: bool) -> tuple[SlotTable, dict[Slot, int]]:
    ordered = sorted(slots, key=lambda slot: (slot[0], str(slot)))
    conjunctions = list(dict.fromkeys(slot[1] for slot in ordered))
    positions = list(dict.fromkeys(slot[2] for slot in ordered))
    note_sets = list(dict.fromkeys(slot[3] for slot in ordered))
    starts = [sum(slot[0] < node for slot in ordered) for node in range(node_count + 1)]
    noted = [note_sets.index(slot[3]) if by_note else NOTED if slot[3] else 0 for slot in ordered]
    made = SlotTable(
        starts,
        {},
        [conjunctions.index(slot[1]) for slot in ordered],
        [positions.index(slot[2]) for slot in ordered],
        noted,
        conjunctions,
        positions,
        note_sets,
    )
    return made, {slot: number for number, slot in enumerate(ordered)}
