"""The one best question: which attribute, once known, settles most of what is open.

A question is worth the share of the shown parts' rank weight that its answer settles, divided by how hard it is for a
person to know. Its options are the values the candidates have, and where some lack one, those the open rules ask for.
Nothing is resolved again for an option: the candidates it leaves are a bit set. Where every candidate's value is known
that set alone tells what becomes of a part; else conditions on the attribute are judged anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from fitment_rules.answering import Answered, Rule, told_by
from fitment_rules.choices import LONGEST_LIST, MOST_OPTIONS, Choice, choice_of, note_text, values_of
from fitment_rules.conditions import Condition, Conditions, Except, Masks, names_of_all
from fitment_rules.fit import Judged, outcome
from fitment_rules.judge import Asked, Tally
from fitment_rules.model import Key, Scalar, Verdict, key_of

MOST_SETTLED = 1 + 1e-9
"""Share of what is open that one answer can settle, and room for rounding."""

FREE_TEXT = ("built", "vin_serial")
"""Attributes whose answer is typed, so they have no options."""

ROWS_LOOKED_AT = 200
"""Rows whose attributes are tried as questions where rules name whole vehicles."""

DEFAULT_EFFORT = 3.0

Verdicts = tuple[Verdict, ...]


class Subject(NamedTuple):
    """One shown part, or several `parts` that every answer settles alike, with their weight together.

    Its verdict, the outcome over the candidates and its distinct rules that could match (`Questions.rules`).
    """

    verdict: Verdict
    masks: Masks
    rules: tuple[tuple[Rule, Masks], ...]
    weight: float = 1.0
    parts: int = 1


class Option(NamedTuple):
    """A value of the attribute and what choosing it makes: counts of parts, or of vehicle rows for a single part."""

    value: Scalar
    fits: int
    needs_info: int
    does_not_fit: int


class Question(NamedTuple):
    """An attribute worth asking. `options` is empty where the answer is typed; `note` is the text of a note asked."""

    attribute: str
    options: tuple[Option, ...]
    gain: float
    note: str | None = None


class Questions:
    """What can be asked about one vehicle query. Finds each thing once, however many parts it is asked for.

    `effort` says how hard an attribute is to know (1 = everybody knows; default 3).
    """

    def __init__(self, asked: Asked, effort: Mapping[str, float]) -> None:
        self._asked = asked
        self._effort = effort
        self._rules: dict[tuple[int, ...], tuple[tuple[Conditions, ...], Rule]] = {}
        self._same: dict[tuple[object, ...], Rule] = {}
        self._groups: dict[int, tuple[Conditions, tuple[int, Sequence[Condition]]]] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._askable: dict[frozenset[str], list[tuple[float, str]]] = {}
        self._choices: dict[str, Choice] = {}
        self._answered: dict[tuple[str, Key], Answered] = {}
        self._verdicts: dict[tuple[str, Masks], Verdicts] = {}

    def rules(self, judged: Iterable[Judged]) -> tuple[tuple[Rule, Masks], ...]:
        """The distinct rules of applications with their outcomes, in order: what every answer depends on.

        A condition that every candidate meets stays met whatever is answered, so rules are told apart by the others
        and by the attributes they ask. Conditions are told apart by identity: equal ones are shared
        (`indexers.rules`), and where they are not, nothing is lost.
        """
        known = self._rules
        found: dict[tuple[Rule, Masks], None] = {}
        for _, _, groups, masks in judged:
            key = tuple(map(id, groups))
            entry = known.get(key)
            if entry is None:
                entry = known[key] = (groups, self._rule(groups))
            found[entry[1], masks] = None
        return tuple(found)

    def _rule(self, groups: tuple[Conditions, ...]) -> Rule:
        opened = [self._open_of(group) for group in groups]
        names = names_of_all(tuple([group.names for group in groups]))
        key = (names, *[number for number, _ in opened])
        found = self._same.get(key)
        if found is None:
            still_open = Conditions(chain.from_iterable([some for _, some in opened]))
            found = self._same[key] = Rule(self._asked, still_open, names)
        return found

    def _open_of(self, group: Conditions) -> tuple[int, Sequence[Condition]]:
        """The conditions that some candidate does not surely meet, and a number that only equal ones share.

        Exceptions stay: one is met where a single member is not, while others may ask what a candidate lacks.
        """
        entry = self._groups.get(id(group))
        if entry is None:
            met = self._asked.candidates.full
            still_open = [one for one in group if isinstance(one, Except) or outcome(self._asked, one)[0] != met]
            number = self._numbers.setdefault(tuple(map(id, still_open)), len(self._numbers))
            entry = self._groups[id(group)] = (group, (number, still_open))
        return entry[1]

    def about_part(self, subject: Subject, dont_know: frozenset[str], most: int) -> tuple[Question, ...]:
        """The `most` best questions about one open part, by falling gain; options count vehicle rows.

        Attributes in `dont_know` are not asked.
        """
        return self._best([subject], dont_know, of_rows=True, most=most)

    def about_page(self, subjects: Sequence[Subject], dont_know: frozenset[str]) -> Question | None:
        """The one question that settles most of several parts, told apart by some answer; options count parts."""
        found = self._best(_together(subjects), dont_know, of_rows=False, most=1)
        return found[0] if found else None

    def _best(
        self, subjects: Sequence[Subject], dont_know: frozenset[str], *, of_rows: bool, most: int
    ) -> tuple[Question, ...]:
        still_open = [one for one in subjects if one.verdict is Verdict.NEEDS_INFO]
        if not still_open:
            return ()
        trial = _Trial(self, subjects, still_open, of_rows)
        names = self._names(frozenset().union(*{rule.names for one in still_open for rule, _ in one.rules}))
        names = [one for one in names if one[1] not in dont_know] if dont_know else names
        best = trial.drafts(names, most) or (trial.drafts(names, most, last_resort=True) if of_rows else [])
        return tuple(trial.question(one) for one in best)

    def _names(self, asked_by_rules: frozenset[str]) -> list[tuple[float, str]]:
        """Attributes that could settle something, easy ones first, with their effort."""
        found = self._askable.get(asked_by_rules)
        if found is None:
            names = [one for one in self._named(asked_by_rules) if self._is_open(one)]
            efforts = ((self._effort.get(one.partition(":")[0], DEFAULT_EFFORT), one) for one in names)
            found = self._askable[asked_by_rules] = sorted(efforts)
        return found

    def _named(self, asked_by_rules: frozenset[str]) -> Iterable[str]:
        """Those an open rule asks; where rules name vehicles or values too many to list, what tells vehicles apart."""
        candidates = self._asked.candidates
        listed = (name for name in asked_by_rules if ":" not in name)
        if "vehicle_id" not in asked_by_rules and all(len(candidates.values(name)) <= LONGEST_LIST for name in listed):
            return asked_by_rules
        rows = (candidates.table.rows[row] for row in candidates.rows[:ROWS_LOOKED_AT])
        return asked_by_rules.union(("make", "model", "year"), *(row.attributes for row in rows))

    def _is_open(self, attribute: str) -> bool:
        candidates = self._asked.candidates
        if attribute.startswith("note:"):
            return attribute.removeprefix("note:") not in candidates.answers
        if attribute == "vin_serial":
            return candidates.vin_serial is None
        if attribute == "built":
            return True
        groups = candidates.values(attribute)
        return len(groups) > 1 or any(keys is None or len(keys) > 1 for keys, _ in groups)

    def choice(self, attribute: str, still_open: Sequence[Subject]) -> Choice:
        """The values an attribute can be answered with, and the candidates each leaves."""
        found = self._choices.get(attribute)
        if found is None:
            found = self._choices[attribute] = choice_of(self._asked.candidates, attribute)
        if not found.asks_rules:
            return found
        asking = {rule: None for one in still_open for rule, _ in one.rules if attribute in rule.names}
        return found.with_values(values_of(self._asked.candidates, attribute, [one.conditions for one in asking]))

    def answered(self, attribute: str, value: Scalar) -> Answered:
        """The candidates with one answer given."""
        key = (attribute, key_of(value))
        found = self._answered.get(key)
        if found is None:
            found = self._answered[key] = Answered(self._asked, attribute, value)
        return found

    def verdicts(self, choice: Choice, subject: Subject) -> Verdicts:
        """The verdict of a part with each answer given; a settled one stays as it is."""
        if subject.verdict is not Verdict.NEEDS_INFO:
            return (subject.verdict,) * len(choice.values)
        if choice.left is None:
            return tuple(_verdict(masks, left) for masks, left in self.outcomes(choice, subject))
        found = self._verdicts.get((choice.attribute, subject.masks))
        if found is None:
            masks = subject.masks
            found = self._verdicts[choice.attribute, masks] = tuple([_verdict(masks, left) for left in choice.left])
        return found

    def outcomes(self, choice: Choice, subject: Subject) -> list[tuple[Masks, int]]:
        """For each answer the part's outcome, and the candidates it leaves."""
        if choice.left is not None:
            return [(subject.masks, left) for left in choice.left]
        told = told_by(subject.rules, choice.attribute)
        then = [self.answered(choice.attribute, value) for value in choice.values]
        return [(one.masks(told) if one.narrows else subject.masks, one.left) for one in then]

    def tallies(self, choice: Choice, subject: Subject) -> list[Tally]:
        """For each answer the vehicle rows it leaves, by what they are then."""
        if choice.left is not None:
            return choice.tallies(self._asked.candidates, subject.masks)
        return [self._asked.tally_among(masks, left) for masks, left in self.outcomes(choice, subject)]


