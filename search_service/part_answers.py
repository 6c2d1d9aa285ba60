"""Answers about one part: itself, its applications, what it fits, its other numbers; and the tree of part types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, Raw

from fitment_rules.conditions import Condition
from fitment_rules.fit import asks
from fitment_rules.judge import judge_node
from fitment_rules.model import Application, Key, iso_day
from fitment_rules.vehicles import Level, NodeKey
from indexers import schema
from indexers.engine.plan import Everything, Facet, SearchPlan
from search_service.asking import ask
from search_service.errors import ForgedToken, NotFound
from search_service.fits import UNASKED
from search_service.items import counter_for, price_out
from search_service.live.model import Price
from search_service.parameters import Parameters
from search_service.part_numbers import owner, replacing
from search_service.personal import personal_for
from search_service.request import Person, Place, read_lang, read_person, read_place
from search_service.retrieval import fit_filters, returned
from search_service.runtime import Runtime, Serving
from search_service.settings import Settings
from search_service.tokens import open_sealed, seal
from search_service.vehicle_query import VehicleRequest, read_vehicle
from search_service.wire import (
    ApplicationOut,
    ConditionOut,
    FittedVehicle,
    InterchangeAnswer,
    Paged,
    PartAnswer,
    PartTypeOut,
    PartTypesAnswer,
    SourceOut,
)

PAGE = "page"


@dataclass(frozen=True, slots=True)
class PartRequest:
    """One part, perhaps for a vehicle."""

    part_id: str
    vehicle: VehicleRequest
    person: Person
    place: Place
    lang: str


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of what belongs to a part."""

    part_id: str
    size: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class TypesRequest:
    """The tree, perhaps for a vehicle."""

    vehicle: VehicleRequest
    lang: str


def read_part(parameters: Parameters, part_id: str, settings: Settings) -> PartRequest:
    """Read `/v1/parts/{part_id}`."""
    request = PartRequest(
        part_id, read_vehicle(parameters), read_person(parameters), read_place(parameters), read_lang(parameters)
    )
    parameters.finish()
    return request


def read_page(parameters: Parameters, part_id: str) -> PageRequest:
    """Read a paged endpoint of a part."""
    cursors = parameters.long_texts("cursor")
    request = PageRequest(part_id, parameters.integer("size", 24, 1, 100), cursors[0] if cursors else None)
    read_lang(parameters)
    parameters.finish()
    return request


def read_types(parameters: Parameters) -> TypesRequest:
    """Read `/v1/part-types`."""
    request = TypesRequest(read_vehicle(parameters), read_lang(parameters))
    parameters.finish()
    return request


def part(runtime: Runtime, request: PartRequest) -> PartAnswer:
    """One part with live price and stock, and its verdict. Raises `NotFound`."""
    serving = runtime.serving()
    ordinal = _ordinal(serving, request.part_id)
    asking = ask(runtime, serving, request.vehicle)
    fit = UNASKED
    if asking.asked is not None:
        fit = serving.fits.answer(asking.asked, ordinal, asking.dont_know)
    personal = personal_for(runtime, serving, request.person)
    counter = counter_for(runtime.view.snapshot(), personal.person, request.place, request.lang, runtime.now())
    stored = serving.generation.part(ordinal)
    price = counter.price_of(stored)
    return PartAnswer(
        generation=serving.generation.name,
        part=_priced(serving.generation.part_json(ordinal), counter.live.price(stored.part_id)),
        fit=fit,
        availability=counter.availability(stored.part_id),
        promotion=counter.promotion(stored, price),
        price=price_out(price),
        vehicle=asking.vehicle_out(),
        notices=list(asking.notices),
        degraded=[*asking.degraded, *runtime.degraded()],
    )


def _priced(row: bytes, live: Price | None) -> Raw:
    """The row as read, at its live price if it has one."""
    return Raw(row if live is None else msgspec.json.encode(msgspec.json.decode(row) | {"price": price_out(live)}))


