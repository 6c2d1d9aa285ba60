"""What titles teach about part types and words that the vocabulary does not have."""

from __future__ import annotations

import pytest

from indexers.title_words import TitleReader, learn
from search_service.understanding.vocabulary import load_vocabulary

READER = TitleReader(load_vocabulary())


@pytest.mark.parametrize(
    ("title", "types"),
    [
        ("Maruti Swift Brake Pad", ["brake_pad"]),
        ("前刹车片 适用卡罗拉", ["brake_pad"]),
        ("Oil filter and air filter", ["oil_filter", "air_filter"]),
        ("Swift Ki Patti", []),
    ],
)
def test_titles_name_part_types(title: str, types: list[str]) -> None:
    """Names of the vocabulary are found in titles, in text order."""
    assert READER.part_types(title) == types


def test_a_word_beside_one_part_type_points_to_it() -> None:
    """A word that stands with one part type in most of its titles is learnt; one that stands with any is not."""
    titles = [
        ("Patti brake pad swift", ["brake_pad"]),
        ("Patti brake pad zen", ["brake_pad"]),
        ("Swift horn", ["horn"]),
        ("Swift mirror", ["wing_mirror"]),
    ]
    learnt = learn(titles, READER)
    assert learnt["patti"].part_types == {"brake_pad": 1.0}
    assert learnt["swift"].count == 3
    assert learnt["swift"].part_types == {}


def test_unknown_chinese_words_are_learnt_between_names() -> None:
    """Chinese between two known names is a word of its own."""
    assert list(READER.unknown_words("曼滤 机油滤芯 刹车片曼滤")) == ["曼滤", "曼滤"]
