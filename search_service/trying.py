"""What an experiment showed: per arm how many people searched, clicked, put into the cart and bought."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from search_service.live.experiments import Trial
from search_service.live.model import Event, Query, wire_time
from search_service.live.port import LiveStore

STEPS = {"clicked": "click", "carted": "add_to_cart", "bought": "purchase"}
Z = 1.959964  # two-sided 95 %


@dataclass(slots=True)
class _Arm:
    searches: int = 0
    zero_results: int = 0
    people: set[str] = field(default_factory=set)
    did: dict[str, set[str]] = field(default_factory=lambda: {step: set() for step in STEPS})


def outcome(live: LiveStore, trial: Trial) -> dict[str, Any]:
    """The experiment with its figures so far.

    People are users, else sessions: what the arms are drawn by. An action counts for the arm whose search it names by
    `query_id`. Rates are shares of people, with Wilson's 95 % interval.
    """
    arms = {arm.name: _Arm() for arm in trial.arms}
    searched = _searches(live.queries(trial.started, trial.ended), trial, arms)
    _actions(live.events(trial.started), searched, arms)
    return {
        "name": trial.name,
        "started_at": wire_time(trial.started),
        "ended_at": None if trial.ended is None else wire_time(trial.ended),
        "arms": [
            {
                "name": arm.name,
                "share": arm.share,
                "policy_version": arm.policy_version,
                "people": len(arms[arm.name].people),
                "searches": arms[arm.name].searches,
                "zero_results": arms[arm.name].zero_results,
                **{step: rate(len(did), len(arms[arm.name].people)) for step, did in arms[arm.name].did.items()},
            }
            for arm in trial.arms
        ],
    }


def rate(count: int, of: int) -> dict[str, Any]:
    """`count` of `of` as {people, rate, low, high}: Wilson's score interval (JASA 22, 1927); None without anybody."""
    if not of:
        return {"people": count, "rate": None, "low": None, "high": None}
    share, square = count / of, Z * Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return {"people": count, "rate": share, "low": max(0.0, middle - half), "high": min(1.0, middle + half)}


def _searches(queries: Iterable[Query], trial: Trial, arms: dict[str, _Arm]) -> dict[str, tuple[str, str]]:
    searched = {}
    for query in queries:
        attributes = query.query_attributes
        arm = arms.get(attributes.get("arm") or "")
        person = query.user_id or query.session_id
        if arm is None or attributes.get("experiment") != trial.name or person is None:
            continue
        arm.searches += 1
        arm.zero_results += attributes.get("total") == 0
        arm.people.add(person)
        searched[query.query_id] = (attributes["arm"], person)
    return searched


def _actions(events: Iterable[Event], searched: dict[str, tuple[str, str]], arms: dict[str, _Arm]) -> None:
    steps = {action: step for step, action in STEPS.items()}
    for event in events:
        step, search = steps.get(event.action), searched.get(event.query_id or "")
        if step is not None and search is not None:
            arm, person = search
            arms[arm].did[step].add(person)
