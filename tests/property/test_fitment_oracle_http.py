"""The HTTP API and the brute-force oracle agree: generated catalogues, loaded from files, searched and checked."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fitment_rules.model import Scalar, Window, note_id
from indexers.vocabulary import Vocabulary, load_vocabulary
from search_service.app import engine_of
from search_service.resources import config_folder
from search_service.settings import Settings
from tests.oracle import oracle
from tests.oracle.catalogues import Case, asked_again, generate
from tests.oracle.oracle import Candidate, Part, Query
from tests.oracle.shop import Client, parameters, publish, serving

pytestmark = pytest.mark.thorough

CATALOGUES = 3
LONG_CATALOGUES = 60
QUERIES = 25
FACETS = ("brand", "quality")


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary(config_folder())


def disagreements(case: Case, client: Client) -> Iterator[str]:
    """One line for every number or verdict that is not the oracle's."""
    found = oracle.candidates(case.vehicles, case.query, case.horizon)
    rows = {one.vehicle.vehicle_id for one in found}
    there = [part for part in case.parts if oracle.goes_there(part, case.applications, case.query.positions)]
    fits = {part.part_id: oracle.fit_of(part, case.applications, found, case.query) for part in there}
    yield from _anywhere(case, client, there)
    for mode in oracle.MODES:
        answer = client.get("/v1/search", _search(case, mode))
        if answer["vehicle"]["candidates"] != len(rows) or set(answer["vehicle"]["vehicle_ids"]) != rows:
            yield f"{mode}: the oracle has {rows}, the answer {answer['vehicle']}"
        elif not rows:
            yield from (
                f"{mode}: a verdict without a vehicle: {one}" for one in answer["items"] if one["fit"]["verdict"]
            )
        else:
            yield from (f"{mode}: {line}" for line in _numbers(case, mode, answer, fits, there))
            yield from (f"{mode}: {line}" for line in _page_question(case, answer))
    if rows:
        yield from _checked(case, client, found)


def _numbers(
    case: Case, mode: str, answer: Mapping[str, Any], fits: Mapping[str, oracle.Fit], there: list[Part]
) -> Iterator[str]:
    verdicts = {part_id: str(fit.verdict) for part_id, fit in fits.items()}
    expected = oracle.listing(there, verdicts, mode, dict(case.filters), FACETS)
    if (answer["bands"], answer["excluded"]) != (dict(expected.bands), dict(expected.excluded)):
        yield f"the oracle says {expected.bands}, {expected.excluded}; HTTP {answer['bands']}, {answer['excluded']}"
    if answer["total"] != expected.total or len(answer["items"]) != expected.total:
        yield f"the oracle has {expected.total}, HTTP {answer['total']} and {len(answer['items'])} items"
    facets = {name: {one["value"]: one["count"] for one in answer["facets"][name] if one["count"]} for name in FACETS}
    if facets != {name: dict(expected.facets[name]) for name in FACETS}:
        yield f"the oracle counts {expected.facets}, HTTP {facets}"
    order = [oracle.MODES[mode].index(one["fit"]["verdict"]) for one in answer["items"]]
    if order != sorted(order):
        yield f"bands are mixed: {order}"
    for one in answer["items"]:
        if one["part_id"] in fits:
            yield from _fit(one["part_id"], one["fit"], fits[one["part_id"]])
        else:
            yield f"{one['part_id']} goes to another place"


def _anywhere(case: Case, client: Client, there: list[Part]) -> Iterator[str]:
    """Without a vehicle, what the filters leave is listed, without a verdict."""
    answer = client.get("/v1/search", _search(replace(case, query=Query((), positions=case.query.positions)), "all"))
    expected = {
        part.part_id for part in there if all(set(values) & set(part.columns[name]) for name, values in case.filters)
    }
    shown = {one["part_id"] for one in answer["items"]}
    if (shown, answer["total"]) != (expected, len(expected)) or answer["vehicle"]:
        yield f"without a vehicle: the oracle has {sorted(expected)}, HTTP {answer['total']}, {sorted(shown)}"


def _checked(case: Case, client: Client, found: list[Candidate]) -> Iterator[str]:
    query = replace(case.query, positions=())
    body = {"vehicle": parameters(query), "part_ids": [part.part_id for part in case.parts]}
    answer = client.post("/v1/fitment/check", body)
    for part, result in zip(case.parts, answer["results"], strict=True):
        expected = oracle.fit_of(part, case.applications, found, query)
        yield from (f"check: {line}" for line in _fit(part.part_id, result["fit"], expected))
        if expected.verdict == oracle.NEEDS_INFO:
            yield from (f"check: {part.part_id}: {line}" for line in _questions(case, part, result["fit"], query))


