"""Floors of the search as served, over the sample catalogue: the report half of the judged queries, by class.

A query that misses is a finding; the half that may be worked on is `tune`.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from benchmarks.relevance import QUERIES, judged, sample_runtime
from search_service.evaluating import evaluate, read_queries

pytestmark = pytest.mark.thorough

OVERALL, WORST = 0.97, 0.93
MOST_EMPTY = 0.01
CLASSES = frozenset({
    "exact", "colloquial", "regional", "typo", "pinyin", "mixed", "vehicle_part", "spec", "part_number", "symptom",
    "vague",
})  # fmt: skip


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("relevance")
    runtime = sample_runtime(folder, parts=20_000)
    try:
        return evaluate(runtime, judged(folder, "report"))
    finally:
        runtime.close()


def test_the_set_is_large_bilingual_and_in_two_halves() -> None:
    """At least 800 written queries, a third of them in each language, and no text in both halves."""
    halves = [list(read_queries(QUERIES / f"{half}.jsonl")) for half in ("tune", "report")]
    texts = [{query.q for query in half} for half in halves]
    languages = Counter(query.lang for half in halves for query in half)
    assert sum(map(len, halves)) >= 800
    assert not texts[0] & texts[1]
    assert min(languages["en"], languages["zh"]) * 3 >= sum(languages.values())


def test_every_class_is_measured(measured: dict[str, Any]) -> None:
    """No class of the set goes unmeasured."""
    assert measured["classes"].keys() == CLASSES


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_right_part_stands_in_the_first_three(measured: dict[str, Any], name: str) -> None:
    """Every class reaches the floor of the worst."""
    assert measured["classes"][name]["success@3"] >= WORST


def test_the_whole_set(measured: dict[str, Any]) -> None:
    """All classes together: a right part in the first three, and hardly an empty answer."""
    assert measured["all"]["success@3"] >= OVERALL
    assert measured["all"]["zero_result_rate"] < MOST_EMPTY


def test_the_report_says_how_sure_it_is(measured: dict[str, Any]) -> None:
    """Each measure of all queries lies inside its 95 % interval, drawn with the seed told."""
    assert isinstance(measured["seed"], int)
    for name, (low, high) in measured["intervals"].items():
        assert low <= measured["all"][name] <= high
