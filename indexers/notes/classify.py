"""One note: what kind it seems to be, how surely, and the conditions it states if every word of it is understood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fitment_rules.conditions import Serial
from fitment_rules.model import OPEN, NoteKind, Result, Scalar, Window
from fitment_rules.vehicles import VehicleTable
from indexers.notes.clauses import Clause, clause_of, clauses_of, folded, without_subject
from indexers.notes.dates import span_of
from indexers.notes.lexicon import NoteLexicon
from indexers.notes.meaning import Meanings, Meant

UNDERSTOOD = 0.99
"""Confidence of a note of which every word is understood."""
UNKNOWN = 0.3
"""Confidence in `condition` where no word says anything."""

_SERIAL = re.compile(
    r"(?P<how>from|after|to|thru|through|up to|until|before|自|从|至|到) ?(?:vin|chassis|serial|车架号?|底盘号?)"
    r"(?: ?(?:no|number|#|号)\.?)?:? ?(?P<one>[0-9a-z]{6}|[0-9a-hj-npr-z]{17})"
    r"(?: ?(?:to|thru|through|-|至|到) ?(?P<two>[0-9a-z]{6}|[0-9a-hj-npr-z]{17}))?"
)
_SERIAL_FIRST = re.compile(
    r"(?:(?:vin|chassis|serial)(?: ?(?:no|number|#)\.?)?|车架号|底盘号):? ?"
    r"(?P<how>from|to|thru|through|up to|自|从|至|到) ?(?P<one>[0-9a-z]{6}|[0-9a-hj-npr-z]{17})(?P<two>(?!))?"
)
_SIZED = (
    re.compile(r"(?P<litres>\d\.\d)(?:(?P<kind>[lt])(?P<after>.*)|(?P<beside> .+|[^\x00-\x7f].*))"),
    re.compile(r"(?P<before>.+?) ?(?P<litres>\d\.\d)(?P<kind>[lt])"),
)
"""A displacement with the phrase beside it: `2.0T 四驱`, `1.6自吸`, `diesel 2.0L`."""

Where = Mapping[str, tuple[Scalar, ...]]


@dataclass(frozen=True, slots=True)
class Asks:
    """Conditions as an application states them; `years` narrow its model years."""

    where: Where = field(default_factory=dict)
    except_: tuple[Where, ...] = ()
    built: Window = OPEN
    years: Window = OPEN
    serial: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Reading:
    """`asks` is `None` unless the whole note is understood."""

    kind: NoteKind
    confidence: float
    asks: Asks | None = None


class NoteReader:
    """Reads notes against one vehicle table; deterministic."""

    def __init__(self, lexicon: NoteLexicon, table: VehicleTable) -> None:
        self._lexicon = lexicon
        self._meanings = Meanings(lexicon, table)
        self._read: dict[str, Reading] = {}

    def read(self, text: str) -> Reading:
        """The reading of a note as written."""
        found = self._read.get(text)
        if found is None:
            found = self._read[text] = self._reading(folded(text))
        return found

    def _reading(self, text: str) -> Reading:
        asks = self._asks([text]) or self._asks(clauses_of(text))
        if asks is not None:
            return Reading(NoteKind.CONDITION, UNDERSTOOD, asks)
        for weight, kind, pattern in self._lexicon.cues:
            if pattern.search(text):
                return Reading(kind, weight)
        return Reading(NoteKind.CONDITION, UNKNOWN)

    def _asks(self, clauses: list[str]) -> Asks | None:
        """All clauses together; `None` if one is not understood, or two speak of the same thing."""
        draft = _Draft()
        denied = False
        for text in clauses:
            clause = clause_of(text)
            if denied and clause.bare:
                return None
            denied = denied or clause.denied
            spans = [without_subject(text)] + [without_subject(clause.about)] * (not clause.denied)
            if not (any(map(draft.limit, spans)) or self._take(draft, clause)):
                return None
        return draft.asks() if clauses else None

    def _take(self, draft: _Draft, clause: Clause) -> bool:
        meant = [self._meanings.of(clause.about)]
        if meant == [None] and not clause.denied:
            meant = [self._meanings.of(phrase) for phrase in _taken_apart(clause.about)]
        return bool(meant) and all(one is not None and draft.add(one, clause.denied) for one in meant)


def _taken_apart(phrase: str) -> list[str]:
    """A displacement, `turbo` where a T says so, and what stands beside it; nothing if no displacement is named.

    A denied one is never taken apart: it denies the two together.
    """
    for pattern in _SIZED:
        match = pattern.fullmatch(phrase)
        if match is not None:
            told = match.groupdict("")
            beside = (told.get(name, "").strip() for name in ("before", "after", "beside"))
            return [f"{told['litres']}l", *["turbo"] * (told["kind"] == "t"), *filter(None, beside)]
    return []


class _Draft:
    """Conditions gathered from clauses."""

    def __init__(self) -> None:
        self._where: dict[str, tuple[Scalar, ...]] = {}
        self._except: list[Where] = []
        self._built = self._years = OPEN
        self._serial: tuple[str | None, str | None] = (None, None)

    def asks(self) -> Asks:
        return Asks(self._where, tuple(self._except), self._built, self._years, self._serial)

    def add(self, meant: Meant, denied: bool) -> bool:
        """False where the attribute was spoken of before, or is denied though no vehicle has it: a person can answer
        the note itself better."""
        if meant.attribute in self._where:
            return not denied and self._where[meant.attribute] == meant.values
        if not denied:
            self._where[meant.attribute] = meant.values
        elif meant.known:
            self._except.append({meant.attribute: meant.values})
        return not denied or meant.known

    def limit(self, text: str) -> bool:
        """Take a clause that is a span of dates or of serial numbers; the first of each kind only."""
        said = span_of(text)
        if said is not None:
            if not (self._built.open and self._years.open):
                return False
            self._built, self._years = (OPEN, said.window) if said.years else (said.window, OPEN)
            return True
        serial = serial_of(text)
        if serial is None or self._serial != (None, None):
            return False
        self._serial = serial
        return True


def serial_of(text: str) -> tuple[str | None, str | None] | None:
    """A range of VINs or of their last six characters, as those; `None` if it is none."""
    match = _SERIAL.fullmatch(text) or _SERIAL_FIRST.fullmatch(text)
    if match is None or not any(sign.isdigit() for sign in match["one"][-6:]):
        return None
    one, two = (None if found is None else found[-6:].upper() for found in (match["one"], match["two"]))
    if two is not None:
        return None if Serial(one, None).result(two) is Result.MISMATCH else (one, two)
    if match["how"] in ("after", "before"):
        return None
    return (one, None) if match["how"] in ("from", "自", "从") else (None, one)
