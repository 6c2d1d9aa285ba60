"""The default sample is as large as promised, full of near-misses, and holds something to learn."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from fitment_rules.model import Application, Note, NoteKind, Vehicle, Window, span
from indexers.generation_files import vehicle_of
from indexers.rows import ApplicationRow, VehicleRow
from search_service.sample.writer import SampleSummary, write_sample
from tests.oracle.oracle import Part, Query, candidates, fit_of

Parts = Mapping[str, Mapping[str, Any]]

WEIGHTS = {"click": 1, "add_to_cart": 3, "purchase": 5}
HORIZON = Window(None, 2026)

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("sample")]


class Object(msgspec.Struct):
    """What an event is about."""

    object_id: str


class Attributes(msgspec.Struct):
    """The attributes of an event that are read here."""

    object: Object
    vehicle_id: str


class Event(msgspec.Struct):
    """The fields of an event that are read here."""

    action_name: str
    timestamp: str
    event_attributes: Attributes
    user_id: str | None = None

    @property
    def part(self) -> str:
        """The part's id."""
        return self.event_attributes.object.object_id


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    """The sample as `make demo` makes it."""
    return write_sample(tmp_path_factory.mktemp("sample"))


def rows(summary: SampleSummary, kind: str) -> Iterator[dict[str, Any]]:
    """The rows of one file."""
    with summary.files[kind].open("rb") as lines:
        yield from map(msgspec.json.decode, lines)


@pytest.fixture(scope="module")
def events(sample: SampleSummary) -> list[Event]:
    """All events."""
    decoder = msgspec.json.Decoder(Event)
    with sample.files["events"].open("rb") as lines:
        return [decoder.decode(line) for line in lines]


@pytest.fixture(scope="module")
def parts(sample: SampleSummary) -> dict[str, dict[str, Any]]:
    """All part rows by id."""
    return {row["part_id"]: row for row in rows(sample, "parts")}


@pytest.fixture(scope="module")
def cars(sample: SampleSummary) -> dict[str, dict[str, Any]]:
    """All vehicle rows by id."""
    return {row["vehicle_id"]: row for row in rows(sample, "vehicles")}


def test_the_sample_has_the_promised_size(sample: SampleSummary, parts: Parts) -> None:
    """20,000 parts of 150 types and 40 brands, 50 stores, 3,000 users, 200,000 events; about 12 applications a part."""
    assert len(parts) >= 20_000
    assert len({row["part_type"] for row in parts.values()}) >= 150
    assert len({row["brand"] for row in parts.values()}) >= 40
    assert sample.rows["stores"] >= 50
    assert sample.rows["users"] >= 3_000
    assert sample.rows["events"] >= 200_000
    assert sample.rows["applications"] / len(parts) == pytest.approx(12, rel=0.1)


def test_every_kind_of_row_occurs(sample: SampleSummary, parts: Parts) -> None:
    """Conditions, exceptions, build windows, VIN serials, positions, listed ids, several models and all notes occur."""
    seen: Counter[str] = Counter()
    with_rows = set()
    for row in rows(sample, "applications"):
        seen.update(row.keys())
        seen.update(f"note:{note.get('kind')}" for note in row.get("notes", []))
        seen.update(f"where:{name}" for name in row.get("where", {}))
        seen["models"] += isinstance(row.get("vehicle", {}).get("model"), list)
        with_rows.add(row["part_id"])
    fields = (
        "where",
        "except",
        "built_from",
        "built_to",
        "vin_serial_from",
        "vin_serial_to",
        "position",
        "vehicle_ids",
    )
    notes = ("note:condition", "note:None", "note:hint", "note:variant", "note:remark")
    asked = ("where:engine", "where:drive", "where:transmission", "where:trim", "where:body", "models")
    assert {name: seen[name] for name in (*fields, *notes, *asked) if seen[name] < 20} == {}
    bound = [part for part, row in parts.items() if not row["universal"]]
    orphans = sum(part not in with_rows for part in bound)
    assert 0.01 < orphans / len(bound) < 0.04


