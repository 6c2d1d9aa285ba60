"""Part numbers over HTTP: whose number matched, chains that end at the living part, offers one character away, and
parts that nothing tells apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from search_service.cli import app as command
from search_service.settings import Settings
from tests.api.serving import served

ADMIN = {"Authorization": "Bearer only-for-tests"}
VEHICLES = [{"vehicle_id": "c", "make": "Toyota", "model": "Corolla", "year": 2015},
            {"vehicle_id": "f", "make": "Ford", "model": "Focus", "year": 2015}]  # fmt: skip


def part(number: str, brand: str = "ACME", **more: Any) -> dict[str, Any]:
    return {"part_id": f"{brand}:{number}", "brand": brand, "part_number": number, "part_type": "oil_filter",
            "title": {"en": "Oil filter"}, **more}  # fmt: skip


def edge(kind: str, number: str, brand: str = "ACME", **more: Any) -> dict[str, Any]:
    return {"brand": brand, "number": number, "kind": kind, **more}


PARTS = [
    part("OLD-1001", interchange=[edge("superseded_by", "MID-2002")]),
    part("MID-2002"),
    part("NEW-3003", interchange=[edge("supersedes", "MID 2002"), edge("supersedes", "GONE-4004")]),
    part("BP-1"),
    part("LOOP-5005", interchange=[edge("superseded_by", "LOOP-6006")]),
    part("LOOP-6006", interchange=[edge("superseded_by", "LOOP-5005")]),
    part("X-7007", oe_numbers=[{"brand": "TOYOTA", "number": "04152-31090"}], gtin="4006381333931",
         interchange=[edge("equivalent", "0 986 494 240", "BOSCH", grade="A", source="catalogue"),
                      edge("trade", "SUPER-77", "ACME")]),
    part("04152-31090", "TOYOTA"),
    part("MID-2002", "OTHER"),
    part("TWIN-1"), part("TWIN-2"),
]  # fmt: skip
APPLICATIONS = [
    {"application_id": name, "part_id": f"ACME:{name}", "vehicle": {"make": make, "model": model}}
    for name, make, model in (("TWIN-1", "Toyota", "Corolla"), ("TWIN-2", "Toyota", "Corolla"),
                              ("TWIN-1", "Ford", "Focus"))
]  # fmt: skip
APPLICATIONS[2]["application_id"] = "TWIN-1-Ford"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("numbers")
    for name, rows in (("vehicles", VEHICLES), ("parts", PARTS), ("applications", APPLICATIONS)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    told = [f"--{name}={folder / name}.jsonl" for name in ("vehicles", "parts", "applications")]
    result = CliRunner().invoke(command, ["index", *told], env={"PARTFIT_DATA_DIR": str(folder / "data")})
    assert result.exit_code == 0, result.output
    chosen = Settings(data_dir=folder / "data", admin_key="only-for-tests", log_level="error")  # type: ignore[arg-type,call-arg]
    with served(chosen) as address, httpx.Client(base_url=address, timeout=30.0) as opened:
        yield opened


def get(client: httpx.Client, path: str, **parameters: Any) -> dict[str, Any]:
    response = client.get(path, params=parameters)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def matched(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {item["part_id"]: item["matched"] for item in answer["items"]}


def codes(answer: dict[str, Any]) -> list[str]:
    return [notice["code"] for notice in answer["notices"]]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("x7007", "part_number"), ("X 70-07", "part_number"), ("0415231090", "oe"), ("0986494240", "interchange"),
     ("0.986.494.240", "interchange"), ("super 77", "trade"), ("4006381333931", "gtin")],
)  # fmt: skip
def test_a_match_says_whose_number_it_is(client: httpx.Client, text: str, kind: str) -> None:
    """Any punctuation, every kind."""
    assert matched(get(client, "/v1/search", q=text))["ACME:X-7007"] == [kind]


@pytest.mark.parametrize("text", ["BP-1", "bp1", "BP 1", "BP-1 oil filter", "ACME BP-1"])
def test_a_number_of_few_characters_is_found(client: httpx.Client, text: str) -> None:
    """Where it is all that is said, or written with a mark between letters and digits."""
    found = matched(get(client, "/v1/search", q=text))
    assert next(iter(found)) == "ACME:BP-1"
    assert "part_number" in found["ACME:BP-1"]


def test_a_number_of_its_own_comes_before_an_oe_number(client: httpx.Client) -> None:
    """The maker's own part, then the one that replaces it."""
    assert list(matched(get(client, "/v1/search", q="04152-31090"))) == ["TOYOTA:04152-31090", "ACME:X-7007"]


