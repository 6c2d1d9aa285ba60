"""Fitment by plain loops, written from the public contract alone.

It knows vehicles, parts, applications and what a caller says; it knows nothing of nodes, conjunctions or slots, and
shares no comparison, no window and no note logic with the kernel. Slow and obvious on purpose.
"""

from __future__ import annotations

import calendar
import datetime
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from fitment_rules.model import Application, Note, NoteKind, Scalar, Vehicle, Window

MATCH, UNKNOWN, MISMATCH = "match", "unknown", "mismatch"
FITS, UNIVERSAL, NEEDS_INFO, NO_DATA, DOES_NOT_FIT = "fits", "universal", "needs_info", "no_data", "does_not_fit"

MODES: Mapping[str, tuple[str, ...]] = {
    "default": (FITS, UNIVERSAL, NEEDS_INFO),
    "strict": (FITS, UNIVERSAL),
    "all": (FITS, UNIVERSAL, NEEDS_INFO, NO_DATA, DOES_NOT_FIT),
}


@dataclass(frozen=True)
class Part:
    """What of a part matters here. `columns` are keyword columns to filter and count by."""

    part_id: str
    position: tuple[str, ...] = ()
    universal: bool = False
    quarantined: bool = False
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Query:
    """What a caller says of the vehicle.

    `given` is ANDed; one entry means any of its values; the attribute may be `make`, `model`, `year`, `vehicle_id` or
    any other. `built` is `YYYY-MM` or `YYYY-MM-DD`. `notes` maps a note's text to its answer. `unknown` names what the
    caller does not know. `positions` are the places asked for, any of them.
    """

    given: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    built: str | None = None
    vin_serial: str | None = None
    notes: Mapping[str, bool] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    positions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """One row in one model year. `years` is the year, several if one of these, `None` if unknown."""

    vehicle: Vehicle
    years: frozenset[int] | None


@dataclass(frozen=True)
class Fit:
    """A part's verdict, `None` without candidates, and its vehicle rows by outcome."""

    verdict: str | None
    match: int
    unknown: int
    mismatch: int


@dataclass(frozen=True)
class Listing:
    """What a search in one mode says: bands, their sum, the rest, and counts of keyword columns over the sum."""

    bands: Mapping[str, int]
    total: int
    excluded: Mapping[str, int]
    facets: Mapping[str, Mapping[str, int]]


# --- values -----------------------------------------------------------------------------------------------------


def same(one: Scalar, other: Scalar) -> bool:
    """Numbers compare as numbers, text without case; what reads as a decimal number is one."""
    return _comparable(one) == _comparable(other)


def _comparable(value: Scalar) -> Decimal | str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _read(str(value))


@lru_cache(maxsize=10_000)
def _read(value: str) -> Decimal | str:
    text = unicodedata.normalize("NFKC", value).strip().casefold()
    return Decimal(text) if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", text) else text


def values_of(vehicle: Vehicle, attribute: str) -> tuple[Scalar, ...]:
    """What a row says of an attribute other than the year; `()` if it lacks it."""
    if attribute == "make":
        return (vehicle.make,)
    if attribute == "model":
        return (vehicle.model,)
    if attribute == "vehicle_id":
        return (vehicle.vehicle_id,)
    value = vehicle.attributes.get(attribute, ())
    many = value if isinstance(value, tuple) else (value,)
    return tuple(one for one in many if one != "")


def names_of(vehicle: Vehicle, attribute: str, vehicles: Sequence[Vehicle]) -> tuple[Scalar, ...]:
    """What a caller may call it: the value, its names in any language, and a model's aliases.

    A make's name is that of the make, whichever of its rows brings it; a model's names and aliases are the row's.
    """
    rows = [row for row in vehicles if same(row.make, vehicle.make)] if attribute == "make" else [vehicle]
    names = [by_field[attribute] for row in rows for by_field in row.names.values() if attribute in by_field]
    if attribute == "model":
        names.extend(vehicle.aliases)
        names.extend(by_field["series"] for by_field in vehicle.names.values() if "series" in by_field)
    return (*values_of(vehicle, attribute), *names)


