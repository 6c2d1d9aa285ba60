"""One search, from request to answer: understand, resolve, plan, retrieve, rank, fill the page."""

from __future__ import annotations

from dataclasses import replace

from indexers.engine.plan import SearchPlan
from search_service.cursor import check_cursor, fingerprint, read_cursor
from search_service.query_log import features_of, log_query
from search_service.request import SearchRequest
from search_service.runtime import Runtime
from search_service.stages.assemble import assemble
from search_service.stages.paging import first_page, later_page
from search_service.stages.retrieve import retrieve
from search_service.stages.state import Search, Shown, Tried
from search_service.stages.understand import OUTSIDE, understand
from search_service.wire import SearchAnswer


def answer(runtime: Runtime, request: SearchRequest, *, log: bool = True) -> SearchAnswer:
    """Answer a search. Raises what `errors.FOREIGN` and `errors.Problem` name. `log=False` keeps it out of the log."""
    cursor = read_cursor(request.cursor, runtime.stamp_key) if request.cursor else None
    identity = _identity(request)
    if cursor is not None:
        check_cursor(cursor, runtime.kept(), identity)
    serving = runtime.serving(cursor.generation if cursor else None)
    named = cursor.policy if cursor else request.policy_version
    version, tried = _tried(runtime, request, named) if log else (named, OUTSIDE)
    search = understand(runtime, serving, runtime.policy(version), request, tried)
    found = retrieve(search, first=cursor is None)
    shown = later_page(search, found, cursor) if cursor else first_page(search, found, identity)
    result = assemble(search, found, shown, cursor)
    if log and cursor is None:
        _log(search, result, shown)
    return result


def _tried(runtime: Runtime, request: SearchRequest, named: str | None) -> tuple[str | None, Tried]:
    """The policy to answer with: the one named (a cursor's, the admin's), else the person's arm's, else the published.

    A later page keeps the arm only as long as it is still that arm's policy.
    """
    trial, person = runtime.trial(), request.person
    arm = trial.arm_of(person.user_id, person.session_id) if trial and person.personalised else None
    if trial is None or arm is None:
        return named, OUTSIDE
    if named is not None and named != runtime.policy(arm.policy_version).version:
        return named, OUTSIDE
    return arm.policy_version, Tried(trial.name, arm.name)


def plan_of(runtime: Runtime, request: SearchRequest) -> SearchPlan:
    """The plan a first page asks of the engine: for benchmarks and for looking at."""
    search = understand(runtime, runtime.serving(), runtime.policy(request.policy_version), request)
    return retrieve(search, first=True).plan


def _identity(request: SearchRequest) -> str:
    return fingerprint([replace(request, cursor=None, size=0, facets=(), explain=False)])


def _log(search: Search, result: SearchAnswer, shown: Shown) -> None:
    attributes: dict[str, object] = {
        "fitment_mode": search.request.fitment,
        "policy_version": result.policy_version,
        "model_version": result.model_version,
        "generation": result.generation,
        "arm": result.arm,
        "experiment": search.tried.experiment,
        "store": search.request.place.store,
        "total": result.total,
        "part_types": [one.id for one in result.understood.part_types],
        "unknown": [*search.intent.rest, *search.intent.unlisted],
        "corrected": [f"{one.original} → {one.corrected}" for one in search.intent.corrections],
    }
    if result.vehicle:
        attributes["vehicle_ids"] = result.vehicle.vehicle_ids[:10]
    if shown.pool is not None:
        attributes |= features_of(shown.pool.ranking, [shown.pool.pool_row[row.ordinal] for row in shown.rows])
    hits = tuple(item.part_id for item in result.items)
    log_query(search.runtime, result.query_id, result.understood.text, search.personal.person, hits, attributes)
