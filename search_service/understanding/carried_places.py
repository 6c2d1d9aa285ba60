"""The places that names of parts carry: 前大灯 stands at the front, 后门外拉手 is the rear door's outer one, while
后视镜, 外后视镜 and 后备箱 say no place, since the sign belongs to what the thing is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from indexers.text import is_han, join_atoms
from indexers.vocabulary import PartType, Vocabulary
from search_service.understanding.lexicon import split_key

AXES: Mapping[str, int] = {
    "front": 0, "rear": 0, "left": 1, "right": 1, "upper": 2, "lower": 2, "inner": 3, "outer": 3,
}  # fmt: skip
ENDS = ("front", "rear", "left", "right")
SAID_ANYWAY = frozenset({0, 1})  # an end of the car or a side is one, whether or not the vocabulary lists it
LONGEST_PLACE = 4  # atoms of a place word at the beginning of a part's name


class CarriedPlaces:
    """Places of the names of one vocabulary. `places` maps the phrase keys of place words to canonical places;
    `placeless` are beginnings of Chinese names whose first sign is none."""

    def __init__(self, vocabulary: Vocabulary, places: Mapping[str, str], placeless: Iterable[str] = ()) -> None:
        self._placeless = tuple(placeless)
        self._vocabulary = vocabulary
        self._places = places
        self.of = lru_cache(maxsize=None)(self._of)

    def _of(self, key: str, type_id: str) -> str:
        """The place that the name `key` says of the part type, canonical; empty if it says none."""
        told = next((meaning.place for meaning in self._vocabulary.meanings[key] if meaning.type_id == type_id), None)
        begun = self._begun(key, type_id) or self._owned(key, type_id)
        return _joined(told or "", begun)

    def _begun(self, key: str, type_id: str) -> str:
        """The place a name begins with, if the rest is a name of the same part, or if the word can be nothing else."""
        forms = split_key(key)
        certain = ""
        for size in range(min(LONGEST_PLACE, len(forms) - 1), 0, -1):
            place = self._places.get(join_atoms(forms[:size]))
            if place is None:
                continue
            rest = join_atoms(forms[size:])
            if any(meaning.type_id == type_id for meaning in self._vocabulary.meanings.get(rest, ())):
                return _joined(possible(place, self._vocabulary.part_types[type_id]), self.of(rest, type_id))
            if is_han(key) and (size > 1 or place in ENDS) and not key.startswith(self._placeless):
                certain = certain or possible(place, self._vocabulary.part_types[type_id])
        return certain

    def _owned(self, key: str, type_id: str) -> str:
        """The place of the assembly a Chinese name begins with: 前杠线束 is the front bumper's."""
        forms = split_key(key) if is_han(key) else []
        for size in range(len(forms) - 1, 1, -1):
            owner = join_atoms(forms[:size])
            for meaning in self._vocabulary.meanings.get(owner, ())[:1]:
                if meaning.type_id != type_id and (place := self.of(owner, meaning.type_id)):
                    return possible(place, self._vocabulary.part_types[type_id])
        return ""


def possible(place: str, part_type: PartType) -> str:
    """`place` without up, down, in and out for a part that has no such places."""
    axes = {AXES[each] for each in part_type.positions} | SAID_ANYWAY
    return " ".join(end for end in place.split() if AXES[end] in axes)


def _joined(*places: str) -> str:
    """One place with the ends of all; of an axis said twice the first counts."""
    ends = dict(reversed(list(_by_axis(places))))
    return " ".join(ends[axis] for axis in sorted(ends))


def _by_axis(places: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    return ((AXES[end], end) for place in places for end in place.split())