def days_of(text: str) -> tuple[datetime.date, datetime.date]:
    """First and last day of a month or a day."""
    numbers = [int(number) for number in text.split("-")]
    if len(numbers) == 3:
        day = datetime.date(*numbers)
        return day, day
    year, month = numbers
    return datetime.date(year, month, 1), datetime.date(year, month, calendar.monthrange(year, month)[1])


# --- candidates -------------------------------------------------------------------------------------------------


def candidates(vehicles: Sequence[Vehicle], query: Query, horizon: Window) -> list[Candidate]:
    """Every row in every model year that nothing given contradicts. Open ends reach to the horizon."""
    found = []
    for vehicle in vehicles:
        if contradicted(vehicle, query, vehicles):
            continue
        for years in _years(vehicle, query, horizon):
            found.append(Candidate(vehicle, years))
    return found


def contradicted(vehicle: Vehicle, query: Query, vehicles: Sequence[Vehicle]) -> bool:
    """True if something given other than the year contradicts the row."""
    for attribute, said in query.given:
        if attribute == "year":
            continue
        named = names_of(vehicle, attribute, vehicles)
        if values_of(vehicle, attribute) and not any(same(name, one) for name in named for one in said):
            return True
    if any(not _common(vehicle, attribute, query) for attribute, _ in query.given if attribute != "year"):
        return True
    return query.built is not None and _outside(_window(vehicle), days_of(query.built))


def _years(vehicle: Vehicle, query: Query, horizon: Window) -> list[frozenset[int] | None]:
    asked = [{int(one) for one in said} for attribute, said in query.given if attribute == "year"]
    common = set.intersection(*asked) if asked else None
    start, end = vehicle.years.start, vehicle.years.end
    if start is None and end is None:
        if common is None:
            return [None]
        return [frozenset(common)] if common else []
    first = horizon.start if start is None else start
    last = horizon.end if end is None else end
    assert first is not None
    assert last is not None
    return [frozenset((year,)) for year in range(first, last + 1) if common is None or year in common]


def known(candidate: Candidate, attribute: str, query: Query) -> tuple[Scalar, ...]:
    """What is known of a candidate: one of these values; `()` is unknown. A row takes what the caller says it lacks."""
    if attribute == "year":
        return tuple(candidate.years or ())
    if not any(name == attribute for name, _ in query.given):
        return values_of(candidate.vehicle, attribute)
    return _common(candidate.vehicle, attribute, query)


def _common(vehicle: Vehicle, attribute: str, query: Query) -> tuple[Scalar, ...]:
    """The values that everything said of an attribute allows; a row's only value was found allowed by its names."""
    own = values_of(vehicle, attribute)
    mentions = [said for name, said in query.given if name == attribute]
    if len(own) == 1:
        return own
    return tuple(one for one in own or mentions[0] if all(_among(one, said) for said in mentions))


def _among(value: Scalar, values: Iterable[Scalar]) -> bool:
    return any(same(value, one) for one in values)


# --- windows ----------------------------------------------------------------------------------------------------

Days = tuple[datetime.date | None, datetime.date | None]


def _date(ordinal: int | None) -> datetime.date | None:
    return None if ordinal is None else datetime.date.fromordinal(ordinal)


def _window(vehicle: Vehicle) -> Days:
    return _date(vehicle.built.start), _date(vehicle.built.end)


def _outside(one: Days, other: Days) -> bool:
    first, last = one
    other_first, other_last = other
    if first is not None and other_last is not None and other_last < first:
        return True
    return last is not None and other_first is not None and other_first > last


def _inside(inner: Days, outer: Days) -> bool:
    starts = outer[0] is None or (inner[0] is not None and inner[0] >= outer[0])
    ends = outer[1] is None or (inner[1] is not None and inner[1] <= outer[1])
    return starts and ends


