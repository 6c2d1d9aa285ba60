"""A case as the files of the contract: JSON Lines of vehicles, parts and applications."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fitment_rules.model import Application, Scalar, Vehicle, Window
from tests.oracle.catalogues import Case
from tests.oracle.oracle import Part

FILES = ("vehicles", "parts", "applications")


def write(case: Case, folder: Path) -> dict[str, Path]:
    """Write the three files; a quarantined part has one application without meaning beside its own."""
    rows: dict[str, list[Mapping[str, Any]]] = {
        "vehicles": [vehicle_row(row) for row in case.vehicles],
        "parts": [part_row(part) for part in case.parts],
        "applications": [application_row(rule) for rule in case.applications],
    }
    rows["applications"] += [
        {"application_id": f"bad-{part.part_id}", "part_id": part.part_id, "vehicle": {"years": [2015, 2014]}}
        for part in case.parts
        if part.quarantined
    ]
    paths = {name: folder / f"{name}.jsonl" for name in FILES}
    for name, path in paths.items():
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows[name]), encoding="utf-8")
    return paths


def vehicle_row(row: Vehicle) -> Mapping[str, Any]:
    """One line of the vehicle table."""
    return _without_empty(
        {
            "vehicle_id": row.vehicle_id,
            "make": row.make,
            "model": row.model,
            "year_from": row.years.start,
            "year_to": row.years.end,
            "built_from": _day(row.built.start),
            "built_to": _day(row.built.end),
            "names": row.names,
            "aliases": list(row.aliases),
            "attributes": {name: _json(value) for name, value in row.attributes.items()},
        }
    )


def part_row(part: Part) -> Mapping[str, Any]:
    """One line of parts; the part's columns are its brand, part type and quality."""
    columns = {name: values[0] for name, values in part.columns.items()}
    row = {
        "part_id": part.part_id,
        "part_number": part.part_id,
        "title": {"en": f"thing {part.part_id}"},
        "position": list(part.position),
        "universal": part.universal,
        **columns,
    }
    return _without_empty({"brand": "ACME", "part_type": "thing", **row})


def application_row(rule: Application) -> Mapping[str, Any]:
    """One line of applications."""
    selector = {"make": list(rule.make), "model": list(rule.model), "years": _years(rule.years)}
    row = {
        "application_id": rule.application_id,
        "part_id": rule.part_id,
        "where": _members(rule.where),
        "except": [_members(members) for members in rule.except_],
        "built_from": _day(rule.built.start),
        "built_to": _day(rule.built.end),
        "vin_serial_from": rule.vin_serial_from,
        "vin_serial_to": rule.vin_serial_to,
        "position": list(rule.position),
        "quantity": rule.quantity,
        "notes": [_without_empty({"text": note.text, "lang": note.lang, "kind": note.kind}) for note in rule.notes],
    }
    named = {"vehicle_ids": list(rule.vehicle_ids)} if rule.vehicle_ids else {"vehicle": _without_empty(selector)}
    return {**_without_empty(row), **named}


def _members(members: Mapping[str, Iterable[Scalar]]) -> dict[str, Any]:
    return {name: _json(tuple(values)) for name, values in members.items()}


def _json(value: Scalar | tuple[Scalar, ...]) -> Any:
    if not isinstance(value, tuple):
        return value
    return value[0] if len(value) == 1 else list(value)


def _years(years: Window) -> list[int | None] | None:
    return None if years.open else [years.start, years.end]


def _day(ordinal: int | None) -> str | None:
    return None if ordinal is None else datetime.date.fromordinal(ordinal).isoformat()


def _without_empty(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value not in (None, [], {}, ())}
