"""Single applications and rows that cannot be right: values nothing has, ids far off, impossible years, quantities."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from fitment_rules.model import Scalar, key_of
from fitment_rules.places import names_place
from fitment_rules.vehicles import VehicleTable
from indexers.columns import Int64s
from indexers.findings.context import MOST_ROWS, Context, more, where_of
from indexers.report import MOST_LISTED, Finding, Severity, listed
from indexers.sources.vcdb_names import SAYS_NOTHING

FIRST_YEAR = 1896
"""The first model year that ACES allows."""
YEARS_AHEAD = 3
"""Model years beyond the present one that may already be in a catalogue."""

FAR, RARE, ENOUGH_USES = 3, 0.001, 100
"""An id this many times the next smaller one is of another order; it is a slip if ids so far off have at most this
share of the uses (or two), and there are so many uses to judge by."""

LONGEST_ID = 15
"""Digits of an id that is compared as a number."""

LOW = 0xFFFFFFFF

MOST_TIMES, RARE_QUANTITY, ENOUGH = 3, 0.005, 100
"""A quantity so many times the usual one of its part type, in less than this share of at least so many rows."""

_PLACE = re.compile(r"position (\d+)")
_TYPE = re.compile(r"parttype_\d+")


def value_findings(context: Context) -> list[Finding]:
    """All of them."""
    year = context.subject.year
    return [
        *_bad_rows(context),
        *_unknown_values(context),
        *_far_ids(context),
        *_unnamed(context),
        *_nowhere(context),
        *_years_of_applications(context, year),
        *_years_of_vehicles(context, year),
        *_quantities(context),
    ]


def _bad_rows(context: Context) -> Iterator[Finding]:
    told = context.told
    for row in told.bad:
        years = "year" in row.field or "year" in row.reason
        kind = "impossible_years" if years else "bad_row"
        value = "" if row.value is None else f" {row.value!r}"
        message = f"{row.kind}: {row.field or 'the row'}{value} {row.reason}"
        remedy = "correct the row; it is in quarantine"
        yield Finding(kind, "error", message, remedy, row.row_id or row.subject, row.file.rpartition("/")[2], row.line)
    if told.bad_rows > len(told.bad):
        yield Finding("bad_row", "error", f"and {told.bad_rows - len(told.bad):,} more rows", "see the quarantine")


def _unknown_values(context: Context) -> list[Finding]:
    """Conditions on an attribute that vehicles have, asking for a value that none of them has."""
    wrong: dict[int, str] = {}
    for number, record in enumerate(context.records("condition")):
        for name, values in where_of(record).items():
            if not _used(context.generation.vehicles, name, values):
                wrong[number] = f"{name} {', '.join(map(str, values[:3]))}"
    return _of_records(
        context, "condition", wrong, "unknown_id", "warning", "asks for {what}, which no vehicle of the table is",
        "correct the id or value, or add the vehicle",
    )  # fmt: skip


def _used(table: VehicleTable, name: str, values: Sequence[Scalar]) -> bool:
    if name in ("year", "vehicle_id", "make", "model"):
        return True
    known = table.keys_used(name)
    return not known or any(key_of(value) in known for value in values)


def _far_ids(context: Context) -> Iterator[Finding]:
    """Ids of a schema far beyond every other of their kind and hardly used, where no table can say that they are none.

    Ids of one reference table are given one after the other, so one of another order is most likely mistyped.
    """
    groups: dict[tuple[str, str], dict[int, list[int]]] = {}
    for number, record in enumerate(context.records("condition")):
        for name, values in where_of(record).items():
            if name[:1].isupper():
                for value in values:
                    _gather(groups, ("condition", name), value, number)
    for number, record in enumerate(context.records("position")):
        for place in msgspec.json.decode(record):
            if (found := _PLACE.fullmatch(place)) is not None:
                _gather(groups, ("position", "Position"), found[1], number)
    for (table, name), ids in groups.items():
        counts = context.rows_of_records("effective" if table == "position" else table)
        slips = far_apart({one: int(counts[numbers].sum()) for one, numbers in ids.items()})
        wrong = {number: f"{name} {one}" for one in slips for number in ids[one]}
        yield from _of_records(
            context, table, wrong, "unknown_id", "error",
            "{what} is far from every other id of its kind: probably mistyped", "correct the id",
        )  # fmt: skip


def far_apart(used: Mapping[int, int]) -> list[int]:
    """Ids above a gap of `FAR` times that hardly anything uses; `used` is uses by id."""
    ordered = sorted(used)
    total, above = sum(used.values()), 0
    if total < ENOUGH_USES:
        return []
    for index in range(len(ordered) - 1, 0, -1):
        above += used[ordered[index]]
        if above > max(2, total * RARE):
            return []
        if ordered[index] > FAR * ordered[index - 1]:
            return ordered[index:]
    return []


def _gather(groups: dict[tuple[str, str], dict[int, list[int]]], key: tuple[str, str], value: Scalar, at: int) -> None:
    text = str(value)
    if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID:
        groups.setdefault(key, {}).setdefault(int(text), []).append(at)


def _unnamed(context: Context) -> Iterator[Finding]:
    """Ids that the operator's own folders should name and do not."""
    if context.subject.names_positions:
        named = map(msgspec.json.decode, context.records("position"))
        wrong = {
            number: ", ".join(places)
            for number, places in enumerate(named)
            if any(_PLACE.fullmatch(place) for place in places)
        }
        yield from _of_records(
            context, "position", wrong, "unknown_id", "error", "{what} is not in the PCdb", "correct the position id"
        )
    if context.subject.names_part_types:
        words = context.generation.words["part_type"]
        kinds = np.array([bool(_TYPE.fullmatch(word)) for word in words] or [False], np.bool_)
        column = context.generation.column("part_type")
        for part in np.flatnonzero(context.alive & (column >= 0) & kinds[column])[:MOST_ROWS].tolist():
            message = f"{words[column[part]]} is not in the PCdb"
            yield Finding(
                "unknown_id", "error", message, "correct the part terminology id", context.generation.part_id(part)
            )


