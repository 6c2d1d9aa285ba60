"""Reading words that nobody knows as words somebody knows: sounds, look-alikes, joined words, typing errors.

Never touches anything with a digit. Every fix is named, so that the answer can say what it shows results for.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from indexers.store import Store
from indexers.text import Atom, atoms, fold, is_han, token_form
from indexers.vocabulary import Vocabulary
from search_service.understanding.english_sounds import EnglishSounds
from search_service.understanding.intent import CorrectionKind
from search_service.understanding.known_words import (
    MAKE_WORD,
    MODEL_WORD,
    PART_WORD,
    compacts,
    latin_words,
    phrases,
    real_words,
    shapes,
    with_han,
)
from search_service.understanding.learnt import Learnt
from search_service.understanding.lexicon import Lexicon, Segment
from search_service.understanding.mapped import Table, put_table
from search_service.understanding.phonetics import SHORTEST_PREFIX, Phonetics
from search_service.understanding.spelling import SHORTEST, TWO_EDITS_FROM, Speller
from search_service.understanding.words import Words

LONGEST_WINDOW = 8  # atoms tried as one mistyped Chinese name
LONG_PART = 4  # characters of a name that may be a slip inside a longer unknown text
MOST_RUNS = 6  # unknown stretches looked at in one text, so that noise costs no more than a question
MOST_CORRECTED = 16  # unknown Latin words of one text that are looked at, each with its neighbours
LONGEST_SOUND = 60  # letters of pinyin read as one stretch; a part, its place and its car are about forty
LONGEST_JOINED = 30  # letters of two words written as one
SHORTEST_SOUND = 4  # letters of pinyin; shorter ones are English words and codes
EVERYDAY = 10 * PART_WORD  # a word of ten names
LONG_WORD, SHORTEST_MAKE = 6, 4  # letters

# What a fix takes from the confidence of what it found. A one-letter typo of a common name (0.97) stays a filter,
# two edits in a long word still do (0.80); an unfinished pinyin word of a regional name just does (0.76).
FACTOR: Mapping[CorrectionKind, float] = {
    "typo": 0.92, "homophone": 0.92, "look_alike": 0.9, "pinyin": 0.95, "initials": 0.7, "joined": 0.97,
    "transposed": 0.9,
}  # fmt: skip
TWO_EDITS_FACTOR = 0.83
UNFINISHED_FACTOR = 0.8


TWO_EDITS_PHRASE = 9  # letters and blanks from which two slips in a name of several words are still that name
SHORTEST_PHRASE = 6  # letters and blanks
SHORTEST_HAN = 3  # characters of a name with a slip
SHORTEST_UNFINISHED = 7  # letters of pinyin with a slip
LONGEST_PHRASE = 5  # words
_DIGIT = re.compile(r"\d")
_DIGIT_AND_SOUND = re.compile(r"\d{1,3}[a-z]{2,}|[a-z]{2,}\d{1,3}")


class Fix(NamedTuple):
    """Atoms `[start, end)` are read as `forms`; `corrected` is what people are shown."""

    start: int
    end: int
    forms: tuple[str, ...]
    corrected: str
    kind: CorrectionKind
    factor: float


@dataclass(frozen=True)
class Corrector:
    """The indexes that corrections are looked up in; built once from every known word."""

    lexicon: Lexicon
    phonetics: Phonetics
    spelt: Mapping[str, int]  # Latin words spelt right → how common they are
    latin: Speller
    han: Speller
    sounds: Speller
    phrases: Speller
    real: frozenset[str]  # words that are spelt right though nothing here has them: other makes and models
    compact: Mapping[str, str]  # Latin names without blanks → as written
    alike: EnglishSounds
    alike_joined: EnglishSounds
    look_alike: Mapping[str, frozenset[str]]

    @classmethod
    def build(
        cls,
        vocabulary: Vocabulary,
        words: Words,
        lexicon: Lexicon,
        makes: Iterable[str],
        models: Iterable[str],
        learnt: Learnt,
    ) -> Corrector:
        """`lexicon` holds every word that needs no correction; `makes` (with brands) and `models` are names."""
        part_names = [name.folded for each in vocabulary.part_types.values() for name in each.names]
        part_names += [meaning.name.folded for found in vocabulary.meanings.values() for meaning in found[:1]]
        folded = list(dict.fromkeys(part_names))
        known_makes = list(dict.fromkeys(fold(name) for name in makes))
        vehicles = list(dict.fromkeys([*known_makes, *(fold(name) for name in models)]))
        places = [fold(word) for found in words.positions.values() for word in found]
        phonetics = Phonetics.build(with_han([*folded, *places, *vehicles]), words.syllables)
        makes_and_more = [*known_makes, *places, *learnt.spellings()]
        latin = latin_words([(folded, PART_WORD), (makes_and_more, MAKE_WORD), (vehicles, MODEL_WORD)])
        part_words = {word: count for word, count in latin.items() if count >= PART_WORD}
        return cls(
            lexicon=lexicon,
            phonetics=phonetics,
            spelt={word: count for word, count in latin.items() if len(word) >= SHORTEST},
            latin=Speller.build(latin),
            alike=EnglishSounds.build(part_words),
            alike_joined=EnglishSounds.build(dict.fromkeys(compacts(folded), 1)),
            han=Speller.build(dict.fromkeys(with_han(folded), 1), SHORTEST_HAN),
            sounds=Speller.build(dict.fromkeys(phonetics.sounds, 1), SHORTEST_UNFINISHED),
            phrases=Speller.build(phrases(folded), SHORTEST_PHRASE),
            real=real_words(words),
            compact=compacts([*folded, *vehicles]),
            look_alike=shapes(words.common.look_alike),
        )

    def save(self, store: Store, name: str) -> None:
        """Write it for `load`, all but the lexicon and what the word files say themselves."""
        self.phonetics.save(store, f"{name}.phonetics")
        store.put_json(f"{name}.spelt", self.spelt)
        for part in ("latin", "han", "sounds", "phrases", "alike", "alike_joined"):
            getattr(self, part).save(store, f"{name}.{part}")
        put_table(store, f"{name}.compact", self.compact)

    @classmethod
    def load(cls, store: Store, name: str, words: Words, lexicon: Lexicon) -> Corrector:
        """What `save` wrote."""
        return cls(
            lexicon=lexicon,
            phonetics=Phonetics.load(store, f"{name}.phonetics", words.syllables),
            spelt=store.json(f"{name}.spelt", dict[str, int]),
            latin=Speller.load(store, f"{name}.latin"),
            han=Speller.load(store, f"{name}.han", SHORTEST_HAN),
            sounds=Speller.load(store, f"{name}.sounds", SHORTEST_UNFINISHED),
            phrases=Speller.load(store, f"{name}.phrases", SHORTEST_PHRASE),
            alike=EnglishSounds.load(store, f"{name}.alike"),
            alike_joined=EnglishSounds.load(store, f"{name}.alike_joined"),
            compact=Table(store, f"{name}.compact", str),
            real=real_words(words),
            look_alike=shapes(words.common.look_alike),
        )

    def fixes(self, found: Sequence[Atom], cut: Sequence[Segment]) -> list[Fix]:
        """Fixes for the unknown stretches of a text, in order, not overlapping."""
        made: list[Fix] = []
        makes = frozenset(sense.value for each in cut for sense in each.senses if sense.kind == "make")
        left = MOST_CORRECTED
        for start, end in (_unknown_runs(found, cut) or _unnamed(found, cut))[:MOST_RUNS]:
            if not made or made[-1].end <= start:
                made.extend(self._fix_run(found, cut, start, end, makes, left))
            left -= 0 if is_han(found[start].form) else min(left, end - start)
        if not made:
            made.extend(self._stammered(found, cut)[:1])
        free = [each for each in cut if all(fix.end <= each.start or fix.start >= each.end for fix in made)]
        made.extend(fix for segment in free if (fix := self._spelt_code(found, segment)))
        return sorted(made)

    def _spelt_code(self, found: Sequence[Atom], segment: Segment) -> Fix | None:
        """A name with a digit in pinyin ("3xi" for 3系): taken only letter for letter."""
        if segment.senses or not _DIGIT_AND_SOUND.fullmatch(segment.key):
            return None
        names = self.phonetics.named(segment.key)
        return _fix(segment.start, segment.end, names[0], "pinyin") if names else None

    def _fix_run(
        self, found: Sequence[Atom], cut: Sequence[Segment], start: int, end: int, makes: frozenset[str], left: int
    ) -> list[Fix]:
        """`left` is how many Latin words may still be looked at one by one."""
        beside_han = any(is_han(found[at].form) for at in range(max(0, start - 1), min(len(found), end + 1)))
        if beside_han and (fix := self._by_sound_or_shape(found, cut, start, end)):
            return [fix]
        if any(is_han(atom.form) for atom in found[start:end]):
            return []
        fix = self._joined(found, start, end) or self._pinyin(found, *_widened(found, cut, start, end))
        return [fix] if fix is not None else self._word_by_word(found, start, min(end, start + left), makes)

    def _word_by_word(self, found: Sequence[Atom], start: int, end: int, makes: frozenset[str]) -> list[Fix]:
        fixes: list[Fix] = []
        at = start
        while at < end:
            fix = self._phrase(found, at, fixes[-1].end if fixes else 0) or self._one_word(found, at, makes)
            if fix is not None:
                fixes.append(fix)
            at = max(at + 1, fix.end if fix else 0)
        return fixes

    def _by_sound_or_shape(self, found: Sequence[Atom], cut: Sequence[Segment], start: int, end: int) -> Fix | None:
        """The longest stretch of neighbours around the unknown ones that sounds or looks like a name.

        It takes neighbours whole: of 节气门 before an unknown 垫 no 气门垫 is made. What is unknown lies all inside,
        but for names of `LONG_PART` characters: a longer text nobody knows is something else, not a slip. Two
        characters written on to a part (水箱胶垫) are its child, not another part.
        """
        edges = {0, *(segment.end for segment in cut)}
        windows = [
            (first, last)
            for first in range(max(0, end - LONGEST_WINDOW), end)
            for last in range(max(first + 2, start + 1), min(len(found), first + LONGEST_WINDOW) + 1)
            if first < end and last > start and first in edges and last in edges
        ]
        windows.sort(key=lambda each: (-(min(each[1], end) - max(each[0], start)), each[0] - each[1]))
        children = {each.end for each in cut if each.has("type") and _glued(found, each.end)}
        for first, last in windows:
            whole = first <= start and last >= end and not (last - first == 2 and first in children)
            if whole or last - first >= LONG_PART:
                fix = self._same_sound(found, first, last) or self._same_shape(found, first, last, whole)
                if fix is not None:
                    return fix
        return None

    def _same_sound(self, found: Sequence[Atom], first: int, last: int) -> Fix | None:
        text = "".join(atom.surface for atom in found[first:last])
        sound = self.phonetics.spell(text)
        if sound is None or len(sound) < SHORTEST_SOUND:
            return None
        mixed = not all(map(is_han, text))
        names = self.phonetics.named(sound) if mixed else self.phonetics.usually(sound)
        for name in names:
            if name != text and (mixed or (_shares(name, text) and self._worth(name))):
                return _fix(first, last, name, "pinyin" if mixed else "homophone")
        return None

    def _worth(self, name: str) -> bool:
        """A name of two characters must be a part's or a car's: 后座 is not 后左."""
        return len(name) > 2 or any(sense.kind in ("type", "make", "model") for sense in self.lexicon.senses[name])

    def _same_shape(self, found: Sequence[Atom], first: int, last: int, whole: bool) -> Fix | None:
        text = "".join(atom.form for atom in found[first:last])
        if not all(map(is_han, text)):
            return None
        for at, sign in enumerate(text):
            for other in self.look_alike.get(sign, ()):
                swapped = text[:at] + other + text[at + 1 :]
                if swapped in self.lexicon.senses:
                    return _fix(first, last, swapped, "look_alike")
        return self._slipped(text, first, last) if whole else None

    def _slipped(self, text: str, first: int, last: int) -> Fix | None:
        """A character dropped, doubled or swapped with its neighbour; another character instead is another word."""
        for name, distance in self.han.near(text) if len(text) >= SHORTEST_HAN else ():
            if distance > 1:
                return None
            if len(name) == len(text) and sorted(name) == sorted(text):
                return _fix(first, last, name, "transposed")
            if self._dropped(text, name) or _doubled(text, name):
                return _fix(first, last, name, "typo")
        return None

    def _dropped(self, text: str, name: str) -> bool:
        """`name` with one character less.

        Not a known word with one behind it: 皮带轮 is no 皮带惰轮 with a slip. But 轮毂垫 may begin 轮毂垫片.
        """
        if len(name) != len(text) + 1:
            return False
        return len(text) >= 5 or name.startswith(text) or text[:-1] not in self.lexicon.senses

    def _stammered(self, found: Sequence[Atom], cut: Sequence[Segment]) -> list[Fix]:
        """Names with a character typed twice between words that are known by themselves: 刹车车灯."""
        edges = {segment.end for segment in cut}
        twice = [at for at in range(1, len(found)) if at in edges and _same_han(found[at - 1], found[at])]
        fixes = (self._collapsed(found, at) for at in twice[:MOST_RUNS])
        return [fix for fix in fixes if fix is not None]

    def _collapsed(self, found: Sequence[Atom], at: int) -> Fix | None:
        for size in range(LONGEST_WINDOW, 2, -1):
            for first in range(max(0, at - size), at):
                last = first + size + 1
                name = "".join(atom.form for atom in (*found[first:at], *found[at + 1 : last]))
                known = self.lexicon.senses.get(name, ()) if at < last <= len(found) else ()
                if any(sense.kind == "type" for sense in known):
                    return _fix(first, last, name, "typo")
        return None

    def _joined(self, found: Sequence[Atom], start: int, end: int) -> Fix | None:
        """Words written together or torn apart: "sparkplug", "head light"."""
        for first, last in ((start, end), (start, end + 1), (start - 1, end)):
            if first < 0 or last > len(found):
                continue
            letters = "".join(atom.surface for atom in found[first:last])
            name = self.compact.get(letters) or self.compact.get(letters.removesuffix("s"))
            if name is not None:
                return _fix(first, last, name, "joined")
        return None

    def _phrase(self, found: Sequence[Atom], at: int, free: int) -> Fix | None:
        """A name of several words with a slip in it: its other words say which short word was meant.

        `at` is the unknown word, `free` the first atom that no fix has taken.
        """
        for size in range(LONGEST_PHRASE, 1, -1):
            for first in range(max(free, at + 1 - size), min(at, len(found) - size) + 1):
                text = " ".join(atom.surface for atom in found[first : first + size])
                nearest = self.phrases.nearest(text) if text.isascii() and not _DIGIT.search(text) else None
                if nearest is not None and (nearest[1] == 1 or len(text) >= TWO_EDITS_PHRASE):
                    factor = FACTOR["typo"] if nearest[1] == 1 else TWO_EDITS_FACTOR
                    return _fix(first, first + size, nearest[0], "typo", factor)
        return None

    def _pinyin(self, found: Sequence[Atom], start: int, end: int) -> Fix | None:
        letters = "".join(atom.surface for atom in found[start:end])
        if not SHORTEST_SOUND <= len(letters) <= LONGEST_SOUND or not letters.isalpha():
            return None
        if not self.phonetics.pronounceable(letters):
            return None
        if any(len(atom.surface) >= LONG_WORD and atom.surface in self.spelt for atom in found[start:end]):
            return None
        names = self.phonetics.cut(letters)
        if names is None and len(letters) >= SHORTEST_PREFIX:
            return self._unfinished(letters, start, end)
        return _fix(start, end, "".join(names), "pinyin") if names else None

    def _unfinished(self, letters: str, start: int, end: int) -> Fix | None:
        names = self.phonetics.starting(letters, 1)
        if names:
            return _fix(start, end, names[0], "pinyin", UNFINISHED_FACTOR)
        near = self.sounds.nearest(letters)
        return _fix(start, end, self.phonetics.named(near[0])[0], "pinyin", UNFINISHED_FACTOR) if near else None

    def _one_word(self, found: Sequence[Atom], at: int, makes: frozenset[str]) -> Fix | None:
        letters = found[at].surface
        if not letters.isalpha():
            return None
        fix = self._pinyin(found, at, at + 1) if letters not in self.spelt else None
        return (
            fix
            or self._joined(found, at, at + 1)
            or self._typo(letters, at, makes)
            or self._two_words(letters, at)
            or self._sounding(letters, at)
        )

    def _typo(self, letters: str, at: int, makes: frozenset[str]) -> Fix | None:
        """A word that stands in some name is spelt right, even where it says nothing alone ("spark")."""
        if letters in self.spelt or letters in self.real:
            return None
        for word, distance in self.latin.near(letters):
            if self._believable(letters, word) or (distance == 1 and self._model_of(word, makes)):
                factor = FACTOR["typo"] if distance == 1 else TWO_EDITS_FACTOR
                return Fix(at, at + 1, (token_form(word),), word, "typo", factor)
        sound = self.sounds.nearest(letters) if len(letters) >= TWO_EDITS_FROM else None
        return _fix(at, at + 1, self.phonetics.named(sound[0])[0], "pinyin", UNFINISHED_FACTOR) if sound else None

    def _sounding(self, letters: str, at: int) -> Fix | None:
        """A word spelt as it sounds ("sillinder"), also two in one ("brakpad"). Not if it is a word of something."""
        if letters in self.spelt or letters in self.real or len(letters) < LONG_WORD:
            return None
        word = self.alike.alike(letters)
        if word is not None:
            return Fix(at, at + 1, (token_form(word),), word, "homophone", TWO_EDITS_FACTOR)
        joined = self.alike_joined.alike(letters)
        return _fix(at, at + 1, self.compact[joined], "joined", TWO_EDITS_FACTOR) if joined else None

    def _model_of(self, word: str, makes: frozenset[str]) -> bool:
        """True for a model of a make that was said: "toyota carolla" can only be one thing."""
        senses = self.lexicon.senses.get(token_form(word), ()) if len(word) > SHORTEST else ()
        return any(sense.kind == "model" and sense.detail in makes for sense in senses)

    def _believable(self, letters: str, word: str) -> bool:
        """Whether a slip is likelier than another word: rare and short words need a letter dropped, doubled or
        swapped; a model of the vehicle table, of which there are thousands, needs six letters besides."""
        count = self.spelt[word]
        slipped = len(word) != len(letters) or sorted(word) == sorted(letters)
        if count <= MODEL_WORD:
            return slipped and len(letters) >= LONG_WORD and not _inflected(letters, word)
        if count <= MAKE_WORD:
            return len(letters) > SHORTEST_MAKE
        return slipped or len(letters) > SHORTEST or count >= EVERYDAY

    def _two_words(self, letters: str, at: int) -> Fix | None:
        """Two known words without the blank: "frontbumper"."""
        for middle in range(len(letters) - 3, 2, -1) if len(letters) <= LONGEST_JOINED else ():
            left, right = letters[:middle], letters[middle:]
            if left in self.spelt and right in self.spelt:
                forms = (token_form(left), token_form(right))
                return Fix(at, at + 1, forms, f"{left} {right}", "joined", FACTOR["joined"])
        return None


def _fix(start: int, end: int, name: str, kind: CorrectionKind, factor: float | None = None) -> Fix:
    return Fix(start, end, tuple(atoms(name)), name, kind, FACTOR[kind] if factor is None else factor)


def _inflected(one: str, other: str) -> bool:
    """True if one is the other with an ending: "cruise" is a word of its own, no "cruiser" with a slip."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and long[len(short) :] in ("r", "s", "d", "n", "er", "ed", "es", "ing")


