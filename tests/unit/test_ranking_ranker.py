"""The ranker by example: signals, rules, pins, sorts."""

from __future__ import annotations

import datetime
import math
from typing import Any

import pytest

from ranking.policy import Context, Policy, load_policy
from ranking.ranker import Ranking, rank
from ranking.signals import Pool

CONTEXT = Context(today=datetime.date(2026, 1, 1))


def ranked(pool: Pool, rules: str = "", **options: Any) -> Ranking:
    policy = load_policy(f"rules: [{rules}]".encode())
    return rank(pool, policy, policy.firing(CONTEXT), **options)


def ids(pool: Pool, rules: str = "", **options: Any) -> str:
    return "".join(pool.part_ids[row] for row in ranked(pool, rules, **options).order)


def pool(part_ids: str, bands: str = "", **columns: Any) -> Pool:
    band = [int(digit) for digit in bands] or [0] * len(part_ids)
    return Pool(part_ids=list(part_ids), band=band, **columns)


@pytest.mark.parametrize(
    ("signal", "column"),
    [
        ("text", [1.0, 9.0]),
        ("part_type", [0.2, 0.9]),
        ("popularity", [0.1, 0.8]),
        ("personal", [-0.5, 0.5]),
        ("available", [0, 3]),
        ("available", [0, math.nan]),
        ("available", [math.nan, 3]),
        ("distance_km", [80.0, 2.0]),
        ("distance_km", [math.nan, 900.0]),
        ("price", [300.0, 90.0]),
        ("promotion", [0, 1]),
        ("age_days", [900.0, 3.0]),
    ],
)
def test_the_better_of_two_parts_alike_in_all_else_comes_first(signal: str, column: list[float]) -> None:
    """Each signal alone orders as its name says; unknown stands between or last."""
    assert ids(pool("AB", **{signal: column})) == "BA"


def test_parts_alike_in_everything_come_by_part_id() -> None:
    """Ties are broken by the id, not by where a row stood."""
    assert ids(pool("CAB")) == "ABC"


def test_bands_come_before_any_score() -> None:
    """The worst part that fits stands before the best that needs more information."""
    assert ids(pool("AB", "10", text=[100.0, 0.0])) == "BA"


def test_boost_and_bury_move_parts_and_are_explained() -> None:
    """The rule's weight is in the score, as contribution `merchandising`, and the rule is named."""
    candidates = pool("ABC", brands=["X", "Y", "Z"])
    rules = (
        "{id: up, effects: [{effect: boost, weight: 0.5, items: {brand: [z]}}]}, "
        "{id: down, effects: [{effect: bury, weight: 0.5, items: {part_ids: [A]}}]}"
    )
    assert ids(candidates, rules) == "CBA"
    ranking = ranked(candidates, rules)
    assert ranking.rules == {2: [("up", "boost")], 0: [("down", "bury")]}
    merchandising = [part for part in ranking.contributions(2) if part.signal == "merchandising"]
    assert [part.contribution for part in merchandising] == [0.5]


def test_items_are_chosen_by_every_key_given() -> None:
    """Brand and quality together name fewer parts than each alone."""
    candidates = pool("ABC", brands=["X", "X", "Y"], qualities=["oe", "oem", "oe"])
    assert ids(candidates, "{id: a, effects: [{effect: hide, items: {brand: [X], quality: [OE]}}]}") == "BC"


def test_hidden_parts_are_counted() -> None:
    """What a rule hides is not shown, and the count says so."""
    ranking = ranked(pool("ABC"), "{id: a, effects: [{effect: hide, items: {part_ids: [A, B]}}]}")
    assert ranking.hidden == 2
    assert ranking.order.tolist() == [2]


@pytest.mark.parametrize(
    ("pin", "expected"),
    [
        ("{effect: pin, part_ids: [D]}", "DABC"),
        ("{effect: pin, part_ids: [D], position: 2}", "ADBC"),
        ("{effect: pin, part_ids: [D, C], position: 2}", "ADCB"),
        ("{effect: pin, part_ids: [A], position: 9}", "BCDA"),
        ("{effect: pin, part_ids: [Z, D]}", "ADBC"),
    ],
)
def test_a_pin_puts_a_part_at_its_place(pin: str, expected: str) -> None:
    """Places count from 1; beyond the end is the end; a part that is not there leaves its place to the ranking."""
    assert ids(pool("ABCD"), f"{{id: p, effects: [{pin}]}}") == expected


def test_a_pin_does_not_leave_its_band() -> None:
    """Pinned first, a part that needs more information is first among those only."""
    assert ids(pool("ABCD", "0011"), "{id: p, effects: [{effect: pin, part_ids: [D]}]}") == "ABDC"


def test_of_two_pins_for_one_place_the_earlier_rule_wins() -> None:
    """The later one takes the next place."""
    rules = "{id: p, effects: [{effect: pin, part_ids: [D]}]}, {id: q, effects: [{effect: pin, part_ids: [C]}]}"
    assert ids(pool("ABCD"), rules) == "DCAB"


@pytest.mark.parametrize(
    ("sort", "expected"), [("price_asc", "BAC"), ("price_desc", "ABC"), ("newest", "ACB"), ("distance", "CBA")]
)
def test_a_sort_orders_by_its_column_with_unknown_last(sort: Any, expected: str) -> None:
    """The order asked for stands above signals and pins."""
    candidates = pool(
        "ABC", price=[9.0, 2.0, math.nan], age_days=[1.0, 30.0, 5.0], distance_km=[math.nan, 5.0, 1.0], text=[0, 0, 9]
    )
    assert ids(candidates, "{id: p, effects: [{effect: pin, part_ids: [C]}]}", sort=sort) == expected


def test_a_repeated_part_keeps_its_best_band() -> None:
    """A part that came in twice is shown once, where it is best."""
    ranking = ranked(pool("AAB", "101"))
    assert [(row, "AAB"[row]) for row in ranking.order.tolist()] == [(1, "A"), (2, "B")]
    assert ranking.repeated == 1


def test_without_personalisation_taste_has_no_weight() -> None:
    """`personalised=False` orders as if nobody were known."""
    candidates = pool("AB", personal=[-1.0, 1.0])
    assert ids(candidates) == "BA"
    assert ids(candidates, personalised=False) == "AB"


def test_an_empty_pool_is_an_empty_ranking() -> None:
    """No candidates, no order, no error."""
    assert ranked(pool("")).order.tolist() == []


def test_columns_of_another_length_are_refused() -> None:
    """A ragged pool is a defect of the caller and says so."""
    with pytest.raises(ValueError, match="pool of 2"):
        rank(pool("AB", text=[1.0]), Policy.default())
