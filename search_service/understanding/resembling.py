"""The last resort for a text that no name explains: names that share half of their words or pairs of characters."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from indexers.columns import view
from indexers.store import Store
from indexers.text import is_han
from indexers.vocabulary import Vocabulary
from search_service.understanding.lexicon import split_key
from search_service.understanding.mapped import Table, Texts, put_table, put_texts

LEAST_ALIKE = 0.5  # Dice: twice what is shared over what both have
MOST_PIECES = 16  # of the text that are compared
MOST_TYPES = 3
COMMON = 60  # a piece of more names than this ("filter") says too little to look through


class Alike(NamedTuple):
    """A part type, the name that resembles the text, and how much (0..1)."""

    type_id: str
    name: str
    share: float


@dataclass(frozen=True)
class Resembling:
    """Names of the vocabulary by their pieces."""

    names: Sequence[str]  # phrase keys
    types: Sequence[str]  # part type of each
    sizes: Sequence[int]  # pieces of each
    index: Mapping[str, tuple[int, ...]]  # piece → numbers of the names that have it

    @classmethod
    def build(cls, vocabulary: Vocabulary) -> Resembling:
        """Every name, each piece but the commonest."""
        sizes: list[int] = []
        index: dict[str, list[int]] = defaultdict(list)
        for number, key in enumerate(vocabulary.meanings):
            pieces = set(_pieces(split_key(key)))
            sizes.append(len(pieces))
            for piece in pieces:
                index[piece].append(number)
        types = [found[0].type_id for found in vocabulary.meanings.values()]
        telling = {piece: tuple(found) for piece, found in index.items() if len(found) <= COMMON}
        return cls(list(vocabulary.meanings), types, sizes, telling)

    def save(self, store: Store, name: str) -> None:
        """Write it for `load`."""
        put_texts(store, f"{name}.names", self.names)
        put_texts(store, f"{name}.types", self.types)
        store.put(f"{name}.sizes", np.array(self.sizes, np.int32))
        put_table(store, f"{name}.index", self.index)

    @classmethod
    def load(cls, store: Store, name: str) -> Resembling:
        """What `save` wrote."""
        names, types = Texts.open(store, f"{name}.names"), Texts.open(store, f"{name}.types")
        sizes = view(store.get(f"{name}.sizes"))
        return cls(names, types, sizes, Table(store, f"{name}.index", tuple[int, ...]))

    def alike(self, forms: Sequence[str]) -> list[Alike]:
        """Part types with a name like the atoms `forms`, the most alike first."""
        pieces = set(itertools.islice(_pieces(forms), MOST_PIECES))
        shared = Counter(number for piece in pieces for number in self.index.get(piece, ()))
        best: dict[str, Alike] = {}
        for number, count in sorted(shared.items()):
            share = 2 * count / (len(pieces) + self.sizes[number])
            type_id = self.types[number] if share >= LEAST_ALIKE else ""
            if type_id and (type_id not in best or share > best[type_id].share):
                best[type_id] = Alike(type_id, self.names[number], share)
        return sorted(best.values(), key=lambda one: (-one.share, one.type_id))[:MOST_TYPES]


def _pieces(forms: Sequence[str]) -> Iterator[str]:
    """Pairs of neighbouring Chinese characters, and Latin words."""
    for one, other in itertools.pairwise(forms):
        if is_han(one) and is_han(other):
            yield one + other
    yield from (form for form in forms if not is_han(form) and len(form) > 2)
