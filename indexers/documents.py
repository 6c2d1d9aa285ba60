"""Parts and their compiled fitment → documents of `indexers.schema`. Reads a generation's folder; writes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from indexers import schema
from indexers.collector import uncollected
from indexers.columns import Array, Int32s, Int64s, distinct, ragged, view
from indexers.coverage import Folding, uniform
from indexers.engine.port import Document
from indexers.generation_files import APPLICATIONS, DEAD, QUARANTINED, UNIVERSAL, WORK, load_coverage, rule_positions
from indexers.part_documents import PartDocuments
from indexers.read_parts import day_of, number_keys
from indexers.rows import StoredPart
from indexers.store import Store
from indexers.vocabulary import Vocabulary

PARTS_AT_ONCE = 1000
"""Parts folded together: numpy's cost per call is spread, columns of a batch stay in the cache."""

LOW = np.int64(0xFFFFFFFF)


class Batch(NamedTuple):
    """Parts on their way to the writer, in a form that crosses between processes at little cost.

    `fields` are what each part alone decides, as MessagePack. The columns after it hold `part << 32 | value`,
    ascending, where `part` counts inside the batch; `positions` are of all its applications, also of those that name no
    vehicle of the table and so have no slot; `uniform` is the position that all slots of a part share, else -1.
    """

    ordinals: Int64s
    fields: list[bytes]
    slots: Int64s
    note_slots: Int64s
    touches: Int64s
    covers: Int64s
    positions: Int64s
    uniform: Int32s


def gather(folder: Path, vocabulary: Vocabulary, ordinals: Array) -> Iterator[Batch]:
    """Batches of the live parts among `ordinals` (ascending). Runs in its own process."""
    gatherer = _Gatherer(folder, vocabulary)
    for first in range(0, len(ordinals), PARTS_AT_ONCE):
        with uncollected():
            batch = gatherer.batch(np.asarray(ordinals[first : first + PARTS_AT_ONCE], np.int64))
        yield batch


class _Gatherer:
    """Folds the slots of parts and finds the fields that were made when they were read."""

    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        store, work = Store(folder), Store(folder / WORK)
        self._parts = memoryview(store.blob("parts"))  # type: ignore[arg-type]
        self._starts, self._lengths = view(store.get("parts.start")), view(store.get("parts.length"))
        self._flags = store.get("part.flags")
        self._ready = (view(work.get("fields.start")), view(work.get("fields.length")))
        self._ready_bytes = memoryview(work.blob("fields"))  # type: ignore[arg-type]
        self._rows, self._rule = store.get("rows.starts"), store.get("rows.rule")
        self._slots = (store.get("rule_slots.starts"), store.get("rule_slots.members"))
        self._note_slots = (store.get("rule_note_slots.starts"), store.get("rule_note_slots.members"))
        self._slot_position = store.get("slots.position")
        self._rule_position = rule_positions(store)
        self._folding = Folding(load_coverage(work), self._slot_position, _positions(store))
        self._decode = msgspec.json.Decoder(StoredPart).decode
        self._part_documents = PartDocuments(vocabulary)

    def batch(self, ordinals: Int64s) -> Batch:
        """The live parts of `ordinals`."""
        ordinals = ordinals[(self._flags[ordinals] & DEAD) == 0]
        count = len(ordinals)
        runs = self._rows[ordinals + 1] - self._rows[ordinals]
        rules = self._rule[ragged(self._rows[ordinals], runs)]
        owner = np.repeat(np.arange(count), runs)
        plain = _members(owner, rules, *self._slots)
        part, slot = plain >> 32, plain & LOW
        shared, mixed = uniform(count, part, slot, self._slot_position)
        return Batch(
            ordinals=ordinals,
            fields=list(map(self._fields, ordinals.tolist())),
            slots=plain,
            note_slots=_members(owner, rules, *self._note_slots),
            touches=self._folding.touches(part, slot, mixed),
            covers=self._folding.covers(part, slot, mixed),
            positions=distinct((owner << 32) | self._rule_position[rules]),
            uniform=shared,
        )

    def _fields(self, ordinal: int) -> bytes:
        """What the part alone decides: made when it was read, or else now."""
        start, length = self._ready[0][ordinal], self._ready[1][ordinal]
        if length:
            return bytes(self._ready_bytes[start : start + length])
        start = self._starts[ordinal]
        part = self._decode(self._parts[start : start + self._lengths[ordinal]])
        return msgspec.msgpack.encode(self._part_documents.fields(part, number_keys(part), day_of(part.listed_at)))


