"""Typing errors: the nearest known word within one or two edits (optimal string alignment)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rapidfuzz.distance import OSA

from indexers.columns import Int32s, UInt64s, view
from indexers.hashing import BASE
from indexers.store import Store
from search_service.understanding.mapped import Texts, put_texts

LONGEST = 40  # letters; longer ones are no words
SHORTEST = 4  # letters; among three-letter words nearly everything is one edit from something
TWO_EDITS_FROM = 8  # letters; below it two edits reach unrelated words
ONE_LESS = np.uint64(pow(BASE, -1, 1 << 64))


class Speller:
    """A delete-1 index: two words within one edit share one of their forms with a letter less (or the word itself).

    Of equally near words the commoner wins. Forms are kept as sorted hashes: twelve bytes each, where a dictionary took
    ten times as much; that two share a hash, the distance tells.
    """

    def __init__(
        self, words: Sequence[str], counts: Sequence[int], hashes: UInt64s, owners: Int32s, shortest: int
    ) -> None:
        self._words, self._counts = words, counts
        self._hashes, self._owners = hashes, owners
        self._shortest = shortest

    @classmethod
    def build(cls, words: Mapping[str, int], shortest: int = SHORTEST) -> Speller:
        """`words` maps each to how common it is."""
        kept = {word: count for word, count in words.items() if len(word) >= shortest}
        hashes, owners = _forms(list(kept))
        order = np.argsort(hashes)
        return cls(list(kept), list(kept.values()), hashes[order], owners[order], shortest)

    def save(self, store: Store, name: str) -> None:
        """Write it for `load`."""
        put_texts(store, f"{name}.words", self._words)
        store.put(f"{name}.counts", np.array(self._counts, np.int32))
        store.put(f"{name}.hashes", self._hashes)
        store.put(f"{name}.owners", self._owners)

    @classmethod
    def load(cls, store: Store, name: str, shortest: int = SHORTEST) -> Speller:
        """What `save` wrote."""
        counts = view(store.get(f"{name}.counts"))
        words = Texts.open(store, f"{name}.words")
        return cls(words, counts, store.get(f"{name}.hashes"), store.get(f"{name}.owners"), shortest)

    def nearest(self, word: str) -> tuple[str, int] | None:
        """The nearest word and its distance (1 or 2), `None` if there is none or `word` is too short to tell."""
        found = self.near(word)
        return found[0] if found else None

    def near(self, word: str) -> list[tuple[str, int]]:
        """Every other word within reach and its distance, the nearest first, of equals the commoner."""
        if not self._shortest <= len(word) <= LONGEST:
            return []
        limit = 2 if len(word) >= TWO_EDITS_FROM else 1
        ranked: list[tuple[int, int, str]] = []
        for owner in self._candidates(word):
            candidate = self._words[owner]
            distance = OSA.distance(word, candidate, score_cutoff=limit)
            if distance == 1 or (distance == 2 == limit and candidate[0] == word[0]):
                ranked.append((distance, -self._counts[owner], candidate))
        return [(candidate, distance) for distance, _, candidate in sorted(ranked)]

    def _candidates(self, word: str) -> set[int]:
        """Numbers of the words that share a form with this one."""
        forms = _forms_of(word)
        first = self._hashes.searchsorted(forms)
        shared = forms[self._hashes.take(first, mode="clip") == forms] if len(self._hashes) else forms[:0]
        if not len(shared):
            return set()
        spans = zip(self._hashes.searchsorted(shared), self._hashes.searchsorted(shared, "right"), strict=True)
        return {owner for a, b in spans for owner in self._owners[a:b].tolist()}


def _forms_of(word: str) -> UInt64s:
    """The hashes of `_forms` for one word of at most `LONGEST` letters: asked hundreds of times for a bad text."""
    letters = np.frombuffer(word.encode("utf-32-le", "surrogatepass"), np.uint32)
    sums = (letters * POWERS[: len(letters)]).cumsum()
    forms = np.empty(len(letters) + 1, np.uint64)
    forms[0] = sums[-1]
    np.multiply(sums[-1] - sums, ONE_LESS, out=forms[1:])
    forms[2:] += sums[:-1]
    return forms


def _forms(words: Sequence[str]) -> tuple[UInt64s, Int32s]:
    """Hashes of each word and of it with each letter left out, and the index of the word that each is of.

    A polynomial of the letters modulo 2^64, so that a letter left out is the sum before it and, one power less, the
    sum behind it. The same in every process.
    """
    letters = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32).astype(np.uint64)
    sizes = np.array([len(word) for word in words], np.int64)
    starts = np.cumsum(sizes) - sizes
    place = np.arange(len(letters)) - np.repeat(starts, sizes)
    sums = np.concatenate(([np.uint64(0)], np.cumsum(letters * _powers(int(sizes.max(initial=0)))[place])))
    before = sums[:-1] - np.repeat(sums[starts], sizes)
    behind = np.repeat(sums[starts + sizes], sizes) - sums[1:]
    whole = sums[starts + sizes] - sums[starts]
    owners = np.arange(len(words), dtype=np.int32)
    return np.concatenate((whole, before + behind * ONE_LESS)), np.concatenate((owners, np.repeat(owners, sizes)))


def _powers(count: int) -> UInt64s:
    return np.cumprod(np.full(count, BASE, np.uint64), dtype=np.uint64)


POWERS = _powers(LONGEST)
