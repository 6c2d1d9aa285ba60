"""Positions on the car: places on four axes, and when an application's place answers the place asked for.

A place names an end on some of the axes front/rear, left/right, upper/lower, inner/outer; an axis it does not name
covers both ends. Words that name no axis ("driver side", "transverse") are no places and are dropped by `place`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import lru_cache

AXES = (("front", "rear"), ("left", "right"), ("upper", "lower"), ("inner", "outer"))

_END: dict[str, tuple[int, str]] = {end: (axis, end) for axis, ends in enumerate(AXES) for end in ends}
_SYNONYMS = {
    "back": "rear", "lh": "left", "rh": "right", "top": "upper", "bottom": "lower", "inside": "inner",
    "outside": "outer", "前": "front", "后": "rear", "後": "rear", "左": "left", "右": "right", "上": "upper",
    "下": "lower", "内": "inner", "內": "inner", "外": "outer",
}  # fmt: skip
_CHINESE = frozenset(word for word in _SYNONYMS if not word.isascii())

EVERYWHERE = ""
"""The place that names no axis, and so covers every place."""


@lru_cache(maxsize=4096)
def place(text: str) -> str:
    """Canonical spelling of one place: ends in axis order, joined by a blank; `""` if the text names no axis.

    A text that names both ends of an axis ("front and rear") covers both, so it does not name that axis.
    """
    found: dict[int, set[str]] = {}
    for word in _words(text):
        end = _END.get(_SYNONYMS.get(word, word))
        if end is not None:
            found.setdefault(end[0], set()).add(end[1])
    return " ".join(next(iter(found[axis])) for axis in sorted(found) if len(found[axis]) == 1)


def names_place(text: str) -> bool:
    """True if a word of the text is an end of an axis."""
    return any(_SYNONYMS.get(word, word) in _END for word in _words(text))


def places(texts: Iterable[str]) -> tuple[str, ...]:
    """Canonical, sorted, distinct places of a position list; `()` (every position) if one of them covers everything."""
    spelled = {place(text) for text in texts}
    return () if EVERYWHERE in spelled else tuple(sorted(spelled))


def agrees(has: tuple[str, ...], asked: Iterable[str]) -> bool:
    """True if some place of `has` (canonical; `()` is every position) differs on no axis from some asked place."""
    wanted = tuple(asked)
    return not has or not wanted or any(_meet(one, other) for one in has for other in wanted)


def _words(text: str) -> list[str]:
    spaced = "".join(f" {char} " if char in _CHINESE else char for char in text.casefold())
    return spaced.replace("_", " ").replace("-", " ").replace("/", " ").replace(",", " ").split()


@lru_cache(maxsize=16384)
def _meet(one: str, other: str) -> bool:
    ends = dict(_END[end] for end in one.split())
    return all(ends.get(axis, end) == end for axis, end in (_END[end] for end in other.split()))


PLACES: tuple[str, ...] = tuple(
    " ".join(end for end in ends if end) for ends in itertools.product(*(("", *ends) for ends in AXES))
)
"""Every canonical place, `EVERYWHERE` first; a place's index here is its id and never changes."""

PLACE_IDS = {name: index for index, name in enumerate(PLACES)}
