"""UBI 1.3.0 events: from the bytes of a request to events worth keeping, with one reason for each that is not.

The published schema asks `oneOf` an enum and any string for `action_name` and `object_id_type`, which its own
standard values fail; any string passes here. `null` counts as absent, unknown keys are kept. `event_id` (an extra
key, at the top or in `event_attributes`) or else the whole content makes an event the same event when sent twice.
"""

from __future__ import annotations

import codecs
import datetime
import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Annotated, Any, NamedTuple

import msgspec

from indexers.careful import explain
from indexers.wording import no_json
from search_service.errors import Invalid, TooLarge
from search_service.live.model import Event, Query, wire_time
from search_service.privacy import LENGTH as SHORTEST_VIN
from search_service.privacy import scrub, scrub_id, scrub_tree

Short = Annotated[str, msgspec.Meta(max_length=100)]
Id = Annotated[str, msgspec.Meta(max_length=256)] | int
NDJSON_TYPES = frozenset(
    f"application/{name}" for name in ("x-ndjson", "ndjson", "jsonl", "x-jsonl", "jsonlines", "x-jsonlines", "json-seq")
)
IDENTITIES = ("query_id", "session_id", "client_id", "user_id")
NOT_KEPT = "user_token"  # proof of identity for this request only
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?P<zone>[Zz]|[+-]\d\d:?\d\d)?")
_LONG_TEXT = re.compile(rb'"[^"]{%d}' % SHORTEST_VIN)
"""Found in the JSON of every value that holds a text as long as a VIN, for a VIN holds no quote."""


class _Xy(msgspec.Struct):
    x: float
    y: float


class _Position(msgspec.Struct):
    ordinal: int | None = None
    xy: _Xy | None = None


class _Object(msgspec.Struct):
    object_id: Id
    object_id_type: Short | None = None
    object_id_field: Short | None = None
    internal_id: Id | None = None


class _Attributes(msgspec.Struct):
    position: _Position
    object: _Object | None = None


class _Event(msgspec.Struct):
    action_name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    timestamp: str
    application: Short | None = None
    query_id: Short | None = None
    session_id: Short | None = None
    client_id: Short | None = None
    user_id: Short | None = None
    message_type: Short | None = None
    message: Annotated[str, msgspec.Meta(max_length=1024)] | None = None
    user_query: str | None = None
    event_attributes: _Attributes | None = None
    event_id: Id | None = None


class Rejected(msgspec.Struct, frozen=True):
    """Why the item at `index` (from 0, blank lines not counted) was not accepted. `field` is dotted, "" the item."""

    index: int
    field: str
    reason: str


class Accepted(NamedTuple):
    """An event worth keeping, the user token it came with, and the user id as it was sent, which a token signs."""

    event: Event
    user_token: str | None
    signed_id: str | None


class Parsed(NamedTuple):
    """What became of a batch, each in the order sent."""

    accepted: list[Accepted]
    rejected: list[Rejected]

    @property
    def events(self) -> list[Event]:
        """The accepted events alone."""
        return [item.event for item in self.accepted]


class _Refused(Exception):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def parse_events(body: bytes, content_type: str, now: int, limit: int = 1000) -> Parsed:
    """Read one event, a list of events, or NDJSON (by content type, or by its looks); `now` is in milliseconds.

    Raises `Invalid` if the body as a whole is no JSON, `TooLarge` for more than `limit` items.
    """
    items = _items(body.removeprefix(codecs.BOM_UTF8), content_type)
    if len(items) > limit:
        raise TooLarge(f"{len(items)} events in one batch; at most {limit} are taken. Split the batch.")
    accepted: list[Accepted] = []
    rejected: list[Rejected] = []
    for index, item in enumerate(items):
        try:
            accepted.append(_event(_decode(item), now))
        except _Refused as refused:
            rejected.append(Rejected(index, scrub(refused.field), scrub(refused.reason)))
        except RecursionError:
            rejected.append(Rejected(index, "", "is nested too deeply"))
    return Parsed(accepted, rejected)


