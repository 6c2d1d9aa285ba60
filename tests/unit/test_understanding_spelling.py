"""The nearest known words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from search_service.understanding.spelling import SHORTEST, Speller

WORDS = st.text("abc", min_size=3, max_size=9)


@given(words=st.sets(WORDS, max_size=40), asked=WORDS)
def test_every_word_within_one_edit_is_found(words: set[str], asked: str) -> None:
    """A letter dropped, added, changed or swapped with its neighbour; never the word itself."""
    near = {word for word in words if len(word) >= SHORTEST and OSA.distance(asked, word) == 1}
    found = Speller.build(dict.fromkeys(words, 1)).near(asked)
    assert {word for word, distance in found if distance == 1} == (near if len(asked) >= SHORTEST else set())
    assert all(OSA.distance(asked, word) == distance for word, distance in found)


def test_of_equally_near_words_the_commoner_wins() -> None:
    """How common a word is decides before the alphabet does."""
    speller = Speller.build({"brace": 1, "brake": 5, "brage": 3})
    assert [word for word, _ in speller.near("brate")] == ["brake", "brage", "brace"]
