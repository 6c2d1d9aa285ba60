"""What slips, pinyin and initials cost: names of the vocabulary, spoilt at random, must still name their part type.

Names are drawn with a fixed seed. The share named in the first three (initials: first five) has a floor for each kind.
"""

from __future__ import annotations

import random
import string
from collections import defaultdict
from collections.abc import Callable

import pytest
from pypinyin import lazy_pinyin

from indexers.text import is_han
from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary
from search_service.understanding.words import load_words

DRAWN = 250
VOCABULARY = load_vocabulary()
NAMES = [(name.text, part_type.id) for part_type in VOCABULARY.part_types.values() for name in part_type.names]
ENGLISH = [(name, type_id) for name, type_id in NAMES if name.isascii() and len(name) >= 5]
CHINESE = [(name, type_id) for name, type_id in NAMES if len(name) >= 3 and all(map(is_han, name))]
SHOWN = [(each.name.zh, each.id) for each in VOCABULARY.part_types.values() if all(map(is_han, each.name.zh))]


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    rows = [("Toyota", "Corolla", {"zh": {"make": "丰田", "model": "卡罗拉"}}, (), {})]
    return Understanding(VOCABULARY, VehicleLexicon.build(rows))


def homophones() -> dict[str, list[str]]:
    by_sound = defaultdict(list)
    for character, sounds in load_words().syllables.items():
        by_sound[sounds[0]].append(character)
    return {character: by_sound[sounds[0]] for character, sounds in load_words().syllables.items()}


def dropped(name: str, at: int) -> str:
    return name[:at] + name[at + 1 :]


def doubled(name: str, at: int) -> str:
    return name[: at + 1] + name[at:]


def swapped(name: str, at: int) -> str:
    at = min(at, len(name) - 2)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def spoilt_english(name: str, rng: random.Random) -> str:
    """One letter dropped, doubled, swapped with the next, or replaced by any other."""
    at = rng.randrange(len(name))
    other = name[:at] + rng.choice(string.ascii_lowercase) + name[at + 1 :]
    return rng.choice([dropped(name, at), doubled(name, at), swapped(name, at), other])


def spoilt_chinese(name: str, rng: random.Random, alike: dict[str, list[str]]) -> str:
    """One character dropped (of four and more), doubled, swapped with the next, or replaced by a homophone."""
    at = rng.randrange(len(name))
    other = name[:at] + rng.choice(alike[name[at]]) + name[at + 1 :]
    shorter = [dropped(name, at)] if len(name) >= 5 else []
    return rng.choice([doubled(name, at), swapped(name, at), other, *shorter])


def share(understanding: Understanding, queries: list[tuple[str, str, str]], depth: int) -> tuple[float, list[str]]:
    """The share of queries that name their part type in the first `depth`, and what the others gave."""
    missed = []
    for query, name, type_id in queries:
        found = [reading.id for reading in understanding.parse(query).part_types[:depth]]
        if type_id not in found:
            missed.append(f"{query} ({name}) -> {found}")
    return 1 - len(missed) / len(queries), missed


def drawn(names: list[tuple[str, str]], spoil: Callable[[str], str], seed: int) -> list[tuple[str, str, str]]:
    chosen = random.Random(seed).sample(names, min(DRAWN, len(names)))
    return [(spoil(name), name, type_id) for name, type_id in chosen]


def test_every_name_of_the_vocabulary_is_understood(understanding: Understanding) -> None:
    """Typed as it stands, a name gives its own part type among the first three."""
    reached, missed = share(understanding, [(name, name, type_id) for name, type_id in NAMES], 3)
    assert reached >= 0.999, missed


def test_english_typing_errors(understanding: Understanding) -> None:
    """One slip in an English name keeps at least 95 of 100 part types."""
    rng = random.Random(1)
    reached, missed = share(understanding, drawn(ENGLISH, lambda name: spoilt_english(name.lower(), rng), 2), 3)
    assert reached >= 0.95, missed


def test_chinese_typing_errors(understanding: Understanding) -> None:
    """One slip in a Chinese name keeps at least 95 of 100 part types."""
    rng, alike = random.Random(3), homophones()
    reached, missed = share(understanding, drawn(CHINESE, lambda name: spoilt_chinese(name, rng, alike), 4), 3)
    assert reached >= 0.95, missed


@pytest.mark.parametrize("blank", ["", " "])
def test_pinyin(understanding: Understanding, blank: str) -> None:
    """Pinyin with and without blanks keeps at least 98 of 100 part types."""
    spelt = drawn(CHINESE, lambda name: blank.join(lazy_pinyin(name)).replace("ü", "v"), 5)
    reached, missed = share(understanding, spelt, 3)
    assert reached >= 0.98, missed


def test_initials(understanding: Understanding) -> None:
    """Initials of shown names give the part type among the first five at least 95 times in 100."""
    names = [(name, type_id) for name, type_id in SHOWN if 3 <= len(name) <= 6]
    spelt = drawn(names, lambda name: "".join(sound[0] for sound in lazy_pinyin(name)), 6)
    reached, missed = share(understanding, spelt, 5)
    assert reached >= 0.95, missed
