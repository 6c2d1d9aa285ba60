"""Fits of named parts: their applications judged through their slots, explained as the contract has it.

Many parts are judged at once: the slots of all their applications are gathered as columns, and only those under a node
of the candidates, a few, are looked at one by one. Rules are decoded only where they could match or are told as misses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from fitment_rules.conditions import Masks
from fitment_rules.fit import ConditionSeen, Fit, Judged, Reason, fit_of
from fitment_rules.judge import Asked
from fitment_rules.model import Verdict
from fitment_rules.questions import Question, Subject, best_questions
from indexers.columns import Bools, Int64s
from indexers.generation import Generation
from search_service.attributes import AttributeTexts
from search_service.near_misses import NearMisses
from search_service.wire import (
    CandidateCounts,
    ConditionOut,
    FitOut,
    NoteOut,
    QuestionOut,
    ReasonOut,
    SourceOut,
)

UNASKED = FitOut(verdict=None)
"""The fit of every part without a vehicle."""

MISSING = (Verdict.DOES_NOT_FIT, Verdict.NO_DATA)
"""Verdicts explained by the applications that come nearest."""

OFFERED = (Verdict.FITS, Verdict.NEEDS_INFO)
"""Verdicts of parts that a customer chooses from: here a conflict is marked."""

MOST_CONFLICTS = 20
"""Parts named in `conflicts_with`."""


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """One part against the vehicle: what `fit_of` and the questions need. `judged` are those that could match."""

    ordinal: int
    verdict: Verdict
    masks: Masks
    judged: tuple[Judged, ...]
    position: tuple[str, ...]


class Fits:
    """Judges parts of one generation; safe under threads (look-ups fill caches)."""

    def __init__(self, generation: Generation, texts: AttributeTexts) -> None:
        self._generation = generation
        self._texts = texts

    def judge(self, asked: Asked, ordinal: int) -> JudgedPart:
        """Verdict and judged applications of one part."""
        return self.judge_all(asked, (ordinal,))[0]

    def judge_all(self, asked: Asked, ordinals: Sequence[int]) -> list[JudgedPart]:
        """`judge` of many parts, in their order."""
        owners, rows = self._generation.applications_of(np.array(ordinals, np.int64))
        outcomes = self._outcomes(asked, rows)
        by_part: list[list[Judged]] = [[] for _ in ordinals]
        could = np.array(sorted(outcomes), np.int64)
        owner = owners[could]
        found = self._judged(
            np.array(ordinals, np.int64)[owner], rows[could], [outcomes[one] for one in could.tolist()]
        )
        for at, judged in zip(owner.tolist(), found, strict=True):
            by_part[at].append(judged)
        return [self._part(asked, ordinal, some) for ordinal, some in zip(ordinals, by_part, strict=True)]

    def answer(
        self, asked: Asked, part: JudgedPart, dont_know: frozenset[str] = frozenset(), questions_each: int = 3
    ) -> FitOut:
        """The fit as it goes out, with the part's own best questions, at most `questions_each`."""
        return self.answer_all(asked, (part,), dont_know, questions_each)[0]

    def answer_all(
        self,
        asked: Asked,
        parts: Sequence[JudgedPart],
        dont_know: frozenset[str] = frozenset(),
        questions_each: int = 3,
    ) -> list[FitOut]:
        """`answer` of many parts, in their order."""
        missed = self._missed(asked, parts)
        return [self._answer(asked, part, missed.get(part.ordinal, ()), dont_know, questions_each) for part in parts]

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

    def _outcomes(self, asked: Asked, rows: Int64s) -> dict[int, Masks]:
        """Index into `rows` → outcome, of the applications that could match."""
        found: dict[int, Masks] = {}
        for index, slot in self._near(asked, rows, noted=False):
            _widen(found, index, asked.slot(slot))
        if asked.answers_notes:
            for index, slot in self._near(asked, rows, noted=True):
                _widen(found, index, asked.note_slot(slot))
        return found

    def _near(self, asked: Asked, rows: Int64s, *, noted: bool) -> Iterable[tuple[int, int]]:
        """(index into `rows`, slot) of every slot under a node of the candidates."""
        nodes = self._generation.note_slot_nodes if noted else self._generation.slot_nodes
        index, slots = self._generation.slots_of(rows, noted=noted)
        near = self._under(asked)[nodes[slots]]
        return zip(index[near].tolist(), slots[near].tolist(), strict=True)

    def _under(self, asked: Asked) -> Bools:
        """Which nodes have candidates under them, by node id."""
        found: Bools | None = asked.memo.get(_UNDER)
        if found is None:
            ids = asked.candidates.table.node_ids
            found = np.zeros(asked.candidates.table.node_count, np.bool_)
            found[[ids[node] for node in asked.candidates.nodes if node in ids]] = True
            asked.memo[_UNDER] = found
        return found

    def _part(self, asked: Asked, ordinal: int, judged: Sequence[Judged]) -> JudgedPart:
        true = possible = 0
        for one in judged:
            true |= one.masks[0]
            possible |= one.masks[1]
        flags = self._generation.part_flags(ordinal)
        position = self._generation.part_position(ordinal)
        verdict = asked.verdict(
            (true, possible),
            universal=flags.universal,
            applications=flags.applications,
            quarantined=flags.quarantined,
            position=position,
        )
        return JudgedPart(ordinal, verdict, (true, possible), tuple(judged), position)

    def _judged(self, ordinals: Int64s, rows: Int64s, outcomes: Sequence[Masks]) -> list[Judged]:
        told, conditions = self._generation.rules.told, self._generation.rules.conditions
        return [
            Judged(application_id, told(rule), conditions(rule), masks, source_row)
            for (rule, application_id, source_row), masks in zip(
                self._generation.rows_at(ordinals, rows), outcomes, strict=True
            )
        ]

    def _missed(self, asked: Asked, parts: Sequence[JudgedPart]) -> dict[int, tuple[Judged, ...]]:
        """The nearest applications of the parts that have none that could match, by ordinal."""
        wanted = [part.ordinal for part in parts if part.verdict in MISSING and not part.judged]
        if not wanted:
            return {}
        near = self._misses.of(asked, np.array(wanted, np.int64))
        owners = np.repeat(np.array(wanted, np.int64), [len(some) for some in near])
        rows = np.array([row for some in near for row in some], np.int64)
        judged = iter(self._judged(owners, rows, [(0, 0)] * len(rows)))
        return {ordinal: tuple(islice(judged, len(some))) for ordinal, some in zip(wanted, near, strict=True)}

    @cached_property
    def _misses(self) -> NearMisses:
        return NearMisses(self._generation)

    def _answer(
        self,
        asked: Asked,
        part: JudgedPart,
        missed: Sequence[Judged],
        dont_know: frozenset[str],
        questions_each: int,
    ) -> FitOut:
        fit = fit_of(asked, part.verdict, part.masks, part.judged, part.position, missed)
        questions: list[QuestionOut] = []
        if part.verdict is Verdict.NEEDS_INFO:
            questions = self._questions(asked, part, dont_know, questions_each)
        return _fit_out(asked, fit, questions, self._conflicts(asked, part))

    def _conflicts(self, asked: Asked, part: JudgedPart) -> list[str]:
        """Parts of the same maker that the data does not tell apart from this one for these candidates."""
        if part.verdict not in OFFERED or not len(groups := self._generation.conflict_groups(part.ordinal)):
            return []
        slots = self._generation.conflict_slots(groups)
        near = self._under(asked)[self._generation.slot_nodes[slots]]
        members = {
            one
            for group, slot in zip(groups[near].tolist(), slots[near].tolist(), strict=True)
            if asked.slot(slot)[1]
            for one in self._generation.conflict_members(group)
        }
        members.discard(part.ordinal)
        return self._generation.part_ids(sorted(members)[:MOST_CONFLICTS])

    def _questions(self, asked: Asked, part: JudgedPart, dont_know: frozenset[str], most: int) -> list[QuestionOut]:
        """Found once for parts of equal rules; the entry keeps the rules alive that its key names by identity."""
        subject = Subject(part.verdict, part.masks, part.judged, part.position)
        key = ("questions", subject.rules, dont_know, most)
        entry: tuple[object, list[QuestionOut]] | None = asked.memo.get(key)
        if entry is None:
            best = best_questions(asked, [subject], self._texts.effort, dont_know, count_rows=True, most=most)
            entry = asked.memo[key] = (part.judged, [self._texts.question(one, asked.candidates) for one in best])
        return entry[1]


