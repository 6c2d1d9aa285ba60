"""Every word the understanding knows, and the best way to cut a text into them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from indexers.store import Store
from indexers.text import Atom, atoms, fold, is_han, join_atoms, join_units
from search_service.understanding.mapped import Table, put_table

SenseKind: TypeAlias = Literal["type", "make", "model", "brand", "position", "quality", "symptom", "qualifier", "stop"]

# What one character of a word is worth when ways to cut a text compete; only the order matters.
KIND_WEIGHT: Mapping[SenseKind, float] = {
    "type": 1.0, "make": 1.0, "model": 1.0, "brand": 0.97, "position": 0.85, "quality": 0.9, "symptom": 0.8,
    "qualifier": 0.7, "stop": 0.5,
}  # fmt: skip
HAN_WIDTH = 2.5  # one Chinese character says about as much as this many Latin letters
LENGTH_POWER = 1.6  # above 1, so that one long word beats the two short ones it is made of
UNKNOWN_COST = 1.0
EQUAL = 1e-6  # ways to cut that differ by less are equal, whatever rounding says
ACROSS_BLANK = 0.8  # what a blank inside a Chinese word leaves of it: 发动机 机脚胶 is two words, 机油 滤芯 still one


class Sense(NamedTuple):
    """One meaning of a word. `value` is an id or a spelling of the data; `detail` the make of a model, the number of
    a symptom's group, or the place a part name carries."""

    kind: SenseKind
    value: str
    confidence: float = 1.0
    detail: str = ""


class Segment(NamedTuple):
    """Atoms `[start, end)` read as one word; `senses` is empty for an atom nobody knows."""

    start: int
    end: int
    key: str
    senses: tuple[Sense, ...]

    def has(self, kind: SenseKind) -> bool:
        """True if the word has a sense of this kind. A plain loop: it is asked dozens of times a text."""
        for sense in self.senses:  # noqa: SIM110
            if sense.kind == kind:
                return True
        return False


class Lexicon:
    """Phrase keys with their senses. Filled once, then only read."""

    def __init__(self) -> None:
        self._filled: dict[str, tuple[Sense, ...]] = {}
        self.senses: Mapping[str, tuple[Sense, ...]] = self._filled
        self._longest: dict[str, int] = {}
        self._weight: dict[str, float] = {}

    def add(self, text: str, sense: Sense) -> str:
        """Give `text` one more sense and return its phrase key; a text without letters is left out (key empty)."""
        return self.add_atoms(atoms(join_units(fold(text))), [sense])

    def add_atoms(self, forms: Sequence[str], senses: Iterable[Sense]) -> str:
        """The same for atoms in compared form, and several senses."""
        key = join_atoms(forms)
        if key:
            self._put(key, senses)
            width = sum([HAN_WIDTH if is_han(form) else len(form) for form in forms])
            worth = max([KIND_WEIGHT[sense.kind] for sense in self.senses[key]], default=0.0) * width**LENGTH_POWER
            self._weight[key] = worth
            self._longest[forms[0]] = max(self._longest.get(forms[0], 0), len(forms))
        return key

    def update(self, other: Lexicon) -> None:
        """Add every word and sense of another lexicon, behind those that are here."""
        for key, senses in other.senses.items():
            self._put(key, senses)
        _raise(self._weight, other._weight)
        _raise(self._longest, other._longest)

    def _put(self, key: str, senses: Iterable[Sense]) -> None:
        known = self._filled.get(key, ())
        self._filled[key] = (*known, *(sense for sense in dict.fromkeys(senses) if sense not in known))

    def save(self, store: Store, name: str) -> None:
        """Write it for `load`."""
        put_table(store, f"{name}.senses", self.senses)
        store.put_json(f"{name}.longest", self._longest)
        store.put_json(f"{name}.weight", self._weight)

    @classmethod
    def load(cls, store: Store, name: str) -> Lexicon:
        """A lexicon to read. What every character of a text is looked up in is held as a dictionary."""
        lexicon = cls()
        lexicon.senses = Table(store, f"{name}.senses", tuple[Sense, ...])
        lexicon._longest = store.json(f"{name}.longest", dict[str, int])
        lexicon._weight = store.json(f"{name}.weight", dict[str, float])
        return lexicon

    def segment(self, found: Sequence[Atom]) -> list[Segment]:
        """The cut whose words are worth most; of equals the one whose last word is longest (Chinese and English
        both put the head last)."""
        count = len(found)
        worth = [0.0] * (count + 1)
        came = [0] * (count + 1)
        key_at: list[str] = [""] * (count + 1)
        for end in range(1, count + 1):
            worth[end] = -1e9
        for start in range(count):
            self._extend(found, start, worth, came, key_at)
        return self._trace(found, came, key_at)

    def _extend(
        self, found: Sequence[Atom], start: int, worth: list[float], came: list[int], key_at: list[str]
    ) -> None:
        base = worth[start]
        if base - UNKNOWN_COST > worth[start + 1]:
            worth[start + 1], came[start + 1], key_at[start + 1] = base - UNKNOWN_COST, start, ""
        key = ""
        latin_before = False
        scale, ended = 1.0, found[start].start
        weights = self._weight
        for end in range(start, min(len(found), start + self._longest.get(found[start].form, 0))):
            form, _, begins, ends = found[end]
            latin = not is_han(form)
            if begins != ended and not latin and not latin_before:
                scale *= ACROSS_BLANK
            key = f"{key} {form}" if latin and latin_before else key + form
            latin_before, ended = latin, ends
            weight = weights.get(key)
            if weight is not None and base + weight * scale > worth[end + 1] + EQUAL:
                worth[end + 1], came[end + 1], key_at[end + 1] = base + weight * scale, start, key

    def _trace(self, found: Sequence[Atom], came: list[int], key_at: list[str]) -> list[Segment]:
        cut: list[Segment] = []
        end = len(found)
        while end:
            start, key = came[end], key_at[end]
            senses = self.senses[key] if key else ()
            cut.append(Segment(start, end, key or found[start].form, senses))
            end = start
        cut.reverse()
        return cut


