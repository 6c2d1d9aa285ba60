"""`/healthz`, `/readyz`, `/metrics`: for the operator's machines."""

from __future__ import annotations

import datetime
import os

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response

from indexers.engine.errors import EngineError
from search_service.api import openapi as doc
from search_service.api.http import json_response, runtime_of
from search_service.errors import NotReady, Unavailable
from search_service.logs import Metrics
from search_service.runtime import Runtime

router = APIRouter(tags=["operations"])


@router.get("/healthz", **doc.operation(None, text="The process runs"))
async def healthz() -> Response:
    """The process runs."""
    return json_response({"status": "ok"})


@router.get("/readyz", **doc.operation(None, text="Engine and generation are ready"))
async def readyz(request: Request) -> Response:
    """Engine and generation are ready; 503 until they are."""
    runtime = runtime_of(request)
    serving = await to_thread.run_sync(runtime.serving_or_none)
    if serving is None:
        raise NotReady
    try:
        await to_thread.run_sync(runtime.ping)
    except EngineError as error:
        raise Unavailable(f"The search engine does not answer: {error}") from None
    return json_response(
        {
            "status": "ready",
            "generation": serving.generation.name,
            "model_version": serving.model_version,
            "policy_version": runtime.policy().version,
            "degraded": runtime.degraded(),
        }
    )


def _tell(found: Metrics, runtime: Runtime) -> None:
    serving = runtime.serving_or_none()
    if serving is not None:
        built = datetime.datetime.fromisoformat(serving.generation.manifest.created).timestamp()
        found.generation_built.set(built)
        found.generation_age.set(max(0.0, runtime.now() / 1000 - built))


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Numbers in the text format of Prometheus."""
    found = request.app.state.metrics
    _tell(found, runtime_of(request))
    body = found.render(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))
    return Response(body, media_type="text/plain; version=0.0.4; charset=utf-8")
