"""`touches` and `covers` of parts: which whole makes, models, make-years and base vehicles they reach and fill.

Judged from what the rows of the vehicle table alone know, by units (`indexers.units`): each slot once, then each part
by counting its units against those of a node.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from fitment_rules.compile import NODE_STRIDE
from fitment_rules.conditions import Condition, Serial
from fitment_rules.places import PLACES, agrees
from fitment_rules.vehicles import ROOT, VehicleTable
from indexers.columns import Array, Bools, Int32s, Int64s, UInt64s, distinct, ragged, starts_of
from indexers.slots import Interned, Slots, Words
from indexers.units import NODE_COLUMNS, Units, UnitTable

LOW = np.int64(0xFFFFFFFF)
PAIRS_AT_ONCE = 1 << 21
"""Pairs of a root slot and a unit judged together: some 50 MB."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Per slot, as CSR: the nodes it touches, the units it fills, and units it fills in part with those candidates."""

    touch_starts: Int64s
    touches: Int32s
    full_starts: Int64s
    full: Int32s
    part_starts: Int64s
    part_units: Int32s
    part_masks: UInt64s
    units: Units
    node_count: int


def cover(table: VehicleTable, slots: Slots, words: Words) -> Coverage:
    """Judge every slot against the units under its node; those of the root some at a time, because all are under it."""
    unit_table = UnitTable(table)
    units = unit_table.units
    root = table.node_ids[ROOT]
    at_root = np.flatnonzero(slots.node == root)
    hanging = _placed(unit_table, table, slots, np.flatnonzero(slots.node != root))
    batches = itertools.chain([hanging], _at_root(unit_table, slots, words, at_root))
    found = [_reduced(units, *_judged(unit_table, slots, words, *batch)) for batch in batches]
    touched = distinct(np.concatenate([one[0] for one in found]))
    full = np.sort(np.concatenate([one[1] for one in found]))
    parts = np.concatenate([one[2] for one in found])
    order = np.argsort(parts, kind="stable")
    masks = np.concatenate([one[3] for one in found])[order]
    parts, count = parts[order], len(slots.node)
    return Coverage(*_csr(touched, count), *_csr(full, count), *_csr(parts, count), masks, units, table.node_count)