def _known_window(candidate: Candidate, query: Query) -> Days:
    first, last = _window(candidate.vehicle)
    if query.built is not None:
        said_first, said_last = days_of(query.built)
        first = said_first if first is None else max(first, said_first)
        last = said_last if last is None else min(last, said_last)
    return first, last


# --- conditions -------------------------------------------------------------------------------------------------


def judge_values(has: Sequence[Scalar], asked: Sequence[Scalar]) -> str:
    """One of `has` (empty: unknown) against any of `asked`."""
    if not has:
        return UNKNOWN
    hits = [any(same(one, other) for other in asked) for one in has]
    if all(hits):
        return MATCH
    return UNKNOWN if any(hits) else MISMATCH


def judge_years(candidate: Candidate, years: Window) -> str:
    """The model year against an inclusive range, `None` open."""
    if years.start is None and years.end is None:
        return MATCH
    if candidate.years is None:
        return UNKNOWN
    hits = [
        (years.start is None or year >= years.start) and (years.end is None or year <= years.end)
        for year in candidate.years
    ]
    if all(hits):
        return MATCH
    return UNKNOWN if any(hits) else MISMATCH


def judge_built(has: Days, asked: Days) -> str:
    """A build window inside the rule's, outside, or across its edge; unknown if it has no end at all."""
    if asked == (None, None):
        return MATCH
    if has == (None, None):
        return UNKNOWN
    if _outside(asked, has):
        return MISMATCH
    return MATCH if _inside(has, asked) else UNKNOWN


def judge_serial(serial: str | None, first: str | None, last: str | None) -> str:
    """Positions 12–17 against a range: all digits as numbers, others as text of six."""
    if not first and not last:
        return MATCH
    if serial is None:
        return UNKNOWN
    not_before = not first or serial_order(first, serial)
    not_after = not last or serial_order(serial, last)
    return MATCH if not_before and not_after else MISMATCH


def serial_order(low: str, high: str) -> bool:
    low, high = low.strip().upper(), high.strip().upper()
    if low.isdecimal() and high.isdecimal():
        return int(low) <= int(high)
    return low.rjust(6, "0") <= high.rjust(6, "0")


def judge_except(members: Mapping[str, Sequence[Scalar]], candidate: Candidate, query: Query) -> str:
    """An exception whose every member matches makes a mismatch; one with a mismatching member says nothing."""
    results = [judge_values(known(candidate, name, query), asked) for name, asked in members.items()]
    if all(result == MATCH for result in results):
        return MISMATCH
    if any(result == MISMATCH for result in results):
        return MATCH
    return UNKNOWN


def judge_note(note: Note, answers: Mapping[str, bool]) -> str:
    """A condition or an unreviewed note is unknown until it is answered; the other kinds change nothing."""
    if note.kind in (NoteKind.VARIANT, NoteKind.HINT, NoteKind.REMARK):
        return MATCH
    for text, answer in answers.items():
        if _words(text) == _words(note.text):
            return MATCH if answer else MISMATCH
    return UNKNOWN


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).casefold().split()


AXES = ({"front", "rear"}, {"left", "right"}, {"upper", "lower"}, {"inner", "outer"})


def judge_position(places: Sequence[str], asked: Sequence[str]) -> str:
    """Places that differ on an axis are a mismatch; a place covers both ends of an axis it does not name."""
    if not places or not asked:
        return MATCH
    return MATCH if any(_agree(place, other) for place in places for other in asked) else MISMATCH


def _agree(one: str, other: str) -> bool:
    for axis in AXES:
        ends, other_ends = axis & set(one.split()), axis & set(other.split())
        if ends and other_ends and not ends & other_ends:
            return False
    return True


