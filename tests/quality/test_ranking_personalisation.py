"""The personalised order on held-out events of a small sample; `benchmarks.personalisation` measures the whole one."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.personalisation import Figures, measure
from search_service.sample.writer import write_sample

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("personalisation")]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Figures:
    folder: Path = tmp_path_factory.mktemp("sample")
    write_sample(folder, parts=6_000, events=80_000)
    return measure(folder)


def test_people_with_history_get_an_order_at_least_a_tenth_better(figures: Figures) -> None:
    """NDCG@10 of the personalised order over the same order without: 1.10 or more, with an interval above 1."""
    ratio = figures.row("any history").ratio
    assert ratio.n > 300
    assert ratio.value >= 1.10
    assert ratio.low > 1.0


def test_lists_are_not_narrowed_by_taste(figures: Figures) -> None:
    """Another order for everybody shows at least as many different parts, and parts at least as seldom taken."""
    without, with_taste = figures.breadth
    assert with_taste.coverage >= without.coverage
    assert with_taste.novelty >= without.novelty


def test_people_without_history_get_the_same_order(figures: Figures) -> None:
    """Nothing is known of them, so nothing changes."""
    assert figures.row("no history").ratio.value == 1.0


def test_no_order_is_better_than_that_of_who_knows_the_tastes(figures: Figures) -> None:
    """The oracle stays the ceiling; a model above it would have read the answers."""
    assert figures.oracle is not None
    without, ours, best = figures.oracle
    assert without.value < ours.value < best.value
