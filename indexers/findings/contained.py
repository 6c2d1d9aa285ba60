"""Applications of one part at one vehicle of which one asks all that another asks, and more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from fitment_rules.containment import contains
from indexers.columns import Bools, Int64s
from indexers.findings.contents import Contents
from indexers.findings.runs import Entries, differs, ordered

MOST_SHIFTS = 5
"""Applications of one part at one vehicle compared with so many after them."""

MOST_COMPARED = 5_000
"""Different pairs of contents compared in one run; beyond them only what asks for nothing contains others."""


class Contained:
    """Compares the contents of one run."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._compared: dict[tuple[int, int], bool] = {}

    def pairs(self, entries: Entries) -> Iterator[tuple[Int64s, Int64s]]:
        """Entries of one part and place with different contents, as (narrow, wide)."""
        at, place = _repeated(entries)
        for shift in range(1, MOST_SHIFTS + 1):
            here, there = at[:-shift], at[shift:]
            near = (place[:-shift] == place[shift:]) & (entries.part[here] == entries.part[there])
            near &= entries.content[here] != entries.content[there]
            here, there = here[near], there[near]
            one, other = entries.content[here].astype(np.int64), entries.content[there].astype(np.int64)
            inside = self._inside(one, other)
            yield here[inside], there[inside]
            inside = self._inside(other, one)
            yield there[inside], here[inside]

    def _inside(self, narrow: Int64s, wide: Int64s) -> Bools:
        codes, back = np.unique((narrow << 32) | wide, return_inverse=True)
        found = np.array([self._asks_more(code >> 32, code & 0xFFFFFFFF) for code in codes.tolist()], np.bool_)
        return found[back]

    def _asks_more(self, one: int, other: int) -> bool:
        if other == 0 or one == 0:
            return other == 0
        known = self._compared.get((one, other))
        if known is None:
            if len(self._compared) >= MOST_COMPARED:
                return False
            known = self._compared[one, other] = contains(self._contents.said(other), self._contents.said(one))
        return known


def _repeated(entries: Entries) -> tuple[Int64s, Int64s]:
    """Entries of parts that stand more than once among siblings of different contents, by place and part; the places.

    Inside a part they are in the order of contents.
    """
    ends = np.append(entries.places[1:], len(entries.row))
    mixed = entries.content[entries.places] != entries.content[ends - 1]
    at = np.flatnonzero(np.repeat(mixed, ends - entries.places))
    place = np.repeat(np.arange(int(mixed.sum())), (ends - entries.places)[mixed])
    order = ordered(place, entries.part[at])
    at, place = at[order], place[order]
    again = ~(differs(place) | differs(entries.part[at]))
    kept = again.copy()
    kept[:-1] |= again[1:]
    return at[kept], place[kept]
