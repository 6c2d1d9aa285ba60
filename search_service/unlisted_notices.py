"""Notices that a maker says it has no part of a type for the vehicle asked."""

from __future__ import annotations

from collections.abc import Collection

from fitment_rules.judge import Asked
from indexers.vocabulary import Vocabulary
from search_service.runtime import Serving
from search_service.wire import Notice

MOST = 3
"""Notices of one answer."""


def unlisted_notices(serving: Serving, asked: Asked, part_types: Collection[str] = ()) -> list[Notice]:
    """At most `MOST`; with `part_types` (ids) only those about them, or about a type that the vocabulary lacks."""
    vocabulary = serving.vocabulary
    found: dict[tuple[str, str], Notice] = {}
    for fact in serving.generation.unlisted.of(asked):
        type_id = vocabulary.id_of(fact.part_type) if fact.part_type else ""
        if not part_types or type_id in part_types or type_id not in vocabulary.part_types:
            found.setdefault((fact.brand, type_id), _notice(fact.brand, type_id, fact.part_type, vocabulary))
    return list(found.values())[:MOST]


def _notice(brand: str, type_id: str, told: str, vocabulary: Vocabulary) -> Notice:
    name = {lang: vocabulary.name_of(type_id, lang, told) if type_id else "" for lang in ("en", "zh")}
    text = {
        "en": f"{brand} says that it lists no {name['en'] or 'such part'} for this vehicle.",
        "zh": f"{brand} 声明没有适用于此车的{name['zh'] or '此类配件'}。",
    }
    return Notice("maker_lists_none", None, text)