def _nowhere(context: Context) -> list[Finding]:
    """Positions of which no word is a place on the car: asked for a place, their applications answer any."""
    counts = context.rows_of_records("effective")
    found: Counter[str] = Counter()
    for record, count in zip(context.records("position"), counts.tolist(), strict=True):
        for place in msgspec.json.decode(record) if count else ():
            said = place.casefold() not in SAYS_NOTHING
            if said and not names_place(place) and not (context.subject.names_positions and _PLACE.fullmatch(place)):
                found[place] += count
    return listed(
        "unknown_position", "warning", found,
        "{count} applications have the position '{subject}', which names no place on the car: a question for any place "
        "finds them",
        "name it front, rear, left, right, upper, lower, inner or outer; for ids of ACES give the PCdb folder",
    )  # fmt: skip


def _years_of_applications(context: Context, year: int) -> list[Finding]:
    wrong = {}
    for number, record in enumerate(context.records("selector")):
        if not record.startswith(b'{"ids"'):
            told = [one for one in msgspec.json.decode(record)["years"] if one is not None]
            if any(_impossible(one, year) for one in told):
                wrong[number] = "–".join(map(str, told))
    return _of_records(
        context, "selector", wrong, "impossible_years", "error", "names the model years {what}", "correct the years"
    )


def _years_of_vehicles(context: Context, year: int) -> Iterator[Finding]:
    wrong = [one for one in context.generation.vehicles.rows if _any_impossible((one.years.start, one.years.end), year)]
    for one in wrong[:MOST_LISTED]:
        message = f"vehicle of the model years {one.years.start}–{one.years.end}"
        yield Finding("impossible_years", "error", message, "correct the years", one.vehicle_id)
    if len(wrong) > MOST_LISTED:
        yield Finding(
            "impossible_years", "error", f"and {len(wrong) - MOST_LISTED:,} more vehicles", "correct the years"
        )


def _any_impossible(years: Iterable[int | None], year: int) -> bool:
    return any(one is not None and _impossible(one, year) for one in years)


