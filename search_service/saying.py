"""What was understood and what was done about it, in the words of the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from indexers.vocabulary import Vocabulary
from search_service.understanding.intent import QueryIntent, TypeReading, VehicleMention
from search_service.wire import ReadingOut, ReadType, Relaxed, Suggestion, Understood

_STEPS = {
    "number_beginning": (
        "No part has this number; showing numbers that begin with: {}",
        "没有该零件号，显示以此开头的零件号：{}",
    ),
    "shorter_number": ("No part has this number; searched for its beginning: {}", "没有该零件号，已按其前段搜索：{}"),
    "dropped_number": ("No part has this number; searched without: {}", "没有该零件号，已忽略：{}"),
    "wider_category": ("Nothing of this kind; showing the category: {}", "没有该类配件，显示同类目：{}"),
    "any_word": ("Showing parts that match any of: {}", "以下结果只匹配其中部分词：{}"),
    "dropped_quality": ("No such grade; searched without: {}", "没有该品质，已忽略：{}"),
    "dropped_brand": ("Nothing of this brand; searched without: {}", "该品牌没有结果，已忽略：{}"),
    "dropped_position": ("Nothing for this position; searched without: {}", "该位置没有结果，已忽略：{}"),
    "dropped_word": ("Nothing for these words; searched without: {}", "这些词没有结果，已忽略：{}"),
}


def understood_out(intent: QueryIntent, vocabulary: Vocabulary) -> Understood:
    """The intent as the contract has it."""
    return Understood(
        text=intent.text,
        part_types=[read_type(reading, vocabulary) for reading in intent.part_types],
        vehicle=vehicle_out(intent.vehicle),
        positions=list(intent.positions),
        part_number=intent.part_number.text if intent.part_number else None,
        specs=[msgspec.to_builtins(spec) for spec in intent.specs],
        brand=intent.brand,
        quality=" / ".join(intent.quality) or None,
        corrections=[msgspec.to_builtins(correction) for correction in intent.corrections],
        symptom=None if intent.symptom is None else {"id": intent.symptom.id, "name": dict(intent.symptom.name)},
        rest=list(intent.rest),
    )


def readings_out(intent: QueryIntent, vocabulary: Vocabulary) -> list[ReadingOut]:
    """Other ways to read the text."""
    return [
        ReadingOut(
            reading.confidence,
            [read_type(one, vocabulary) for one in reading.part_types],
            vehicle_out(reading.vehicle),
            dict(reading.use),
        )
        for reading in intent.readings
    ]


def read_type(reading: TypeReading, vocabulary: Vocabulary) -> ReadType:
    """A part type read from text."""
    return ReadType(reading.id, type_name(reading.id, vocabulary), reading.confidence, reading.because)


def type_name(type_id: str, vocabulary: Vocabulary) -> dict[str, str]:
    """The shown names of a part type; its id where the vocabulary does not have it."""
    found = vocabulary.part_types.get(type_id)
    return {"en": type_id, "zh": type_id} if found is None else {"en": found.name.en, "zh": found.name.zh}


def vehicle_out(mention: VehicleMention | None) -> dict[str, Any] | None:
    """A vehicle mention as vehicle parameters; single values are no lists."""
    if mention is None:
        return None
    found: dict[str, Any] = {}
    for name, values in mention.parameters().items():
        shown: list[Any] = [int(value) for value in values] if name == "year" else list(values)
        found[name] = shown[0] if len(shown) == 1 else shown
    return found


def relaxed_out(steps: Sequence[tuple[str, str]]) -> list[Relaxed]:
    """The steps that were taken to find something."""
    return [
        Relaxed(step, what, {"en": _STEPS[step][0].format(what), "zh": _STEPS[step][1].format(what)})
        for step, what in steps
    ]


def corrections_out(intent: QueryIntent, total: int, as_typed: int) -> list[Suggestion]:
    """ "Showing results for …; search instead for …", each with what it finds."""
    if not intent.corrections:
        return []
    corrected = intent.text
    for one in intent.corrections:
        whole = re.compile(re.escape(one.original), re.IGNORECASE)
        corrected = whole.sub(lambda _, word=one.corrected: word, corrected, count=1)  # type: ignore[misc]
    return [Suggestion(corrected, "correction", total), Suggestion(intent.text, "instead", as_typed)]
