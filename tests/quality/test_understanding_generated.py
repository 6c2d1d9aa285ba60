"""Names of the vocabulary, spoilt and put beside places at random: what slips, pinyin and initials may cost.

Names are drawn with a fixed seed; `python -m benchmarks.misspelling` measures 2,000 of each kind.
"""

from __future__ import annotations

import random

import pytest

from benchmarks.misspelling import bare_understanding, chinese, drawn, english, measure, names, one_slip, success
from search_service.understanding.understanding import Understanding
from search_service.understanding.words import load_words

DRAWN = 300

# What spoilt names keep of the success of the names as they are, in the first three (initials: five).
FLOORS = {
    "English, letter dropped": 0.95,
    "English, letter doubled": 0.97,
    "English, letters swapped": 0.97,
    "English, neighbouring key": 0.97,
    "Chinese, homophone": 0.97,
    "Chinese, character doubled": 0.97,
    "Chinese, characters swapped": 0.97,
    "Chinese, dropped of four or more": 0.8,
    "pinyin": 0.98,
    "initials, first five": 0.9,
}

Measured = dict[str, tuple[float, float, list[str]]]


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return bare_understanding()


@pytest.fixture(scope="module")
def measured(understanding: Understanding) -> Measured:
    return measure(understanding, DRAWN)


def test_every_name_of_the_vocabulary_is_understood(understanding: Understanding) -> None:
    """Typed as it stands, a name gives one of its part types among the first three."""
    reached, missed = success(understanding, ((name.text, name) for name in names(bool)), 3)
    assert reached >= 0.999, missed


@pytest.mark.parametrize("kind", FLOORS)
def test_a_slip_of_each_kind_keeps_its_share(measured: Measured, kind: str) -> None:
    """Every kind of slip has its floor; a dropped Chinese character often leaves the name of another part."""
    clean, spoilt, missed = measured[kind]
    assert spoilt >= FLOORS[kind] * clean, missed


@pytest.mark.parametrize("language", ["English", "Chinese"])
def test_one_slip_keeps_95_of_100(measured: Measured, language: str) -> None:
    """All kinds of slips together, in both languages."""
    assert one_slip(measured, language) >= 0.95


def placed(understanding: Understanding, wanted: bool, count: int) -> tuple[float, list[str]]:
    """The share of names beside a place word of their language of which just that place is read; and the others."""
    rng = random.Random(11)
    words = [
        (word, place)
        for place, found in load_words().positions.items()
        for word in found
        if word.isascii() == wanted and len(word) > 1
    ]
    wrong = []
    chosen = [name for name in drawn(english if wanted else chinese, count * 2, 3) if plain(understanding, name.text)]
    for name in chosen[:count]:
        word, place = rng.choice(words)
        text = f"{word} {name.text}" if wanted else f"{word}{name.text}"
        if understanding.parse(text).positions != (place,):
            wrong.append(f"{text} -> {understanding.parse(text).positions}, not {place}")
    return 1 - len(wrong) / len(chosen[:count]), wrong


def plain(understanding: Understanding, text: str) -> bool:
    """True for names that carry no place themselves and hold no word that could be one."""
    signs = "前后左右上下内外里主副"
    alone = understanding.parse(text)
    return not alone.positions and bool(alone.part_types) and not any(sign in text for sign in signs)


@pytest.mark.parametrize("wanted", [True, False], ids=["English", "Chinese"])
def test_places_beside_names(understanding: Understanding, wanted: bool) -> None:
    """Side and axle words beside a part's name are read right at least 98 times in 100."""
    reached, wrong = placed(understanding, wanted, DRAWN)
    assert reached >= 0.98, wrong
