"""The last resort for a text that no name explains: names that share half of their words or pairs of characters."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from indexers.text import is_han
from indexers.vocabulary import Vocabulary
from search_service.understanding.lexicon import split_key

LEAST_ALIKE = 0.5  # Dice: twice what is shared over what both have
MOST_PIECES = 16  # of the text that are compared
MOST_TYPES = 3
COMMON = 60  # a piece of more names than this ("filter") says too little to look through


class Alike(NamedTuple):
    """A part type, the name that resembles the text, and how much (0..1)."""

    type_id: str
    name: str
    share: float


class Resembling:
    """Names of the vocabulary by their pieces."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._names = [(key, found[0].type_id) for key, found in vocabulary.meanings.items()]
        self._sizes = [0] * len(self._names)
        index: dict[str, list[int]] = defaultdict(list)
        for number, (key, _) in enumerate(self._names):
            pieces = set(_pieces(split_key(key)))
            self._sizes[number] = len(pieces)
            for piece in pieces:
                index[piece].append(number)
        self._index = {piece: tuple(found) for piece, found in index.items() if len(found) <= COMMON}

    def alike(self, forms: Sequence[str]) -> list[Alike]:
        """Part types with a name like the atoms `forms`, the most alike first."""
        pieces = set(itertools.islice(_pieces(forms), MOST_PIECES))
        shared = Counter(number for piece in pieces for number in self._index.get(piece, ()))
        best: dict[str, Alike] = {}
        for number, count in shared.items():
            name, type_id = self._names[number]
            share = 2 * count / (len(pieces) + self._sizes[number])
            if share >= LEAST_ALIKE and (type_id not in best or share > best[type_id].share):
                best[type_id] = Alike(type_id, name, share)
        return sorted(best.values(), key=lambda one: (-one.share, one.type_id))[:MOST_TYPES]


def _pieces(forms: Sequence[str]) -> Iterator[str]:
    """Pairs of neighbouring Chinese characters, and Latin words."""
    for one, other in itertools.pairwise(forms):
        if is_han(one) and is_han(other):
            yield one + other
    yield from (form for form in forms if not is_han(form) and len(form) > 2)
