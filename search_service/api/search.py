"""`/v1/search`, `/v1/suggest`, `/v1/recommendations`."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from search_service import pipeline, recommending, suggesting
from search_service.api import openapi as doc
from search_service.api.http import Direct, answered, parameters_of, query_parameters, runtime_of
from search_service.logs import Metrics
from search_service.request import read_search
from search_service.runtime import Runtime
from search_service.wire import RecommendationsAnswer, SearchAnswer, SuggestAnswer

router = APIRouter(tags=["search"], route_class=Direct)

_SUGGEST = [doc.SEARCH[0], *doc.VEHICLE, *doc.PERSON, doc.SIZE, doc.LANG]
_RECOMMEND = [
    doc.parameter("kind", {"type": "string", "enum": list(doc.RECOMMENDATION_KINDS)}, "What to recommend."),
    doc.parameter("part_id", doc.STRING, "The part that `bought_together` and `similar` start from."),
    *doc.VEHICLE,
    *doc.PERSON,
    *doc.PLACE,
    doc.parameter("fitment", {"type": "string", "enum": ["strict", "default"]}, "`default` adds needs_info."),
    doc.parameter("mileage_km", {"type": "number", "minimum": 0}, "What the vehicle has been driven: `next_service`."),
    doc.SIZE,
    doc.LANG,
]


@router.get("/v1/search", **doc.operation(SearchAnswer, doc.SEARCH, errors=(401, 403, 404)))
@router.post("/v1/search", **doc.operation(SearchAnswer, body=doc.body_of(doc.SEARCH), errors=(401, 403, 404, 413)))
async def search(request: Request) -> Response:
    """Search parts, ranked inside verdict bands."""
    asked = read_search(await parameters_of(request), runtime_of(request).settings)
    runtime_of(request).allow_policy(asked.policy_version, request.headers.get("authorization"))
    metrics: Metrics = request.app.state.metrics

    def work(runtime: Runtime) -> SearchAnswer:
        found = pipeline.answer(runtime, asked)
        for what in found.degraded:
            metrics.degraded.labels(what).inc()
        if not found.total:
            metrics.zero_results.inc()
        return found

    return await answered(request, work)


@router.get("/v1/suggest", **doc.operation(SuggestAnswer, _SUGGEST, errors=(404,)))
async def suggest(request: Request) -> Response:
    """Complete what is being typed; only what has results."""
    asked = suggesting.read_suggest(query_parameters(request), runtime_of(request).settings)
    return await answered(request, lambda runtime: suggesting.suggest(runtime, asked))


@router.get("/v1/recommendations", **doc.operation(RecommendationsAnswer, _RECOMMEND, errors=(404,)))
async def recommendations(request: Request) -> Response:
    """Recommend parts; with a vehicle only such as fit it."""
    asked = recommending.read_recommend(query_parameters(request), runtime_of(request).settings)
    return await answered(request, lambda runtime: recommending.recommend(runtime, asked))


@router.get(
    "/v1/parts/{part_id:path}/similar",
    **doc.operation(RecommendationsAnswer, [doc.PART_ID, *_RECOMMEND[2:]], errors=(404,)),
)
async def similar(request: Request, part_id: str) -> Response:
    """Substitutes: same type and position."""
    asked = recommending.read_recommend(
        query_parameters(request), runtime_of(request).settings, kind="similar", part_id=part_id
    )
    return await answered(request, lambda runtime: recommending.recommend(runtime, asked))
