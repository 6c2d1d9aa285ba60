"""The words of a search as a `TextQuery`: which tokens, in which fields, with what weight, how many must be found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from indexers import schema
from indexers.engine.plan import TextGroup, TextQuery, TextTerm
from search_service.understanding.intent import Group, Kind, TypeReading

TEXT_FIELDS = ((schema.TITLE.name, 3.0), (schema.TYPE_NAMES.name, 2.0), (schema.BODY.name, 1.0))
"""Fields a word is looked up in, with the weight of each; the order of clear cases is held by the contract suite."""

SIZE_FIELDS = tuple(field for field in TEXT_FIELDS if field[0] != schema.TYPE_NAMES.name)
"""Where a size is looked up: that a bulb may be called "H7 bulb" says nothing of this one."""

TYPE_WEIGHT = 7.0
"""Score of being of a part type that was read, at full confidence: about that of the best one word of a title."""

ATTRIBUTE_WEIGHT = 7.0
"""Score of an attribute that says the size asked for: as good as its word in the title."""

UNKNOWN_WEIGHT = 0.5
"""Weight of a word nobody knows beside a part type that was read: mostly a car, a brand or small talk."""

CONTENT: frozenset[Kind] = frozenset({"part_type", "symptom", "spec", "word", "number"})
"""What a text is about. Its car, brand, place and quality say which of them, and match too much alone."""


def text_query(groups: Sequence[Group], required: int, more: Sequence[Group] = ()) -> TextQuery | None:
    """Parts that satisfy at least `required` of the groups, rather those that satisfy `more`; `None` without any."""
    found, beside = _groups(groups), _groups(more)
    if not found or not required:
        return TextQuery((*found, *beside), 0) if found or beside else None
    return TextQuery(found, min(required, len(found)), beside)


def _groups(groups: Iterable[Group]) -> tuple[TextGroup, ...]:
    return tuple(TextGroup(terms) for group in groups if (terms := tuple(_terms(group))))


def about(groups: Iterable[Group], readings: Sequence[TypeReading], more: Collection[Kind] = ()) -> tuple[Group, ...]:
    """For a catalogue whose part types are mostly unknown: what was read, and every word of content.

    Any of them will do, as neither says alone what such a part is; the more of them, the better it scores. `more` are
    kinds of words that are content as well.
    """
    words = tuple(group for group in groups if group.kind in CONTENT or group.kind in more)
    if not readings:
        return words
    words = tuple(_lighter(group) if group.kind == "word" else group for group in words)
    types = Group(
        "part_type", "", (), True,
        types=tuple(one.id for one in readings), type_weights=tuple(one.confidence for one in readings),
    )  # fmt: skip
    return (types, *words)


def _lighter(group: Group) -> Group:
    weights = group.weights or (1.0,) * len(group.tokens)
    return replace(group, weights=tuple(UNKNOWN_WEIGHT * weight for weight in weights))


def _terms(group: Group) -> Iterator[TextTerm]:
    weights = group.weights or (1.0,) * len(group.tokens)
    fields = SIZE_FIELDS if group.kind == "spec" else TEXT_FIELDS
    for token, weight in zip(group.tokens, weights, strict=True):
        yield from (TextTerm(name, token, boost * weight) for name, boost in fields)
    for type_id, weight in zip(group.types, group.type_weights, strict=True):
        for name in (schema.PART_TYPE.name, schema.READ_TYPE.name):
            yield TextTerm(name, type_id, TYPE_WEIGHT * weight)
    yield from (TextTerm(schema.ATTRIBUTE.name, value, ATTRIBUTE_WEIGHT) for value in group.attributes)
