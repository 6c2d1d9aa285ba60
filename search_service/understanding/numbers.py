"""VINs, part numbers and years inside a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TypeAlias

from indexers.text import SHORTEST_KEY, NumberSpan, number_spans
from search_service.privacy import vins_in
from search_service.understanding.intent import NumberMention

KnownNumber: TypeAlias = Callable[[str], bool]

MOST_LOOKUPS = 64  # catalogue look-ups for one text
SHORTEST_UNKNOWN = 6  # characters of something that looks like a number though the catalogue lacks it
SHORTEST_KNOWN = 2  # characters of a number of the catalogue
FIRST_YEAR, LAST_YEAR = 1950, 2035

_HAN_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")
_HAN_YEAR = re.compile(r"([零〇一二三四五六七八九]{4}|[零〇一二三四五六七八九]{2})(?=\s*(?:年|款))")
_YEARS = re.compile(
    r"(?<![\d./-])(?:((?:19|20)\d\d)\s*(?:年|款)?\s*[-~至到]\s*((?:19|20)?\d\d)(?![\d])\s*(?:年款|年|款)?"
    r"|(\d\d)\s*[-~至到]\s*(\d\d)\s*(?:年款|年|款)"
    r"|((?:19|20)\d\d|\d\d)\s*(?:年款|年|款)"
    r"|'(\d\d)\b)"
)
_SHORT_YEARS = re.compile(r"(\d\d)[-/](\d\d)")
_TO_DATE = re.compile(r"((?:19|20)\d\d)\s*(?:年|款)?\s*(?:-|至|到)\s*(?:今|present\b|now\b|on\b)|((?:19|20)\d\d)\s*\+")
_SIZES = re.compile(r"(?:\d+(?:\.\d+)?(?:v|ah|a|w|kw|hp|mm|cm|in|l|ml|kg|cca)[/x*]?)+|m\d{1,2}x\d(?:\.\d+)?")
_HYPHENED = re.compile(r"[A-Za-z]+[-./][0-9]+")
_YEAR_WORD = re.compile(r"(?:19|20)\d\d")


def take_vins(text: str, known: KnownNumber) -> tuple[str, str | None]:
    """`text` with every VIN blanked out, and the first in upper case. A part number of the catalogue is no VIN."""
    vins = [(start, end, vin.upper()) for start, end, vin in vins_in(text) if not known(vin.upper())]
    for start, end, _ in vins:
        text = _blanked(text, start, end)
    return text, vins[0][2] if vins else None


def take_number(
    text: str, known: KnownNumber, taken: Collection[str], unlikely: Collection[str] = ()
) -> tuple[str, NumberMention | None]:
    """The longest part number of the catalogue in NFKC `text`, else what only looks like one; and the text without.

    `taken` are keys with another meaning (sizes, years, models): they are numbers only if nothing else is said.
    `unlikely` are keys that are numbers only if the catalogue has them.
    """
    spans = number_spans(text)
    alone = text.strip()
    for span in [*spans[:MOST_LOOKUPS], *_short_spans(text, alone, taken)]:
        if (span.key not in taken or text[span.start : span.end] == alone) and known(span.key):
            return _blanked(text, span.start, span.end), NumberMention(span.key, text[span.start : span.end], True)
    for span in spans:
        if span.key not in taken and span.key not in unlikely and _looks_like_number(text, span):
            return _blanked(text, span.start, span.end), NumberMention(span.key, text[span.start : span.end], False)
    return text, None


def _short_spans(text: str, alone: str, taken: Collection[str]) -> list[NumberSpan]:
    """Stretches too short to be numbers but where they are the whole text, or written as such: letters-digits."""
    if len(text) > MOST_LOOKUPS:
        return []
    return [
        span
        for span in number_spans(text, SHORTEST_KNOWN)
        if len(span.key) < SHORTEST_KEY
        and span.key not in taken
        and ((written := text[span.start : span.end]) == alone or _HYPHENED.fullmatch(written))
    ]


def _looks_like_number(text: str, span: NumberSpan) -> bool:
    """Six or more characters in one run without blanks, three digits or more, and letters or at least seven digits
    (six with a hyphen or point among them); not sizes written together."""
    written = text[span.start : span.end]
    if _SIZES.fullmatch(written.lower()):
        return False
    if (
        " " in written
        or len(span.key) < SHORTEST_UNKNOWN
        or _YEARS.fullmatch(written)
        or _TO_DATE.fullmatch(written.lower())
    ):
        return False
    digits = sum(sign.isdigit() for sign in span.key)
    fewest = 3 if not span.key.isdigit() else 7 if written.isdigit() else 6
    return digits >= fewest


def take_years(folded: str) -> tuple[str, tuple[int, int] | None]:
    """The first year or span of years that is marked as one (15款, 2015年, 2012-2016, '15), and the text without."""
    if not any(mark in folded for mark in "年款-~至到'+"):
        return folded, None
    to_date = _TO_DATE.search(folded)
    if to_date is not None:
        return _blanked(folded, *to_date.span()), (int(to_date[1] or to_date[2]), LAST_YEAR)
    text = _HAN_YEAR.sub(lambda match: match.group().translate(_HAN_DIGITS), folded)
    match = _YEARS.search(text)
    if match is None:
        return folded, None
    first, last, short_first, short_last, single, apostrophe = match.groups()
    start = _year(first or short_first or single or apostrophe)
    end = _year(last or short_last or single or apostrophe or "")
    if start is None or end is None or end < start:
        return folded, None
    return _blanked(text, *match.span()), (start, end)


def short_years(surface: str) -> tuple[int, int] | None:
    """The span of years in `07-13`, which says so only beside a car."""
    match = _SHORT_YEARS.fullmatch(surface)
    start, end = (_year(match[1]), _year(match[2])) if match else (None, None)
    return (start, end) if start is not None and end is not None and start <= end else None


def bare_year(form: str) -> int | None:
    """The year a four-digit token is, `None` if it is none."""
    return _year(form) if _YEAR_WORD.fullmatch(form) else None


def _year(digits: str) -> int | None:
    if not digits:
        return None
    year = int(digits)
    if len(digits) == 2:
        year += 2000 if year <= LAST_YEAR - 2000 else 1900
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]
