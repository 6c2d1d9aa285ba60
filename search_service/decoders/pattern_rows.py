"""Rows of a VIN pattern table: WMI, VIN pattern, years and serials → attributes.

A CSV file with the columns `wmi`, `pattern`, `year_from`, `year_to`, `serial_from`, `serial_to` (positions 12–17),
`built_from`, `built_to` (`YYYY-MM` or `YYYY-MM-DD`) and any attributes behind them (`make`, `model`, `engine`, …;
several values in a cell are `|`-separated and mean one of these; `confidence` is the row's, 0.97 if empty). `pattern`
is matched against positions 4–9 or 4–11 of the VIN: a character for itself, `*` or `?` for any one, `[A-C]` or `[ABC]`
for a class. A shorter pattern leaves the rest open, an empty one the whole descriptor.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fitment_rules.conditions import Serial, serial_key
from fitment_rules.errors import InvalidRow
from fitment_rules.model import Result, Scalar, Window, span
from fitment_rules.vin import VinReport
from search_service.decoders.errors import TableUnreadable
from search_service.decoders.port import FieldValue

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
LONGEST: Final = 8
OWN_CONFIDENCE: Final = 0.97
KEYS: Final = (
    "wmi", "pattern", "year_from", "year_to", "serial_from", "serial_to", "built_from", "built_to", "confidence",
)  # fmt: skip
NUMERIC: Final = ("year", "cylinders", "doors", "displacement_l", "power_kw")
BUILT: Final = "built"
OPEN_END: Final = ".."


@dataclass(frozen=True, slots=True)
class RowError:
    """A row that was left out, in the words of the quarantine."""

    file: str
    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class PatternRow:
    """One row, compiled. `classes` holds the allowed characters of positions 4, 5, …; `weight` how much it pins."""

    wmi: str
    classes: tuple[frozenset[str], ...]
    year_from: int | None
    year_to: int | None
    serials: Serial
    values: Mapping[str, FieldValue]
    confidence: float
    weight: tuple[float, int]

    @property
    def pins_serials(self) -> bool:
        """True if the row holds for a range of serial numbers only."""
        return self.serials.start is not None or self.serials.end is not None

    def covers(self, year: int) -> bool:
        """True if the row holds for that model year."""
        return (self.year_from is None or year >= self.year_from) and (self.year_to is None or year <= self.year_to)

    def matches(self, report: VinReport) -> bool:
        """True if every character that is there is allowed, and some candidate year is covered.

        A partial VIN must reach the end of what the row pins, its serials too. A VIN without year code matches in
        any year.
        """
        if self.pins_serials and self.serials.result(report.serial) is not Result.MATCH:
            return False
        descriptor = report.descriptor
        if any(len(allowed) < len(ALPHABET) for allowed in self.classes[len(descriptor) :]):
            return False
        if any(char not in allowed for char, allowed in zip(descriptor, self.classes, strict=False)):
            return False
        return not report.model_years or any(map(self.covers, report.model_years))


def read_rows(lines: Iterable[str], file: str) -> tuple[dict[str, tuple[PatternRow, ...]], tuple[RowError, ...]]:
    """Rows of a CSV table by WMI. Bad rows are left out and returned; their `line` counts from 1, the header's.

    Raises `TableUnreadable` if the header lacks `wmi` or `pattern`.
    """
    reader = csv.DictReader(lines)
    missing = {"wmi", "pattern"} - set(reader.fieldnames or ())
    if missing:
        raise TableUnreadable(file, f"no column {', '.join(sorted(missing))}")
    rows: defaultdict[str, list[PatternRow]] = defaultdict(list)
    errors: list[RowError] = []
    for record in reader:
        try:
            row = _row({key: (value or "").strip() for key, value in record.items() if isinstance(key, str)})
        except _BadCell as bad:
            errors.append(RowError(file, reader.line_num, bad.field, bad.value, bad.reason))
        else:
            rows[row.wmi].append(row)
    return {wmi: tuple(found) for wmi, found in rows.items()}, tuple(errors)


class _BadCell(Exception):
    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.value, self.reason = field, value, reason


def _row(record: Mapping[str, str]) -> PatternRow:
    wmi = record["wmi"].upper()
    if len(wmi) not in (3, 6) or not set(wmi) <= set(ALPHABET):
        raise _BadCell("wmi", record["wmi"], "a WMI has 3 characters (6 for a low-volume maker), without I, O, Q")
    classes = _classes(record["pattern"])
    year_from, year_to = _year("year_from", record), _year("year_to", record)
    if year_from is not None and year_to is not None and year_from > year_to:
        raise _BadCell("year_from", record["year_from"], f"it is after {year_to}")
    values = {key: _value(key, cell) for key, cell in record.items() if key not in KEYS and cell}
    values |= _built(record)
    if not values:
        raise _BadCell("pattern", record["pattern"], "the row names no attribute")
    pinned = sum(1 - (len(allowed) - 1) / (len(ALPHABET) - 1) for allowed in classes)
    narrow = -(year_to - year_from) if year_from is not None and year_to is not None else -1000
    serials = _serials(record)
    weight = (pinned + len(wmi) + (serials.start is not None or serials.end is not None), narrow)
    return PatternRow(wmi, classes, year_from, year_to, serials, values, _own_confidence(record), weight)


def _classes(pattern: str) -> tuple[frozenset[str], ...]:
    classes: list[frozenset[str]] = []
    rest = pattern.upper()
    while rest:
        if rest[0] == "[":
            body, closed, rest = rest[1:].partition("]")
            if not closed or not body:
                raise _BadCell("pattern", pattern, "a [ without its ], or an empty class")
            classes.append(_class(body, pattern))
        else:
            classes.append(frozenset(ALPHABET) if rest[0] in "*?" else _class(rest[0], pattern))
            rest = rest[1:]
    if len(classes) > LONGEST:
        raise _BadCell("pattern", pattern, f"it covers {len(classes)} positions; 4 to 11 are {LONGEST}")
    return tuple(classes)


def _class(body: str, pattern: str) -> frozenset[str]:
    allowed: set[str] = set()
    while body:
        if len(body) >= 3 and body[1] == "-":
            first, last, body = body[0], body[2], body[3:]
            chosen = [char for char in ALPHABET if first <= char <= last]
        else:
            chosen, body = [char for char in body[0] if char in ALPHABET], body[1:]
        if not chosen:
            raise _BadCell("pattern", pattern, "it names a character that VINs never use, or a reversed range")
        allowed.update(chosen)
    return frozenset(allowed)


def _year(key: str, record: Mapping[str, str]) -> int | None:
    text = record.get(key, "")
    if not text:
        return None
    if not text.isdecimal() or not 1900 <= int(text) <= 2200:
        raise _BadCell(key, text, "it is no year of four digits")
    return int(text)


def _serials(record: Mapping[str, str]) -> Serial:
    ends = []
    for key in ("serial_from", "serial_to"):
        text = record.get(key, "").upper()
        if len(text) > 6 or not set(text) <= set(ALPHABET):
            raise _BadCell(key, text, "it is no serial number of up to six characters (positions 12 to 17)")
        ends.append(serial_key(text) if text else None)
    start, end = ends
    if start is not None and Serial(start, None).result(end) is Result.MISMATCH:
        raise _BadCell("serial_from", start, f"it is after {end}")
    return Serial(start, end)


def _built(record: Mapping[str, str]) -> dict[str, FieldValue]:
    start, end = record.get("built_from", ""), record.get("built_to", "")
    try:
        span(start, end)
    except InvalidRow as error:
        raise _BadCell(error.field, str(error.value), error.reason) from None
    if not start and not end:
        return {}
    return {BUILT: start if start == end else f"{start or OPEN_END}/{end or OPEN_END}"}


def built_window(value: FieldValue) -> Window:
    """The days of a decoded `built`: one date, or two with `/` between, `..` for an open end."""
    start, slash, end = str(value).partition("/")
    first, last = (None if one == OPEN_END else one for one in (start, end if slash else start))
    return span(first, last)


def _own_confidence(record: Mapping[str, str]) -> float:
    text = record.get("confidence", "")
    try:
        confidence = float(text) if text else OWN_CONFIDENCE
    except ValueError:
        raise _BadCell("confidence", text, "it is no number from 0 to 1") from None
    if not 0 <= confidence <= 1:
        raise _BadCell("confidence", text, "it is no number from 0 to 1")
    return confidence


def _value(key: str, cell: str) -> FieldValue:
    parts = tuple(_scalar(key, part.strip()) for part in cell.split("|") if part.strip())
    return parts[0] if len(parts) == 1 else parts


def _scalar(key: str, text: str) -> Scalar:
    if key not in NUMERIC:
        return text
    try:
        number = int(text) if text.isdecimal() else float(text)
    except ValueError:
        raise _BadCell(key, text, "it is no number") from None
    if not math.isfinite(number):
        raise _BadCell(key, text, "it is no finite number")
    return number