def _impossible(one: int, year: int) -> bool:
    return one < FIRST_YEAR or one > year + YEARS_AHEAD


def _quantities(context: Context) -> list[Finding]:
    """Quantities far above what applications of the part type usually need, and none at all."""
    told = context.quantities[context.quantities >= 0]
    if not len(told) or (told.min() > 0 and told.max() < MOST_TIMES * told.min()):
        return []
    pairs, counts = _merged([np.unique(codes, return_counts=True) for _, codes in _quantity_codes(context)])
    odd = np.array(sorted(outlying(pairs, counts)), np.int64)
    total = int(counts[np.isin(pairs, odd)].sum())
    found, codes_found = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for first, codes in _quantity_codes(context) if total else ():
        at = np.flatnonzero(np.isin(codes, odd))[: MOST_ROWS - sum(map(len, found))]
        found.append(at + first)
        codes_found.append(codes[at])
    rows, codes = np.concatenate(found), np.concatenate(codes_found).tolist()
    parts, words = context.part_ids(rows), context.generation.words["part_type"]

    def said(index: int) -> str:
        return f"needs {codes[index] & LOW} of {parts[index]}, unusual for {words[codes[index] >> 32]}"

    return _of_rows(context, rows, total, "outlier_quantity", "warning", said, "check the quantity")


def _quantity_codes(context: Context) -> Iterator[tuple[int, Int64s]]:
    """Rows some at a time: the first, and for each its part type and quantity as `outlying` takes them; -1 unknown."""
    by_rule, kinds = context.quantities[context.rules["detail"]], context.generation.column("part_type")
    for first, rule in context.chunks():
        quantity = by_rule[rule]
        kind = kinds[context.parts_between(first, first + len(rule))].astype(np.int64)
        yield first, np.where((quantity >= 0) & (kind >= 0), kind << 32 | quantity, -1)


def _merged(counted: Sequence[tuple[Int64s, Int64s]]) -> tuple[Int64s, Int64s]:
    """Codes known (not -1) of all of these, and how often each occurs."""
    codes = np.concatenate([codes for codes, _ in counted])
    counts = np.concatenate([counts for _, counts in counted])
    found, back = np.unique(codes, return_inverse=True)
    total = np.bincount(back, counts, len(found)).astype(np.int64)
    return found[found >= 0], total[found >= 0]


def outlying(pairs: Int64s, counts: Int64s) -> Iterator[int]:
    """Of pairs (part type in the upper 32 bits, quantity in the lower, ascending) those whose quantity is unusual."""
    kinds = pairs >> 32
    for kind in np.unique(kinds).tolist():
        here = np.flatnonzero(kinds == kind)
        quantities, rows = pairs[here] & 0xFFFFFFFF, counts[here]
        total = int(rows.sum())
        usual = int(quantities[np.searchsorted(np.cumsum(rows), total / 2)])
        for value, count in zip(quantities.tolist(), rows.tolist(), strict=True):
            rare = total >= ENOUGH and count < total * RARE_QUANTITY
            if value == 0 or (rare and value >= MOST_TIMES * max(usual, 1)):
                yield int(kind << 32 | value)


def _of_records(
    context: Context, table: str, wrong: Mapping[int, str], kind: str, severity: Severity, message: str, remedy: str
) -> list[Finding]:
    """A finding for every row that has one of the records; `message` takes `{what}`."""
    if not wrong:
        return []
    column = context.rules["effective" if table == "position" else table]
    hit = np.zeros(len(context.records(table)) + 1, np.bool_)
    hit[list(wrong)] = True
    rows, total = context.rows_with(hit[column])
    numbers = column[context.rule_of[rows]].tolist()

    def said(index: int) -> str:
        return message.format(what=wrong[numbers[index]])

    return _of_rows(context, rows, total, kind, severity, said, remedy)


def _of_rows(
    context: Context, rows: Int64s, total: int, kind: str, severity: Severity, said: Callable[[int], str], remedy: str
) -> list[Finding]:
    found = context.about(kind, severity, rows, said, remedy)
    return found + more(kind, severity, total - len(found), remedy)
