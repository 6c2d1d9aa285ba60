"""What people decided about notes: a kind, and for a condition perhaps what it means as attributes.

A review file is JSON Lines: `{"text" | "note_id", "kind", "where"?, "except"?, "built_from"?, "built_to"?, "years"?,
"vin_serial_from"?, "vin_serial_to"?}`; `{"action": "D"}` withdraws. Other keys are ignored, so that the list of notes
to review that a build writes can be handed back after a look. A decision counts for every row with the note, whatever
the row's own kind, and for every later delivery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from fitment_rules.compile import validate
from fitment_rules.errors import InvalidRow
from fitment_rules.model import Application, NoteKind, Window, iso_day, note_id, span
from indexers.errors import UnreadableSource
from indexers.memo import values_of
from indexers.notes.classify import Asks
from indexers.rows import Action, Values


class Review(msgspec.Struct, omit_defaults=True):
    """One decision, as its line says it."""

    kind: NoteKind = NoteKind.CONDITION
    note_id: str = ""
    text: str = ""
    action: Action = Action.ADD
    where: dict[str, Values] = {}
    except_: list[dict[str, Values]] = msgspec.field(name="except", default_factory=list)
    built_from: str | None = None
    built_to: str | None = None
    years: tuple[int | None, int | None] | None = None
    vin_serial_from: str | None = None
    vin_serial_to: str | None = None

    @property
    def key(self) -> str:
        """The id of the note."""
        return self.note_id or note_id(self.text)

    def asks(self) -> Asks | None:
        """The conditions given; `None` if there are none. Raises `InvalidRow`."""
        where = {name: values_of(value) for name, value in self.where.items()}
        sets = tuple({name: values_of(value) for name, value in one.items()} for one in self.except_)
        serial = self.vin_serial_from, self.vin_serial_to
        found = Asks(where, sets, span(self.built_from, self.built_to), Window(*(self.years or (None, None))), serial)
        validate(Application("", "", where=where, except_=sets, years=found.years))
        return None if found == Asks() else found


def read_reviews(file: Path) -> list[Review]:
    """The lines of a review file. Raises `UnreadableSource` that names the line and what is wrong with it."""
    found = []
    decoder = msgspec.json.Decoder(Review)
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            review = decoder.decode(line)
            asks = review.asks()
        except (ValueError, InvalidRow) as error:
            raise UnreadableSource(str(file), f"line {number}: {error}") from None
        if not (review.note_id or review.text.strip()):
            raise UnreadableSource(str(file), f"line {number}: needs text or note_id")
        if asks is not None and review.kind is not NoteKind.CONDITION:
            raise UnreadableSource(str(file), f"line {number}: only a condition can ask for something")
        found.append(review)
    return found


def merged(before: Iterable[Review], now: Iterable[Review]) -> dict[str, Review]:
    """Decisions by note id; later ones count."""
    found = {one.key: one for one in before}
    for one in now:
        found.pop(one.key, None)
        if one.action is Action.ADD:
            found[one.key] = one
    return found


def write_reviews(file: Path, reviews: Mapping[str, Review]) -> None:
    """Replace a review file."""
    aside = file.with_suffix(".new")
    aside.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in reviews.values()))
    aside.replace(file)


def proposal(text: str, lang: str, count: int, kind: NoteKind, confidence: float) -> bytes:
    """A line of the list of notes to review."""
    line = {
        "note_id": note_id(text), "text": text, "lang": lang, "count": count, "kind": kind.value,
        "confidence": confidence,
    }  # fmt: skip
    return msgspec.json.encode(line)


def as_row(asks: Asks) -> dict[str, object]:
    """Conditions in the words of an application row."""
    told: dict[str, object] = {
        "where": {name: list(values) for name, values in asks.where.items()},
        "except": [{name: list(values) for name, values in one.items()} for one in asks.except_],
        "built_from": iso_day(asks.built.start), "built_to": iso_day(asks.built.end),
        "years": None if asks.years.open else [asks.years.start, asks.years.end],
        "vin_serial_from": asks.serial[0], "vin_serial_to": asks.serial[1],
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}
