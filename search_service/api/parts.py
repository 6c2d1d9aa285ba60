"""`/v1/part-types` and `/v1/parts/{part_id}`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from search_service import part_answers as answers
from search_service.api import openapi as doc
from search_service.api.http import Direct, answered, query_parameters, runtime_of
from search_service.wire import InterchangeAnswer, Paged, PartAnswer, PartTypesAnswer

router = APIRouter(tags=["parts"], route_class=Direct)

_PAGE = [doc.PART_ID, doc.SIZE, doc.CURSOR, doc.LANG]


@router.get("/v1/part-types", **doc.operation(PartTypesAnswer, [*doc.VEHICLE, doc.LANG], errors=(404,)))
async def part_types(request: Request) -> Response:
    """The category tree with the number of parts, of those for a vehicle if one is given."""
    asked = answers.read_types(query_parameters(request))
    return await answered(request, lambda runtime: answers.part_types(runtime, asked))


@router.get("/v1/parts/{part_id:path}/applications", **doc.operation(Paged, _PAGE, errors=(404,)))
async def applications(request: Request, part_id: str) -> Response:
    """A part's applications as read."""
    asked = answers.read_page(query_parameters(request), part_id)
    return await answered(request, lambda runtime: answers.applications(runtime, asked))


@router.get("/v1/parts/{part_id:path}/vehicles", **doc.operation(Paged, _PAGE, errors=(404,)))
async def vehicles(request: Request, part_id: str) -> Response:
    """What a part fits, folded to make, model and runs of years."""
    asked = answers.read_page(query_parameters(request), part_id)
    return await answered(request, lambda runtime: answers.vehicles(runtime, asked))


@router.get("/v1/parts/{part_id:path}/interchange", **doc.operation(InterchangeAnswer, [doc.PART_ID], errors=(404,)))
async def interchange(request: Request, part_id: str) -> Response:
    """Other numbers for a part."""
    query_parameters(request).finish()
    return await answered(request, lambda runtime: answers.interchange(runtime, part_id))


@router.get(
    "/v1/parts/{part_id:path}",
    **doc.operation(PartAnswer, [doc.PART_ID, *doc.VEHICLE, *doc.PERSON, *doc.PLACE, doc.LANG], errors=(404,)),
)
async def part(request: Request, part_id: str) -> Response:
    """One part, with its verdict if a vehicle is given."""
    asked = answers.read_part(query_parameters(request), part_id, runtime_of(request).settings)
    return await answered(request, lambda runtime: answers.part(runtime, asked))
