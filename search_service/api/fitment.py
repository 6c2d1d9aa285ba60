"""`/v1/fitment/*`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from search_service import checking
from search_service.api import openapi as doc
from search_service.api.http import Direct, answered, runtime_of
from search_service.wire import CheckAnswer, VerifyAnswer

router = APIRouter(tags=["fitment"], route_class=Direct)

_CHECK = {
    "type": "object",
    "required": ["vehicle", "part_ids"],
    "additionalProperties": False,
    "properties": {
        "vehicle": doc.body_of(doc.VEHICLE),
        "part_ids": {"type": "array", "items": {"type": "string"}, "maxItems": 500},
        "lang": doc.LANG["schema"],
    },
}


@router.post("/v1/fitment/check", **doc.operation(CheckAnswer, body=_CHECK, errors=(404, 413)))
async def check(request: Request) -> Response:
    """Verdicts for named parts, in the order asked."""
    asked = checking.read_check(await request.body(), runtime_of(request).settings)
    return await answered(request, lambda runtime: checking.check(runtime, asked))


@router.post(
    "/v1/fitment/verify",
    **doc.operation(
        VerifyAnswer,
        body={"type": "object", "required": ["stamp"], "properties": {"stamp": {"type": "string"}}},
        errors=(404, 413),
    ),
)
async def verify(request: Request) -> Response:
    """Whether a stamped verdict is still true."""
    stamp = checking.read_stamp(await request.body())
    return await answered(request, lambda runtime: checking.verify(runtime, stamp))
