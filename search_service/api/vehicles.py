"""`/v1/vehicles/*` and `/v1/vin`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from search_service import vehicle_answers as answers
from search_service.api import openapi as doc
from search_service.api.http import Direct, answered, query_parameters, runtime_of
from search_service.errors import Invalid
from search_service.parameters import Parameters
from search_service.wire import OptionsAnswer, ResolveAnswer, VinAnswer

router = APIRouter(tags=["vehicles"], route_class=Direct)

_OPTIONS = [
    *doc.VEHICLE,
    doc.parameter("attribute", doc.STRING, "An attribute, or `all`.", many=True),
    doc.parameter("has_parts", doc.BIT, "1 leaves out values without parts, and counts them."),
    doc.LANG,
]
_RESOLVE = [doc.parameter("text", {"type": "string", "maxLength": 256}, "A vehicle in words."), *doc.VEHICLE, doc.LANG]


@router.get("/v1/vehicles/options", **doc.operation(OptionsAnswer, _OPTIONS, errors=(404,)))
async def options(request: Request) -> Response:
    """Values left for each attribute, given the others."""
    asked = answers.read_options(query_parameters(request))
    return await answered(request, lambda runtime: answers.options(runtime, asked))


@router.get("/v1/vehicles/resolve", **doc.operation(ResolveAnswer, _RESOLVE, errors=(404,)))
async def resolve(request: Request) -> Response:
    """Vehicles that a text or parameters could mean."""
    asked = answers.read_resolve(query_parameters(request), runtime_of(request).settings)
    return await answered(request, lambda runtime: answers.resolve(runtime, asked))


@router.get(
    "/v1/vehicles/{vehicle_id:path}",
    **doc.operation(None, [doc.parameter("vehicle_id", doc.STRING, "Row id.", where="path")], errors=(404,)),
)
async def vehicle(request: Request, vehicle_id: str) -> Response:
    """One row of the vehicle table, as read."""
    query_parameters(request).finish()
    return await answered(request, lambda runtime: answers.vehicle(runtime, vehicle_id))


@router.get(
    "/v1/vin/{vin:path}",
    **doc.operation(VinAnswer, [doc.parameter("vin", doc.STRING, "A VIN.", where="path"), doc.LANG], errors=(404,)),
)
async def vin_by_path(request: Request, vin: str) -> Response:
    """What a VIN says."""
    parameters = query_parameters(request)
    parameters.text("lang")
    parameters.finish()
    answers.check_vin(vin)
    return await answered(request, lambda runtime: answers.vin(runtime, vin))


@router.post(
    "/v1/vin",
    **doc.operation(
        VinAnswer,
        body={"type": "object", "required": ["vin"], "properties": {"vin": {"type": "string", "maxLength": 32}}},
        errors=(413,),
    ),
)
async def vin_by_body(request: Request) -> Response:
    """What a VIN says; keeps it out of addresses."""
    parameters = Parameters.from_json(await request.body())
    given = parameters.text("vin")
    parameters.text("lang")
    parameters.finish()
    if given is None:
        raise Invalid.of("vin", "is missing")
    answers.check_vin(given)
    return await answered(request, lambda runtime: answers.vin(runtime, given))