def event_of(document: Mapping[str, Any], now: int) -> Event | Rejected:
    """One decoded event, as a file holds it; a `Rejected` has index 0."""
    try:
        return _event(dict(document), now).event
    except _Refused as refused:
        return Rejected(0, scrub(refused.field), scrub(refused.reason))
    except UnicodeEncodeError:
        return Rejected(0, "", "holds text that is no Unicode (a lone surrogate)")
    except RecursionError:
        return Rejected(0, "", "is nested too deeply")


def anonymous(event: Event) -> Event:
    """The event without the ids that name a person or a device; it keeps its key, so it still counts once."""
    gone = ("session_id", "client_id", "user_id")
    document = {name: value for name, value in event.document().items() if name not in gone}
    body = msgspec.json.encode(document)
    return msgspec.structs.replace(event, body=body, session_id=None, client_id=None, user_id=None)


def without_user(event: Event) -> Event:
    """The event without its user id, for one whose user token does not hold."""
    document = {name: value for name, value in event.document().items() if name != "user_id"}
    return msgspec.structs.replace(event, body=msgspec.json.encode(document), user_id=None)


def clean_query(query: Query, out: frozenset[str]) -> Query:
    """A query as the log keeps it: no VIN in it, and no ids if one of them is among `out`, the opted out."""
    attributes: dict[str, Any] = scrub_tree(query.query_attributes)
    query = msgspec.structs.replace(query, user_query=scrub(query.user_query), query_attributes=attributes)
    if not out or not out & {query.user_id, query.session_id, query.client_id}:
        return query
    return msgspec.structs.replace(query, user_id=None, session_id=None, client_id=None)


def clean_event(event: Event, out: frozenset[str]) -> Event:
    """An event as the log keeps it: without the ids of a person if one of them is among `out`."""
    return anonymous(event) if out and out & {event.user_id, event.session_id, event.client_id} else event


def _items(body: bytes, content_type: str) -> list[bytes | msgspec.Raw]:
    start = body.lstrip()[:1]
    if content_type.partition(";")[0].strip().lower() in NDJSON_TYPES:
        return list(_lines(body))
    if start == b"[":
        return list(_json(body, list[msgspec.Raw]))
    lines = list(_lines(body))
    if len(lines) > 1 and all(line.startswith(b"{") and line.endswith(b"}") for line in lines):
        return list(lines)
    return [_json(body, msgspec.Raw)]


def _lines(body: bytes) -> Iterator[bytes]:
    return (line for part in body.splitlines() if (line := part.strip(b" \t\r\n\x1e")))


