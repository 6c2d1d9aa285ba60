"""Completion while typing: names that begin with what was typed, in either script, by pinyin or by initials."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from indexers.collector import uncollected
from indexers.columns import Array
from indexers.store import Store
from indexers.text import fold, is_han, join_units
from indexers.vocabulary import Name, Vocabulary
from search_service.understanding.mapped import Texts, put_texts
from search_service.understanding.phonetics import spellings, typed_forms
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.words import Words

EntryKind: TypeAlias = Literal["part_type", "make", "model"]
KINDS: tuple[EntryKind, ...] = ("part_type", "make", "model")
COLUMNS = ("order", "rank", "kind", "value", "detail", "text", "length")
LAST_SIGN = "\U0010ffff"

# The order of what begins with the same letters; lower is better. A later word of a name ("filter") counts less than
# its first, initials least: they collide most.
_SHOWN, _USUAL, _OTHER, _SOUND, _INNER, _INITIALS = 0, 1, 2, 3, 4, 6
LATER_WORD = "later"  # `detail` of an entry for a later word of a name, which is never the name itself
MOST_SCANNED = 4000  # entries looked at for one prefix, more than any of two letters has
MOST_KEPT = 200  # of them, the best; a part type has many names
PREFIXES_REMEMBERED = 4096  # everybody types the same beginnings


class TypeCompletion(NamedTuple):
    """A part type whose name `matched` begins as typed."""

    id: str
    matched: str
    score: float


class VehicleCompletion(NamedTuple):
    """A make or model, with the vehicle parameters that select it."""

    text: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Completion:
    """Part types, query texts (each a name to search for, with its part type) and vehicles, the likeliest first.

    `before` is what stands before the words completed; it begins every query text. No counts.
    """

    part_types: tuple[TypeCompletion, ...] = ()
    queries: tuple[tuple[str, str], ...] = ()
    vehicles: tuple[VehicleCompletion, ...] = ()
    before: str = ""


class _Entry(NamedTuple):
    """One spelling; `order` is the place of what it names in its own file, which puts the commonest first."""

    key: str
    order: int
    rank: int
    kind: EntryKind
    value: str
    detail: str
    text: str


class Prefixes:
    """Spellings in ascending order, a prefix being a stretch of them, and beside each in columns what it is of."""

    def __init__(self, keys: Sequence[str], columns: Mapping[str, Array], texts: Sequence[str]) -> None:
        self._keys, self._columns, self._texts = keys, columns, texts
        self._starting = lru_cache(maxsize=PREFIXES_REMEMBERED)(self._look_up)

    @classmethod
    def build(cls, vocabulary: Vocabulary, vehicles: VehicleLexicon, words: Words) -> Prefixes:
        """Every part-type name, make and model, under its spelling, its pinyin and its initials."""
        with uncollected():
            own = _all_vehicle_entries(vehicles, words.syllables)
            return cls._of(sorted(_type_entries(vocabulary, words).union(own)))

    @classmethod
    def _of(cls, entries: Sequence[_Entry]) -> Prefixes:
        """`entries` in ascending order."""
        keys, orders, ranks, kinds, *named = zip(*entries, strict=True) if entries else ((),) * len(_Entry._fields)
        texts = sorted(set().union(*named))
        number = {text: at for at, text in enumerate(texts)}
        columns: dict[str, Array] = {
            name: np.array([number[text] for text in some], np.int32)
            for name, some in zip(("value", "detail", "text"), named, strict=True)
        }
        columns["order"] = np.array(orders, np.int32)
        columns["rank"] = np.array(ranks, np.uint8)
        columns["kind"] = np.array([KINDS.index(kind) for kind in kinds], np.uint8)
        columns["length"] = np.array([len(key) for key in keys], np.uint16)
        return cls(keys, columns, texts)

    def save(self, store: Store, name: str) -> None:
        """Write it for `load`."""
        put_texts(store, f"{name}.keys", self._keys)
        put_texts(store, f"{name}.texts", self._texts)
        for column in COLUMNS:
            store.put(f"{name}.{column}", self._columns[column])

    @classmethod
    def load(cls, store: Store, name: str) -> Prefixes:
        """What `save` wrote."""
        columns = {column: store.get(f"{name}.{column}") for column in COLUMNS}
        return cls(Texts.open(store, f"{name}.keys"), columns, Texts.open(store, f"{name}.texts"))

    def complete(self, prefix: str, limit: int) -> Completion:
        """Up to `limit` of each; an empty prefix completes to nothing. The last words of a longer text are tried too,
        so that a part can be typed after a car."""
        typed = join_units(fold(prefix)).strip()
        for start in _starts(typed):
            found = self._starting(typed[start:])
            if found:
                return _completion(found, typed[:start], limit)
        return Completion()

    def _look_up(self, typed: str) -> list[_Entry]:
        key = typed.replace(" ", "") if not typed.isascii() else typed
        if not key:
            return []
        first = bisect.bisect_left(self._keys, key)
        last = min(bisect.bisect_left(self._keys, key + LAST_SIGN, first), first + MOST_SCANNED)
        return [self._entry(first + at) for at in self._best(first, last, len(key))]

    def _best(self, first: int, last: int, typed: int) -> list[int]:
        """The best of a stretch, counted from its first: what is typed in full, then by rank, order, length, text."""
        rank, order, length, text, detail = (
            self._columns[name][first:last] for name in ("rank", "order", "length", "text", "detail")
        )
        part = (length != typed) | (detail == self._later)
        found: list[int] = np.lexsort((text, length, order, rank, part))[:MOST_KEPT].tolist()
        return found

    @cached_property
    def _later(self) -> int:
        at = bisect.bisect_left(self._texts, LATER_WORD)
        return at if at < len(self._texts) and self._texts[at] == LATER_WORD else -1

    def _entry(self, at: int) -> _Entry:
        column, texts = self._columns, self._texts
        value, detail, text = (texts[int(column[name][at])] for name in ("value", "detail", "text"))
        return _Entry(
            self._keys[at], int(column["order"][at]), int(column["rank"][at]), KINDS[int(column["kind"][at])],
            value, detail, text,
        )  # fmt: skip


def _starts(typed: str) -> Iterator[int]:
    """Where the part being typed may begin: the whole text, then behind each blank or change of script."""
    yield 0
    for at in range(1, len(typed)):
        if typed[at] != " " and (typed[at - 1] == " " or is_han(typed[at]) != is_han(typed[at - 1])):
            yield at
    for at in range(1, len(typed)):
        if is_han(typed[at]) and is_han(typed[at - 1]):
            yield at


def _completion(found: Sequence[_Entry], before: str, limit: int) -> Completion:
    types: dict[str, TypeCompletion] = {}
    vehicles: dict[tuple[str, str], VehicleCompletion] = {}
    queries: dict[str, str] = {}
    for entry in found:
        if entry.kind == "part_type":
            types.setdefault(entry.value, TypeCompletion(entry.value, entry.text, round(1 / (1 + entry.rank), 4)))
            queries.setdefault(before + entry.text, entry.value)
        elif entry.kind == "make":
            vehicles.setdefault((entry.value, ""), VehicleCompletion(entry.text, {"make": entry.value}))
        else:
            params = {"make": entry.detail, "model": entry.value}
            vehicles.setdefault((entry.detail, entry.value), VehicleCompletion(entry.text, params))
    return Completion(
        tuple(types.values())[:limit], tuple(queries.items())[:limit], tuple(vehicles.values())[:limit], before
    )


@lru_cache(maxsize=1)
def _type_entries(vocabulary: Vocabulary, words: Words) -> frozenset[_Entry]:
    """Those of the part types; the last ones are remembered, since they follow from the words alone."""
    return frozenset(
        entry
        for order, part_type in enumerate(vocabulary.part_types.values())
        for name in part_type.names
        for entry in _name_entries(
            part_type.id, name, name.text in (part_type.name.en, part_type.name.zh), order, words.syllables
        )
    )


def _all_vehicle_entries(vehicles: VehicleLexicon, readings: Mapping[str, Sequence[str]]) -> Iterator[_Entry]:
    for order, make in enumerate(vehicles.known.makes):
        yield from _vehicle_entries(make, _SHOWN, "make", make, "", order, readings)
    for called, make in _han_makes(vehicles):
        yield from _vehicle_entries(called, _SHOWN, "make", make, "", 0, readings)
    for order, ((make, model), names) in enumerate(vehicles.names.items()):
        for known in (*names, f"{make} {model}"):
            yield from _vehicle_entries(known, _OTHER, "model", model, make, order, readings)


def _han_makes(vehicles: VehicleLexicon) -> Iterator[tuple[str, str]]:
    """Chinese names of the table's makes, the configuration's among them."""
    for name, senses in vehicles.lexicon.senses.items():
        for sense in senses:
            if sense.kind == "make" and all(map(is_han, name)):
                yield name, sense.value


def _name_entries(
    type_id: str, name: Name, shown: bool, order: int, readings: Mapping[str, Sequence[str]]
) -> Iterator[_Entry]:
    rank = _SHOWN if shown else _USUAL if name.register in ("formal", "common") else _OTHER
    return _entries(name.folded, name.text, rank, "part_type", type_id, "", order, readings)


def _vehicle_entries(
    text: str, rank: int, kind: EntryKind, value: str, detail: str, order: int, readings: Mapping[str, Sequence[str]]
) -> Iterator[_Entry]:
    return _entries(join_units(fold(text)), text, rank, kind, value, detail, order, readings)


def _entries(
    key: str,
    text: str,
    rank: int,
    kind: EntryKind,
    value: str,
    detail: str,
    order: int,
    readings: Mapping[str, Sequence[str]],
) -> Iterator[_Entry]:
    if not any(map(is_han, key)):
        yield _Entry(key, order, rank, kind, value, detail, text)
        for at in (at for at, sign in enumerate(key) if sign == " " and kind == "part_type"):
            yield _Entry(key[at + 1 :], order, rank + _INNER, kind, value, LATER_WORD, text)
        return
    key = key.replace(" ", "")
    yield _Entry(key, order, rank, kind, value, detail, text)
    for spelling, initials in spellings(key, readings):
        for sound in typed_forms(spelling):
            yield _Entry(sound, order, rank + _SOUND, kind, value, detail, text)
        yield _Entry(initials, order, rank + _INITIALS, kind, value, detail, text)
