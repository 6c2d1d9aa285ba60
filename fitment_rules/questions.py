"""The one best question: which attribute, once known, settles most of what is open.

A question is worth the share of the shown parts' rank weight that its answer moves, divided by how hard it is for a
person to know. Its options are the values the candidates have, and where some lack one, those the open rules ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fitment_rules.candidates import CandidateSet, resolve
from fitment_rules.conditions import AnyOf, Built, Condition, Except, NoteAsked, Serial
from fitment_rules.fit import Judged, judge_conditions
from fitment_rules.judge import Asked
from fitment_rules.model import Key, Scalar, Verdict, key_of
from fitment_rules.vehicles import Given

MOST_OPTIONS = 40
"""More values than this are no choice to offer as buttons; the attribute is then not asked."""

FREE_TEXT = ("built", "vin_serial")
"""Attributes whose answer is typed, so they have no options."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One shown part: its verdict, its judged applications, and how the verdict is reached."""

    verdict: Verdict
    judged: Sequence[Judged]
    position: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Option:
    """A value of the attribute and what choosing it makes: counts of parts, or of vehicle rows for a single part."""

    value: Scalar
    fits: int
    needs_info: int
    does_not_fit: int


@dataclass(frozen=True, slots=True)
class Question:
    """An attribute worth asking. `options` is empty where the answer is typed."""

    attribute: str
    options: tuple[Option, ...]
    gain: float
    note: str | None = None


def best_questions(
    asked: Asked,
    subjects: Sequence[Subject],
    effort: Mapping[str, float],
    dont_know: frozenset[str] = frozenset(),
    *,
    count_rows: bool = False,
    most: int = 3,
) -> tuple[Question, ...]:
    """Questions by falling gain; none if nothing is open.

    `effort` says how hard an attribute is to know (1 = everybody knows; default 3). Attributes in `dont_know` are
    not asked. With `count_rows` options count vehicle rows (for the one subject), else subjects.
    """
    open_subjects = [one for one in subjects if one.verdict is Verdict.NEEDS_INFO]
    if not open_subjects:
        return ()
    found = []
    for attribute in _askable(asked.candidates, open_subjects):
        if attribute in dont_know:
            continue
        question = _question(asked, attribute, subjects, open_subjects, count_rows)
        if question is not None:
            found.append(replace(question, gain=question.gain / effort.get(attribute.partition(":")[0], 3.0)))
    return tuple(sorted(found, key=lambda one: (-one.gain, one.attribute)))[:most]


def _askable(candidates: CandidateSet, subjects: Sequence[Subject]) -> list[str]:
    """Attributes that could settle something: asked by an open rule, or telling the candidates apart where rows do."""
    found: dict[str, None] = {}
    for subject in subjects:
        for judged in subject.judged:
            if judged.masks[1]:
                for condition in judged.conditions:
                    found.update(dict.fromkeys(_names(condition)))
    if "vehicle_id" in found or "year" in found:
        found.update(dict.fromkeys(_telling_apart(candidates)))
    return [name for name in found if _is_open(candidates, name)]


def _names(condition: Condition) -> Sequence[str]:
    match condition:
        case Except(members):
            return [member.attribute for member in members]
        case _:
            return [condition.attribute]


def _telling_apart(candidates: CandidateSet) -> list[str]:
    rows = candidates.rows[:200]
    names = dict.fromkeys(name for row in rows for name in candidates.table.rows[row].attributes)
    return ["year", *names]


def _is_open(candidates: CandidateSet, attribute: str) -> bool:
    if attribute.startswith("note:"):
        return attribute.removeprefix("note:") not in candidates.answers
    if attribute == "vin_serial":
        return candidates.vin_serial is None
    if attribute == "built":
        return True
    groups = candidates.values(attribute)
    return len(groups) > 1 or any(keys is None or len(keys) > 1 for keys, _ in groups)


