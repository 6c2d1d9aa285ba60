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
from fitment_rules.conditions import AnyOf, Built, Condition, Except, Masks, NoteAsked, Serial, Years
from fitment_rules.fit import Judged
from fitment_rules.judge import Asked
from fitment_rules.model import Key, Scalar, Verdict, Window, key_of, natural_order

MOST_OPTIONS = 40
"""More values than this are no choice to offer as buttons; the attribute is then not asked."""

LONGEST_LIST = 200
"""Values of the only question a part has left."""

MOST_SETTLED = 1 + 1e-9
"""Share of what is open that one answer can settle, and room for rounding."""

FREE_TEXT = ("built", "vin_serial")
"""Attributes whose answer is typed, so they have no options."""

ROWS_LOOKED_AT = 200
"""Rows whose attributes are tried as questions where rules name whole vehicles."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One shown part, or `count` of them that every answer settles alike, with their weight together.

    Its verdict, the outcome over the candidates, its applications that could match and its own position.
    """

    verdict: Verdict
    masks: Masks
    judged: Sequence[Judged]
    position: tuple[str, ...]
    weight: float = 1.0
    count: int = 1

    @property
    def rules(self) -> tuple[object, ...]:
        """What the answers to questions depend on: parts of equal `rules` and masks go the same way.

        Conditions by identity: equal rules share them (`indexers.rules`), and where they do not, nothing is lost. A
        rule said twice asks no more than once.
        """
        return tuple(dict.fromkeys((id(one.conditions), one.masks) for one in self.judged))


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
    subjects = subjects if count_rows else _together(subjects)
    still_open = [one for one in subjects if one.verdict is Verdict.NEEDS_INFO]
    names = [one for one in _askable(asked, still_open) if one not in dont_know] if still_open else []
    ranked = sorted((effort.get(one.partition(":")[0], 3.0), one) for one in names)
    best = _drafts(asked, ranked, subjects, still_open, count_rows, most)
    if not best and count_rows:
        best = _drafts(asked, ranked, subjects, still_open, count_rows, most, last_resort=True)
    return tuple(_question(asked, one, subjects, still_open, count_rows) for one in best)


def _together(subjects: Sequence[Subject]) -> Sequence[Subject]:
    """Parts that no answer can tell apart as one: settled ones by verdict, open ones by their rules."""
    found: dict[object, Subject] = {}
    for one in subjects:
        key = (one.verdict, one.masks, one.rules) if one.verdict is Verdict.NEEDS_INFO else one.verdict
        had = found.get(key)
        found[key] = one if had is None else replace(had, weight=had.weight + one.weight, count=had.count + one.count)
    return tuple(found.values())


def _askable(asked: Asked, subjects: Sequence[Subject]) -> list[str]:
    """Attributes that could settle something: asked by an open rule, or telling the candidates apart where rows do."""
    candidates = asked.candidates
    found: dict[str, None] = {}
    for condition in _asked_by(subjects):
        found.update(dict.fromkeys(_names(condition)))
    if "vehicle_id" in found or any(len(candidates.values(name)) > LONGEST_LIST for name in found if ":" not in name):
        found.update(dict.fromkeys(("make", "model", "year")))
        found.update(dict.fromkeys(_row_attributes(asked)))
    return [name for name in found if _is_open(asked, name)]


def _row_attributes(asked: Asked) -> tuple[str, ...]:
    found: tuple[str, ...] | None = asked.memo.get("row attributes")
    if found is None:
        rows, first = asked.candidates.table.rows, asked.candidates.rows[:ROWS_LOOKED_AT]
        found = asked.memo["row attributes"] = tuple(
            dict.fromkeys(name for row in first for name in rows[row].attributes)
        )
    return found


def _names(condition: Condition) -> Sequence[str]:
    return [one.attribute for one in condition.members] if isinstance(condition, Except) else [condition.attribute]


def _is_open(asked: Asked, attribute: str) -> bool:
    """Found once an attribute: it is a matter of the candidates alone."""
    found: bool | None = asked.memo.get(("open", attribute))
    if found is None:
        found = asked.memo["open", attribute] = _may_differ(asked.candidates, attribute)
    return found


def _may_differ(candidates: CandidateSet, attribute: str) -> bool:
    if attribute.startswith("note:"):
        return attribute.removeprefix("note:") not in candidates.answers
    if attribute == "vin_serial":
        return candidates.vin_serial is None
    if attribute == "built":
        return True
    groups = candidates.values(attribute)
    return len(groups) > 1 or any(keys is None or len(keys) > 1 for keys, _ in groups)


@dataclass(frozen=True, slots=True)
class _Draft:
    """An attribute that would settle something, before its options are counted."""

    attribute: str
    values: tuple[Scalar, ...]
    verdicts: tuple[tuple[Verdict, ...], ...]
    gain: float


