"""What is asked of a store of live state. Two adapters answer, `sqlite` and `opensearch`, held to one contract suite.

Documents are small JSON texts under (kind, key). Stock and prices are numbered instead: each write gets the next
sequence number of its kind, so that a reader asks only for what changed. Reads see every write that returned before,
in any process. Every method raises `LiveUnavailable` when the store does not answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from search_service.live.model import (
    Event,
    PriceChange,
    PriceRow,
    Query,
    StockChange,
    StockRow,
    Who,
)


class Kind(StrEnum):
    """What a change counter counts. `STOCK` and `PRICES` are numbered, the others hold documents."""

    STOCK = "stock"
    PRICES = "prices"
    STORES = "stores"
    PROMOTIONS = "promotions"
    USERS = "users"
    POLICIES = "policies"
    HISTORY = "history"
    EXPERIMENTS = "experiments"
    POINTERS = "pointers"


class Forgotten(NamedTuple):
    """How much of a user was erased."""

    events: int
    queries: int
    profile: bool


class LiveStore(Protocol):
    """Safe to use from several threads. Made open; `close` ends it."""

    def ping(self) -> None:
        """Return if the store answers."""
        ...

    def close(self) -> None:
        """Write what is queued, then let go. Later calls raise `LiveUnavailable`."""
        ...

    def versions(self) -> Mapping[str, int]:
        """Change counter by kind (absent = 0): for stock and prices the highest sequence number. Cheap."""
        ...

    def get(self, kind: Kind, key: str) -> bytes | None:
        """One document, None if there is none."""
        ...

    def items(self, kind: Kind) -> Iterator[tuple[str, bytes]]:
        """Every document of a kind by ascending key."""
        ...

    def put(self, kind: Kind, documents: Mapping[str, bytes | None]) -> None:
        """Add or replace documents; None deletes. All or none is visible."""
        ...

    def swap(self, kind: Kind, key: str, expected: bytes | None, new: bytes) -> bool:
        """Write `new` only if the document still is `expected` (None = absent); False if it is not."""
        ...

    def put_stock(self, rows: Sequence[StockRow]) -> int:
        """Write stock rows, the last of equal (part, store) wins; returns the sequence number of stock after it.

        A row that says what is already there is no change.
        """
        ...

    def stock_since(self, sequence: int) -> Iterator[StockChange]:
        """Rows last changed after `sequence`, taken-back ones too, by ascending sequence; 0 gives all."""
        ...

    def flipped_since(self, sequence: int) -> Iterator[str]:
        """Parts, each once, that some store came to have or ran out of after `sequence`."""
        ...

    def put_prices(self, rows: Sequence[PriceRow]) -> int:
        """Write prices; returns the sequence number of prices after it."""
        ...

    def prices_since(self, sequence: int) -> Iterator[PriceChange]:
        """Prices last changed after `sequence`, taken-back ones too, by ascending sequence; 0 gives all."""
        ...

    async def submit(self, events: Sequence[Event]) -> None:
        """Keep events; returns when they are durable and visible to `recent` everywhere. Raises `LiveBusy`.

        An event kept before (same key) is not kept twice. Events of ids that opted out lose their ids first.
        """
        ...

    def append(self, events: Iterable[Event]) -> None:
        """`submit` for loading files: blocks, and never raises `LiveBusy`."""
        ...

    def log(self, query: Query) -> bool:
        """Keep an answered query soon, without waiting; False if too much is queued and it was dropped."""
        ...

    def flush(self) -> None:
        """Wait until everything queued before is written."""
        ...

    def recent(self, who: Who, limit: int = 50) -> list[Event]:
        """Latest events, newest first: the user's, the session's, the device's while nobody else was signed in."""
        ...

    def events(self, since: int = 0, until: int | None = None) -> Iterator[Event]:
        """Events with `since <= at < until` by ascending time."""
        ...

    def queries(self, since: int = 0, until: int | None = None) -> Iterator[Query]:
        """Logged queries with `since <= at < until` by ascending time."""
        ...

    def opt_out(self, identity: str, out: bool = True) -> None:
        """Stop (or resume) keeping ids with the events of a user, session or client id."""
        ...

    def opted_out(self, who: Who) -> bool:
        """True if any of the ids opted out."""
        ...

    def forget(self, user_id: str) -> Forgotten:
        """Erase a user: profile, events and queries, the anonymous ones of his sessions and devices too."""
        ...

    def expire(self, before: int) -> int:
        """Erase events and queries older than `before`; returns how many."""
        ...
