"""Notes of a build's rules, read: conditions that are understood become real ones, reviewed kinds take effect.

Rules keep what their rows said (`Rows.read`): the next delivery, another review or another vehicle table reads them
again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from fitment_rules.model import NoteKind, Scalar, Window, key_of, note_id
from fitment_rules.vehicles import VehicleTable
from indexers.columns import Int64s, blocks
from indexers.generation_files import READ
from indexers.merge import Rows
from indexers.notes.classify import Asks, NoteReader
from indexers.notes.lexicon import NoteLexicon
from indexers.notes.review import Review, as_row, proposal
from indexers.numbering import number_tuples
from indexers.report import NoteCounts

MOST_PROPOSED = 20_000
"""Notes listed for review, the most frequent first."""

_ENCODE = msgspec.json.Encoder(order="deterministic").encode

Told = tuple[str, str, str | None]
"""A note as its record holds it: text, language, kind."""


@dataclass(frozen=True, slots=True)
class NoteRules:
    """How notes are read: words, and what people decided, by note id."""

    lexicon: NoteLexicon = field(default_factory=NoteLexicon)
    reviews: Mapping[str, Review] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotesRead:
    """What became of all notes: counts, lines of those to review and of those that are conditions now."""

    counts: NoteCounts
    proposals: list[bytes]
    readings: list[bytes]


class Rereading:
    """Reads the notes of one build."""

    def __init__(self, rules: NoteRules, table: VehicleTable, rows: Rows) -> None:
        self._reviews = rules.reviews
        self._reader = NoteReader(rules.lexicon, table)
        self._horizon = table.horizon
        self._rows = rows
        self.understood: dict[str, Asks] = {}

    def apply(self) -> None:
        """Change the columns of rules whose notes mean something else than they say; `rows.read` keeps the others."""
        records = self._rows.tables.records["notes"]
        meant = {number: found for number, one in enumerate(records) if (found := self._meant(one)) is not None}
        rules = self._rows.rules
        self._rows.read = {name: rules[name] for name in READ}
        at = np.flatnonzero(np.isin(rules["notes"], np.array(sorted(meant), np.int32)))
        if not len(at):
            return
        triples, firsts = number_tuples([rules[name][at] for name in READ])
        fresh = np.array([self._joined(int(at[one]), meant) for one in firsts], np.int32)
        for column, name in enumerate(READ):
            rules[name] = rules[name].copy()
            rules[name][at] = fresh[triples, column]

    def _meant(self, record: bytes) -> tuple[list[Told], list[Asks]] | None:
        """The notes that stay, and the conditions that the others are; `None` if nothing changes."""
        told: list[Told] = [(text, lang, kind) for text, lang, kind in msgspec.json.decode(record)]
        stay: list[Told] = []
        asks: list[Asks] = []
        for text, lang, kind in told:
            kind, found = self._decided(text, kind)
            if found is None:
                stay.append((text, lang, kind))
            else:
                asks.append(found)
        return None if stay == told else (stay, asks)

    def _decided(self, text: str, kind: str | None) -> tuple[str | None, Asks | None]:
        review = self._reviews.get(note_id(text)) if self._reviews else None
        if review is not None:
            return review.kind.value, review.asks()
        asks = self._reader.read(text).asks if kind is None else None
        if asks is not None:
            self.understood[text] = asks
        return kind, asks

    def _joined(self, rule: int, meant: Mapping[int, tuple[list[Told], list[Asks]]]) -> tuple[int, int, int]:
        """Numbers of selector, condition and notes of a rule; as they were if a note contradicts its row."""
        rules, tables = self._rows.rules, self._rows.tables
        said = tuple(int(rules[name][rule]) for name in READ)
        stay, asks = meant[said[2]]
        selector = msgspec.json.decode(tables.records["selector"][said[0]])
        condition = msgspec.json.decode(tables.records["condition"][said[1]])
        if not all(add(selector, condition, one, self._horizon) for one in asks):
            return said[0], said[1], said[2]
        notes = int(tables.add("notes", [_ENCODE(stay)])[0]) if stay else -1
        numbers = [
            int(tables.add(name, [_ENCODE(one)])[0]) for name, one in (("selector", selector), ("condition", condition))
        ]
        return numbers[0], numbers[1], notes

    def told(self) -> NotesRead:
        """What became of the notes of the rows as they are now."""
        told = self._told()
        return NotesRead(self._counts(told), list(self._proposals(told)), list(self._readings()))

    def _counts(self, told: Counter[Told]) -> NoteCounts:
        """Notes of all applications by what became of them, and by kind: given, decided or proposed."""
        found = NoteCounts()
        kinds: Counter[str] = Counter()
        for (text, _, kind), count in told.items():
            found.total += count
            reviewed = bool(self._reviews) and note_id(text) in self._reviews
            if reviewed:
                found.reviewed += count
            elif kind is not None:
                found.given += count
            elif text in self.understood:
                found.understood += count
            else:
                found.open += count
            own = self._reviews[note_id(text)].kind.value if reviewed else kind
            kinds[own or self._reader.read(text).kind.value] += count
        found.kinds = dict(sorted(kinds.items()))
        return found

    def _proposals(self, told: Counter[Told]) -> Iterator[bytes]:
        """Lines of the notes that are open, the most frequent first."""
        waiting: Counter[str] = Counter()
        first: dict[str, tuple[str, str]] = {}
        for (text, lang, kind), count in told.items():
            if kind is None and text not in self.understood:
                key = note_id(text)
                if key not in self._reviews:
                    waiting[key] += count
                    first.setdefault(key, (text, lang))
        for key, count in sorted(waiting.items(), key=lambda one: (-one[1], first[one[0]]))[:MOST_PROPOSED]:
            text, lang = first[key]
            reading = self._reader.read(text)
            yield proposal(text, lang, count, reading.kind, reading.confidence)

    def _readings(self) -> Iterator[bytes]:
        """Lines of the notes that became conditions, with those conditions."""
        for text, asks in sorted(self.understood.items()):
            yield msgspec.json.encode({"text": text, "kind": NoteKind.CONDITION.value, **as_row(asks)})

    def _told(self) -> Counter[Told]:
        """Notes as rows say them, with how many rows do."""
        found: Counter[Told] = Counter()
        for record, count in zip(self._rows.tables.records["notes"], self._uses().tolist(), strict=True):
            if count:
                for text, lang, kind in msgspec.json.decode(record):
                    found[text, lang, kind] += count
        return found

    def _uses(self) -> Int64s:
        """How many rows have each notes record."""
        said, count = self._rows.read["notes"], len(self._rows.tables.records["notes"])
        uses = np.zeros(count + 1, np.int64)
        for _, rule in blocks([self._rows.rule]):
            uses += np.bincount(said[rule] + 1, minlength=count + 1)
        return uses[1:]


def add(selector: dict[str, Any], condition: dict[str, Any], asks: Asks, horizon: Window) -> bool:
    """Add conditions to the records of a rule, in place; false if nothing could meet them all."""
    where = condition.setdefault("where", {})
    for name, values in asks.where.items():
        where[name] = _common(where.get(name), values)
    if asks.except_:
        condition.setdefault("except", []).extend({name: list(one[name]) for name in one} for one in asks.except_)
    if not asks.built.open:
        window = _meet(Window(*condition.get("built", (None, None))), asks.built)
        if window is None:
            return False
        condition["built"] = (window.start, window.end)
    if asks.serial != (None, None):
        if "serial" in condition:
            return False
        condition["serial"] = asks.serial
    good = asks.years.open or _narrow_years(selector, where, asks.years, horizon)
    good = good and all(where.values())
    if not where:
        del condition["where"]
    return good


def _narrow_years(selector: dict[str, Any], where: dict[str, Any], years: Window, horizon: Window) -> bool:
    """Model years of a selector; vehicles listed by id are asked for their year."""
    if "ids" in selector:
        known = _meet(years, horizon)
        asked = [] if known is None else list(range(known.start or 0, (known.end or 0) + 1))
        where["year"] = _common(where.get("year"), asked)
        return True
    window = _meet(Window(*selector["years"]), years)
    if window is not None:
        selector["years"] = (window.start, window.end)
    return window is not None


def _common(held: list[Scalar] | None, wanted: Any) -> list[Scalar]:
    if held is None:
        return list(wanted)
    keys = {key_of(one) for one in wanted}
    return [one for one in held if key_of(one) in keys]


def _meet(one: Window, other: Window) -> Window | None:
    """The days or years in both; `None` if there are none."""
    starts = [end for end in (one.start, other.start) if end is not None]
    ends = [end for end in (one.end, other.end) if end is not None]
    window = Window(max(starts, default=None), min(ends, default=None))
    if window.start is not None and window.end is not None and window.start > window.end:
        return None
    return window
