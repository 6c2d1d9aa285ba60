"""The answer for one part: verdict, reasons, position, quantity and notes, from its applications."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from fitment_rules.conditions import (
    AnyOf,
    Built,
    Condition,
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


class ConditionSeen(NamedTuple):
    """One condition of a reason: what the rule asks (`asks`, in the contract's keys), what the candidates have."""

    attribute: str
    asks: dict[str, object]
    has: tuple[Scalar, ...]
    result: Result


class Reason(NamedTuple):
    """One application as seen by a vehicle query; `vehicle_ids` are the rows it matches, else those it could."""

    judged: Judged
    result: Result
    vehicle_ids: tuple[str, ...]
    conditions: tuple[ConditionSeen, ...]


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
    """An application, by the caller's number for it: what it says, its conditions (`compile.every_condition`) and its
    outcome over the candidates."""

    row: int
    application: Told
    conditions: tuple[Condition, ...]
    masks: Masks


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
    telling = _telling(asked, verdict, judged) if judged else _nearest(asked, missed)
    told = tuple({id(one.application): one.application for one in judged}.values())
    return Fit(
        verdict=verdict,
        tally=asked.tally(masks),
        position=_positions(told, part_position),
        quantity=_same_quantity(told),
        reasons=[_reason(asked, one, part_position) for one in telling[:MOST_REASONS]],
        notes=tuple(dict.fromkeys(note for one in told for note in one.notes if not note.is_condition)),
    )


def _telling(asked: Asked, verdict: Verdict, judged: Sequence[Judged]) -> Sequence[Judged]:
    if verdict is Verdict.FITS:
        return _cover(asked.candidates.full, judged)
    return judged if len(judged) == 1 else sorted(judged, key=lambda one: -one.masks[0].bit_count())


def _cover(full: int, judged: Sequence[Judged]) -> list[Judged]:
    """The fewest applications whose matches cover every candidate: one if one can, else greedily the widest."""
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
    failed = (c for c in one.conditions if _seen(asked, c).result is Result.MISMATCH)
    return sum(MISS_WEIGHTS.get(c.attribute, 1) for c in failed)


def _reason(asked: Asked, one: Judged, part_position: tuple[str, ...]) -> Reason:
    true, possible = one.masks
    seen = _all_seen(asked, one, part_position)
    covered = asked.candidates.vehicle_ids_of(true or possible, MOST_VEHICLES)
    return Reason(one, _result(asked, one.masks), covered, seen)


def _all_seen(asked: Asked, one: Judged, part_position: tuple[str, ...]) -> tuple[ConditionSeen, ...]:
    """Conditions of equal rules are one object; what is seen of them is found once, unless a place was asked."""
    if asked.asked_places:
        return tuple(_seen(asked, condition) for condition in with_place(asked, one, part_position))
    entry: tuple[object, tuple[ConditionSeen, ...]] | None = asked.memo.get(id(one.conditions))
    if entry is None or entry[0] is not one.conditions:
        found = tuple(_seen(asked, condition) for condition in one.conditions)
        entry = asked.memo[id(one.conditions)] = (one.conditions, found)
    return entry[1]


def _seen(asked: Asked, condition: Condition) -> ConditionSeen:
    """Remembered by identity, because hashing a condition costs more than all the rest; the entry keeps it alive."""
    entry: tuple[Condition, ConditionSeen] | None = asked.memo.get(id(condition))
    if entry is None or entry[0] is not condition:
        result = _result(asked, asked.condition(condition))
        found = ConditionSeen(condition.attribute, asks(condition), _has(asked, condition), result)
        entry = asked.memo[id(condition)] = (condition, found)
    return entry[1]


def _result(asked: Asked, masks: Masks) -> Result:
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


def _has(asked: Asked, condition: Condition) -> tuple[Scalar, ...]:
    candidates = asked.candidates
    match condition:
        case Built():
            return tuple(dict.fromkeys(_window(window) for window, _ in candidates.built() if not window.open))
        case Serial():
            return () if candidates.vin_serial is None else (candidates.vin_serial,)
        case NoteAsked(note, _):
            answer = candidates.answers.get(note)
            return () if answer is None else ("yes" if answer else "no",)
        case Placed(_, asked_places):
            return asked_places
        case Except(members):
            return tuple(value for member in members for value in _shown(asked, member.attribute))
        case _:
            return _shown(asked, condition.attribute)


def _shown(asked: Asked, attribute: str) -> tuple[Scalar, ...]:
    """Found once an attribute: very many conditions ask for the same few."""
    key = ("shown", attribute)
    found: tuple[Scalar, ...] | None = asked.memo.get(key)
    if found is None:
        found = asked.memo[key] = asked.candidates.shown(attribute)[:MOST_VEHICLES]
    return found


def with_place(asked: Asked, judged: Judged, part_position: tuple[str, ...]) -> Iterable[Condition]:
    """The conditions of an application, and its place against the places asked for, if any are."""
    yield from judged.conditions
    if asked.asked_places:
        own = judged.application.position
        yield Placed(places(own) if own else part_position, asked.asked_places)


def _positions(used: Sequence[Told], part_position: tuple[str, ...]) -> tuple[str, ...]:
    own = {place for position in {one.position for one in used} for place in places(position)}
    return tuple(sorted(own)) or part_position


def _same_quantity(used: Sequence[Told]) -> int | None:
    quantities = {one.quantity for one in used}
    return quantities.pop() if len(quantities) == 1 else None


def _window(window: Window) -> str:
    return f"{iso_day(window.start) or ''}..{iso_day(window.end) or ''}"
