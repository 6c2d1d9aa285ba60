"""Everything that goes wrong on the way to an answer, as RFC 9457 `application/problem+json`, in one table.

Problem
├── Unauthorized 401   no or a wrong admin key
├── Forbidden 403      the key does not allow this
├── NotFound 404       an id that is not held
├── TooLarge 413       a body or a batch over its limit
├── Invalid 422        a malformed request; names fields
│   └── ForgedToken    a stamp or cursor that we did not sign
├── TooMany 429        too much at once; carries `Retry-After`
├── Unavailable 503    the engine or the live state does not answer
│   └── NotReady       nothing is published yet
└── OutOfTime 504      an answer did not come in time
InvalidSettings        settings from the environment that cannot be used

`FOREIGN` translates what the other rooms raise. What is in neither place is a defect: 500, without its details.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeAlias, cast

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from fitment_rules.errors import InvalidRow, UnknownVehicle
from indexers.engine.errors import EngineTimeout, EngineUnavailable, GenerationMissing
from search_service.live.errors import LiveBusy, LiveUnavailable, PolicyMissing, StaleWrite
from search_service.privacy import scrub

MEDIA_TYPE = "application/problem+json"
SHOWN_VALUE = 80  # characters of a refused value that a message repeats


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, by the name the caller used for it."""

    field: str
    message: str


class Problem(Exception):
    """An answer that is an error. `detail` says what was wrong with which value and what to do."""

    status = 500
    slug = "internal"
    title = "Internal error"

    def __init__(
        self, detail: str, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


class Unauthorized(Problem):
    """No admin key was sent, or a wrong one."""

    status, slug, title = 401, "unauthorized", "Admin key needed"

    def __init__(self, detail: str = "Send the admin key as 'Authorization: Bearer KEY'.") -> None:
        super().__init__(detail, headers={"www-authenticate": "Bearer"})


class Forbidden(Problem):
    """The key sent does not allow this, or no admin key is set on this server."""

    status, slug, title = 403, "forbidden", "Not allowed"


class NotFound(Problem):
    """An id that is not held, or a path that does not exist."""

    status, slug, title = 404, "not-found", "Not found"


class TooLarge(Problem):
    """A body or a batch over its limit."""

    status, slug, title = 413, "too-large", "Too large"


class Invalid(Problem):
    """A malformed request. `Invalid.of("year", "...")` for the usual case of one field."""

    status, slug, title = 422, "invalid", "Malformed request"

    def __init__(self, errors: Sequence[FieldError], detail: str | None = None) -> None:
        super().__init__(detail or "; ".join(f"{error.field}: {error.message}" for error in errors), errors)

    @classmethod
    def of(cls, field: str, message: str) -> Invalid:
        """One field, one message."""
        return Invalid([FieldError(field, message)])


class ForgedToken(Invalid):
    """A sealed text that this server did not sign with its present key. `field` is `stamp` or `cursor`."""

    def __init__(self, field: str) -> None:
        super().__init__([FieldError(field, f"This {field} was not issued by this service; ask for a new one.")])


class TooMany(Problem):
    """Too much at once; worth another try after `retry_after` seconds."""

    status, slug, title = 429, "too-many", "Too many requests"

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail, headers={"retry-after": str(retry_after)})


class Unavailable(Problem):
    """Something an answer cannot do without does not answer."""

    status, slug, title = 503, "unavailable", "Not available"

    def __init__(self, detail: str, retry_after: int = 5) -> None:
        super().__init__(detail, headers={"retry-after": str(retry_after)})


class NotReady(Unavailable):
    """Nothing is published yet."""

    slug, title = "not-ready", "Not ready"

    def __init__(self, detail: str = "No generation is published yet. Run 'partfit index' or 'partfit demo'.") -> None:
        super().__init__(detail)


class OutOfTime(Problem):
    """The answer did not come in the time allowed."""

    status, slug, title = 504, "out-of-time", "Out of time"


