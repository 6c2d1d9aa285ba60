"""From a vehicle query to a filter over slots, and from a part's slots to its verdict.

A **slot** is one (node, conjunction, position, noted). For candidates under its node it is true, possible or neither,
as two bit sets; outside its node it is neither. `Asked` judges slots on demand and remembers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from fitment_rules.candidates import CandidateSet, candidates_under
from fitment_rules.conditions import AnyOf, Condition, Masks, conjunction_masks
from fitment_rules.covering import covering_groups
from fitment_rules.model import Key, Verdict
from fitment_rules.places import agrees
from fitment_rules.vehicles import NodeKey, VehicleTable

FEW_NODES = 48
"""Candidates under at most so many nodes have all their slots judged at once."""

NOTED = 1
"""In the plain slot table: the slot's rows carry unanswered condition notes, so it is at best open."""


class SlotTable:
    """All slots of one generation, as columns.

    The slots of node `n` are `node_start[n] .. node_start[n + 1]`, and `extra[n]` (slots that an update appended).
    `conjunction`, `position`, `noted` are per slot, the first two indices into `conjunctions` and `positions`
    (canonical places, `()` every position). In the plain table `noted` is 0 or `NOTED`; in the table of note slots it
    is an index into `note_sets`.
    """

    def __init__(
        self,
        node_start: Sequence[int],
        extra: Mapping[int, tuple[int, ...]],
        conjunction: Sequence[int],
        position: Sequence[int],
        noted: Sequence[int],
        conjunctions: Sequence[tuple[Condition, ...]],
        positions: Sequence[tuple[str, ...]],
        note_sets: Sequence[tuple[str, ...]] = (),
        node: Sequence[int] | None = None,
    ) -> None:
        """`node` is the node of each slot, where that is at hand; else it is searched for in `node_start`."""
        self.node_start = node_start
        self.extra = extra
        self.conjunction = conjunction
        self.position = position
        self.noted = noted
        self.conjunctions = conjunctions
        self.positions = positions
        self.note_sets = note_sets
        self._node = node

    def at(self, node: int) -> Iterable[int]:
        """Slots of a node, ascending."""
        if node + 1 >= len(self.node_start):
            return self.extra.get(node, ())
        run = range(int(self.node_start[node]), int(self.node_start[node + 1]))
        more = self.extra.get(node)
        return (*run, *more) if more else run

    def node_of(self, slot: int) -> int:
        """The node a slot hangs at."""
        if self._node is not None:
            return self._node[slot]
        appended = self._appended.get(slot)
        return bisect_right(self.node_start, slot) - 1 if appended is None else appended

    @cached_property
    def _appended(self) -> dict[int, int]:
        return {slot: node for node, slots in self.extra.items() for slot in slots}

    def relevant(self, node: int, candidates: CandidateSet) -> Iterable[int]:
        """Slots of a node that could be possible, found through one of their equality conditions where they have one.

        A root can hold very many slots (an engine, a tyre size); only those whose value some candidate has, or whose
        attribute some candidate lacks, are returned.
        """
        slots = self.at(node)
        if not isinstance(slots, range) or len(slots) < 256:
            return slots
        plain, indexed = self._index(node)
        found = list(plain)
        for attribute, by_key in indexed.items():
            groups = candidates.values(attribute)
            if any(keys is None for keys, _ in groups):
                found.extend(slot for some in by_key.values() for slot in some)
            else:
                said = {key for keys, _ in groups for key in keys or ()}
                found.extend(slot for key in said for slot in by_key.get(key, ()))
        return sorted(set(found))

    def _index(self, node: int) -> tuple[list[int], dict[str, dict[Key, list[int]]]]:
        if node not in self._indexes:
            plain: list[int] = []
            indexed: dict[str, dict[Key, list[int]]] = {}
            for slot in self.at(node):
                first = next((c for c in self.conjunctions[self.conjunction[slot]] if isinstance(c, AnyOf)), None)
                if first is None:
                    plain.append(slot)
                for key in first.keys if first else ():
                    indexed.setdefault(first.attribute if first else "", {}).setdefault(key, []).append(slot)
            self._indexes[node] = (plain, indexed)
        return self._indexes[node]

    @cached_property
    def _indexes(self) -> dict[int, tuple[list[int], dict[str, dict[Key, list[int]]]]]:
        return {}


@dataclass(frozen=True, slots=True)
class SlotSet:
    """Slot ids of the two tables, ascending: field `slots` and field `note_slots`."""

    plain: tuple[int, ...] = ()
    noted: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.plain or self.noted)


@dataclass(frozen=True, slots=True)
class FitFilter:
    """What the engine is asked.

    *could*: a document holds any of `possible`. *fits*: it holds any of `always`, or any of every one of `groups`
    (no groups: `always` alone decides).
    """

    possible: SlotSet
    always: SlotSet
    groups: tuple[SlotSet, ...] = ()


class Tally(NamedTuple):
    """Vehicle rows by outcome for one part; a row is a match (a mismatch) if it is one in all its model years."""

    match: int
    unknown: int
    mismatch: int


