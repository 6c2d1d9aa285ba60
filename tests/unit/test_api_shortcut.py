"""Routes that are looked up answer as the framework's routing would have it."""

from __future__ import annotations

import asyncio
import logging

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from starlette.responses import Response

from search_service import errors
from search_service.api.http import Direct, query_parameters
from search_service.api.shortcut import Shortcut
from search_service.errors import Invalid
from search_service.guard import Guard
from search_service.logs import Metrics

PAGE = "http://shop.example"


def application(metrics: Metrics, *, shortcut: bool) -> FastAPI:
    """Three routes behind the layers of the service, with the lookup and without."""
    app, router = FastAPI(), APIRouter(route_class=Direct)
    app.state.greeting = "hello"
    errors.install(app)

    @router.get("/whole")
    async def whole(request: Request) -> Response:
        return Response(f"{request.app.state.greeting} {query_parameters(request).texts('q')}")

    @router.get("/part/{name:path}")
    async def part(request: Request, name: str) -> Response:
        return Response(name)

    @router.get("/refused")
    async def refused(request: Request) -> Response:
        raise Invalid.of("q", "is wrong")

    app.include_router(router)
    if shortcut:
        app.add_middleware(lambda inner: Shortcut(inner, router.routes))
    app.add_middleware(CORSMiddleware, allow_origins=[PAGE])
    app.add_middleware(Guard, log=logging.getLogger("partfit.test"), metrics=metrics)
    return app


def answer(app: FastAPI, method: str, path: str) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers, told as a page of another origin gets them."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers={"Origin": PAGE, "X-Request-ID": "r1"})

    found = asyncio.run(call())
    return found.status_code, found.content, dict(found.headers)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/whole?q=%E5%88%B9%E8%BD%A6&q=a+b&q="),
        ("POST", "/whole"),
        ("GET", "/part/a/b"),
        ("GET", "/refused"),
        ("GET", "/nowhere"),
    ],
)
def test_same_answer_and_count(method: str, path: str) -> None:
    """Status, body, headers and the route that is counted are the same whether a route is looked up or matched."""
    ways = [(Metrics(), shortcut) for shortcut in (True, False)]
    answers = [answer(application(metrics, shortcut=shortcut), method, path) for metrics, shortcut in ways]
    assert answers[0] == answers[1]
    counted = [
        {sample.labels["route"] for sample in family.samples if "route" in sample.labels}
        for metrics, _ in ways
        for family in metrics.requests.collect()
    ]
    assert counted[0] == counted[1]


def test_problem_of_a_route_looked_up() -> None:
    """A refusal is a problem that a page of an allowed origin may read."""
    status, body, headers = answer(application(Metrics(), shortcut=True), "GET", "/refused")
    assert status == 422
    assert b'"field":"q"' in body
    assert headers["access-control-allow-origin"] == PAGE