def judge(application: Application, part: Part, candidate: Candidate, query: Query) -> str:
    """One application for one candidate: a mismatch if one condition is, else unknown if one is, else a match."""
    results = [
        judge_position(application.position or part.position, query.positions),
        judge_years(candidate, application.years),
        judge_built(_known_window(candidate, query), (_date(application.built.start), _date(application.built.end))),
        judge_serial(query.vin_serial, application.vin_serial_from, application.vin_serial_to),
    ]
    if application.vehicle_ids:
        results.append(judge_values((candidate.vehicle.vehicle_id,), application.vehicle_ids))
    if application.make:
        results.append(judge_values((candidate.vehicle.make,), application.make))
    if application.model:
        results.append(judge_values((candidate.vehicle.model,), application.model))
    for name, asked in application.where.items():
        results.append(judge_values(known(candidate, name, query), asked))
    for members in application.except_:
        results.append(judge_except(members, candidate, query))
    for note in application.notes:
        results.append(judge_note(note, query.notes))
    if MISMATCH in results:
        return MISMATCH
    return UNKNOWN if UNKNOWN in results else MATCH


# --- verdicts ---------------------------------------------------------------------------------------------------


def fit_of(part: Part, applications: Iterable[Application], found: Sequence[Candidate], query: Query) -> Fit:
    """The verdict of one part, tried in the contract's order, and its vehicle rows by outcome.

    A row is a match if it is in every candidate year, a mismatch if it is in every one, else unknown.
    """
    if not found:
        return Fit(None, 0, 0, 0)
    own = [application for application in applications if application.part_id == part.part_id]
    best: list[str] = []
    by_row: dict[str, list[str]] = {}
    for candidate in found:
        results = [judge(application, part, candidate, query) for application in own]
        result = MATCH if MATCH in results else UNKNOWN if UNKNOWN in results else MISMATCH
        best.append(result)
        by_row.setdefault(candidate.vehicle.vehicle_id, []).append(result)
    rows: Counter[str] = Counter()
    for results in by_row.values():
        rows[results[0] if len(set(results)) == 1 else UNKNOWN] += 1
    return Fit(_verdict(part, bool(own), best, query), rows[MATCH], rows[UNKNOWN], rows[MISMATCH])


def _verdict(part: Part, has_applications: bool, best: Sequence[str], query: Query) -> str:
    if all(result == MATCH for result in best):
        return FITS
    if part.universal and judge_position(part.position, query.positions) == MATCH:
        return UNIVERSAL
    if any(result != MISMATCH for result in best):
        return NEEDS_INFO
    if not has_applications or part.quarantined:
        return NO_DATA
    return DOES_NOT_FIT


def goes_there(part: Part, applications: Iterable[Application], asked: Sequence[str]) -> bool:
    """The filter of a position: the part, or one of its applications, whatever vehicles it names, goes there."""
    said = [one.position or part.position for one in applications if one.part_id == part.part_id]
    if part.position or not said:
        said.append(part.position)
    return any(judge_position(places, asked) == MATCH for places in said)


def listing(
    parts: Sequence[Part],
    verdicts: Mapping[str, str],
    mode: str,
    filters: Mapping[str, Sequence[str]],
    columns: Sequence[str],
) -> Listing:
    """What a search says in one mode under keyword filters (values of one column OR, columns AND)."""

    def passes(part: Part, but: str | None = None) -> bool:
        return all(
            any(value in part.columns.get(column, ()) for value in values)
            for column, values in filters.items()
            if column != but
        )

    returned = MODES[mode]
    passing = Counter(verdicts[part.part_id] for part in parts if passes(part))
    facets: dict[str, dict[str, int]] = {}
    for column in columns:
        counts: Counter[str] = Counter()
        for part in parts:
            if passes(part, but=column) and verdicts[part.part_id] in returned:
                counts.update(set(part.columns.get(column, ())))
        facets[column] = dict(counts)
    bands = {verdict: passing[verdict] for verdict in returned}
    excluded = {verdict: passing[verdict] for verdict in MODES["all"] if verdict not in returned}
    return Listing(bands, sum(bands.values()), excluded, facets)
