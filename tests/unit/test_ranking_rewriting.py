"""Synonyms as query-time rewriting."""

from __future__ import annotations

import datetime

import pytest

from ranking.policy import Context, load_policy
from ranking.rewriting import Rewriting


def rewrite(pairs: str, query: str) -> Rewriting:
    text = f"rules: [{{id: r, effects: [{{effect: synonyms, pairs: [{pairs}]}}]}}]"
    return load_policy(text.encode()).rewrite(Context(today=datetime.date(2026, 1, 1), query=query))


ONE_WAY = "{from: 刹皮, to: [刹车片]}"
TWO_WAY = "{from: rotor, to: [brake disc], two_way: true}"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("前刹皮", "前刹车片"),
        ("刹皮 刹皮", "刹车片 刹车片"),
        ("刹车片", "刹车片"),
        ("", ""),
    ],
)
def test_a_one_way_pair_replaces(query: str, text: str) -> None:
    """What was typed gives way to what the catalogue says, and nothing else is searched."""
    found = rewrite(ONE_WAY, query)
    assert (found.text, found.expansions) == (text, ())


@pytest.mark.parametrize(
    ("query", "other"), [("front rotor", "front brake disc"), ("Brake  Disc front", "rotor front")]
)
def test_a_two_way_pair_keeps_the_text_and_adds_the_other(query: str, other: str) -> None:
    """Either word finds both; the customer's own stays the text."""
    found = rewrite(TWO_WAY, query)
    assert found.text == " ".join(query.split())
    assert found.expansions == (other,)


def test_latin_words_match_whole_words_only() -> None:
    """`rotor` does not stand in `rotors2` or `protor`."""
    assert rewrite(TWO_WAY, "protor rotors2") == Rewriting("protor rotors2")


def test_further_words_of_a_one_way_pair_are_searched_as_well() -> None:
    """The first word replaces, the others expand."""
    found = rewrite("{from: a1, to: [b, c]}", "x a1")
    assert (found.text, found.expansions) == ("x b", ("x c",))


def test_the_longest_words_win_and_output_is_not_rewritten_again() -> None:
    """A chain of pairs is not followed, so no pair can loop."""
    assert rewrite("{from: a, to: [b]}, {from: b, to: [a]}, {from: a b, to: [c]}", "a b a").text == "c b"


def test_rules_that_changed_something_are_named() -> None:
    """Only rules whose words were found are reported."""
    assert rewrite(ONE_WAY, "刹皮").rule_ids == ("r",)
    assert rewrite(ONE_WAY, "机滤").rule_ids == ()