def _glued(found: Sequence[Atom], at: int) -> bool:
    """True if no blank stands before the atom at `at`."""
    return at < len(found) and found[at - 1].end == found[at].start


def _same_han(one: Atom, other: Atom) -> bool:
    return one.form == other.form and one.end == other.start and is_han(one.form)


def _doubled(text: str, name: str) -> bool:
    return len(name) == len(text) - 1 and any(a == b for a, b in itertools.pairwise(text))


def _shares(name: str, text: str) -> bool:
    """Sounding alike is only a slip if half of the characters are right."""
    same = sum(a == b for a, b in zip(name, text, strict=False))
    return len(name) == len(text) and same * 2 >= len(name)


def _unknown_runs(found: Sequence[Atom], cut: Sequence[Segment]) -> list[tuple[int, int]]:
    """Stretches of neighbouring atoms without a sense and without a digit, all Chinese or all Latin."""
    runs: list[tuple[int, int]] = []
    for segment in cut:
        form = found[segment.start].form
        if segment.senses or not form.isalpha():
            continue
        at = segment.start
        apart = is_han(form) and found[at - 1].end != found[at].start
        if runs and runs[-1][1] == at and is_han(found[at - 1].form) == is_han(form) and not apart:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return runs


def _unnamed(found: Sequence[Atom], cut: Sequence[Segment]) -> list[tuple[int, int]]:
    """The first known English word of a text of several that names no part at all: perhaps it was another word."""
    if any(segment.has("type") or segment.has("symptom") for segment in cut):
        return []
    words = [each.start for each in cut if found[each.start].form.isascii() and found[each.start].form.isalpha()]
    return [(words[0], words[0] + 1)] if len(words) > 1 and len(words) == len(found) else []


def _widened(found: Sequence[Atom], cut: Sequence[Segment], start: int, end: int) -> tuple[int, int]:
    """The run with the unknown and the short everyday Latin words beside it, which may be syllables: "ji you lv"."""
    loose = {segment.start for segment in cut if segment.end == segment.start + 1 and _may_be_syllable(segment)}
    while start - 1 in loose:
        start -= 1
    while end in loose:
        end += 1
    return start, end


def _may_be_syllable(segment: Segment) -> bool:
    if not (segment.key.isascii() and segment.key.isalpha()):
        return False
    everyday = len(segment.key) <= 5 and not segment.has("make")
    return not segment.senses or everyday
