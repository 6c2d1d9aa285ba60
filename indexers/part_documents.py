"""The part of a document that a stored part alone decides: texts, numbers, keywords. Fitment joins later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from fitment_rules.model import key_of
from fitment_rules.places import places
from indexers import schema
from indexers.rows import StoredPart
from indexers.text import rims
from indexers.title_words import title_reader
from indexers.vocabulary import Vocabulary

TEXTS_KEPT = 1 << 13
"""Analysed texts remembered: those that repeat come again soon."""


class PartDocuments:
    """Makes the fields; remembers texts that repeat, so keep one for many parts."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._analysed = lru_cache(maxsize=TEXTS_KEPT)(lambda text: " ".join(vocabulary.analyse(text)))
        self._titles = title_reader(vocabulary)

    def fields(self, part: StoredPart, numbers: Iterable[Sequence[str]], listed: int) -> dict[str, Any]:
        """Fields by name. `numbers` are the part's keys (`read_parts.number_keys`), `listed` its day."""
        title, body = self._joined(part.title.values()), self._joined(_body(part))
        found: dict[str, Any] = {
            "title": title,
            "body": " ".join((body, *rims(title), *rims(body))),
            "number_exact": [key for keys in numbers for key in keys],
            "brand": part.brand,
            "part_type": part.part_type.id,
            "own_place": list(places(part.position)) or [schema.ANYWHERE],
            "attribute": list(_attributes(part)),
            "listed": listed,
        }
        if part.part_type.id not in self._vocabulary.part_types:
            found["type_names"] = self._joined(part.part_type.name.values())
            found["read_type"] = self._read_types(part) or [schema.UNREAD]
        if part.quality is not None:
            found["quality"] = part.quality
        if part.price is not None:
            found["price"] = part.price.amount
        return found

    def _read_types(self, part: StoredPart) -> list[str]:
        """Part types of the vocabulary that the titles, else the type's own name, speak of."""
        texts = (*part.title.values(), *part.part_type.name.values())
        return list(dict.fromkeys(one for text in texts for one in self._titles.part_types(text)))

    def type_names(self, type_id: str) -> str:
        """Every name of a part type of the vocabulary, analysed."""
        return self._joined(name.text for name in self._vocabulary.part_types[type_id].names)

    def ancestors(self, type_id: str) -> list[str]:
        """Categories above a part type."""
        return list(self._vocabulary.ancestors(type_id))

    def _joined(self, texts: Iterable[str]) -> str:
        return " ".join(filter(None, map(self._analysed, texts)))


def _body(part: StoredPart) -> Iterable[str]:
    """Brand, description, and attributes by name and value."""
    yield part.brand
    yield from part.description.values()
    for name, value in part.attributes.items():
        if value is None or value is False:
            continue
        yield name.replace("_", " ")
        if value is not True:
            yield from map(str, value if isinstance(value, list) else (value,))


def _attributes(part: StoredPart) -> Iterable[str]:
    for name, value in part.attributes.items():
        for one in value if isinstance(value, list) else (value,):
            if one is not None:
                yield f"{name}={key_of(one)}"
