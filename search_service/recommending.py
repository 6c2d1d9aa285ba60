"""Recommendations: what the model proposes, narrowed to what fits, filled as in search."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexers import schema
from indexers.engine.plan import AnyOf, Band, Filter, Not, Order, SearchPlan
from ranking import recommend as models
from ranking.policy import Context
from ranking.recommend import Because as Reason
from search_service.asking import Asking, ask
from search_service.cursor import Ranked
from search_service.errors import Invalid, NotFound
from search_service.fits import UNASKED
from search_service.items import Counter, counter_for
from search_service.parameters import Parameters
from search_service.personal import Personal, personal_for
from search_service.pool import Ordering, rank_hits
from search_service.query_log import log_query
from search_service.request import Person, Place, read_lang, read_person, read_place
from search_service.retrieval import MODES as FITMENT_MODES
from search_service.retrieval import UNBANDED, all_of, band_filters, fit_filters, place_filter
from search_service.runtime import Runtime, Serving
from search_service.saying import type_name
from search_service.settings import Settings
from search_service.vehicle_query import VehicleRequest, read_vehicle
from search_service.wire import Because, Item, RecommendationsAnswer

KINDS = ("for_you", "for_vehicle", "bought_together", "similar", "next_service", "popular")
NEEDS_PART = ("bought_together", "similar")
POOL = 200
MOST_OF_TYPE = 2
"""Parts of one type among recommendations of several types."""

MOST_OF_BRAND = 4


@dataclass(frozen=True, slots=True)
class RecommendRequest:
    """What is to be recommended, to whom, for which vehicle."""

    kind: str
    part_id: str | None
    vehicle: VehicleRequest
    person: Person
    place: Place
    size: int
    lang: str
    mode: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Part types (or parts) to choose from, best first, each with its reason."""

    types: Mapping[str, tuple[float, Reason]]
    parts: Mapping[str, tuple[float, Reason]]
    spread: bool = True


def read_recommend(
    parameters: Parameters, settings: Settings, kind: str | None = None, part_id: str | None = None
) -> RecommendRequest:
    """Read `/v1/recommendations`, or `/v1/parts/{part_id}/similar` with kind and part fixed by the path."""
    if kind is None:
        if "kind" not in parameters:
            parameters.fault("kind", f"is missing; one of {', '.join(KINDS)}")
        kind = parameters.choice("kind", KINDS, "popular")
        part_id = parameters.text("part_id")
    request = RecommendRequest(
        kind=kind,
        part_id=part_id,
        vehicle=read_vehicle(parameters),
        person=read_person(parameters),
        place=read_place(parameters),
        size=parameters.integer("size", 12, 1, settings.max_page_size),
        lang=read_lang(parameters),
        mode=parameters.choice("fitment", ("strict", "default"), "strict"),
    )
    if kind in NEEDS_PART and not part_id:
        parameters.fault("part_id", f"is needed for {kind}")
    if kind == "for_vehicle" and not request.vehicle.names_vehicle and not request.person.user_id:
        parameters.fault("vehicle_id", "for_vehicle needs a vehicle, or a user_id whose garage holds one")
    parameters.finish()
    return request


def recommend(runtime: Runtime, request: RecommendRequest) -> RecommendationsAnswer:
    """Recommend. With a vehicle only parts that fit it (or are universal); `default` adds those that need info."""
    serving = runtime.serving()
    personal = personal_for(runtime, serving, request.person)
    asking = ask(runtime, serving, _vehicle(request, personal))
    part_type = _part_type(serving, request.part_id)
    wish = _wish(runtime, serving, request, personal, part_type)
    counter = counter_for(runtime.view.snapshot(), personal.person, request.place, request.lang, runtime.now())
    chosen = _chosen(runtime, serving, request, asking, personal, wish, counter)
    items = [_item(runtime, serving, request, asking, counter, wish, row) for row in chosen]
    query_id = uuid.uuid4().hex
    attributes: dict[str, object] = {"kind": request.kind, "part_id": request.part_id}
    log_query(runtime, query_id, "", personal.person, tuple(item.part_id for item in items), attributes)
    return RecommendationsAnswer(
        query_id=query_id,
        generation=serving.generation.name,
        model_version=serving.model_version,
        kind=request.kind,
        vehicle=asking.vehicle_out(),
        degraded=[*personal.degraded, *asking.degraded, *runtime.degraded()],
        items=items,
        notices=list(asking.notices),
    )


def _vehicle(request: RecommendRequest, personal: Personal) -> VehicleRequest:
    """The vehicle given; for `for_vehicle` else the first of the user's garage."""
    if request.vehicle.names_vehicle or request.kind != "for_vehicle":
        return request.vehicle
    if not personal.vehicle_ids:
        raise Invalid.of("vehicle_id", "give a vehicle; the user's garage is empty")
    return VehicleRequest(vehicle_ids=personal.vehicle_ids[:1])


def _part_type(serving: Serving, part_id: str | None) -> str:
    if part_id is None:
        return ""
    ordinal = serving.generation.ordinal(part_id)
    if ordinal is None:
        raise NotFound(f"There is no part {part_id!r}.")
    return serving.word("part_type", ordinal)


