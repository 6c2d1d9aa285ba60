"""Search plans and the brute-force oracle agree on generated catalogues: bands, totals, what is excluded, facets.

The plans are those of `search_service.retrieval`, over slots and over whole nodes; documents carry the indexer's own
coverage; the engine is a loop over documents, so that a disagreement is the plan's. The engines' own tests follow.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings

from fitment_rules.model import Application, Vehicle, Window
from indexers import schema
from indexers.engine.plan import AnyOf, Order
from search_service.retrieval import ALL_MATCHING, Wanted, fit_filters, make_plan, place_filter
from tests.oracle import kernel, oracle
from tests.oracle.catalogues import Case, asked_again, cases, generate
from tests.oracle.documents import Document, answer, documents
from tests.oracle.oracle import Part, Query
from tests.oracle.shrink import shrunk

BATCHES = 20
QUERIES = 4
CATALOGUES = 500 // QUERIES
LONG_CATALOGUES = 20_000 // QUERIES
BROAD = 500
COLUMNS = ("brand", "part_type", "quality")


@dataclass(frozen=True)
class Built:
    """A catalogue compiled, and its documents: the same for every query."""

    made: kernel.Compiled
    found: list[Document]


def build(case: Case) -> Built:
    """Compile a catalogue."""
    made = kernel.compiled(case)
    return Built(made, documents(case, made))


def disagreements(case: Case, built: Built | None = None) -> list[str]:
    """One line for every mode in which the plan's numbers are not the oracle's."""
    built = built or build(case)
    made = built.made
    question = kernel.asked(made, case.query)
    candidates = oracle.candidates(case.vehicles, case.query, case.horizon)
    if not candidates:
        return []
    there = [part for part in case.parts if oracle.goes_there(part, case.applications, case.query.positions)]
    verdicts = {
        part.part_id: str(oracle.fit_of(part, case.applications, candidates, case.query).verdict) for part in there
    }
    filters = fit_filters(question, BROAD)
    wanted = _wanted(case)
    lines = []
    for mode in oracle.MODES:
        plan = make_plan(wanted, filters, mode, limit=0, order=Order.SCORE, facets=COLUMNS)
        counts, facets = answer(plan, built.found)
        expected = oracle.listing(there, verdicts, mode, dict(case.filters), COLUMNS)
        named = counts.pop(ALL_MATCHING)
        counts[oracle.DOES_NOT_FIT] = named - sum(counts.values())
        if counts != {**expected.bands, **expected.excluded}:
            lines.append(f"{mode}: the oracle says {expected.bands} and {expected.excluded}, the plan {counts}")
        if facets != expected.facets:
            lines.append(f"{mode}: the oracle counts {expected.facets}, the plan {facets}")
    return lines


def _wanted(case: Case) -> Wanted:
    asked = case.query.positions
    always = (place_filter(schema.PLACE.name, kernel.places(asked)),) if kernel.places(asked) else ()
    return Wanted(None, always, {name: AnyOf(name, values) for name, values in case.filters})


def explain(case: Case) -> str:
    """The shrunk case, in words to paste into a test."""
    small = shrunk(replace(case, filters=()) if disagreements(replace(case, filters=())) else case, _fails)
    lines = [*disagreements(small), str(small.query), *map(str, small.vehicles), *map(str, small.parts)]
    return "\n".join([*lines, *map(str, small.applications), str(small.filters), str(small.horizon)])


def _fails(case: Case) -> bool:
    return bool(disagreements(case))


def agree(batch: int, first: int, end: int) -> None:
    """Fail with the first disagreement of a batch's seeds, shrunk."""
    for seed in range(first + batch, end, BATCHES):
        rng = random.Random(seed)
        case = generate(rng)
        built = build(case)
        for query in range(QUERIES):
            if disagreements(case, built):
                pytest.fail(f"seed {seed}, query {query}\n{explain(case)}")
            case = asked_again(rng, case)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_plans_and_oracle_agree(batch: int) -> None:
    """Over seeded catalogues, every mode's bands, total, excluded and facets are the oracle's."""
    agree(batch, 0, CATALOGUES)


@pytest.mark.long
@pytest.mark.parametrize("batch", range(BATCHES))
def test_plans_and_oracle_agree_at_length(batch: int) -> None:
    """The same over many more."""
    agree(batch, CATALOGUES, CATALOGUES + LONG_CATALOGUES)


ONE_PART = (Part("P"),)


def test_a_year_that_only_rows_of_unknown_year_can_have_is_no_whole_node() -> None:
    """year=2017, and the one row says no year: a part without applications stays without data."""
    rows = (Vehicle("v1", "Toyota", "86"), Vehicle("v2", "Honda", "Fit", Window(2012, 2012)))
    assert disagreements(Case(rows, ONE_PART, (), Query((("year", (2017,)),)), (), Window(2012, 2012))) == []


def test_two_places_asked_may_be_covered_by_different_applications() -> None:
    """Front or rear of any Corolla: one row has the part in front, the other behind."""
    rows = (Vehicle("v1", "Toyota", "Corolla"), Vehicle("v2", "Toyota", "Corolla"))
    rules = (
        Application("a1", "P", ("v1",), position=("front",)),
        Application("a2", "P", ("v2",), position=("rear",)),
    )
    query = Query((("make", ("Toyota",)),), positions=("front", "rear"))
    assert disagreements(Case(rows, ONE_PART, rules, query, (), Window(2012, 2012))) == []


@settings(max_examples=50, deadline=None)
@given(cases())
def test_plans_and_oracle_agree_on_what_hypothesis_draws(case: Case) -> None:
    """The same, over catalogues that hypothesis draws and shrinks."""
    assert disagreements(case) == []