class Asked:
    """One vehicle query against the slots of one generation.

    `asked_places` are canonical; `()` asks no position. `memo` is room for what reasons and
    questions find once and use for every part of a page. Where the query answers a note, the noted slots of the plain
    table give way to those of the per-note table.
    """

    def __init__(
        self, candidates: CandidateSet, slots: SlotTable, note_slots: SlotTable, asked_places: tuple[str, ...] = ()
    ) -> None:
        self.candidates = candidates
        self.slots = slots
        self.note_slots = note_slots
        self.asked_places = asked_places
        self.answers_notes = bool(candidates.answers)
        self.memo: dict[object, Any] = {}
        self._conditions: dict[Condition, Masks] = {}
        self._tallies: dict[Masks, Tally] = {}
        self._possible: dict[int, Masks] | None = None
        self._plain: dict[int, Masks] = {}
        self._noted: dict[int, Masks] = {}
        self._conjunctions: dict[int, Masks] = {}
        self._note_conjunctions: dict[int, Masks] = {}

    def condition(self, condition: Condition) -> Masks:
        """Outcome of one condition over the candidates, remembered."""
        found = self._conditions.get(condition)
        if found is None:
            found = self._conditions[condition] = condition.masks(self.candidates)
        return found

    def slot(self, slot: int) -> Masks:
        """(true, possible) of a slot of field `slots`."""
        found = self._plain.get(slot)
        if found is None:
            found = self._plain[slot] = self._judge_plain(slot, self._under(self.slots, slot))
        return found

    def each(self, slots: Sequence[int], nodes: Sequence[int]) -> list[Masks]:
        """`slot` of many, given with their nodes."""
        table, under, judged, known = self.slots, self._under_nodes, self._conjunctions, self._plain
        conjunctions, noted, placed = table.conjunction, table.noted, not self.asked_places
        found = []
        for slot, node in zip(slots, nodes, strict=True):
            masks = known.get(slot)
            if masks is None:
                beneath = under.get(node, 0)
                if placed and not noted[slot]:
                    index = conjunctions[slot]
                    true, possible = judged.get(index) or self._conjunction(table, index, judged)
                    masks = (true & beneath, possible & beneath)
                else:
                    masks = self._judge_plain(slot, beneath)
                known[slot] = masks
            found.append(masks)
        return found

    def conjunctions(self, indices: Iterable[int]) -> list[Masks]:
        """(true, possible) of conjunctions of the plain table over all candidates, wherever they hang.

        Outcomes of conditions are remembered by identity, as `fit.outcome` does: the table shares equal ones.
        """
        judged, conjunctions, known, candidates = (
            self._conjunctions,
            self.slots.conjunctions,
            self.memo,
            self.candidates,
        )
        found = []
        for index in indices:
            masks = judged.get(index)
            if masks is None:
                true = possible = candidates.full
                for condition in conjunctions[index]:
                    entry = known.get(id(condition))
                    if entry is None:
                        entry = known[id(condition)] = (condition, condition.masks(candidates))
                    true &= entry[1][0]
                    possible &= entry[1][1]
                masks = judged[index] = (true, possible)
            found.append(masks)
        return found

    def note_slot(self, slot: int) -> Masks:
        """(true, possible) of a slot of field `note_slots`; neither unless the query answers a note."""
        found = self._noted.get(slot)
        if found is None:
            found = self._noted[slot] = self._judge_noted(slot, self._under(self.note_slots, slot))
        return found

    def union(self, slots: Set[int], note_slots: Set[int] = frozenset()) -> Masks:
        """(true, possible) over slots of one part: what some application makes of each candidate."""
        true = possible = 0
        known = self._few_possible
        for slot in slots if known is None else known.keys() & slots:
            one = self.slot(slot)
            true |= one[0]
            possible |= one[1]
        if self.answers_notes:
            for slot in note_slots:
                one = self.note_slot(slot)
                true |= one[0]
                possible |= one[1]
        return true, possible

    @property
    def _few_possible(self) -> dict[int, Masks] | None:
        """Every slot that could match, where the candidates hang under few nodes: cheaper than looking each slot up."""
        if self._possible is None and len(self.candidates.nodes) <= FEW_NODES:
            self._possible = self._judged(self.slots, self._judge_plain, self._plain)
        return self._possible

    def verdict(
        self,
        masks: Masks,
        *,
        universal: bool = False,
        applications: bool = True,
        quarantined: bool = False,
        position: tuple[str, ...] = (),
    ) -> Verdict:
        """The verdict for a part whose slots gave `masks` (from `union`), tried in the contract's order.

        `universal` parts are judged by their own `position`; `applications` and `quarantined` say whether the part
        has any accepted, any rejected application.
        """
        true, possible = masks
        if true == self.candidates.full:
            return Verdict.FITS
        if universal and agrees(position, self.asked_places):
            return Verdict.UNIVERSAL
        if possible:
            return Verdict.NEEDS_INFO
        return Verdict.DOES_NOT_FIT if applications and not quarantined else Verdict.NO_DATA

    def tally(self, masks: Masks) -> Tally:
        """Rows by outcome, from `union`."""
        found = self._tallies.get(masks)
        if found is None:
            found = self._tallies[masks] = self.tally_among(masks, self.candidates.full)
        return found

    def tally_among(self, masks: Masks, among: int) -> Tally:
        """Rows by outcome, counting only the candidates `among` (rows without any of them do not count)."""
        rows_of, (true, possible) = self.candidates.rows_of, masks
        rows = rows_of(among).bit_count()
        match = rows - rows_of(among & ~true).bit_count()
        mismatch = rows - rows_of(among & possible).bit_count()
        return Tally(match, rows - match - mismatch, mismatch)

    @cached_property
    def _reached(self) -> tuple[dict[int, Masks], dict[int, Masks]]:
        """Every slot, and every note slot, at or above the candidates that could match; any other could not."""
        if self._possible is None:
            self._possible = self._judged(self.slots, self._judge_plain, self._plain)
        noted = self._judged(self.note_slots, self._judge_noted, self._noted) if self.answers_notes else {}
        return self._possible, noted

    @cached_property
    def possible(self) -> SlotSet:
        """The slots that could match some candidate: what *could* needs, without splitting the candidates."""
        return _slot_set(*self._reached, lambda masks: masks[1] != 0)

    @cached_property
    def filter(self) -> FitFilter:
        """The filter for the engine; its groups grow with the candidates, so ask it of few."""
        plain, noted = self._reached
        full = self.candidates.full
        always = _slot_set(plain, noted, lambda masks: masks[0] == full)
        groups = covering_groups(full, *({slot: one[0] for slot, one in some.items()} for some in (plain, noted)))
        return FitFilter(self.possible, always, tuple(SlotSet(*slots) for slots in groups))

    def _judged(self, table: SlotTable, judge: Callable[[int, int], Masks], into: dict[int, Masks]) -> dict[int, Masks]:
        found = {}
        ids = self.candidates.table.node_ids
        for node in self.candidates.nodes:
            node_id = ids.get(node)
            if node_id is None:
                continue
            under = self.candidates.mask_of(node)
            for slot in table.relevant(node_id, self.candidates):
                masks = into[slot] = judge(slot, under)
                if masks[1]:
                    found[slot] = masks
        return found

    @cached_property
    def _under_nodes(self) -> Mapping[int, int]:
        """Candidates under each node that has some, by its id."""
        ids, mask_of = self.candidates.table.node_ids, self.candidates.mask_of
        return {ids[node]: mask_of(node) for node in self.candidates.nodes if node in ids}

    def _under(self, table: SlotTable, slot: int) -> int:
        return self.candidates.mask_of(self.candidates.table.node_keys[table.node_of(slot)])

    def _judge_plain(self, slot: int, under: int) -> Masks:
        table = self.slots
        noted = table.noted[slot] == NOTED
        if not under or (noted and self.answers_notes) or not self._is_placed(table, int(table.position[slot])):
            return 0, 0
        true, possible = self._conjunction(table, int(table.conjunction[slot]), self._conjunctions)
        return 0 if noted else true & under, possible & under

    def _judge_noted(self, slot: int, under: int) -> Masks:
        table = self.note_slots
        if not under or not self.answers_notes or not self._is_placed(table, int(table.position[slot])):
            return 0, 0
        true, possible = self._conjunction(table, int(table.conjunction[slot]), self._note_conjunctions)
        for note in table.note_sets[table.noted[slot]]:
            answer = self.candidates.answers.get(note)
            if answer is False:
                return 0, 0
            if answer is None:
                true = 0
        return true & under, possible & under

    def _conjunction(self, table: SlotTable, index: int, memo: dict[int, Masks]) -> Masks:
        found = memo.get(index)
        if found is None:
            true = possible = self.candidates.full
            for condition in table.conjunctions[index]:
                one = self.condition(condition)
                true &= one[0]
                possible &= one[1]
            found = memo[index] = (true, possible)
        return found

    def _is_placed(self, table: SlotTable, position: int) -> bool:
        if not self.asked_places:
            return True
        return agrees(table.positions[position], self.asked_places)


def judge_node(table: VehicleTable, node: NodeKey, conjunction: Sequence[Condition]) -> tuple[int, int, int]:
    """(true, possible, count) of a conjunction over the candidates under a node, from what the rows alone know."""
    candidates = candidates_under(table, node)
    true, possible = conjunction_masks(conjunction, candidates)
    return true, possible, len(candidates)


def _slot_set(plain: dict[int, Masks], noted: dict[int, Masks], chosen: Callable[[Masks], bool]) -> SlotSet:
    return SlotSet(
        tuple(sorted(slot for slot, masks in plain.items() if chosen(masks))),
        tuple(sorted(slot for slot, masks in noted.items() if chosen(masks))),
    )