def test_parts_that_must_not_fit_do_not(sample: SampleSummary, parts: Parts, cars: Parts) -> None:
    """By the oracle, `must_not_fit` parts of the judged queries are `does_not_fit` for the car in question."""
    pairs = [(q["vehicle"]["vehicle_id"], part) for q in rows(sample, "queries") for part in q["must_not_fit"]][::15]
    assert len(pairs) >= 100
    wanted = {part for _, part in pairs}
    rules = _rules(sample, wanted)
    for car, part in pairs:
        verdict = _verdict(cars[car], parts[part], rules[part], year=None)
        assert verdict == "does_not_fit", (car, part)


def test_bought_parts_fit_the_car_they_were_bought_for(
    sample: SampleSummary, events: list[Event], parts: Parts, cars: Parts
) -> None:
    """By the oracle, a purchase's part is `fits` or `universal` in some model year of the car."""
    bought = [event for event in events if event.action_name == "purchase"][::150]
    rules = _rules(sample, {event.part for event in bought})
    for event in bought:
        car, part = cars[event.event_attributes.vehicle_id], event.part
        years = range(car["year_from"], (car["year_to"] or 2026) + 1)
        verdicts = {_verdict(car, parts[part], rules[part], year) for year in years}
        assert verdicts & {"fits", "universal"}, (car["vehicle_id"], part)


def test_tastes_can_be_learnt_from_what_happened_before(
    sample: SampleSummary, events: list[Event], parts: Parts
) -> None:
    """On the last 60 days, brand and quality shares of a user's past lift NDCG@10 over popularity by over a tenth.

    The hidden utilities, the ceiling, lift it by more than a third.
    """
    held_out = list(rows(sample, "truth"))[1:]
    fame, past = _past(events, held_out[0]["timestamp"])
    taste = partial(_taste, past, parts, _shares(past, parts))
    figures: dict[str, list[float]] = defaultdict(list)
    for visit in held_out:
        if sum(past[visit["user_id"]].values()) < 10 or not visit["clicked"]:
            continue
        known = np.log1p([fame[part] for part in visit["candidates"]])
        liked = taste(visit["user_id"], visit["candidates"])
        for name, score in (("fame", known), ("taste", known + liked), ("truth", np.array(visit["utilities"]))):
            figures[name].append(_ndcg(visit, score))
    mean = {name: float(np.mean(values)) for name, values in figures.items()}
    assert len(figures["fame"]) > 2_000
    assert mean["taste"] > 1.10 * mean["fame"], mean
    assert mean["truth"] > 1.33 * mean["fame"], mean


def test_parts_of_one_type_differ_in_popularity(events: list[Event], parts: Parts) -> None:
    """The most bought tenth of the oil filters bought at all sells more than a quarter of them."""
    bought: Counter[str] = Counter()
    for event in events:
        if event.action_name == "purchase" and parts[event.part]["part_type"] == "oil_filter":
            bought[event.part] += 1
    top = bought.most_common(math.ceil(len(bought) / 10))
    assert sum(count for _, count in top) > 0.25 * bought.total()


def test_seasons_show(events: list[Event], parts: Parts) -> None:
    """Batteries sell more in winter, refrigerant in summer."""
    sold: Counter[tuple[str, str]] = Counter()
    for event in events:
        if event.action_name == "purchase":
            sold[parts[event.part]["part_type"], event.timestamp[5:7]] += 1
    winter, summer = ("12", "01"), ("06", "07")
    for kind, more, less in (("battery", winter, summer), ("refrigerant", summer, winter)):
        assert sum(sold[kind, month] for month in more) > 1.5 * sum(sold[kind, month] for month in less), kind


def _rules(summary: SampleSummary, wanted: set[str]) -> Mapping[str, list[Application]]:
    decoder = msgspec.json.Decoder(ApplicationRow)
    found: dict[str, list[Application]] = defaultdict(list)
    with summary.files["applications"].open("rb") as lines:
        for row in map(decoder.decode, lines):
            if row.part_id in wanted:
                found[row.part_id].append(_application(row))
    return found


