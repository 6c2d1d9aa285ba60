"""Parts and their compiled fitment → documents of `indexers.schema`. Reads a generation's folder; writes nothing."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np

from fitment_rules.model import key_of
from fitment_rules.places import places
from indexers import schema
from indexers.columns import Array, Bools, Int64s, distinct, ragged
from indexers.coverage import Coverage, Folding, uniform
from indexers.engine.port import Document
from indexers.generation_files import APPLICATIONS, DEAD, QUARANTINED, UNIVERSAL, WORK, load_coverage
from indexers.read_parts import number_keys
from indexers.rows import StoredPart
from indexers.store import Store
from indexers.vocabulary import Vocabulary

PARTS_AT_ONCE = 1000
"""Parts folded together: numpy's cost per call is spread, columns of a batch stay in the cache."""

LOW = np.int64(0xFFFFFFFF)


def make_documents(
    folder: Path, vocabulary: Vocabulary, stocked: Mapping[str, Sequence[str]], ordinals: Array
) -> Iterator[list[Document]]:
    """Documents of the live parts among `ordinals` (ascending), in batches. Runs in its own process."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        maker = DocumentMaker(folder, vocabulary, stocked)
        for first in range(0, len(ordinals), PARTS_AT_ONCE):
            yield maker.documents(np.asarray(ordinals[first : first + PARTS_AT_ONCE], np.int64))
    finally:
        if collecting:
            gc.enable()


class DocumentMaker:
    """Makes the documents of one generation."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, stocked: Mapping[str, Sequence[str]]) -> None:
        store = Store(folder)
        self._parts = memoryview(store.blob("parts"))  # type: ignore[arg-type]
        self._starts, self._lengths = store.get("parts.start"), store.get("parts.length")
        self._flags, self._rank = store.get("part.flags"), store.get("part.rank")
        self._listed, self._price = store.get("part.listed"), store.get("part.price")
        self._rows, self._rule = store.get("rows.starts"), store.get("rows.rule")
        self._slots = (store.get("rule_slots.starts"), store.get("rule_slots.members"))
        self._note_slots = (store.get("rule_note_slots.starts"), store.get("rule_note_slots.members"))
        words = store.json("words")
        positions = [tuple(one) for one in words["positions"]]
        self._positions = positions
        self._slot_position = store.get("slots.position")
        self._note_position = store.get("note_slots.position")
        coverage: Coverage = load_coverage(Store(folder / WORK))
        self._folding = Folding(coverage, self._slot_position, positions)
        self._decode = msgspec.json.Decoder(StoredPart).decode
        self._texts = _Texts(vocabulary)
        self._stocked = stocked

    def documents(self, ordinals: Int64s) -> list[Document]:
        """One document for each live part of `ordinals`."""
        ordinals = ordinals[(self._flags[ordinals] & DEAD) == 0]
        fitment = self._fitment(ordinals)
        columns = zip(
            ordinals.tolist(), self._starts[ordinals].tolist(), self._lengths[ordinals].tolist(),
            self._flags[ordinals].tolist(), self._listed[ordinals].tolist(), self._rank[ordinals].tolist(), fitment,
            strict=True,
        )  # fmt: skip
        return [
            self._document(ordinal, self._decode(self._parts[start : start + length]), flags, listed, rank, fit)
            for ordinal, start, length, flags, listed, rank, fit in columns
        ]

    def _document(
        self, ordinal: int, part: StoredPart, flags: int, listed: int, rank: float, fitment: _Fitment
    ) -> Document:
        texts = self._texts
        own = places(part.position)
        found: dict[str, object] = {
            "ord": ordinal,
            "title": texts.analysed(tuple(part.title.values())),
            "type_names": texts.type_names(part.part_type.id, tuple(part.part_type.name.values())),
            "body": texts.body(part),
            "number_exact": [key for keys in number_keys(part) for key in keys],
            "brand": part.brand,
            "part_type": part.part_type.id,
            "category": texts.ancestors(part.part_type.id),
            "position": _facet_places(own, fitment.positions),
            "place": _places(own, fitment.positions),
            "own_place": list(own) or [schema.ANYWHERE],
            "attribute": [
                f"{name}={key_of(one)}"
                for name, value in part.attributes.items()
                if value is not None
                for one in (value if isinstance(value, list) else (value,))
            ],
            "fitment": _fitment_words(flags),
            "listed": listed,
            "rank": rank,
            "slots": fitment.slots,
            "note_slots": fitment.note_slots,
            "touches": fitment.touches,
            "covers": fitment.covers,
        }
        if part.quality is not None:
            found["quality"] = part.quality
        if part.price is not None:
            found["price"] = part.price.amount
        if fitment.uniform >= 0:
            found["uniform_position"] = [fitment.uniform]
        stores = self._stocked.get(part.part_id)
        if stores:
            found["stocked"] = list(stores)
        return found  # type: ignore[return-value]

    def _fitment(self, ordinals: Int64s) -> list[_Fitment]:
        """Slots and folded nodes of parts; `part` counts inside the batch."""
        count = len(ordinals)
        runs = self._rows[ordinals + 1] - self._rows[ordinals]
        rules = self._rule[ragged(self._rows[ordinals], runs)]
        owner = np.repeat(np.arange(count), runs)
        plain = _members(owner, rules, *self._slots)
        noted = _members(owner, rules, *self._note_slots)
        part, slot = plain >> 32, plain & LOW
        shared, mixed = uniform(count, part, slot, self._slot_position)
        return self._split(count, plain, noted, part, slot, shared.tolist(), mixed)

    def _split(
        self, count: int, plain: Int64s, noted: Int64s, part: Int64s, slot: Int64s, shared: list[int], mixed: Bools
    ) -> list[_Fitment]:
        at = distinct((part << 32) | self._slot_position[slot])
        lists = [
            _lists(count, keys)
            for keys in (
                plain, noted, self._folding.touches(part, slot, mixed), self._folding.covers(part, slot, mixed), at
            )
        ]  # fmt: skip
        return [
            _Fitment(slots, notes, touches, covers, [self._positions[one] for one in position], one_position)
            for slots, notes, touches, covers, position, one_position in zip(*lists, shared, strict=True)
        ]


