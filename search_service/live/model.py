"""What the live state holds, as values. Times are milliseconds since 1970 (UTC) unless a name says otherwise."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

ONLINE = "online"  # the store id of the web warehouse


class Store(msgspec.Struct, frozen=True):
    """A shop one can walk into. `name` maps a language to text; no place is None."""

    store_id: str
    name: dict[str, str] = {}
    city: str = ""
    lat: float | None = None
    lon: float | None = None
    services: tuple[str, ...] = ()
    hours: dict[str, Any] = {}


class StockRow(msgspec.Struct, frozen=True):
    """What one store has of one part; `quantity` None takes the row back (stock there is unknown again)."""

    part_id: str
    store_id: str
    quantity: int | None
    updated_at: int


class StockChange(msgspec.Struct, frozen=True, array_like=True):
    """A stock row as kept; `sequence` is the number of the write that last changed it."""

    part_id: str
    store_id: str
    quantity: int | None
    sequence: int


class Price(msgspec.Struct, frozen=True):
    """An amount in major units of an ISO 4217 currency."""

    amount: float
    currency: str


class PriceRow(msgspec.Struct, frozen=True):
    """The present price of a part; None falls back to the price of its generation."""

    part_id: str
    price: Price | None


class PriceChange(msgspec.Struct, frozen=True, array_like=True):
    """A price as kept; `sequence` is the number of the write that last changed it."""

    part_id: str
    price: Price | None
    sequence: int


class Promotion(msgspec.Struct, frozen=True):
    """A lower price or another advantage for some parts, from `start` to `end` (inclusive, None open).

    Either `part_ids` names the parts or every key of `match` must hold one of its values. `kind` `percent` takes
    `value` per cent off, `amount` that amount, `price` sets the price; other kinds only show their label. Empty
    `stores` and `member_levels` mean all.
    """

    promotion_id: str
    kind: str
    value: float | None = None
    part_ids: tuple[str, ...] = ()
    match: dict[str, tuple[str, ...]] = {}
    start: int | None = None
    end: int | None = None
    stores: tuple[str, ...] = ()
    member_levels: tuple[str, ...] = ()
    label: dict[str, str] = {}
    currency: str | None = None
    to: str = ""


class User(msgspec.Struct, frozen=True):
    """A customer as the shop describes him; his garage holds vehicle ids, the first is the usual car."""

    user_id: str
    member_level: str | None = None
    garage: tuple[str, ...] = ()
    attributes: dict[str, Any] = {}


class Event(msgspec.Struct, frozen=True):
    """One accepted UBI event. `key` is 16 bytes that the same event always has; `body` its scrubbed JSON.

    `at` is the event's own time, but never after it was received. `object_id` is text even where a number was sent.
    """

    key: bytes
    at: int
    action: str
    body: bytes
    application: str | None = None
    query_id: str | None = None
    session_id: str | None = None
    client_id: str | None = None
    user_id: str | None = None
    object_id: str | None = None
    ordinal: int | None = None

    def document(self) -> dict[str, Any]:
        """The event as UBI writes it."""
        document: dict[str, Any] = msgspec.json.decode(self.body)
        return document

    @property
    def attributes(self) -> dict[str, Any]:
        """`event_attributes`, empty if it has none."""
        attributes: dict[str, Any] = self.document().get("event_attributes") or {}
        return attributes


class Query(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answered query as UBI 1.3.0 logs it; `query_response_hit_ids` are its impressions, best first."""

    query_id: str
    user_query: str
    timestamp: str
    at: int
    application: str | None = None
    session_id: str | None = None
    client_id: str | None = None
    user_id: str | None = None
    object_id_field: str = "part_id"
    query_attributes: dict[str, Any] = {}
    query_response_id: str | None = None
    query_response_hit_ids: tuple[str, ...] = ()


class Who(msgspec.Struct, frozen=True):
    """By what a person is known in one request; any may be missing."""

    user_id: str | None = None
    session_id: str | None = None
    client_id: str | None = None


class PolicyVersion(msgspec.Struct, frozen=True):
    """One immutable policy text. `source` is file, command or console."""

    version: str
    body: str
    created_at: str
    source: str
    note: str = ""


class Publication(msgspec.Struct, frozen=True):
    """One entry of the policy history. `goes_back_to` is the history number a rollback from here restores."""

    number: int
    version: str
    at: str
    source: str
    action: str
    goes_back_to: int | None = None


def wire_time(milliseconds: int) -> str:
    """`2026-11-22T09:15:02.118Z`: the only form that OpenSearch's `strict_date_time` never drops."""
    moment = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
