"""The outermost pure ASGI layers: request id, access log, metrics, unexpected errors; and the limit on bodies.

Written against ASGI itself because a middleware of the framework's costs more than the handler of a small answer.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable, Mapping
from logging import Logger
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_service.errors import MEDIA_TYPE, Problem, TooLarge, encode, translate
from search_service.logs import Metrics, clean_path, clean_query
from search_service.privacy import scrub, scrub_id

_REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")
UNTIMED = "/v1/admin/"
UNMATCHED = "unmatched"


class Guard:
    """Gives each request an id (the caller's `X-Request-ID` if harmless), logs and counts it, hides defects.

    What takes longer than `timeout` seconds is answered with 504, except under `/v1/admin`, where long loads are made.
    """

    def __init__(
        self,
        app: ASGIApp,
        log: Logger,
        metrics: Metrics,
        clock: Callable[[], float] = time.perf_counter,
        timeout: float | None = None,
    ) -> None:
        self._app = app
        self._timeout = timeout
        self._log = log
        self._metrics = metrics
        self._clock = clock
        self._ids = map(f"{secrets.token_hex(6)}-{{:x}}".format, itertools.count(1))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; only HTTP is guarded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or next(self._ids)
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, request_id)
        started = self._clock()
        try:
            async with asyncio.timeout(None if scope["path"].startswith(UNTIMED) else self._timeout):
                await self._app(scope, receive, answer.send)
        except Exception as error:
            await self._fail(error, answer, request_id)
        finally:
            self._note(scope, answer, self._clock() - started, request_id)

    async def _fail(self, error: Exception, answer: _Answer, request_id: str) -> None:
        problem = translate(error)
        if problem is None:
            problem = Problem("The service failed on this request. Report the request_id to the operator.")
            self._log.error("unexpected error", extra={"fields": {"request_id": request_id, **_where(error)}})
        if not answer.status:
            await refuse(problem, answer.send, request_id)

    def _note(self, scope: Scope, answer: _Answer, seconds: float, request_id: str) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        status = answer.status or 499
        self._metrics.requests.labels(scope["method"], route, str(status)).inc()
        self._metrics.latency.labels(route).observe(seconds)
        if not self._log.isEnabledFor(logging.INFO):
            return
        fields = {"request_id": request_id, "method": scope["method"], "path": clean_path(scope["path"])}
        fields |= {"query": clean_query(scope.get("query_string", b"")), "status": status}
        self._log.info("request", extra={"fields": fields | {"ms": round(seconds * 1000, 2), "bytes": answer.bytes}})


class _Answer:
    """Watches what is sent, and adds the request id to the head."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._header = (b"x-request-id", request_id.encode())
        self.status = 0
        self.bytes = 0

    async def send(self, message: Message) -> None:
        """Pass one ASGI message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", ()), self._header]}
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)


class BodyLimit:
    """Refuses bodies over a limit with 413, whether announced by `Content-Length` or streamed.

    `longer` gives other limits, in bytes, for paths that start with its keys; the longest key counts.
    """

    def __init__(self, app: ASGIApp, limit: int, longer: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._limit = limit
        self._longer = sorted((longer or {}).items(), key=lambda item: -len(item[0]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next((size for prefix, size in self._longer if scope["path"].startswith(prefix)), self._limit)
        if (announced := _announced(scope)) is not None and announced > limit:
            await self._refuse(scope, send, limit)
            return
        meter = _Meter(receive, send, limit)
        try:
            await self._app(scope, meter.receive, meter.send)
        except Exception:
            if not meter.over:
                raise
        if meter.over and not meter.started:
            await self._refuse(scope, send, limit)

    async def _refuse(self, scope: Scope, send: Send, limit: int) -> None:
        detail = f"The body is over the limit of {limit} bytes. Send it in smaller batches."
        await refuse(TooLarge(detail), send, scope.get("state", {}).get("request_id", ""))


class _Over(Exception):
    """Ends the reading of a body that is over its limit."""


class _Meter:
    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._left = receive, send, limit
        self.over = False
        self.started = False

    async def receive(self) -> Message:
        """The next message; raises `_Over` once the limit is passed."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.over = True
            raise _Over
        return message

    async def send(self, message: Message) -> None:
        """Pass on, unless the answer is only about the broken body."""
        if not self.over or self.started:
            self.started = True
            await self._send(message)


async def refuse(problem: Problem, send: Send, request_id: str) -> None:
    """Send `problem` as a whole answer."""
    body = encode(problem, request_id)
    headers = {"content-type": MEDIA_TYPE, "content-length": str(len(body)), **problem.headers}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def _given_id(scope: Scope) -> str:
    """The caller's own request id, empty if there is none or a log could not hold it."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
    return scrub_id(given) if _REQUEST_ID.fullmatch(given) else ""


def _announced(scope: Scope) -> int | None:
    text = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(text) if text.isdigit() else None


def _where(error: Exception) -> dict[str, Any]:
    """What a log may say of a defect: its kind, its place and its message without VINs; never the whole trace."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno} {frames[-1].name}" if frames else ""
    return {"error": type(error).__name__, "at": place, "message": scrub(str(error))[:200]}
