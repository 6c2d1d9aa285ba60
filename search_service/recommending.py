"""Recommendations: what is wished for, narrowed to what fits, filled as in search, each item with its reasons."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fitment_rules.judge import Asked
from indexers import schema
from indexers.engine.plan import AnyOf, Band, Filter, Hit, Not, Order, SearchPlan
from ranking.policy import Context, Policy
from ranking.recommend import Because as Reason
from search_service.anchor import Anchor, anchor_of, likeness, same_place, shared_cars
from search_service.asking import Asking, ask
from search_service.car_shelf import CarShelf, car_shelf
from search_service.choosing import Chooser, Chosen
from search_service.errors import Invalid
from search_service.fits import UNASKED
from search_service.items import Counter, counter_for
from search_service.parameters import Parameters
from search_service.personal import Personal, personal_for
from search_service.pool import Ordering, RankedPool, rank_hits
from search_service.query_log import features_of, log_query
from search_service.request import Person, Place, read_lang, read_person, read_place
from search_service.retrieval import MODES as FITMENT_MODES
from search_service.retrieval import UNBANDED, all_of, band_filters, fit_filters
from search_service.runtime import Runtime, Serving
from search_service.settings import Settings
from search_service.vehicle_query import VehicleRequest, read_vehicle
from search_service.wire import Item, RecommendationsAnswer
from search_service.wishing import Wish, because_out, occasion_of, wish_for

KINDS = ("for_you", "for_vehicle", "bought_together", "similar", "next_service", "popular")
NEEDS_PART = ("bought_together", "similar")
FROM_GARAGE = ("for_you", "for_vehicle", "next_service")
"""Kinds that take the first car of the customer's garage where no vehicle is given."""

FROM_HISTORY = ("for_you", "for_vehicle")

FARTHEST_KM = 10_000_000


@dataclass(frozen=True, slots=True)
class RecommendRequest:
    """What is to be recommended, to whom, for which vehicle; `mileage_km` is what it has been driven."""

    kind: str
    part_id: str | None
    vehicle: VehicleRequest
    person: Person
    place: Place
    size: int
    lang: str
    mode: str
    mileage_km: float | None = None


@dataclass(frozen=True, slots=True)
class Recommending:
    """One recommendation under way: everything that is fixed before the engine is asked."""

    runtime: Runtime
    serving: Serving
    request: RecommendRequest
    personal: Personal
    asking: Asking
    asked: Asked | None
    anchor: Anchor | None
    counter: Counter
    policy: Policy
    query_id: str


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
        mileage_km=parameters.number("mileage_km", 0, FARTHEST_KM),
    )
    if kind in NEEDS_PART and not part_id:
        parameters.fault("part_id", f"is needed for {kind}")
    if kind == "for_vehicle" and not request.vehicle.names_vehicle and not request.person.user_id:
        parameters.fault("vehicle_id", "for_vehicle needs a vehicle, or a user_id whose garage holds one")
    parameters.finish()
    return request


def recommend(runtime: Runtime, request: RecommendRequest) -> RecommendationsAnswer:
    """Recommend. With a vehicle only parts that fit it (or are universal); `default` adds those that need info."""
    asked = _prepared(runtime, request)
    wish = _wish(asked)
    nothing = request.kind == "for_vehicle" and asked.asked is None
    chosen = None if nothing or not wish.types else _chooser(asked, wish).choose(wish, request.size)
    items = _items(asked, wish, chosen) if chosen else []
    answer = RecommendationsAnswer(
        query_id=asked.query_id,
        generation=asked.serving.generation.name,
        model_version=asked.serving.model_version,
        kind=request.kind,
        vehicle=asked.asking.vehicle_out(),
        degraded=[*asked.personal.degraded, *asked.asking.degraded, *runtime.degraded()],
        items=items,
        notices=list(asked.asking.notices),
    )
    _log(asked, answer, chosen)
    return answer


def _prepared(runtime: Runtime, request: RecommendRequest) -> Recommending:
    serving = runtime.serving()
    personal = personal_for(runtime, serving, request.person)
    asking = ask(runtime, serving, _vehicle(serving, request, personal))
    asked, anchor = asking.asked, None
    if request.part_id is not None:
        anchor = anchor_of(serving, request.part_id, asked)
        if asked is not None and anchor.places and request.kind in NEEDS_PART:
            asked = serving.asked(asked.candidates, anchor.places)
    live = runtime.view.snapshot()
    counter = counter_for(live, personal.person, request.place, request.lang, runtime.now())
    query_id = uuid.uuid4().hex
    return Recommending(runtime, serving, request, personal, asking, asked, anchor, counter, runtime.policy(), query_id)


def _vehicle(serving: Serving, request: RecommendRequest, personal: Personal) -> VehicleRequest:
    """The vehicle given, else the first of the user's garage. Raises `Invalid` if `for_vehicle` has none."""
    if request.vehicle.names_vehicle or request.kind not in FROM_GARAGE:
        return request.vehicle
    table = serving.generation.vehicles
    known = [one for one in personal.vehicle_ids if one in table.row_ids]
    if known:
        return replace(request.vehicle, vehicle_ids=(known[0],))
    if request.kind == "for_vehicle":
        raise Invalid.of("vehicle_id", "give a vehicle; the user's garage holds none that is known here")
    return request.vehicle


