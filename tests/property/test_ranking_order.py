"""The ranker's promises, attacked with arbitrary columns, rules, duplicates and missing numbers."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranking.policy import Context, Policy
from ranking.policy_file import Boost, Bury, Hide, Items, Pin, PolicyFile, Rule, Thresholds, Weights
from ranking.ranker import Ranking, rank
from ranking.signals import SIGNALS, Pool

pytestmark = pytest.mark.thorough

CONTEXT = Context(today=datetime.date(2026, 1, 1))
number = st.one_of(
    st.floats(-1e9, 1e9), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, 5e-324, 1.7e308])
)
part_id = st.integers(0, 14).map(lambda i: f"P{i}")
brand = st.sampled_from(["A", "B", "ａ"])
items = st.one_of(
    st.builds(Items, part_ids=st.lists(part_id, min_size=1, max_size=4).map(tuple)),
    st.builds(Items, brand=st.lists(brand, min_size=1, max_size=2).map(tuple)),
)
push = st.floats(0.001, 100)
effect = st.one_of(
    st.builds(Boost, weight=push, items=items), st.builds(Bury, weight=push, items=items), st.builds(Hide, items=items)
)
pin = st.builds(Pin, part_ids=st.lists(part_id, min_size=1, max_size=4).map(tuple), position=st.integers(1, 20))
weight = st.floats(0, 100)


@st.composite
def pools(draw: st.DrawFn) -> Pool:
    size = draw(st.integers(0, 25))
    columns: dict[str, Any] = {
        name: draw(st.none() | st.lists(number, min_size=size, max_size=size))
        for name in ("text", "part_type", "popularity", "personal", "available", "distance_km", "price", "promotion")
    }
    return Pool(
        part_ids=draw(st.lists(part_id, min_size=size, max_size=size)),
        band=draw(st.lists(st.integers(0, 4), min_size=size, max_size=size)),
        age_days=draw(st.none() | st.lists(number, min_size=size, max_size=size)),
        brands=draw(st.lists(brand, min_size=size, max_size=size)),
        **columns,
    )


@st.composite
def policies(draw: st.DrawFn, pins: bool) -> Policy:
    effects = draw(st.lists(st.one_of(effect, pin) if pins else effect, max_size=5))
    rules = tuple(Rule(id=f"r{i}", effects=(one,)) for i, one in enumerate(effects))
    weights = draw(st.builds(Weights, text=weight, popularity=weight, personal=weight, price=weight))
    return Policy(PolicyFile(weights, Thresholds(), rules))


def ranked(pool: Pool, policy: Policy, **options: Any) -> Ranking:
    return rank(pool, policy, policy.firing(CONTEXT), **options)


def bands_of(pool: Pool, ranking: Ranking) -> list[int]:
    return np.asarray(pool.band, int)[ranking.order].tolist()


def best_rows(pool: Pool) -> dict[str, int]:
    """Part id → its best band."""
    best: dict[str, int] = {}
    for one, band in zip(pool.part_ids, np.asarray(pool.band, int).tolist(), strict=True):
        best[one] = min(best.get(one, 9), band)
    return best


@given(pools(), policies(pins=True), st.sampled_from(["relevance", "price_asc", "price_desc", "newest", "distance"]))
@settings(max_examples=150, deadline=None)
def test_no_rule_signal_or_sort_moves_a_part_across_a_band(pool: Pool, policy: Policy, sort: Any) -> None:
    """Bands only ever ascend along the order, and every part stands in its own best band."""
    ranking = ranked(pool, policy, sort=sort)
    bands = bands_of(pool, ranking)
    assert bands == sorted(bands)
    best = best_rows(pool)
    assert all(best[pool.part_ids[row]] == np.asarray(pool.band)[row] for row in ranking.order)


@given(pools(), policies(pins=True))
@settings(max_examples=150, deadline=None)
def test_contributions_add_up_to_a_finite_score(pool: Pool, policy: Policy) -> None:
    """Whatever the numbers, each score is finite and the sum of its explained contributions."""
    ranking = ranked(pool, policy)
    for row in range(len(pool.part_ids)):
        parts = ranking.contributions(row)
        assert math.isfinite(ranking.score[row])
        assert all(part.contribution == part.value * part.weight for part in parts)
        assert {part.signal for part in parts} <= set(SIGNALS)
        assert math.isclose(sum(part.contribution for part in parts), ranking.score[row], abs_tol=1e-6)


@given(pools(), policies(pins=False))
@settings(max_examples=150, deadline=None)
def test_without_pins_the_score_never_rises_inside_a_band_and_ties_go_by_part_id(pool: Pool, policy: Policy) -> None:
    """Neighbours of one band fall in score, or are equal and ordered by part id."""
    ranking = ranked(pool, policy)
    rows, bands = ranking.order.tolist(), bands_of(pool, ranking)
    for here, there, band, next_band in zip(rows, rows[1:], bands, bands[1:], strict=False):
        if band == next_band:
            left, right = ranking.score[here], ranking.score[there]
            assert left > right or (left == right and pool.part_ids[here] < pool.part_ids[there])


@given(pools(), policies(pins=True))
@settings(max_examples=150, deadline=None)
def test_every_part_is_shown_once_or_hidden_by_a_rule(pool: Pool, policy: Policy) -> None:
    """Shown + hidden + repeated = pool, without a part twice; what is missing was named by a hide."""
    ranking = ranked(pool, policy)
    shown = [pool.part_ids[row] for row in ranking.order]
    assert len(shown) == len(set(shown))
    assert len(shown) + ranking.hidden + ranking.repeated == len(pool.part_ids)
    hides = {row for row, rules in ranking.rules.items() if any(effect == "hide" for _, effect in rules)}
    assert len(hides) == ranking.hidden
    assert not hides & set(ranking.order.tolist())


@given(pools(), policies(pins=True), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_does_not_depend_on_the_order_of_the_rows(pool: Pool, policy: Policy, random: Any) -> None:
    """Rows shuffled, the same parts come out in the same order."""
    keep = sorted({one: row for row, one in enumerate(pool.part_ids)}.values())
    shuffled = random.sample(keep, len(keep))
    first, second = (take(pool, rows) for rows in (keep, shuffled))
    assert shown_ids(first, policy) == shown_ids(second, policy)


def take(pool: Pool, rows: list[int]) -> Pool:
    columns = {
        name: None if (column := getattr(pool, name)) is None else [column[row] for row in rows if len(column)]
        for name in Pool.__dataclass_fields__
    }
    return Pool(**columns)


def shown_ids(pool: Pool, policy: Policy) -> list[str]:
    return [pool.part_ids[row] for row in ranked(pool, policy).order]


@given(pools(), st.lists(part_id, min_size=1, max_size=3, unique=True), st.integers(1, 10))
@settings(max_examples=150, deadline=None)
def test_a_pin_takes_its_place_in_its_own_band(pool: Pool, ids: list[str], position: int) -> None:
    """The first pinned part stands at its place among its band, or last where the band is shorter."""
    policy = Policy(PolicyFile(rules=(Rule(id="p", effects=(Pin(part_ids=tuple(ids), position=position),)),)))
    ranking = ranked(pool, policy)
    shown, bands = [pool.part_ids[row] for row in ranking.order], bands_of(pool, ranking)
    if ids[0] in shown:
        band = bands[shown.index(ids[0])]
        members = [one for one, other in zip(shown, bands, strict=True) if other == band]
        assert members.index(ids[0]) == min(position, len(members)) - 1


@given(pools(), pools(), policies(pins=True))
@settings(max_examples=150, deadline=None)
def test_scores_of_later_pages_stay_under_those_of_the_first(first: Pool, later: Pool, policy: Policy) -> None:
    """With the lowest scores shown as ceilings, no later score of a band lies above, and contributions still add up."""
    page = ranked(first, policy)
    ceilings: dict[int, float] = {}
    for row, band in zip(page.order.tolist(), bands_of(first, page), strict=True):
        ceilings[band] = min(ceilings.get(band, math.inf), float(page.score[row]))
    follow = ranked(later, policy, ceilings=ceilings)
    for row, band in zip(follow.order.tolist(), bands_of(later, follow), strict=True):
        assert follow.score[row] <= ceilings.get(band, math.inf)
        total = sum(part.contribution for part in follow.contributions(row))
        assert math.isclose(total, follow.score[row], abs_tol=1e-6)
