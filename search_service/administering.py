"""What the merchandiser and the operator do: policies, live rows, generations, reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from indexers.errors import UnknownGeneration
from indexers.quarantine import Quarantined
from indexers.text import fold
from ranking.errors import PolicyError
from ranking.policy import load_policy
from search_service import pipeline, replaying
from search_service.errors import FieldError, Invalid, NotFound
from search_service.live.experiments import TrialArm
from search_service.live.loading import Line, load
from search_service.live.port import Kind
from search_service.parameters import Parameters
from search_service.request import read_search
from search_service.runtime import Runtime
from search_service.stages.why import standing
from search_service.trying import outcome
from search_service.vocabulary_review import suggestions

MOST_LISTED = 200
DEFAULT_REPLAYED = 100
REPORT_DAYS = 30
DAY_MS = 86_400_000


def policies(runtime: Runtime) -> dict[str, Any]:
    """Versions, the one in force, and the history."""
    return {
        "published": runtime.policy().version,
        "items": [msgspec.to_builtins(one) for one in runtime.policies.versions()],
        "history": [msgspec.to_builtins(one) for one in runtime.policies.history()],
    }


def create(runtime: Runtime, body: bytes, source: str) -> dict[str, Any]:
    """Keep a configuration as a draft. Raises `Invalid` with every fault."""
    check_text(body)
    version = runtime.policies.create(body.decode(), source)
    return {"version": version.version, "created_at": version.created_at}


def check_text(body: bytes) -> None:
    """Raise `Invalid` with every fault of a configuration, by path and line."""
    try:
        load_policy(body)
    except PolicyError as error:
        raise Invalid([FieldError(one.path or "file", one.without_path) for one in error.problems]) from None


def checked(runtime: Runtime, version: str) -> dict[str, Any]:
    """Faults of a stored version, none if it is good."""
    try:
        load_policy(runtime.policies.get(version).body.encode())
    except PolicyError as error:
        return {"version": version, "valid": False, "problems": [msgspec.to_builtins(one) for one in error.problems]}
    return {"version": version, "valid": True, "problems": []}


def published(runtime: Runtime, version: str, source: str) -> dict[str, Any]:
    """Put a version into force, if it passes its check."""
    check_text(runtime.policies.get(version).body.encode())
    entry: dict[str, Any] = msgspec.to_builtins(runtime.policies.publish(version, source))
    runtime.view.refresh()
    return entry


def rolled_back(runtime: Runtime, source: str) -> dict[str, Any]:
    """Put the version before the present one into force."""
    entry: dict[str, Any] = msgspec.to_builtins(runtime.policies.rollback(source))
    runtime.view.refresh()
    return entry


def preview(runtime: Runtime, version: str, parameters: Parameters) -> dict[str, Any]:
    """The live path with a draft, beside the published order of the same search. Raises `PolicyMissing`."""
    request = read_search(parameters, runtime.settings)
    runtime.policies.get(version)
    ours = pipeline.answer(runtime, replace(request, policy_version=version), log=False)
    theirs = pipeline.answer(runtime, replace(request, policy_version=None), log=False)
    ranks = {item.part_id: rank for rank, item in enumerate(theirs.items, 1)}
    moved = [
        {"part_id": item.part_id, "rank": rank, "published_rank": ranks.get(item.part_id)}
        for rank, item in enumerate(ours.items, 1)
        if ranks.get(item.part_id) != rank
    ]
    return {"answer": ours, "differences": moved}


def replayed(runtime: Runtime, version: str, body: bytes, parameters: Parameters) -> dict[str, Any]:
    """A version over `{"queries": [...]}`, or without a body over the log. Raises `Invalid`, `PolicyMissing`."""
    limit = parameters.integer("limit", DEFAULT_REPLAYED, 1, replaying.MOST_QUERIES)
    parameters.finish()
    runtime.policies.get(version)
    requests = replaying.saved(runtime, _queries(body)) if body.strip() else replaying.logged(runtime)
    return replaying.replay(runtime, version, requests, limit)


def _queries(body: bytes) -> list[Any]:
    try:
        return msgspec.json.decode(body, type=_Saved).queries
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Invalid([FieldError("body", f'must be {{"queries": [search parameters, ...]}}: {error}')]) from None


class _Saved(msgspec.Struct, forbid_unknown_fields=True):
    queries: list[dict[str, Any]]


def loaded(runtime: Runtime, kind: Kind, lines: Iterable[Line]) -> dict[str, Any]:
    """Apply live rows; bad ones are told apart and the others count."""
    bad: list[Quarantined] = []
    outcome = load(runtime.live, kind, lines, now=runtime.now(), quarantine=bad.append)
    runtime.view.refresh()
    rejected = [{"line": one.line, "field": one.field, "reason": one.reason} for one in bad[:MOST_LISTED]]
    return {"accepted": outcome.accepted, "rejected": rejected}


def generations(runtime: Runtime) -> dict[str, Any]:
    """Generations that are kept."""
    found = runtime.generations.list()
    return {
        "items": [
            {"generation": one.name, "created": one.created, "current": one.current, "parts": one.manifest.parts}
            for one in found
        ]
    }


def publish_generation(runtime: Runtime, name: str) -> dict[str, Any]:
    """Publish a generation that is kept. Raises `NotFound`."""
    try:
        runtime.generations.publish(name)
    except UnknownGeneration:
        raise NotFound(f"There is no generation {name!r}.") from None
    runtime.refresh()
    return {"published": name}


def report(runtime: Runtime, name: str) -> dict[str, Any] | msgspec.Raw:
    """A report over the last 30 days of logged queries and events, or the data report of what is published.

    Raises `NotFound` for a name that is none.
    """
    since = runtime.now() - REPORT_DAYS * DAY_MS
    match name:
        case "data-quality":
            return msgspec.Raw(runtime.serving().generation.data_report)
        case "queries":
            counts = Counter(query.user_query for query in runtime.live.queries(since) if query.user_query)
        case "zero-results":
            counts = Counter(
                query.user_query
                for query in runtime.live.queries(since)
                if query.user_query and query.query_attributes.get("total") == 0
            )
        case "unknown-terms":
            counts = Counter(
                str(word) for query in runtime.live.queries(since) for word in query.query_attributes.get("unknown", ())
            )
        case "demand":
            asked = (query.query_attributes.get("part_types", ()) for query in runtime.live.queries(since))
            counts = Counter(str(one) for types in asked for one in types)
        case "conversion":
            counts = Counter(event.action for event in runtime.live.events(since))
        case "wrong-fit":
            returns = (event for event in runtime.live.events(since) if event.action == "return")
            counts = Counter(event.object_id or "" for event in returns if _misfit(event.attributes))
        case _:
            raise NotFound(f"There is no report {name!r}.")
    items: list[dict[str, Any]] = [{"value": value, "count": count} for value, count in counts.most_common(MOST_LISTED)]
    if name == "unknown-terms":
        _add_suggestions(runtime, items, since)
    return {"report": name, "days": REPORT_DAYS, "items": items}


def _add_suggestions(runtime: Runtime, items: list[dict[str, Any]], since: int) -> None:
    """Beside each term the part type that people went on to, if they agree; a person decides."""
    found = {
        one.word: one for one in suggestions(runtime.live, runtime.serving().generation, runtime.vocabulary, since)
    }
    for item in items:
        one = found.get(fold(item["value"]))
        item["suggested"] = one and {"part_type": one.type_id, "people": one.people, "share": one.share}


def experiments(runtime: Runtime) -> dict[str, Any]:
    """Every experiment with its figures, the newest first, and the name of the one that runs."""
    running = runtime.experiments.running()
    items = [outcome(runtime.live, trial) for trial in runtime.experiments.all()]
    return {"running": running and running.name, "items": items}


def start_experiment(runtime: Runtime, body: bytes) -> dict[str, Any]:
    """Show policies to shares of people from now on. Raises `Invalid`, `PolicyMissing`."""
    try:
        asked = msgspec.json.decode(body, type=_Experiment)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid([FieldError("body", f"{error}; send {EXPERIMENT}")]) from None
    for arm in asked.arms:
        if arm.policy_version is not None:
            check_text(runtime.policies.get(arm.policy_version).body.encode())
    try:
        trial = runtime.experiments.start(asked.name, asked.arms)
    except ValueError as error:
        raise Invalid([FieldError("body", str(error))]) from None
    runtime.view.refresh()
    return outcome(runtime.live, trial)


def end_experiment(runtime: Runtime, name: str) -> dict[str, Any]:
    """Show everybody what is published again. Raises `NotFound`."""
    trial = runtime.experiments.end(name)
    if trial is None:
        raise NotFound(f"There is no experiment {name!r}.")
    runtime.view.refresh()
    return outcome(runtime.live, trial)


EXPERIMENT = '{"name": "...", "arms": [{"name": "...", "share": 0.5, "policy_version": "p1" or null}, ...]}'


class _Experiment(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    arms: tuple[TrialArm, ...]


def why(runtime: Runtime, parameters: Parameters) -> dict[str, Any]:
    """Where a part stands in a search, and at which stage it left if it is not shown."""
    part_id = parameters.text("part_id")
    if part_id is None:
        parameters.fault("part_id", "is missing")
    request = read_search(parameters, runtime.settings)
    return standing(runtime, request, str(part_id))


def _misfit(attributes: dict[str, Any]) -> bool:
    return attributes.get("reason") == "does_not_fit"
