"""English words spelt as they sound, and what a brand alone says."""

from __future__ import annotations

from functools import lru_cache

import pytest

from search_service.understanding.english_sounds import sound_of
from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary


@lru_cache
def understanding(*brands: str) -> Understanding:
    return Understanding(load_vocabulary(), VehicleLexicon.build([("Toyota", "Corolla", {}, (), {})]), brands)


@pytest.mark.parametrize(
    ("one", "other"),
    [("sillinder", "cylinder"), ("carburatter", "carburettor"), ("fosfer", "phosphor"), ("brakpad", "brakepad")],
)
def test_what_sounds_alike_has_one_key(one: str, other: str) -> None:
    """Spellings of one sound meet."""
    assert sound_of(one) == sound_of(other)


@pytest.mark.parametrize(("one", "other"), [("piston", "pistol"), ("brake", "bracket"), ("gear", "jar")])
def test_other_consonants_are_other_words(one: str, other: str) -> None:
    """A different consonant is a different word."""
    assert sound_of(one) != sound_of(other)


def test_a_word_spelt_as_it_sounds_is_corrected_and_named() -> None:
    """Further off than two letters, but the same sound; the correction is told."""
    intent = understanding().parse("carburatter")
    assert [reading.id for reading in intent.part_types] == ["carburetor"]
    assert [(one.original, one.kind) for one in intent.corrections] == [("carburatter", "homophone")]


def test_a_brand_the_shop_lacks_still_says_what_it_makes() -> None:
    """NGK leads to spark plugs where there is no NGK; where there is, the brand is all that was asked for."""
    (first, *_) = understanding().parse("NGK").part_types
    assert (first.id, first.filters) == ("spark_plug", False)
    assert understanding("NGK").parse("NGK").part_types == ()


def test_what_resembles_a_name_is_offered_and_never_filters() -> None:
    """The last resort: half of the pieces shared, by films of two kinds; the words themselves stay unknown."""
    intent = understanding().parse("贴膜")
    read = {reading.id: reading.filters for reading in intent.part_types}
    assert read == {"paint_protection_film": False, "window_film": False}
    assert intent.rest == ("贴膜",)


@pytest.mark.parametrize("text", ["龙膜", "foobarium", "zzqx"])
def test_what_resembles_nothing_is_read_as_nothing(text: str) -> None:
    """No name shares half of it."""
    assert understanding().parse(text).part_types == ()
