"""Recommendations: what is offered to whom, and what is never offered."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from ranking.errors import PolicyError
from ranking.features import ItemFeatures
from ranking.fit import Catalogue, fit_model
from ranking.interactions import DAY_SECONDS, read_log
from ranking.jobs import Jobs, jobs_schema, load_jobs
from ranking.model import Model, Past
from ranking.recommend import (
    Because,
    because_text,
    bought_together,
    for_vehicle,
    for_you,
    next_service,
    popular,
    popular_parts,
    similar,
)  # fmt: skip
from ranking.trained import Settings

CONFIG = Path(__file__).parents[2] / "config"
TYPES = ("pads", "discs", "oil", "wiper")
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
JOBS = load_jobs(
    b"jobs: [{id: brakes, name: {en: Brakes}, part_types: {pads: 1, discs: 0.5, fluid: 0.3}}]\n"
    b"intervals: {oil: {months: 12}, wiper: {months: 6}}"
)


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


def types(found: list[Any]) -> list[str]:
    return [one.part_type for one in found]


def test_popular_is_by_demand(model: Model) -> None:
    """The type most people acted on comes first."""
    assert types(popular(model))[0] == "oil"
    assert [one.part_id for one in popular_parts(model, "pads")] == ["pads0"]


def test_what_is_bought_together_goes_together_both_ways(model: Model) -> None:
    """Pads call for discs and discs for pads, and neither for itself or for oil."""
    assert types(bought_together(model, Jobs.none(), "pads")) == ["discs"]
    assert types(bought_together(model, Jobs.none(), "discs")) == ["pads"]


def test_the_table_of_jobs_speaks_where_data_are_silent(model: Model) -> None:
    """Brake fluid is in no log and no catalogue of the model, yet belongs to the job."""
    assert types(bought_together(model, JOBS, "pads")) == ["discs", "fluid"]
    assert types(bought_together(model, JOBS, "fluid")) == ["pads", "discs"]
    assert bought_together(model, JOBS, "nothing") == []


def test_someone_who_bought_pads_is_offered_discs_and_no_pads(model: Model) -> None:
    """What was just bought is not offered again; the reason is the part that caused the offer."""
    found = for_you(model, model.profile([Past("pads0", "purchase", 1.0)]), JOBS)
    assert found[0].part_type == "discs"
    assert found[0].because == Because("bought", "pads0", "pads")
    assert "pads" not in types(found)


def test_someone_who_looks_at_pads_is_offered_pads(model: Model) -> None:
    """A look is a wish not yet met."""
    assert "pads" in types(for_you(model, model.profile([Past("pads0", "click", 0.1)]), JOBS))[:2]


@pytest.mark.parametrize(("days", "offered"), [(100, False), (330, True)])
def test_oil_comes_back_when_it_is_due(days: float, offered: bool, model: Model) -> None:
    """Within its interval a consumable is held back, near its end it is offered as due."""
    found = for_you(model, model.profile([Past("oil2", "purchase", days)]), JOBS)
    assert ("oil" in types(found)) is offered
    if offered:
        assert next(one for one in found if one.part_type == "oil").because.kind == "due"


def test_without_history_everybody_gets_what_is_popular(model: Model) -> None:
    """The same order as `popular`, reasoned by it; for a vehicle, reasoned by the vehicle."""
    nobody = model.profile([])
    assert types(for_you(model, nobody, JOBS)) == types(popular(model))
    assert {one.because.kind for one in for_you(model, nobody, JOBS)} == {"popular"}
    assert {one.because.kind for one in for_vehicle(model, nobody, JOBS)} == {"fits"}


def test_the_longest_overdue_service_comes_first(model: Model) -> None:
    """By share of the interval passed; what was just done is not there."""
    past = [Past("oil2", "purchase", 400.0), Past("wiper0", "purchase", 400.0)]
    assert types(next_service(model, model.profile(past), JOBS)) == ["wiper", "oil"]
    fresh = [Past("oil2", "purchase", 10.0), Past("wiper0", "purchase", 400.0)]
    assert types(next_service(model, model.profile(fresh), JOBS)) == ["wiper"]


def test_similar_parts_are_of_the_same_type(model: Model) -> None:
    """Never the part itself, never another type; an unknown part has none here."""
    assert {one.part_id for one in similar(model, "pads0")} == {"pads1", "pads2"}
    assert similar(model, "nowhere") == []


def test_every_reason_has_words_in_both_languages() -> None:
    """With the names of the part type that caused it."""
    names = {"pads": {"en": "Brake pad set", "zh": "刹车片"}}
    for kind in ("bought", "fits", "together", "due", "popular", "similar"):
        text = because_text(Because(kind, None, "pads"), names)  # type: ignore[arg-type]
        assert text["en"]
        assert text["zh"]
    assert because_text(Because("together", None, "pads"), names) == {
        "en": "Often bought with brake pad set", "zh": "常与刹车片一起购买",
    }  # fmt: skip


def test_the_shipped_table_names_part_types_of_the_vocabulary() -> None:
    """Every job and interval is about a part type that exists."""
    jobs = load_jobs(CONFIG / "jobs.yaml")
    with (CONFIG / "part_types.jsonl").open(encoding="utf-8") as file:
        known = {json.loads(line)["id"] for line in file}
    assert jobs.together.keys() | jobs.interval_days.keys() <= known


def test_the_exported_schema_of_jobs_is_current() -> None:
    """`config/schemas/jobs.schema.json` is what the types say."""
    assert json.loads((CONFIG / "schemas/jobs.schema.json").read_text()) == json.loads(json.dumps(jobs_schema()))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jobz: []", "unknown field `jobz`"),
        ("jobs: [{id: a, name: {en: A}, part_types: {x: 2, y: 1}}]", "<= 1"),
        ("intervals: {oil: {months: 0}}", "> 0"),
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