class DocumentMaker:
    """Makes the documents of one generation from what was gathered."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, stocked: Mapping[str, Sequence[str]]) -> None:
        store = Store(folder)
        self._flags, self._rank = store.get("part.flags"), store.get("part.rank")
        self._ids = store.records("part_ids")
        self._positions = _positions(store)
        self._decode = msgspec.msgpack.Decoder().decode
        documents = PartDocuments(vocabulary)
        self._type_names = lru_cache(maxsize=None)(documents.type_names)
        self._ancestors = lru_cache(maxsize=None)(documents.ancestors)
        self._stocked = stocked

    def documents(self, batch: Batch) -> list[Document]:
        """One document for each part of a batch."""
        ordinals = batch.ordinals
        columns = zip(
            ordinals.tolist(), map(self._decode, batch.fields), self._flags[ordinals].tolist(),
            self._rank[ordinals].tolist(), self._fitment(batch), strict=True,
        )  # fmt: skip
        return [self._document(*each) for each in columns]

    def _document(self, ordinal: int, found: dict[str, Any], flags: int, rank: float, fitment: _Fitment) -> Document:
        type_id, own = found["part_type"], found["own_place"]
        found["ord"] = ordinal
        if "type_names" not in found:
            found["type_names"] = self._type_names(type_id)
        found["category"] = self._ancestors(type_id)
        found["position"] = _facet_places(own, fitment.positions)
        found["place"] = _places(own, fitment.positions)
        found["fitment"] = FITMENT_WORDS[flags & (APPLICATIONS | QUARANTINED | UNIVERSAL)]
        found["rank"] = rank
        found["slots"], found["note_slots"] = fitment.slots, fitment.note_slots
        found["touches"], found["covers"] = fitment.touches, fitment.covers
        if fitment.uniform >= 0:
            found["uniform_position"] = [fitment.uniform]
        if self._stocked:
            stores = self._stocked.get(self._ids[ordinal].decode())
            if stores:
                found["stocked"] = list(stores)
        return found

    def _fitment(self, batch: Batch) -> Iterator[_Fitment]:
        columns = (batch.slots, batch.note_slots, batch.touches, batch.covers, batch.positions)
        lists = [_lists(len(batch.ordinals), keys) for keys in columns]
        for slots, notes, touches, covers, position, one in zip(*lists, batch.uniform.tolist(), strict=True):
            yield _Fitment(slots, notes, touches, covers, [self._positions[at] for at in position], one)


def _positions(store: Store) -> list[tuple[str, ...]]:
    return [tuple(one) for one in store.json("words")["positions"]]


@dataclass(slots=True)
class _Fitment:
    """What a document says of fitment; `positions` are canonical, one for each different one among the applications."""

    slots: list[int]
    note_slots: list[int]
    touches: list[int]
    covers: list[int]
    positions: list[tuple[str, ...]]
    uniform: int


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


def _facet_places(own: Sequence[str], positions: Sequence[tuple[str, ...]]) -> list[str]:
    return sorted({*own, *(place for one in positions for place in one)} - {schema.ANYWHERE})


def _places(own: Sequence[str], positions: Sequence[tuple[str, ...]]) -> list[str]:
    """Every place the part or one of its applications goes to; anywhere if none is said."""
    said = {place for one in positions for place in (one or (schema.ANYWHERE,))}
    said.update(place for place in own if place != schema.ANYWHERE)
    return sorted(said) or [schema.ANYWHERE]


def _fitment_words(flags: int) -> list[str]:
    words = [word for bit, word in ((APPLICATIONS, "applications"), (QUARANTINED, "quarantined")) if flags & bit]
    if not flags & APPLICATIONS:
        words.append("none")
    if flags & UNIVERSAL:
        words.append("universal")
    return words


FITMENT_WORDS = [_fitment_words(flags) for flags in range(8)]
"""Field `fitment` by the flags of a part."""
