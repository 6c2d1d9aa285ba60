"""Which documents an update has to make again: those of parts about which anything that a document says has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fitment_rules.vehicles import Level, VehicleTable
from indexers.assemble_parts import Parts
from indexers.assemble_vehicles import Vehicles
from indexers.columns import Array, Bools, Int32s, Int64s, distinct, ragged
from indexers.generation import Generation
from indexers.generation_files import rule_positions
from indexers.store import Store
from indexers.vocabulary import Vocabulary

PARTS_AT_ONCE = 50_000


def changed_parts(
    store: Store, base: Generation | None, parts: Parts, vehicles: Vehicles, stocked: Mapping[str, Sequence[str]],
    vocabulary: Vocabulary,
) -> tuple[Int64s, Int64s]:  # fmt: skip
    """(ordinals to document, ordinals to delete), ascending. A full build and a new vocabulary document every part."""
    alive = np.flatnonzero(parts.alive)
    if base is None:
        return alive, np.empty(0, np.int64)
    gone = np.setdiff1d(np.flatnonzero(~parts.alive), np.setdiff1d(np.arange(base.ordinal_count), base.live_ordinals()))
    if base.manifest.vocabulary != vocabulary.version:
        return alive, gone
    changed = np.zeros(parts.count, np.bool_)
    changed[parts.changed] = True
    changed[base.ordinal_count :] = True
    for name in ("flags", "rank"):
        changed[: base.ordinal_count] |= base.column(name) != store.get(f"part.{name}")[: base.ordinal_count]
    changed[_restocked(base, parts, stocked)] = True
    changed[_refitted(store, base, _stirred(vehicles, store))] = True
    changed[_moved(store, base)] = True
    return np.flatnonzero(changed & parts.alive), gone


def _restocked(base: Generation, parts: Parts, stocked: Mapping[str, Sequence[str]]) -> list[int]:
    before: Mapping[str, Sequence[str]] = Store(base.folder).json("stocked")
    differing = {
        one for one in before.keys() | stocked.keys() if list(before.get(one, ())) != list(stocked.get(one, ()))
    }
    return [parts.ordinals[one] for one in differing if one in parts.ordinals]


def _stirred(vehicles: Vehicles, store: Store) -> Bools:
    """Slots under which the vehicle table changed, or that stand at the root."""
    table: VehicleTable = vehicles.table
    nodes = np.zeros(table.node_count, np.bool_)
    if vehicles.changed_makes:
        rows = {row.vehicle_id: make for row, make in zip(table.rows, table.make_keys, strict=True)}
        for number, key in enumerate(table.node_keys):
            level = Level(str(key[0]))
            make = rows.get(str(key[1])) if level is Level.ROW else None if level is Level.ROOT else key[1]
            nodes[number] = make is None or make in vehicles.changed_makes
    return nodes[store.get("slots.node")]


def _refitted(store: Store, base: Generation, stirred: Bools) -> Int64s:
    """Parts whose slots differ from before, or some slot of which is stirred."""
    before, after = Store(base.folder), store
    found = [np.empty(0, np.int64)]
    for first in range(0, base.ordinal_count, PARTS_AT_ONCE):
        ordinals = np.arange(first, min(first + PARTS_AT_ONCE, base.ordinal_count))
        for name in ("rule_slots", "rule_note_slots"):
            now = _slots_of(after, name, ordinals)
            found.append(np.setxor1d(_slots_of(before, name, ordinals), now, assume_unique=True) >> 32)
            if name == "rule_slots" and len(stirred):
                found.append(now[stirred[now & 0xFFFFFFFF]] >> 32)
    return np.unique(np.concatenate(found))


def _moved(store: Store, base: Generation) -> Int64s:
    """Parts whose applications go to other places than before, whether or not they name a vehicle of the table."""
    stores = [(one, rule_positions(one)) for one in (Store(base.folder), store)]
    found = [np.empty(0, np.int64)]
    for first in range(0, base.ordinal_count, PARTS_AT_ONCE):
        ordinals = np.arange(first, min(first + PARTS_AT_ONCE, base.ordinal_count))
        before, now = (_positions_of(one, positions, ordinals) for one, positions in stores)
        found.append(np.setxor1d(before, now, assume_unique=True) >> 32)
    return np.unique(np.concatenate(found))


def _positions_of(store: Store, rule_position: Int32s, ordinals: Int64s) -> Int64s:
    """Distinct `part << 32 | position`, ascending. An update keeps the positions' numbers."""
    owner, rules = _rules_of(store, ordinals)
    return distinct((owner << 32) | rule_position[rules])


def _rules_of(store: Store, ordinals: Int64s) -> tuple[Int64s, Array]:
    """Parts and rules of the rows of some parts."""
    rows, rule = store.get("rows.starts"), store.get("rows.rule")
    counts = rows[ordinals + 1] - rows[ordinals]
    return np.repeat(ordinals, counts), rule[ragged(rows[ordinals], counts)]


def _slots_of(store: Store, name: str, ordinals: Int64s) -> Int64s:
    starts, members = store.get(f"{name}.starts"), store.get(f"{name}.members")
    owner, rules = _rules_of(store, ordinals)
    each = starts[rules + 1] - starts[rules]
    return distinct((np.repeat(owner, each) << 32) | members[ragged(starts[rules], each)])