def _wish(runtime: Runtime, serving: Serving, request: RecommendRequest, personal: Personal, part_type: str) -> Wish:
    model, jobs = serving.model, runtime.jobs
    if request.kind == "similar":
        found = models.similar(model, str(request.part_id)) if model else []
        parts = {one.part_id: (one.score, one.because) for one in found}
        return Wish({part_type: (1.0, Reason("similar"))}, parts, spread=False)
    if model is None:
        return Wish({}, {})
    profile = personal.profile or model.profile([])
    match request.kind:
        case "for_you":
            types = models.for_you(model, profile, jobs, request.size)
        case "for_vehicle":
            types = models.for_vehicle(model, profile, jobs, request.size)
        case "bought_together":
            types = models.bought_together(model, jobs, part_type, request.part_id, request.size)
        case "next_service":
            types = models.next_service(model, profile, jobs, request.size)
        case _:
            types = models.popular(model, request.size)
    return Wish({one.part_type: (one.score, one.because) for one in types}, {})


def _chosen(
    runtime: Runtime,
    serving: Serving,
    request: RecommendRequest,
    asking: Asking,
    personal: Personal,
    wish: Wish,
    counter: Counter,
) -> list[Ranked]:
    """Best parts of the wished types, band by band, no type and no brand crowding the rest out."""
    if asking.resolved is not None and asking.asked is None:
        return []
    policy = runtime.policy()
    ordering = Ordering(
        policy, policy.firing(Context(today=runtime.today(), store=request.place.store)), "relevance",
        personal.profile, {name: score for name, (score, _) in _scaled(wish).items()}, runtime.today(), False,
    )  # fmt: skip
    rows: list[Ranked] = []
    groups = [(name,) for name in wish.types] if wish.types else [()]
    for types in groups:
        filters = _filters(runtime, serving, request, types)
        page = serving.reader.search(_plan(runtime, asking, request, filters, POOL if len(groups) == 1 else 24))
        bands = {name: index for index, name in enumerate(page.hits)}
        hits = [(bands[name], hit) for name, some in page.hits.items() for hit in some]
        ranked = rank_hits(serving, counter, hits, ordering).rows
        rows += ranked[:MOST_OF_TYPE] if len(groups) > 1 else ranked
    rows.sort(key=lambda row: row.band)
    return _capped(serving, rows, request.size, wish.spread)


def _filters(runtime: Runtime, serving: Serving, request: RecommendRequest, types: Sequence[str]) -> list[Filter]:
    filters: list[Filter] = [AnyOf(schema.PART_TYPE.name, tuple(types))] if types else []
    ordinal = serving.generation.ordinal(request.part_id) if request.part_id else None
    if ordinal is not None:
        filters.append(Not(AnyOf(schema.ORD.name, (ordinal,))))
        places = serving.generation.part_position(ordinal)
        if places and request.kind in NEEDS_PART:
            filters.append(place_filter(schema.PLACE.name, places))
    context = Context(today=runtime.today(), store=request.place.store)
    filters += [Not(serving.policy_filter(items)) for items in runtime.policy().hidden(context)]
    return filters


def _plan(
    runtime: Runtime, asking: Asking, request: RecommendRequest, filters: Sequence[Filter], limit: int
) -> SearchPlan:
    base = all_of(*filters)
    if asking.asked is None:
        return SearchPlan(base, (Band(UNBANDED, base),), limit, order=Order.RANK)
    named = band_filters(fit_filters(asking.asked, runtime.settings.broad_candidates))
    bands = tuple(Band(verdict.value, named[verdict]) for verdict in FITMENT_MODES[request.mode])
    return SearchPlan(base, bands, limit, order=Order.RANK)


def _capped(serving: Serving, rows: Sequence[Ranked], size: int, spread: bool) -> list[Ranked]:
    taken: list[Ranked] = []
    left: list[Ranked] = []
    counts: dict[str, int] = {}
    for row in rows:
        brand = f"brand:{serving.word('brand', row.ordinal)}"
        if spread and counts.get(brand, 0) >= MOST_OF_BRAND:
            left.append(row)
            continue
        counts[brand] = counts.get(brand, 0) + 1
        taken.append(row)
    return sorted([*taken, *left][:size], key=lambda row: row.band)


def _scaled(wish: Wish) -> dict[str, tuple[float, Reason]]:
    """Scores of the wished types between 0 and 1."""
    top = max((score for score, _ in wish.types.values()), default=0.0)
    low = min((score for score, _ in wish.types.values()), default=0.0)
    span = (top - low) or 1.0
    return {name: ((score - low) / span, reason) for name, (score, reason) in wish.types.items()}


def _item(
    runtime: Runtime,
    serving: Serving,
    request: RecommendRequest,
    asking: Asking,
    counter: Counter,
    wish: Wish,
    row: Ranked,
) -> Item:
    stored = serving.generation.part(row.ordinal)
    fit = UNASKED
    if asking.asked is not None:
        fit = serving.fits.answer(asking.asked, serving.fits.judge(asking.asked, row.ordinal), asking.dont_know)
    item = counter.item(stored, fit, row.score, [])
    reason = wish.parts.get(stored.part_id) or wish.types.get(stored.part_type.id)
    because = reason[1] if reason else Reason("popular")
    names = {} if because.part_type is None else {because.part_type: type_name(because.part_type, runtime.vocabulary)}
    item.because = [Because(because.kind, models.because_text(because, names), because.part_id)]
    return item
