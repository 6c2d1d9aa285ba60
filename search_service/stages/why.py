"""Why a part stands where it does, or is not shown at all."""

from __future__ import annotations

from dataclasses import replace

from indexers import schema
from indexers.engine.plan import AnyOf, Count, SearchPlan
from search_service.fits import UNASKED
from search_service.request import SearchRequest
from search_service.retrieval import all_of
from search_service.runtime import Runtime
from search_service.stages.paging import first_page
from search_service.stages.retrieve import retrieve
from search_service.stages.state import Found, Search
from search_service.stages.understand import understand
from search_service.wanted import Applied, want
from search_service.wire import RuleOut


def standing(runtime: Runtime, request: SearchRequest, part_id: str) -> dict[str, object]:
    """Where a part stands in a search and, if it is not shown, the stage at which it left."""
    serving = runtime.serving()
    ordinal = serving.generation.ordinal(part_id)
    if ordinal is None:
        return {"shown": False, "rank": None, "stage": "unknown_part", "fit": None, "rules": [], "nearest_change": None}
    search = understand(runtime, serving, runtime.policy(request.policy_version), request)
    found = retrieve(search, first=True)
    pool = first_page(search, found, "").pool
    order = [row.ordinal for row in pool.rows] if pool else []
    rank = order.index(ordinal) + 1 if ordinal in order else None
    fit = UNASKED
    if found.asked is not None:
        fit = serving.fits.answer(found.asked, ordinal)
    stage, change = ("rank", None) if rank is not None else _left(search, found, ordinal)
    rules = []
    if pool is not None and rank is not None:
        rules = [RuleOut(rule, effect) for rule, effect in pool.ranking.rules.get(pool.pool_row[ordinal], ())]
    shown = rank is not None and rank <= request.size
    return {"shown": shown, "rank": rank, "stage": stage, "fit": fit, "rules": rules, "nearest_change": change}


def _left(search: Search, found: Found, ordinal: int) -> tuple[str, str | None]:
    """The first stage that a part does not pass, and what would let it pass."""
    only = AnyOf(schema.ORD.name, (ordinal,))
    bare = replace(search, request=replace(search.request, filters={}), hidden=())

    def passes(of: Search, applied: Applied) -> bool:
        wanted = want(of.request, applied, of.reach, of.hidden)
        count = Count("one", all_of(wanted.filter(), only))
        return bool(
            search.serving.reader.search(SearchPlan(only, (), 0, text=wanted.text, counts=(count,))).counts["one"]
        )

    if not passes(bare, found.applied):
        return "text", "its words or its part type do not match the text"
    if not passes(replace(search, hidden=()), found.applied):
        return "filter", "remove a filter"
    if not passes(search, found.applied):
        return "rule", "a hide rule of the policy names it"
    if found.fit is not None and not any(hit.ordinal == ordinal for some in found.page.hits.values() for hit in some):
        return "verdict", "see fit: its verdict is not returned in this mode, or its band comes later"
    return "rank", "it is ranked behind the pool; see its explanation on a later page"
