"""`/v1/admin`: policies, live stock and prices, generations, users, reports. Every call needs the admin key."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from search_service import administering as admin
from search_service.api.http import json_response, query_parameters, runtime_of
from search_service.live.loading import body_lines
from search_service.live.port import Kind
from search_service.runtime import Runtime


def _allowed(request: Request) -> Runtime:
    runtime = runtime_of(request)
    runtime.allow_admin(request.headers.get("authorization"))
    return runtime


Admin = Annotated[Runtime, Depends(_allowed)]
router = APIRouter(prefix="/v1/admin", tags=["admin"], include_in_schema=False)


@router.get("/policies")
def policies(runtime: Admin) -> Response:
    """Every version, which one is in force, and what was published when."""
    return json_response(admin.policies(runtime))


@router.post("/policies")
async def create_policy(request: Request, runtime: Admin) -> Response:
    """Keep a configuration (YAML) as a new draft; 422 with every fault if it does not pass its check."""
    return json_response(admin.create(runtime, await request.body(), source="console"))


@router.post("/policies/rollback")
def roll_back(runtime: Admin) -> Response:
    """Put the version before the present one into force."""
    return json_response(admin.rolled_back(runtime, "console"))


@router.get("/policies/{version}")
def policy(version: str, runtime: Admin) -> Response:
    """One version."""
    return json_response(msgspec.to_builtins(runtime.policies.get(version)))


@router.api_route("/policies/{version}/check", methods=["GET", "POST"])
def check(version: str, runtime: Admin) -> Response:
    """What is wrong with a version, if anything."""
    return json_response(admin.checked(runtime, version))


@router.get("/policies/{version}/preview")
def preview(version: str, request: Request, runtime: Admin) -> Response:
    """The live answer with a draft, and how ranks differ from what is published."""
    return json_response(admin.preview(runtime, version, query_parameters(request)))


@router.post("/policies/{version}/publish")
def publish(version: str, runtime: Admin) -> Response:
    """Put a version into force."""
    return json_response(admin.published(runtime, version, "console"))


@router.post("/stock")
async def stock(request: Request, runtime: Admin) -> Response:
    """Stock rows (NDJSON), live within a second."""
    return json_response(admin.loaded(runtime, Kind.STOCK, body_lines(await request.body())))


@router.post("/prices")
async def prices(request: Request, runtime: Admin) -> Response:
    """Price rows (NDJSON), live within a second."""
    return json_response(admin.loaded(runtime, Kind.PRICES, body_lines(await request.body())))


@router.delete("/users/{user_id}")
def forget(user_id: str, runtime: Admin) -> Response:
    """Erase a user's profile, events and queries."""
    return json_response(runtime.live.forget(user_id)._asdict())


@router.get("/generations")
def generations(runtime: Admin) -> Response:
    """Generations that are kept, the newest first."""
    return json_response(admin.generations(runtime))


@router.post("/generations/{name}/publish")
def publish_generation(name: str, runtime: Admin) -> Response:
    """Publish a generation that is kept."""
    return json_response(admin.publish_generation(runtime, name))


@router.get("/reports/{name}")
def report(name: str, runtime: Admin) -> Response:
    """What people search for: `queries`, `zero-results`, `unknown-terms`, `conversion`, `demand`, `wrong-fit`."""
    return json_response(admin.report(runtime, name))


@router.get("/why")
def why(request: Request, runtime: Admin) -> Response:
    """Why a part is, or is not, where it is in a search."""
    found: Any = admin.why(runtime, query_parameters(request))
    return json_response(found)
