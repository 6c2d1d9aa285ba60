"""Vehicle rows → the vehicle table of a generation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from fitment_rules.model import Vehicle, Window
from fitment_rules.vehicles import VehicleTable
from indexers.generation import Generation
from indexers.generation_files import vehicle_of
from indexers.read_rows import RowsRead, read_rows
from indexers.rows import Action, Row, VehicleRow
from indexers.sources.blocks import Piece
from indexers.store import Store


@dataclass(frozen=True, slots=True)
class Vehicles:
    """The table, and the makes some row of which is not as it was in the generation updated (all in a full build).

    `base_count` counts makes, models and years; a model of which no year is known is one.
    """

    table: VehicleTable
    base_count: int
    changed_makes: frozenset[object]


def assemble_vehicles(
    store: Store, pieces: Iterable[Piece], tally: RowsRead, base: Generation | None, year: int
) -> Vehicles:
    """Read the rows, write them in table order with the numbers of the nodes. `year` is the present one."""
    rows: dict[str, bytes] = {}
    before: dict[str, bytes] = {}
    made: dict[str, Vehicle] = {}
    if base is not None:
        before = {row.vehicle_id: base.vehicle_json(at) for at, row in enumerate(base.vehicles.rows)}
        rows.update(before)
        made.update((row.vehicle_id, row) for row in base.vehicles.rows)

    def check(row: Row) -> None:
        assert isinstance(row, VehicleRow)
        if row.action is Action.ADD:
            made[row.vehicle_id] = vehicle_of(row)

    for row, _, _ in read_rows(pieces, tally, check):
        assert isinstance(row, VehicleRow)
        rows.pop(row.vehicle_id, None)
        if row.action is Action.ADD:
            rows[row.vehicle_id] = msgspec.json.encode(row)
    vehicles = [made[vehicle_id] for vehicle_id in rows]
    known = dict(base.vehicles.node_ids) if base else None
    horizon = _horizon(vehicles, year, base)
    table = VehicleTable(vehicles, horizon, known)
    store.put_records("vehicles", rows.values())
    store.put_json("nodes", table.node_keys)
    bases = sum(len(years) or 1 for years, _ in table.model_years.values())
    return Vehicles(table, bases, _changed_makes(before, rows, table, base))


def _horizon(vehicles: Sequence[Vehicle], year: int, base: Generation | None) -> Window:
    """The years that open ends are filled with: all that the table names, up to next year's models at least."""
    named = [end for vehicle in vehicles for end in (vehicle.years.start, vehicle.years.end) if end is not None]
    first, last = min(named, default=year), max([*named, year + 1])
    if base is not None and base.manifest.horizon[1] > last:
        last = base.manifest.horizon[1]
    return Window(first, last)


def _changed_makes(
    before: dict[str, bytes], after: dict[str, bytes], table: VehicleTable, base: Generation | None
) -> frozenset[object]:
    if base is None:
        return frozenset(table.make_keys)
    if base.vehicles.horizon != table.horizon:
        return frozenset((*table.make_keys, *base.vehicles.make_keys))
    changed = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
    here = {key for row, key in zip(table.rows, table.make_keys, strict=True) if row.vehicle_id in changed}
    there = {
        key for row, key in zip(base.vehicles.rows, base.vehicles.make_keys, strict=True) if row.vehicle_id in changed
    }
    return frozenset(here | there)