def _application(row: ApplicationRow) -> Application:
    named = row.vehicle
    notes = [Note(note.text, note.lang or "en", NoteKind(note.kind) if note.kind else None) for note in row.notes or ()]
    return Application(
        row.application_id or "", row.part_id, tuple(row.vehicle_ids or ()),
        _any(named and named.make), _any(named and named.model), Window(*((named and named.years) or (None, None))),
        {name: _any(value) for name, value in (row.where or {}).items()},
        tuple({name: _any(value) for name, value in members.items()} for members in row.except_ or ()),
        span(row.built_from, row.built_to), row.vin_serial_from, row.vin_serial_to, _any(row.position), row.quantity,
        tuple(notes),
    )  # fmt: skip


def _any(value: Any) -> tuple[Any, ...]:
    return () if value is None else tuple(value) if isinstance(value, list) else (value,)


def _verdict(car: Mapping[str, Any], part: Mapping[str, Any], rules: list[Application], year: int | None) -> str | None:
    vehicle: Vehicle = vehicle_of(msgspec.convert(car, VehicleRow))
    query = Query(given=(("year", (year,)),)) if year else Query()
    judged = Part(part["part_id"], tuple(part.get("position", ())), part["universal"])
    return fit_of(judged, rules, candidates([vehicle], query, HORIZON), query).verdict


def _past(events: Sequence[Event], until: str) -> tuple[Counter[str], Mapping[str, Counter[str]]]:
    """Weights by part, and by user and part, of what happened before `until`."""
    fame: Counter[str] = Counter()
    past: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        if event.timestamp < until and event.user_id and (weight := WEIGHTS.get(event.action_name)):
            fame[event.part] += weight
            past[event.user_id][event.part] += weight
    return fame, past


def _traits(part: Mapping[str, Any]) -> tuple[str, str]:
    return part["brand"], part["quality"]


def _shares(past: Mapping[str, Counter[str]], parts: Parts) -> Mapping[str, float]:
    """How large a part of all interest every brand and every quality has."""
    all_traits: Counter[str] = Counter()
    for bought in past.values():
        for part, weight in bought.items():
            all_traits.update(dict.fromkeys(_traits(parts[part]), weight))
    return {trait: 2 * weight / all_traits.total() for trait, weight in all_traits.items()}


def _taste(
    past: Mapping[str, Counter[str]], parts: Parts, shares: Mapping[str, float], user: str,
    wanted: Sequence[str],
) -> np.ndarray[Any, np.dtype[np.float64]]:  # fmt: skip
    """Log of a user's share of each part's brand and quality over everybody's, 40 units of everybody's mixed in."""
    own: Counter[str] = Counter()
    for part, weight in past[user].items():
        own.update(dict.fromkeys(_traits(parts[part]), weight))
    total = own.total() / 2
    lift = {trait: math.log((own[trait] / share + 40) / (total + 40)) for trait, share in shares.items()}
    return np.array([sum(lift.get(trait, 0.0) for trait in _traits(parts[part])) for part in wanted])


def _ndcg(visit: Mapping[str, Any], score: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    grades = dict.fromkeys(visit["clicked"], 1) | dict.fromkeys(visit["purchased"], 3)
    order = [visit["candidates"][index] for index in np.argsort(-score, kind="stable")[:10]]
    gain = sum((2 ** grades.get(part, 0) - 1) / math.log2(place + 2) for place, part in enumerate(order))
    ideal = sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(sorted(grades.values())[::-1][:10]))
    return float(gain / ideal)


def test_the_truth_says_what_it_is(sample: SampleSummary) -> None:
    """Both truth files begin by saying that no model may read them."""
    first = next(rows(sample, "truth"))
    packed = np.load(Path(sample.files["truth_npz"]), allow_pickle=False)
    assert "a model must never read it" in first["about"]
    assert str(packed["about"]) == first["about"]
    assert len(packed["part_ids"]) == 20_000
