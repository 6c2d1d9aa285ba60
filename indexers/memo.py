"""The repeating parts of applications: the bytes as they stand in the file → the number of what they mean.

Applications repeat their selectors, conditions, notes and positions by the thousand. A part is decoded, checked and
written once for every spelling; after that its bytes are one dictionary look-up. Meanings are numbered densely from 0
in order of appearance; a part that is wrong has a number below `WRONG`, and its error is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import msgspec

from fitment_rules.compile import validate
from fitment_rules.errors import InvalidRow
from fitment_rules.model import Application, NoteKind, Scalar, Window, span
from indexers.careful import explain, shown
from indexers.errors import BadRow
from indexers.rows import NoteRow, Values, VehicleSelector
from indexers.wording import no_json

WRONG = -1
"""Numbers below this stand for errors: `errors[WRONG - 1 - number]`."""

MOST_SPELLINGS = 1_000_000
"""Spellings remembered at once, about 200 MB; then the memo forgets them and meanings may be written twice."""

SEPARATOR = b"\x00"
"""Between the parts of a compound key; JSON text cannot hold it."""


class Memo(dict[bytes, int]):
    """Spelling → number, filled by `read`, which makes the canonical record of a spelling or raises `BadRow`."""

    def __init__(self, read: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._read = read
        self._numbers: dict[bytes, int] = {}
        self.records: list[bytes] = []
        self.errors: list[BadRow] = []

    def __missing__(self, spelling: bytes) -> int:
        if len(self) >= MOST_SPELLINGS:
            self.clear()
            self._numbers.clear()
        try:
            number = self._number(self._read(spelling))
        except BadRow as error:
            self.errors.append(error)
            number = WRONG - len(self.errors)
        self[spelling] = number
        return number

    def error(self, number: int) -> BadRow:
        """The error that a number below `WRONG` stands for."""
        return self.errors[WRONG - 1 - number]

    def _number(self, record: bytes) -> int:
        number = self._numbers.get(record)
        if number is None:
            number = self._numbers[record] = len(self.records)
            self.records.append(record)
        return number


_SELECTOR = msgspec.json.Decoder(VehicleSelector | None)
_IDS = msgspec.json.Decoder(list[str | int] | None)
_WHERE = msgspec.json.Decoder(dict[str, Values | None] | None)
_EXCEPT = msgspec.json.Decoder(list[dict[str, Values | None]] | None)
_NOTES = msgspec.json.Decoder(list[NoteRow] | None)
_PLACES = msgspec.json.Decoder(str | list[str] | None)
_ENCODE = msgspec.json.Encoder(order="deterministic").encode


def read_selector(spelling: bytes, vehicle_ids: Container[str]) -> bytes:
    """`vehicle` SEPARATOR `vehicle_ids` as `{"make", "model", "years"}` or `{"ids", "unknown"}`, lists always."""
    vehicle, _, listed = spelling.partition(SEPARATOR)
    selector = _decode(_SELECTOR, vehicle, "vehicle")
    ids = _decode(_IDS, listed, "vehicle_ids")
    if selector is None and ids is None:
        raise BadRow("vehicle", None, "is required (or vehicle_ids)")
    if selector is not None and ids is not None:
        raise BadRow("vehicle", None, "give vehicle or vehicle_ids, not both")
    if ids is not None:
        return _listed(list(map(str, ids)), vehicle_ids)
    years = Window(*(selector.years or (None, None)))
    make, model = values_of(selector.make), values_of(selector.model)
    _check(Application("", "", make=make, model=model, years=years))
    return _ENCODE({"make": make, "model": model, "years": (years.start, years.end)})


def _listed(ids: Sequence[str], known: Container[str]) -> bytes:
    held = sorted({one for one in ids if one in known})
    if not held:
        reason = "names no vehicle" if not ids else "names no vehicle of the vehicle table"
        raise BadRow("vehicle_ids", shown(list(ids)), reason)
    return _ENCODE({"ids": held, "unknown": sorted({one for one in ids if one not in known})})


def read_condition(spelling: bytes) -> bytes:
    """`where`, `except` and the four limits (`built_from` …, text), separated, as one record; only what is given."""
    where, except_, *limits = (*spelling.split(SEPARATOR), b"", b"", b"", b"", b"")[:6]
    said = _decode(_WHERE, where, "where") or {}
    asked = {name: kept for name, value in said.items() if (kept := _asked(name, value))}
    sets = [_exception(members) for members in _decode(_EXCEPT, except_, "except") or ()]
    built_from, built_to, serial_from, serial_to = (limit.decode() or None for limit in limits)
    record: dict[str, Any] = {}
    if asked:
        record["where"] = asked
    if sets:
        record["except"] = sets
    if built_from or built_to:
        record["built"] = _built(built_from, built_to)
    if serial_from or serial_to:
        record["serial"] = (serial_from, serial_to)
    _check(Application("", "", where=asked, except_=tuple(sets), vin_serial_from=serial_from, vin_serial_to=serial_to))
    return _ENCODE(record)


def read_notes(spelling: bytes) -> bytes:
    """Notes as a list of `[text, lang, kind or null]`, in the order given."""
    notes = _decode(_NOTES, spelling, "notes") or ()
    kinds = {kind.value for kind in NoteKind}
    for note in notes:
        if note.kind is not None and note.kind not in kinds:
            raise BadRow("notes.kind", shown(note.kind), f"is none of {', '.join(sorted(kinds))}")
    return _ENCODE([(note.text, note.lang or "en", note.kind) for note in notes])


def read_places(spelling: bytes) -> bytes:
    """A position as the list of its places, as spelled."""
    places = _decode(_PLACES, spelling, "position")
    listed = [places] if isinstance(places, str) else places or []
    return _ENCODE([place.strip() for place in listed if place.strip()])


def values_of(value: Values | None) -> tuple[Scalar, ...]:
    """One value or a list of them as a tuple without blanks; `None` and blank text are no value."""
    listed = value if isinstance(value, list) else [value]
    return tuple(dict.fromkeys(one for one in listed if one is not None and one != ""))


def _asked(name: str, value: Values | None) -> tuple[Scalar, ...]:
    kept = values_of(value)
    if isinstance(value, list) and not kept:
        raise BadRow(
            f"where.{name}", shown(value), "an empty list can never match; leave the attribute out for any value"
        )
    return kept


def _exception(members: Mapping[str, Values | None]) -> dict[str, tuple[Scalar, ...]]:
    kept = {name: values_of(value) for name, value in members.items()}
    if not kept or not all(kept.values()):
        raise BadRow("except", shown(dict(members)), "an exception without a value would exclude every vehicle")
    return kept


def _built(start: str | None, end: str | None) -> tuple[int | None, int | None]:
    try:
        window = span(start, end)
    except InvalidRow as error:
        raise BadRow(error.field, error.value, error.reason) from None
    return window.start, window.end


def _check(application: Application) -> None:
    try:
        validate(application)
    except InvalidRow as error:
        raise BadRow(error.field, shown(error.value), error.reason) from None


def _untyped(raw: bytes) -> Any:
    """The value as it was written; a number too large for any type has none."""
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None


def _decode(decoder: msgspec.json.Decoder[Any], raw: bytes, field: str) -> Any:
    if not raw:
        return None
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        found = explain(error, _untyped(raw))
        raise BadRow(".".join(filter(None, (field, found.field))), found.value, found.reason) from None
    except (ValueError, RecursionError) as error:
        raise BadRow(field, shown(raw.decode("utf-8", "replace")), no_json(error, raw)) from None
