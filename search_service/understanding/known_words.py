"""The sets of known words that corrections are measured against."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from indexers.text import fold, is_han
from search_service.understanding.words import Words

MODEL_WORD, MAKE_WORD, PART_WORD = 1, 2, 3  # how common one name makes its words

_DIGIT = re.compile(r"\d")
_SEPARATED = re.compile(r"[^\s/-]+")


def with_han(names: Iterable[str]) -> list[str]:
    """Those of the names that have a Chinese character."""
    return [name for name in names if any(map(is_han, name))]


def latin_words(sources: Iterable[tuple[Iterable[str], int]]) -> dict[str, int]:
    """Latin words and how common they are: a part word counts what each of its names brings, another what the best
    source brings. Plurals of part words are as common as a make."""
    counts: dict[str, int] = {}
    for names, worth in sources:
        for word in (word for name in names for word in _SEPARATED.findall(name)):
            if word.isascii() and word.isalpha() and len(word) > 2:
                counts[word] = counts.get(word, 0) + worth if worth == PART_WORD else max(counts.get(word, 0), worth)
    for word in [word for word, count in counts.items() if count >= PART_WORD and not word.endswith("s")]:
        counts.setdefault(f"{word}s", PART_WORD)
    return counts


def real_words(words: Words) -> frozenset[str]:
    """Latin words of every make and model the configuration knows."""
    names = [name for row in words.makes for name in (row.make, *row.names, *row.models, *sum(row.models.values(), ()))]
    return frozenset(word for name in names for word in _SEPARATED.findall(fold(name)))


def phrases(names: Iterable[str]) -> dict[str, int]:
    """English names of several words, hyphens as blanks, and their plurals."""
    spaced = (name.replace("-", " ").replace("/", " ") for name in names)
    found = [name for name in spaced if name.isascii() and " " in name and not _DIGIT.search(name)]
    return dict.fromkeys([*found, *(f"{name}s" for name in found if not name.endswith("s"))], 1)


def compacts(names: Iterable[str]) -> dict[str, str]:
    """Names of Latin letters without their blanks, at least six letters: shorter ones are other words."""
    found: dict[str, str] = {}
    for name in names:
        letters = name.replace(" ", "").replace("-", "")
        if letters.isascii() and letters.isalpha() and len(letters) >= 6:
            found.setdefault(letters, name)
    return found


def shapes(groups: Iterable[str]) -> dict[str, frozenset[str]]:
    """Character → the characters it is mistaken for, from groups of look-alikes."""
    alike: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for sign in group:
            alike[sign].update(set(group) - {sign})
    return {sign: frozenset(others) for sign, others in alike.items()}
