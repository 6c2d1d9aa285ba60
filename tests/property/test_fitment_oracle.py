"""The kernel and the brute-force oracle agree on generated catalogues: verdicts, rows by outcome, and the filter.

500 pairs of catalogue and query by default, 100,000 in the long suite (`make long`).
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

from fitment_rules.model import Application, Vehicle, Window
from tests.oracle import kernel, oracle
from tests.oracle.catalogues import Case, asked_again, cases, generate
from tests.oracle.oracle import Part, Query
from tests.oracle.shrink import shrunk

BATCHES = 20
QUERIES = 4
CATALOGUES = 500 // QUERIES
LONG_CATALOGUES = 100_000 // QUERIES


def disagreements(case: Case, made: kernel.Compiled | None = None) -> list[str]:
    """One line for every part on which kernel and oracle differ."""
    made = made or kernel.compiled(case)
    question = kernel.asked(made, case.query)
    candidates = oracle.candidates(case.vehicles, case.query, case.horizon)
    found = []
    for part in case.parts:
        expected = oracle.fit_of(part, case.applications, candidates, case.query)
        judged = kernel.fit(question, made, case, part)
        if judged != expected:
            found.append(f"{part.part_id}: the oracle says {expected}, the judge {judged}")
        if expected.verdict is None:
            continue
        could, fits = kernel.filtered(question, made.of_part[part.part_id])
        if fits != (expected.verdict == oracle.FITS):
            found.append(f"{part.part_id}: {expected.verdict}, but the filter for fits says {fits}")
        if could != (expected.match + expected.unknown > 0):
            found.append(f"{part.part_id}: {expected}, but the filter for could says {could}")
    return found


def explain(case: Case) -> str:
    """The shrunk case, in words to paste into a test."""
    small = shrunk(case, lambda one: bool(disagreements(one)))
    lines = [*disagreements(small), str(small.query), *map(str, small.vehicles), *map(str, small.parts)]
    return "\n".join([*lines, *map(str, small.applications), str(small.horizon)])


def agree(batch: int, first: int, end: int) -> None:
    """Fail with the first disagreement of a batch's seeds, shrunk."""
    for seed in range(first + batch, end, BATCHES):
        rng = random.Random(seed)
        case = generate(rng)
        made = kernel.compiled(case)
        for query in range(QUERIES):
            if disagreements(case, made):
                pytest.fail(f"seed {seed}, query {query}\n{explain(case)}")
            case = asked_again(rng, case)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_kernel_and_oracle_agree(batch: int) -> None:
    """Over seeded catalogues, judge, filter and oracle never differ."""
    agree(batch, 0, CATALOGUES)


@pytest.mark.long
@pytest.mark.parametrize("batch", range(BATCHES))
def test_kernel_and_oracle_agree_at_length(batch: int) -> None:
    """The same over many more."""
    agree(batch, CATALOGUES, CATALOGUES + LONG_CATALOGUES)


def test_what_excludes_each_other_matches_nothing() -> None:
    """A VIN says one year or engine, the caller another: a row that says neither is no candidate."""
    row, part = Vehicle("v1", "Toyota", "86"), Part("P")
    rules = (
        Application("a1", "P", make=("Toyota",), model=("86",), years=Window(2010, 2011)),
        Application("a2", "P", where={"engine": ("C",)}),
    )
    for said in ((("year", (2015,)), ("year", (2016,))), (("engine", ("A",)), ("engine", ("B",)))):
        assert disagreements(Case((row,), (part,), rules, Query(said), (), Window(2010, 2020))) == []


@settings(max_examples=100, deadline=None)
@given(cases())
def test_kernel_and_oracle_agree_on_what_hypothesis_draws(case: Case) -> None:
    """The same, over catalogues that hypothesis draws and shrinks."""
    assert disagreements(case) == []
