"""Single applications and rows that cannot be right: values nothing has, ids far off, impossible years, quantities."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np

from fitment_rules.model import Scalar, key_of
from fitment_rules.vehicles import VehicleTable
from indexers.columns import Int64s
from indexers.findings.context import MOST_ROWS, Context, more, where_of
from indexers.report import MOST_LISTED, Finding, Severity

FIRST_YEAR = 1896
"""The first model year that ACES allows."""
YEARS_AHEAD = 3
"""Model years beyond the present one that may already be in a catalogue."""

FAR, RARE, ENOUGH_USES = 3, 0.001, 100
"""An id this many times the next smaller one is of another order; it is a slip if ids so far off have at most this
share of the uses (or two), and there are so many uses to judge by."""

MOST_TIMES, RARE_QUANTITY, ENOUGH = 3, 0.005, 100
"""A quantity so many times the usual one of its part type, in less than this share of at least so many rows."""

_PLACE = re.compile(r"position (\d+)")
_TYPE = re.compile(r"parttype_\d+")


def value_findings(context: Context, year: int) -> list[Finding]:
    """All of them; `year` is the present one."""
    return [
        *_bad_rows(context),
        *_unknown_values(context),
        *_far_ids(context),
        *_unnamed(context),
        *_years_of_applications(context, year),
        *_years_of_vehicles(context, year),
        *_quantities(context),
    ]


def _bad_rows(context: Context) -> Iterator[Finding]:
    bad = context.bad
    for row in bad[:MOST_LISTED]:
        years = "year" in row.field or "year" in row.reason
        kind = "impossible_years" if years else "bad_row"
        value = "" if row.value is None else f" {row.value!r}"
        message = f"{row.kind}: {row.field or 'the row'}{value} {row.reason}"
        remedy = "correct the row; it is in quarantine"
        yield Finding(kind, "error", message, remedy, row.row_id or row.subject, row.file.rpartition("/")[2], row.line)
    if len(bad) > MOST_LISTED:
        yield Finding("bad_row", "error", f"and {len(bad) - MOST_LISTED:,} more rows", "see the quarantine")


def _unknown_values(context: Context) -> list[Finding]:
    """Conditions on an attribute that vehicles have, asking for a value that none of them has."""
    wrong: dict[int, str] = {}
    for number, record in enumerate(context.applications.rows.tables.records["condition"]):
        for name, values in where_of(record).items():
            if not _used(context.vehicles.table, name, values):
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
    records = context.applications.rows.tables.records
    groups: dict[tuple[str, str], dict[int, list[int]]] = {}
    for number, record in enumerate(records["condition"]):
        for name, values in where_of(record).items():
            if name[:1].isupper():
                for value in values:
                    _gather(groups, ("condition", name), value, number)
    for number, record in enumerate(records["position"]):
        for place in msgspec.json.decode(record):
            if (found := _PLACE.fullmatch(place)) is not None:
                _gather(groups, ("position", "Position"), found[1], number)
    for (table, name), ids in groups.items():
        counts = _rows_of_records(context, table)
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
    if text.isascii() and text.isdigit():
        groups.setdefault(key, {}).setdefault(int(text), []).append(at)


def _unnamed(context: Context) -> Iterator[Finding]:
    """Ids that the operator's own folders should name and do not."""
    if context.reference.positions:
        named = map(msgspec.json.decode, context.applications.rows.tables.records["position"])
        wrong = {
            number: ", ".join(places)
            for number, places in enumerate(named)
            if any(_PLACE.fullmatch(place) for place in places)
        }
        yield from _of_records(
            context, "position", wrong, "unknown_id", "error", "{what} is not in the PCdb", "correct the position id"
        )
    if context.reference.part_types:
        words = context.parts.words["part_type"]
        kinds = np.array([bool(_TYPE.fullmatch(word)) for word in words] or [False], np.bool_)
        column = context.store.get("part.part_type")
        for part in np.flatnonzero(context.parts.alive & (column >= 0) & kinds[column])[:MOST_ROWS].tolist():
            message = f"{words[column[part]]} is not in the PCdb"
            yield Finding("unknown_id", "error", message, "correct the part terminology id", context.parts.ids[part])


def _years_of_applications(context: Context, year: int) -> list[Finding]:
    wrong = {}
    for number, record in enumerate(context.applications.rows.tables.records["selector"]):
        if not record.startswith(b'{"ids"'):
            told = [one for one in msgspec.json.decode(record)["years"] if one is not None]
            if any(_impossible(one, year) for one in told):
                wrong[number] = "–".join(map(str, told))
    return _of_records(
        context, "selector", wrong, "impossible_years", "error", "names the model years {what}", "correct the years"
    )


def _years_of_vehicles(context: Context, year: int) -> Iterator[Finding]:
    wrong = [one for one in context.vehicles.table.rows if _any_impossible((one.years.start, one.years.end), year)]
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
    rows = context.applications.rows
    if not len(rows.rule):
        return []
    quantity = context.quantities[rows.rules["detail"]][rows.rule]
    kind = context.store.get("part.part_type")[rows.part]
    told = np.flatnonzero((quantity >= 0) & (kind >= 0))
    pairs, counts = np.unique(kind[told].astype(np.int64) << 32 | quantity[told], return_counts=True)
    odd = set(outlying(pairs, counts))
    at = told[np.isin(kind[told].astype(np.int64) << 32 | quantity[told], np.array(sorted(odd), np.int64))]
    words = context.parts.words["part_type"]

    def said(row: int) -> str:
        return f"needs {int(quantity[row])} of {context.part_id(row)}, unusual for {words[int(kind[row])]}"

    return _of_rows(context, at, "outlier_quantity", "warning", said, "check the quantity")


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
    rows = context.applications.rows
    column = rows.rules["effective" if table == "position" else table]
    hit = np.isin(column, np.array(sorted(wrong), np.int32))[rows.rule]

    def said(row: int) -> str:
        return message.format(what=wrong[int(column[rows.rule[row]])])

    return _of_rows(context, np.flatnonzero(hit), kind, severity, said, remedy)


def _of_rows(
    context: Context, at: Int64s, kind: str, severity: Severity, said: Callable[[int], str], remedy: str
) -> list[Finding]:
    found = [context.at(kind, severity, row, said(row), remedy) for row in at[:MOST_ROWS].tolist()]
    return found + more(kind, severity, len(at) - len(found), remedy)


def _rows_of_records(context: Context, table: str) -> Int64s:
    """By record, the rows that have it."""
    rows = context.applications.rows
    column = rows.rules["effective" if table == "position" else table]
    used = column[rows.rule]
    return np.bincount(used[used >= 0], minlength=len(rows.tables.records[table]))
