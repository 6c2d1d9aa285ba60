"""Between HTTP and the rooms: parameters in, bytes out, and where the work runs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl

import msgspec
from anyio import to_thread
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from search_service.parameters import Parameters
from search_service.runtime import Runtime

T = TypeVar("T")
JSON = "application/json"
_encode = msgspec.json.Encoder().encode


class Direct(APIRoute):
    """A route whose handler takes the request and the parameters of its path, and gives the response.

    Nothing is resolved or converted in between, which is a third of a small answer (`benchmarks/events.py`) and more
    than reading the parameters of a search.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler itself, told the path's parameters as text."""
        handle = self.endpoint

        async def direct(request: Request) -> Response:
            return cast("Response", await handle(request, **request.path_params))

        return direct


def runtime_of(request: Request) -> Runtime:
    """The process's runtime, put there by the composition root."""
    return cast("Runtime", request.app.state.runtime)


def query_parameters(request: Request) -> Parameters:
    """Parameters of the query string, in order."""
    return Parameters(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))


async def parameters_of(request: Request) -> Parameters:
    """Parameters of the query string (GET) or of the JSON body (POST)."""
    if request.method == "POST":
        return Parameters.from_json(await request.body())
    return query_parameters(request)


async def answered(request: Request, work: Callable[[Runtime], T]) -> Response:
    """Run `work` and send what it returns as JSON.

    The embedded engine answers within the event loop: handing over to a thread costs more than the search, and the
    lock hand-over is what makes tails long. A remote engine is waited for in a thread.
    """
    runtime = runtime_of(request)
    result: Any = await to_thread.run_sync(work, runtime) if runtime.remote else work(runtime)
    return Response(_encode(result), media_type=JSON)


def json_response(result: Any, status: int = 200) -> Response:
    """Any struct or builtin as JSON."""
    return Response(_encode(result), status, media_type=JSON)
