"""Fits as they go out, put together from what the kernel found. Reasons share what is the same of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from fitment_rules.fit import ConditionSeen, Fit
from fitment_rules.judge import Asked
from indexers.generation import Generation, PartRow
from search_service.wire import CandidateCounts, ConditionOut, FitOut, NoteOut, QuestionOut, ReasonOut, SourceOut


def fits_out(
    generation: Generation,
    asked: Asked,
    ordinals: Sequence[int],
    fits: Sequence[Fit],
    questions: Sequence[list[QuestionOut]],
    conflicts: Sequence[list[str]],
) -> list[FitOut]:
    """One for each part, in order. The applications that reasons name are read for all of them at once."""
    owners = [ordinal for ordinal, fit in zip(ordinals, fits, strict=True) for _ in fit.reasons]
    rows = [reason.judged.row for fit in fits for reason in fit.reasons]
    named = iter(generation.rows_at(np.array(owners, np.int64), np.array(rows, np.int64)))
    return [
        FitOut(
            verdict=fit.verdict.value,
            candidates=CandidateCounts(*fit.tally),
            position=list(fit.position),
            quantity=fit.quantity,
            reasons=_reasons(asked, fit, named),
            questions=asks,
            notes=[NoteOut(note.text, note.lang, note.kind.value if note.kind else "condition") for note in fit.notes],
            conflicts_with=others,
        )
        for fit, asks, others in zip(fits, questions, conflicts, strict=True)
    ]


def _reasons(asked: Asked, fit: Fit, named: Iterator[PartRow]) -> list[ReasonOut]:
    found = []
    for judged, result, vehicle_ids, seen in fit.reasons:
        row, source = next(named), judged.application.source
        told = SourceOut(source.file, row.source_row, source.date)
        conditions = _conditions(asked, seen)
        found.append(ReasonOut(row.application_id, result.word, list(vehicle_ids), told, conditions))
    return found


def _conditions(asked: Asked, seen: tuple[ConditionSeen, ...]) -> list[ConditionOut]:
    """Once for reasons that share them all, as they do unless a place was asked."""
    if asked.asked_places:
        return [_condition(asked, one) for one in seen]
    key = ("all out", id(seen))
    entry: tuple[object, list[ConditionOut]] | None = asked.memo.get(key)
    if entry is None or entry[0] is not seen:
        entry = asked.memo[key] = (seen, [_condition(asked, one) for one in seen])
    return entry[1]


def _condition(asked: Asked, seen: ConditionSeen) -> ConditionOut:
    """Conditions seen are the same objects wherever reasons share them (`Asked.memo` keeps them), and so are these."""
    key = ("out", id(seen))
    entry: tuple[object, ConditionOut] | None = asked.memo.get(key)
    if entry is None or entry[0] is not seen:
        found = ConditionOut(seen.attribute, seen.asks, list(seen.has), seen.result.word)
        entry = asked.memo[key] = (seen, found)
    return entry[1]
