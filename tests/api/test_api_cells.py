"""A catalogue answers the same whether its files carry types (JSON) or only cells (CSV, a shop's own table)."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from search_service.settings import load
from tests.api import shop
from tests.oracle.shop import Client, serving

pytestmark = pytest.mark.thorough

CARS = [
    {"vehicle_id": f"v{number}", "make": "Toyota", "model": "Corolla", "year": 2015, "attributes.engine": engine,
     "attributes.displacement_l": litres, "attributes.doors": doors, "ids.ktype": ktype}
    for number, (litres, doors, engine, ktype) in enumerate(
        [(1.6, 4, "1E5", "0012"), (1.6, 2, "100000", "12"), (1.8, 4, "007", "13"), (2, 4, "7", "14")]
    )
]  # fmt: skip
PARTS = [
    {"part_id": name, "brand": "B", "part_number": name, "part_type": "brake_pad", "title.en": f"brake pad {name}",
     "attributes.width_mm": width}
    for name, width in (("P-1.6", 131.4), ("P-4", 131), ("P-1E5", 120), ("P-007", 120.5), ("P-0012", 99))
]  # fmt: skip
RULES = [
    {"application_id": part, "part_id": part, "vehicle.make": "Toyota", f"where.{name}": value}
    for part, name, value in (
        ("P-1.6", "displacement_l", 1.6), ("P-4", "doors", 4), ("P-1E5", "engine", "1E5"),
        ("P-007", "engine", "007"), ("P-0012", "ktype", "0012"),
    )
]  # fmt: skip
KINDS = {"vehicles": CARS, "parts": PARTS, "applications": RULES}
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/search", {"q": "corolla 1.6 brake pad"}),
    ("/v1/search", {"q": "corolla 2.0 brake pad"}),
    ("/v1/search", {"q": "brake pad", "make": "Toyota", "attr.displacement_l": "1.60", "fitment": "all"}),
    ("/v1/search", {"make": "Toyota", "engine": "1E5", "fitment": "all"}),
    ("/v1/search", {"make": "Toyota", "engine": "100000", "fitment": "all"}),
    ("/v1/search", {"make": "Toyota", "engine": "007", "fitment": "all"}),
    ("/v1/search", {"make": "Toyota", "attr.ktype": "12", "fitment": "all"}),
    ("/v1/search", {"make": "Toyota", "attr.ktype": "0012", "fitment": "all"}),
    ("/v1/search", {"filter.attr.width_mm": "131.0", "facets": "attr.width_mm"}),
    ("/v1/search", {"facets": "attr.width_mm"}),
)


def nested(row: dict[str, Any]) -> dict[str, Any]:
    """Dotted names as JSON has them."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        head, dot, rest = name.partition(".")
        if dot:
            found.setdefault(head, {})[rest] = value
        else:
            found[name] = value
    return found


def write(folder: Path, how: str) -> list[str]:
    """The catalogue's files, and how `partfit index` is told of them."""
    folder.mkdir()
    told = []
    for kind, rows in KINDS.items():
        if how == "json":
            told.append(f"--{kind}={shop.write_rows(folder / f'{kind}.jsonl', [nested(row) for row in rows])}")
            continue
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with (folder / f"{kind}.csv").open("w", newline="") as out:
            writer = csv.DictWriter(out, columns)
            writer.writeheader()
            writer.writerows(rows)
        told.append(f"--{kind}={folder / f'{kind}.csv'}")
    if how != "map":
        return told
    tables = {
        kind: {"file": f"{kind}.csv", "fields": {name: {"column": name} for row in rows for name in row}}
        for kind, rows in KINDS.items()
    }
    tables["vehicles"]["fields"]["year"]["type"] = "int"  # type: ignore[index]
    (folder / "map.yaml").write_text(json.dumps(tables))
    return [f"--map={folder / 'map.yaml'}"]


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each way of writing the catalogue answers."""
    found = {}
    for how in ("json", "csv", "map"):
        folder: Path = tmp_path_factory.mktemp(how)
        shop.run(folder, "index", *write(folder / "in", how))
        with serving(load({"data_dir": folder / "data", "log_level": "error"})) as client:
            found[how] = [answer(client, *question) for question in QUESTIONS]
    return found


def answer(client: Client, path: str, params: dict[str, Any]) -> dict[str, Any]:
    """What of an answer must not depend on the files."""
    found = client.get(path, params)
    vehicle = found["vehicle"] or {}
    facets = {
        name: sorted((str(one["label"]), one["count"]) for one in values) for name, values in found["facets"].items()
    }
    return {
        "fits": {one["part_id"]: one["fit"]["verdict"] for one in found["items"]}, "facets": facets,
        "vehicles": vehicle.get("vehicle_ids"), "used": found["understood"]["vehicle"],
    }  # fmt: skip


@pytest.mark.parametrize("how", ["csv", "map"])
@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_cells_answer_as_typed_values_do(clients: dict[str, list[Any]], how: str, number: int) -> None:
    """Numbers compare as numbers, codes and ids with leading zeros as what they are."""
    ours, typed = clients[how][number], clients["json"][number]
    assert (ours["fits"], ours["vehicles"], ours["facets"]) == (typed["fits"], typed["vehicles"], typed["facets"])


def test_what_a_text_says_of_the_engine_narrows(clients: dict[str, list[Any]]) -> None:
    """ "1.6" leaves the cars of 1.6 litres; codes and ids stay apart from the numbers they look like."""
    for found in clients.values():
        assert [one["vehicles"] for one in found[:8]] == [
            ["v0", "v1"], ["v3"], ["v0", "v1"], ["v0"], ["v1"], ["v2"], ["v1"], ["v0"]
        ]  # fmt: skip
