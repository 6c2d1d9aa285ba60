"""The answer for one part: verdict, reasons, position, quantity and notes, from its applications."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple, Protocol

from fitment_rules.conditions import (
    AnyOf,
    Built,
    Condition,
    Conditions,
    Except,
    Masks,
    NoteAsked,
    Placed,
    Serial,
    Years,
)  # fmt: skip
from fitment_rules.judge import Asked, Tally
from fitment_rules.model import Note, Result, Scalar, Source, Verdict, Window, iso_day
from fitment_rules.places import places

MOST_REASONS = 5
MOST_VEHICLES = 100

MISS_WEIGHTS = {"make": 100, "model": 30, "vehicle_id": 20, "year": 5}
"""How far off an application is for each attribute that no candidate meets; any other counts 1."""


class Reason(NamedTuple):
    """One application as seen by a vehicle query, and its place if one was asked: a condition after its own."""

    judged: Judged
    place: Placed | None


class Fit(NamedTuple):
    """The verdict for one part with everything that explains it; questions are added by `questions`."""

    verdict: Verdict
    tally: Tally
    position: tuple[str, ...]
    quantity: int | None
    reasons: list[Reason]
    notes: tuple[Note, ...]


class Told(Protocol):
    """What an application says beside its conditions. An `Application` is one."""

    @property
    def position(self) -> tuple[str, ...]:
        """As read; `()` is the part's own."""
        ...

    @property
    def quantity(self) -> int | None:
        """How many the vehicle takes."""
        ...

    @property
    def notes(self) -> tuple[Note, ...]:
        """All its notes."""
        ...

    @property
    def source(self) -> Source:
        """Where it was read; the row is the application's own."""
        ...


class Judged(NamedTuple):
    """An application, by the caller's number for it: what it says, its conditions and its outcome over the candidates.

    The conditions, in the order of `compile.every_condition`, come in groups that other rules share, some empty.
    """

    row: int
    application: Told
    groups: tuple[Conditions, ...]
    masks: Masks

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All conditions."""
        return tuple(chain.from_iterable(self.groups))


def fit_of(
    asked: Asked,
    verdict: Verdict,
    masks: Masks,
    judged: Sequence[Judged],
    part_position: tuple[str, ...],
    missed: Sequence[Judged] = (),
) -> Fit:
    """Explain a verdict. `judged` holds the part's applications that could match, in its order; `masks` their union.

    `missed` are those of its other applications that come nearest, for a part that has none that could.
    """
    tally = asked.tally(masks)
    if not judged:
        nearest = _nearest(asked, missed)[:MOST_REASONS]
        return Fit(verdict, tally, part_position, None, _reasons(asked, nearest, part_position), ())
    telling = _telling(asked, verdict, judged)[:MOST_REASONS]
    told = _told(judged)
    return Fit(
        verdict,
        tally,
        _positions(told, part_position),
        _same_quantity(told),
        _reasons(asked, telling, part_position),
        tuple(dict.fromkeys([note for one in told for note in one.notes if not note.is_condition])),
    )


def _told(judged: Sequence[Judged]) -> Sequence[Told]:
    """What applications say beside their conditions, each object once."""
    first = judged[0].application
    if len(judged) == 1 or all(one.application is first for one in judged):
        return (first,)
    return tuple({id(one.application): one.application for one in judged}.values())


def _telling(asked: Asked, verdict: Verdict, judged: Sequence[Judged]) -> Sequence[Judged]:
    if len(judged) == 1:
        return judged
    if verdict is Verdict.FITS:
        return _cover(asked.candidates.full, judged)
    return sorted(judged, key=lambda one: -one.masks[0].bit_count())


def _cover(full: int, judged: Sequence[Judged]) -> list[Judged]:
    """The fewest applications whose matches cover every candidate: one if one can, else greedily the widest."""
    for one in judged:
        if one.masks[0] == full:
            return [one]
    chosen: list[Judged] = []
    left = full
    matching = [one for one in judged if one.masks[0]]
    while left and matching:
        best = max(matching, key=lambda one: (one.masks[0] & left).bit_count())
        if not best.masks[0] & left:
            break
        chosen.append(best)
        left &= ~best.masks[0]
    return chosen


def _nearest(asked: Asked, missed: Sequence[Judged]) -> Sequence[Judged]:
    """Those that are nearest of all, in the order given."""
    if len(missed) < 2:
        return missed
    weights = [_misses(asked, one) for one in missed]
    least = min(weights)
    return [one for one, weight in zip(missed, weights, strict=True) if weight == least]


def _misses(asked: Asked, one: Judged) -> int:
    """How far an application is from matching: what no candidate can meet, the vehicle itself counting most."""
    return sum([_missed_of(asked, group) for group in one.groups])


def _missed_of(asked: Asked, group: Conditions) -> int:
    """The same of one group; the entry keeps it alive."""
    entry: tuple[Conditions, int] | None = asked.memo.get((_misses, id(group)))
    if entry is None:
        failed = [one for one in group if not outcome(asked, one)[1]]
        entry = (group, sum([MISS_WEIGHTS.get(one.attribute, 1) for one in failed]))
        asked.memo[_misses, id(group)] = entry
    return entry[1]


def _reasons(asked: Asked, telling: Sequence[Judged], part_position: tuple[str, ...]) -> list[Reason]:
    if not asked.asked_places:
        return [Reason(one, None) for one in telling]
    places_of = [_canonical(own) if (own := one.application.position) else part_position for one in telling]
    return [Reason(one, Placed(at, asked.asked_places)) for one, at in zip(telling, places_of, strict=True)]


def outcome(asked: Asked, condition: Condition) -> Masks:
    """Over the candidates. Remembered by identity, because hashing a condition costs more than judging it.

    The entry keeps it alive: what `asked` remembers may be looked up by the identity of a condition judged here.
    """
    if isinstance(condition, Placed):
        return condition.masks(asked.candidates)
    entry: tuple[Condition, Masks] | None = asked.memo.get(id(condition))
    if entry is None:
        entry = asked.memo[id(condition)] = (condition, condition.masks(asked.candidates))
    return entry[1]


def result_of(asked: Asked, masks: Masks) -> Result:
    """Match or mismatch only if it is so for every candidate."""
    true, possible = masks
    if true == asked.candidates.full:
        return Result.MATCH
    return Result.UNKNOWN if possible else Result.MISMATCH


def asks(condition: Condition) -> dict[str, object]:
    """What a condition asks, in the contract's keys: `any_of`, `from`/`to`, `none_of` or `note`."""
    match condition:
        case AnyOf():
            return {"any_of": list(condition.shown)[:MOST_VEHICLES]}
        case Years(window):
            return {"from": window.start, "to": window.end}
        case Built(window):
            return {"from": iso_day(window.start), "to": iso_day(window.end)}
        case Serial(start, end):
            return {"from": start, "to": end}
        case Except(members):
            return {"none_of": {member.attribute: list(member.shown) for member in members}}
        case NoteAsked(_, text):
            return {"note": text}
        case Placed():
            return {"any_of": list(condition.has)}


