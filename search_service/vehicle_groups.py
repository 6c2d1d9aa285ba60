"""The groups of vehicles that popularity is learnt for, from the rows of the vehicle table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fitment_rules.vehicles import VehicleTable
from ranking.type_demand import chain_of

GENERATION, ENGINES = "generation", ("engine_code", "engine", "displacement")
"""The attributes that name a generation and, the most telling first, an engine."""


def chain_of_row(table: VehicleTable, row: int) -> tuple[str, ...]:
    """Groups of one vehicle row, narrowest first."""
    vehicle = table.rows[row]
    engine = next((word for name in ENGINES if (word := _word(table, row, name))), "")
    return chain_of(vehicle.make, vehicle.model, _word(table, row, GENERATION), engine)


def chain_of_rows(table: VehicleTable, rows: Iterable[int]) -> tuple[str, ...]:
    """Groups that all of some rows belong to, narrowest first; none for no rows or nothing in common."""
    chains = [chain_of_row(table, row) for row in rows]
    shared = set(chains[0]).intersection(*chains[1:]) if chains else set()
    return tuple(name for name in chains[0] if name in shared) if chains else ()


def vehicle_chains(table: VehicleTable) -> Mapping[str, tuple[str, ...]]:
    """Groups of every vehicle by its id."""
    return {vehicle_id: chain_of_row(table, row) for vehicle_id, row in table.row_ids.items()}


def _word(table: VehicleTable, row: int, attribute: str) -> str:
    values = table.read(row, attribute)
    return str(values[0]) if values else ""
