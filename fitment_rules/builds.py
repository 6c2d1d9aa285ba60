"""Candidates by build window, and a rule's window against all of them at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate
from operator import or_
from typing import TypeAlias

from fitment_rules.model import Result, Window

Groups: TypeAlias = "Sequence[tuple[Window, int]]"

FEW = 16
"""Groups that are judged one by one; more are found by their first and last days."""


class Builds:
    """Groups of candidates (bit sets) by what is known of their build date, in days; disjoint, covering every one."""

    def __init__(self, groups: Groups) -> None:
        self.groups = groups
        self._judged: dict[Window, tuple[int, int]] = {}

    def masks(self, rule: Window) -> tuple[int, int]:
        """(true, possible) of a rule's window over the candidates; see `Window.judge`."""
        found = self._judged.get(rule)
        if found is None:
            found = self._one_by_one(rule) if len(self.groups) <= FEW or rule.open else self._by_days(rule)
            self._judged[rule] = found
        return found

    def _one_by_one(self, rule: Window) -> tuple[int, int]:
        true = possible = 0
        for window, mask in self.groups:
            result = rule.judge(window)
            true |= mask if result is Result.MATCH else 0
            possible |= mask if result is not Result.MISMATCH else 0
        return true, possible

    def _by_days(self, rule: Window) -> tuple[int, int]:
        full, known, starts, ends = self._index
        outside, inside = 0, known
        if rule.start is not None:
            outside |= ends.up_to(rule.start - 1)
            inside &= starts.all & ~starts.up_to(rule.start - 1)
        if rule.end is not None:
            outside |= starts.all & ~starts.up_to(rule.end)
            inside &= ends.up_to(rule.end)
        return inside & ~outside, full & ~outside

    @cached_property
    def _index(self) -> tuple[int, int, _Days, _Days]:
        """All candidates, those of whom something is known, and they by first and by last day."""
        full = known = 0
        for window, mask in self.groups:
            full |= mask
            known |= 0 if window.open else mask
        starts = _Days((window.start, mask) for window, mask in self.groups)
        ends = _Days((window.end, mask) for window, mask in self.groups)
        return full, known, starts, ends


class _Days:
    """Bit sets by day; those without one are in none."""

    def __init__(self, pairs: Iterable[tuple[int | None, int]]) -> None:
        by_day: dict[int, int] = {}
        for day, mask in pairs:
            if day is not None:
                by_day[day] = by_day.get(day, 0) | mask
        self._days = sorted(by_day)
        self._until: list[int] = [0, *accumulate((by_day[day] for day in self._days), or_)]
        self.all = self._until[-1]

    def up_to(self, day: int) -> int:
        """Those whose day is at or before it."""
        return self._until[bisect_right(self._days, day)]
