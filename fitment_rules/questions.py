"""The one best question: which attribute, once known, settles most of what is open.

A question is worth the share of the shown parts' rank weight that its answer settles, divided by how hard it is for a
person to know. Its options are the values the candidates have, and where some lack one, those the open rules ask for.
Nothing is resolved again for an option: the candidates it leaves are a bit set, and only conditions on the attribute
are judged anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fitment_rules.candidates import CandidateSet
from fitment_rules.conditions import AnyOf, Built, Condition, Except, Masks, NoteAsked, Serial
from fitment_rules.fit import Judged, with_place
from fitment_rules.judge import Asked, tally
from fitment_rules.model import Key, Scalar, Verdict, Window, key_of

MOST_OPTIONS = 40
"""More values than this are no choice to offer as buttons; the attribute is then not asked."""

FREE_TEXT = ("built", "vin_serial")
"""Attributes whose answer is typed, so they have no options."""

ROWS_LOOKED_AT = 200
"""Rows whose attributes are tried as questions where rules name whole vehicles."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One shown part: its verdict, the outcome over the candidates, its judged applications and own position."""

    verdict: Verdict
    masks: Masks
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
    """An attribute worth asking. `options` is empty where the answer is typed; `note` is the text of a note asked."""

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
    not asked. With `count_rows` options count vehicle rows (for the one subject), else subjects, and an attribute is
    asked only if some answer tells two of them apart.
    """
    still_open = [one for one in subjects if one.verdict is Verdict.NEEDS_INFO]
    found = []
    for attribute in _askable(asked.candidates, still_open) if still_open else ():
        if attribute not in dont_know:
            question = _question(asked, attribute, subjects, still_open, count_rows)
            if question is not None:
                found.append(replace(question, gain=question.gain / effort.get(attribute.partition(":")[0], 3.0)))
    return tuple(sorted(found, key=lambda one: (-one.gain, one.attribute)))[:most]


def _askable(candidates: CandidateSet, subjects: Sequence[Subject]) -> list[str]:
    """Attributes that could settle something: asked by an open rule, or telling the candidates apart where rows do."""
    found: dict[str, None] = {}
    for condition in _asked_by(subjects):
        found.update(dict.fromkeys(_names(condition)))
    if "vehicle_id" in found:
        rows = candidates.table.rows
        found["year"] = None
        found.update(dict.fromkeys(name for row in candidates.rows[:ROWS_LOOKED_AT] for name in rows[row].attributes))
    return [name for name in found if _is_open(candidates, name)]


def _names(condition: Condition) -> Sequence[str]:
    return [one.attribute for one in condition.members] if isinstance(condition, Except) else [condition.attribute]


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
    asked: Asked, attribute: str, subjects: Sequence[Subject], still_open: Sequence[Subject], count_rows: bool
) -> Question | None:
    total = sum(one.weight for one in still_open)
    if attribute in FREE_TEXT:
        touched = sum(one.weight for one in still_open if _depends(asked, one, attribute))
        return Question(attribute, (), touched / total) if touched else None
    values = _values(asked.candidates, attribute, still_open)
    if not values or len(values) > MOST_OPTIONS or (len(values) == 1 and not attribute.startswith("note:")):
        return None
    table = [_outcome(_Answered(asked, attribute, value), subjects, count_rows) for value in values]
    settled = _settled(table, subjects) / total
    if settled == 0 or not (count_rows or any(len(set(outcome.verdicts)) > 1 for outcome in table)):
        return None
    options = tuple(_option(value, outcome, count_rows) for value, outcome in zip(values, table, strict=True))
    return Question(attribute, options, settled, _note_text(attribute, still_open))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one value makes of each subject, and of the vehicle rows of the first."""

    verdicts: tuple[Verdict, ...]
    rows: tuple[int, int, int]


