"""Answers about vehicles: options, resolve, one row, a VIN."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from fitment_rules.candidates import CandidateSet
from fitment_rules.model import key_of
from fitment_rules.vehicles import VehicleQuery
from search_service.asking import Asking, ask
from search_service.decoders import DecodedField
from search_service.errors import Invalid
from search_service.narrowing import FIRST, MOST_COUNTED, attributes_of, count_parts, options_of, vehicle_json
from search_service.parameters import Parameters
from search_service.request import read_lang
from search_service.runtime import Runtime, Serving
from search_service.settings import Settings
from search_service.vehicle_query import LONGEST_VIN, VehicleRequest, read_vehicle, with_text
from search_service.wire import CandidateOut, Notice, OptionsAnswer, OptionValue, QuestionOut, ResolveAnswer, VinAnswer

MOST_CANDIDATES = 100
EVERY = "all"


@dataclass(frozen=True, slots=True)
class OptionsRequest:
    """Which attributes (`()` is all) to give options for."""

    vehicle: VehicleRequest
    attributes: tuple[str, ...]
    has_parts: bool
    lang: str


@dataclass(frozen=True, slots=True)
class ResolveRequest:
    """A text, or vehicle parameters, or both."""

    text: str
    vehicle: VehicleRequest
    lang: str


def read_options(parameters: Parameters) -> OptionsRequest:
    """Read `/v1/vehicles/options`."""
    names = [name.strip() for value in parameters.texts("attribute") for name in value.split(",") if name.strip()]
    request = OptionsRequest(
        read_vehicle(parameters),
        () if EVERY in names else tuple(dict.fromkeys(name.removeprefix("attr.") for name in names)),
        parameters.flag("has_parts", False),
        read_lang(parameters),
    )
    parameters.finish()
    return request


def options(runtime: Runtime, request: OptionsRequest) -> OptionsAnswer:
    """Values left for each attribute; an attribute's options ignore its own value."""
    serving = runtime.serving()
    asking = ask(runtime, serving, request.vehicle)
    table = serving.generation.vehicles
    candidates = asking.resolved.candidates if asking.resolved else serving.every_candidate
    query = asking.resolved.query if asking.resolved else VehicleQuery()
    notices = list(asking.notices)
    found: dict[str, list[OptionValue]] = {}
    unknown: dict[str, int] = {}
    for name in request.attributes or (attributes_of(candidates) if candidates else FIRST):
        values, unknown[name] = options_of(table, query, name, runtime.texts, request.lang)
        if request.has_parts:
            notices += _uncounted(name, len(values))
            broad = runtime.settings.broad_candidates
            search = serving.reader.search
            values = count_parts(serving.generation, search, query, name, values, broad)
        found[name] = values
    count = len(candidates.rows) if candidates else 0
    return OptionsAnswer(serving.generation.name, count, found, unknown, notices)


def _uncounted(attribute: str, values: int) -> list[Notice]:
    if values <= MOST_COUNTED:
        return []
    english = f"{attribute} has {values} values; parts are counted for {MOST_COUNTED} of them. Say more of the vehicle."
    chinese = f"{attribute} 有 {values} 个取值，仅统计前 {MOST_COUNTED} 个的零件数，请补充车型信息。"
    return [Notice("options_uncounted", attribute, {"en": english, "zh": chinese})]


def read_resolve(parameters: Parameters, settings: Settings) -> ResolveRequest:
    """Read `/v1/vehicles/resolve`; nothing at all is a fault."""
    text = parameters.text("text") or ""
    if len(text) > settings.max_query_chars:
        parameters.fault("text", f"has {len(text)} characters, at most {settings.max_query_chars} are read")
    request = ResolveRequest(text, read_vehicle(parameters), read_lang(parameters))
    if not text and not request.vehicle.names_vehicle:
        parameters.fault("text", "give text or vehicle parameters")
    parameters.finish()
    return request