def _drafts(
    asked: Asked,
    names: Sequence[tuple[float, str]],
    subjects: Sequence[Subject],
    still_open: Sequence[Subject],
    count_rows: bool,
    most: int,
    *,
    last_resort: bool = False,
) -> list[_Draft]:
    """The `most` best of attributes given with their effort, easy ones first; what is too hard to be is not tried."""
    found: list[_Draft] = []
    for effort, name in names:
        if len(found) == most and found[-1].gain > MOST_SETTLED / effort:
            break
        draft = _draft(asked, name, subjects, still_open, count_rows, last_resort)
        if draft is not None:
            found.append(replace(draft, gain=draft.gain / effort))
            found = sorted(found, key=lambda one: (-one.gain, one.attribute))[:most]
    return found


def _draft(
    asked: Asked,
    attribute: str,
    subjects: Sequence[Subject],
    still_open: Sequence[Subject],
    count_rows: bool,
    last_resort: bool,
) -> _Draft | None:
    """None if knowing the attribute settles nothing, unless as a last resort: of several unknowns each is one step."""
    total = sum(one.weight for one in still_open)
    if attribute in FREE_TEXT:
        touched = sum(one.weight for one in still_open if _depends(asked, one, attribute))
        differs = count_rows or len(subjects) > 1
        return _Draft(attribute, (), (), touched / total) if touched and differs else None
    values = _values(asked.candidates, attribute, still_open)
    if not _offers_a_choice(asked.candidates, attribute, values, LONGEST_LIST if last_resort else MOST_OPTIONS):
        return None
    table = tuple(_verdicts(_answered(asked, attribute, value), subjects) for value in values)
    settled = _settled(table, subjects) / total
    if (settled == 0 and not last_resort) or not (count_rows or any(len(set(verdicts)) > 1 for verdicts in table)):
        return None
    return _Draft(attribute, tuple(values), table, settled if len(values) > 1 else settled / 2)


def _offers_a_choice(candidates: CandidateSet, attribute: str, values: Sequence[Scalar], most: int) -> bool:
    """Two values or more, or one that some candidate may or may not have."""
    if len(values) == 1 and not attribute.startswith("note:"):
        return any(keys is None for keys, _ in candidates.values(attribute))
    return 0 < len(values) <= most


def _question(
    asked: Asked, draft: _Draft, subjects: Sequence[Subject], still_open: Sequence[Subject], count_rows: bool
) -> Question:
    if count_rows:
        options = tuple(_rows_option(asked, draft.attribute, value, subjects[0]) for value in draft.values)
    else:
        options = tuple(
            _parts_option(value, verdicts, subjects)
            for value, verdicts in zip(draft.values, draft.verdicts, strict=True)
        )
    return Question(draft.attribute, options, draft.gain, _note_text(draft.attribute, still_open))


def _answered(asked: Asked, attribute: str, value: Scalar) -> _Answered:
    """The candidates with one answer given; kept, since every part of a page asks for the same ones."""
    key = (attribute, key_of(value))
    found: _Answered | None = asked.memo.get(key)
    if found is None:
        found = asked.memo[key] = _Answered(asked, attribute, value)
    return found


class _Answered:
    """The candidates as they would be with one attribute answered; judges conditions on that attribute anew."""

    def __init__(self, asked: Asked, attribute: str, value: Scalar) -> None:
        self.asked = asked
        self.attribute = attribute
        self.key = key_of(value)
        self.full = asked.candidates.full
        self._known: dict[int, Masks | None] = {}
        self.left = 0
        """Candidates that the answer does not contradict."""
        self.narrows = attribute.startswith("note:")
        """True if the answer makes more known than which candidates are left."""
        for keys, mask in () if self.narrows else asked.candidates.values(attribute):
            if keys is None or self.key in keys:
                self.left |= mask
                self.narrows |= keys is None or len(keys) > 1
        if attribute.startswith("note:"):
            self.left = self.full

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

    def holding(self, attribute: str, keys: frozenset[Key]) -> Iterable[tuple[frozenset[Key] | None, int]]:
        """As before, the answered attribute now being the answer wherever it could be."""
        if attribute != self.attribute:
            return self.asked.candidates.holding(attribute, keys)
        return self.values(attribute)

    def built(self) -> Sequence[tuple[Window, int]]:
        """As before."""
        return self.asked.candidates.built()

    def union(self, subject: Subject) -> Masks:
        """(true, possible) of a subject over the candidates left."""
        left = self.left
        if not self.narrows:
            return subject.masks[0] & left, subject.masks[1] & left
        true = possible = 0
        for judged in subject.judged:
            if judged.masks[1] & left:
                one = self._judge(judged)
                true |= one[0]
                possible |= one[1]
        return true & left, possible & left

    def _judge(self, judged: Judged) -> Masks:
        """Only conditions on the attribute are judged anew; an application without any stays as it was.

        Found once for rules that share their conditions. Its place needs no look: what could match is placed.
        """
        key = id(judged.conditions)
        if key not in self._known:
            self._known[key] = self._anew(judged.conditions)
        return self._known[key] or judged.masks

    def _anew(self, conditions: tuple[Condition, ...]) -> Masks | None:
        anew, (true, possible) = self._split(conditions)
        for condition in anew:
            one = condition.masks(self)
            true &= one[0]
            possible &= one[1]
        return (true, possible) if anew else None

    def _split(self, conditions: tuple[Condition, ...]) -> tuple[list[Condition], Masks]:
        """The conditions on the attribute, and the outcome of the others; the entry keeps alive what its key names."""
        key = ("split", self.attribute, id(conditions))
        entry: tuple[object, tuple[list[Condition], Masks]] | None = self.asked.memo.get(key)
        if entry is None or entry[0] is not conditions:
            found = self._split_now(conditions)
            entry = self.asked.memo[key] = (conditions, found)
        return entry[1]

    def _split_now(self, conditions: tuple[Condition, ...]) -> tuple[list[Condition], Masks]:
        anew = [one for one in conditions if self.attribute in _names(one)]
        true = possible = self.full
        for condition in conditions if anew else ():
            if condition not in anew:
                one = self.asked.condition(condition)
                true &= one[0]
                possible &= one[1]
        return anew, (true, possible)