class _Answered:
    """The candidates as they would be with one attribute answered; judges conditions on that attribute anew."""

    def __init__(self, asked: Asked, attribute: str, value: Scalar) -> None:
        self.asked = asked
        self.attribute = attribute
        self.key = key_of(value)
        self.full = asked.candidates.full
        self.known = self.unknown = 0
        if attribute.startswith("note:"):
            self.known = self.full
        else:
            for keys, mask in asked.candidates.values(attribute):
                if keys is None:
                    self.unknown |= mask
                elif self.key in keys:
                    self.known |= mask
        self._memo: dict[int, Masks] = {}

    @property
    def left(self) -> int:
        """Candidates that the answer does not contradict."""
        return self.known | self.unknown

    @property
    def vin_serial(self) -> str | None:
        """As before."""
        return self.asked.candidates.vin_serial

    @property
    def answers(self) -> Mapping[str, bool]:
        """As before, and the note if it was a note that was answered."""
        given = self.asked.candidates.answers
        if not self.attribute.startswith("note:"):
            return given
        return {**given, self.attribute.removeprefix("note:"): self.key == "yes"}

    def values(self, attribute: str) -> Sequence[tuple[frozenset[Key] | None, int]]:
        """As before, the answered attribute now being the answer wherever it could be."""
        if attribute != self.attribute:
            return self.asked.candidates.values(attribute)
        return ((frozenset((self.key,)), self.left),)

    def built(self) -> Sequence[tuple[Window, int]]:
        """As before."""
        return self.asked.candidates.built()

    def same(self, condition: Condition) -> bool:
        """True if the answer changes nothing for a condition."""
        return self.attribute not in _names(condition)

    def union(self, subject: Subject) -> Masks:
        """(true, possible) of a subject over the candidates left."""
        if not self.unknown and not self._list_valued and not self.attribute.startswith("note:"):
            return subject.masks[0] & self.left, subject.masks[1] & self.left
        true = possible = 0
        for judged in subject.judged:
            if judged.masks[1] & self.left:
                one = self._judge(judged, subject.position)
                true |= one[0]
                possible |= one[1]
        return true & self.left, possible & self.left

    @property
    def _list_valued(self) -> bool:
        groups = self.asked.candidates.values(self.attribute)
        return any(keys is not None and len(keys) > 1 and self.key in keys for keys, _ in groups)

    def _judge(self, judged: Judged, position: tuple[str, ...]) -> Masks:
        found = self._memo.get(id(judged.conditions)) if not self.asked.asked_places else None
        if found is None:
            true = possible = self.full
            for condition in with_place(self.asked, judged, position):
                one = self.asked.condition(condition) if self.same(condition) else condition.masks(self)
                true &= one[0]
                possible &= one[1]
                if not possible:
                    break
            found = self._memo[id(judged.conditions)] = (true, possible)
        return found


def _outcome(then: _Answered, subjects: Sequence[Subject], count_rows: bool) -> _Outcome:
    verdicts: list[Verdict] = []
    rows = (0, 0, 0)
    for subject in subjects:
        if subject.verdict is not Verdict.NEEDS_INFO:
            verdicts.append(subject.verdict)
            continue
        true, possible = then.union(subject)
        verdicts.append(_verdict(then.left, true, possible))
        if count_rows:
            counted = tally(then.asked.candidates, (true, possible), then.left)
            rows = (counted.match, counted.unknown, counted.mismatch)
    return _Outcome(tuple(verdicts), rows)


def _verdict(left: int, true: int, possible: int) -> Verdict:
    if left and true == left:
        return Verdict.FITS
    return Verdict.NEEDS_INFO if possible else Verdict.DOES_NOT_FIT


def _values(candidates: CandidateSet, attribute: str, subjects: Sequence[Subject]) -> list[Scalar]:
    if attribute.startswith("note:"):
        return ["yes", "no"]
    spelled = dict(candidates.spelled(attribute))
    if attribute != "vehicle_id" and any(keys is None for keys, _ in candidates.values(attribute)):
        for key, value in _asked_values(attribute, subjects):
            spelled.setdefault(key, value)
    return [spelled[key] for key in sorted(spelled, key=_natural)]


def _asked_values(attribute: str, subjects: Sequence[Subject]) -> Iterable[tuple[Key, Scalar]]:
    for condition in _asked_by(subjects):
        for member in condition.members if isinstance(condition, Except) else (condition,):
            if isinstance(member, AnyOf) and member.attribute == attribute:
                yield from ((key_of(value), value) for value in member.shown)


def _asked_by(subjects: Sequence[Subject]) -> Iterable[Condition]:
    """Conditions of every rule that could match, those of a rule that several parts share once."""
    rules = {id(one.conditions): one.conditions for s in subjects for one in s.judged if one.masks[1]}
    return (condition for conditions in rules.values() for condition in conditions)


def _settled(table: Sequence[_Outcome], subjects: Sequence[Subject]) -> float:
    """Rank weight of open subjects times the share of options that settle them."""
    gain = 0.0
    for index, subject in enumerate(subjects):
        if subject.verdict is Verdict.NEEDS_INFO:
            settled = sum(outcome.verdicts[index] is not Verdict.NEEDS_INFO for outcome in table)
            gain += subject.weight * settled / len(table)
    return gain


def _option(value: Scalar, outcome: _Outcome, count_rows: bool) -> Option:
    if count_rows:
        return Option(value, *outcome.rows)
    fits = sum(verdict in (Verdict.FITS, Verdict.UNIVERSAL) for verdict in outcome.verdicts)
    needs = sum(verdict is Verdict.NEEDS_INFO for verdict in outcome.verdicts)
    return Option(value, fits, needs, len(outcome.verdicts) - fits - needs)


def _depends(asked: Asked, subject: Subject, attribute: str) -> bool:
    kind = Built if attribute == "built" else Serial
    for judged in subject.judged:
        for condition in judged.conditions if judged.masks[1] else ():
            if isinstance(condition, kind):
                true, possible = asked.condition(condition)
                if true != possible:
                    return True
    return False


def _note_text(attribute: str, subjects: Sequence[Subject]) -> str | None:
    if attribute.startswith("note:"):
        for subject in subjects:
            for judged in subject.judged:
                for condition in judged.conditions:
                    if isinstance(condition, NoteAsked) and condition.attribute == attribute:
                        return condition.text
    return None


def _natural(key: Key) -> tuple[int, float, str]:
    return (1, 0.0, key) if isinstance(key, str) else (0, float(key), "")
