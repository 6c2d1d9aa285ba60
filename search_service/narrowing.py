"""Narrowing a vehicle down: which values are left for each attribute, and what a text or VIN could mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from fitment_rules.candidates import CandidateSet, resolve
from fitment_rules.judge import Asked
from fitment_rules.model import Key, Scalar, Vehicle, Verdict, key_of, natural_order
from fitment_rules.vehicles import Given, VehicleQuery, VehicleTable
from indexers.engine.plan import Count, Everything, Order, SearchPlan
from indexers.generation import Generation
from search_service.attributes import AttributeTexts
from search_service.retrieval import band_filters, fit_filters, one_of
from search_service.wire import OptionValue

FIRST = ("make", "model", "year")
MOST_COUNTED = 2000
"""Values of one attribute for which parts are counted (about 2 ms each); further ones are given uncounted."""

COUNTED_AT_ONCE = 400
"""Counts of one search."""


def attributes_of(candidates: CandidateSet) -> tuple[str, ...]:
    """Every attribute that some candidate has, the selection tree's first levels in front."""
    rows = candidates.table.rows
    names = dict.fromkeys(name for row in candidates.rows for name in rows[row].attributes)
    return (*FIRST, *sorted(names))


def options_of(
    table: VehicleTable, query: VehicleQuery, attribute: str, texts: AttributeTexts, lang: str
) -> tuple[list[OptionValue], int]:
    """Values of an attribute among the candidates of everything else that was said, and how many rows lack it.

    Years fall, other values ascend by label.
    """
    candidates = resolve(table, without(query, attribute))
    if attribute == "year":
        return _years(candidates)
    rows: dict[Key, list[int]] = {}
    unknown = 0
    for row in candidates.rows:
        keys = table.value(row, attribute)
        unknown += keys is None
        for key in keys or ():
            rows.setdefault(key, []).append(row)
    found = [_option(table, attribute, key, some, texts, lang) for key, some in rows.items()]
    return sorted(found, key=lambda one: natural_order(key_of(one.label))), unknown


def count_parts(
    generation: Generation, count: Any, query: VehicleQuery, attribute: str, options: Sequence[OptionValue], broad: int
) -> list[OptionValue]:
    """The options that have parts, with how many would be `fits` or `needs_info` once the value is chosen.

    `count` runs a `SearchPlan` (a reader's `search`). Options behind `MOST_COUNTED` stay without a count.
    """
    base = without(query, attribute)
    found: list[OptionValue] = []
    for start in range(0, min(len(options), MOST_COUNTED), COUNTED_AT_ONCE):
        some = options[start : min(start + COUNTED_AT_ONCE, MOST_COUNTED)]
        counts = [_count(generation, base, attribute, option, broad) for option in some]
        page = count(SearchPlan(Everything(), (), 0, order=Order.RANK, counts=tuple(counts)))
        totals = [page.counts[one.name] for one in counts]
        found += [_with_parts(option, total) for option, total in zip(some, totals, strict=True) if total]
    return [*found, *options[MOST_COUNTED:]]


def _count(generation: Generation, base: VehicleQuery, attribute: str, option: OptionValue, broad: int) -> Count:
    """Parts that fit or could, once a value is chosen; named by the value, which no other option shares."""
    chosen = replace(base, given=(*base.given, _given(attribute, option.value)))
    asked = Asked(resolve(generation.vehicles, chosen), generation.slots, generation.note_slots)
    bands = band_filters(fit_filters(asked, broad))
    return Count(f"{key_of(option.value)!r}", one_of(bands[Verdict.FITS], bands[Verdict.NEEDS_INFO]))


def without(query: VehicleQuery, attribute: str) -> VehicleQuery:
    """The query as if the caller had said nothing of an attribute; what a VIN says stays."""
    kept = tuple(one for one in query.given if one.attribute != attribute or one.source == "vin")
    return replace(query, given=kept, vehicle_ids=() if attribute == "vehicle_id" else query.vehicle_ids)


def vehicle_json(vehicle: Vehicle) -> dict[str, Any]:
    """A vehicle row in the contract's form."""
    years = vehicle.years
    return {
        "vehicle_id": vehicle.vehicle_id,
        "make": vehicle.make,
        "model": vehicle.model,
        "year_from": years.start,
        "year_to": years.end,
        "names": {lang: dict(names) for lang, names in vehicle.names.items()},
        "aliases": list(vehicle.aliases),
        "attributes": {
            name: list(value) if isinstance(value, tuple) else value for name, value in vehicle.attributes.items()
        },
    }


def _years(candidates: CandidateSet) -> tuple[list[OptionValue], int]:
    rows: dict[int, set[int]] = {}
    unknown: set[int] = set()
    for row, year in candidates.pairs:
        if year is None:
            unknown.add(row)
        else:
            rows.setdefault(year, set()).add(row)
    return [OptionValue(year, str(year), len(rows[year])) for year in sorted(rows, reverse=True)], len(unknown)


def _option(
    table: VehicleTable, attribute: str, key: Key, rows: Sequence[int], texts: AttributeTexts, lang: str
) -> OptionValue:
    value = next(one for one in table.read(rows[0], attribute) if key_of(one) == key)
    return OptionValue(value, _label(table, attribute, value, rows, texts, lang), len(rows))


def _label(
    table: VehicleTable, attribute: str, value: Scalar, rows: Iterable[int], texts: AttributeTexts, lang: str
) -> str:
    if attribute == "vehicle_id":
        return texts.described(table.rows[table.row_of(str(value))])[lang]
    for row in rows:
        name = table.rows[row].names.get(lang, {}).get(attribute)
        if name:
            return name
    return texts.value_of(table, attribute, value)[lang]


def _given(attribute: str, value: Scalar) -> Given:
    return Given(attribute, frozenset((key_of(value),)), "caller", (value,))


def _with_parts(option: OptionValue, total: int) -> OptionValue:
    return OptionValue(option.value, option.label, option.vehicles, total)
