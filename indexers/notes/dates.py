"""Dates and spans of dates in a note: `from 06/2015`, `thru 2012`, `2015年6月之后生产`."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from typing import NamedTuple

from fitment_rules.model import Window

FIRST, LAST = 1930, 2099
"""Years that a four-digit number in a note may mean."""

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_DATE = (
    r"(?:(?P<y{n}>\d{{4}})[-/.年](?P<m{n}>\d{{1,2}})(?:[-/.月](?P<d{n}>\d{{1,2}})日?|月)?"
    r"|(?P<a{n}>\d{{1,2}})/(?:(?P<b{n}>\d{{1,2}})/)?(?P<z{n}>\d{{4}})"
    r"|(?P<w{n}>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (?P<v{n}>\d{{4}})"
    r"|(?P<o{n}>\d{{4}})(?:年(?!款))?)"
)
_MADE = r"(?:(?:built|produced|made|mfd|mfg|manufactured|production|prod\.?|build)(?: date)? ?)?"
_ONE, _TWO = _DATE.format(n=1), _DATE.format(n=2)
_SPAN = re.compile(
    rf"(?P<made>{_MADE})(?:from |between )?{_ONE}(?: ?[-–~至到] ?| (?:to|thru|through|until|and) ){_TWO}"
    r"(?: ?(?P<zh>生产|出厂))?(?: production)?"
)
_FROM = re.compile(
    rf"(?P<made>{_MADE})(?P<how>from|since|starting|beginning|after|自|从) ?{_ONE}"
    r"(?: ?(?:on|onwards?|and later|and up|up|->|起|开始|之后|以后|后))?(?: ?(?P<zh>生产|出厂)(?:的)?)?(?: production)?"
)
_TO = re.compile(
    rf"(?P<made>{_MADE})(?P<how>to|thru|through|until|till|up to|before|prior to|截止到?|至|到) ?{_ONE}"
    r"(?: ?(?:为止|止))?(?: ?(?P<zh>生产|出厂)(?:的)?)?(?: production)?"
)
_AFTER = re.compile(
    rf"(?P<made>{_MADE}){_ONE} ?(?:之后|以后|后|起|及以后|onwards?|and later|on|\+)(?: ?(?P<zh>生产|出厂)(?:的)?)?"
)
_BEFORE = re.compile(rf"(?P<made>{_MADE}){_ONE} ?(?P<how>之前|以前|前|and earlier)(?: ?(?P<zh>生产|出厂)(?:的)?)?")

_MARK = r"(?:年?款| model years?| my)"
_MODEL_YEARS = re.compile(
    rf"(?P<how>to |up to |thru |through |至|到)?(?P<first>model years? |my ?)?(?P<from>\d{{4}})(?P<one>{_MARK})?"
    rf"(?:(?: ?[-–~至到] ?| (?:to|thru|through) )(?P<to>\d{{4}})(?P<two>{_MARK})?"
    r"|(?P<on> ?(?:起|及以后|及之后|开始|\+)| (?:on|onwards?|and later|and up|and newer)))?(?:车型)?"
)
"""Model years said as such: `2013款至2016款`, `2015款起`, `up to 2012 model year`; 之后 may leave the year out."""


class Said(NamedTuple):
    """A span of model years (`years`) or of days on which a vehicle was built."""

    window: Window
    years: bool


class _Date(NamedTuple):
    first: datetime.date
    last: datetime.date
    whole_year: bool


def span_of(clause: str) -> Said | None:
    """What a whole clause (folded) says; `None` if it is no span, or could mean two.

    A bare year is a model year unless something is said of building; a day of which month and day could be swapped,
    and `after` a bare year or `before` one, could mean two.
    """
    years = _model_years(clause)
    if years is not None:
        return Said(years, True)
    for pattern in (_SPAN, _FROM, _TO, _AFTER, _BEFORE):
        match = pattern.fullmatch(clause)
        if match is not None:
            return _said(pattern, match)
    return None


def _model_years(clause: str) -> Window | None:
    match = _MODEL_YEARS.fullmatch(clause)
    if match is None or not (match["first"] or match["one"] or match["two"]):
        return None
    first, last = int(match["from"]), int(match["to"] or match["from"])
    if not FIRST <= first <= last <= LAST or (match["how"] and (match["to"] or match["on"])):
        return None
    return Window(None if match["how"] else first, None if match["on"] else last)


def _said(pattern: re.Pattern[str], match: re.Match[str]) -> Said | None:
    dates = list(_dates(match))
    if None in dates or not dates:
        return None
    known = [date for date in dates if date is not None]
    made = bool(match["made"] or match.groupdict().get("zh"))
    if len({date.whole_year for date in known}) > 1:
        return None
    years = known[0].whole_year and not made
    window = _window(pattern, match, known)
    if window is None or (window.start is not None and window.end is not None and window.start > window.end):
        return None
    return Said(_in_years(window), True) if years else Said(window, False)


def _window(pattern: re.Pattern[str], match: re.Match[str], dates: list[_Date]) -> Window | None:
    first, how = dates[0], match.groupdict().get("how")
    if pattern is _SPAN:
        return Window(first.first.toordinal(), dates[1].last.toordinal())
    if pattern in (_FROM, _AFTER):
        if how == "after":
            return None if first.whole_year else Window(first.last.toordinal() + 1, None)
        return Window(first.first.toordinal(), None)
    if how in ("before", "prior to", "之前", "以前", "前"):
        return None if first.whole_year and how in ("before", "prior to") else Window(None, first.first.toordinal() - 1)
    return Window(None, first.last.toordinal())


def _in_years(window: Window) -> Window:
    """Days that are whole years, as years."""
    first, last = (None if one is None else datetime.date.fromordinal(one).year for one in (window.start, window.end))
    return Window(first, last)


def _dates(match: re.Match[str]) -> Iterator[_Date | None]:
    found = match.groupdict()
    for number in ("1", "2"):
        if any(found.get(key + number) for key in "yzvo"):
            yield _date({key: found.get(key + number) for key in "ymdabzwvo"})


def _date(told: dict[str, str | None]) -> _Date | None:
    """`None` for no date, or one that reads as two."""
    if told["o"]:
        return _whole(int(told["o"]))
    if told["w"]:
        return _month(int(told["v"] or 0), _MONTHS[told["w"]])
    if told["y"]:
        year, month = int(told["y"]), int(told["m"] or 0)
        return _day(year, month, int(told["d"])) if told["d"] else _month(year, month)
    year, one = int(told["z"] or 0), int(told["a"] or 0)
    if told["b"] is None:
        return _month(year, one)
    two = int(told["b"])
    if one <= 12 and two <= 12 and one != two:
        return None
    return _day(year, *((one, two) if one <= 12 else (two, one)))


def _whole(year: int) -> _Date | None:
    if not FIRST <= year <= LAST:
        return None
    return _Date(datetime.date(year, 1, 1), datetime.date(year, 12, 31), whole_year=True)


def _month(year: int, month: int) -> _Date | None:
    if not FIRST <= year <= LAST or not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    return _Date(datetime.date(year, month, 1), datetime.date(year, month, last), whole_year=False)


def _day(year: int, month: int, day: int) -> _Date | None:
    try:
        date = datetime.date(year, month, day)
    except ValueError:
        return None
    return _Date(date, date, whole_year=False) if FIRST <= year <= LAST else None
