"""`fitment/check` and `fitment/verify`: verdicts for named parts, and stamps that can be checked again later."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from fitment_rules.candidates import resolve
from fitment_rules.fit import asks
from fitment_rules.judge import Asked
from fitment_rules.model import Window
from fitment_rules.vehicles import Given, VehicleQuery
from search_service.asking import Asking, ask
from search_service.errors import FieldError, ForgedToken, Invalid
from search_service.fits import UNASKED, JudgedPart
from search_service.parameters import Parameters
from search_service.runtime import Runtime, Serving
from search_service.settings import Settings
from search_service.tokens import open_sealed, seal
from search_service.vehicle_query import VehicleRequest, read_vehicle
from search_service.wire import CheckAnswer, CheckResult, VerifyAnswer

STAMP = "stamp"
MOST_STAMPED_VEHICLES = 500


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """A vehicle and the parts to judge for it."""

    vehicle: VehicleRequest
    part_ids: tuple[str, ...]


def read_check(body: bytes, settings: Settings) -> CheckRequest:
    """Read `{"vehicle": {}, "part_ids": []}`. Raises `Invalid` with every fault."""
    decoded = _object(body)
    faults = [FieldError(name, "unknown field") for name in decoded if name not in ("vehicle", "part_ids", "lang")]
    ids = decoded.get("part_ids")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        faults.append(FieldError("part_ids", "must be a list of part ids"))
    elif len(ids) > settings.max_check_ids:
        faults.append(FieldError("part_ids", f"has {len(ids)} ids, at most {settings.max_check_ids} are checked"))
    if faults:
        raise Invalid(faults)
    parameters = Parameters.from_object(decoded.get("vehicle") or {}, "vehicle")
    vehicle = read_vehicle(parameters)
    parameters.finish()
    return CheckRequest(vehicle, tuple(ids or ()))


def check(runtime: Runtime, request: CheckRequest) -> CheckAnswer:
    """A verdict for each part, in the order asked; unknown parts say so."""
    serving = runtime.serving()
    asking = ask(runtime, serving, request.vehicle)
    results = [_result(runtime, serving, asking, part_id) for part_id in request.part_ids]
    return CheckAnswer(
        serving.generation.name, list(asking.degraded), asking.vehicle_out(), results, list(asking.notices)
    )


def read_stamp(body: bytes) -> str:
    """Read `{"stamp"}`."""
    decoded = _object(body)
    stamp = decoded.get(STAMP)
    if not isinstance(stamp, str) or not stamp:
        raise Invalid.of(STAMP, "must be a stamp that fitment/check gave")
    return stamp


def verify(runtime: Runtime, stamp: str) -> VerifyAnswer:
    """Whether a stamped verdict still holds for the same vehicles and answers, and what changed. Raises `Invalid`."""
    told = open_sealed(stamp, runtime.stamp_key, STAMP)
    try:
        then, part_id, query = told["v"], told["p"], _query(told)
        issued, generation, rules = told["at"], told["g"], told["r"]
    except (KeyError, TypeError, ValueError):
        raise ForgedToken(STAMP) from None
    serving = runtime.serving()
    ordinal = serving.generation.ordinal(part_id)
    asked = _still_there(serving, query)
    if ordinal is None or asked is None:
        now, changes = None, [_removed(rule) for rule in rules]
    else:
        part = serving.fits.judge(asked, ordinal)
        now, changes = part.verdict.value, _changes(rules, _rules(part))
    return VerifyAnswer(part_id, issued, generation, then, now, then == now, changes)


def _result(runtime: Runtime, serving: Serving, asking: Asking, part_id: str) -> CheckResult:
    ordinal = serving.generation.ordinal(part_id)
    if ordinal is None:
        return CheckResult(part_id, None, None, "unknown part")
    if asking.asked is None:
        return CheckResult(part_id, UNASKED, None)
    part = serving.fits.judge(asking.asked, ordinal)
    fit = serving.fits.answer(asking.asked, part, asking.dont_know)
    return CheckResult(part_id, fit, _stamp(runtime, serving, asking.asked, part_id, part))


def _stamp(runtime: Runtime, serving: Serving, asked: Asked, part_id: str, part: JudgedPart) -> str:
    query = asked.candidates.query
    issued = datetime.datetime.fromtimestamp(runtime.now() / 1000, datetime.UTC)
    return seal(
        {
            "p": part_id,
            "v": part.verdict.value,
            "g": serving.generation.name,
            "at": issued.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "ids": list(asked.candidates.vehicle_ids[:MOST_STAMPED_VEHICLES]),
            "k": [[one.attribute, sorted(one.keys, key=str)] for one in query.given],
            "b": [query.built.start, query.built.end],
            "s": query.vin_serial,
            "n": dict(query.answers),
            "r": _rules(part),
        },
        runtime.stamp_key,
        STAMP,
    )


def _query(told: Mapping[str, Any]) -> VehicleQuery:
    given = tuple(Given(name, frozenset(keys), "caller", tuple(keys)) for name, keys in told["k"])
    return VehicleQuery(given, tuple(told["ids"]), Window(*told["b"]), told["s"], told["n"])


def _still_there(serving: Serving, query: VehicleQuery) -> Asked | None:
    """The stamped vehicles against today's table; those that are gone are left out, `None` if all are."""
    table = serving.generation.vehicles
    kept = tuple(one for one in query.vehicle_ids if one in table.row_ids)
    candidates = resolve(table, replace(query, vehicle_ids=kept)) if kept else None
    if candidates is None or not len(candidates):
        return None
    return Asked(candidates, serving.generation.slots, serving.generation.note_slots)


def _rules(part: JudgedPart) -> list[list[Any]]:
    """The applications that could match, each with its conditions: what a later check is compared with."""
    found = []
    for one in part.judged:
        if one.masks[1]:
            conditions = {c.attribute: asks(c) for c in one.conditions}
            found.append([one.application_id, conditions])
    return found[:20]


def _changes(then: list[list[Any]], now: list[list[Any]]) -> list[dict[str, Any]]:
    before = {rule[0]: rule[1] for rule in then}
    after = {rule[0]: rule[1] for rule in now}
    changes = [_removed([name, before[name]]) for name in before if name not in after]
    changes += [_change(name, "added", None, None, after[name]) for name in after if name not in before]
    for name in before.keys() & after.keys():
        for attribute in sorted(before[name].keys() | after[name].keys()):
            old, new = before[name].get(attribute), after[name].get(attribute)
            if old != new:
                changes.append(_change(name, "changed", attribute, old, new))
    return changes


def _removed(rule: list[Any]) -> dict[str, Any]:
    return _change(rule[0], "removed", None, rule[1], None)


def _change(name: str, what: str, attribute: str | None, before: Any, after: Any) -> dict[str, Any]:
    return {"application_id": name, "what": what, "attribute": attribute, "before": before, "after": after}


def _object(body: bytes) -> dict[str, Any]:
    try:
        decoded = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid.of("body", f"no JSON: {error}") from None
    if not isinstance(decoded, dict):
        raise Invalid.of("body", "must be a JSON object")
    return decoded