@dataclass(slots=True)
class _Fitment:
    """What a document says of fitment; `positions` are canonical, one for each different one among the slots."""

    slots: list[int]
    note_slots: list[int]
    touches: list[int]
    covers: list[int]
    positions: list[tuple[str, ...]]
    uniform: int


class _Texts:
    """Analysed texts, remembered where they repeat."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.analysed = lru_cache(maxsize=1 << 15)(self._analysed)
        self.type_names = lru_cache(maxsize=1 << 14)(self._type_names)
        self.ancestors = lru_cache(maxsize=1 << 14)(self._ancestors)
        self._words = lru_cache(maxsize=1 << 17)(self._one)

    def body(self, part: StoredPart) -> str:
        """Description, attributes (name and value) and brand."""
        texts = [part.brand, *part.description.values()]
        for name, value in part.attributes.items():
            if value is not None and value is not False:
                texts.append(name.replace("_", " "))
                if value is not True:
                    texts.extend(map(str, value if isinstance(value, list) else (value,)))
        return " ".join(filter(None, map(self._words, texts)))

    def _one(self, text: str) -> str:
        return " ".join(self._vocabulary.analyse(text))

    def _analysed(self, texts: tuple[str, ...]) -> str:
        return " ".join(filter(None, map(self._words, texts)))

    def _type_names(self, type_id: str, own: tuple[str, ...]) -> str:
        known = self._vocabulary.part_types.get(type_id)
        names = [name.text for name in known.names] if known else own
        return " ".join(filter(None, map(self._one, names)))

    def _ancestors(self, type_id: str) -> list[str]:
        return list(self._vocabulary.ancestors(type_id))


def _members(owner: Int64s, rules: Array, starts: Array, members: Array) -> Int64s:
    """Distinct `part << 32 | slot` of rows given by part and rule."""
    counts = starts[rules + 1] - starts[rules]
    keys = np.repeat(owner, counts) << 32
    keys |= members[ragged(starts[rules], counts)]
    return distinct(keys)


def _lists(count: int, keys: Int64s) -> list[list[int]]:
    """Ascending `part << 32 | value` as a list of values for each part."""
    values = (keys & LOW).tolist()
    edges = np.searchsorted(keys, np.arange(count + 1, dtype=np.int64) << 32).tolist()
    return [values[start:end] for start, end in itertools.pairwise(edges)]


def _facet_places(own: tuple[str, ...], positions: Sequence[tuple[str, ...]]) -> list[str]:
    return sorted({*own, *(place for one in positions for place in one)})


def _places(own: tuple[str, ...], positions: Sequence[tuple[str, ...]]) -> list[str]:
    """Every place the part or one of its applications goes to; anywhere if none is said."""
    said = {*own, *(place for one in positions for place in (one or (schema.ANYWHERE,)))}
    return sorted(said) or [schema.ANYWHERE]


def _fitment_words(flags: int) -> list[str]:
    words = [word for bit, word in ((APPLICATIONS, "applications"), (QUARANTINED, "quarantined")) if flags & bit]
    if not flags & APPLICATIONS:
        words.append("none")
    if flags & UNIVERSAL:
        words.append("universal")
    return words
