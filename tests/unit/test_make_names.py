"""Makes that a decoder names as no row of the table does."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitment_rules.model import Vehicle, Window
from fitment_rules.vehicles import VehicleTable
from search_service.decoders import default_chain, load_table, vin_answer
from search_service.make_names import MakeNames
from search_service.understanding.words import MakeRow

MAKERS = load_table(Path(__file__).resolve().parents[2] / "config")
NAMES = MakeNames.of([MakeRow("Volkswagen", ("大众", "vw"))])


@pytest.mark.parametrize(
    ("vin", "makes", "expected"),
    [
        ("WVWZZZ1KZAW123456", ("VW",), "VW"),
        ("WVWZZZ1KZAW123456", ("大众", "Honda"), "大众"),
        ("TMBZZZ1Z0A2123456", ("ŠKODA",), "ŠKODA"),
        ("WDB2030461F123456", ("MERCEDES BENZ",), ("MERCEDES BENZ", "Maybach")),
        ("1HGCM82633A004352", ("HONDA",), "Honda"),
        ("1HGCM82633A004352", ("Toyota",), "Honda"),
    ],
)
def test_a_make_is_called_as_the_table_calls_it(vin: str, makes: tuple[str, ...], expected: object) -> None:
    """By another name of the configuration, or but for accents and hyphens; one the table lacks stays as decoded."""
    table = VehicleTable([Vehicle(make, make, "X") for make in makes], Window(2010, 2020))
    decoded = vin_answer(vin, decoders=default_chain(MAKERS), table=MAKERS, this_year=2026)
    field = NAMES.as_the_table_says(decoded, table).field("make")
    assert field is not None
    assert field.value == expected