def _wish(asked: Recommending) -> Wish:
    request, today = asked.request, asked.runtime.today()
    store = asked.counter.live.stores.get(request.place.store) if request.place.store else None
    latitude = request.place.lat if store is None or request.place.lat is not None else store.lat
    occasion = occasion_of(asked.serving, asked.asked, today, latitude, request.place.store, request.mileage_km)
    part_type = asked.anchor.part.part_type.id if asked.anchor else ""
    following = asked.personal.next_types(asked.serving) if request.kind in FROM_HISTORY else None
    return wish_for(
        asked.serving, request.kind, asked.personal.history, occasion, part_type, request.part_id, request.size,
        following,
    )  # fmt: skip


def _chooser(asked: Recommending, wish: Wish) -> Chooser:
    filters = _filters(asked)

    def plan(only: Filter, order: Order, limit: int) -> SearchPlan:
        base = all_of(only, *filters)
        return SearchPlan(base, _bands(asked) or (Band(UNBANDED, base),), limit, order=order)

    def ranked(hits: Sequence[tuple[int, Hit]]) -> RankedPool:
        return _ranked(asked, wish, hits)

    today = asked.runtime.today().toordinal()
    key = ("shelf", asked.serving.model_version, asked.request.mode, tuple(filters), today)
    memo = asked.asked.memo if asked.asked is not None else asked.serving.memo
    own = asked.request.kind in NEEDS_PART
    return Chooser(
        asked.serving, plan, ranked, memo, None if own else key, asked.query_id, today, lambda: _columns(asked, today)
    )  # fmt: skip


def _columns(asked: Recommending, today: int) -> CarShelf | None:
    """The shelf of a vehicle from the generation's columns; `None` without one, or where only the engine knows."""
    if asked.asked is None:
        return None
    hidden = asked.policy.hidden(_context(asked))
    return car_shelf(asked.serving, asked.asked, FITMENT_MODES[asked.request.mode], hidden, today)


def _ranked(asked: Recommending, wish: Wish, hits: Sequence[tuple[int, Hit]]) -> RankedPool:
    """As in search; substitutes score by their likeness to the part in place of words."""
    today = asked.runtime.today()
    alike = asked.request.kind == "similar" and asked.anchor is not None
    if alike and asked.anchor is not None and hits:
        scores = likeness(asked.serving, asked.anchor, np.array([hit.ordinal for _, hit in hits], np.int64))
        hits = [(band, Hit(hit.ordinal, score)) for (band, hit), score in zip(hits, scores, strict=True)]
    firings = asked.policy.firing(_context(asked))
    ordering = Ordering(
        asked.policy, firings, "relevance", asked.personal.profile, wish.confidence, today, by_text=alike
    )
    return rank_hits(asked.serving, asked.counter, hits, ordering)


def _context(asked: Recommending) -> Context:
    return Context(
        today=asked.runtime.today(),
        store=asked.request.place.store,
        member_level=asked.personal.person.member_level,
        lang=asked.request.lang,
    )


def _filters(asked: Recommending) -> list[Filter]:
    filters: list[Filter] = [Not(asked.serving.policy_filter(items)) for items in asked.policy.hidden(_context(asked))]
    anchor = asked.anchor
    if anchor is None or asked.request.kind not in NEEDS_PART:
        return filters
    filters += [Not(AnyOf(schema.ORD.name, (anchor.ordinal,))), same_place(anchor)]
    if asked.asked is None:
        filters.append(shared_cars(asked.serving, anchor))
    return filters


def _bands(asked: Recommending) -> tuple[Band, ...]:
    """The verdicts shown, found once a vehicle and mode; none without a vehicle."""
    if asked.asked is None:
        return ()
    memo, key = asked.asked.memo, (_BANDS, asked.request.mode)
    found: tuple[Band, ...] | None = memo.get(key)
    if found is None:
        named = band_filters(fit_filters(asked.asked, asked.runtime.settings.broad_candidates))
        found = memo[key] = tuple(Band(verdict.value, named[verdict]) for verdict in FITMENT_MODES[asked.request.mode])
    return found


_BANDS = "recommending.bands"


def _items(asked: Recommending, wish: Wish, chosen: Chosen) -> list[Item]:
    serving, fits = asked.serving, [UNASKED] * len(chosen.rows)
    if asked.asked is not None:
        judged = serving.fits.judge_all(asked.asked, [row.ordinal for row in chosen.rows])
        fits = serving.fits.answer_all(asked.asked, judged, asked.asking.dont_know)
    items = []
    for row, fit in zip(chosen.rows, fits, strict=True):
        item = asked.counter.item(serving.generation.part(row.ordinal), fit, row.score, [])
        _, reason = wish.types.get(item.part_type.id, (0.0, Reason("popular")))
        item.because = because_out(serving, reason, fit.verdict == "fits")
        items.append(item)
    return items


def _log(asked: Recommending, answer: RecommendationsAnswer, chosen: Chosen | None) -> None:
    attributes: dict[str, object] = {
        "kind": answer.kind,
        "part_id": asked.request.part_id,
        "fitment_mode": asked.request.mode,
        "policy_version": asked.policy.version,
        "model_version": answer.model_version,
        "generation": answer.generation,
        "arm": None,
        "store": asked.request.place.store,
    }
    if answer.vehicle:
        attributes["vehicle_ids"] = answer.vehicle.vehicle_ids[:10]
    if chosen is not None:
        attributes |= features_of(chosen.ranking, [chosen.pool_row[row.ordinal] for row in chosen.rows])
        if chosen.explored is not None:
            attributes["explored"] = asked.serving.generation.part_id(chosen.explored)
    hits = tuple(item.part_id for item in answer.items)
    log_query(asked.runtime, answer.query_id, "", asked.personal.person, hits, attributes)
