"""The worked example of TecDoc-like linkages in the documentation does what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fitment_rules.candidates import resolve
from fitment_rules.compile import every_condition
from fitment_rules.model import Result, Window
from fitment_rules.vehicles import VehicleQuery, VehicleTable, given
from indexers.generation_files import vehicle_of
from indexers.memo import SEPARATOR, read_condition
from indexers.rows import ROW_TYPES, RowKind, VehicleRow
from indexers.slots import condition_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bring-your-own-data.md"


def _example() -> tuple[dict[str, Any], dict[str, Any]]:
    section = PAGE.read_text(encoding="utf-8").partition("## TecDoc-like linkages")[2]
    block = section.partition("```json")[2].partition("```")[0]
    decoder, rows, at = json.JSONDecoder(), [], 0
    while block[at:].strip():
        at += len(block[at:]) - len(block[at:].lstrip())
        row, at = decoder.raw_decode(block, at)
        rows.append(row)
    vehicle, application = rows
    return vehicle, application


@pytest.mark.parametrize(
    ("built", "brake", "expected"),
    [
        ("2015-03", "PR-1ZE", Result.MATCH),
        ("2013-01", "PR-1ZE", Result.MISMATCH),
        ("2015-03", "PR-1ZA", Result.MISMATCH),
        (None, "PR-1ZE", Result.UNKNOWN),
        ("2015-03", None, Result.UNKNOWN),
    ],
)
def test_a_linkage_includes_excludes_and_keeps_its_window(
    built: str | None, brake: str | None, expected: Result
) -> None:
    """The vehicle type by its id, the build window, and a criterion with the exclude flag; unknown stays unknown."""
    vehicle, application = _example()
    row = vehicle | ({"built_from": built, "built_to": built} if built else {})
    table = VehicleTable([vehicle_of(_struct(row))], Window(2000, 2027))
    said = [given("ktype", "58066"), *([given("brake_system", brake)] if brake else [])]
    candidates = resolve(table, VehicleQuery(tuple(said)))
    spelled = (
        json.dumps(application["where"]),
        json.dumps(application["except"]),
        application["built_from"],
        "",
        "",
        "",
    )
    asked = condition_of(read_condition(SEPARATOR.join(one.encode() for one in spelled)))
    masks = [condition.masks(candidates) for condition in every_condition(asked)]
    result = min(Result.MATCH if true else Result.UNKNOWN if possible else Result.MISMATCH for true, possible in masks)
    assert result is expected


def _struct(row: dict[str, Any]) -> VehicleRow:
    found = msgspec.convert(row, ROW_TYPES[RowKind.VEHICLES])
    assert isinstance(found, VehicleRow)
    return found