def models_apart(lexicon: Lexicon, found: Sequence[Atom], cut: Sequence[Segment]) -> list[Segment]:
    """The cut with a model of the make before it taken off a part's name: 哈弗 H4 灯泡 is a bulb for an H4."""
    apart: list[Segment] = []
    for segment in cut:
        makes = {sense.value for sense in apart[-1].senses if sense.kind == "make"} if apart else set()
        size = _model_size(lexicon, found, segment, makes) if makes and segment.has("type") else 0
        for start, end in ((segment.start, segment.start + size), (segment.start + size, segment.end)) if size else ():
            key = join_atoms(atom.form for atom in found[start:end])
            apart.append(Segment(start, end, key, lexicon.senses[key]))
        if not size:
            apart.append(segment)
    return apart


def _model_size(lexicon: Lexicon, found: Sequence[Atom], segment: Segment, makes: Collection[str]) -> int:
    """Atoms of a model with a digit of one of the makes at the beginning, if a part's name is left; else 0."""
    for size in range(segment.end - segment.start - 1, 0, -1):
        middle = segment.start + size
        name = join_atoms(atom.form for atom in found[segment.start : middle])
        rest = join_atoms(atom.form for atom in found[middle : segment.end])
        model = any(sense.kind == "model" and sense.detail in makes for sense in lexicon.senses.get(name, ()))
        part = any(sense.kind == "type" for sense in lexicon.senses.get(rest, ()))
        if model and part and not name.isalpha():
            return size
    return 0


Number = TypeVar("Number", int, float)


def _raise(own: dict[str, Number], other: Mapping[str, Number]) -> None:
    """Give each key the greater of two values, both above 0."""
    for key, value in other.items():
        if value > own.get(key, 0):
            own[key] = value


def split_key(key: str) -> list[str]:
    """The atoms of a phrase key."""
    forms: list[str] = []
    word = ""
    for sign in key:
        if sign == " " or is_han(sign):
            if word:
                forms.append(word)
            word = ""
            if sign != " ":
                forms.append(sign)
        else:
            word += sign
    return [*forms, word] if word else forms
