"""Measures against ir-measures, and what the intervals promise."""

from __future__ import annotations

from typing import Any

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, RR, Success, nDCG
from ir_measures import R as Recall

from ranking.evaluate import coverage, judge, mean_interval, measures, novelty, ratio_interval

THEIRS = {"ndcg@10": nDCG @ 10, "mrr": RR, "recall@10": Recall @ 10, "map": AP, "success@3": Success @ 3}


@st.composite
def cases(draw: st.DrawFn) -> list[tuple[list[str], dict[str, int]]]:
    documents = [f"d{i}" for i in range(25)]
    case = st.tuples(
        st.lists(st.sampled_from(documents), min_size=1, max_size=20, unique=True),
        st.dictionaries(st.sampled_from(documents), st.integers(0, 4), min_size=1, max_size=15).filter(
            lambda grades: any(grades.values())
        ),
    )
    return draw(st.lists(case, min_size=1, max_size=8))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_every_measure_equals_ir_measures(found: list[tuple[list[str], dict[str, int]]]) -> None:
    """Query by query, to 1e-6, for any ranking and any grades."""
    ours = measures(judge([run for run, _ in found], [grades for _, grades in found]))
    qrels = {f"q{i}": grades for i, (_, grades) in enumerate(found)}
    runs = {f"q{i}": {name: float(-rank) for rank, name in enumerate(run)} for i, (run, _) in enumerate(found)}
    for name, measure in THEIRS.items():
        theirs = {one.query_id: one.value for one in ir_measures.iter_calc([measure], qrels, runs)}
        assert [theirs[f"q{i}"] for i in range(len(found))] == pytest.approx(ours[name].tolist(), abs=1e-6)


def test_an_empty_answer_scores_nothing() -> None:
    """A query without hits counts 0 in every measure; so does one without anything relevant."""
    for judged in (judge([[]], [{"a": 1}]), judge([["a"]], [{}])):
        assert {name: values.tolist() for name, values in measures(judged).items()} == {name: [0.0] for name in THEIRS}


def test_a_repeated_hit_counts_once() -> None:
    """Showing the same part ten times does not make it ten finds."""
    assert measures(judge([["a", "a", "b"]], [{"a": 1, "b": 1}]))["map"].tolist() == [1.0]


def test_coverage_is_the_share_of_the_catalogue_shown() -> None:
    """Only the first k count, and each part once."""
    assert coverage([["a", "b", "c"], ["a", "d"]], catalogue=10, k=2) == 0.3


def test_novelty_is_the_surprise_of_what_is_shown() -> None:
    """Of eight acts (six and one each added) a part with three of them is one bit of surprise, one with none three."""
    often = {"a": 3.0, "b": 3.0}
    assert novelty([["a"]], often) == 1.0
    assert novelty([["new", "a"], ["b"]], often) == pytest.approx((3.0 + 1.0 + 1.0) / 3)
    assert novelty([["a", "new"]], often, k=1) == 1.0
    assert novelty([], often) == 0.0


def test_the_interval_holds_the_mean_and_narrows_with_data() -> None:
    """A quarter of the data gives about twice the width."""
    values = np.random.default_rng(0).random(4000)
    wide, narrow = mean_interval(values[:1000], seed=1), mean_interval(values, seed=1)
    assert narrow.low < values.mean() < narrow.high
    assert 1.5 < (wide.high - wide.low) / (narrow.high - narrow.low) < 2.7


def test_copies_of_one_user_do_not_narrow_the_interval() -> None:
    """Resampling whole users sees through repeated queries."""
    values = np.random.default_rng(0).random(100)
    once = mean_interval(values, seed=1)
    copied = mean_interval(np.repeat(values, 9), seed=1, groups=np.repeat(np.arange(100), 9))
    assert copied.high - copied.low == pytest.approx(once.high - once.low, rel=0.2)


@pytest.mark.parametrize(("factor", "expected"), [(1.0, 1.0), (1.25, 1.25)])
def test_a_paired_ratio_of_proportional_columns_is_exact(factor: float, expected: float) -> None:
    """Pairing removes the spread between queries."""
    base = np.random.default_rng(0).random(50) + 0.1
    found = ratio_interval(base * factor, base, seed=1)
    assert (found.value, found.low, found.high) == pytest.approx((expected,) * 3)


def test_nothing_to_judge_is_nan_not_an_error() -> None:
    """An empty group says n = 0."""
    empty: Any = []
    assert mean_interval(empty, seed=1).n == 0
    assert np.isnan(ratio_interval(empty, empty, seed=1).value)
