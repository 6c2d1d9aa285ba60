"""Chinese names by sound: pinyin with and without spaces, initials, and characters that sound the same."""

from __future__ import annotations

import bisect
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexers.store import Store
from indexers.text import is_han
from search_service.understanding.mapped import Table, put_table

MOST_SPELLINGS = 8  # readings of a name with ambiguous characters that are kept
MOST_NAMES = 8  # names under one spelling or one set of initials
SHORTEST_PREFIX = 5  # letters of an unfinished pinyin word
LONGEST_SYLLABLE = 6
LONGEST_NAME = 40  # letters of one name inside a longer text

NamesBy = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Phonetics:
    """An index of names by their toneless pinyin, the commonest first: they win where spellings collide."""

    readings: Mapping[str, Sequence[str]]  # Chinese character → readings, the commonest first
    syllables: frozenset[str]  # as people type them
    usual: NamesBy  # the commonest spelling of names → the names
    by_sound: NamesBy  # every spelling
    by_initials: NamesBy
    sounds: Sequence[str]  # the spellings in ascending order

    @classmethod
    def build(cls, names: Iterable[str], readings: Mapping[str, Sequence[str]]) -> Phonetics:
        """`names` are folded texts with at least one Chinese character, the commonest first."""
        by_sound: dict[str, list[str]] = defaultdict(list)
        by_initials: dict[str, list[str]] = defaultdict(list)
        spelt = [(name, found) for name in dict.fromkeys(names) if (found := spellings(name, readings))]
        for name, found in spelt:
            _index(name, found[:1], by_sound, by_initials)
        usual = _tuples(by_sound)
        for name, found in spelt:
            _index(name, found[1:], by_sound, by_initials)
        return cls(
            readings, _typed(readings), usual, _tuples(by_sound), _tuples(by_initials), sorted(by_sound)
        )  # fmt: skip

    def save(self, store: Store, name: str) -> None:
        """Write it for `load`."""
        put_table(store, f"{name}.usual", self.usual)
        put_table(store, f"{name}.by_sound", self.by_sound)
        put_table(store, f"{name}.by_initials", self.by_initials)

    @classmethod
    def load(cls, store: Store, name: str, readings: Mapping[str, Sequence[str]]) -> Phonetics:
        """What `save` wrote."""
        usual, by_sound, by_initials = (
            Table[tuple[str, ...]](store, f"{name}.{table}", tuple[str, ...])
            for table in ("usual", "by_sound", "by_initials")
        )
        return cls(readings, _typed(readings), usual, by_sound, by_initials, by_sound.keys_in_order)

    def spell(self, text: str) -> str | None:
        """Pinyin of the commonest readings, Latin letters as they are; `None` if a character has no reading."""
        sounds: list[str] = []
        for sign in text:
            if is_han(sign):
                found = self.readings.get(sign)
                if not found:
                    return None
                sounds.append(found[0])
            elif sign != " ":
                sounds.append(sign)
        return "".join(sounds)

    def named(self, sound: str) -> tuple[str, ...]:
        """Names pronounced so, the commonest first."""
        return self.by_sound.get(sound, ())

    def usually(self, sound: str) -> tuple[str, ...]:
        """Names of which this is the usual pronunciation."""
        return self.usual.get(sound, ())

    def starting(self, sound: str, limit: int) -> list[str]:
        """Names whose pinyin begins with `sound`, the shortest pinyin first."""
        at = bisect.bisect_left(self.sounds, sound)
        found: list[str] = []
        for number in range(at, min(at + 200, len(self.sounds))):
            spelling = self.sounds[number]
            if not spelling.startswith(sound):
                break
            found.append(spelling)
        found.sort(key=len)
        names = itertools.chain.from_iterable(map(self.named, found))
        return list(itertools.islice(dict.fromkeys(names), limit))

    def initialled(self, letters: str) -> tuple[str, ...]:
        """Names whose characters begin with these letters, the commonest first."""
        return self.by_initials.get(letters, ())

    def pronounceable(self, letters: str) -> bool:
        """True if the letters are a sequence of pinyin syllables, the last perhaps unfinished at no letter."""
        return self._reach(letters)[-1]

    def _reach(self, letters: str) -> list[bool]:
        """For each place in the letters, whether syllables lead there from the first."""
        reach = [True] + [False] * len(letters)
        for start in range(len(letters)):
            if reach[start]:
                for end in range(start + 1, min(len(letters), start + LONGEST_SYLLABLE) + 1):
                    if letters[start:end] in self.syllables:
                        reach[end] = True
        return reach

    def cut(self, letters: str) -> list[str] | None:
        """The fewest names whose pinyin written together is `letters`, in order; `None` if there are none.

        A name ends where a syllable does.
        """
        count = len(letters)
        ends = [at for at, reached in enumerate(self._reach(letters)) if reached]
        fewest: list[list[str] | None] = [[]] + [None] * count
        for start in ends:
            before = fewest[start]
            if before is None:
                continue
            for end in ends:
                if start + 2 <= end <= start + LONGEST_NAME:
                    after = fewest[end]
                    if after is None or len(before) + 1 < len(after):
                        found = self.named(letters[start:end])
                        if found:
                            fewest[end] = [*before, found[0]]
        return fewest[count] or None


def spellings(name: str, readings: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Pinyin and initials of a name, at most `MOST_SPELLINGS`; [] if a character has no reading.

    First the commonest readings together, then each other reading of one character among them.
    """
    parts: list[Sequence[str]] = []
    for sign in name:
        if sign != " ":
            part = readings.get(sign) if is_han(sign) else sign
            if not part:
                return []
            parts.append(part)
    common = [part[0] for part in parts]
    found = [("".join(common), "".join([sound[0] for sound in common]))]
    for at, part in enumerate(parts):
        for other in part[1:]:
            if len(found) == MOST_SPELLINGS:
                return found
            spelt = [*common[:at], other, *common[at + 1 :]]
            found.append(("".join(spelt), "".join([sound[0] for sound in spelt])))
    return found


def typed_forms(syllables: str) -> tuple[str, ...]:
    """`lv` as people type it: lv, lu, and lue for lve."""
    if "lv" in syllables or "nv" in syllables:
        return (syllables, syllables.replace("lv", "lu").replace("nv", "nu"))
    return (syllables,)


def _typed(readings: Mapping[str, Sequence[str]]) -> frozenset[str]:
    distinct = set(itertools.chain.from_iterable(readings.values()))
    return frozenset(form for syllable in distinct for form in typed_forms(syllable))


def _index(
    name: str, spelt: Iterable[tuple[str, str]], by_sound: dict[str, list[str]], by_initials: dict[str, list[str]]
) -> None:
    for spelling, initials in spelt:
        for sound in typed_forms(spelling):
            _append(by_sound[sound], name)
        _append(by_initials[initials], name)


def _append(names: list[str], name: str) -> None:
    if len(names) < MOST_NAMES and name not in names:
        names.append(name)


def _tuples(names: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {spelling: tuple(some) for spelling, some in names.items()}
