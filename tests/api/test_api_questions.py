"""Questions as they go out: what a part that needs information asks, and in which words."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from indexers.build import build
from indexers.inputs import BuildRequest, Inputs
from indexers.rows import RowKind
from indexers.vocabulary import load_vocabulary
from search_service.app import engine_of
from search_service.resources import config_folder
from search_service.settings import Settings
from tests.oracle.shop import Client, serving

NOW = datetime.datetime(2026, 11, 26, tzinfo=datetime.UTC)
PATTERNS = "wmi,pattern,serial_from,serial_to,built_from,built_to,make,model\nLSV,A,,200000,2015-01,2015-05,Emma,\n"
VEHICLES: list[dict[str, Any]] = [
    {"vehicle_id": "v1", "make": "Emma", "model": "One", "names": {"zh": {"make": "爱玛", "model": "一号"}}},
    {"vehicle_id": "t1", "make": "Emma", "model": "Two", "year": 2014, "attributes": {"engine": "R18"}},
    {"vehicle_id": "t2", "make": "Emma", "model": "Two", "year": 2014, "attributes": {"engine": "R18"}},
]
RULES: dict[str, dict[str, Any]] = {
    "tyre": {"vehicle": {"make": "Emma"}, "where": {"tyre": "225/55R18"}},
    "both": {"vehicle": {"make": "Emma"}, "where": {"tyre": "225/55R18", "rotor_mm": 300}},
    "years": {"vehicle": {"make": "Emma", "model": "One", "years": [2014, 2015]}},
    "twin": {"vehicle_ids": ["t1"]},
    "built": {"vehicle": {"make": "Emma"}, "built_from": "2015-01", "built_to": "2015-06"},
    "serial": {"vehicle": {"make": "Emma"}, "vin_serial_from": "000100", "vin_serial_to": "000200"},
}


VOLK: list[dict[str, Any]] = [
    {"vehicle_id": "w1", "make": "Volk", "model": "Fit", "attributes": {"chassis": "c1"}},
    {"vehicle_id": "w2", "make": "Volk", "model": "Golf", "year": 2020,
     "attributes": {"chassis": "c2", "drive": "AWD", "trim": "GL"}},
]  # fmt: skip
BUT: dict[str, dict[str, Any]] = {
    "but": {
        "vehicle": {"make": "Volk", "years": [2019, 2020]},
        "except": [{"rotor_mm": 300, "trim": "GL"}, {"chassis": "c2", "drive": "FWD"}],
    },
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with opened(tmp_path_factory.mktemp("questions"), VEHICLES, RULES) as client:
        yield client


@pytest.fixture(scope="module")
def volk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with opened(tmp_path_factory.mktemp("volk"), VOLK, BUT) as client:
        yield client


@contextmanager
def opened(folder: Path, vehicles: list[dict[str, Any]], named: dict[str, dict[str, Any]]) -> Iterator[Client]:
    settings = Settings(data_dir=folder / "data", log_level="error")  # type: ignore[arg-type]
    parts = [_part(name) for name in named]
    rules = [{"application_id": name, "part_id": name, **rule} for name, rule in named.items()]
    files = {
        kind: (_write(folder / f"{kind}.jsonl", rows),)
        for kind, rows in (
            (RowKind.VEHICLES, vehicles),
            (RowKind.PARTS, parts),
            (RowKind.APPLICATIONS, rules),
        )
    }
    (settings.data_dir / "vin_patterns").mkdir(parents=True)
    (settings.data_dir / "vin_patterns" / "own.csv").write_text(PATTERNS)
    engine = engine_of(settings)
    vocabulary = load_vocabulary(config_folder())
    build(BuildRequest(Inputs(files=files), settings.data_dir, engine, vocabulary, NOW, processes=0))
    engine.close()
    with serving(settings) as client:
        yield client


def _part(name: str) -> dict[str, Any]:
    return {"part_id": name, "brand": "ACME", "part_number": name, "part_type": "Brake Pad Set", "title": {"en": name}}


def _write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_an_exception_that_is_met_still_says_what_can_be_answered(volk: Client) -> None:
    """The Fit is no c2, so the second exception holds for neither; yet what the Fit's drive may be is asked by it."""
    told = fit(volk, "but", make="Volk", year=2020)
    offered = {one["attribute"]: {option["value"] for option in one["options"]} for one in told["questions"]}
    assert told["verdict"] == "needs_info"
    assert offered["drive"] == {"AWD", "FWD"}


def fit(shop: Client, part_id: str, **vehicle: Any) -> dict[str, Any]:
    found: dict[str, Any] = shop.post("/v1/fitment/check", {"vehicle": vehicle, "part_ids": [part_id]})
    told: dict[str, Any] = found["results"][0]["fit"]
    return told