def applications(runtime: Runtime, request: PageRequest) -> Paged:
    """A part's applications as read, in the order read."""
    serving = runtime.serving()
    generation = serving.generation
    rows = generation.rows(_ordinal(serving, request.part_id))
    start, stop, cursor = _page(runtime, serving, request, len(rows))
    items = [
        _application(request.part_id, row.application_id, generation.rule_as_read(row.rule_id), row.source_row)
        for row in rows[start:stop]
    ]
    return Paged(generation.name, len(rows), items, cursor)


def vehicles(runtime: Runtime, request: PageRequest) -> Paged:
    """What a part fits, folded to make, model and runs of years with the same conditions."""
    serving = runtime.serving()
    folded = _fold(_fitted(serving, _ordinal(serving, request.part_id)))
    start, stop, cursor = _page(runtime, serving, request, len(folded))
    return Paged(serving.generation.name, len(folded), list(folded[start:stop]), cursor)


def interchange(runtime: Runtime, part_id: str) -> InterchangeAnswer:
    """Every other number of a part with who says so, and the part of ours whose own number it is, if one has it."""
    serving = runtime.serving()
    stored = serving.generation.part(_ordinal(serving, part_id))
    items: list[dict[str, Any]] = [
        _number(serving, part_id, one.brand, one.number, "oe", None, None) for one in stored.oe_numbers
    ]
    items += [
        _number(serving, part_id, one.brand, one.number, one.kind or "equivalent", one.grade, one.source)
        for one in stored.interchange
    ]
    items += [
        _number(serving, part_id, one.brand, one.part_number, "superseded_by", None, one.brand)
        for one in replacing(serving.generation, stored)
        if not any(item["kind"] == "superseded_by" and item["part_id"] == one.part_id for item in items)
    ]
    for item in items:
        item["source"] = item["source"] or stored.brand
    return InterchangeAnswer(items)


def part_types(runtime: Runtime, request: TypesRequest) -> PartTypesAnswer:
    """Categories and part types that have parts, parents before children; counts of a vehicle's own if one is given."""
    serving = runtime.serving()
    asking = ask(runtime, serving, request.vehicle)
    shown = Everything()
    if asking.asked is not None:
        shown = returned(fit_filters(asking.asked, runtime.settings.broad_candidates), "default")  # type: ignore[assignment]
    facets = tuple(Facet(name, name, shown, size=10_000) for name in (schema.CATEGORY.name, schema.PART_TYPE.name))
    page = serving.reader.search(SearchPlan(Everything(), (), 0, facets=facets))
    items = [_category(runtime, name, count, request.lang) for name, count in page.facets[schema.CATEGORY.name]]
    items += [_type(runtime, name, count, request.lang) for name, count in page.facets[schema.PART_TYPE.name]]
    return PartTypesAnswer(serving.generation.name, items, list(asking.notices))


def _ordinal(serving: Serving, part_id: str) -> int:
    ordinal = serving.generation.ordinal(part_id)
    if ordinal is None:
        raise NotFound(f"There is no part {part_id!r}.")
    return ordinal


def _page(runtime: Runtime, serving: Serving, request: PageRequest, total: int) -> tuple[int, int, str | None]:
    start = 0
    if request.cursor:
        told = _opened(request.cursor, runtime.stamp_key)
        if told.get("p") != request.part_id or not isinstance(told.get("n"), int):
            raise ForgedToken("cursor")
        start = told["n"]
    stop = min(start + request.size, total)
    more = seal({"p": request.part_id, "n": stop}, runtime.stamp_key, PAGE) if stop < total else None
    return start, stop, more


def _opened(cursor: str, key: str) -> Mapping[str, Any]:
    try:
        return open_sealed(cursor, key, PAGE)
    except ForgedToken:
        raise ForgedToken("cursor") from None


def _application(part_id: str, application_id: str, found: Application, row: int | None) -> ApplicationOut:
    named = {"make": list(found.make), "model": list(found.model), "years": [found.years.start, found.years.end]}
    return ApplicationOut(
        application_id=application_id,
        part_id=part_id,
        vehicle_ids=list(found.vehicle_ids) if found.vehicle_ids else UNSET,
        vehicle=UNSET if found.vehicle_ids else {name: value for name, value in named.items() if value},
        where={name: list(values) for name, values in found.where.items()},
        except_=[{name: list(values) for name, values in one.items()} for one in found.except_],
        built_from=iso_day(found.built.start),
        built_to=iso_day(found.built.end),
        vin_serial_from=found.vin_serial_from,
        vin_serial_to=found.vin_serial_to,
        position=list(found.position),
        quantity=found.quantity,
        notes=[{"text": n.text, "lang": n.lang, "kind": n.kind.value if n.kind else None} for n in found.notes],
        source=SourceOut(found.source.file, row, found.source.date),
    )


