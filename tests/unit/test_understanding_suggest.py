"""Completion while typing: later words of a name, other readings of a character, and what stands before."""

from __future__ import annotations

import pytest

from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    rows = [("Toyota", "Corolla", {"zh": {"make": "丰田", "model": "卡罗拉"}}, (), {})]
    return Understanding(load_vocabulary(), VehicleLexicon.build(rows))


@pytest.mark.parametrize(
    ("typed", "type_id"),
    [
        ("filter", "oil_filter"),
        ("absorb", "shock_absorber"),
        ("kongtiaolv", "cabin_filter"),
        ("kongtiao", "cabin_filter"),
    ],
)
def test_more_ways_into_a_name(understanding: Understanding, typed: str, type_id: str) -> None:
    """By a later word, and by each reading of a character that has several."""
    assert type_id in [one.id for one in understanding.complete(typed).part_types]


def test_the_first_word_comes_before_a_later_one(understanding: Understanding) -> None:
    """What begins as typed stands before what only holds it."""
    found = [one.id for one in understanding.complete("brake").part_types]
    assert found.index("brake_pad") < len(found)
    assert found[0].startswith("brake")


def test_what_stands_before_is_kept(understanding: Understanding) -> None:
    """The words before the completed ones are told, and begin every text."""
    found = understanding.complete("卡罗拉 刹车")
    assert found.before == "卡罗拉 "
    assert ("卡罗拉 刹车片", "brake_pad") in found.queries
