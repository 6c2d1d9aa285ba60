"""Chinese names by sound: pinyin with and without spaces, initials, and characters that sound the same."""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from indexers.text import is_han

MOST_SPELLINGS = 8  # readings of a name with ambiguous characters that are kept
MOST_NAMES = 8  # names under one spelling or one set of initials
SHORTEST_PREFIX = 5  # letters of an unfinished pinyin word
LONGEST_SYLLABLE = 6


class Phonetics:
    """An index of names by their toneless pinyin. `names` are folded texts with at least one Chinese character,
    the commonest first: they win where spellings collide."""

    def __init__(self, names: Iterable[str], readings: Mapping[str, Sequence[str]]) -> None:
        self._readings = readings
        self._syllables = frozenset(
            form for found in readings.values() for syllable in found for form in typed_forms(syllable)
        )
        by_sound: dict[str, list[str]] = defaultdict(list)
        by_initials: dict[str, list[str]] = defaultdict(list)
        spelt = [(name, found) for name in names if (found := spellings(name, readings))]
        for name, found in spelt:
            _index(name, found[:1], by_sound, by_initials)
        self._usual = {sound: tuple(some[:MOST_NAMES]) for sound, some in by_sound.items()}
        for name, found in spelt:
            _index(name, found[1:], by_sound, by_initials)
        self._by_sound = {sound: tuple(some[:MOST_NAMES]) for sound, some in by_sound.items()}
        self._by_initials = {letters: tuple(some[:MOST_NAMES]) for letters, some in by_initials.items()}
        self._sorted = sorted(self._by_sound)
        self._longest = max(map(len, self._sorted), default=0)

    def spell(self, text: str) -> str | None:
        """Pinyin of the commonest readings, Latin letters as they are; `None` if a character has no reading."""
        sounds: list[str] = []
        for sign in text:
            if is_han(sign):
                found = self._readings.get(sign)
                if not found:
                    return None
                sounds.append(found[0])
            elif sign != " ":
                sounds.append(sign)
        return "".join(sounds)

    def named(self, sound: str) -> tuple[str, ...]:
        """Names pronounced so, the commonest first."""
        return self._by_sound.get(sound, ())

    def usually(self, sound: str) -> tuple[str, ...]:
        """Names of which this is the usual pronunciation."""
        return self._usual.get(sound, ())

    def starting(self, sound: str, limit: int) -> list[str]:
        """Names whose pinyin begins with `sound`, the shortest pinyin first."""
        at = bisect.bisect_left(self._sorted, sound)
        found: list[str] = []
        for spelling in itertools.islice(self._sorted, at, at + 200):
            if not spelling.startswith(sound):
                break
            found.append(spelling)
        found.sort(key=len)
        return list(dict.fromkeys(name for spelling in found for name in self._by_sound[spelling]))[:limit]

    def initialled(self, letters: str) -> tuple[str, ...]:
        """Names whose characters begin with these letters, the commonest first."""
        return self._by_initials.get(letters, ())

    def sounds(self) -> list[str]:
        """Every spelling indexed."""
        return self._sorted

    def pronounceable(self, letters: str) -> bool:
        """True if the letters are a sequence of pinyin syllables, the last perhaps unfinished at no letter."""
        reach = [True] + [False] * len(letters)
        for start in range(len(letters)):
            if reach[start]:
                for end in range(start + 1, min(len(letters), start + LONGEST_SYLLABLE) + 1):
                    if letters[start:end] in self._syllables:
                        reach[end] = True
        return reach[-1]

    def cut(self, letters: str) -> list[str] | None:
        """The fewest names whose pinyin written together is `letters`, in order; `None` if there are none."""
        count = len(letters)
        fewest: list[list[str] | None] = [[]] + [None] * count
        for start in range(count):
            before = fewest[start]
            if before is None:
                continue
            for end in range(start + 2, min(count, start + self._longest) + 1):
                found = self._by_sound.get(letters[start:end])
                after = fewest[end]
                if found and (after is None or len(before) + 1 < len(after)):
                    fewest[end] = [*before, found[0]]
        return fewest[count] or None


def spellings(name: str, readings: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The commonest readings together, then each other reading of one character among them; [] if one has none."""
    parts = [readings.get(sign, ()) if is_han(sign) else (sign,) for sign in name if sign != " "]
    if not all(parts):
        return []
    common = [part[0] for part in parts]
    found = [common]
    for at, part in enumerate(parts):
        found.extend([*common[:at], reading, *common[at + 1 :]] for reading in part[1:])
    return found[:MOST_SPELLINGS]


def _index(
    name: str, spelt: Iterable[Sequence[str]], by_sound: dict[str, list[str]], by_initials: dict[str, list[str]]
) -> None:
    for spelling in spelt:
        for sound in typed_forms("".join(spelling)):
            if name not in by_sound[sound]:
                by_sound[sound].append(name)
        letters = "".join(part[0] for part in spelling)
        if name not in by_initials[letters]:
            by_initials[letters].append(name)


def typed_forms(syllables: str) -> tuple[str, ...]:
    """`lv` as people type it: lv, lu, and lue for lve."""
    if "lv" in syllables or "nv" in syllables:
        return (syllables, syllables.replace("lv", "lu").replace("nv", "nu"))
    return (syllables,)