class _Draft(NamedTuple):
    """An attribute that would settle something, before its options are counted; verdicts by part, then by value."""

    attribute: str
    choice: Choice | None
    verdicts: Sequence[Verdicts]
    gain: float


class _Trial:
    """Attributes tried as questions about some parts."""

    def __init__(
        self, questions: Questions, subjects: Sequence[Subject], still_open: Sequence[Subject], of_rows: bool
    ) -> None:
        self._questions = questions
        self._subjects = subjects
        self._still_open = still_open
        self._of_rows = of_rows
        self._total = sum(one.weight for one in still_open)

    def drafts(self, names: Sequence[tuple[float, str]], most: int, *, last_resort: bool = False) -> list[_Draft]:
        """The `most` best of attributes given with their effort, easy ones first; what is too hard is not tried."""
        found: list[_Draft] = []
        for effort, name in names:
            if len(found) == most and found[-1].gain > MOST_SETTLED / effort:
                break
            draft = self._typed(name, last_resort) if name in FREE_TEXT else self._chosen(name, last_resort)
            if draft is not None:
                found.append(draft._replace(gain=draft.gain / effort))
                found = sorted(found, key=lambda one: (-one.gain, one.attribute))[:most]
        return found

    def question(self, draft: _Draft) -> Question:
        """A draft with its options counted."""
        return Question(draft.attribute, self._options(draft), draft.gain, self._note(draft.attribute))

    def _typed(self, name: str, last_resort: bool) -> _Draft | None:
        """Worth asking where it is open for a candidate that nothing else in the rule rules out.

        As a last resort also where it tells such a candidate from one that it rules out: of two cars one was
        built in time.
        """
        touched = 0.0
        for one in self._still_open:
            for rule, (_, possible) in one.rules:
                more, apart = rule.typed.get(name, (0, 0))
                if (more | apart if last_resort else more) & possible:
                    touched += one.weight
                    break
        differs = self._of_rows or len(self._subjects) > 1
        return _Draft(name, None, (), touched / self._total) if touched and differs else None

    def _chosen(self, name: str, last_resort: bool) -> _Draft | None:
        """None if knowing it settles nothing, unless as a last resort: of several unknowns each is one step."""
        choice = self._questions.choice(name, self._still_open)
        if not choice.offered(LONGEST_LIST if last_resort else MOST_OPTIONS):
            return None
        table = [self._questions.verdicts(choice, one) for one in self._subjects]
        settled = self._settled(table) / self._total
        if settled == 0 and not last_resort:
            return None
        if not self._of_rows and all(len(set(column)) == 1 for column in zip(*table, strict=True)):
            return None
        return _Draft(name, choice, table, settled if len(choice.values) > 1 else settled / 2)

    def _settled(self, table: Sequence[Verdicts]) -> float:
        """Rank weight of open parts times the share of options that settle them."""
        gain = 0.0
        for subject, verdicts in zip(self._subjects, table, strict=True):
            if subject.verdict is Verdict.NEEDS_INFO:
                settled = len(verdicts) - verdicts.count(Verdict.NEEDS_INFO)
                gain += subject.weight * settled / len(verdicts)
        return gain

    def _options(self, draft: _Draft) -> tuple[Option, ...]:
        choice = draft.choice
        if choice is None:
            return ()
        if self._of_rows:
            counted = self._questions.tallies(choice, self._subjects[0])
            return tuple([Option(value, *tally) for value, tally in zip(choice.values, counted, strict=True)])
        columns = zip(*draft.verdicts, strict=True)
        return tuple(
            _parts_option(value, column, self._subjects) for value, column in zip(choice.values, columns, strict=True)
        )

    def _note(self, attribute: str) -> str | None:
        if not attribute.startswith("note:"):
            return None
        rules = (rule.conditions for one in self._still_open for rule, _ in one.rules)
        return next((text for one in rules if (text := note_text(one, attribute)) is not None), None)


def _together(subjects: Sequence[Subject]) -> Sequence[Subject]:
    """Parts that no answer can tell apart as one: settled ones by verdict, open ones by their rules."""
    found: dict[object, Subject] = {}
    for one in subjects:
        key = (one.masks, one.rules) if one.verdict is Verdict.NEEDS_INFO else one.verdict
        had = found.get(key)
        found[key] = (
            one
            if had is None
            else Subject(one.verdict, one.masks, one.rules, had.weight + one.weight, had.parts + one.parts)
        )
    return tuple(found.values())


def _verdict(masks: Masks, left: int) -> Verdict:
    if left and left & masks[0] == left:
        return Verdict.FITS
    return Verdict.NEEDS_INFO if left & masks[1] else Verdict.DOES_NOT_FIT


def _parts_option(value: Scalar, verdicts: Verdicts, subjects: Sequence[Subject]) -> Option:
    fits = needs = 0
    for verdict, subject in zip(verdicts, subjects, strict=True):
        fits += subject.parts * (verdict in (Verdict.FITS, Verdict.UNIVERSAL))
        needs += subject.parts * (verdict is Verdict.NEEDS_INFO)
    return Option(value, fits, needs, sum(subject.parts for subject in subjects) - fits - needs)