def _json(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid.of("body", f"{no_json(error, body)}; send one event, a list, or one event a line") from None


def _decode(item: bytes | msgspec.Raw) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(item)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _Refused("", no_json(error, bytes(item))) from None
    if not isinstance(document, dict):
        raise _Refused("", "an event is a JSON object")
    return document


def _event(sent: dict[str, Any], now: int) -> Accepted:
    token = sent.pop(NOT_KEPT, None)
    document = _clean({name: value for name, value in sent.items() if value is not None})
    checked = _checked(document)
    at = moment(checked.timestamp, "timestamp")
    if not _is_wire_time(checked.timestamp):
        document["timestamp"] = wire_time(at)
    shown = checked.event_attributes
    thing = shown.object if shown else None
    return Accepted(
        Event(
            key=_key(document, checked, at),
            at=min(at, now),
            action=checked.action_name,
            body=msgspec.json.encode(document),
            application=checked.application,
            query_id=checked.query_id,
            session_id=checked.session_id,
            client_id=checked.client_id,
            user_id=checked.user_id,
            object_id=None if thing is None else str(thing.object_id),
            ordinal=_ordinal(shown),
        ),
        token if isinstance(token, str) else None,
        sent.get("user_id"),
    )


def _ordinal(shown: _Attributes | None) -> int | None:
    """Ranks beyond 32 bits are kept in the body only: no store has a column for them."""
    ordinal = shown.position.ordinal if shown else None
    return ordinal if ordinal is not None and abs(ordinal) < 2**31 else None


def _clean(document: dict[str, Any]) -> dict[str, Any]:
    """Every text scrubbed; identifiers by the stricter rule, so that users and parts stay apart."""
    clean: dict[str, Any] = {}
    for name, value in document.items():
        if name == "event_attributes":
            clean[name] = _clean_attributes(value)
        elif isinstance(value, str):
            short = len(value) < SHORTEST_VIN
            clean[name] = value if short else scrub_id(value) if name in IDENTITIES else scrub(value)
        else:
            clean[name] = scrub_tree(value)
    return clean


def _clean_attributes(attributes: Any) -> Any:
    if _LONG_TEXT.search(msgspec.json.encode(attributes)) is None:
        return attributes
    if not isinstance(attributes, dict) or not isinstance(thing := attributes.get("object"), dict):
        return scrub_tree(attributes)
    clean: dict[str, Any] = scrub_tree({name: value for name, value in attributes.items() if name != "object"})
    ids = {name: thing[name] for name in ("object_id", "internal_id") if isinstance(thing.get(name), str)}
    clean["object"] = scrub_tree(thing) | {name: scrub_id(value) for name, value in ids.items()}
    return clean


def _whole_ordinal(document: dict[str, Any]) -> None:
    """JSON Schema counts 1.0 as an integer."""
    attributes = document.get("event_attributes")
    position = attributes.get("position") if isinstance(attributes, dict) else None
    ordinal = position.get("ordinal") if isinstance(position, dict) else None
    if isinstance(position, dict) and isinstance(ordinal, float) and ordinal.is_integer():
        position["ordinal"] = int(ordinal)


def _checked(document: dict[str, Any]) -> _Event:
    _whole_ordinal(document)
    try:
        event = msgspec.convert(document, _Event)
    except msgspec.ValidationError as error:
        refused = explain(error, document)
        raise _Refused(refused.field, refused.reason) from None
    shown = event.event_attributes
    if shown is not None and (shown.position.ordinal is None) == (shown.position.xy is None):
        raise _Refused("event_attributes.position", "needs exactly one of `ordinal` (integer) and `xy` ({x, y})")
    return event


def moment(text: str, field: str) -> int:
    """An ISO 8601 date-time with a zone as milliseconds since 1970. Raises `_Refused`."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise _Refused(field, f"{text[:40]!r} is no ISO 8601 date-time such as 2026-11-22T09:15:02.118Z")
    if match["zone"] is None:
        raise _Refused(field, f"{text[:40]!r} has no time zone; add Z or an offset")
    try:
        then = datetime.datetime.fromisoformat(text.strip().upper()).astimezone(datetime.UTC)
        return round((then - _EPOCH) / _MILLISECOND)
    except (ValueError, OverflowError):
        raise _Refused(field, f"{text[:40]!r} is no date that exists") from None


_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND = datetime.timedelta(milliseconds=1)


def _is_wire_time(moment: str) -> bool:
    """Whether a valid date-time is already written as `wire_time` writes it."""
    return len(moment) == 24 and moment[10] == "T" and moment[19] == "." and moment[23] == "Z"


def _key(document: Mapping[str, Any], event: _Event, at: int) -> bytes:
    """16 bytes. Those of whole contents ascend with the time of the event, so that new ones are neighbours on disk."""
    own = event.event_id
    if own is None and event.event_attributes is not None:
        own = document["event_attributes"].get("event_id")
    if isinstance(own, str | int):
        return _digest(["id", event.application, event.client_id, event.session_id, event.user_id, own], 16)
    return (at + _FIRST).to_bytes(6, "big") + _digest(document, 10)


def _digest(content: Any, size: int) -> bytes:
    return blake2b(msgspec.json.encode(content, order="sorted"), digest_size=size).digest()


_FIRST = 62_135_596_800_000
"""Milliseconds from the least time a date-time can name to 1970."""
