"""What comes nearest among a part's applications, where none can match."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fitment_rules.candidates import resolve
from fitment_rules.judge import Asked
from fitment_rules.vehicles import Given, VehicleQuery
from indexers.build import build
from indexers.engine.factory import open_engine
from indexers.generations import Generations
from indexers.inputs import BuildRequest, Inputs
from indexers.rows import RowKind
from indexers.vocabulary import load_vocabulary
from search_service.judged import Columns
from search_service.near_misses import NearMisses
from search_service.resources import config_folder

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
VEHICLES = [
    {"vehicle_id": "c15", "make": "Toyota", "model": "Corolla", "year": 2015},
    {"vehicle_id": "c10", "make": "Toyota", "model": "Corolla", "year": 2010},
    {"vehicle_id": "camry", "make": "Toyota", "model": "Camry", "year": 2015},
    {"vehicle_id": "f15", "make": "Ford", "model": "Focus", "year": 2015},
    {"vehicle_id": "k15", "make": "Ford", "model": "Kuga", "year": 2015},
]
FORD = {"vehicle": {"make": "Ford", "model": "Focus"}}
KUGA = {"vehicle": {"make": "Ford", "model": "Kuga"}}
CAMRY = {"vehicle": {"make": "Toyota", "model": "Camry"}}
OLDER = {"vehicle": {"make": "Toyota", "model": "Corolla", "years": [2009, 2011]}}
LISTED = {"vehicle_ids": ["c10"]}


def nearest(folder: Path, applications: list[dict[str, Any]]) -> list[str]:
    """The applications told of the only part for a Corolla of 2015."""
    part = {"part_id": "P", "brand": "B", "part_number": "N", "part_type": "brake_pad", "title": {"en": "pads"}}
    rules = [{"application_id": str(number), "part_id": "P", **one} for number, one in enumerate(applications)]
    files = {}
    for kind, rows in ((RowKind.VEHICLES, VEHICLES), (RowKind.PARTS, [part]), (RowKind.APPLICATIONS, rules)):
        files[kind] = [folder / f"{kind.value}.jsonl"]
        files[kind][0].write_text("".join(json.dumps(row) + "\n" for row in rows))
    engine = open_engine("embedded", root=folder / "index", heap_bytes=15_000_000, threads=1)
    build(BuildRequest(Inputs(files), folder / "data", engine, load_vocabulary(config_folder()), NOW, processes=0))
    generation = Generations(folder / "data", engine).open()
    given = (
        Given("model", frozenset(("corolla",)), "caller", ("Corolla",)),
        Given("year", frozenset((2015,)), "caller", (2015,)),
    )
    asked = Asked(resolve(generation.vehicles, VehicleQuery(given)), generation.slots, generation.note_slots)
    owners, read = generation.applications_of(np.array([0]))
    columns = Columns(owners, read, generation.nodes_of(read))
    (rows,) = NearMisses(generation).of(asked, columns, np.array([0]))
    engine.close()
    told = generation.rows_at(np.zeros(len(rows), np.int64), np.array(rows, np.int64))
    return [one.application_id for one in told]


@pytest.mark.parametrize(
    ("applications", "expected"),
    [
        ([FORD, OLDER, CAMRY], ["1"]),
        ([FORD, CAMRY, FORD], ["1"]),
        ([FORD, CAMRY, LISTED], ["2"]),
        ([OLDER, FORD, OLDER], ["0", "2"]),
        ([FORD, KUGA], ["0"]),
    ],
    ids=["the same model of another year", "the same make", "a listed vehicle", "equally near ones", "another make"],
)
def test_the_nearest_applications_are_told(
    tmp_path: Path, applications: list[dict[str, Any]], expected: list[str]
) -> None:
    """Make counts more than model, model more than year; of a part for other makes alone one application is told."""
    assert nearest(tmp_path, applications) == expected
