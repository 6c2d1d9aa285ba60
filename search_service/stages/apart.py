"""Beside an answer without parts for the vehicle: what is near it."""

from __future__ import annotations

from dataclasses import replace

from search_service.cursor import Ranked
from search_service.ladder import rungs
from search_service.retrieval import ALL_MATCHING, MODES, UNBANDED, make_plan
from search_service.stages.items import fitted, items_of
from search_service.stages.retrieve import search_as
from search_service.stages.state import Found, Search, Shown
from search_service.wanted import Applied, want
from search_service.wire import Apart

APART_SHOWN = 3


def apart_of(search: Search, found: Found) -> list[Apart]:
    """Beside an answer without parts for this vehicle: what fits it but not the words, and the other way round."""
    if found.fit is None or found.asked is None:
        return []
    kinds = (("fits_other_words", _fitting(search, found)), ("words_other_vehicle", _of_other_vehicles(search, found)))
    return [_beside(search, kind, some) for kind, some in kinds if some is not None]


def _fitting(search: Search, found: Found) -> Found | None:
    """The strictest looser reading of which something fits the vehicle; at last anything that does."""
    reach = search.reach
    ladder = [reading for _, reading in rungs(found.applied, search.intent, reach.vocabulary, reach.generation)]
    for reading in (*ladder, Applied()):
        looser = search_as(search, reading, first=True, limit=APART_SHOWN)
        if any(looser.page.hits.values()):
            return looser
    return None


def _of_other_vehicles(search: Search, found: Found) -> Found | None:
    if not found.page.counts[ALL_MATCHING]:
        return None
    wanted = want(search.request, found.applied, search.reach, search.hidden)
    plan = make_plan(wanted, None, "all", limit=APART_SHOWN, order=found.plan.order, facets=())
    return replace(found, plan=plan, page=search.serving.reader.search(plan))


def _beside(search: Search, kind: str, found: Found) -> Apart:
    rows = [Ranked(hit.ordinal, 0, 0.0) for some in found.page.hits.values() for hit in some]
    items = items_of(search, found, Shown(tuple(rows), None, None), fitted(search, found, rows)[0])
    counts = found.page.counts
    shown = MODES[search.request.fitment] if UNBANDED not in found.page.hits else ()
    total = sum(counts.get(verdict.value, 0) for verdict in shown) if shown else counts[ALL_MATCHING]
    return Apart(kind, total, items)
