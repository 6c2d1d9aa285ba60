"""The words of the domain as values: vehicles, applications, notes, verdicts, fits.

Normal forms used throughout the kernel:

- a *key* is an attribute value in comparable form (`key_of`): text case-folded, NFKC and without outer blanks,
  numbers as `int` where integral, else `float`; booleans as "true"/"false". Two values are equal iff their keys are.
- a *day* is `datetime.date.toordinal()`; a month given as `YYYY-MM` is the window of its first to its last day.
- an open end of a range is `None`.
"""

from __future__ import annotations

import calendar
import datetime
import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import TypeAlias

from fitment_rules.errors import InvalidRow

TEXT_KEYS_KEPT = 16_384
"""Texts whose keys are remembered: the same few thousand values come again and again."""

Scalar: TypeAlias = "str | int | float | bool"
Key: TypeAlias = "str | int | float"
Keys: TypeAlias = "frozenset[Key]"


class Verdict(StrEnum):
    """The answer for one part and one vehicle query, in the order in which they are tried."""

    FITS = "fits"
    UNIVERSAL = "universal"
    NEEDS_INFO = "needs_info"
    NO_DATA = "no_data"
    DOES_NOT_FIT = "does_not_fit"


class Result(IntEnum):
    """Three-valued outcome of a condition or an application. The order makes AND the minimum."""

    MISMATCH = 0
    UNKNOWN = 1
    MATCH = 2

    @property
    def word(self) -> str:
        """The contract's spelling: `match`, `unknown`, `mismatch`."""
        return _RESULT_WORDS[self]


_RESULT_WORDS = ("mismatch", "unknown", "match")


class NoteKind(StrEnum):
    """What a note is. `CONDITION` and unreviewed (`None` on the note) are conditions of unknown answer."""

    CONDITION = "condition"
    VARIANT = "variant"
    HINT = "hint"
    REMARK = "remark"


def key_of(value: Scalar) -> Key:
    """Comparable form of one attribute value: `"FWD "`, `"fwd"` are equal, as are `2`, `2.0` and `"2"`, `"2.0"`.

    Text that reads as a finite decimal number compares as that number, because CSV and query strings carry no types;
    text such as `"1e5"`, `"nan"` and codes with leading zeros such as `"007"` stay text.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return _key_of_text(value)


@lru_cache(maxsize=TEXT_KEYS_KEPT)
def _key_of_text(value: str) -> Key:
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    body = text[1:] if text[:1] == "-" else text
    whole, dot, fraction = body.partition(".")
    if whole.isascii() and whole.isdigit() and len(whole) <= 15 and (whole[0] != "0" or len(whole) == 1):
        if not dot:
            return int(text)
        if fraction.isascii() and fraction.isdigit() and len(fraction) <= 15:
            number = float(text)
            return int(number) if number.is_integer() else number
    return text


def natural_order(key: Key) -> tuple[int, float, str]:
    """Sort key for values as people list them: numbers by size, then texts."""
    return (1, 0.0, key) if isinstance(key, str) else (0, float(key), "")


def iso_day(ordinal: int | None) -> str | None:
    """A day as `YYYY-MM-DD`; `None` is an open end."""
    return None if ordinal is None else datetime.date.fromordinal(ordinal).isoformat()


@dataclass(frozen=True, slots=True)
class Window:
    """A closed interval of numbers (years, days); `None` is an open end. Both open means nothing is known or asked."""

    start: int | None
    end: int | None

    @property
    def open(self) -> bool:
        """True if neither end is given."""
        return self.start is None and self.end is None

    def judge(self, other: Window) -> Result:
        """How a value known to lie in `other` stands to this rule: inside, outside, or across an edge / unknown."""
        if self.open:
            return Result.MATCH
        if other.open:
            return Result.UNKNOWN
        if self.start is not None and other.end is not None and other.end < self.start:
            return Result.MISMATCH
        if self.end is not None and other.start is not None and other.start > self.end:
            return Result.MISMATCH
        starts_inside = self.start is None or (other.start is not None and other.start >= self.start)
        ends_inside = self.end is None or (other.end is not None and other.end <= self.end)
        return Result.MATCH if starts_inside and ends_inside else Result.UNKNOWN


OPEN = Window(None, None)


def day_window(text: str, field_name: str = "built") -> Window:
    """`YYYY-MM-DD` as one day, `YYYY-MM` as its whole month, `YYYY` as its whole year; else raises `InvalidRow`."""
    parts = text.strip().split("-")
    try:
        numbers = [int(part) for part in parts]
        match numbers:
            case [year]:
                first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
            case [year, month]:
                first = datetime.date(year, month, 1)
                last = datetime.date(year, month, calendar.monthrange(year, month)[1])
            case [year, month, day]:
                first = last = datetime.date(year, month, day)
            case _:
                raise ValueError
    except (ValueError, calendar.IllegalMonthError):
        raise InvalidRow(field_name, text, f"{text!r} is no date (YYYY-MM or YYYY-MM-DD)") from None
    return Window(first.toordinal(), last.toordinal())


def span(start: str | None, end: str | None, field_name: str = "built") -> Window:
    """The days from the first of `start` to the last of `end`; an absent or empty text is an open end."""
    first = day_window(start, f"{field_name}_from").start if start else None
    last = day_window(end, f"{field_name}_to").end if end else None
    if first is not None and last is not None and first > last:
        raise InvalidRow(f"{field_name}_from", start, f"{start} is after {end}")
    return OPEN if first is None and last is None else Window(first, last)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One row of the operator's vehicle table.

    `years` is inclusive; both ends `None` is a row of unknown year. `built` is in days. `attributes` holds the open
    attributes *and* the row's `ids` under their own names, values as read (a tuple means "one of these").
    """

    vehicle_id: str
    make: str
    model: str
    years: Window = OPEN
    built: Window = OPEN
    attributes: Mapping[str, Scalar | tuple[Scalar, ...]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A free-text note of an application. `kind` `None` means not reviewed yet, and then it is a condition."""

    text: str
    lang: str = "en"
    kind: NoteKind | None = None

    @property
    def is_condition(self) -> bool:
        """True if the note must be answered before its application can match."""
        return self.kind is None or self.kind is NoteKind.CONDITION

    @property
    def note_id(self) -> str:
        """Hash of the normalised text, so that one answer serves every row that carries the same words."""
        return note_id(self.text)


def note_id(text: str) -> str:
    """Twelve hexadecimal digits over the NFKC, case-folded, blank-collapsed text."""
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return hashlib.sha256(normal.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an application was read: file name, row (line, or ACES App position) and the delivery's date."""

    file: str = ""
    row: int | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """One row that says "this part fits vehicles like that, under these conditions".

    Either `vehicle_ids` is a non-empty tuple, or `make`, `model`, `years` select (each empty or open = any).
    `where` maps an attribute to the values of which one is asked; `except_` is a tuple of such maps, each of which
    excludes when all its members match. `position` `()` means the part's own.
    """

    application_id: str
    part_id: str
    vehicle_ids: tuple[str, ...] = ()
    make: tuple[Scalar, ...] = ()
    model: tuple[Scalar, ...] = ()
    years: Window = OPEN
    where: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    except_: tuple[Mapping[str, tuple[Scalar, ...]], ...] = ()
    built: Window = OPEN
    vin_serial_from: str | None = None
    vin_serial_to: str | None = None
    position: tuple[str, ...] = ()
    quantity: int | None = None
    notes: tuple[Note, ...] = ()
    source: Source = Source()