def has(asked: Asked, condition: Condition) -> tuple[Scalar, ...]:
    """What the candidates have of what a condition asks, as distinct values; empty is unknown."""
    candidates = asked.candidates
    match condition:
        case Built():
            return tuple(dict.fromkeys(_window(window) for window, _ in candidates.built().groups if not window.open))
        case Serial():
            return () if candidates.vin_serial is None else (candidates.vin_serial,)
        case NoteAsked(note, _):
            answer = candidates.answers.get(note)
            return () if answer is None else ("yes" if answer else "no",)
        case Placed(_, asked_places):
            return asked_places
        case Except(members):
            return tuple(value for member in members for value in shown(asked, member.attribute))
        case _:
            return shown(asked, condition.attribute)


def shown(asked: Asked, attribute: str) -> tuple[Scalar, ...]:
    """The candidates' distinct values, at most `MOST_VEHICLES`."""
    return asked.candidates.shown(attribute)[:MOST_VEHICLES]


def _positions(used: Sequence[Told], part_position: tuple[str, ...]) -> tuple[str, ...]:
    if len(used) == 1:
        own = used[0].position
        return _canonical(own) if own else part_position
    positions = {one.position for one in used}
    if len(positions) == 1:
        return _canonical(positions.pop()) or part_position
    return tuple(sorted({place for position in positions for place in _canonical(position)})) or part_position


_canonical = lru_cache(maxsize=4096)(places)


def _same_quantity(used: Sequence[Told]) -> int | None:
    if len(used) == 1:
        return used[0].quantity
    quantities = {one.quantity for one in used}
    return quantities.pop() if len(quantities) == 1 else None


def _window(window: Window) -> str:
    return f"{iso_day(window.start) or ''}..{iso_day(window.end) or ''}"
