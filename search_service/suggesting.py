"""Suggestions while typing: part types, queries, parts and vehicles; only what has results."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fitment_rules.candidates import resolve
from fitment_rules.vehicles import VehicleQuery, given
from indexers import schema
from indexers.engine.plan import AnyOf, Band, Count, Everything, Filter, Order, Prefix, SearchPlan
from indexers.text import number_key
from search_service.asking import Asking, ask
from search_service.fits import UNASKED
from search_service.items import title_of
from search_service.parameters import Parameters
from search_service.request import read_lang, read_person, read_text
from search_service.retrieval import UNBANDED, all_of, fit_filters, returned
from search_service.runtime import Runtime, Serving
from search_service.saying import type_name
from search_service.settings import Settings
from search_service.understanding.intent import QueryIntent
from search_service.understanding.suggest import Completion, TypeCompletion, VehicleCompletion
from search_service.vehicle_query import VehicleRequest, read_vehicle, with_text
from search_service.wire import FitOut, SuggestAnswer

SHORTEST_NUMBER = 3
"""Characters of a part number from which parts are suggested by it."""


CANDIDATES = 3
"""Completions looked at for each that is shown: many have no part, or none for the car."""


@dataclass(frozen=True, slots=True)
class SuggestRequest:
    """What was typed so far, and for which vehicle."""

    q: str
    vehicle: VehicleRequest
    size: int
    lang: str


def read_suggest(parameters: Parameters, settings: Settings) -> SuggestRequest:
    """Read `/v1/suggest`."""
    request = SuggestRequest(
        read_text(parameters, settings),
        read_vehicle(parameters),
        parameters.integer("size", 8, 1, settings.max_page_size),
        read_lang(parameters),
    )
    read_person(parameters)
    parameters.finish()
    return request


def suggest(runtime: Runtime, request: SuggestRequest) -> SuggestAnswer:
    """Complete what was typed; counts are parts that would be returned for the vehicle, a car in the text included."""
    serving = runtime.serving()
    intent = serving.understanding.parse(request.q)
    asking = _asking(runtime, serving, request, intent)
    shown: Filter = Everything()
    if asking.asked is not None:
        shown = returned(fit_filters(asking.asked, runtime.settings.broad_candidates), "default")
    found = _completion(serving, request, intent)
    counts = _counts(serving, shown, [*(one.id for one in found.part_types), *(of for _, of in found.queries)])
    types = [one for one in found.part_types if counts.get(one.id)][: request.size]
    queries = [(text, counts[of]) for text, of in found.queries if counts.get(of)][: request.size]
    return SuggestAnswer(
        query_id=uuid.uuid4().hex,
        generation=serving.generation.name,
        part_types=[
            {
                "id": one.id,
                "name": type_name(one.id, runtime.vocabulary)[request.lang],
                "matched": one.matched,
                "count": counts[one.id],
            }
            for one in types
        ],
        queries=[{"text": text, "count": count} for text, count in queries],
        parts=_parts(serving, asking, shown, request),
        vehicles=_vehicles(serving, [*_car(intent), *found.vehicles])[: request.size],
    )


def _asking(runtime: Runtime, serving: Serving, request: SuggestRequest, intent: QueryIntent) -> Asking:
    """The vehicle given, else the one in the text."""
    mention = intent.vehicle
    if request.vehicle.names_vehicle or mention is None:
        return ask(runtime, serving, request.vehicle)
    return ask(runtime, serving, with_text(request.vehicle, serving.mentioned(mention)))


def _completion(serving: Serving, request: SuggestRequest, intent: QueryIntent) -> Completion:
    """Names that begin as typed; behind a whole part, and where no name does, what the text is read as."""
    found = serving.understanding.complete(request.q, request.size * CANDIDATES)
    before = serving.understanding.parse(found.before) if found.before.strip() else None
    whole = before is not None and bool(before.filter_types)
    if found.part_types and not whole:
        return found
    read = before if whole and before is not None else intent
    types = tuple(TypeCompletion(one.id, one.because, one.confidence) for one in read.part_types)
    return Completion(types, (), () if whole else found.vehicles)


def _car(intent: QueryIntent) -> Iterator[VehicleCompletion]:
    """The car of the text with its year, which no single name completes."""
    mention = intent.vehicle
    if mention is not None and mention.make and mention.year:
        params = {"make": mention.make, "year": str(mention.year)}
        params |= {"model": mention.model} if mention.model else {}
        yield VehicleCompletion(f"{mention.text} {mention.year}", params)


def _counts(serving: Serving, shown: Filter, types: list[str]) -> dict[str, int]:
    wanted = tuple(Count(name, all_of(shown, AnyOf(schema.PART_TYPE.name, (name,)))) for name in dict.fromkeys(types))
    return serving.reader.search(SearchPlan(Everything(), (), 0, counts=wanted)).counts if wanted else {}


def _parts(serving: Serving, asking: Asking, shown: Filter, request: SuggestRequest) -> list[dict[str, Any]]:
    """Parts with a number that begins with what was typed."""
    key = number_key(request.q)
    if len(key) < SHORTEST_NUMBER or not any(char.isdigit() for char in key):
        return []
    band = Band(UNBANDED, Everything())
    filters = all_of(shown, Prefix(schema.NUMBER_EXACT.name, key))
    page = serving.reader.search(SearchPlan(filters, (band,), request.size, order=Order.RANK))
    found = []
    for hit in page.hits[UNBANDED]:
        part = serving.generation.part(hit.ordinal)
        fit = UNASKED
        if asking.asked is not None:
            fit = FitOut(verdict=serving.fits.judge(asking.asked, hit.ordinal).verdict.value)
        found.append(
            {
                "part_id": part.part_id,
                "brand": part.brand,
                "part_number": part.part_number,
                "title": title_of(part, request.lang),
                "fit": fit,
            }
        )
    return found


def _vehicles(serving: Serving, completions: Iterable[VehicleCompletion]) -> list[dict[str, Any]]:
    found = []
    for one in completions:
        query = VehicleQuery(tuple(given(name, value) for name, value in one.params.items()))
        candidates = resolve(serving.generation.vehicles, query)
        if len(candidates):
            found.append({"text": one.text, "params": dict(one.params), "vehicles": len(candidates.rows)})
    return found
