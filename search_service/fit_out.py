"""Fits as they go out, put together from what the kernel found. Reasons are JSON, made of what is written once.

What a condition asks is written once a generation; what the candidates have once an attribute; a condition with its
result, and each group of conditions that rules share, once a vehicle: very many reasons are made of few conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Raw

from fitment_rules.conditions import AnyOf, Condition, Conditions, Masks, Years
from fitment_rules.fit import MOST_VEHICLES, Fit, Reason, Told, asks, has, outcome, result_of, shown
from fitment_rules.judge import Asked
from fitment_rules.model import Key, Note, Result
from indexers.generation import Generation
from search_service.judged import JudgedParts
from search_service.wire import NOTHING, CandidateCounts, FitOut, NoteOut, QuestionOut

KEPT = 50_000
"""Conditions, and sources, of which a generation remembers what they say, about 200 bytes each."""

_WRITTEN = "fit_out.written"
_encode = msgspec.json.Encoder().encode


class FitsOut:
    """Puts fits of one generation together; safe under threads (look-ups fill caches)."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        self._asks: dict[int, tuple[Condition, bytes]] = {}
        self._sources: dict[int, tuple[Told, bytes, bytes]] = {}

    def of(
        self,
        asked: Asked,
        parts: JudgedParts,
        fits: Sequence[Fit],
        questions: Sequence[list[QuestionOut]],
        conflicts: Sequence[Raw],
    ) -> list[FitOut]:
        """One for each part, in order. The applications that reasons name are read for all of them at once."""
        written: _Written = asked.memo.get(_WRITTEN) or asked.memo.setdefault(_WRITTEN, _Written(asked, self.asked))
        reasons = self._reasons(written, parts, fits)
        return [
            FitOut(
                str(fit.verdict),
                written.tallies.get(fit.tally) or written.tally(fit.tally),
                list(fit.position),
                fit.quantity,
                reason,
                asking,
                [_note(note) for note in fit.notes] if fit.notes else [],
                others,
            )
            for fit, reason, asking, others in zip(fits, reasons, questions, conflicts, strict=True)
        ]

    def asked(self, condition: Condition) -> bytes:
        """A condition up to what the candidates have. The entry keeps alive what its key names by identity."""
        entry = self._asks.get(id(condition))
        if entry is None or entry[0] is not condition:
            if len(self._asks) >= KEPT:
                self._asks.clear()
            told = (_encode(condition.attribute), _encode(asks(condition)))
            entry = self._asks[id(condition)] = (condition, b'{"attribute":%b,"asks":%b,"has":' % told)
        return entry[1]

    def _reasons(self, written: _Written, parts: JudgedParts, fits: Sequence[Fit]) -> list[Raw]:
        """The reasons of each fit, as JSON arrays."""
        owners = [part.ordinal for part, fit in zip(parts, fits, strict=True) for _ in fit.reasons]
        rows = [reason.judged.row for fit in fits for reason in fit.reasons]
        names = parts.names(self._generation, owners, rows)
        read = iter(self._generation.source_rows(rows))
        outcomes, sources = written.outcomes, self._sources
        found = []
        for fit in fits:
            told = []
            for reason in fit.reasons:
                row, application, _, masks = reason.judged
                source = sources.get(id(application))
                if source is None or source[0] is not application:
                    source = self._source(application)
                said = (
                    names[row],
                    outcomes.get(masks) or written.outcome(masks),
                    source[1],
                    _ROW % at if (at := next(read)) >= 0 else b"null",
                    source[2],
                    written.conditions(reason),
                )
                told.append(_REASON % said)
            found.append(Raw(b"[%b]" % b",".join(told)) if told else NOTHING)
        return found

    def _source(self, application: Told) -> tuple[Told, bytes, bytes]:
        """The source of what shares it, up to its row and from there on; the entry keeps alive what its key names."""
        if len(self._sources) >= KEPT:
            self._sources.clear()
        source = application.source
        before, after = b',"source":{"file":%b,"row":', b',"date":%b},"conditions":['
        entry = (application, before % _encode(source.file), after % _encode(source.date))
        self._sources[id(application)] = entry
        return entry


