"""The judged set of the understanding: what people type, and the part type (vehicle, place, number, brand) they mean.

Floors are declared per class; a new query that fails is a finding, not a reason to lower a floor.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from search_service.sample.vehicles import own_cars
from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary
from search_service.understanding.words import load_words

QUERIES = [
    json.loads(line)
    for line in (Path(__file__).parent / "understanding_queries.jsonl").read_text(encoding="utf-8").splitlines()
]
NUMBERS = frozenset({"0446502220", "HU7020Z", "W71295", "BP1042", "1K0698151G"})
BRANDS = ("Bosch", "Brakon", "Mann-Filter", "Michelin", "Stopline")

# class → (success@1, success@3): the share of queries whose first (first three) part types hold a right one.
FLOORS = {
    "exact": (1.0, 1.0),
    "colloquial": (0.97, 1.0),
    "typo": (0.9, 0.93),
    "pinyin": (0.87, 0.95),
    "mixed": (0.93, 0.93),
    "order": (1.0, 1.0),
    "spec": (0.95, 1.0),
    "symptom": (0.9, 1.0),
    "vague": (0.9, 1.0),
    "vehicle": (1.0, 1.0),
    "position": (1.0, 1.0),
    "number": (1.0, 1.0),
    "brand": (1.0, 1.0),
}


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    words = load_words()
    rows = [
        (car.row["make"], car.row["model"], car.row["names"], car.row["aliases"], car.row["attributes"])
        for car in own_cars(2026)
    ]
    vehicles = VehicleLexicon.build(rows, words.makes)
    return Understanding(load_vocabulary(), vehicles, BRANDS, NUMBERS.__contains__, words)


def success(understanding: Understanding, queries: list[dict], depth: int) -> tuple[float, list[str]]:
    """The share of queries with a right part type in the first `depth`, and those without."""
    missed = []
    for query in queries:
        first = [reading.id for reading in understanding.parse(query["q"]).part_types[:depth]]
        if query["types"] and not set(first) & set(query["types"]):
            missed.append(f"{query['q']} -> {first}")
    return 1 - len(missed) / len(queries), missed


def test_the_set_is_large_enough_and_every_class_has_a_floor() -> None:
    """The judged set has at least 150 queries, and no class of it goes unmeasured."""
    assert len(QUERIES) >= 150
    assert {query["class"] for query in QUERIES} == set(FLOORS)


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_a_right_part_type_comes_first(understanding: Understanding, name: str) -> None:
    """Every class reaches its floor of success@1 and success@3."""
    queries = [query for query in QUERIES if query["class"] == name]
    for depth, floor in zip((1, 3), FLOORS[name], strict=True):
        share, missed = success(understanding, queries, depth)
        assert share >= floor, f"success@{depth} {share:.3f} < {floor}: {missed}"


def test_no_wrong_part_type_filters(understanding: Understanding) -> None:
    """A reading sure enough to filter is right in at least 98 of 100 queries: a wrong filter hides the right parts."""
    filtered, wrong = 0, []
    for query in QUERIES:
        chosen = understanding.parse(query["q"]).filter_types
        if chosen and query["types"]:
            filtered += 1
            if not set(chosen) & set(query["types"]):
                wrong.append(f"{query['q']} -> {chosen}")
    assert filtered >= 150
    assert len(wrong) / filtered <= 0.02, wrong


def test_the_car_is_read_beside_the_part(understanding: Understanding) -> None:
    """Make, model and year of the judged queries are found, spelt as in the vehicle table."""
    wrong = []
    for query in QUERIES:
        vehicle = understanding.parse(query["q"]).vehicle
        said = {key: query[key] for key in ("make", "model", "year") if key in query}
        found = {key: getattr(vehicle, key, None) for key in said}
        if said != found:
            wrong.append(f"{query['q']}: {found}")
    assert not wrong


@pytest.mark.parametrize("field", ["positions", "brand", "number"])
def test_places_brands_and_numbers_are_read(understanding: Understanding, field: str) -> None:
    """Places, brands and part numbers of the judged queries are found exactly."""
    wrong = []
    for query in QUERIES:
        if field in query:
            intent = understanding.parse(query["q"])
            number = intent.part_number.key if intent.part_number else None
            found = {"positions": list(intent.positions), "brand": intent.brand, "number": number}[field]
            if found != query[field]:
                wrong.append(f"{query['q']}: {found}")
    assert not wrong


def test_the_whole_set(understanding: Understanding) -> None:
    """Success over all classes together is at least 0.97 in the first three."""
    share, missed = success(understanding, QUERIES, 3)
    assert share >= 0.97, missed
