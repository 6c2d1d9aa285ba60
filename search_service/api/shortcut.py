"""Routes without parameters in their path, looked up instead of matched one after the other.

The framework's own way to a handler (matching, exit stacks, two layers of exception handling) costs as much processor
time as reading a search's parameters and encoding its answer together (`benchmarks/over_http.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from search_service.api.http import Direct
from search_service.errors import answer_known, translate


class Shortcut:
    """The innermost layer before the framework's routing; everything it does not know goes on to `app`."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._routes = {
            (method, route.path): route
            for route in routes
            if isinstance(route, Direct) and not route.param_convertors
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        asked = (scope.get("method", ""), scope.get("path", ""))
        route = None if scope.get("root_path") else self._routes.get(asked)
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        request = Request(scope, receive)
        try:
            response = await route.endpoint(request)
        except Exception as error:
            if translate(error) is None:
                raise
            response = await answer_known(request, error)
        await response(scope, receive, send)
