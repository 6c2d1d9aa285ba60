"""Words for attributes: question, label and hint in both languages."""

from __future__ import annotations

import pytest

from indexers.sources.aces_names import NARROWING, VEHICLE
from search_service.attributes import AttributeTexts
from search_service.resources import config_folder

STANDARD = (
    "engine", "displacement_l", "cylinders", "fuel", "aspiration", "power_kw", "transmission", "drive", "body", "doors",
    "trim", "region", "make", "model", "year", "built", "vin_serial", "note", "vehicle_id", "factory", "series",
)  # fmt: skip
TEXTS = AttributeTexts.load(config_folder())


@pytest.mark.parametrize("name", [*STANDARD, *NARROWING, *VEHICLE])
def test_every_standard_and_aces_attribute_has_its_words(name: str) -> None:
    """A label, a question and a hint where to look, each in English and Chinese."""
    words = TEXTS.words(name)
    assert words is not None
    assert all((words.label_en, words.en, words.hint_en, words.label_zh, words.zh, words.hint_zh))
    assert words.en.isascii() or "“" in words.en
    assert not words.hint_zh.isascii()
    assert 1.0 <= words.effort <= 3.0