class Folding:
    """From the slots of some parts to the values of their fields `touches` and `covers`."""

    def __init__(self, coverage: Coverage, slot_position: Int32s, positions: Sequence[tuple[str, ...]]) -> None:
        self._coverage = coverage
        self._position = slot_position
        self._targets = coverage.units.targets(coverage.node_count)
        self._agrees = np.array([[agrees(has, (place,)) for place in PLACES] for has in positions], np.bool_)

    def touches(self, part: Int64s, slot: Int64s, mixed: Bools) -> Int64s:
        """Distinct `part << 32 | value`, ascending. `mixed` tells parts whose slots differ in position."""
        coverage = self._coverage
        starts = coverage.touch_starts[slot]
        counts = coverage.touch_starts[slot + 1] - starts
        keys = [distinct(one) for one in self._touched(part, starts, counts)]
        position = self._position[slot] + 1
        placed = mixed[part] & (position < NODE_STRIDE)
        if placed.any():
            owner, at, starts, counts = part[placed], position[placed], starts[placed], counts[placed]
            node = coverage.touches[ragged(starts, counts)].astype(np.int64) * NODE_STRIDE
            keys.append(_pair(np.repeat(owner, counts), node + np.repeat(at, counts)))
        return distinct(np.concatenate(keys))

    def _touched(self, part: Int64s, starts: Int64s, counts: Int64s) -> Iterator[Int64s]:
        """Keys of parts and nodes, those of slots with one node of each kind by kind.

        Slots ascend by node inside a part, so each of these repeats in a row, and little is left to sort.
        """
        touches = self._coverage.touches
        usual = counts == len(NODE_COLUMNS)
        for kind in range(len(NODE_COLUMNS)):
            yield _pair(part[usual], touches[starts[usual] + kind].astype(np.int64) * NODE_STRIDE)
        other = ~usual
        if other.any():
            node = touches[ragged(starts[other], counts[other])].astype(np.int64) * NODE_STRIDE
            yield _pair(np.repeat(part[other], counts[other]), node)

    def covers(self, part: Int64s, slot: Int64s, mixed: Bools) -> Int64s:
        """Distinct `part << 32 | value`, ascending."""
        keys = [self._covered(part, slot, (0,))]
        chosen = mixed[part]
        if chosen.any():
            keys.extend(self._covered_by_place(part[chosen], slot[chosen]))
        return distinct(np.concatenate(keys))

    def _covered_by_place(self, part: Int64s, slot: Int64s) -> list[Int64s]:
        """Places that agree with the same positions are folded once."""
        position = self._position[slot]
        present = np.unique(position)
        classes: dict[bytes, list[int]] = {}
        for place in range(len(PLACES)):
            classes.setdefault(self._agrees[present, place].tobytes(), []).append(place)
        found = []
        for places in classes.values():
            keep = self._agrees[position, places[0]]
            found.append(self._covered(part[keep], slot[keep], [place + 1 for place in places]))
        return found

    def _covered(self, part: Int64s, slot: Int64s, values: Sequence[int]) -> Int64s:
        filled = distinct(np.concatenate((self._full(part, slot), self._put_together(part, slot))))
        owner, unit = filled >> 32, filled & LOW
        found = []
        for kind in NODE_COLUMNS:
            node = getattr(self._coverage.units, kind)[unit].astype(np.int64)
            known = node >= 0
            found.append(_complete(_pair(owner[known], node[known]), self._targets[kind]))
        nodes = np.concatenate(found)
        owners, whole = nodes >> 32, (nodes & LOW) * NODE_STRIDE
        return np.concatenate([_pair(owners, whole + value) for value in values])

    def _full(self, part: Int64s, slot: Int64s) -> Int64s:
        coverage = self._coverage
        counts = coverage.full_starts[slot + 1] - coverage.full_starts[slot]
        units = coverage.full[ragged(coverage.full_starts[slot], counts)]
        return _pair(np.repeat(part, counts), units)

    def _put_together(self, part: Int64s, slot: Int64s) -> Int64s:
        """Units that several slots of a part fill together."""
        coverage = self._coverage
        counts = coverage.part_starts[slot + 1] - coverage.part_starts[slot]
        at = ragged(coverage.part_starts[slot], counts)
        if not len(at):
            return np.empty(0, np.int64)
        keys = _pair(np.repeat(part, counts), coverage.part_units[at])
        order = np.argsort(keys, kind="stable")
        keys, masks = keys[order], coverage.part_masks[at][order]
        firsts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        together = np.bitwise_or.reduceat(masks, firsts)
        whole = together == coverage.units.full[keys[firsts] & LOW]
        return np.asarray(keys[firsts][whole])


def _pair(high: Array, low: Array) -> Int64s:
    return (high.astype(np.int64) << 32) | low.astype(np.int64)


def _complete(keys: Int64s, wanted: Int64s) -> Int64s:
    """Keys (part, node) that occur as often as the node has units."""
    keys = np.sort(keys)
    firsts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.empty(0, np.int64)
    counts = np.diff(np.append(firsts, len(keys)))
    return np.asarray(keys[firsts][counts == wanted[keys[firsts] & LOW]]) if len(keys) else keys


def _reduced(
    units: Units, slot: Int64s, unit: Int64s, true: UInt64s, possible: UInt64s
) -> tuple[Int64s, Int64s, Int64s, UInt64s]:
    """Pairs of slot and node touched, slot and unit filled, slot and unit filled in part; and the masks of the last."""
    reached = possible != 0
    touched = [
        _pair(slot[here], column[unit[here]])
        for column in (getattr(units, kind) for kind in NODE_COLUMNS)
        for here in (reached & (column[unit] >= 0),)
    ]
    whole = true == units.full[unit]
    some = (true != 0) & ~whole
    return (
        distinct(np.concatenate(touched)), _pair(slot[whole], unit[whole]), _pair(slot[some], unit[some]), true[some],
    )  # fmt: skip


