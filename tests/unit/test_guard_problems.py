"""Every error is a problem with a request id; nothing private is logged; bodies have a limit."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi import Body, FastAPI, Request

from fitment_rules.errors import InvalidVehicle, UnknownVehicle
from indexers.engine.errors import EngineTimeout, EngineUnavailable
from search_service import errors
from search_service.guard import BodyLimit, Guard
from search_service.live.errors import LiveBusy, PolicyMissing
from search_service.logs import JsonLines, Metrics

VIN = "1HGCM82633A004352"
LIMIT = 100


class Client:
    """Calls an application as a server would."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def get(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._call("GET", path, options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._call("POST", path, options))

    async def _call(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, **options)


async def streamed(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged, line by line."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("partfit.test")
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    log.handlers = []


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def client(lines: object, metrics: Metrics) -> Client:
    app = FastAPI()
    errors.install(app)
    app.add_middleware(BodyLimit, limit=LIMIT, longer={"/admin": 1000})
    app.add_middleware(Guard, log=logging.getLogger("partfit.test"), metrics=metrics)
    raised: dict[str, Exception] = {
        "engine": EngineUnavailable("http://user:pw@node"),
        "slow": EngineTimeout("x"),
        "vehicle": UnknownVehicle("v9"),
        "row": InvalidVehicle("year", "x", f"{VIN} is no year"),
        "busy": LiveBusy(9, 3),
        "policy": PolicyMissing("p9"),
        "defect": RuntimeError(f"secret {VIN}"),
        "admin": errors.Unauthorized(),
    }

    @app.get("/raise/{name}")
    def fail(name: str) -> None:
        raise raised[name]

    @app.get("/typed")
    def typed(year: int) -> int:
        return year

    @app.post("/echo")
    @app.post("/admin/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.post("/json")
    async def read_json(body: dict[str, Any] = Body()) -> int:
        return len(body)

    @app.get("/v1/vin/{vin}")
    def decode(vin: str) -> str:
        return vin

    return Client(app)


@pytest.mark.parametrize(
    ("name", "status", "slug"),
    [
        ("engine", 503, "unavailable"),
        ("slow", 504, "out-of-time"),
        ("vehicle", 404, "not-found"),
        ("row", 422, "invalid"),
        ("busy", 429, "too-many"),
        ("policy", 404, "not-found"),
        ("defect", 500, "internal"),
        ("admin", 401, "unauthorized"),
    ],
)
def test_each_error_of_another_room_is_a_problem(client: Client, name: str, status: int, slug: str) -> None:
    """Status, media type and all six members, whatever was raised."""
    answer = client.get(f"/raise/{name}")
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:partfit:problem:{slug}"
    assert set(problem) == {"type", "title", "status", "detail", "errors", "request_id"}
    assert problem["request_id"] == answer.headers["x-request-id"] != ""


def test_waiting_times_are_told(client: Client) -> None:
    """429 and 503 say when to come again, 401 how to identify."""
    assert client.get("/raise/busy").headers["retry-after"] == "3"
    assert int(client.get("/raise/engine").headers["retry-after"]) > 0
    assert client.get("/raise/admin").headers["www-authenticate"] == "Bearer"


def test_a_problem_names_fields_without_vins(client: Client) -> None:
    """The field as the caller called it, the message scrubbed."""
    problem = client.get("/raise/row").json()
    assert problem["errors"] == [{"field": "year", "message": "1HGCM8263A is no year"}]


def test_malformed_parameters_and_bodies_are_422(client: Client) -> None:
    """The framework's own findings come in the same form, with what was wrong with which value."""
    problem = client.get("/typed", params={"year": "x"}).json()
    assert problem["status"] == 422
    assert problem["errors"][0]["field"] == "year"
    assert "'x'" in problem["errors"][0]["message"]
    for body in (b"{", b"\xff\xfe{"):
        answer = client.post("/json", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:partfit:problem:invalid")


def test_unknown_paths_and_methods_are_problems(client: Client) -> None:
    """404 says where, 405 what is allowed; a VIN in the path is squished."""
    problem = client.get(f"/nowhere/{VIN}").json()
    assert (problem["status"], problem["detail"]) == (404, "Nothing at /nowhere/1HGCM8263A.")
    answer = client.post("/typed")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_defect_tells_nothing_and_is_logged_without_trace(
    client: Client, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """The caller gets the id, the log the kind and the place; neither the VIN nor a stack."""
    answer = client.get("/raise/defect")
    assert "secret" not in answer.text
    found = next(line for line in lines() if line["level"] == "error")
    assert found["error"] == "RuntimeError"
    assert found["request_id"] == answer.json()["request_id"]
    assert not any(VIN in json.dumps(line) or "Traceback" in json.dumps(line) for line in lines())


def test_the_access_log_holds_no_vin_and_no_token(client: Client, lines: Callable[[], list[dict[str, Any]]]) -> None:
    """In the path, the query, in any case and encoding; user tokens are masked."""
    client.get(f"/v1/vin/{VIN.lower()}")
    client.get("/typed", params={"year": 1, "vin": VIN, "q": f"机油 {VIN}", "user_token": "abcdef"})
    logged = json.dumps(lines(), ensure_ascii=False)
    assert VIN not in logged.upper()
    assert "abcdef" not in logged
    assert [line["path"] for line in lines()] == ["/v1/vin/1HGCM8263A", "/typed"]
    assert lines()[1]["query"] == "year=1&vin=1HGCM8263A&q=机油 1HGCM8263A&user_token=***"


def test_a_harmless_request_id_is_kept(client: Client) -> None:
    """The caller's id comes back; one with a line break or a VIN does not."""
    assert client.get("/typed?year=1", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/typed?year=1", headers={"x-request-id": "a b"}).headers["x-request-id"] != "a b"
    assert client.get("/typed?year=1", headers={"x-request-id": VIN}).headers["x-request-id"] == "1HGCM8263A"


def test_bodies_over_the_limit_are_413(client: Client) -> None:
    """Announced or streamed, read raw or as JSON; exactly the limit passes; longer paths have their own."""
    assert client.post("/echo", content=b"x" * LIMIT).json() == LIMIT
    for answer in (
        client.post("/echo", content=b"x" * (LIMIT + 1)),
        client.post("/echo", content=streamed(b"x" * 60, b"x" * 60)),
        client.post(
            "/json", content=streamed(b'{"a":"' + b"x" * 60, b"x" * 60), headers={"content-type": "application/json"}
        ),
    ):
        assert answer.status_code == answer.json()["status"] == 413
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert client.post("/admin/echo", content=b"x" * 500).json() == 500
    assert client.post("/admin/echo", content=b"x" * 1001).status_code == 413


def test_an_answer_that_takes_too_long_is_a_504(metrics: Metrics) -> None:
    """Not so under the admin's paths, where long loads are made."""
    app = FastAPI()
    app.add_middleware(Guard, log=logging.getLogger("partfit.test"), metrics=metrics, timeout=0.05)

    @app.get("/wait")
    async def for_ever() -> None:
        await asyncio.Event().wait()

    @app.get("/v1/admin/wait")
    async def wait() -> str:
        await asyncio.sleep(0.1)
        return "done"

    client = Client(app)
    answer = client.get("/wait")
    assert (answer.status_code, answer.json()["type"]) == (504, "urn:partfit:problem:out-of-time")
    assert client.get("/v1/admin/wait").json() == "done"


def test_requests_are_counted_by_route_not_by_path(client: Client, metrics: Metrics) -> None:
    """So that no VIN becomes a label."""
    client.get(f"/v1/vin/{VIN}")
    client.get(f"/nowhere/{VIN}")
    shown = metrics.render().decode()
    assert 'partfit_requests_total{method="GET",route="/v1/vin/{vin}",status="200"} 1.0' in shown
    assert 'route="unmatched",status="404"' in shown
    assert VIN not in shown
