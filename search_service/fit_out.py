"""Fits as they go out, put together from what the kernel found. Reasons share what is the same of them, as JSON.

What a condition asks is written once a generation, what the candidates have once an attribute, and a condition with its
result once a vehicle: very many reasons are made of few conditions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Raw

from fitment_rules.conditions import AnyOf, Condition, Years
from fitment_rules.fit import MOST_VEHICLES, Fit, Judged, asks, has, outcome, result_of, shown
from fitment_rules.judge import Asked
from fitment_rules.model import Note
from indexers.generation import Generation, PartRow
from search_service.wire import CandidateCounts, FitOut, NoteOut, QuestionOut, ReasonOut, SourceOut

KEPT = 50_000
"""Conditions of which a generation remembers what they ask, about 200 bytes each."""

_WRITTEN = "fit_out.written"
_encode = msgspec.json.Encoder().encode


class FitsOut:
    """Puts fits of one generation together; safe under threads (look-ups fill caches)."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._asks: dict[int, tuple[Condition, bytes]] = {}

    def of(
        self,
        asked: Asked,
        ordinals: Sequence[int],
        fits: Sequence[Fit],
        questions: Sequence[list[QuestionOut]],
        conflicts: Sequence[list[str]],
    ) -> list[FitOut]:
        """One for each part, in order. The applications that reasons name are read for all of them at once."""
        owners = [ordinal for ordinal, fit in zip(ordinals, fits, strict=True) for _ in fit.reasons]
        rows = [reason.judged.row for fit in fits for reason in fit.reasons]
        named = iter(self._generation.rows_at(np.array(owners, np.int64), np.array(rows, np.int64)))
        return [
            FitOut(
                fit.verdict.value,
                CandidateCounts(*fit.tally),
                list(fit.position),
                fit.quantity,
                self._reasons(asked, fit, named),
                asking,
                [_note(note) for note in fit.notes] if fit.notes else [],
                others,
            )
            for fit, asking, others in zip(fits, questions, conflicts, strict=True)
        ]

    def _reasons(self, asked: Asked, fit: Fit, named: Iterator[PartRow]) -> list[ReasonOut]:
        written: _Written = asked.memo.get(_WRITTEN) or asked.memo.setdefault(_WRITTEN, _Written(asked))
        found = []
        for judged, result, covered, conditions in fit.reasons:
            row, source = next(named), judged.application.source
            found.append(
                ReasonOut(
                    row.application_id,
                    result.word,
                    written.ids.get(covered) or written.vehicles(covered),
                    SourceOut(source.file, row.source_row, source.date),
                    written.rules.get(id(conditions)) or self._conditions(written, judged, conditions),
                )
            )
        return found

    def _conditions(self, written: _Written, judged: Judged, conditions: tuple[Condition, ...]) -> Raw:
        """Once for rules whose own conditions they are: `judged` keeps those alive, and so does what is written."""
        asked = [written.of.get(id(one)) or written.condition(one, self._asked(one)) for one in conditions]
        found = Raw(b"[%b]" % b",".join(asked))
        if conditions is judged.conditions:
            written.keep(conditions, found)
        return found

    def _asked(self, condition: Condition) -> bytes:
        """A condition up to what the candidates have. The entry keeps alive what its key names by identity."""
        entry = self._asks.get(id(condition))
        if entry is None or entry[0] is not condition:
            if len(self._asks) >= KEPT:
                self._asks.clear()
            told = (_encode(condition.attribute), _encode(asks(condition)))
            entry = self._asks[id(condition)] = (condition, b'{"attribute":%b,"asks":%b,"has":' % told)
        return entry[1]


class _Written:
    """What was written for one vehicle query: by condition and by rule (identities, which stay alive with it)."""

    def __init__(self, asked: Asked) -> None:
        self.of: dict[int, bytes] = {}
        self.rules: dict[int, Raw] = {}
        self.ids: dict[int, Raw] = {}
        self._kept: list[tuple[Condition, ...]] = []
        self._asked = asked
        self._has: dict[str, bytes] = {}

    def condition(self, condition: Condition, begun: bytes) -> bytes:
        """A condition with what the candidates have and its result; remembered where `outcome` keeps it."""
        masks = outcome(self._asked, condition)
        told = b'%b%b,"result":"%b"}' % (begun, self._shown(condition), _WORDS[result_of(self._asked, masks).word])
        if id(condition) in self._asked.memo:
            self.of[id(condition)] = told
        return told

    def keep(self, conditions: tuple[Condition, ...], written: Raw) -> None:
        """The conditions of a rule, which stay alive so that no other rule's get their identity."""
        self._kept.append(conditions)
        self.rules[id(conditions)] = written

    def vehicles(self, covered: int) -> Raw:
        """Ids of the rows of some candidates, at most `MOST_VEHICLES`."""
        found = self.ids[covered] = Raw(_encode(self._asked.candidates.vehicle_ids_of(covered, MOST_VEHICLES)))
        return found

    def _shown(self, condition: Condition) -> bytes:
        if not isinstance(condition, AnyOf | Years):
            return _encode(has(self._asked, condition))
        found = self._has.get(condition.attribute)
        if found is None:
            found = self._has[condition.attribute] = _encode(shown(self._asked, condition.attribute))
        return found


def _note(note: Note) -> NoteOut:
    return NoteOut(note.text, note.lang, note.kind.value if note.kind else "condition")


_WORDS: dict[str, Any] = {word: word.encode() for word in ("match", "mismatch", "unknown")}
