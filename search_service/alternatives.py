"""Two-way synonyms of the merchandiser: the other wordings of a text are searched beside it, not instead of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from search_service.understanding.intent import Group, QueryIntent, TypeReading

ONE_OF_SEVERAL = 0.75
"""What a sure reading keeps where another wording may mean something that is no part type: it stops to filter."""


def with_alternatives(intent: QueryIntent, others: Sequence[QueryIntent]) -> QueryIntent:
    """What `intent` or any of the `others` asks for. Car, place, brand and quality are those of `intent`."""
    wordings = (intent, *others)
    if not others:
        return intent
    if all(one.filter_types and not _needed(one) for one in wordings):
        return replace(intent, part_types=_sure(wordings))
    sure = {one.id: one for one in _sure(wordings)}
    words = dict.fromkeys(token for one in wordings for group in _needed(one) for token in group.tokens)
    either = Group(
        "word", intent.text, tuple(words), True,
        types=tuple(sure), type_weights=tuple(one.confidence for one in sure.values()),
    )  # fmt: skip
    readings = (_doubted(one) for one in chain(sure.values(), *(one.part_types for one in wordings)))
    return replace(
        intent,
        part_types=_distinct(readings),
        groups=(*(group for group in intent.groups if not group.needed), either),
    )


def _needed(intent: QueryIntent) -> tuple[Group, ...]:
    return tuple(group for group in intent.groups if group.needed)


def _sure(wordings: Iterable[QueryIntent]) -> tuple[TypeReading, ...]:
    return _distinct(one for wording in wordings for one in wording.part_types if one.filters)


def _doubted(one: TypeReading) -> TypeReading:
    return replace(one, confidence=round(one.confidence * ONE_OF_SEVERAL, 4)) if one.filters else one


def _distinct(readings: Iterable[TypeReading]) -> tuple[TypeReading, ...]:
    """The surest reading of each part type, by falling confidence."""
    best: dict[str, TypeReading] = {}
    for one in readings:
        if one.id not in best or one.confidence > best[one.id].confidence:
            best[one.id] = one
    return tuple(sorted(best.values(), key=lambda one: (-one.confidence, one.id)))
