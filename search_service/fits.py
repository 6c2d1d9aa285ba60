"""Fits of named parts: their applications judged through their slots, explained as the contract has it.

Many parts are judged at once: the slots of all their applications are gathered as columns, and only those under a node
of the candidates, a few, are looked at one by one. Rules are decoded only where they could match or are told as misses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice, pairwise

import numpy as np
from msgspec import Raw

from fitment_rules.conditions import Masks
from fitment_rules.fit import Judged, fit_of
from fitment_rules.judge import Asked
from fitment_rules.model import Verdict
from fitment_rules.questions import Question, Questions, Subject
from indexers.columns import Bools, Int64s
from indexers.generation import Generation, PartFlags
from search_service.attributes import AttributeTexts
from search_service.conflicts import conflicts_of
from search_service.fit_out import FitsOut
from search_service.judged import MISSING, OFFERED, Columns, JudgedPart, JudgedParts
from search_service.near_misses import NearMisses
from search_service.wire import NOTHING, FitOut, QuestionOut

UNASKED = FitOut(verdict=None)
"""The fit of every part without a vehicle."""


class Fits:
    """Judges parts of one generation; safe under threads (look-ups fill caches)."""

    def __init__(self, generation: Generation, texts: AttributeTexts) -> None:
        self._generation = generation
        self._texts = texts
        self._out = FitsOut(generation)

    def judge(self, asked: Asked, ordinal: int) -> JudgedPart:
        """Verdict and judged applications of one part."""
        return self.judge_all(asked, (ordinal,))[0]

    def judge_all(self, asked: Asked, ordinals: Sequence[int]) -> JudgedParts:
        """`judge` of many parts, in their order."""
        asked_of = np.array(ordinals, np.int64)
        owners, rows = self._generation.applications_of(asked_of)
        columns = Columns(owners, rows, self._generation.nodes_of(rows))
        outcomes = self._outcomes(asked, columns)
        could = np.fromiter(outcomes, np.int64, len(outcomes))
        judged = self._judged(rows[could], outcomes.values())
        starts = np.searchsorted(owners[could], np.arange(len(ordinals) + 1)).tolist()
        parts = zip(ordinals, self._generation.parts_told(asked_of), pairwise(starts), strict=True)
        return JudgedParts((_part(asked, one, told, judged[first:last]) for one, told, (first, last) in parts), columns)

    def answer(self, asked: Asked, ordinal: int, dont_know: frozenset[str] = frozenset()) -> FitOut:
        """The fit of one part as it goes out, with its own best questions."""
        return self.answer_all(asked, self.judge_all(asked, (ordinal,)), dont_know)[0]

    def answer_all(
        self, asked: Asked, parts: JudgedParts, dont_know: frozenset[str] = frozenset(), questions_each: int = 3
    ) -> list[FitOut]:
        """The fits of parts as they go out, in their order, each with its own best questions, `questions_each`."""
        rules_of = self._questions(asked).rules
        still_open = (
            Subject(part.verdict, part.masks, rules_of(part.judged)) if part.verdict is Verdict.NEEDS_INFO else None
            for part in parts
        )
        return self._answers(asked, parts, still_open, dont_know, questions_each)

    def answer_page(
        self, asked: Asked, parts: JudgedParts, dont_know: frozenset[str] = frozenset()
    ) -> tuple[list[FitOut], QuestionOut | None]:
        """`answer_all` with one question each, and the one that settles most of all, earlier ranks weighing more.

        `None` if none would settle anything.
        """
        subjects = self._subjects(asked, parts)
        best = self._questions(asked).about_page(subjects, dont_know)
        fits = self._answers(asked, parts, subjects, dont_know, questions_each=1)
        return fits, None if best is None else self._worded(asked, best)

    def application_ids(self, parts: JudgedParts, most: int) -> list[list[bytes]]:
        """For each part the ids, as JSON, of the first `most` of its applications that could match."""
        told = [part.judged[:most] for part in parts]
        owners = [part.ordinal for part, some in zip(parts, told, strict=True) for _ in some]
        names = parts.names(self._generation, owners, [one.row for some in told for one in some])
        return [[names[one.row] for one in some] for some in told]

    def _outcomes(self, asked: Asked, columns: Columns) -> Mapping[int, Masks]:
        """Application (index into `rows`) → outcome, of those that could match, ascending."""
        under, generation = self._under(asked), self._generation
        near = np.flatnonzero(under[columns.nodes])
        of_near, slots = generation.slots_of(columns.rows[near])
        nodes = generation.slot_nodes[slots]
        kept = np.flatnonzero(under[nodes])
        judged = asked.each(slots[kept].tolist(), nodes[kept].tolist())
        found = _united(near[of_near[kept]].tolist(), judged, {})
        if not asked.answers_notes:
            return found
        of_near, slots = generation.slots_of(columns.rows[near], noted=True)
        kept = np.flatnonzero(under[generation.note_slot_nodes[slots]])
        noted = map(asked.note_slot, slots[kept].tolist())
        return dict(sorted(_united(near[of_near[kept]].tolist(), noted, found).items()))

    def _under(self, asked: Asked) -> Bools:
        """Which nodes have candidates under them, by node id; one more, for those that are not known to have none."""
        found: Bools | None = asked.memo.get(_UNDER)
        if found is None:
            ids = asked.candidates.table.node_ids
            found = np.zeros(asked.candidates.table.node_count + 1, np.bool_)
            found[[ids[node] for node in asked.candidates.nodes if node in ids]] = True
            found[-1] = True
            asked.memo[_UNDER] = found
        return found

    def _judged(self, rows: Int64s, outcomes: Iterable[Masks]) -> list[Judged]:
        return [
            Judged(row, told, groups, masks)
            for row, (told, groups), masks in zip(rows.tolist(), self._generation.said(rows), outcomes, strict=True)
        ]

    def _subjects(self, asked: Asked, parts: Sequence[JudgedPart]) -> list[Subject]:
        """The parts as questions see them; only what is open has rules."""
        rules_of = self._questions(asked).rules
        return [
            Subject(
                part.verdict,
                part.masks,
                rules_of(part.judged) if part.verdict is Verdict.NEEDS_INFO else (),
                1.0 / (1.0 + rank),
            )
            for rank, part in enumerate(parts)
        ]

    def _answers(
        self,
        asked: Asked,
        parts: JudgedParts,
        subjects: Iterable[Subject | None],
        dont_know: frozenset[str],
        questions_each: int,
    ) -> list[FitOut]:
        missed = self._missed(asked, parts)
        fits = [
            fit_of(asked, part.verdict, part.masks, part.judged, part.position, missed.get(part.ordinal, ()))
            for part in parts
        ]
        questions = [
            self._asks(asked, one, dont_know, questions_each) if one and one.verdict is Verdict.NEEDS_INFO else []
            for one in subjects
        ]
        return self._out.of(asked, parts, fits, questions, self._conflicts(asked, parts))

    def _missed(self, asked: Asked, parts: JudgedParts) -> Mapping[int, Sequence[Judged]]:
        """The nearest applications of the parts that have none that could match, by ordinal."""
        wanted = [at for at, part in enumerate(parts) if part.verdict in MISSING and not part.judged]
        if not wanted:
            return {}
        near = self._misses.of(asked, parts.columns, np.array(wanted, np.int64))
        rows = np.array([row for some in near for row in some], np.int64)
        judged = iter(self._judged(rows, [(0, 0)] * len(rows)))
        return {parts[at].ordinal: tuple(islice(judged, len(some))) for at, some in zip(wanted, near, strict=True)}

    @cached_property
    def _misses(self) -> NearMisses:
        return NearMisses(self._generation)

    def _conflicts(self, asked: Asked, parts: Sequence[JudgedPart]) -> list[Raw]:
        offered = [part.ordinal for part in parts if part.verdict in OFFERED]
        found = iter(conflicts_of(self._generation, asked, self._under(asked), offered))
        return [next(found) if part.verdict in OFFERED else NOTHING for part in parts]

    def _questions(self, asked: Asked) -> Questions:
        found: Questions | None = asked.memo.get(_QUESTIONS)
        if found is None:
            found = asked.memo[_QUESTIONS] = Questions(asked, self._texts.effort)
        return found

    def _asks(self, asked: Asked, subject: Subject, dont_know: frozenset[str], most: int) -> list[QuestionOut]:
        """The questions of one open part; found once for parts of equal rules."""
        if not most:
            return []
        key = (_QUESTIONS, subject.rules, dont_know, most)
        found: list[QuestionOut] | None = asked.memo.get(key)
        if found is None:
            best = self._questions(asked).about_part(subject, dont_know, most)
            found = asked.memo[key] = [self._worded(asked, one) for one in best]
        return found

    def _worded(self, asked: Asked, question: Question) -> QuestionOut:
        """In words; those for values are found once."""
        values = tuple([one.value for one in question.options])
        key = (_LABELS, question.attribute, values)
        labels = asked.memo.get(key)
        if labels is None:
            labels = asked.memo[key] = self._texts.labels(question.attribute, values, asked.candidates)
        return self._texts.question(question, labels)


_UNDER, _QUESTIONS, _LABELS = "fits.under", "fits.questions", "fits.labels"


def _part(asked: Asked, ordinal: int, told: tuple[PartFlags, tuple[str, ...]], judged: Sequence[Judged]) -> JudgedPart:
    true = possible = 0
    for _, _, _, masks in judged:
        true |= masks[0]
        possible |= masks[1]
    masks, (flags, position) = (true, possible), told
    if true == asked.candidates.full:
        return JudgedPart(ordinal, Verdict.FITS, masks, judged, position)
    applications, quarantined, universal = flags
    verdict = asked.verdict(
        masks, universal=universal, applications=applications, quarantined=quarantined, position=position
    )
    return JudgedPart(ordinal, verdict, masks, judged, position)


def _united(index: Iterable[int], outcomes: Iterable[Masks], found: dict[int, Masks]) -> dict[int, Masks]:
    """Outcomes of slots joined by application, those added that could match."""
    for at, masks in zip(index, outcomes, strict=True):
        if masks[1]:
            had = found.get(at)
            found[at] = masks if had is None else (had[0] | masks[0], had[1] | masks[1])
    return found
