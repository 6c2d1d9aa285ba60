"""From what was understood to what the engine finds, the strictest reading of the text first."""

from __future__ import annotations

from dataclasses import replace

from indexers.engine.plan import Order
from search_service.ladder import rungs, told
from search_service.near import by_distance
from search_service.request import SearchRequest
from search_service.retrieval import ALL_MATCHING, fit_filters, make_plan
from search_service.stages.state import Found, Search
from search_service.wanted import Applied, applied_from, asked_places, want

ORDERS = {
    "price_asc": Order.PRICE_ASC,
    "price_desc": Order.PRICE_DESC,
    "newest": Order.NEWEST,
    "distance": Order.RANK,
}


def retrieve(search: Search, *, first: bool) -> Found:
    """The strictest reading that finds something; `relaxed` names the looser steps that were taken.

    A reading of nothing is no answer to a text: it would be the whole catalogue.
    """
    strict = search_as(search, reading_of(search), first)
    if strict.page.counts[ALL_MATCHING]:
        number = strict.applied.number_start
        return replace(strict, relaxed=(("number_beginning", number),)) if number else strict
    for steps, reading in rungs(strict.applied, search.intent, search.reach.vocabulary, search.reach.generation):
        if reading == Applied() and search.asking.asked is None:
            continue
        looser = search_as(search, reading, first)
        if looser.page.counts[ALL_MATCHING]:
            return replace(looser, relaxed=told(steps))
    return strict


def reading_of(search: Search) -> Applied:
    """The strictest reading of the text as understood."""
    confidence = search.runtime.settings.reading_confidence
    return applied_from(search.intent, search.request, confidence, search.reach)


def search_as(search: Search, applied: Applied, first: bool, limit: int | None = None) -> Found:
    """Ask the engine for one reading: `limit` hits, by default the pool on a first page and none on a later one."""
    request, broad = search.request, search.runtime.settings.broad_candidates
    asked, fit, unplaced = search.asking.asked, None, None
    if asked is not None:
        placed = asked_places(request, applied)
        if placed:
            unplaced = fit_filters(asked, broad)
            asked = search.serving.asked(asked.candidates, placed)
        fit = fit_filters(asked, broad)
    wanted = want(request, applied, search.reach, search.hidden)
    plan = make_plan(
        wanted,
        fit,
        request.fitment,
        limit=limit if limit is not None else search.runtime.settings.pool_size if first else 0,
        order=_order(request, applied),
        facets=request.facets if limit is None else (),
        unplaced=unplaced,
    )
    if request.sort == "distance":
        plan = by_distance(plan, list(search.counter.distances), search.reach)
    return Found(applied, asked, fit, plan, search.serving.reader.search(plan))


def _order(request: SearchRequest, applied: Applied) -> Order:
    return ORDERS.get(request.sort, Order.SCORE if applied.groups or applied.more else Order.RANK)