_UNDER = "fits.under"


def _widen(found: dict[int, Masks], index: int, masks: Masks) -> None:
    if masks[1]:
        true, possible = found.get(index, (0, 0))
        found[index] = (true | masks[0], possible | masks[1])


def _fit_out(asked: Asked, fit: Fit, questions: list[QuestionOut], conflicts: list[str]) -> FitOut:
    tally = fit.tally
    return FitOut(
        verdict=fit.verdict.value,
        candidates=CandidateCounts(tally.match, tally.unknown, tally.mismatch),
        position=list(fit.position),
        quantity=fit.quantity,
        reasons=[_reason_out(asked, reason) for reason in fit.reasons],
        questions=questions,
        notes=[NoteOut(note.text, note.lang, note.kind.value if note.kind else "condition") for note in fit.notes],
        conflicts_with=conflicts,
    )


def _reason_out(asked: Asked, reason: Reason) -> ReasonOut:
    source = reason.source
    return ReasonOut(
        reason.application_id,
        reason.result.word,
        list(reason.vehicle_ids),
        SourceOut(source.file, source.row, source.date),
        _conditions_out(asked, reason.conditions),
    )


def _conditions_out(asked: Asked, seen: tuple[ConditionSeen, ...]) -> list[ConditionOut]:
    """Likewise once for reasons that share them all, as they do unless a place was asked."""
    if asked.asked_places:
        return [_condition_out(asked, one) for one in seen]
    key = ("all out", id(seen))
    entry: tuple[object, list[ConditionOut]] | None = asked.memo.get(key)
    if entry is None or entry[0] is not seen:
        entry = asked.memo[key] = (seen, [_condition_out(asked, one) for one in seen])
    return entry[1]


def _condition_out(asked: Asked, seen: ConditionSeen) -> ConditionOut:
    """Conditions seen are the same objects wherever reasons share them (`Asked.memo` keeps them), and so are these."""
    key = ("out", id(seen))
    entry: tuple[object, ConditionOut] | None = asked.memo.get(key)
    if entry is None or entry[0] is not seen:
        found = ConditionOut(seen.attribute, seen.asks, list(seen.has), seen.result.word)
        entry = asked.memo[key] = (seen, found)
    return entry[1]
