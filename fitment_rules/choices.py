"""The values an attribute can be answered with, the candidates each answer leaves, and rows counted among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from fitment_rules.candidates import CandidateSet
from fitment_rules.conditions import AnyOf, Condition, Except, Masks, NoteAsked, Years
from fitment_rules.judge import Tally
from fitment_rules.model import Key, Scalar, Window, key_of, natural_order

MOST_OPTIONS = 40
"""More values than this are no choice to offer as buttons; the attribute is then not asked."""

LONGEST_LIST = 200
"""Values of the only question a part has left."""


class Spread(Enum):
    """How the candidates an answer leaves lie in the vehicle rows; what counting rows costs depends on it."""

    WHOLE_ROWS = "whole rows"
    ONE_EACH = "one a row"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Choice:
    """The values of an attribute. `left` has the candidates of each where all values are known and single, else `None`.

    `asks_rules`: some candidate lacks the attribute, so that what open rules ask of it are values too. `lone`: a single
    value is a choice as well, since some candidate may or may not have it.
    """

    attribute: str
    values: tuple[Scalar, ...]
    left: tuple[int, ...] | None
    asks_rules: bool
    lone: bool
    spread: Spread

    def offered(self, most: int) -> bool:
        """Two values or more, at most `most`; or one that some candidate may or may not have."""
        return self.lone if len(self.values) == 1 else 0 < len(self.values) <= most

    def with_values(self, values: tuple[Scalar, ...]) -> Choice:
        """The same with what open rules ask."""
        return replace(self, values=values)

    def tallies(self, candidates: CandidateSet, masks: Masks) -> list[Tally]:
        """For each answer the rows it leaves by outcome; only where `left` is known."""
        true, possible = masks
        lefts = self.left or ()
        if self.spread is Spread.MIXED:
            return [_tally(candidates, true, possible, left) for left in lefts]
        if self.spread is Spread.WHOLE_ROWS:
            rows, all_rows = candidates.rows_of, candidates.one_each
            true, possible = all_rows & ~rows(candidates.full & ~true), rows(possible)
            lefts = tuple([left & all_rows for left in lefts])
        found = []
        for left in lefts:
            match, could = (left & true).bit_count(), (left & possible).bit_count()
            found.append(Tally(match, could - match, left.bit_count() - could))
        return found


def _tally(candidates: CandidateSet, true: int, possible: int, left: int) -> Tally:
    rows = candidates.rows_of
    all_rows, could = rows(left).bit_count(), rows(left & possible).bit_count()
    match = all_rows - rows(left & ~true).bit_count()
    return Tally(match, could - match, all_rows - could)


def choice_of(candidates: CandidateSet, attribute: str) -> Choice:
    """The choice as the candidates alone have it."""
    if attribute.startswith("note:"):
        return Choice(attribute, ("yes", "no"), None, asks_rules=False, lone=False, spread=Spread.MIXED)
    groups = candidates.values(attribute)
    lacking = any(known is None for known, _ in groups)
    spelled = candidates.spelled(attribute)
    keys = _in_order(attribute, spelled)
    values, left = tuple(spelled[key] for key in keys), None
    if all(known is not None and len(known) == 1 for known, _ in groups):
        of_key = {key: mask for known, mask in groups for key in known or ()}
        left = tuple(of_key[key] for key in keys)
    asks_rules = lacking and attribute != "vehicle_id"
    return Choice(attribute, values, left, asks_rules, lone=lacking, spread=_spread(candidates, left or ()))


def values_of(candidates: CandidateSet, attribute: str, rules: Iterable[tuple[Condition, ...]]) -> tuple[Scalar, ...]:
    """The values of the candidates and what the rules ask, of the year also those just outside, to tell who is."""
    spelled = dict(candidates.spelled(attribute))
    for value in _asked_values(candidates, attribute, rules):
        spelled.setdefault(key_of(value), value)
    return tuple(spelled[key] for key in _in_order(attribute, spelled))


def note_text(conditions: Sequence[Condition], attribute: str) -> str | None:
    """The text of the note that an attribute `note:ID` stands for, if conditions ask it."""
    asked = (one for one in conditions if isinstance(one, NoteAsked) and one.attribute == attribute)
    return next((one.text for one in asked), None)


def _in_order(attribute: str, keys: Iterable[Key]) -> list[Key]:
    return sorted(keys, key=natural_order, reverse=attribute == "year")


def _spread(candidates: CandidateSet, lefts: Sequence[int]) -> Spread:
    rows, full = candidates.rows_of, candidates.full
    if all(not rows(left) & rows(full & ~left) for left in lefts):
        return Spread.WHOLE_ROWS
    return Spread.ONE_EACH if all(rows(left).bit_count() == left.bit_count() for left in lefts) else Spread.MIXED


def _asked_values(candidates: CandidateSet, attribute: str, rules: Iterable[tuple[Condition, ...]]) -> Iterable[Scalar]:
    for condition in (condition for conditions in rules for condition in conditions):
        if attribute == "year" and isinstance(condition, Years):
            yield from _years_about(condition.window, candidates.table.horizon)
        for member in condition.members if isinstance(condition, Except) else (condition,):
            if isinstance(member, AnyOf) and member.attribute == attribute:
                yield from member.shown


def _years_about(window: Window, horizon: Window) -> range:
    """The years of a window inside the horizon, and those just outside; of one beyond the horizon what bounds it."""
    starts = [end for end in (horizon.start, window.start and window.start - 1) if end is not None]
    ends = [end for end in (horizon.end, window.end and window.end + 1) if end is not None]
    inside = range(max(starts), min(ends) + 1) if starts and ends else range(0)
    first, last = window.start or window.end, window.end or window.start
    if inside or first is None or last is None:
        return inside
    return range(first - (window.start is not None), last + (window.end is not None) + 1)
