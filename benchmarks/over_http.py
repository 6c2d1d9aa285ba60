"""What HTTP adds to `answer()`: a request's time outside of it, against a bare ASGI answer of the same bytes.

Two medians of some milliseconds each, taken one after the other, differ by more than the tenths that are looked for. So
the time inside is taken within each request and subtracted from that request. The bare application does the same
work first, likewise subtracted, and then sends the bytes it was given: else it alone would find its code and buffers in
the processor's caches. `alone` is without that. `answer()` called without HTTP takes turns with both.
"""

from __future__ import annotations

import http.client
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import urlencode

import uvicorn

from search_service import pipeline
from search_service.app import create_app
from search_service.request import SearchRequest
from search_service.runtime import Runtime
from search_service.settings import Settings

START_SECONDS = 120.0


class OverHttp(NamedTuple):
    """Times of one request, or medians over several, in milliseconds; `size` in bytes."""

    over: float
    bare: float
    alone: float
    inside: float
    called: float
    size: int

    def __str__(self) -> str:
        return (
            f"over answer() {self.over:.2f} = {self.over / self.bare:.2f} x a bare ASGI answer of the same "
            f"{self.size:,} bytes after the same work ({self.bare:.2f}; alone {self.alone:.2f}); "
            f"answer() {self.inside:.2f} within a request, {self.called:.2f} without HTTP"
        )


def over_http(
    settings: Settings, runtime: Runtime, asked: Sequence[SearchRequest], clock: Callable[[], float]
) -> OverHttp:
    """Ask each search over HTTP and without, in random order; `clock` in seconds."""
    watch = _Watch(pipeline.answer, clock)
    bare = _Bare(lambda one: watch(runtime, one))
    choose, found = random.Random(3), list[OverHttp]()
    with (
        patch.object(pipeline, "answer", watch),
        served(create_app(settings, runtime)) as port,
        served(bare) as bare_port,
    ):
        client, bare_client = (http.client.HTTPConnection("127.0.0.1", one) for one in (port, bare_port))
        for one in [*asked[: max(1, len(asked) // 10)], *asked]:
            path = f"/v1/search?{urlencode(parameters_of(one))}"
            bare.first, bare.body = one, get(client, path)
            ways: list[tuple[str, Callable[[], Any]]] = [
                ("over", partial(get, client, path)),
                ("bare", partial(get, bare_client, "/")),
                ("called", partial(watch, runtime, one)),
            ]
            times = {name: watch.around(ask) for name, ask in choose.sample(ways, len(ways))}
            bare.first = None
            alone, _ = watch.around(partial(get, bare_client, "/"))
            seconds = (times["over"][0], times["bare"][0], alone, times["over"][1], times["called"][1])
            found.append(OverHttp(*(1000 * one for one in seconds), len(bare.body)))
    *told, size = (statistics.median(some) for some in zip(*found[-len(asked) :], strict=True))
    return OverHttp(*told, round(size))


class _Watch:
    """Calls a function and keeps how long it took last, in seconds."""

    def __init__(self, work: Callable[..., Any], clock: Callable[[], float]) -> None:
        self._work, self._clock = work, clock
        self._inside = 0.0

    def __call__(self, *given: Any, **named: Any) -> Any:
        """What the function returns."""
        started = self._clock()
        try:
            return self._work(*given, **named)
        finally:
            self._inside = self._clock() - started

    def around(self, ask: Callable[[], Any]) -> tuple[float, float]:
        """Seconds that `ask` took outside and inside of the function."""
        self._inside, started = 0.0, self._clock()
        ask()
        return self._clock() - started - self._inside, self._inside


class _Bare:
    """The least an ASGI application can do to answer with `body`, after `work` on `first` if there is one."""

    body = b""
    first: SearchRequest | None = None

    def __init__(self, work: Callable[[SearchRequest], Any]) -> None:
        self._work = work

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            if self.first is not None:
                self._work(self.first)
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(self.body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": self.body})


def parameters_of(request: SearchRequest) -> dict[str, Any]:
    """A search as the parameters it was read from."""
    return {"q": request.q, **{one.attribute: one.shown[0] for one in request.vehicle.given}}


def get(client: http.client.HTTPConnection, path: str) -> bytes:
    """The body of an answer."""
    client.request("GET", path)
    response = client.getresponse()
    body = response.read()
    assert response.status == 200, body
    return body


@contextmanager
def served(app: Any) -> Iterator[int]:
    """A server on a free port of this machine, in a thread; gives the port."""
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


@contextmanager
def serving(settings: Settings) -> Iterator[tuple[int, int]]:
    """`partfit serve` with these settings in a process of its own; gives its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = {
        **os.environ,
        "PARTFIT_ENGINE": settings.engine.value,
        "PARTFIT_OPENSEARCH_URL": ",".join(settings.opensearch_url),
        "PARTFIT_DATA_DIR": os.fspath(settings.data_dir),
        "PARTFIT_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-c", "from search_service.cli import main; main()", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def _wait(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            client.request("GET", "/readyz")
            if client.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            client.close()
        time.sleep(0.2)
    raise TimeoutError("the server did not become ready")
