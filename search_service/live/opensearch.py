"""Live state in OpenSearch indices, so that API workers hold none and can be on any machine.

Differences to SQLite that a caller may notice: documents of one `put` become visible one by one, their counter moves
when all are; erased documents leave the disk when the server merges its segments.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any
from uuid import uuid4

from search_service.live.errors import LiveUnavailable, StaleWrite
from search_service.live.model import Event, Price, PriceChange, PriceRow, Query, StockChange, StockRow, Who
from search_service.live.opensearch_calls import CONFLICT, Calls, Cluster, Operation, id_of
from search_service.live.opensearch_log import MAPPINGS, EventIndex
from search_service.live.port import Forgotten, Kind
from search_service.live.retention import Retention

DOCUMENTS, STOCK, PRICES = "live", "stock", "prices"
COUNTERS, LOCKS, OPT_OUTS = "counters", "locks", "opt_outs"
LEASE_SECONDS = 60.0  # after which the lock of a writer that died may be taken over
LOAD_GROUP = 2000  # events a loading file hands to the committing thread at once
TRIES = 50

_KEYWORD = {"type": "keyword"}
_UNSEARCHED = {"type": "keyword", "index": False, "doc_values": False}
_NUMBERED = {"id": _KEYWORD, "part_id": _KEYWORD, "sequence": {"type": "long"}, "flipped": {"type": "long"}}
_ALL = {
    DOCUMENTS: {"dynamic": False, "properties": {"kind": _KEYWORD, "key": _KEYWORD, "body": _UNSEARCHED}},
    STOCK: {"dynamic": False, "properties": _NUMBERED},
    PRICES: {"dynamic": False, "properties": _NUMBERED},
    **MAPPINGS,
}


class OpenSearchLive:
    """The store on a cluster. Use `open_opensearch`."""

    def __init__(self, calls: Calls, queue: int, retention: Retention, clock: Callable[[], float] = time.time) -> None:
        self._calls = calls
        self._clock = clock
        self._threads = threading.Lock()
        self._out: tuple[int, frozenset[str]] = (0, frozenset())
        self._log = EventIndex(calls, self._opt_outs, queue, retention)
        self._closed = False

    def ping(self) -> None:
        """Ask the cluster."""
        self._calls.ping()

    def close(self) -> None:
        """Write what is queued and close the connections."""
        if not self._closed:
            self._closed = True
            self._log.close()
            self._calls.close()

    def versions(self) -> Mapping[str, int]:
        """All change counters, as they are now."""
        self._check()
        found = self._calls.documents(DOCUMENTS, [id_of(COUNTERS, kind) for kind in Kind])
        return {kind.value: int(doc.source["value"]) for kind, doc in zip(Kind, found, strict=True) if doc}

    def get(self, kind: Kind, key: str) -> bytes | None:
        """One document, as it is now."""
        self._check()
        (found,) = self._calls.documents(DOCUMENTS, [id_of(kind, key)])
        return None if found is None else str(found.source["body"]).encode()

    def items(self, kind: Kind) -> Iterator[tuple[str, bytes]]:
        """Documents by key."""
        self._check()
        for _, source in self._calls.scan(DOCUMENTS, {"term": {"kind": kind}}, ("key",)):
            yield source["key"], source["body"].encode()

    def put(self, kind: Kind, documents: Mapping[str, bytes | None]) -> None:
        """One bulk request a thousand."""
        self._check()
        if documents:
            self._calls.bulk(DOCUMENTS, [_document(kind, *item) for item in documents.items()], refresh=True)
            self._count(kind)

    def swap(self, kind: Kind, key: str, expected: bytes | None, new: bytes) -> bool:
        """By the document's version."""
        self._check()
        operation = _document(kind, key, new)
        (found,) = self._calls.documents(DOCUMENTS, [operation.id])
        if (None if found is None else str(found.source["body"]).encode()) != expected:
            return False
        written = operation._replace(create=found is None, only_if=found)
        if self._calls.bulk(DOCUMENTS, [written], refresh=True) == [CONFLICT]:
            return False
        self._count(kind)
        return True

    def put_stock(self, rows: Sequence[StockRow]) -> int:
        """Under the lock of stock."""
        last = {id_of(row.part_id, row.store_id): row for row in rows}
        with self._numbered(Kind.STOCK) as sequence:
            old = self._calls.documents(STOCK, list(last))
            changed = [
                Operation(id_, _stock(id_, row, was.source if was else {}, sequence))
                for (id_, row), was in zip(last.items(), old, strict=True)
                if was is None or was.source.get("quantity") != row.quantity
            ]
            self._calls.bulk(STOCK, changed, refresh=True)
        return sequence

    def stock_since(self, sequence: int) -> Iterator[StockChange]:
        """By sequence, then id."""
        for source in self._since(STOCK, "sequence", sequence):
            yield StockChange(source["part_id"], source["store_id"], source["quantity"], source["sequence"])

    def flipped_since(self, sequence: int) -> Iterator[str]:
        """In no particular order."""
        return iter({source["part_id"] for source in self._since(STOCK, "flipped", sequence)})

    def put_prices(self, rows: Sequence[PriceRow]) -> int:
        """Under the lock of prices."""
        last = {id_of(row.part_id): row for row in rows}
        with self._numbered(Kind.PRICES) as sequence:
            old = self._calls.documents(PRICES, list(last))
            changed = [
                Operation(id_, _price(id_, row, sequence))
                for (id_, row), was in zip(last.items(), old, strict=True)
                if was is None or _price_in(was.source) != row.price
            ]
            self._calls.bulk(PRICES, changed, refresh=True)
        return sequence

    def prices_since(self, sequence: int) -> Iterator[PriceChange]:
        """By sequence, then id."""
        for source in self._since(PRICES, "sequence", sequence):
            yield PriceChange(source["part_id"], _price_in(source), source["sequence"])

    async def submit(self, events: Sequence[Event]) -> None:
        """Through the committing thread."""
        await self._log.submit(events)

    def append(self, events: Iterable[Event]) -> None:
        """In groups, through the committing thread."""
        rest = iter(events)
        while group := list(islice(rest, LOAD_GROUP)):
            self._log.wait(group)

    def log(self, query: Query) -> bool:
        """Queue a query."""
        return self._log.offer(query)

    def flush(self) -> None:
        """Wait for the committing thread."""
        self._log.wait([])

    def recent(self, who: Who, limit: int = 50) -> list[Event]:
        """From the log."""
        self._check()
        return self._log.recent(who, limit)

    def events(self, since: int = 0, until: int | None = None) -> Iterator[Event]:
        """From the log."""
        self._check()
        return self._log.events(since, until)

    def queries(self, since: int = 0, until: int | None = None) -> Iterator[Query]:
        """From the log."""
        self._check()
        return self._log.queries(since, until)

    def opt_out(self, identity: str, out: bool = True) -> None:
        """A document of its own kind."""
        self._check()
        body = b"out" if out else None
        self._calls.bulk(DOCUMENTS, [_document(OPT_OUTS, identity, body)], refresh=True)
        self._count(OPT_OUTS)

    def opted_out(self, who: Who) -> bool:
        """Look all ids up."""
        self._check()
        return bool(self._opt_outs() & {who.user_id, who.session_id, who.client_id})

    def forget(self, user_id: str) -> Forgotten:
        """Profile, events and queries."""
        known = self.get(Kind.USERS, user_id) is not None
        if known:
            self.put(Kind.USERS, {user_id: None})
        events, queries = self._log.forget(user_id)
        return Forgotten(events, queries, known)

    def expire(self, before: int) -> int:
        """Events and queries."""
        self._check()
        return self._log.expire(before)

    def _check(self) -> None:
        if self._closed:
            raise LiveUnavailable("the store is closed")

    def _since(self, index: str, field: str, sequence: int) -> Iterator[dict[str, Any]]:
        self._check()
        query = {"range": {field: {"gt": sequence}}}
        return (source for _, source in self._calls.scan(index, query, (field, "id")))

    def _opt_outs(self) -> frozenset[str]:
        """All of them, read again when their counter moved."""
        (found,) = self._calls.documents(DOCUMENTS, [id_of(COUNTERS, OPT_OUTS)])
        version = int(found.source["value"]) if found else 0
        if version != self._out[0]:
            ids = self._calls.scan(DOCUMENTS, {"term": {"kind": OPT_OUTS}}, ("key",))
            self._out = (version, frozenset(source["key"] for _, source in ids))
        return self._out[1]

    def _count(self, kind: str) -> None:
        """Move a counter by one, whoever else does at the same time."""
        id_ = id_of(COUNTERS, kind)
        for _ in range(TRIES):
            (found,) = self._calls.documents(DOCUMENTS, [id_])
            value = int(found.source["value"]) + 1 if found else 1
            operation = Operation(id_, {"kind": COUNTERS, "key": kind, "value": value}, found is None, found)
            if self._calls.bulk(DOCUMENTS, [operation], refresh=False) != [CONFLICT]:
                return
            time.sleep(0.005)
        raise StaleWrite(f"{TRIES} other writers of {kind} came first")

    @contextmanager
    def _numbered(self, kind: Kind) -> Iterator[int]:
        """The next sequence number, for one writer at a time; the counter shows it when the block ends."""
        self._check()
        with self._threads, self._leased(kind):
            (found,) = self._calls.documents(DOCUMENTS, [id_of(COUNTERS, kind)])
            yield (int(found.source["value"]) if found else 0) + 1
            self._count(kind)

    @contextmanager
    def _leased(self, kind: Kind) -> Iterator[None]:
        """A lock over all machines: a document that only one writer can create."""
        id_, owner = id_of(LOCKS, kind), uuid4().hex
        give_up = self._clock() + 2 * LEASE_SECONDS
        while self._calls.bulk(DOCUMENTS, [self._lease(id_, owner)], refresh=False) == [CONFLICT]:
            (found,) = self._calls.documents(DOCUMENTS, [id_])
            if found is not None and float(found.source["until"]) < self._clock():
                self._calls.bulk(DOCUMENTS, [Operation(id_, None, only_if=found)], refresh=False)
            elif self._clock() > give_up:
                raise LiveUnavailable(f"another writer holds {kind}")
            else:
                time.sleep(0.02)
        try:
            yield
        finally:
            self._release(id_, owner)

    def _lease(self, id_: str, owner: str) -> Operation:
        return Operation(id_, {"kind": LOCKS, "owner": owner, "until": self._clock() + LEASE_SECONDS}, create=True)

    def _release(self, id_: str, owner: str) -> None:
        """Unless somebody took it over, because the lease ran out."""
        (found,) = self._calls.documents(DOCUMENTS, [id_])
        if found is not None and found.source["owner"] == owner:
            self._calls.bulk(DOCUMENTS, [Operation(id_, None, only_if=found)], refresh=False)


