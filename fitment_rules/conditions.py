"""Atomic conditions of an application, and their three-valued outcome against a set of candidates at once.

An outcome over candidates is a pair of bit sets (*true*, *possible*), candidate `i` at bit `i`: match where true,
unknown where possible but not true, mismatch elsewhere. An application is the AND of its conditions in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Protocol, TypeAlias

from fitment_rules.builds import Builds
from fitment_rules.model import Key, Result, Scalar, Window, key_of
from fitment_rules.places import agrees

Masks: TypeAlias = "tuple[int, int]"


class Candidates(Protocol):
    """What a condition may ask of a set of candidates. Groups are disjoint and cover every candidate."""

    full: int

    def values(self, attribute: str) -> Sequence[tuple[frozenset[Key] | None, int]]:
        """Groups of candidates by what is known of an attribute; `None` is unknown, several keys "one of these"."""
        ...

    def holding(self, attribute: str, keys: frozenset[Key]) -> Iterable[tuple[frozenset[Key] | None, int]]:
        """At least those groups of `values` that are unknown or have one of `keys`."""
        ...

    def built(self) -> Builds:
        """The candidates by build window, in days."""
        ...

    @property
    def vin_serial(self) -> str | None:
        """Positions 12–17 of the VIN, `None` if not known."""
        ...

    @property
    def answers(self) -> Mapping[str, bool]:
        """Answered notes: note id → yes."""
        ...


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The attribute is one of `keys`: a match where all that is known is, a mismatch where nothing is.

    `shown` holds the values as read, for answers; it does not distinguish rules.
    """

    attribute: str
    keys: frozenset[Key]
    shown: tuple[Scalar, ...] = field(compare=False, default=())

    def masks(self, candidates: Candidates) -> Masks:
        """Outcome over the candidates."""
        keys = self.keys
        true = possible = 0
        for has, mask in candidates.holding(self.attribute, keys):
            if has is None:
                possible |= mask
            elif has <= keys:
                true |= mask
                possible |= mask
            elif not keys.isdisjoint(has):
                possible |= mask
        return true, possible


@dataclass(frozen=True, slots=True)
class Years:
    """The model year lies in the window."""

    window: Window
    attribute: str = "year"

    def result(self, has: frozenset[Key] | None) -> Result:
        """Outcome for the known model years of a candidate; `None` is unknown."""
        if self.window.open:
            return Result.MATCH
        if has is None:
            return Result.UNKNOWN
        inside = [self._holds(year) for year in has]
        if all(inside):
            return Result.MATCH
        return Result.UNKNOWN if any(inside) else Result.MISMATCH

    def masks(self, candidates: Candidates) -> Masks:
        """Outcome over the candidates."""
        return _gather((self.result(has), mask) for has, mask in candidates.values("year"))

    def _holds(self, year: Key) -> bool:
        if isinstance(year, str):
            return False
        start, end = self.window.start, self.window.end
        return (start is None or year >= start) and (end is None or year <= end)


@dataclass(frozen=True, slots=True)
class Built:
    """The build date lies in the window (days, inclusive)."""

    window: Window
    attribute: str = "built"

    def masks(self, candidates: Candidates) -> Masks:
        """Outcome over the candidates."""
        return candidates.built().masks(self.window)


@dataclass(frozen=True, slots=True)
class Serial:
    """Positions 12–17 of the VIN lie in `[start, end]`; `None` is open."""

    start: str | None
    end: str | None
    attribute: str = "vin_serial"

    def result(self, serial: str | None) -> Result:
        """Outcome for one serial; `None` is unknown."""
        if serial is None:
            return Result.UNKNOWN
        if self.start is not None and _before(serial, self.start):
            return Result.MISMATCH
        if self.end is not None and _before(self.end, serial):
            return Result.MISMATCH
        return Result.MATCH

    def masks(self, candidates: Candidates) -> Masks:
        """Outcome over the candidates; a serial is the same for all of them."""
        return _gather([(self.result(candidates.vin_serial), candidates.full)])


