"""What a part fits, told by make and model also where its applications name vehicles by an attribute of their own."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from indexers.build import build
from indexers.engine.factory import open_engine
from indexers.generations import Generations
from indexers.inputs import BuildRequest, Inputs
from indexers.rows import RowKind
from indexers.vocabulary import load_vocabulary
from search_service.part_answers import fitted_vehicles
from search_service.resources import config_folder

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)


def _car(number: int, model: str, **said: Any) -> dict[str, Any]:
    return {"vehicle_id": f"k{number}", "make": "Opel", "model": model, "ids": {"ktype": str(number)}, **said}


CARS = [
    _car(1, "Astra", year=2017, attributes={"engine": "B14"}),
    _car(2, "Astra", year=2018, attributes={"engine": ["B16", "D16"]}),
    _car(3, "Corsa", year=2018),
]


def _fitted(folder: Path, cars: list[dict[str, Any]], **said: Any) -> list[tuple[object, ...]]:
    part = {"part_id": "A", "brand": "B", "part_number": "1", "part_type": "Brake Pad Set", "title": {"en": "Pads"}}
    rows = {
        RowKind.VEHICLES: cars,
        RowKind.PARTS: [part],
        RowKind.APPLICATIONS: [{"application_id": "a", "part_id": "A", "vehicle": {}, **said}],
    }
    files = {}
    for kind, some in rows.items():
        files[kind] = [folder / f"{kind.value}.jsonl"]
        files[kind][0].write_text("".join(json.dumps(row) + "\n" for row in some))
    engine = open_engine("embedded", root=folder / "index", heap_bytes=15_000_000, threads=1)
    build(BuildRequest(Inputs(files), folder / "data", engine, load_vocabulary(config_folder()), NOW))
    generation = Generations(folder / "data", engine).open()
    found = fitted_vehicles(generation, generation.ordinal("A") or 0)
    engine.close()
    return [
        (one.model, tuple(one.years), tuple(asked.attribute for asked in one.conditions), one.verdict) for one in found
    ]


def test_a_vehicle_type_number_is_told_as_the_vehicles_it_names(tmp_path: Path) -> None:
    """With what their rows leave open; those that the other conditions shut out are not among them."""
    assert _fitted(tmp_path, CARS, where={"ktype": ["1", "2"]}, **{"except": [{"engine": "D16"}]}) == [
        ("Astra", (2017, 2017), (), "fits"),
        ("Astra", (2018, 2018), ("engine",), "needs_info"),
    ]


def test_vehicles_without_the_number_could_be_meant_too(tmp_path: Path) -> None:
    """They stay as one entry without a model."""
    cars = [*CARS, {"vehicle_id": "x", "make": "Opel", "model": "Zafira"}]
    assert _fitted(tmp_path, cars, where={"ktype": "3"}) == [
        (None, (None, None), ("ktype",), "needs_info"),
        ("Corsa", (2018, 2018), (), "fits"),
    ]
