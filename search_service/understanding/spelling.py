"""Typing errors: the nearest known word within one or two edits (optimal string alignment)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from rapidfuzz.distance import OSA

LONGEST = 40  # letters; longer ones are no words
SHORTEST = 4  # letters; among three-letter words nearly everything is one edit from something
TWO_EDITS_FROM = 8  # letters; below it two edits reach unrelated words


class Speller:
    """A delete-1 index: two words within one edit share one of their forms with a letter less (or the word itself).

    `words` maps each to how common it is; of equally near words the commoner wins. Forms are kept as sorted hashes:
    twelve bytes each, where a dictionary took ten times as much; that two share a hash, the distance tells.
    """

    def __init__(self, words: Mapping[str, int], shortest: int = SHORTEST) -> None:
        self._common = {word: count for word, count in words.items() if len(word) >= shortest}
        self._shortest = shortest
        self._words = list(self._common)
        hashes = np.array([hash(form) for word in self._words for form in _deletes(word)], np.int64)
        owners = np.repeat(np.arange(len(self._words), dtype=np.int32), [len(word) + 1 for word in self._words])
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._owners = hashes[order], owners[order]

    def __contains__(self, word: str) -> bool:
        return word in self._common

    def count(self, word: str) -> int:
        """How common the word is; 0 if it is not known."""
        return self._common.get(word, 0)

    def nearest(self, word: str) -> tuple[str, int] | None:
        """The nearest word and its distance (1 or 2), `None` if there is none or `word` is too short to tell."""
        found = self.near(word)
        return found[0] if found else None

    def near(self, word: str) -> list[tuple[str, int]]:
        """Every word within reach and its distance, the nearest first, of equals the commoner."""
        if not self._shortest <= len(word) <= LONGEST:
            return []
        limit = 2 if len(word) >= TWO_EDITS_FROM else 1
        ranked: list[tuple[int, int, str]] = []
        for candidate in self._candidates(word):
            distance = OSA.distance(word, candidate, score_cutoff=limit)
            if distance <= limit and (distance == 1 or candidate[0] == word[0]):
                ranked.append((distance, -self._common[candidate], candidate))
        return [(candidate, distance) for distance, _, candidate in sorted(ranked)]

    def _candidates(self, word: str) -> set[str]:
        forms = np.array([hash(form) for form in set(_deletes(word))], np.int64)
        first = np.searchsorted(self._hashes, forms, "left").tolist()
        last = np.searchsorted(self._hashes, forms, "right").tolist()
        spans = (self._owners[a:b].tolist() for a, b in zip(first, last, strict=True) if a < b)
        return {self._words[owner] for span in spans for owner in span} - {word}


def _deletes(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]
