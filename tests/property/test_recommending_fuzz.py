"""Whatever is asked of recommendations: an answer or a named fault, and never a part that does not fit the car."""

from __future__ import annotations

import gc
import math
import os
import random
import weakref
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import pytest

from fitment_rules.vehicles import VehicleQuery
from indexers.engine.plan import Page, SearchPlan
from ranking.profile import Candidates, Past
from search_service import choosing, fitting, shelf
from search_service import runtime as following
from search_service.app import open_runtime
from search_service.errors import translate
from search_service.live.model import Event
from search_service.live.ubi import event_of
from search_service.parameters import Parameters
from search_service.recommending import KINDS, read_recommend, recommend
from search_service.runtime import Runtime
from search_service.settings import LogLevel, Settings
from tests.api.shop import did, run

pytestmark = pytest.mark.thorough

CALLS, SCORES, POSITIONS = 300, 1000, 3000
LONG_CALLS, LONG_SCORES, LONG_POSITIONS = 50_000, 1_000_000, 1_000_000
"""`pytest -m long`; `PARTFIT_TEST_SHARE` (0..1) makes them smaller."""

ODD = ("", " ", "none", "-1", "0", "1e308", "NaN", "inf", "9" * 30, "x" * 300, "\x00", "刹车", "A|B", "../..", "null")


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The sample shop of 800 parts with a trained model."""
    folder = tmp_path_factory.mktemp("fuzz")
    run(folder, "sample", "--out", str(folder), "--parts", "800", "--events", "6000", "--seed", "5")
    told = [f"--{name}={folder / name}.jsonl" for name in ("vehicles", "parts", "applications", "stores", "stock")]
    run(folder, "index", *told)
    run(folder, "events", "load", str(folder / "events.jsonl"))
    run(folder, "users", "load", str(folder / "users.jsonl"))
    run(folder, "train")
    opened = open_runtime(Settings(data_dir=folder / "data", log_level=LogLevel.ERROR))  # type: ignore[call-arg]
    yield opened
    opened.close()


def fuzz(runtime: Runtime, calls: int, seed: int) -> None:
    """Calls of every kind with parameters that are right, missing or absurd, and events likewise."""
    chance = random.Random(seed)
    generation = runtime.serving().generation
    parts = [generation.part_id(int(one)) for one in generation.live_ordinals()]
    cars = [row.vehicle_id for row in generation.vehicles.rows]
    for _ in range(calls):
        pairs = [("kind", chance.choice([*KINDS, *KINDS, "x"]))]
        for name, good in (
            ("part_id", parts), ("vehicle_id", cars), ("user_id", ["u00001", "u2"]), ("session_id", ["s1"]),
            ("size", ["1", "12", "100"]), ("mileage_km", ["0", "60000"]), ("year", ["2015"]), ("lat", ["31"]),
            ("lon", ["121"]), ("store", ["s1"]), ("personalised", ["0", "1"]), ("fitment", ["default", "strict"]),
        ):  # fmt: skip
            if chance.random() < 0.5:
                pairs.append((name, chance.choice(ODD if chance.random() < 0.3 else good)))
        answered(runtime, pairs)
        if chance.random() < 0.1:
            told = did(chance.choice(["purchase", "click", "x", ""]), chance.choice([*ODD, *parts]), session_id="s1")
            event = event_of(told, runtime.now())
            if isinstance(event, Event):
                runtime.live.append([event])


def answered(runtime: Runtime, pairs: list[tuple[str, str]]) -> int:
    """The number of parts of one answer, each of which fits if a car was found; 0 for a refusal."""
    try:
        answer = recommend(runtime, read_recommend(Parameters(pairs), runtime.settings))
    except Exception as error:
        if translate(error) is None:
            raise
        return 0
    said = dict(pairs)
    allowed = {"fits", "universal", "needs_info"} if said.get("fitment") == "default" else {"fits", "universal"}
    if answer.vehicle is not None and answer.vehicle.candidates:
        assert {item.fit.verdict for item in answer.items} <= allowed, pairs
    ids = [item.part_id for item in answer.items]
    assert len(ids) == len(set(ids)) <= int(said.get("size") or 12), pairs
    assert said.get("kind") not in ("similar", "bought_together") or said.get("part_id") not in ids, pairs
    msgspec.json.encode(answer)
    return len(ids)


def serve(runtime: Runtime, positions: int, seed: int) -> None:
    """Served positions for every kind and any car; the engine chose them, the judge gives each its verdict."""
    chance = random.Random(seed)
    generation = runtime.serving().generation
    parts = [generation.part_id(int(one)) for one in generation.live_ordinals()]
    served = 0
    while served < positions:
        car = chance.choice(generation.vehicles.rows).vehicle_id
        pairs = [("kind", chance.choice(KINDS)), ("vehicle_id", car), ("part_id", chance.choice(parts)), ("size", "50")]
        served += answered(runtime, [*pairs, ("user_id", f"u{chance.randint(1, 500):05d}")])


def score(runtime: Runtime, calls: int, seed: int) -> None:
    """Histories and candidates of any part, price and age through the model: finite, bounded, one number each."""
    model, chance = runtime.serving().model, random.Random(seed)
    assert model is not None
    numbers = (0.0, -1.0, 1e300, math.nan, math.inf, -math.inf, 3.5)
    actions = ("click", "purchase", "impression", "x", "")

    def word(known: Sequence[str]) -> str:
        return chance.choice(ODD) if chance.random() < 0.5 else chance.choice(known)

    for _ in range(calls):
        past = [
            Past(word(model.part_ids), chance.choice(actions), chance.choice(numbers), word(model.coding.part_types),
                 word(model.coding.brands), word(model.coding.qualities), chance.choice(numbers))
            for _ in range(chance.randint(0, 6))
        ]  # fmt: skip
        size = chance.randint(0, 8)
        names = (model.part_ids, model.coding.part_types, model.coding.brands, model.coding.qualities)
        columns = [[word(known) for _ in range(size)] for known in names]
        found = model.score(model.profile(past), Candidates(*columns, [chance.choice(numbers) for _ in range(size)]))
        assert found.shape == (size,)
        assert (np.abs(found) <= 1).all(), (past, columns)


def share() -> float:
    return float(os.environ.get("PARTFIT_TEST_SHARE", "1"))


def test_any_call_is_answered_or_refused(runtime: Runtime) -> None:
    """Unknown, negative and huge ids, empty and doubled input, NaN: no other failure, no part twice, no anchor."""
    fuzz(runtime, CALLS, seed=1)


def test_any_history_scores_any_part(runtime: Runtime) -> None:
    """The trained model takes whatever it is given."""
    score(runtime, SCORES, seed=1)


def test_nothing_is_served_that_does_not_fit(runtime: Runtime) -> None:
    """Over every kind, thousands of positions."""
    serve(runtime, POSITIONS, seed=1)


def test_a_type_that_others_crowd_out_is_still_found(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of the engine with room for ten parts a search, a car's list shows the types that its columns show."""

    def shown(car: str) -> list[str]:
        runtime.serving().forget_vehicles()
        request = read_recommend(Parameters([("kind", "for_vehicle"), ("vehicle_id", car)]), runtime.settings)
        return [item.part_type.id for item in recommend(runtime, request).items]

    cars = [row.vehicle_id for row in runtime.serving().generation.vehicles.rows[:20]]
    expected = [shown(car) for car in cars]
    monkeypatch.setattr(fitting, "WIDEST", 0)
    for module in (choosing, shelf):
        monkeypatch.setattr(module, "LARGEST", 10)
    assert [set(shown(car)) for car in cars] == [set(types) for types in expected]
    assert max(map(len, map(set, expected))) > 3