def _verdicts(then: _Answered, subjects: Sequence[Subject]) -> tuple[Verdict, ...]:
    """Verdict of each subject once the answer is given; settled ones stay as they are."""
    found = []
    for subject in subjects:
        if subject.verdict is Verdict.NEEDS_INFO:
            true, possible = then.union(subject)
            fits = bool(then.left) and true == then.left
            found.append(Verdict.FITS if fits else Verdict.NEEDS_INFO if possible else Verdict.DOES_NOT_FIT)
        else:
            found.append(subject.verdict)
    return tuple(found)


def _values(candidates: CandidateSet, attribute: str, subjects: Sequence[Subject]) -> list[Scalar]:
    if attribute.startswith("note:"):
        return ["yes", "no"]
    spelled = dict(candidates.spelled(attribute))
    if attribute != "vehicle_id" and any(keys is None for keys, _ in candidates.values(attribute)):
        for value in _asked_values(candidates, attribute, subjects):
            spelled.setdefault(key_of(value), value)
    return [spelled[key] for key in sorted(spelled, key=natural_order, reverse=attribute == "year")]


def _asked_values(candidates: CandidateSet, attribute: str, subjects: Sequence[Subject]) -> Iterable[Scalar]:
    """What open rules ask of an attribute; of the year also the years just outside, to tell who is."""
    for condition in _asked_by(subjects):
        if attribute == "year" and isinstance(condition, Years):
            yield from _years_about(condition.window, candidates.table.horizon)
        for member in condition.members if isinstance(condition, Except) else (condition,):
            if isinstance(member, AnyOf) and member.attribute == attribute:
                yield from member.shown


def _years_about(window: Window, horizon: Window) -> range:
    starts = [end for end in (horizon.start, window.start and window.start - 1) if end is not None]
    ends = [end for end in (horizon.end, window.end and window.end + 1) if end is not None]
    return range(max(starts), min(ends) + 1) if starts and ends else range(0)


def _asked_by(subjects: Sequence[Subject]) -> Iterable[Condition]:
    """Conditions of every rule that could match, those of a rule that several parts share once."""
    rules = {id(one.conditions): one.conditions for s in subjects for one in s.judged if one.masks[1]}
    return (condition for conditions in rules.values() for condition in conditions)


def _settled(table: Sequence[Sequence[Verdict]], subjects: Sequence[Subject]) -> float:
    """Rank weight of open subjects times the share of options that settle them."""
    gain = 0.0
    for index, subject in enumerate(subjects):
        if subject.verdict is Verdict.NEEDS_INFO:
            settled = sum(verdicts[index] is not Verdict.NEEDS_INFO for verdicts in table)
            gain += subject.weight * settled / len(table)
    return gain


def _rows_option(asked: Asked, attribute: str, value: Scalar, subject: Subject) -> Option:
    then = _answered(asked, attribute, value)
    counted = asked.tally_among(then.union(subject), then.left)
    return Option(value, counted.match, counted.unknown, counted.mismatch)


def _parts_option(value: Scalar, verdicts: Sequence[Verdict], subjects: Sequence[Subject]) -> Option:
    fits = needs = 0
    for verdict, subject in zip(verdicts, subjects, strict=True):
        fits += subject.count * (verdict in (Verdict.FITS, Verdict.UNIVERSAL))
        needs += subject.count * (verdict is Verdict.NEEDS_INFO)
    return Option(value, fits, needs, sum(subject.count for subject in subjects) - fits - needs)


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
