"""The OpenAPI description: parameters and answers declared once, next to the structs that are really sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from search_service import wire
from search_service.request import FACETS, FITMENT_MODES, IGNORABLE, LANGUAGES, SORTS

ANSWERS: tuple[type, ...] = (
    wire.SearchAnswer,
    wire.SuggestAnswer,
    wire.OptionsAnswer,
    wire.ResolveAnswer,
    wire.CheckAnswer,
    wire.VerifyAnswer,
    wire.PartTypesAnswer,
    wire.PartAnswer,
    wire.Paged,
    wire.InterchangeAnswer,
    wire.RecommendationsAnswer,
    wire.VinAnswer,
    wire.EventsAnswer,
    wire.OptOutAnswer,
    wire.ConditionOut,
)

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "properties": {"field": {"type": "string"}, "message": {"type": "string"}}},
        },
        "request_id": {"type": "string"},
    },
}

_MEANING = {
    401: "No admin key, or a wrong one",
    403: "The key does not allow this",
    404: "Unknown id",
    405: "No such method here",
    413: "Body over the limit",
    422: "Malformed request; `errors` names each field",
    429: "Too much at once; see `Retry-After`",
    500: "A defect",
    503: "Engine unreachable, or nothing published yet",
    504: "Out of time",
}

STRING: dict[str, Any] = {"type": "string"}
BIT: dict[str, Any] = {"type": "string", "enum": ["0", "1"]}


def parameter(name: str, schema: Mapping[str, Any], text: str, *, many: bool = False, where: str = "query") -> Any:
    """One parameter object; `many` may be repeated."""
    shape = {"type": "array", "items": dict(schema)} if many else dict(schema)
    found: dict[str, Any] = {"name": name, "in": where, "description": text, "schema": shape}
    if where == "path":
        found["required"] = True
    elif many:
        found |= {"style": "form", "explode": True}
    return found


VEHICLE = [
    parameter("vin", {"type": "string", "maxLength": 32}, "A VIN, whole or its first 8, 10 or 11 characters."),
    parameter("vehicle_id", STRING, "Row of the vehicle table; repeated = any of.", many=True),
    parameter("make", STRING, "Make, in either language or by alias.", many=True),
    parameter("model", STRING, "Model, in either language or by alias.", many=True),
    parameter("year", {"type": "integer", "minimum": 1885, "maximum": 2100}, "Model year.", many=True),
    parameter("engine", STRING, "Engine.", many=True),
    parameter("attr.drive", STRING, "`attr.NAME`: any other attribute or answer (drive is one example).", many=True),
    parameter("attr.transmission", STRING, "`attr.NAME`: any other attribute or answer.", many=True),
    parameter("attr.built", STRING, "Build date, YYYY-MM or YYYY-MM-DD."),
    parameter("unknown", STRING, "An attribute the customer does not know; it is not asked again.", many=True),
]

PERSON = [
    parameter("user_id", {"type": "string", "maxLength": 100}, "The signed-in customer."),
    parameter("session_id", {"type": "string", "maxLength": 100}, "The visit."),
    parameter("client_id", {"type": "string", "maxLength": 100}, "The browser or device."),
    parameter("user_token", STRING, "Proof of `user_id`, where the operator asks for one."),
    parameter("personalised", BIT, "0 uses no personal signal and writes no profile."),
    parameter("member_level", STRING, "Member level, for promotions."),
]

PLACE = [
    parameter("store", STRING, "The chosen store."),
    parameter("lat", {"type": "number", "minimum": -90, "maximum": 90}, "Latitude, degrees; with `lon`."),
    parameter("lon", {"type": "number", "minimum": -180, "maximum": 180}, "Longitude, degrees; with `lat`."),
]

LANG = parameter("lang", {"type": "string", "enum": list(LANGUAGES)}, "Language of titles and labels.")
SIZE = parameter("size", {"type": "integer", "minimum": 1, "maximum": 100}, "Items a page.")
CURSOR = parameter("cursor", STRING, "Where the page before ended.")
PART_ID = parameter("part_id", STRING, "Id of a part.", where="path")

FILTERS = [
    parameter("filter.brand", STRING, "Brands.", many=True),
    parameter("filter.part_type", STRING, "Part types, by id or name.", many=True),
    parameter("filter.category", STRING, "Categories of the part-type tree.", many=True),
    parameter("filter.position", STRING, "Places, such as `front` or `front left`.", many=True),
    parameter("filter.quality", STRING, "Quality grades.", many=True),
    parameter("filter.price", STRING, "A range such as `100..200`.", many=True),
    parameter("filter.available", STRING, "`online`, `any` or a store id.", many=True),
]

SEARCH = [
    parameter("q", {"type": "string", "maxLength": 256}, "What the customer typed; may be empty."),
    *VEHICLE,
    *PERSON,
    *PLACE,
    *FILTERS,
    parameter("sort", {"type": "string", "enum": list(SORTS)}, "Order inside each verdict band."),
    SIZE,
    CURSOR,
    parameter("fitment", {"type": "string", "enum": list(FITMENT_MODES)}, "Which verdicts are returned."),
    parameter("facets", STRING, f"Comma list of {', '.join(FACETS)}, category, attr.NAME."),
    parameter("explain", BIT, "1 adds each score's contributions."),
    LANG,
    parameter("verbatim", BIT, "1 corrects and expands nothing."),
    parameter("ignore", {"type": "string", "enum": list(IGNORABLE)}, "Readings to leave out.", many=True),
]

RECOMMENDATION_KINDS = ("for_you", "for_vehicle", "bought_together", "similar", "next_service", "popular")


def schemas() -> dict[str, Any]:
    """Schema components of every answer."""
    _, components = msgspec.json.schema_components(ANSWERS, ref_template="#/components/schemas/{name}")
    return {**components, "Problem": PROBLEM}


SECURITY = {"admin": {"type": "http", "scheme": "bearer", "description": "PARTFIT_ADMIN_KEY"}}


def operation(
    answer: type | None,
    parameters: Iterable[Any] = (),
    *,
    body: Mapping[str, Any] | None = None,
    errors: Iterable[int] = (),
    text: str = "Done",
    body_types: Iterable[str] = ("application/json",),
) -> dict[str, Any]:
    """Keyword arguments of a route: `openapi_extra` and `responses`, every status it can answer with."""
    extra: dict[str, Any] = {"parameters": list(parameters)}
    if body is not None:
        extra["requestBody"] = {"content": {kind: {"schema": dict(body)} for kind in body_types}}
    schema = {"$ref": f"#/components/schemas/{answer.__name__}"} if answer else {}
    responses: dict[int | str, Any] = {200: {"description": text, "content": {"application/json": {"schema": schema}}}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in sorted({*errors, 422, 503, 504}):
        responses[status] = {"description": _MEANING[status], "content": problem}
    return {"openapi_extra": extra, "responses": responses}


def admin(
    parameters: Iterable[Any] = (),
    *,
    body: Mapping[str, Any] | None = None,
    errors: Iterable[int] = (),
    body_types: Iterable[str] = ("application/json",),
) -> dict[str, Any]:
    """`operation` for a call that needs the admin key; its answer is any JSON."""
    found = operation(None, parameters, body=body, errors=(401, 403, *errors), body_types=body_types)
    found["openapi_extra"]["security"] = [{"admin": []}]
    return found


def body_of(parameters: Iterable[Any], required: Iterable[str] = ()) -> dict[str, Any]:
    """A JSON body that takes the same parameters as keys; repeatable ones may be lists."""
    properties = {}
    for one in parameters:
        shape = one["schema"]
        if shape.get("type") == "array":
            shape = {"anyOf": [shape["items"], shape]}
        properties[one["name"]] = shape
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        found["required"] = list(required)
    return found
