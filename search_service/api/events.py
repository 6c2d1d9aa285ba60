"""`/v1/events`: what people did, durable before it is acknowledged; `/v1/opt-out`: who does not want that."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from search_service import opting_out
from search_service.api import openapi as doc
from search_service.api.http import Direct, answered, json_response, parameters_of, query_parameters, runtime_of
from search_service.errors import TooLarge
from search_service.live.model import Event
from search_service.live.ubi import Accepted, parse_events, without_user
from search_service.runtime import Runtime
from search_service.tokens import user_token_holds
from search_service.wire import EventsAnswer, OptOutAnswer

router = APIRouter(tags=["events"], route_class=Direct)

_WHO = [one for one in doc.PERSON if one["name"] in ("user_id", "session_id", "client_id", "user_token")]
_BODY = {"type": ["object", "array", "string"], "description": "A UBI 1.3.0 event, a list of them, or NDJSON."}


@router.post(
    "/v1/events",
    **doc.operation(
        EventsAnswer, body=_BODY, errors=(413, 429), body_types=("application/json", "application/x-ndjson")
    ),
)
async def events(request: Request) -> Response:
    """Take events; each that cannot be taken is named with its index, and the others count."""
    runtime = runtime_of(request)
    body = await request.body()
    if len(body) > runtime.settings.max_body_bytes:
        raise TooLarge(f"The batch has {len(body)} bytes; at most {runtime.settings.max_body_bytes} are taken.")
    parsed = parse_events(body, request.headers.get("content-type", ""), runtime.now(), runtime.settings.max_events)
    await runtime.live.submit([_trusted(runtime, one) for one in parsed.accepted])
    counted = request.app.state.metrics.events
    counted.labels("accepted").inc(len(parsed.accepted))
    counted.labels("rejected").inc(len(parsed.rejected))
    rejected = [msgspec.to_builtins(one) for one in parsed.rejected]
    return json_response(EventsAnswer(len(parsed.accepted), rejected))


@router.get("/v1/opt-out", **doc.operation(OptOutAnswer, _WHO))
async def opted_out(request: Request) -> Response:
    """Whether one of these ids opted out."""
    return await answered(request, opting_out.read_opt_out(query_parameters(request)).state)


@router.post(
    "/v1/opt-out", **doc.operation(OptOutAnswer, body=doc.body_of([*_WHO, doc.parameter("out", doc.BIT, "0 resumes.")]))
)
async def opt_out(request: Request) -> Response:
    """Keep no ids with what these users, visits or devices do from now on, and use no personal signal for them."""
    asked = opting_out.read_opt_out(await parameters_of(request), changes=True)
    return await answered(request, asked.apply)


def _trusted(runtime: Runtime, accepted: Accepted) -> Event:
    """The event; without its user id where the operator asks for proof and there is none."""
    key, event = runtime.settings.user_key, accepted.event
    if key is None or event.user_id is None or accepted.signed_id is None:
        return event
    held = user_token_holds(accepted.signed_id, accepted.user_token, key.get_secret_value())
    return event if held else without_user(event)
