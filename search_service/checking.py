"""`fitment/check` and `fitment/verify`: verdicts for named parts, and stamps that can be checked again later."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from fitment_rules.candidates import resolve
from fitment_rules.conditions import Conditions
from fitment_rules.fit import asks
from fitment_rules.judge import Asked
from fitment_rules.model import Window
from fitment_rules.vehicles import Given, VehicleQuery
from indexers.generation import Generation
from search_service.asking import Asking, ask
from search_service.errors import FieldError, ForgedToken, Invalid
from search_service.fits import UNASKED, Fits
from search_service.judged import JudgedPart, JudgedParts
from search_service.parameters import Parameters, json_object
from search_service.runtime import Runtime, Serving
from search_service.settings import Settings
from search_service.tokens import Sealer, open_sealed
from search_service.unlisted_notices import unlisted_notices
from search_service.vehicle_query import VehicleRequest, read_vehicle
from search_service.wire import CheckAnswer, CheckResult, VerifyAnswer

STAMP = "stamp"
MOST_STAMPED_VEHICLES = 500
MOST_STAMPED_RULES = 20
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(str).decode


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """A vehicle and the parts to judge for it."""

    vehicle: VehicleRequest
    part_ids: tuple[str, ...]


def read_check(body: bytes, settings: Settings) -> CheckRequest:
    """Read `{"vehicle": {}, "part_ids": []}`. Raises `Invalid` with every fault."""
    decoded = json_object(body)
    faults = [FieldError(name, "unknown field") for name in decoded if name not in ("vehicle", "part_ids", "lang")]
    ids = decoded.get("part_ids")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        faults.append(FieldError("part_ids", "must be a list of part ids"))
    elif len(ids) > settings.max_check_ids:
        faults.append(FieldError("part_ids", f"has {len(ids)} ids, at most {settings.max_check_ids} are checked"))
    if faults:
        raise Invalid(faults)
    parameters = Parameters.from_object(_vehicle_of(decoded), "vehicle")
    vehicle = read_vehicle(parameters)
    parameters.finish()
    return CheckRequest(vehicle, tuple(ids or ()))


def check(runtime: Runtime, request: CheckRequest) -> CheckAnswer:
    """A verdict for each part, in the order asked; unknown parts say so."""
    serving = runtime.serving()
    asking = ask(runtime, serving, request.vehicle)
    ordinals = serving.generation.ordinals(request.part_ids).tolist()
    known = {ordinal: name for ordinal, name in zip(ordinals, request.part_ids, strict=True) if ordinal >= 0}
    found = _checked(runtime, serving, asking, known)
    results = [
        found.get(ordinal) or CheckResult(part_id, None, None, "unknown part")
        for part_id, ordinal in zip(request.part_ids, ordinals, strict=True)
    ]
    notices = [*asking.notices, *(unlisted_notices(serving, asking.asked) if asking.asked is not None else ())]
    return CheckAnswer(serving.generation.name, list(asking.degraded), asking.vehicle_out(), results, notices)


def read_stamp(body: bytes) -> str:
    """Read `{"stamp"}`."""
    decoded = json_object(body)
    stamp = decoded.get(STAMP)
    if not isinstance(stamp, str) or not stamp:
        raise Invalid.of(STAMP, "must be a stamp that fitment/check gave")
    return stamp


def verify(runtime: Runtime, stamp: str) -> VerifyAnswer:
    """Whether a stamped verdict still holds for the same vehicles and answers, and what changed. Raises `Invalid`."""
    serving = runtime.serving()
    return recheck(serving.generation, serving.fits, stamp, runtime.stamp_key)


def recheck(generation: Generation, fits: Fits, stamp: str, key: str) -> VerifyAnswer:
    """A stamp against a generation, whatever became of the one it was given under. Raises `ForgedToken`."""
    told = open_sealed(stamp, key, STAMP)
    try:
        then, part_id, query = told["v"], told["p"], _query(told)
        issued, under, rules = told["at"], told["g"], told["r"]
    except (KeyError, TypeError, ValueError):
        raise ForgedToken(STAMP) from None
    ordinal = generation.ordinal(part_id)
    asked = _still_there(generation, query)
    if ordinal is None:
        now, changes = None, [_removed(rule) for rule in rules]
    elif asked is None:
        gone = _change(None, "removed", "vehicle_id", list(query.vehicle_ids), None)
        now, changes = None, [gone, *_changes(rules, _no_longer(generation, ordinal, (), rules))]
    else:
        parts = fits.judge_all(asked, (ordinal,))
        (part,) = parts
        still = [_decode(name) for name in fits.application_ids(parts, len(part.judged))[0]]
        after = [*_rules(part, still), *_no_longer(generation, ordinal, still, rules)]
        now, changes = part.verdict.value, _changes(rules, after)
    return VerifyAnswer(part_id, issued, under, then, now, then == now, changes)


def _checked(runtime: Runtime, serving: Serving, asking: Asking, known: Mapping[int, str]) -> dict[int, CheckResult]:
    """Each part once, by ordinal; `known` maps ordinals to ids."""
    asked = asking.asked
    if asked is None:
        return {ordinal: CheckResult(part_id, UNASKED, None) for ordinal, part_id in known.items()}
    parts = serving.fits.judge_all(asked, list(known))
    fits = serving.fits.answer_all(asked, parts, asking.dont_know)
    stamps = _stamps(runtime, serving, asked, parts, known)
    return {
        part.ordinal: CheckResult(known[part.ordinal], fit, stamp)
        for part, fit, stamp in zip(parts, fits, stamps, strict=True)
    }


def _stamps(
    runtime: Runtime, serving: Serving, asked: Asked, parts: JudgedParts, known: Mapping[int, str]
) -> Iterator[str]:
    """A stamp a part; what is true of the vehicle is written once for all."""
    query = asked.candidates.query
    issued = datetime.datetime.fromtimestamp(runtime.now() / 1000, datetime.UTC)
    vehicle = {
        "g": serving.generation.name,
        "at": issued.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "ids": asked.candidates.vehicle_ids[:MOST_STAMPED_VEHICLES],
        "k": [[one.attribute, sorted(one.keys, key=str)] for one in query.given],
        "b": [query.built.start, query.built.end],
        "s": query.vin_serial,
        "n": dict(query.answers),
    }
    sealer = Sealer(vehicle, runtime.stamp_key, STAMP)
    told: dict[int, tuple[object, bytes]] = {}
    for part, names in zip(parts, serving.fits.application_ids(parts, MOST_STAMPED_RULES), strict=True):
        rules = [
            b"[%b,{%b}]" % (name, b",".join([_asked_for(some, told) for some in one.groups if some]))
            for name, one in zip(names, part.judged, strict=False)
        ]
        said = (_encode(known[part.ordinal]), part.verdict.encode(), b",".join(rules))
        yield sealer.seal(b'{"p":%b,"v":"%b","r":[%b]}' % said)


def _asked_for(conditions: Conditions, told: dict[int, tuple[object, bytes]]) -> bytes:
    """What conditions ask, as members of a JSON object, written once for the rules that share them; the entry keeps
    them alive."""
    entry = told.get(id(conditions))
    if entry is None:
        entry = told[id(conditions)] = (conditions, _encode({one.attribute: asks(one) for one in conditions})[1:-1])
    return entry[1]


def _query(told: Mapping[str, Any]) -> VehicleQuery:
    given = tuple(Given(name, frozenset(keys), "caller", tuple(keys)) for name, keys in told["k"])
    return VehicleQuery(given, tuple(told["ids"]), Window(*told["b"]), told["s"], told["n"])


def _still_there(generation: Generation, query: VehicleQuery) -> Asked | None:
    """The stamped vehicles against today's table; those that are gone are left out, `None` if all are."""
    table = generation.vehicles
    kept = tuple(one for one in query.vehicle_ids if one in table.row_ids)
    candidates = resolve(table, replace(query, vehicle_ids=kept)) if kept else None
    if candidates is None or not len(candidates):
        return None
    return Asked(candidates, generation.slots, generation.note_slots)