class _Written:
    """What was written for one vehicle query; by identity of what stays alive with it, where it is of conditions."""

    def __init__(self, asked: Asked, asks_of: Callable[[Condition], bytes]) -> None:
        self.outcomes: dict[Masks, bytes] = {}
        self.tallies: dict[tuple[int, int, int], CandidateCounts] = {}
        self._asked = asked
        self._asks_of = asks_of
        self._of: dict[int, bytes] = {}
        self._groups: dict[int, bytes] = {}
        self._kept: list[Conditions] = []
        self._had: dict[str, tuple[bytes, frozenset[Key] | None]] = {}

    def tally(self, tally: tuple[int, int, int]) -> CandidateCounts:
        """Rows by outcome."""
        found = self.tallies[tally] = CandidateCounts(*tally)
        return found

    def outcome(self, masks: Masks) -> bytes:
        """The result of an application, and the ids of the rows that it matches or else could, at most
        `MOST_VEHICLES`."""
        result = result_of(self._asked, masks)
        ids = self._asked.candidates.vehicle_ids_of(masks[0] or masks[1], MOST_VEHICLES)
        found = self.outcomes[masks] = b'"result":"%b","vehicle_ids":%b' % (_WORDS[result], _encode(ids))
        return found

    def conditions(self, reason: Reason) -> bytes:
        """The conditions of an application, joined by commas."""
        known = self._groups
        told = [known.get(id(one)) or self._group(one) for one in reason.judged.groups if one]
        if reason.place is not None:
            told.append(self._condition(reason.place))
        return b",".join(told)

    def _group(self, conditions: Conditions) -> bytes:
        """A group of conditions that rules share; kept alive, so that no other gets its identity."""
        self._kept.append(conditions)
        told, of = [], self._of
        for one in conditions:
            text = of.get(id(one))
            if text is None:
                text = of[id(one)] = self._condition(one)
            told.append(text)
        found = b",".join(told)
        self._groups[id(conditions)] = found
        return found

    def _condition(self, condition: Condition) -> bytes:
        """A condition with what the candidates have and its result; remembered for as long as `_kept` keeps it."""
        asked = self._asked
        if not isinstance(condition, AnyOf) and not isinstance(condition, Years):
            shown, result = _encode(has(asked, condition)), result_of(asked, outcome(asked, condition))
        else:
            shown, lone = self._had.get(condition.attribute) or self._has(condition.attribute)
            if lone is None:
                result = result_of(asked, outcome(asked, condition))
            elif isinstance(condition, AnyOf):
                result = _IF_KNOWN[lone <= condition.keys, lone.isdisjoint(condition.keys)]
            else:
                result = condition.result(lone)
        return b'%b%b,"result":"%b"}' % (self._asks_of(condition), shown, _WORDS[result])

    def _has(self, attribute: str) -> tuple[bytes, frozenset[Key] | None]:
        """What the candidates have, as JSON; and what is known of all of them, if it is the same."""
        groups = self._asked.candidates.values(attribute)
        lone = groups[0][0] if len(groups) == 1 else None
        found = self._had[attribute] = (_encode(shown(self._asked, attribute)), lone)
        return found


_ROW, _REASON = b"%d", b'{"application_id":%b,%b%b%b%b%b]}'


def _note(note: Note) -> NoteOut:
    return NoteOut(note.text, note.lang, note.kind.value if note.kind else "condition")


_IF_KNOWN = {
    (True, True): Result.MATCH,
    (True, False): Result.MATCH,
    (False, False): Result.UNKNOWN,
    (False, True): Result.MISMATCH,
}
"""The outcome by whether all that is known of a candidate is asked for, and whether nothing of it is."""

_WORDS = tuple([result.word.encode() for result in sorted(Result)])