class InvalidSettings(Exception):
    """Settings that cannot be used: variable name and what is wrong with it, never the value of a secret."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = tuple(errors)


def _invalid_row(error: InvalidRow) -> Problem:
    return Invalid.of(error.field, error.reason)


Translation: TypeAlias = "Callable[[Any], Problem]"

FOREIGN: Mapping[type[Exception], Translation] = {
    EngineUnavailable: lambda _: Unavailable("The search engine does not answer. Try again shortly."),
    EngineTimeout: lambda _: OutOfTime("The search engine did not answer in time. Narrow the query or try again."),
    GenerationMissing: lambda _: Unavailable("The generation asked for is just being replaced. Try again.", 1),
    UnknownVehicle: lambda e: NotFound(f"Unknown vehicle_id {e.vehicle_id!r}.", [FieldError("vehicle_id", str(e))]),
    InvalidRow: _invalid_row,
    LiveBusy: lambda e: TooMany("Too much is waiting to be written. Send again later.", e.retry_after),
    LiveUnavailable: lambda _: Unavailable("The store for live data does not answer. Try again shortly."),
    PolicyMissing: lambda e: NotFound(f"{str(e).capitalize()}."),
    StaleWrite: lambda _: TooMany("Somebody else changed the same record just now. Read it and try again."),
    TimeoutError: lambda _: OutOfTime("The answer did not come in time. Try again."),
}

_BY_STATUS: Mapping[int, tuple[str, str]] = {
    kind.status: (kind.slug, kind.title)
    for kind in (Unauthorized, Forbidden, NotFound, TooLarge, Invalid, TooMany, Unavailable, OutOfTime, Problem)
}


def encode(problem: Problem, request_id: str) -> bytes:
    """The body of a problem. VINs in its texts are squished."""
    return _body(problem.status, problem.slug, problem.title, problem.detail, problem.errors, request_id)


def translate(error: Exception) -> Problem | None:
    """The problem that an exception of this or another room means; None for a defect."""
    if isinstance(error, Problem):
        return error
    for kind in type(error).__mro__:
        if kind in FOREIGN:
            return FOREIGN[cast("type[Exception]", kind)](error)
    return None


def request_id_of(request: Request) -> str:
    """The id the guard gave this request; empty outside of it."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem. Unexpected ones are the guard's (`search_service.guard`)."""
    kinds: tuple[type[Exception], ...] = (Problem, *FOREIGN)
    for kind in kinds:
        app.add_exception_handler(kind, answer_known)
    app.add_exception_handler(RequestValidationError, _answer_malformed)
    app.add_exception_handler(HTTPException, _answer_http)


def from_validation(errors: Sequence[Mapping[str, Any]]) -> Invalid:
    """Pydantic's error list as one problem: fields by dotted name without `query` / `body` in front."""
    return Invalid([FieldError(_field(error["loc"]), _message(error)) for error in errors])


async def answer_known(request: Request, error: Exception) -> Response:
    """An error that `translate` knows, as the answer to a request."""
    problem = translate(error)
    assert problem is not None, "only known kinds are registered"
    return _response(problem, request)


async def _answer_malformed(request: Request, error: Exception) -> Response:
    return _response(from_validation(cast("RequestValidationError", error).errors()), request)


async def _answer_http(request: Request, error: Exception) -> Response:
    raised = cast("HTTPException", error)
    status = 422 if raised.status_code == 400 else raised.status_code
    slug, title = _BY_STATUS.get(status, (f"http-{status}", HTTPStatus(status).phrase))
    detail = f"Nothing at {request.url.path}." if status == 404 and raised.detail == "Not Found" else str(raised.detail)
    body = _body(status, slug, title, detail, (), request_id_of(request))
    return Response(body, status, dict(raised.headers or {}), MEDIA_TYPE)


def _response(problem: Problem, request: Request) -> Response:
    return Response(encode(problem, request_id_of(request)), problem.status, problem.headers, MEDIA_TYPE)


def _body(status: int, slug: str, title: str, detail: str, errors: Sequence[FieldError], request_id: str) -> bytes:
    return msgspec.json.encode(
        {
            "type": f"urn:partfit:problem:{slug}",
            "title": title,
            "status": status,
            "detail": _clean(detail),
            "errors": [{"field": _clean(error.field), "message": _clean(error.message)} for error in errors],
            "request_id": request_id,
        }
    )


def _clean(text: str) -> str:
    return scrub(text).encode("utf-8", "replace").decode()


def _field(location: Sequence[str | int]) -> str:
    parts = [str(part) for part in location]
    return ".".join(parts[1:] if parts[:1] in (["query"], ["body"], ["path"], ["header"]) else parts) or "body"


def _message(error: Mapping[str, Any]) -> str:
    given = error.get("input")
    if error["type"] == "missing" or given is None or isinstance(given, dict | list):
        return str(error["msg"])
    shown = str(given)
    return f"{error['msg']} (got {shown[:SHOWN_VALUE]!r})"
