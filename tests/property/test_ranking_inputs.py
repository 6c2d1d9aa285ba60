"""Whatever is handed to ranking from outside, it answers or refuses; it never fails in another way."""

from __future__ import annotations

import contextlib
import datetime
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.ranking_shop import NOW, make_shop
from ranking.errors import PolicyError
from ranking.fit import Catalogue, fit_model
from ranking.interactions import DAY_SECONDS, read_log
from ranking.model import Model
from ranking.policy import Context, load_policy
from ranking.profile import Candidates, Past
from ranking.trained import Settings

TODAY = datetime.date(2026, 11, 23)
words = st.sampled_from(["刹车片", "rotor", "a", "A b", "", " ", "ﬁx", "x" * 300, "\x00", "1", "yes", "2026-11-01"])
scalars = st.one_of(words, st.integers(), st.floats(), st.booleans(), st.none(), st.dates().map(str))
KEYS = "weights rules id when effects effect items brand query contains regex from to weight pairs part_ids url"
keys = st.sampled_from(KEYS.split())
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@given(st.one_of(st.binary(max_size=80), trees.map(lambda tree: json.dumps(tree).encode())))
@settings(max_examples=250, deadline=None)
def test_any_bytes_are_a_policy_or_a_policy_error(data: bytes) -> None:
    """Bad bytes, bad YAML and bad structure all end as `PolicyError`; what loads can be asked."""
    with contextlib.suppress(PolicyError):
        assert len(load_policy(data).firing(Context(today=TODAY))) >= 0


@given(st.lists(st.tuples(words, words, st.booleans()), max_size=5), st.text(max_size=60))
@settings(max_examples=250, deadline=None)
def test_rewriting_ends_and_names_its_rules(pairs: list[tuple[str, str, bool]], query: str) -> None:
    """Any accepted synonyms over any text: one text, at most eight others, none of them the text itself."""
    found = [{"from": one, "to": [other], "two_way": both} for one, other, both in pairs]
    rules = [{"id": "r", "effects": [{"effect": "synonyms", "pairs": found}]}]
    try:
        policy = load_policy(json.dumps({"rules": rules}).encode())
    except PolicyError:
        return
    rewriting = policy.rewrite(Context(today=TODAY, query=query))
    assert len(rewriting.expansions) <= 8
    assert rewriting.text not in rewriting.expansions
    assert rewriting.rule_ids in ((), ("r",))


@pytest.fixture(scope="module")
def model() -> Model:
    shop = make_shop(parts=60, types=3, users=15, queries=100)
    catalogue = Catalogue.of(shop.items)
    log = read_log(shop.events, catalogue.index)
    return fit_model(catalogue, log, NOW.timestamp() / DAY_SECONDS, Settings(factors=8, iterations=2), seed=1)


part = st.one_of(st.integers(0, 70).map(lambda number: f"P{number:06d}"), words)
number = st.one_of(st.floats(), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1e308, -1e308]))
name = st.sampled_from(["", "type0", "type1", "brand3", "oe", "?"])
past = st.builds(
    Past, part, st.sampled_from(["view", "click", "add_to_cart", "purchase", "impression", "?", ""]), number,
    name, name, name, number,
)  # fmt: skip
row = st.tuples(part, name, name, name, number)


@given(st.lists(past, max_size=60), st.lists(row, max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_history_and_any_candidates_score_within_bounds(
    model: Model, history: list[Past], rows: list[tuple[Any, ...]]
) -> None:
    """One finite number in -1..1 a candidate, for unknown parts, absurd ages and prices, repeats and nothing at all."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    scores = model.score(model.profile(history), Candidates(*columns))
    assert scores.shape == (len(rows),)
    assert np.isfinite(scores).all()
    assert (np.abs(scores) <= 1).all()


odd = st.one_of(st.none(), st.integers(-5, 5), words, st.just({}), st.just([]))
event = st.fixed_dictionaries(
    {},
    optional={
        "action_name": odd | st.sampled_from(["click", "impression", "purchase"]),
        "timestamp": odd | st.just("2026-05-01T10:00:00.000Z") | st.just("0001-01-01T00:00:00+23:00"),
        "user_id": odd,
        "query_id": odd,
        "event_attributes": st.none()
        | st.fixed_dictionaries(
            {},
            optional={
                "object": st.none() | st.fixed_dictionaries({}, optional={"object_id": odd | part}),
                "position": st.none() | st.fixed_dictionaries({}, optional={"ordinal": odd}),
            },
        ),
    },
)


@given(st.lists(event, max_size=12))
@settings(max_examples=200, deadline=None)
def test_any_event_is_read_or_counted_as_dropped(events: list[dict[str, Any]]) -> None:
    """Rows and drops together are the events that came."""
    log = read_log(events, {"P000001": 0, "a": 1})
    assert len(log) + sum(log.dropped.values()) == len(events)
