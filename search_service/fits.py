"""Fits of named parts: a part's applications judged through its slots, explained as the contract has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fitment_rules.compile import every_condition
from fitment_rules.conditions import Condition, Masks
from fitment_rules.fit import ConditionSeen, Fit, Judged, Reason, fit_of
from fitment_rules.judge import Asked
from fitment_rules.model import Application, Verdict
from fitment_rules.questions import Question, Subject, best_questions
from indexers.generation import Generation
from search_service.attributes import AttributeTexts
from search_service.wire import (
    CandidateCounts,
    ConditionOut,
    FitOut,
    NoteOut,
    ReasonOut,
    SourceOut,
)

UNASKED = FitOut(verdict=None)
"""The fit of every part without a vehicle."""

RULES_KEPT = 50_000
"""Distinct rules that one generation keeps decoded."""


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """One part against the vehicle: what `fit_of` and the questions need."""

    ordinal: int
    verdict: Verdict
    masks: Masks
    judged: tuple[Judged, ...]
    position: tuple[str, ...]


class _Rule(NamedTuple):
    """One distinct application content, decoded."""

    application: Application
    conditions: tuple[Condition, ...]
    slots: frozenset[int]
    note_slots: frozenset[int]


class Fits:
    """Judges parts of one generation; safe under threads (look-ups fill a cache)."""

    def __init__(self, generation: Generation, texts: AttributeTexts) -> None:
        self._generation = generation
        self._texts = texts
        self._rules: dict[int, _Rule] = {}
        self._interned: dict[Condition, Condition] = {}

    def judge(self, asked: Asked, ordinal: int) -> JudgedPart:
        """Verdict and judged applications of one part."""
        generation = self._generation
        true = possible = 0
        judged = []
        for row in generation.rows(ordinal):
            rule = self._rules.get(row.rule_id) or self._read(row.rule_id)
            masks = asked.union(rule.slots, rule.note_slots)
            true |= masks[0]
            possible |= masks[1]
            judged.append(Judged(row.application_id, rule.application, rule.conditions, masks, row.source_row))
        flags = generation.part_flags(ordinal)
        position = generation.part_position(ordinal)
        verdict = asked.verdict(
            (true, possible),
            universal=flags.universal,
            applications=flags.applications,
            quarantined=flags.quarantined,
            position=position,
        )
        return JudgedPart(ordinal, verdict, (true, possible), tuple(judged), position)

    def answer(
        self, asked: Asked, part: JudgedPart, dont_know: frozenset[str] = frozenset(), questions_each: int = 3
    ) -> FitOut:
        """The fit as it goes out, with the part's own best questions, at most `questions_each`."""
        fit = fit_of(asked, part.verdict, part.masks, part.judged, part.position)
        questions: tuple[Question, ...] = ()
        if part.verdict is Verdict.NEEDS_INFO:
            subject = Subject(part.verdict, part.masks, part.judged, part.position)
            questions = best_questions(
                asked, [subject], self._texts.effort, dont_know, count_rows=True, most=questions_each
            )
        return _fit_out(asked, fit, questions, self._texts)

    def page_question(
        self, asked: Asked, parts: Sequence[JudgedPart], dont_know: frozenset[str] = frozenset()
    ) -> Question | None:
        """The one question that settles most of a page, earlier ranks weighing more; `None` if none would."""
        subjects = [
            Subject(part.verdict, part.masks, part.judged, part.position, 1.0 / (1.0 + rank))
            for rank, part in enumerate(parts)
        ]
        found = best_questions(asked, subjects, self._texts.effort, dont_know, most=1)
        return found[0] if found else None

    def _read(self, rule_id: int) -> _Rule:
        if len(self._rules) >= RULES_KEPT:
            self._rules.clear()
            self._interned.clear()
        application = self._generation.rule(rule_id)
        conditions = tuple(self._interned.setdefault(one, one) for one in every_condition(application))
        found = self._rules[rule_id] = _Rule(
            application, conditions, *map(frozenset, self._generation.rule_slots(rule_id))
        )
        return found


def _fit_out(asked: Asked, fit: Fit, questions: Sequence[Question], texts: AttributeTexts) -> FitOut:
    tally = fit.tally
    return FitOut(
        verdict=fit.verdict.value,
        candidates=CandidateCounts(tally.match, tally.unknown, tally.mismatch),
        position=list(fit.position),
        quantity=fit.quantity,
        reasons=[_reason_out(asked, reason) for reason in fit.reasons],
        questions=[texts.question(question) for question in questions],
        notes=[NoteOut(note.text, note.lang, note.kind.value if note.kind else "condition") for note in fit.notes],
    )


def _reason_out(asked: Asked, reason: Reason) -> ReasonOut:
    source = reason.source
    return ReasonOut(
        reason.application_id,
        reason.result.word,
        list(reason.vehicle_ids),
        SourceOut(source.file, source.row, source.date),
        [_condition_out(asked, condition) for condition in reason.conditions],
    )


def _condition_out(asked: Asked, seen: ConditionSeen) -> ConditionOut:
    """Conditions seen are the same objects wherever reasons share them, and so are their structs."""
    key = id(seen)
    found: ConditionOut | None = asked.memo.get(key)
    if found is None:
        found = ConditionOut(seen.attribute, dict(seen.asks), list(seen.has), seen.result.word)
        asked.memo[key] = found
    return found
