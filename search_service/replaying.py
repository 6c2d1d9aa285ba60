"""A draft policy replayed over searches people made: what it would change, and that every band holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Any

from search_service import pipeline
from search_service.errors import Invalid, NotFound
from search_service.live.model import Query
from search_service.parameters import Parameters
from search_service.request import SearchRequest, read_search
from search_service.retrieval import MODES
from search_service.runtime import Runtime
from search_service.wire import Item, SearchAnswer

DEPTH = 10
"""Ranks compared."""

MOST_QUERIES = 300
DAYS = 30
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One search with the draft and without. `churn` is the share of the first `DEPTH` that the draft replaces."""

    q: str
    churn: float
    moved: bool
    total: int
    published_total: int
    violations: int


def saved(runtime: Runtime, queries: Iterable[Any]) -> Iterator[SearchRequest]:
    """Searches given as objects of search parameters. Raises `Invalid`."""
    for query in queries:
        yield read_search(Parameters.from_object(query, "queries"), runtime.settings)


def logged(runtime: Runtime) -> Iterator[SearchRequest]:
    """The last searches of the log that can still be asked, the newest first; equal ones once."""
    seen = set()
    queries = list(runtime.live.queries(runtime.now() - DAYS * DAY_MS))
    for query in reversed(queries):
        parameters = _parameters(query)
        key = repr(sorted(parameters.items()))
        if key in seen:
            continue
        seen.add(key)
        try:
            yield read_search(Parameters.from_object(parameters, "query"), runtime.settings)
        except Invalid:
            continue


def replay(runtime: Runtime, version: str, requests: Iterable[SearchRequest], limit: int) -> dict[str, Any]:
    """Ask each search with the version and with what is published, unlogged; at most `limit`.

    `fit_violations` counts items out of their verdict band in either answer: it must be 0. A search whose vehicle is
    gone is skipped.
    """
    found: list[Difference] = []
    skipped = 0
    for request in islice(requests, min(limit, MOST_QUERIES)):
        try:
            found.append(_difference(runtime, version, request))
        except NotFound:
            skipped += 1
    changed = sorted((one for one in found if one.moved), key=lambda one: (-one.churn, one.q))
    return {
        "version": version,
        "published": runtime.policy().version,
        "queries": len(found),
        "skipped": skipped,
        "changed": len(changed),
        "churn": sum(one.churn for one in found) / len(found) if found else 0.0,
        "zero_results": sum(not one.total for one in found),
        "published_zero_results": sum(not one.published_total for one in found),
        "fit_violations": sum(one.violations for one in found),
        "most_changed": [
            {"q": one.q, "churn": one.churn, "total": one.total, "published_total": one.published_total}
            for one in changed[:DEPTH]
        ],
    }


def _difference(runtime: Runtime, version: str, request: SearchRequest) -> Difference:
    drafted = pipeline.answer(runtime, replace(request, policy_version=version), log=False)
    published = pipeline.answer(runtime, replace(request, policy_version=None), log=False)
    ours, theirs = _first(drafted), _first(published)
    churn = len(set(ours) - set(theirs)) / len(ours) if ours else float(bool(theirs))
    broken = out_of_band(drafted.items, request.fitment) + out_of_band(published.items, request.fitment)
    return Difference(drafted.understood.text, churn, ours != theirs, drafted.total, published.total, broken)


def _first(answer: SearchAnswer) -> list[str]:
    return [item.part_id for item in answer.items[:DEPTH]]


def out_of_band(items: Iterable[Item], mode: str) -> int:
    """Items that stand behind one of a later band, or whose verdict the mode does not return."""
    order = {verdict.value: rank for rank, verdict in enumerate(MODES[mode])}
    ranks = [order.get(item.fit.verdict, len(order)) for item in items if item.fit.verdict is not None]
    return sum(later < earlier for earlier, later in pairwise(ranks)) + ranks.count(len(order))


def _parameters(query: Query) -> dict[str, Any]:
    attributes = query.query_attributes
    found: dict[str, Any] = {"q": query.user_query}
    if attributes.get("vehicle_ids"):
        found["vehicle_id"] = attributes["vehicle_ids"]
    if attributes.get("fitment_mode") in MODES:
        found["fitment"] = attributes["fitment_mode"]
    return found
