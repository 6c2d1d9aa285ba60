"""Slot → parts: what applications come to, turned round, so that the parts of a vehicle are read as columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from indexers.columns import Int32s, Int64s, ragged, starts_of
from indexers.scratch import Scratch
from indexers.store import Store

STARTS, MEMBERS = "slot_parts.starts", "slot_parts.members"

ROWS_AT_ONCE = 1 << 17
"""Applications turned round together: some 8 MB where each has one slot."""


def write_slot_parts(store: Store, slot_count: int) -> None:
    """Write the parts of each slot of field `slots`, ascending; a part of which several rows have a slot repeats.

    Rows, rules and their slots are written already. One pass counts, another places, so that beside the result only
    some pairs are in memory.
    """
    counts = np.zeros(slot_count, np.int64)
    for _, slots in _pairs(store):
        counts += np.bincount(slots, minlength=slot_count)
    starts = starts_of(counts)
    members, free = Scratch(store.folder).empty(int(starts[-1]), np.int32), starts[:-1].copy()
    for owners, slots in _pairs(store):
        order = np.argsort(slots, kind="stable")
        ordered = slots[order]
        heads = np.flatnonzero(np.diff(ordered, prepend=-1))
        lengths = np.diff(heads, append=len(ordered))
        members[ragged(free[ordered[heads]], lengths)] = owners[order]
        free[ordered[heads]] += lengths
    store.put(STARTS, starts)
    store.put(MEMBERS, members)


def _pairs(store: Store) -> Iterator[tuple[Int32s, Int32s]]:
    """(part, slot) of all rows, some rows at a time, parts ascending."""
    part_ends, rule = store.get("rows.starts")[1:], store.get("rows.rule")
    starts, members = store.get("rule_slots.starts"), store.get("rule_slots.members")
    for first in range(0, len(rule), ROWS_AT_ONCE):
        rules = rule[first : first + ROWS_AT_ONCE]
        rows = np.arange(first, first + len(rules))
        owners: Int64s = np.searchsorted(part_ends, rows, side="right")
        runs = starts[rules + 1] - starts[rules]
        yield np.repeat(owners, runs).astype(np.int32), members[ragged(starts[rules], runs)]
