"""Completion while typing: names that begin with what was typed, in either script, by pinyin or by initials."""

from __future__ import annotations

import bisect
import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from indexers.text import fold, is_han, join_units
from indexers.vocabulary import Name, Vocabulary
from search_service.understanding.phonetics import spellings, typed_forms
from search_service.understanding.vehicles import VehicleLexicon

EntryKind: TypeAlias = Literal["part_type", "make", "model"]

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
    """A sorted list of keys; a prefix is a stretch of it."""

    def __init__(self, entries: Iterable[_Entry]) -> None:
        self._entries = sorted(set(entries))
        self._keys = [entry.key for entry in self._entries]
        self._starting = lru_cache(maxsize=PREFIXES_REMEMBERED)(self._look_up)

    @classmethod
    def build(cls, vocabulary: Vocabulary, vehicles: VehicleLexicon, readings: Mapping[str, Sequence[str]]) -> Prefixes:
        """Every part-type name, make and model, under its spelling, its pinyin and its initials."""
        entries: list[_Entry] = []
        for order, part_type in enumerate(vocabulary.part_types.values()):
            for name in part_type.names:
                shown = name.text in (part_type.name.en, part_type.name.zh)
                entries.extend(_name_entries(part_type.id, name, shown, order, readings))
        for order, make in enumerate(vehicles.makes):
            entries.extend(_entries(make, _SHOWN, "make", make, "", order, readings))
        for called, make in _han_makes(vehicles):
            entries.extend(_entries(called, _SHOWN, "make", make, "", 0, readings))
        for order, ((make, model), names) in enumerate(vehicles.names.items()):
            for known in (*names, f"{make} {model}"):
                entries.extend(_entries(known, _OTHER, "model", model, make, order, readings))
        return cls(entries)

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
        begun = itertools.takewhile(
            lambda entry: entry.key.startswith(key), itertools.islice(self._entries, first, first + MOST_SCANNED)
        )
        return heapq.nsmallest(
            MOST_KEPT,
            begun,
            lambda entry: (
                entry.key != key or entry.detail == LATER_WORD,
                entry.rank,
                entry.order,
                len(entry.key),
                entry.text,
            ),
        )


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
    return _entries(name.text, rank, "part_type", type_id, "", order, readings)


def _entries(
    text: str, rank: int, kind: EntryKind, value: str, detail: str, order: int, readings: Mapping[str, Sequence[str]]
) -> Iterator[_Entry]:
    key = join_units(fold(text))
    if not any(map(is_han, key)):
        yield _Entry(key, order, rank, kind, value, detail, text)
        for at in (at for at, sign in enumerate(key) if sign == " " and kind == "part_type"):
            yield _Entry(key[at + 1 :], order, rank + _INNER, kind, value, LATER_WORD, text)
        return
    key = key.replace(" ", "")
    yield _Entry(key, order, rank, kind, value, detail, text)
    for spelling in spellings(key, readings):
        for sound in typed_forms("".join(spelling)):
            yield _Entry(sound, order, rank + _SOUND, kind, value, detail, text)
        yield _Entry("".join(part[0] for part in spelling), order, rank + _INITIALS, kind, value, detail, text)