@dataclass(frozen=True, slots=True)
class _Fitted:
    """One slot of a part, as a vehicle: `year` `None` is every year."""

    make: str | None
    model: str | None
    year: int | None
    conditions: tuple[Condition, ...]
    verdict: str


def _fitted(serving: Serving, ordinal: int) -> Iterable[_Fitted]:
    generation = serving.generation
    table, slots = generation.vehicles, generation.slots
    for slot in generation.part_slots(ordinal)[0]:
        node = table.node_keys[slots.node_of(slot)]
        conditions = slots.conjunctions[slots.conjunction[slot]]
        true, possible, count = judge_node(table, node, conditions)
        if not possible or not count:
            continue
        verdict = "fits" if true == (1 << count) - 1 and not slots.noted[slot] else "needs_info"
        for make, model, year in _named(serving, node):
            yield _Fitted(make, model, year, conditions, verdict)


def _named(serving: Serving, node: NodeKey) -> list[tuple[str | None, str | None, int | None]]:
    table = serving.generation.vehicles
    match node:
        case [Level.BASE.value, make, model, year]:
            return [(*_spelled(serving, make, model), int(year))]
        case [Level.MODEL.value, make, model]:
            years = table.model_years[make, model][0]
            return [(*_spelled(serving, make, model), year) for year in years or (None,)]
        case [Level.MAKE.value, make]:
            return [(table.rows[table.rows_by_make[make][0]].make, None, None)]
        case [Level.ROW.value, vehicle_id]:
            row = table.row_of(str(vehicle_id))
            found = table.rows[row]
            return [(found.make, found.model, year) for year in table.years_of(row) or (None,)]
        case _:
            return [(None, None, None)]


def _spelled(serving: Serving, make: Key, model: Key) -> tuple[str, str]:
    table = serving.generation.vehicles
    row = table.rows[table.models[make, model][0]]
    return row.make, row.model


def _fold(found: Iterable[_Fitted]) -> list[FittedVehicle]:
    groups: dict[tuple[str | None, str | None, tuple[Condition, ...], str], set[int | None]] = {}
    for one in found:
        groups.setdefault((one.make, one.model, one.conditions, one.verdict), set()).add(one.year)
    folded = []
    for (make, model, conditions, verdict), years in groups.items():
        seen = [ConditionOut(c.attribute, dict(asks(c)), [], "unknown") for c in conditions]
        folded += [FittedVehicle(make, model, run, seen, verdict) for run in _runs(years)]
    return sorted(folded, key=lambda one: (one.make or "", one.model or "", one.years[0] or 0, one.verdict))


def _runs(years: set[int | None]) -> list[list[int | None]]:
    runs: list[list[int | None]] = [[None, None]] if None in years else []
    for year in sorted(year for year in years if year is not None):
        if runs and runs[-1][1] == year - 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return runs


def _number(
    serving: Serving, part_id: str, brand: str | None, number: str, kind: str, grade: str | None, source: str | None
) -> dict[str, Any]:
    return {
        "brand": brand,
        "number": number,
        "kind": kind,
        "grade": grade,
        "source": source,
        "part_id": owner(serving.generation, number, brand, part_id),
    }


def _category(runtime: Runtime, name: str, count: int, lang: str) -> PartTypeOut:
    row = runtime.vocabulary.categories.get(name)
    shown = name if row is None else row.name.zh if lang == "zh" else row.name.en
    return PartTypeOut(name, shown, row.parent if row else None, count)


def _type(runtime: Runtime, name: str, count: int, lang: str) -> PartTypeOut:
    found = runtime.vocabulary.part_types.get(name)
    shown = name if found is None else found.name.zh if lang == "zh" else found.name.en
    return PartTypeOut(name, shown, found.category if found else None, count)