def _judged(
    unit_table: UnitTable, slots: Slots, words: Words, slot: Int64s, unit: Int64s, under: UInt64s
) -> tuple[Int64s, Int64s, UInt64s, UInt64s]:
    """(slot, unit, true, possible) of slots and units under them."""
    true, possible = np.zeros(len(slot), np.uint64), np.zeros(len(slot), np.uint64)
    answerable, kind_of, never = _answerable(words, np.unique(slots.conjunction[slot]))
    kind = kind_of[slots.conjunction[slot]]
    order = np.argsort(kind, kind="stable")
    present, firsts = np.unique(kind[order], return_index=True)
    for number, here in zip(present.tolist(), np.split(order, firsts[1:]), strict=False):
        distinct_units, inverse = np.unique(unit[here], return_inverse=True)
        one_true, one_possible = unit_table.judge(answerable[number], distinct_units)
        true[here] = one_true[inverse] & under[here]
        possible[here] = one_possible[inverse] & under[here]
    true[(slots.noted[slot] != 0) | never[slots.conjunction[slot]]] = 0
    return slot, unit, true, possible


def _answerable(words: Words, used: Int32s) -> tuple[list[tuple[Condition, ...]], Int32s, Bools]:
    """The conjunctions without what no row answers, their numbers by conjunction, and which thereby are at best open.

    No row has a VIN, so serial limits, which differ from application to application, are never met by rows alone.
    """
    kinds = Interned.of([])
    kind_of = np.zeros(len(words.conjunctions.values), np.int32)
    never = np.zeros(len(words.conjunctions.values), np.bool_)
    for number in used.tolist():
        conjunction = words.conjunctions.values[number]
        rest = tuple(one for one in conjunction if not isinstance(one, Serial))
        kind_of[number], never[number] = kinds.number(rest), len(rest) < len(conjunction)
    return kinds.values, kind_of, never


def _placed(unit_table: UnitTable, table: VehicleTable, slots: Slots, chosen: Int64s) -> tuple[Int64s, Int64s, UInt64s]:
    """The chosen slots with every unit under their nodes."""
    nodes, inverse = np.unique(slots.node[chosen], return_inverse=True)
    found = [unit_table.under(table.node_keys[node]) for node in nodes.tolist()]
    counts = np.array([len(units) for units, _ in found], np.int64)
    starts = starts_of(counts)
    units = np.concatenate([units for units, _ in found] or [np.empty(0, np.int64)])
    masks = np.concatenate([masks for _, masks in found] or [np.empty(0, np.uint64)])
    per_slot = counts[inverse]
    at = ragged(starts[inverse], per_slot)
    return np.repeat(chosen, per_slot), units[at], masks[at]


def _at_root(
    unit_table: UnitTable, slots: Slots, words: Words, chosen: Int64s
) -> Iterator[tuple[Int64s, Int64s, UInt64s]]:
    """Slots of the root with the units that they may reach, about `PAIRS_AT_ONCE` at a time."""
    waiting: list[tuple[Int64s, Int64s, UInt64s]] = []
    pairs = 0
    for slot in chosen.tolist():
        units, masks = unit_table.reachable(words.conjunctions.values[int(slots.conjunction[slot])])
        waiting.append((np.full(len(units), slot), units, masks))
        pairs += len(units)
        if pairs >= PAIRS_AT_ONCE:
            yield _together(waiting)
            waiting, pairs = [], 0
    if waiting:
        yield _together(waiting)


def _together(some: Sequence[tuple[Int64s, Int64s, UInt64s]]) -> tuple[Int64s, Int64s, UInt64s]:
    slot, unit, under = (np.concatenate(column) for column in zip(*some, strict=True))
    return slot, unit, under


def _csr(pairs: Int64s, count: int) -> tuple[Int64s, Int32s]:
    """Run starts and members of ascending pairs of slot and member."""
    sizes = np.bincount(pairs >> 32, minlength=count).astype(np.int64)
    return starts_of(sizes), (pairs & LOW).astype(np.int32)


def uniform(parts: int, part: Int64s, slot: Int64s, position: Int32s) -> tuple[Int32s, Bools]:
    """Per part: the position all its slots share (-1 without slots or where they differ), and whether they differ."""
    low, high = np.full(parts, np.iinfo(np.int32).max, np.int32), np.full(parts, -1, np.int32)
    np.minimum.at(low, part, position[slot])
    np.maximum.at(high, part, position[slot])
    same = low == high
    return np.where(same, high, -1).astype(np.int32), ~same & (high >= 0)