@dataclass(frozen=True, slots=True)
class Except:
    """A mismatch where every member matches; nothing where one mismatches; unknown otherwise."""

    members: tuple[AnyOf, ...]

    @property
    def attribute(self) -> str:
        """The attributes of the members, joined by `+`."""
        return "+".join(member.attribute for member in self.members)

    def masks(self, candidates: Candidates) -> Masks:
        """Outcome over the candidates."""
        all_match = all_possible = candidates.full
        for member in self.members:
            true, possible = member.masks(candidates)
            all_match &= true
            all_possible &= possible
        return candidates.full & ~all_possible, candidates.full & ~all_match


@dataclass(frozen=True, slots=True)
class NoteAsked:
    """A condition note: unknown until the caller answers it."""

    note_id: str
    text: str = field(compare=False, default="")

    @property
    def attribute(self) -> str:
        """The name under which the answer comes back."""
        return f"note:{self.note_id}"

    def masks(self, candidates: Candidates) -> Masks:
        """Outcome over the candidates; an answer holds for all of them."""
        answer = candidates.answers.get(self.note_id)
        if answer is None:
            return 0, candidates.full
        return (candidates.full, candidates.full) if answer else (0, 0)


@dataclass(frozen=True, slots=True)
class Placed:
    """The application's places (`()` is every position) against the places asked for, which the caller fixes."""

    has: tuple[str, ...]
    asked: tuple[str, ...]
    attribute: str = "position"

    def masks(self, candidates: Candidates) -> Masks:
        """All candidates or none: a place does not depend on the vehicle."""
        return (candidates.full, candidates.full) if agrees(self.has, self.asked) else (0, 0)


Condition: TypeAlias = "AnyOf | Years | Built | Serial | Except | NoteAsked | Placed"


class Conditions(tuple[Condition, ...]):
    """Conditions that rules share, with what is asked of all of them found once, wherever they are met."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Attributes they ask; the same object for those that ask the same ones."""
        return _shared(frozenset(name for one in self for name in names_of(one)))

    @cached_property
    def typed(self) -> tuple[Built | Serial, ...]:
        """Those whose answer is typed, not chosen."""
        return tuple(one for one in self if isinstance(one, Built | Serial))


def names_of(condition: Condition) -> Sequence[str]:
    """Attributes a condition asks."""
    return [one.attribute for one in condition.members] if isinstance(condition, Except) else [condition.attribute]


@lru_cache(maxsize=4096)
def _shared(names: frozenset[str]) -> frozenset[str]:
    return names


@lru_cache(maxsize=4096)
def names_of_all(names: tuple[frozenset[str], ...]) -> frozenset[str]:
    """Attributes asked by several groups of conditions; the same object for those that ask the same ones."""
    return _shared(frozenset().union(*names))


def any_of(attribute: str, values: Iterable[Scalar]) -> AnyOf:
    """The condition that an attribute is one of `values` (not empty)."""
    shown = tuple(values)
    return AnyOf(attribute, frozenset(map(key_of, shown)), shown)


def conjunction_masks(conditions: Iterable[Condition], candidates: Candidates) -> Masks:
    """AND of conditions over the candidates; no condition matches all."""
    true = possible = candidates.full
    for condition in conditions:
        one_true, one_possible = condition.masks(candidates)
        true &= one_true
        possible &= one_possible
        if not possible:
            break
    return true, possible


def serial_key(text: str) -> str:
    """A serial in comparable form: upper case, shorter ones filled with zeros to six."""
    return text.strip().upper().zfill(6)


def _before(one: str, other: str) -> bool:
    if one.isdigit() and other.isdigit():
        return int(one) < int(other)
    return serial_key(one) < serial_key(other)


def _gather(outcomes: Iterable[tuple[Result, int]]) -> Masks:
    true = possible = 0
    for result, mask in outcomes:
        if result is not Result.MISMATCH:
            possible |= mask
            if result is Result.MATCH:
                true |= mask
    return true, possible
