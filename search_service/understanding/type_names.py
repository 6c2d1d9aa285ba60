"""What the names of the part types tell beside which type they name: their pieces, endings and other orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from indexers.store import Store
from indexers.text import is_han, phrase_key
from indexers.vocabulary import Vocabulary
from search_service.understanding.intent import FILTER_CONFIDENCE
from search_service.understanding.mapped import Table, put_table
from search_service.understanding.resembling import Resembling

LONGEST_BAG = 4


@dataclass(frozen=True)
class TypeNames:
    """Look-ups over the names of one vocabulary, by phrase key."""

    contexts: frozenset[str]  # names of what is only a place in the car: 车门
    bags: Mapping[str, str]  # English names of two to four words by their sorted words
    endings: Mapping[str, frozenset[str]]  # vague Chinese endings (传感器, 防尘套) → types with a name that ends so
    pieces: Mapping[str, frozenset[str]]  # what names begin with, and their single Latin words → types
    resembling: Resembling

    @classmethod
    def build(cls, vocabulary: Vocabulary, contexts: Iterable[str]) -> TypeNames:
        """`contexts` are the words of `words.yaml` for places in the car."""
        return cls(
            _contexts(vocabulary, tuple(contexts)),
            _bags(vocabulary),
            _endings(vocabulary),
            _pieces(vocabulary),
            Resembling.build(vocabulary),
        )

    def save(self, store: Store, name: str) -> None:
        """Write it for `load`."""
        store.put_json(f"{name}.contexts", sorted(self.contexts))
        put_table(store, f"{name}.bags", self.bags)
        put_table(store, f"{name}.endings", self.endings)
        put_table(store, f"{name}.pieces", self.pieces)
        self.resembling.save(store, f"{name}.resembling")

    @classmethod
    def load(cls, store: Store, name: str) -> TypeNames:
        """What `save` wrote."""
        return cls(
            store.json(f"{name}.contexts", frozenset[str]),
            Table(store, f"{name}.bags", str),
            Table(store, f"{name}.endings", frozenset[str]),
            Table(store, f"{name}.pieces", frozenset[str]),
            Resembling.load(store, f"{name}.resembling"),
        )


def _contexts(vocabulary: Vocabulary, words: Iterable[str]) -> frozenset[str]:
    """Every name of the part types that the context words name: 前门 says no more than 车门."""
    keys = frozenset(map(phrase_key, words))
    types = {meaning.type_id for key in keys for meaning in vocabulary.meanings.get(key, ())[:1]}
    return keys.union(key for key, found in vocabulary.meanings.items() if found[0].type_id in types)


def _bags(vocabulary: Vocabulary) -> dict[str, str]:
    """The surer name wins where two share the words."""
    found: dict[str, str] = {}
    for key, meanings in vocabulary.meanings.items():
        words = sorted(key.split(" "))
        if 2 <= len(words) <= LONGEST_BAG and key.isascii():
            bag = " ".join(words)
            known = found.get(bag)
            if known is None or meanings[0].confidence > vocabulary.meanings[known][0].confidence:
                found[bag] = key
    return found


def _endings(vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    vague = {key for key, found in vocabulary.meanings.items() if found[0].confidence < FILTER_CONFIDENCE}
    ending: dict[str, set[str]] = defaultdict(set)
    for key, found in vocabulary.meanings.items():
        for size in range(2, min(len(key), 5)) if is_han(key) else ():
            if key[-size:] in vague:
                ending[key[-size:]].update(each.type_id for each in found)
    return {key: frozenset(types) for key, types in ending.items()}


def _pieces(vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for part_type in vocabulary.part_types.values():
        for name in part_type.names:
            for piece in _pieces_of(name.key):
                found[piece].add(part_type.id)
    return {piece: frozenset(types) for piece, types in found.items()}


def _pieces_of(key: str) -> Iterator[str]:
    """What a name begins with: two to four Chinese characters, or Latin words; and every single Latin word."""
    if is_han(key or " "):
        yield from (key[:size] for size in (2, 3, 4) if size < len(key))
        return
    words = key.split(" ")
    yield from words if len(words) > 1 else ()
    yield from (" ".join(words[:size]) for size in range(2, len(words)))