def _questions(case: Case, part: Part, fit: Mapping[str, Any], query: Query) -> Iterator[str]:
    """Every option of a part's own questions says what the oracle says once it is the answer."""
    if not fit["questions"] and not query.unknown:
        yield "needs information, but asks nothing"
    for question in fit["questions"]:
        name = question["attribute"]
        if name in query.unknown:
            yield f"asks for {name}, which the caller does not know"
        for option in question["options"]:
            then = answered(case, query, name, option["value"])
            found = oracle.candidates(case.vehicles, then, case.horizon)
            expected = oracle.fit_of(part, case.applications, found, then)
            counted = (option["fits"], option["needs_info"], option["does_not_fit"])
            if counted != (expected.match, expected.unknown, expected.mismatch):
                yield f"{name}={option['value']!r}: the oracle says {expected}, the question {counted}"


def _page_question(case: Case, answer: Mapping[str, Any]) -> Iterator[str]:
    """The options of the page's question count its items by the oracle's verdict once it is the answer."""
    question = answer["vehicle"]["question"]
    shown = {one["part_id"] for one in answer["items"]}
    for option in question["options"] if question else ():
        then = answered(case, case.query, question["attribute"], option["value"])
        found = oracle.candidates(case.vehicles, then, case.horizon)
        parts = [part for part in case.parts if part.part_id in shown]
        verdicts = [oracle.fit_of(part, case.applications, found, then).verdict for part in parts]
        fits = sum(one in (oracle.FITS, oracle.UNIVERSAL) for one in verdicts)
        needs = sum(one == oracle.NEEDS_INFO for one in verdicts)
        expected = (fits, needs, len(verdicts) - fits - needs)
        counted = (option["fits"], option["needs_info"], option["does_not_fit"])
        if counted != expected:
            yield f"{question['attribute']}={option['value']!r}: the oracle counts {expected}, the page {counted}"


def answered(case: Case, query: Query, attribute: str, value: Scalar) -> Query:
    """The query with one question answered."""
    if attribute.startswith("note:"):
        texts = (note.text for rule in case.applications for note in rule.notes)
        text = next(text for text in texts if note_id(text) == attribute.removeprefix("note:"))
        return replace(query, notes={**query.notes, text: value == "yes"})
    return replace(query, given=(*query.given, (attribute, (value,))))


def _fit(part_id: str, fit: Mapping[str, Any], expected: oracle.Fit) -> Iterator[str]:
    rows = {"match": expected.match, "unknown": expected.unknown, "mismatch": expected.mismatch}
    if (fit["verdict"], fit["candidates"]) != (expected.verdict, rows):
        yield f"{part_id}: the oracle says {expected}, HTTP {fit['verdict']} and {fit['candidates']}"


def _search(case: Case, mode: str) -> dict[str, Any]:
    filters = {f"filter.{name}": list(values) for name, values in case.filters}
    places = {"filter.position": list(case.query.positions)} if case.query.positions else {}
    return {**parameters(case.query), **filters, **places, "fitment": mode, "size": 100, "facets": "brand,quality"}


def agree(vocabulary: Vocabulary, folder: Path, seed: int) -> None:
    """One catalogue, many queries; fails with the first disagreement."""
    rng = random.Random(f"http-{seed}")
    case = generate(rng)
    settings = Settings(data_dir=folder / f"data-{seed}", log_level="error")  # type: ignore[arg-type]
    engine = engine_of(settings)
    registry = publish(case, folder / f"files-{seed}", settings.data_dir, engine, vocabulary)
    case = replace(case, horizon=Window(*registry.open().manifest.horizon))
    engine.close()
    with serving(settings) as client:
        for number in range(QUERIES):
            case = _sayable(asked_again(rng, case))
            if found := list(disagreements(case, client)):
                rows = "\n".join(map(str, (*case.vehicles, *case.parts, *case.applications)))
                pytest.fail("\n".join([f"catalogue {seed}, query {number}", *found, str(case.query), rows]))


def _sayable(case: Case) -> Case:
    """HTTP says an attribute once; part types go by vocabulary ids and are left to the filters' own tests."""
    once = tuple({name: (name, said) for name, said in reversed(case.query.given)}.values())
    filters = tuple(one for one in case.filters if one[0] in FACETS)
    return replace(case, query=replace(case.query, given=once), filters=filters)


@pytest.mark.parametrize("seed", range(CATALOGUES))
def test_http_and_oracle_agree(vocabulary: Vocabulary, tmp_path: Path, seed: int) -> None:
    """Candidates, bands, totals, excluded, facets, items, verdicts and rows by outcome are the oracle's."""
    agree(vocabulary, tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(CATALOGUES, CATALOGUES + LONG_CATALOGUES))
def test_http_and_oracle_agree_at_length(vocabulary: Vocabulary, tmp_path: Path, seed: int) -> None:
    """The same over more catalogues."""
    agree(vocabulary, tmp_path, seed)