def test_o_and_0_stay_apart(client: httpx.Client) -> None:
    """A letter for a digit finds nothing by itself; the number is offered with what it would find."""
    answer = get(client, "/v1/search", q="04152-3109O")
    assert matched(answer) == {}
    offered = {(one["text"], one["kind"], one["total"]) for one in answer["suggestions"]}
    assert ("04152-31090", "correction", 2) in offered


@pytest.mark.parametrize("typed", ["0415231O90", "041523109", "04152-310900", "04152-31009"])
def test_one_wrong_character_offers_and_never_asserts(client: httpx.Client, typed: str) -> None:
    """Changed, missing, added or swapped: offered as a correction, not put in its place."""
    answer = get(client, "/v1/search", q=typed)
    assert answer["understood"]["part_number"] == typed
    assert "part_number" not in {kind for kinds in matched(answer).values() for kind in kinds}
    assert "04152-31090" in {one["text"] for one in answer["suggestions"] if one["kind"] == "correction"}


def test_a_dead_number_finds_the_living_part_first(client: httpx.Client) -> None:
    """Over two steps, one said by the old part and one by the new; the notice names the end of the chain."""
    answer = get(client, "/v1/search", q="OLD-1001")
    assert list(matched(answer).items()) == [("ACME:NEW-3003", ["supersedes"]), ("ACME:OLD-1001", ["part_number"])]
    assert codes(answer) == ["superseded"]
    assert "NEW-3003" in answer["notices"][0]["text"]["en"]


def test_a_number_only_the_new_part_knows_is_replaced_too(client: httpx.Client) -> None:
    """The old part is no longer sold: its number leads to what supersedes it."""
    answer = get(client, "/v1/search", q="gone 4004")
    assert matched(answer) == {"ACME:NEW-3003": ["supersedes"]}
    assert codes(answer) == ["superseded"]


def test_a_living_number_and_a_cycle_have_no_notice(client: httpx.Client) -> None:
    """Nothing replaces the newest part, and parts that replace each other replace nothing."""
    assert codes(get(client, "/v1/search", q="NEW-3003")) == []
    answer = get(client, "/v1/search", q="LOOP-5005")
    assert "ACME:LOOP-5005" in matched(answer)
    assert codes(answer) == []


def test_another_brands_equal_number_is_not_in_the_chain(client: httpx.Client) -> None:
    """OTHER's MID-2002 is found by its number, and is neither replaced nor a replacement."""
    answer = get(client, "/v1/search", q="OLD-1001")
    assert "OTHER:MID-2002" not in matched(answer)


def test_interchange_lists_directed_edges(client: httpx.Client) -> None:
    """Kind, grade, who says so, and our part of that very number, brand and all."""
    items = get(client, "/v1/parts/ACME:X-7007/interchange")["items"]
    assert items == [
        {"brand": "TOYOTA", "number": "04152-31090", "kind": "oe", "grade": None, "source": "ACME",
         "part_id": "TOYOTA:04152-31090"},
        {"brand": "BOSCH", "number": "0 986 494 240", "kind": "equivalent", "grade": "A", "source": "catalogue",
         "part_id": None},
        {"brand": "ACME", "number": "SUPER-77", "kind": "trade", "grade": None, "source": "ACME", "part_id": None},
    ]  # fmt: skip
    replaced = get(client, "/v1/parts/ACME:MID-2002/interchange")["items"]
    assert [(one["kind"], one["part_id"]) for one in replaced] == [("superseded_by", "ACME:NEW-3003")]


def test_parts_that_nothing_tells_apart_are_marked(client: httpx.Client) -> None:
    """For the vehicle where it is so, and not for another."""
    both = {"make": "Toyota", "model": "Corolla"}
    answer = get(client, "/v1/search", q="oil filter", **both)
    fits = {item["part_id"]: item["fit"]["conflicts_with"] for item in answer["items"]}
    assert (fits["ACME:TWIN-1"], fits["ACME:TWIN-2"]) == (["ACME:TWIN-2"], ["ACME:TWIN-1"])
    told = client.post("/v1/fitment/check", json={"vehicle": {"make": "Ford"}, "part_ids": ["ACME:TWIN-1"]}).json()
    assert told["results"][0]["fit"]["verdict"] == "fits"
    assert told["results"][0]["fit"]["conflicts_with"] == []


def test_the_data_report_is_served(client: httpx.Client) -> None:
    """That of the generation which answers; to administrators only."""
    assert client.get("/v1/admin/reports/data-quality").status_code == 401
    report = client.get("/v1/admin/reports/data-quality", headers=ADMIN).json()
    assert report["generation"] == get(client, "/v1/search", q="")["generation"]
    assert {one["subject"] for one in report["findings"] if one["kind"] == "conflict_group"} == {"TWIN-1", "TWIN-2"}
