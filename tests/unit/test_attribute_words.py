"""Words for attributes: question, label and hint in both languages."""

from __future__ import annotations

import pytest

from fitment_rules.model import Window
from fitment_rules.vehicles import VehicleTable
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


@pytest.mark.parametrize(
    ("attribute", "value", "english", "chinese"),
    [
        ("fuel", "汽油", "petrol", "汽油"), ("fuel", "GAS", "GAS", "汽油"), ("emission", "国VI", "China VI", "国VI"),
        ("Aspiration", "Naturally Aspirated", "Naturally Aspirated", "自然吸气"),
        ("transmission", "手动", "manual", "手动"), ("trim", "NA", "NA", "NA"),
    ],
)  # fmt: skip
def test_values_are_told_in_both_languages(attribute: str, value: str, english: str, chinese: str) -> None:
    """A value in its own language stays as the table has it; words of one attribute mean nothing for another."""
    table = VehicleTable([], Window(2010, 2027))
    assert TEXTS.value_of(table, attribute, value) == {"en": english, "zh": chinese}