def test_one_value_that_the_vehicle_may_have_is_asked(shop: Client) -> None:
    """The row says nothing of tyres and the rule asks for one size: that size is the option."""
    (question,) = fit(shop, "tyre", vehicle_id="v1")["questions"]
    assert (question["attribute"], [one["value"] for one in question["options"]]) == ("tyre", ["225/55R18"])
    assert fit(shop, "tyre", vehicle_id="v1", **{"attr.tyre": "225/55r18"})["verdict"] == "fits"


def test_several_unknowns_are_asked_one_by_one(shop: Client) -> None:
    """Neither answer settles alone, and both are asked all the same."""
    assert {one["attribute"] for one in fit(shop, "both", vehicle_id="v1")["questions"]} == {"tyre", "rotor_mm"}


def test_an_unknown_year_is_asked_with_the_years_about_the_rule(shop: Client) -> None:
    """A row without years: the rule's own years, and the next where the table has it."""
    (question,) = fit(shop, "years", vehicle_id="v1")["questions"]
    counts = {one["value"]: (one["fits"], one["needs_info"], one["does_not_fit"]) for one in question["options"]}
    assert question["attribute"] == "year"
    assert counts[2014] == (1, 0, 0)
    assert all(counts[year] == (0, 0, 1) for year in counts if year > 2015)


def test_vehicles_are_described_in_both_languages_and_twins_by_their_ids(shop: Client) -> None:
    """What is known of each row; the id only where two rows read the same."""
    questions = {one["attribute"]: one for one in fit(shop, "twin", make="Emma", year=2014)["questions"]}
    assert set(questions) == {"model", "vehicle_id"}
    labels = {one["value"]: one["label"] for one in questions["vehicle_id"]["options"]}
    assert labels["v1"] == {"en": "Emma One", "zh": "爱玛 一号"}
    assert labels["t1"]["en"] == "Emma Two 2014 R18 (t1)"


def test_what_nobody_knows_is_not_asked_again_and_changes_no_verdict(shop: Client) -> None:
    """`unknown` silences the question and leaves the part where it was."""
    told = fit(shop, "tyre", vehicle_id="v1", unknown="tyre")
    assert (told["verdict"], told["questions"]) == ("needs_info", [])


def test_a_vin_answers_build_date_and_serial_number(shop: Client) -> None:
    """A pattern table says when cars up to a serial number were built; the serial answers for itself."""
    early, late = "LSVAAAAA0FA000150", "LSVAAAAA0FA200001"
    assert fit(shop, "built", vin=early, vehicle_id="v1")["verdict"] == "needs_info", "its check digit is wrong"
    vins = [early[:8] + digit + early[9:] for digit in "0123456789X"]
    sound = next(vin for vin in vins if shop.get(f"/v1/vin/{vin}", {})["problems"] == [])
    assert fit(shop, "built", vin=sound, vehicle_id="v1")["verdict"] == "fits"
    assert fit(shop, "serial", vin=sound, vehicle_id="v1")["verdict"] == "fits"
    assert fit(shop, "serial", vin=late, vehicle_id="v1")["verdict"] == "does_not_fit"


def test_a_serial_number_that_is_not_the_vins_contradicts_it(shop: Client) -> None:
    """Both were said, so no vehicle is both."""
    body = {"vehicle": {"vin": "LSVAAAAA0FA000150", "attr.vin_serial": "000151"}, "part_ids": ["serial"]}
    found = shop.post("/v1/fitment/check", body)
    assert found["vehicle"]["candidates"] == 0
    assert [one["code"] for one in found["notices"]][-1] == "vehicle_contradiction"


def options(shop: Client, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = shop.get("/v1/vehicles/options", asked)
    return found


def test_the_options_of_a_make_that_nobody_has_are_all_makes(shop: Client) -> None:
    """An attribute's options ignore its own value, also one that leaves no vehicle."""
    found = options(shop, make="Nobody", attribute="make")
    assert (found["candidates"], [one["value"] for one in found["options"]["make"]]) == (0, ["Emma"])
    assert [one["code"] for one in found["notices"]] == ["vehicle_not_found"]


def test_options_keep_to_what_the_vin_says(shop: Client) -> None:
    """Only the caller's own value of an attribute is ignored."""
    found = options(shop, vin="LSVAAAAA0FA000150", attribute="vehicle_id")
    assert [one["value"] for one in found["options"]["vehicle_id"]] == ["v1"]


def test_parts_of_an_option_are_those_that_fit_or_could(shop: Client) -> None:
    """As many as a search with the value chosen shows in those two bands."""
    (two,) = [one for one in options(shop, attribute="model", has_parts=1)["options"]["model"] if one["value"] == "Two"]
    bands = shop.get("/v1/search", {"model": "Two"})["bands"]
    assert two["parts"] == bands["fits"] + bands["needs_info"] > 0
