"""Fits of named parts: a part's applications judged through its slots, explained as the contract has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fitment_rules.compile import every_condition
from fitment_rules.conditions import Condition, Masks
from fitment_rules.fit import Fit, Judged, Reason, fit_of
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

CONDITIONS_KEPT = 50_000
"""Distinct rules whose conditions one generation keeps decoded."""


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """One part against the vehicle: what `fit_of` and the questions need."""

    ordinal: int
    verdict: Verdict
    masks: Masks
    judged: tuple[Judged, ...]
    position: tuple[str, ...]


class Fits:
    """Judges parts of one generation; safe under threads (look-ups fill a cache)."""

    def __init__(self, generation: Generation, texts: AttributeTexts) -> None:
        self._generation = generation
        self._texts = texts
        self._conditions: dict[int, tuple[Condition, ...]] = {}
        self._interned: dict[Condition, Condition] = {}

    def judge(self, asked: Asked, ordinal: int) -> JudgedPart:
        """Verdict and judged applications of one part."""
        generation = self._generation
        true = possible = 0
        judged = []
        for row in generation.rows(ordinal):
            plain, noted = generation.rule_slots(row.rule_id)
            masks = asked.union(plain, noted)
            true |= masks[0]
            possible |= masks[1]
            application = generation.rule(row.rule_id)
            source = replace(application.source, row=row.source_row)
            judged.append(
                Judged(row.application_id, application, self._conditions_of(row.rule_id, application), masks, source)
            )
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

    def answer(self, asked: Asked, part: JudgedPart, dont_know: frozenset[str] = frozenset()) -> FitOut:
        """The fit as it goes out, with the part's own questions."""
        fit = fit_of(asked, part.verdict, part.masks, part.judged, part.position)
        questions: tuple[Question, ...] = ()
        if part.verdict is Verdict.NEEDS_INFO:
            subject = Subject(part.verdict, part.masks, part.judged, part.position)
            questions = best_questions(asked, [subject], self._texts.effort, dont_know, count_rows=True)
        return _fit_out(fit, questions, self._texts)

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

    def _conditions_of(self, rule_id: int, application: Application) -> tuple[Condition, ...]:
        found = self._conditions.get(rule_id)
        if found is None:
            if len(self._conditions) >= CONDITIONS_KEPT:
                self._conditions.clear()
                self._interned.clear()
            known = self._interned
            found = tuple(known.setdefault(one, one) for one in every_condition(application))
            self._conditions[rule_id] = found
        return found


def _fit_out(fit: Fit, questions: Sequence[Question], texts: AttributeTexts) -> FitOut:
    tally = fit.tally
    return FitOut(
        verdict=fit.verdict.value,
        candidates=CandidateCounts(tally.match, tally.unknown, tally.mismatch),
        position=list(fit.position),
        quantity=fit.quantity,
        reasons=[_reason_out(reason) for reason in fit.reasons],
        questions=[texts.question(question) for question in questions],
        notes=[NoteOut(note.text, note.lang, note.kind.value if note.kind else "condition") for note in fit.notes],
    )


def _reason_out(reason: Reason) -> ReasonOut:
    source = reason.source
    return ReasonOut(
        reason.application_id,
        reason.result.word,
        list(reason.vehicle_ids),
        SourceOut(source.file, source.row, source.date),
        [ConditionOut(c.attribute, dict(c.asks), list(c.has), c.result.word) for c in reason.conditions],
    )
