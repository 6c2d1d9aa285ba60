"""Recommendations: what is offered to whom, and what is never offered."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranking.errors import PolicyError
from ranking.features import ItemFeatures
from ranking.fit import Catalogue, fit_model
from ranking.interactions import DAY_SECONDS, Action, read_log
from ranking.jobs import Jobs, jobs_schema, load_jobs
from ranking.model import Model
from ranking.profile import Past
from ranking.recommend import (
    Because,
    alike,
    bought_together,
    for_vehicle,
    for_you,
    just_bought,
    liked_for,
    next_service,
    popular,
)  # fmt: skip
from ranking.trained import Settings, Shop
from ranking.type_table import Car, Occasion, TypeTable

CONFIG = Path(__file__).parents[2] / "config"
TYPES = ("pads", "discs", "oil", "wiper")
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
JOBS = load_jobs(
    b"jobs: [{id: brakes, name: {en: Brakes}, part_types: {pads: 1, discs: 0.5, fluid: 0.3}}]\n"
    b"intervals: {oil: {months: 12, km: 15000}, wiper: {months: 6}}"
)
MAY = Occasion(5)


def act(user: int, part: str, day: float, action: str = "purchase") -> dict[str, Any]:
    moment = START + datetime.timedelta(days=day)
    return {
        "user_id": f"u{user}",
        "action_name": action,
        "timestamp": moment.isoformat(timespec="milliseconds"),
        "event_attributes": {"object": {"object_id": part}},
    }


@pytest.fixture(scope="module")
def model() -> Model:
    """Forty people buy pads with discs, sixty oil alone, five a wiper."""
    ids = [f"{kind}{number}" for kind in TYPES for number in range(3)]
    kinds = [kind for kind in TYPES for _ in range(3)]
    items = ItemFeatures(ids, kinds, ["B"] * 12, ["oe"] * 12, [10.0] * 12)
    baskets = [[act(u, "pads0", u), act(u, "discs1", u + 0.1)] for u in range(40)]
    singles = [[act(u, "oil2", u)] for u in range(40, 100)] + [[act(u, "wiper0", u)] for u in range(100, 105)]
    catalogue = Catalogue.of(items)
    log = read_log([event for group in baskets + singles for event in group], catalogue.index)
    now = (START.timestamp() / DAY_SECONDS) + 120
    return fit_model(catalogue, log, now, Settings(factors=4), seed=1)


@pytest.fixture(scope="module")
def table(model: Model) -> TypeTable:
    """Model, jobs and a catalogue of three parts a type; brake fluid is in no log."""
    return TypeTable.of(model, JOBS, dict.fromkeys((*TYPES, "fluid"), 3))


def names(found: list[Any]) -> list[str]:
    return [one.part_type for one in found]


def did(part: str, action: str, days: float) -> Past:
    return Past(part, action, days, part.rstrip("0123456789"))


def test_popular_is_by_demand(table: TypeTable) -> None:
    """The type most people acted on comes first, a type nobody asked for last."""
    assert names(popular(table, MAY))[0] == "oil"
    assert names(popular(table, MAY))[-1] == "fluid"


def test_before_the_first_model_the_table_of_seasons_speaks() -> None:
    """Wipers in November; by the number of parts otherwise."""
    jobs = load_jobs(b"seasons: {wiper: [1,1,1,1,1,1,1,1,1,1,10,1]}")
    types = TypeTable.of(None, jobs, {"pads": 3, "oil": 2, "wiper": 1})
    assert names(popular(types, MAY)) == ["pads", "oil", "wiper"]
    assert names(popular(types, Occasion(11))) == ["wiper", "pads", "oil"]


def test_what_is_bought_together_goes_together_both_ways(model: Model) -> None:
    """Pads call for discs and discs for pads, and neither for itself or for oil."""
    types = TypeTable.of(model, Jobs.none(), dict.fromkeys(TYPES, 3))
    assert names(bought_together(types, "pads")) == ["discs"]
    assert names(bought_together(types, "discs")) == ["pads"]


def test_a_kit_is_not_offered_with_what_it_contains_whatever_the_log_says(model: Model) -> None:
    """Forty baskets hold pads and discs, and so does the job: once pads are a kit with discs in it, neither follows."""
    table = (
        b"jobs: [{id: brakes, name: {en: Brakes}, part_types: {pads: 1, discs: 0.5, fluid: 0.3}}]\n"
        b"contains: {pads: [discs]}"
    )
    types = TypeTable.of(model, load_jobs(table), dict.fromkeys((*TYPES, "fluid"), 3))
    assert names(bought_together(types, "pads")) == ["fluid"]
    assert names(bought_together(types, "discs")) == ["fluid"]


def test_what_is_often_in_the_basket_fills_up_after_what_belongs_to_the_job() -> None:
    """Pads stand beside oil twice as often as beside discs, but less often than chance has it: discs come first."""
    ids = ["pads0", "discs0", "oil0", "wiper0"]
    items = ItemFeatures(ids, ["pads", "discs", "oil", "wiper"], ["B"] * 4, ["oe"] * 4, [10.0] * 4)
    catalogue = Catalogue.of(items)
    baskets = [["pads0", "oil0"]] * 20 + [["pads0", "discs0"]] * 10 + [["oil0", "wiper0"]] * 20
    events = [act(user, part, user) for user, basket in enumerate(baskets) for part in basket]
    found = fit_model(catalogue, read_log(events, catalogue.index), START.timestamp() / DAY_SECONDS + 120,
                      Settings(factors=4), seed=1)  # fmt: skip
    types = TypeTable.of(found, Jobs.none(), dict.fromkeys(("pads", "discs", "oil", "wiper"), 1))
    discs, oil, pads = (found.codes[0][name] for name in ("discs", "oil", "pads"))
    assert found.together[pads, oil] < 0 < found.together[pads, discs]
    assert names(bought_together(types, "pads")) == ["discs", "oil"]


def test_where_others_went_on_to_is_offered_and_the_latest_act_is_its_reason(model: Model, table: TypeTable) -> None:
    """After discs, of which the log says nothing about wipers, a visitor whose like all went on to wipers gets one."""
    history = [did("discs0", "click", 0.01)]
    led = (np.array(model.coding.part_types) == "wiper").astype(float)
    assert names(for_you(table, history, MAY))[0] != "wiper"
    found = for_you(table, history, MAY, following=led)
    assert found[0].part_type == "wiper"
    assert found[0].because == Because("bought", "discs0", "discs", Action.CLICK)


def test_others_went_on_from_pads_to_discs(model: Model) -> None:
    """Transitions and walk as part types: shares that sum to 1, none for somebody whose parts nobody touched."""
    shares = model.next_types(model.profile([did("pads0", "click", 0.0)]))
    assert shares.sum() == pytest.approx(1.0)
    assert model.coding.part_types[int(shares.argmax())] == "discs"
    assert not model.next_types(model.profile([did("unheard of", "click", 0.0)])).any()


def test_the_log_says_how_long_a_type_lasts_where_it_knows() -> None:
    """Forty people buy oil again after 100 days: it is due then, though the table says a year."""
    catalogue = Catalogue.of(ItemFeatures(["oil0"], ["oil"], ["B"], ["oe"], [10.0]))
    events = [act(user, "oil0", day) for user in range(40) for day in range(0, 1000, 100)]
    end = START.timestamp() / DAY_SECONDS + 1000
    log, shop = read_log(events, catalogue.index), Shop(interval_days=JOBS.interval_days)
    found = fit_model(catalogue, log, end, Settings(factors=4), seed=1, shop=shop)
    types = TypeTable.of(found, JOBS, {"oil": 1})
    assert types.due_days["oil"] == pytest.approx(107, abs=3)  # ten gaps of a year stand behind 360 of 100 days
    assert names(for_you(types, [did("oil0", "purchase", 50.0)], MAY)) == []
    assert for_you(types, [did("oil0", "purchase", 120.0)], MAY)[0].because.kind == "due"


@pytest.mark.parametrize("trained", [True, False])
def test_the_table_of_jobs_speaks_where_data_are_silent(trained: bool, model: Model) -> None:
    """Brake fluid is in no log, yet belongs to the job; without any model the table alone speaks."""
    types = TypeTable.of(model if trained else None, JOBS, dict.fromkeys((*TYPES, "fluid"), 3))
    assert names(bought_together(types, "pads")) == ["discs", "fluid"]
    assert names(bought_together(types, "fluid")) == ["pads", "discs"]
    assert bought_together(types, "nothing") == []


def test_someone_who_bought_pads_is_offered_discs_and_no_pads(table: TypeTable) -> None:
    """What was just bought is not offered again; the reason is the part that caused the offer, and what was done."""
    found = for_you(table, [did("pads0", "purchase", 1.0)], MAY)
    assert found[0].part_type == "discs"
    assert found[0].because == Because("bought", "pads0", "pads", Action.PURCHASE)
    assert "pads" not in names(found)
    assert just_bought(table, [did("pads0", "purchase", 1.0)]) == {"pads"}


def test_someone_who_looks_at_pads_is_offered_pads(table: TypeTable) -> None:
    """A look is a wish not yet met."""
    assert "pads" in names(for_you(table, [did("pads0", "click", 0.1)], MAY))[:2]


def test_a_history_counts_without_a_model() -> None:
    """The table of jobs and what was looked at are enough."""
    types = TypeTable.of(None, JOBS, dict.fromkeys((*TYPES, "fluid"), 3))
    assert set(names(for_you(types, [did("pads0", "click", 0.1)], MAY))[:2]) == {"pads", "discs"}


@pytest.mark.parametrize(("days", "offered"), [(100, False), (330, True)])
def test_oil_comes_back_when_it_is_due(days: float, offered: bool, table: TypeTable) -> None:
    """Within its interval a consumable is held back, near its end it is offered as due."""
    found = for_you(table, [did("oil2", "purchase", days)], MAY)
    assert ("oil" in names(found)) is offered
    if offered:
        assert next(one for one in found if one.part_type == "oil").because.kind == "due"


def test_a_type_that_the_catalogue_lost_is_neither_held_back_nor_due(table: TypeTable, model: Model) -> None:
    """Somebody bought oil when there was some: whatever the time since, the list is what it is without that act."""
    types = TypeTable.of(model, JOBS, {"pads": 3, "wiper": 3})
    for days in (1.0, 330.0):
        assert names(for_you(types, [did("oil2", "purchase", days)], MAY)) == names(for_you(types, [], MAY))


def test_without_history_everybody_gets_what_is_popular(table: TypeTable) -> None:
    """The same order as `popular`, reasoned by it; for a vehicle, reasoned by the vehicle."""
    assert names(for_you(table, [], MAY)) == names(popular(table, MAY))
    assert {one.because.kind for one in for_you(table, [], MAY)} == {"popular"}
    assert {one.because.kind for one in for_vehicle(table, [], MAY)} == {"fits"}


def test_the_longest_overdue_service_comes_first(table: TypeTable) -> None:
    """By share of the interval passed; what was just done is not there."""
    past = [did("oil2", "purchase", 400.0), did("wiper0", "purchase", 400.0)]
    assert names(next_service(table, past, MAY)) == ["wiper", "oil"]
    fresh = [did("oil2", "purchase", 10.0), did("wiper0", "purchase", 400.0)]
    assert names(next_service(table, fresh, MAY)) == ["wiper"]


def test_kilometres_bring_a_service_forward(table: TypeTable) -> None:
    """Bought 100 days ago is early by time; at 100,000 km a year it is overdue by distance."""
    past = [did("oil2", "purchase", 100.0)]
    assert "oil" not in names(next_service(table, past, Occasion(5, car=Car(365.0))))
    assert "oil" in names(next_service(table, past, Occasion(5, car=Car(365.0, 100_000.0))))


def test_a_stranger_with_a_car_is_told_what_it_needs(table: TypeTable) -> None:
    """A car of two years needs oil, one of a month nothing; a stranger without a car gets what most people need."""
    assert "oil" in names(next_service(table, [], Occasion(5, car=Car(730.0))))
    assert next_service(table, [], Occasion(5, car=Car(30.0, 500.0))) == []
    assert names(next_service(table, [], MAY))[0] == "oil"


@pytest.mark.parametrize(
    ("km", "due", "not_due"),
    [
        (None, {"engine_oil", "brake_disc", "brake_pad"}, set[str]()),
        (9_000.0, {"engine_oil", "brake_fluid"}, {"brake_disc", "brake_pad", "spark_plug", "shock_absorber"}),
        (61_000.0, {"engine_oil", "brake_pad", "spark_plug"}, set[str]()),
    ],
)
def test_what_wears_goes_by_the_mileage_where_it_is_known(km: float | None, due: set[str], not_due: set[str]) -> None:
    """By the shipped table, for a car of eight years: oil and brake fluid age, discs of 9,000 km do not."""
    jobs = load_jobs((CONFIG / "jobs.yaml").read_bytes())
    types = TypeTable.of(None, jobs, dict.fromkeys(sorted(jobs.intervals), 3))
    found = set(names(next_service(types, [], Occasion(5, car=Car(8 * 365.0, km)), size=50)))
    assert found >= due
    assert not found & not_due
    bought = [Past("x", "purchase", 4.4 * 365.0, "brake_disc")]
    again = names(next_service(types, bought, Occasion(5, car=Car(8 * 365.0, km)), size=50))
    assert ("brake_disc" in again) == (km is None)


def test_alike_parts_are_those_of_the_same_people(model: Model) -> None:
    """People who took pads0 took discs1; nobody took pads1; a stranger is like nothing."""
    found = alike(model, "pads0", ["discs1", "pads1", "nowhere"])
    assert found.tolist() == [1.0, 0.0, 0.0]
    assert alike(None, "pads0", ["discs1"]).tolist() == [0.0]
    assert alike(model, "nowhere", ["discs1"]).tolist() == [0.0]


def test_what_lifts_a_part_is_the_act_nearest_to_it() -> None:
    """The part itself before its brand before its type; nothing where nothing is shared."""
    history = [
        Past("a", "click", 0.0, "pads", "ACME"), Past("b", "click", 0.0, "oil", "BEST"), Past("c", "click", 0.0, "oil"),
    ]  # fmt: skip
    assert liked_for(history, "c", "ACME", "pads") == Because("bought", "c", "oil", Action.CLICK)
    assert liked_for(history, "d", "BEST", "pads") == Because("bought", "b", "oil", Action.CLICK)
    assert liked_for(history, "d", "", "oil") == Because("bought", "b", "oil", Action.CLICK)
    assert liked_for(history, "d", "", "wiper") is None


def test_the_shipped_table_names_part_types_of_the_vocabulary() -> None:
    """Every job and interval is about a part type that exists."""
    jobs = load_jobs(CONFIG / "jobs.yaml")
    with (CONFIG / "part_types.jsonl").open(encoding="utf-8") as file:
        known = {json.loads(line)["id"] for line in file}
    held = {part for parts in jobs.contains.values() for part in parts}
    assert jobs.together.keys() | jobs.intervals.keys() | jobs.seasons.keys() | jobs.contains.keys() | held <= known


def test_the_exported_schema_of_jobs_is_current() -> None:
    """`config/schemas/jobs.schema.json` is what the types say."""
    assert json.loads((CONFIG / "schemas/jobs.schema.json").read_text()) == json.loads(json.dumps(jobs_schema()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jobz: []", "unknown field `jobz`"),
        ("jobs: [{id: a, name: {en: A}, part_types: {x: 2, y: 1}}]", "<= 1"),
        ("intervals: {oil: {months: 0}}", "> 0"),
        ("seasons: {oil: [1, 2]}", ">= 12"),
        ("contains: {kit: []}", ">= 1"),
        ("contains: {kit: [kit]}", "cannot contain itself"),
        ("jobs: [{id: a, name: {en: A}, rate: 0, part_types: {x: 1, y: 1}}]", "> 0"),
        (
            "jobs:" + 2 * "\n- {id: a, name: {en: A}, part_types: {x: 1, y: 1}}",
            "more than once",
        ),
    ],
)
def test_a_table_with_a_fault_is_refused(text: str, message: str) -> None:
    """Unknown keys, shares above 1, empty intervals and repeated ids are named."""
    with pytest.raises(PolicyError, match=message):
        load_jobs(text.encode())