def _rules(part: JudgedPart, names: Sequence[str]) -> list[list[Any]]:
    """The applications that could match, each with its conditions: what a later check is compared with."""
    told: list[list[Any]] = [
        [name, {c.attribute: asks(c) for c in one.conditions}]
        for name, one in zip(names, part.judged[:MOST_STAMPED_RULES], strict=False)
    ]
    return told


def _no_longer(generation: Generation, ordinal: int, still: Sequence[str], then: list[list[Any]]) -> list[list[Any]]:
    """Stamped applications that are there and can no longer match, as they are now."""
    stamped = {rule[0] for rule in then}.difference(still)
    return [
        [row.application_id, {c.attribute: asks(c) for c in generation.rules.conditions(row.rule_id)}]
        for row in (generation.rows(ordinal) if stamped else ())
        if row.application_id in stamped
    ]


def _changes(then: list[list[Any]], now: list[list[Any]]) -> list[dict[str, Any]]:
    before = {rule[0]: rule[1] for rule in then}
    after = {rule[0]: rule[1] for rule in now}
    changes = [_removed([name, before[name]]) for name in before if name not in after]
    changes += [_change(name, "added", None, None, after[name]) for name in after if name not in before]
    for name in sorted(before.keys() & after.keys()):
        for attribute in sorted(before[name].keys() | after[name].keys()):
            old, new = before[name].get(attribute), after[name].get(attribute)
            if old != new:
                changes.append(_change(name, "changed", attribute, old, new))
    return changes


def _removed(rule: list[Any]) -> dict[str, Any]:
    return _change(rule[0], "removed", None, rule[1], None)


def _change(name: str | None, what: str, attribute: str | None, before: Any, after: Any) -> dict[str, Any]:
    shown = {"before": _plain(before), "after": _plain(after)}
    return {"application_id": name, "what": what, "attribute": attribute, **shown}


def _plain(asked: Any) -> Any:
    """What is asked of an attribute, any-of lists as themselves; of several attributes each."""
    if not isinstance(asked, dict):
        return asked
    return asked["any_of"] if "any_of" in asked else {name: _plain(value) for name, value in asked.items()}


def _vehicle_of(decoded: Mapping[str, Any]) -> Any:
    """The member `vehicle`; absent or null it is empty."""
    return {} if (said := decoded.get("vehicle")) is None else said
