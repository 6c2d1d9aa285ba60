"""Where the text and the rest of the request do not go together: what was done instead, as notices."""

from __future__ import annotations

from collections.abc import Iterator

from fitment_rules.places import agrees, places
from indexers.vocabulary import Vocabulary
from search_service.request import SearchRequest
from search_service.understanding.intent import QueryIntent
from search_service.wire import Notice

UNCLEAR = 0.5
"""Confidence from which a vehicle that does not act was at least meant as one."""


def contradictions(request: SearchRequest, intent: QueryIntent, vocabulary: Vocabulary) -> list[Notice]:
    """One notice for each field of which the text names something that the filter shuts out, and one for cars that
    nobody has."""
    ignored = (_ignored(field, said) for field, said in _contradicted(request, intent, vocabulary))
    return [*_unlisted(intent), *_unclear(request, intent), *ignored]


def _ignored(field: str, said: str) -> Notice:
    text = f"The text says {said}; searched with the filter given."
    told = {"en": text, "zh": f"文字中的“{said}”与所选筛选条件不符，已按筛选条件搜索。"}
    return Notice(f"{field}_text_ignored", "q", told)


def _unlisted(intent: QueryIntent) -> Iterator[Notice]:
    if intent.unlisted:
        names = " ".join(intent.unlisted)
        text = f"There is no vehicle {names} here; parts are not checked for it."
        yield Notice("vehicle_not_listed", "q", {"en": text, "zh": f"没有车型“{names}”，未按该车型核对适配。"})


def _unclear(request: SearchRequest, intent: QueryIntent) -> Iterator[Notice]:
    """A make and another make's model: neither acts, and the reading is offered."""
    meant = (one.vehicle for one in intent.readings if one.confidence >= UNCLEAR)
    unclear = any(vehicle is not None and vehicle.make for vehicle in meant)
    if unclear and intent.vehicle is None and "vehicle" not in request.ignore:
        text = "The text names a make and a model of another; not searched for either."
        yield Notice("vehicle_text_unclear", "q", {"en": text, "zh": "文字中的品牌与车型不一致，未按车型搜索。"})


def _contradicted(request: SearchRequest, intent: QueryIntent, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    given = {name: tuple(map(str, values)) for name, values in request.filters.items()}
    types = intent.filter_types
    if types and "part_type" in given and not {vocabulary.id_of(one) for one in given["part_type"]} & set(types):
        yield "part_type", vocabulary.name_of(types[0], "zh" if request.lang == "zh" else "en")
    if intent.positions and "position" in given and not agrees(places(given["position"]), intent.positions):
        yield "position", ", ".join(intent.positions)
    brands = {one.casefold() for one in given.get("brand", ())}
    if intent.brand and brands and intent.brand.casefold() not in brands:
        yield "brand", intent.brand
    if intent.quality and "quality" in given and not set(given["quality"]) & set(intent.quality):
        yield "quality", ", ".join(intent.quality)
