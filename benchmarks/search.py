"""Search as served: the engine's plan, `answer()` around it, HTTP around that; with a vehicle and without.

    python -m benchmarks.search                          a sample of 20,000 parts, made and indexed first
    python -m benchmarks.search --data ~/.partfit/demo   over an index that is there

Every ratio is of medians over the same queries in one run. `bare` is an ASGI application that answers the same bytes.
"""

from __future__ import annotations

import argparse
import datetime
import http.client
import random
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uvicorn

from search_service import pipeline
from search_service.app import create_app, open_runtime
from search_service.demo import prepare
from search_service.parameters import Parameters
from search_service.request import SearchRequest, read_search
from search_service.runtime import Runtime
from search_service.settings import Settings, load
from search_service.terminal import Terminal

WORDS = ("brake pads", "机油滤芯", "air filter", "火花塞", "shock absorber", "雨刷", "headlight", "刹车盘")
KINDS = ("none", "base", "model", "make")


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, help="a data folder with a published generation")
    options.add_argument("--queries", type=int, default=200, help="queries of each kind")
    options.add_argument("--parts", type=int, default=20_000)
    chosen = options.parse_args()
    with indexed(chosen.data, chosen.parts) as settings:
        measure(settings, chosen.queries)


@contextmanager
def indexed(data: Path | None, parts: int) -> Iterator[Settings]:
    """Settings over a data folder with a published generation; without one over a sample made and indexed first."""
    with tempfile.TemporaryDirectory() as made:
        settings = load({"data_dir": data or Path(made), "log_level": "error"})
        if data is None:
            with Terminal() as terminal:
                prepare(settings, terminal, datetime.datetime.now(datetime.UTC), parts, 20_000)
        yield settings


def measure(settings: Settings, count: int) -> None:
    """All kinds of query over one index."""
    runtime = open_runtime(settings)
    parts = runtime.serving().generation.part_count
    print(f"{parts:,} parts, {count} queries a kind; milliseconds, p50 / p95")
    asked = {kind: queries(runtime, kind, count) for kind in KINDS}
    plans = {kind: [_plan(runtime, one) for one in some] for kind, some in asked.items()}
    search = runtime.serving().reader.search
    engine = {kind: timed(search, some) for kind, some in plans.items()}
    answers = {kind: timed(lambda one: pipeline.answer(runtime, one, log=False), some) for kind, some in asked.items()}
    for kind in KINDS:
        ratio, over = engine[kind][0] / engine["none"][0], answers[kind][0] / engine[kind][0]
        print(f"{kind:6} plan {show(engine[kind])}  = {ratio:.2f} x without a vehicle;  ", end="")
        print(f"answer {show(answers[kind])} = {over:.2f} x its plan")
    _http(settings, runtime, asked["base"], answers["base"])
    runtime.close()


def queries(runtime: Runtime, kind: str, count: int) -> list[SearchRequest]:
    """Searches with vague words and a vehicle of the table, at the level of `kind`."""
    choose = random.Random(11)
    rows = runtime.serving().generation.vehicles.rows
    found = []
    while len(found) < count:
        row = choose.choice(rows)
        given: dict[str, Any] = {"q": choose.choice(WORDS)}
        if kind != "none":
            given["make"] = row.make
        if kind in ("base", "model"):
            given["model"] = row.model
        if kind == "base":
            given["year"] = row.years.start or 2015
        found.append(read_search(Parameters.from_object(given, "query"), runtime.settings))
    return found


def timed(work: Callable[[Any], Any], inputs: Sequence[Any]) -> tuple[float, float]:
    """p50 and p95 in milliseconds, after one unmeasured pass over a tenth."""
    for one in inputs[: max(1, len(inputs) // 10)]:
        work(one)
    taken = []
    for one in inputs:
        started = time.perf_counter()
        work(one)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=20)[18]


def show(measured: tuple[float, float]) -> str:
    """`1.23 / 4.56`."""
    return f"{measured[0]:.2f} / {measured[1]:.2f}"


def _plan(runtime: Runtime, request: SearchRequest) -> Any:
    return pipeline.plan_of(runtime, request)


def _http(settings: Settings, runtime: Runtime, asked: Sequence[SearchRequest], inside: tuple[float, float]) -> None:
    paths = [f"/v1/search?{urlencode(parameters_of(one))}" for one in asked]
    body = b""
    with served(create_app(settings, runtime)) as port:
        client = http.client.HTTPConnection("127.0.0.1", port)
        body = _get(client, paths[0])
        outside = timed(lambda path: _get(client, path), paths)
    with served(_bare(body)) as port:
        client = http.client.HTTPConnection("127.0.0.1", port)
        bare = timed(lambda path: _get(client, path), paths)
    over = outside[0] - inside[0]
    print(f"http   {show(outside)}; over answer() {over:.2f} = {over / bare[0]:.2f} x a bare ASGI answer ", end="")
    print(f"of {len(body):,} bytes ({show(bare)})")


def parameters_of(request: SearchRequest) -> dict[str, Any]:
    return {"q": request.q, **{one.attribute: one.shown[0] for one in request.vehicle.given}}


def _get(client: http.client.HTTPConnection, path: str) -> bytes:
    client.request("GET", path)
    response = client.getresponse()
    body = response.read()
    assert response.status == 200, body
    return body


def _bare(body: bytes) -> Callable[..., Any]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


@contextmanager
def served(app: Any) -> Iterator[int]:
    """A server on a free port of this machine; gives the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield free.getsockname()[1]
        server.should_exit = True
        thread.join()


if __name__ == "__main__":
    main()