def resolve(runtime: Runtime, request: ResolveRequest) -> ResolveAnswer:
    """The vehicles meant, likeliest first, and the attribute that tells most of them apart."""
    serving = runtime.serving()
    vehicle, confidence, because = request.vehicle, 1.0, "parameters"
    if request.text:
        intent = serving.understanding.parse(request.text)
        mention = intent.vehicle
        if intent.vin and not vehicle.vin:
            vehicle = replace(vehicle, vin=intent.vin)
        if mention is not None:
            vehicle = with_text(vehicle, serving.mentioned(mention))
            confidence, because = mention.confidence, f"text “{mention.text}”"
    asking = ask(runtime, serving, vehicle)
    candidates = asking.resolved.candidates if asking.resolved else None
    if candidates is None:
        return ResolveAnswer(serving.generation.name, 0, [], None, list(asking.notices))
    rows = candidates.rows
    share = confidence / len(rows) if len(rows) > 1 else confidence
    listed = [CandidateOut(vehicle_json(candidates.table.rows[row]), share, because) for row in rows[:MOST_CANDIDATES]]
    question = _telling_question(runtime, candidates, asking)
    return ResolveAnswer(serving.generation.name, len(rows), listed, question, list(asking.notices))


def vehicle(runtime: Runtime, vehicle_id: str) -> dict[str, Any]:
    """One row as read. Raises `UnknownVehicle`."""
    serving = runtime.serving()
    generation = serving.generation
    row: dict[str, Any] = msgspec.json.decode(generation.vehicle_json(generation.vehicles.row_of(vehicle_id)))
    return {"generation": generation.name, **row}


def check_vin(vin: str) -> None:
    """Raise `Invalid` for an empty or over-long VIN; any other is an answer."""
    if not vin.strip() or len(vin) > LONGEST_VIN:
        raise Invalid.of("vin", f"must have 1 to {LONGEST_VIN} characters")


def vin(runtime: Runtime, text: str) -> VinAnswer:
    """What a VIN says, and the vehicles of the table it can be."""
    decoded = runtime.decode_vin(text)
    told = decoded.as_json()
    serving = runtime.serving_or_none()
    candidates = _vin_candidates(runtime, serving, text) if serving else []
    return VinAnswer(
        vin=told["vin"],
        valid=told["valid"],
        problems=told["problems"],
        suggestions=told["suggestions"],
        region=told["region"],
        wmi=told["wmi"],
        maker=told["maker"],
        model_years=told["model_years"],
        fields=told["fields"],
        candidates=candidates,
        generation=serving.generation.name if serving else None,
        degraded=told["degraded"],
    )


def _vin_candidates(runtime: Runtime, serving: Serving, text: str) -> list[dict[str, Any]]:
    asking = ask(runtime, serving, VehicleRequest(vin=text))
    candidates = asking.resolved.candidates if asking.resolved else None
    if candidates is None or asking.resolved is None or not _says_something(candidates.query):
        return []
    fields = asking.resolved.decoded
    rows = sorted(candidates.rows, key=lambda row: (-_agreement(candidates, row, fields), row))
    return [vehicle_json(candidates.table.rows[row]) for row in rows[:MOST_CANDIDATES]]


def _says_something(query: VehicleQuery) -> bool:
    return any(one.attribute != "year" for one in query.given)


def _agreement(candidates: CandidateSet, row: int, fields: tuple[DecodedField, ...]) -> float:
    """Confidence of the decoded fields that the row says too: orders candidates, excludes none."""
    total = 0.0
    for one in fields:
        values = one.value if isinstance(one.value, tuple) else (one.value,)
        keys = candidates.table.spellings(row, one.attribute) if one.attribute != "year" else frozenset()
        if not keys.isdisjoint(key_of(value) for value in values):
            total += one.confidence
    return total


def _telling_question(runtime: Runtime, candidates: CandidateSet, asking: Asking) -> QuestionOut | None:
    """The attribute that splits the candidates most evenly for the least effort."""
    best, score = None, 0.0
    for name in ("make", "model", "year", *attributes_of(candidates)[3:]):
        groups = candidates.values(name)
        sizes = [mask.bit_count() for keys, mask in groups if keys]
        if name in asking.dont_know or len(sizes) < 2 or len(sizes) > 40:
            continue
        total = sum(sizes)
        spread = (1.0 - sum((size / total) ** 2 for size in sizes)) * total / len(candidates)
        worth = spread / runtime.texts.effort.get(name, 3.0)
        if worth > score:
            best, score = name, worth
    return None if best is None else runtime.texts.plain_question(best, candidates)