def _question(
    asked: Asked, attribute: str, subjects: Sequence[Subject], open_subjects: Sequence[Subject], count_rows: bool
) -> Question | None:
    total = sum(one.weight for one in open_subjects)
    if attribute in FREE_TEXT:
        touched = sum(one.weight for one in open_subjects if _depends(asked, one, attribute))
        return Question(attribute, (), touched / total) if touched else None
    values = _values(asked, attribute, open_subjects)
    if not values or len(values) > MOST_OPTIONS or (len(values) == 1 and not attribute.startswith("note:")):
        return None
    outcomes = [_outcomes(asked, attribute, value, subjects) for value in values]
    settled = _settled(outcomes, subjects) / total
    if settled == 0 or (not count_rows and not _parts_differ(outcomes)):
        return None
    options = tuple(_counted(value, outcome, count_rows) for value, outcome in zip(values, outcomes, strict=True))
    return Question(attribute, options, settled, _note_text(attribute, open_subjects))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one value makes of each subject, and of the rows of the first."""

    verdicts: tuple[Verdict, ...]
    rows: tuple[int, int, int]


def _outcomes(asked: Asked, attribute: str, value: Scalar, subjects: Sequence[Subject]) -> _Outcome:
    then = _answered(asked, attribute, value)
    verdicts = []
    rows = (0, 0, 0)
    for index, subject in enumerate(subjects):
        true = possible = 0
        for judged in subject.judged:
            if judged.masks[1]:
                one = judge_conditions(then, judged, subject.position)
                true |= one[0]
                possible |= one[1]
        verdicts.append(_verdict(then, subject, true, possible))
        if index == 0:
            tally = then.tally((true, possible))
            rows = (tally.match, tally.unknown, tally.mismatch)
    return _Outcome(tuple(verdicts), rows)


def _answered(asked: Asked, attribute: str, value: Scalar) -> Asked:
    query = asked.candidates.query
    if attribute.startswith("note:"):
        answers = {**query.answers, attribute.removeprefix("note:"): value == "yes"}
        query = replace(query, answers=answers)
    elif attribute == "vehicle_id":
        query = replace(query, vehicle_ids=(str(value),))
    else:
        query = replace(query, given=(*query.given, Given(attribute, frozenset({key_of(value)}), "caller", (value,))))
    return Asked(resolve(asked.candidates.table, query), asked.slots, asked.note_slots, asked.asked_places)


def _verdict(then: Asked, subject: Subject, true: int, possible: int) -> Verdict:
    if subject.verdict is not Verdict.NEEDS_INFO:
        return subject.verdict
    if then.candidates.full and true == then.candidates.full:
        return Verdict.FITS
    return Verdict.NEEDS_INFO if possible else Verdict.DOES_NOT_FIT


def _values(asked: Asked, attribute: str, subjects: Sequence[Subject]) -> list[Scalar]:
    if attribute.startswith("note:"):
        return ["yes", "no"]
    candidates = asked.candidates
    spelled = dict(candidates.spelled(attribute))
    if attribute != "vehicle_id" and any(keys is None for keys, _ in candidates.values(attribute)):
        for subject in subjects:
            for judged in subject.judged:
                spelled = {**_asked_values(judged, attribute), **spelled} if judged.masks[1] else spelled
    return [spelled[key] for key in sorted(spelled, key=_natural)]


def _asked_values(judged: Judged, attribute: str) -> dict[Key, Scalar]:
    found: dict[Key, Scalar] = {}
    for condition in judged.conditions:
        members = condition.members if isinstance(condition, Except) else (condition,)
        for member in members:
            if isinstance(member, AnyOf) and member.attribute == attribute:
                found.update({key_of(value): value for value in member.shown})
    return found


def _settled(outcomes: Sequence[_Outcome], subjects: Sequence[Subject]) -> float:
    """Rank weight of open subjects times the share of options that settle them."""
    gain = 0.0
    for index, subject in enumerate(subjects):
        if subject.verdict is Verdict.NEEDS_INFO:
            settled = sum(outcome.verdicts[index] is not Verdict.NEEDS_INFO for outcome in outcomes)
            gain += subject.weight * settled / len(outcomes)
    return gain


def _parts_differ(outcomes: Sequence[_Outcome]) -> bool:
    """True if some answer would tell two of the shown parts apart."""
    return any(len(set(outcome.verdicts)) > 1 for outcome in outcomes)


def _counted(value: Scalar, outcome: _Outcome, count_rows: bool) -> Option:
    if count_rows:
        match, unknown, mismatch = outcome.rows
        return Option(value, match, unknown, mismatch)
    fits = sum(verdict in (Verdict.FITS, Verdict.UNIVERSAL) for verdict in outcome.verdicts)
    needs = sum(verdict is Verdict.NEEDS_INFO for verdict in outcome.verdicts)
    return Option(value, fits, needs, len(outcome.verdicts) - fits - needs)


def _depends(asked: Asked, subject: Subject, attribute: str) -> bool:
    kind = Built if attribute == "built" else Serial
    for judged in subject.judged:
        for condition in judged.conditions if judged.masks[1] else ():
            true, possible = asked.condition(condition)
            if isinstance(condition, kind) and true != possible:
                return True
    return False


def _note_text(attribute: str, subjects: Sequence[Subject]) -> str | None:
    for subject in subjects:
        for judged in subject.judged:
            for condition in judged.conditions:
                if isinstance(condition, NoteAsked) and condition.attribute == attribute:
                    return condition.text
    return None


def _natural(key: Key) -> tuple[int, float, str]:
    return (1, 0.0, key) if isinstance(key, str) else (0, float(key), "")
