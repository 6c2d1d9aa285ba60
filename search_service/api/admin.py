"""`/v1/admin`: policies, live stock and prices, generations, users, reports. Every call needs the admin key."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from search_service import administering as admin
from search_service.api import openapi as doc
from search_service.api.http import json_response, parameters_of, query_parameters, runtime_of
from search_service.live import forgetting
from search_service.live.loading import body_lines
from search_service.live.port import Kind
from search_service.runtime import Runtime


def _allowed(request: Request) -> Runtime:
    runtime = runtime_of(request)
    runtime.allow_admin(request.headers.get("authorization"))
    return runtime


Admin = Annotated[Runtime, Depends(_allowed)]
router = APIRouter(prefix="/v1/admin", tags=["admin"])

VERSION = doc.parameter("version", doc.STRING, "A policy version.", where="path")
YAML = {"type": "string", "description": "A merchandising configuration (YAML)."}
QUERIES = {
    "type": "object",
    "properties": {"queries": {"type": "array", "items": doc.body_of(doc.SEARCH)}},
    "additionalProperties": False,
}
EXPERIMENT = {
    "type": "object",
    "required": ["name", "arms"],
    "properties": {
        "name": doc.STRING,
        "arms": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "share"],
                "properties": {
                    "name": doc.STRING,
                    "share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
                    "policy_version": {"type": ["string", "null"], "description": "None is what is published."},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
ROWS = {"type": "string", "description": "One row a line (NDJSON)."}
LINES = ("application/x-ndjson", "text/plain")


@router.get("/policies", **doc.admin())
def policies(runtime: Admin) -> Response:
    """Every version, which one is in force, and what was published when."""
    return json_response(admin.policies(runtime))


@router.post("/policies", **doc.admin(body=YAML, body_types=("application/yaml",), errors=(413,)))
async def create_policy(request: Request, runtime: Admin) -> Response:
    """Keep a configuration (YAML) as a new draft; 422 with every fault if it does not pass its check."""
    return json_response(admin.create(runtime, await request.body(), source="console"))


@router.post("/policies/rollback", **doc.admin(errors=(404,)))
def roll_back(runtime: Admin) -> Response:
    """Put the version before the present one into force."""
    return json_response(admin.rolled_back(runtime, "console"))


@router.get("/policies/{version}", **doc.admin([VERSION], errors=(404,)))
def policy(version: str, runtime: Admin) -> Response:
    """One version."""
    return json_response(msgspec.to_builtins(runtime.policies.get(version)))


@router.get("/policies/{version}/check", **doc.admin([VERSION], errors=(404,)))
@router.post("/policies/{version}/check", **doc.admin([VERSION], errors=(404,)))
def check(version: str, runtime: Admin) -> Response:
    """What is wrong with a version, if anything."""
    return json_response(admin.checked(runtime, version))


@router.get("/policies/{version}/preview", **doc.admin([VERSION, *doc.SEARCH], errors=(404,)))
@router.post("/policies/{version}/preview", **doc.admin([VERSION], body=doc.body_of(doc.SEARCH), errors=(404,)))
async def preview(version: str, request: Request, runtime: Admin) -> Response:
    """The live answer with a draft, and how ranks differ from what is published."""
    asked = await parameters_of(request)
    return json_response(await to_thread.run_sync(admin.preview, runtime, version, asked))


@router.post(
    "/policies/{version}/replay",
    **doc.admin(
        [VERSION, doc.parameter("limit", {"type": "integer", "minimum": 1, "maximum": 300}, "Most searches.")],
        body=QUERIES,
        errors=(404, 413),
    ),
)
async def replay(version: str, request: Request, runtime: Admin) -> Response:
    """What a version changes over saved searches, or without a body over those of the log."""
    body = await request.body()
    return json_response(await to_thread.run_sync(admin.replayed, runtime, version, body, query_parameters(request)))


@router.post("/policies/{version}/publish", **doc.admin([VERSION], errors=(404,)))
def publish(version: str, runtime: Admin) -> Response:
    """Put a version into force."""
    return json_response(admin.published(runtime, version, "console"))


@router.get("/experiments", **doc.admin())
def experiments(runtime: Admin) -> Response:
    """Experiments, the newest first: their arms, and what people did in each."""
    return json_response(admin.experiments(runtime))


@router.post("/experiments", **doc.admin(body=EXPERIMENT, errors=(404, 413)))
async def start_experiment(request: Request, runtime: Admin) -> Response:
    """Show policy versions to shares of people, drawn by user id, else session id; one experiment runs at a time."""
    return json_response(admin.start_experiment(runtime, await request.body()))


@router.post(
    "/experiments/{name}/end",
    **doc.admin([doc.parameter("name", doc.STRING, "An experiment.", where="path")], errors=(404,)),
)
def end_experiment(name: str, runtime: Admin) -> Response:
    """End an experiment: everybody sees what is published again."""
    return json_response(admin.end_experiment(runtime, name))


@router.post("/stock", **doc.admin(body=ROWS, body_types=LINES, errors=(413,)))
async def stock(request: Request, runtime: Admin) -> Response:
    """Stock rows (NDJSON), live within a second."""
    return json_response(admin.loaded(runtime, Kind.STOCK, body_lines(await request.body())))


@router.post("/prices", **doc.admin(body=ROWS, body_types=LINES, errors=(413,)))
async def prices(request: Request, runtime: Admin) -> Response:
    """Price rows (NDJSON), live within a second."""
    return json_response(admin.loaded(runtime, Kind.PRICES, body_lines(await request.body())))


@router.delete("/users/{user_id}", **doc.admin([doc.parameter("user_id", doc.STRING, "A customer.", where="path")]))
def forget(user_id: str, runtime: Admin) -> Response:
    """Erase a user's profile, events and queries."""
    return json_response(forgetting.forget(runtime.live, user_id)._asdict())


@router.get("/generations", **doc.admin())
def generations(runtime: Admin) -> Response:
    """Generations that are kept, the newest first."""
    return json_response(admin.generations(runtime))


@router.post(
    "/generations/{name}/publish",
    **doc.admin([doc.parameter("name", doc.STRING, "A generation that is kept.", where="path")], errors=(404,)),
)
def publish_generation(name: str, runtime: Admin) -> Response:
    """Publish a generation that is kept."""
    return json_response(admin.publish_generation(runtime, name))


@router.get(
    "/reports/{name}", **doc.admin([doc.parameter("name", doc.STRING, "A report.", where="path")], errors=(404,))
)
def report(name: str, runtime: Admin) -> Response:
    """What people search for: `queries`, `zero-results`, `unknown-terms`, `conversion`, `demand`, `wrong-fit`;
    the data report of the published generation: `data-quality`."""
    return json_response(admin.report(runtime, name))


@router.get("/why", **doc.admin([doc.parameter("part_id", doc.STRING, "The part."), *doc.SEARCH], errors=(404,)))
def why(request: Request, runtime: Admin) -> Response:
    """Why a part is, or is not, where it is in a search."""
    found: Any = admin.why(runtime, query_parameters(request))
    return json_response(found)
