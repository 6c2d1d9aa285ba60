"""What a catalogue's own titles teach: which part types they name, and which words stand beside which part types.

For shops whose words and part types the vocabulary does not have. Pure; `build` writes the outcome into a generation.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from indexers.text import atoms, fold, is_han, join_atoms, join_units, scan
from indexers.vocabulary import Vocabulary

SURE = 0.75  # confidence of a name from which a title that has it is about that part type
MOST_TYPES = 4  # part types of one title; a longer list is a catalogue page, not a part
LONGEST_TITLE = 120  # characters read; what is longer is a description and teaches nothing
MOST_TITLES = 50_000  # titles learnt from, spread evenly: about half a second of a build
MOST_WORDS = 8_000  # the commonest are kept: their typing-error index takes about 10 MB
FEW_TITLES = 5_000  # below it a word seen once is kept for typing errors
LEAST_TOGETHER = 2  # titles in which word and part type stand together: one would make a car's name mean its only part
LEAST_SHARE = 0.5  # of the word's titles that must be of the part type

_LATIN = re.compile(r"[a-z]{3,}")
_HAN = re.compile(r"[\u3400-\u9fff]+")
LONGEST_HAN = 4


class TitleWord(msgspec.Struct, frozen=True):
    """A word of titles: in how many it stands, and the share of them that each of its part types has."""

    count: int
    part_types: dict[str, float] = {}


@lru_cache(maxsize=2)
def title_reader(vocabulary: Vocabulary) -> TitleReader:
    """The reader of a vocabulary, made once: it goes through every name."""
    return TitleReader(vocabulary)


class TitleReader:
    """Finds part types in titles: the longest names first, from the left, not overlapping."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        found = ((key, some[0]) for key, some in vocabulary.meanings.items())
        self._types = {key: each.type_id for key, each in found if each.confidence >= SURE and len(key) > 1}
        self._known = frozenset(vocabulary.part_types)
        self._names = frozenset(vocabulary.meanings)
        self._longest: dict[str, int] = {}
        for forms in map(atoms, self._names):
            self._longest[forms[0]] = max(self._longest.get(forms[0], 0), len(forms))

    def about(self, type_id: str, title: str) -> list[str]:
        """What a part is: its own type if the vocabulary has it, else those its title names, which may be none."""
        return [type_id] if type_id in self._known else self.part_types(title)

    def part_types(self, title: str) -> list[str]:
        """Ids of the part types that the title names, in text order, each once; at most `MOST_TYPES`."""
        named = (self._types[key] for key in self._cut(title[:LONGEST_TITLE])[0] if key in self._types)
        return list(dict.fromkeys(named))[:MOST_TYPES]

    def unknown_words(self, title: str) -> Iterator[str]:
        """Folded words outside every name: Latin words of three letters and more, Chinese ones of two to four."""
        for piece in self._cut(title)[1]:
            if is_han(piece):
                yield from _HAN.findall(piece) if len(piece) <= LONGEST_HAN else ()
            else:
                yield from _LATIN.findall(piece)

    def _cut(self, title: str) -> tuple[list[str], list[str]]:
        """Keys of the names found, and what stands between them (surfaces, Chinese neighbours joined)."""
        found = scan(join_units(fold(title)))
        forms = [atom.form for atom in found]
        names: list[str] = []
        rest: list[str] = []
        at = 0
        while at < len(forms):
            size = self._name_at(forms, at)
            if size:
                names.append(join_atoms(forms[at : at + size]))
                rest.append(" ")
            else:
                rest.append(found[at].surface)
            at += max(size, 1)
        return names, _joined(rest)

    def _name_at(self, forms: Sequence[str], at: int) -> int:
        for size in range(min(self._longest.get(forms[at], 0), len(forms) - at), 0, -1):
            if join_atoms(forms[at : at + size]) in self._names:
                return size
        return 0


def _joined(pieces: Sequence[str]) -> list[str]:
    found: list[str] = []
    for piece in pieces:
        if found and piece != " " and found[-1] != " " and is_han(piece) and is_han(found[-1]):
            found[-1] += piece
        else:
            found.append(piece)
    return [piece for piece in found if piece != " "]


def learn(titles: Iterable[tuple[str, Sequence[str]]], reader: TitleReader) -> dict[str, TitleWord]:
    """The commonest unknown words of `titles` (text, part type ids of the part), with the types they point to.

    Shares are of all titles of a word: one that also stands where no type is known is less sure of its own.
    """
    counts: Counter[str] = Counter()
    together: dict[str, Counter[str]] = defaultdict(Counter)
    seen = 0
    for text, types in titles:
        seen += 1
        if len(text) > LONGEST_TITLE:
            continue
        for word in set(reader.unknown_words(text)):
            counts[word] += 1
            together[word].update(types)
    least = 1 if seen < FEW_TITLES else 2
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_WORDS]
    kept = [(word, count) for word, count in ordered if count >= least]
    return {word: TitleWord(count, _pointed(together[word], count)) for word, count in kept}


def _pointed(types: Counter[str], count: int) -> dict[str, float]:
    shares = {name: round(some / count, 4) for name, some in types.items() if some >= LEAST_TOGETHER}
    return {name: share for name, share in sorted(shares.items()) if share >= LEAST_SHARE}
