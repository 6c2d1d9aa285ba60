"""Sizes in a text against what parts say of themselves: in titles, or as numbers among their attributes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from search_service.cli import app as command
from search_service.settings import load
from tests.oracle.shop import serving

Ask = Callable[..., Any]


def part(number: str, part_type: str, title: str, **attributes: Any) -> dict[str, Any]:
    return {
        "part_id": number, "brand": "ACME", "part_number": number, "part_type": part_type, "title": {"en": title},
        "attributes": attributes, "universal": True,
    }  # fmt: skip


PARTS = [
    part("W-600", "wiper_blade", "Wiper blade", length_mm=600),
    part("W-650", "wiper_blade", "Wiper blade", length_mm=650),
    part("W-TITLE", "wiper_blade", 'Wiper blade 16"'),
    part("OIL-SP", "engine_oil", "Engine oil", viscosity="5W-30", api="SP", volume_l=4),
    part("OIL-SN", "engine_oil", "Engine oil", viscosity="5W-30", api="SN", volume_l=1),
    part("OIL-40", "engine_oil", "Engine oil", viscosity="5W-40", api="SP", volume_l=4),
    part("BULB-HB3", "headlight_bulb", "Headlight bulb HB3"),
    part("BULB-H7", "headlight_bulb", "Headlight bulb", socket="H7"),
    part("FILTER-UNF", "oil_filter", "Oil filter", thread="3/4-16 UNF"),
    part("FILTER-M20", "oil_filter", "Oil filter", thread="M20x1.5"),
    part("COOL-12", "coolant", "Coolant G12+"),
    part("COOL-12PP", "coolant", "Coolant G12++"),
    part("TYRE-17", "tyre", "Tyre 225/45R17 91W"),
    part("TYRE-16", "tyre", "Tyre 205/55R16 91V"),
    part("BATTERY-60", "battery", "Battery", capacity_ah=60),
    part("BATTERY-70", "battery", "Battery", capacity_ah=70, code="LN3"),
]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask `/v1/search` over a catalogue that the real command indexed."""
    folder = tmp_path_factory.mktemp("sizes")
    vehicle = {"vehicle_id": "c", "make": "Toyota", "model": "Corolla", "year": 2015}
    rows = {"vehicles": [vehicle], "parts": PARTS, "applications": []}
    for name, each in rows.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in each), encoding="utf-8")
    told = [f"--{name}={folder / name}.jsonl" for name in rows]
    result = CliRunner().invoke(command, ["index", *told], env={"PARTFIT_DATA_DIR": str(folder / "data")})
    assert result.exit_code == 0, result.output
    with serving(load({"data_dir": Path(folder / "data"), "log_level": "error"})) as client:
        yield lambda q: client.get("/v1/search", {"q": q})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("24寸雨刮", ["W-600"]),
        ("雨刮片 650mm", ["W-650"]),
        ('wiper 26"', ["W-650"]),
        ("雨刮 16寸", ["W-TITLE"]),
        ("9005", ["BULB-HB3"]),
        ("H7", ["BULB-H7"]),
        ("机油滤芯 3/4-16", ["FILTER-UNF"]),
        ("oil filter M20 x 1.5", ["FILTER-M20"]),
        ("G12++", ["COOL-12PP"]),
        ("17寸轮胎", ["TYRE-17"]),
        ("60安时 电瓶", ["BATTERY-60"]),
        ("H6 电瓶", ["BATTERY-70"]),
    ],
)
def test_a_size_finds_the_parts_that_have_it(ask: Ask, text: str, found: list[str]) -> None:
    """Inches find millimetres, one name of a socket the other, a rim the tyres for it."""
    answer = ask(text)
    assert [item["part_id"] for item in answer["items"]] == found
    assert answer["relaxed"] == []


@pytest.mark.parametrize(
    ("text", "first", "total"),
    [("5W30 机油 SP 4L", "OIL-SP", 2), ("5W-30 SN", "OIL-SN", 2), ("机油 SP 4升", "OIL-40", 3)],
)
def test_a_lesser_grade_only_orders(ask: Ask, text: str, first: str, total: int) -> None:
    """A viscosity must be found; class and volume bring what has them to the front."""
    answer = ask(text)
    assert answer["total"] == total
    assert answer["items"][0]["part_id"] in {first, "OIL-SP"} if total == 3 else answer["items"][0]["part_id"] == first


def test_sizes_are_shown_as_understood(ask: Ask) -> None:
    """Each size with its kind, what was typed and how it is written."""
    (spec,) = ask("全合成 5w30")["understood"]["specs"]
    assert {key: spec[key] for key in ("kind", "value", "text", "written")} == {
        "kind": "oil_grade", "value": "5w30", "text": "5w30", "written": "5W-30",
    }  # fmt: skip