def open_opensearch(
    cluster: Cluster,
    prefix: str = "partfit",
    replicas: int = 0,
    queue: int = 20_000,
    retention: Retention | None = None,
) -> OpenSearchLive:
    """The store on `cluster` (closed with it) under index names that start with `prefix`. Contacts nothing yet.

    Without a `retention` every event is kept.
    """
    return OpenSearchLive(Calls(cluster, prefix, _ALL, replicas), queue, retention or Retention(None))


def _document(kind: str, key: str, body: bytes | None) -> Operation:
    source = None if body is None else {"kind": kind, "key": key, "body": body.decode()}
    return Operation(id_of(kind, key), source)


def _stock(id_: str, row: StockRow, was: Mapping[str, Any], sequence: int) -> dict[str, Any]:
    flips = ((was.get("quantity") or 0) > 0) != ((row.quantity or 0) > 0)
    return {
        "id": id_,
        "part_id": row.part_id,
        "store_id": row.store_id,
        "quantity": row.quantity,
        "updated_at": row.updated_at,
        "sequence": sequence,
        "flipped": sequence if flips else was.get("flipped", 0),
    }


def _price(id_: str, row: PriceRow, sequence: int) -> dict[str, Any]:
    price = row.price
    own = {"amount": None, "currency": None} if price is None else {"amount": price.amount, "currency": price.currency}
    return {"id": id_, "part_id": row.part_id, "sequence": sequence, **own}


def _price_in(source: Mapping[str, Any]) -> Price | None:
    return None if source["amount"] is None else Price(float(source["amount"]), source["currency"])