@pytest.mark.parametrize("mode", ["strict", "default"])
def test_columns_and_the_engine_recommend_the_same(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """Of one car and of several at once: the same parts with the same reasons, in the same order."""
    serving, table = runtime.serving(), runtime.serving().generation.vehicles
    draw = random.Random(4)
    asked = [[("vehicle_id", row.vehicle_id)] for row in draw.sample(table.rows, 25)]
    asked += [[("vehicle_id", row.vehicle_id) for row in draw.sample(table.rows, 2)] for _ in range(5)]

    def shown() -> list[list[tuple[str, object, object]]]:
        serving.forget_vehicles()
        found = []
        for car in asked:
            pairs = [("kind", "for_vehicle"), ("fitment", mode), ("size", "2"), *car]
            answer = recommend(runtime, read_recommend(Parameters(pairs), runtime.settings))
            found.append([(item.part_id, item.fit.verdict, item.because) for item in answer.items])
        return found

    by_columns = shown()
    monkeypatch.setattr(fitting, "WIDEST", 0)
    assert by_columns == shown()
    assert all(by_columns)


def test_a_car_is_recommended_for_without_the_engine(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A car that was never asked about costs no search."""

    def refuse(plan: SearchPlan) -> Page:
        raise AssertionError(plan)

    runtime.serving().forget_vehicles()
    monkeypatch.setattr(runtime.serving().reader, "search", refuse)
    car = runtime.serving().generation.vehicles.rows[3].vehicle_id
    assert answered(runtime, [("kind", "for_you"), ("vehicle_id", car), ("fitment", "default")])


def test_what_is_remembered_of_a_car_goes_without_a_look_for_garbage(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cars that are remembered push out the longest unused one, which then is gone at once; the others stay."""
    monkeypatch.setattr(following, "VEHICLES_REMEMBERED", 8)
    monkeypatch.setattr(following, "VEHICLES_LEAVING", 0)
    serving = runtime.serving()
    serving.forget_vehicles()
    cars = [row.vehicle_id for row in serving.generation.vehicles.rows[:6]]
    gc.disable()
    try:
        judges = []
        for car in cars:
            assert answered(runtime, [("kind", "for_vehicle"), ("vehicle_id", car)])
            candidates = serving.candidates(VehicleQuery(vehicle_ids=(car,)))
            judges.append(weakref.ref(serving.asked(candidates)))
            del candidates
        assert [judge() is None for judge in judges] == [True, True, False, False, False, False]
    finally:
        gc.enable()


@pytest.mark.long
def test_fifty_thousand_calls_are_answered_or_refused(runtime: Runtime) -> None:
    """As above, much longer."""
    fuzz(runtime, int(LONG_CALLS * share()), seed=2)


@pytest.mark.long
def test_a_million_histories_score(runtime: Runtime) -> None:
    """As above, a million times."""
    score(runtime, int(LONG_SCORES * share()), seed=2)


@pytest.mark.long
def test_a_million_positions_fit(runtime: Runtime) -> None:
    """As above, a million positions."""
    serve(runtime, int(LONG_POSITIONS * share()), seed=2)
