"""The event and query logs as two OpenSearch indices of UBI documents, written by one committing thread a process."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import msgspec

from search_service.live.committer import GroupCommit
from search_service.live.model import Event, Query, Who
from search_service.live.opensearch_calls import Calls, Operation, id_of
from search_service.live.retention import Retention
from search_service.live.ubi import clean_event, clean_query

EVENTS, QUERIES = "ubi-events", "ubi-queries"
KEPT_APART = frozenset({"key", "at", "arrived"})  # members of a stored event that are not UBI's

_KEYWORD = {"type": "keyword", "ignore_above": 1024}
_IDS = dict.fromkeys(("application", "query_id", "session_id", "client_id", "user_id"), _KEYWORD)
_TIMES = {
    "timestamp": {"type": "date", "ignore_malformed": True},
    "at": {"type": "long"},
    "arrived": {"type": "long"},
    "key": _KEYWORD,
}
_SHOWN = {
    "dynamic": False,
    "properties": {
        "position": {
            "dynamic": False,
            "properties": {"ordinal": {"type": "integer", "ignore_malformed": True}},
        },
        "object": {"dynamic": False, "properties": {"object_id": _KEYWORD, "object_id_field": _KEYWORD}},
    },
}
MAPPINGS: dict[str, dict[str, Any]] = {
    EVENTS: {
        "dynamic": False,
        "properties": {**_IDS, **_TIMES, "action_name": _KEYWORD, "user_query": _KEYWORD, "event_attributes": _SHOWN},
    },
    QUERIES: {
        "dynamic": False,
        "properties": {**_IDS, **_TIMES, "user_query": _KEYWORD, "query_response_hit_ids": _KEYWORD},
    },
}
_ORDER = {EVENTS: ("at", "arrived", "key"), QUERIES: ("at", "query_id")}
_LAST = 2**62

Item: TypeAlias = "Event | Query"


class EventIndex:
    """Writes through `calls`; `opted_out` gives the ids that opted out; `queue` items may wait."""

    def __init__(self, calls: Calls, opted_out: Callable[[], frozenset[str]], queue: int, retention: Retention) -> None:
        self._calls = calls
        self._retention = retention
        self._opted_out = opted_out
        self._arrivals = itertools.count(time.time_ns())
        self._counting = threading.Lock()
        self._commits: GroupCommit[Item] = GroupCommit(self._write, queue)

    async def submit(self, events: Sequence[Event]) -> None:
        """Return once the events are written and searchable."""
        await self._commits.submit(events)

    def wait(self, events: Sequence[Event]) -> None:
        """The same, blocking and without a limit."""
        self._commits.wait(events, room=_LAST)

    def offer(self, query: Query) -> bool:
        """Queue a query without waiting."""
        return self._commits.offer([query])

    def close(self) -> None:
        """Write what is queued."""
        self._commits.close()

    def recent(self, who: Who, limit: int) -> list[Event]:
        """Newest first; equal times by arrival."""
        wanted = _of_person(who)
        if not wanted:
            return []
        query = {"bool": {"should": wanted, "minimum_should_match": 1}}
        newest = [{"at": "desc"}, {"arrived": "desc"}, {"key": "desc"}]
        return [_event(hit["_source"]) for hit in self._calls.search(EVENTS, query, newest, limit)]

    def events(self, since: int, until: int | None) -> Iterator[Event]:
        """By time, then arrival."""
        return (_event(source) for _, source in self._between(EVENTS, since, until))

    def queries(self, since: int, until: int | None) -> Iterator[Query]:
        """By time, then id."""
        self._calls.refresh(QUERIES)
        return (msgspec.convert(source, Query) for _, source in self._between(QUERIES, since, until))

    def forget(self, user_id: str) -> tuple[int, int]:
        """Erase the user's documents, and those without a user of the sessions and clients he used."""
        self.wait([])
        self._calls.refresh(EVENTS, QUERIES)
        query = _traces(user_id, {name: self._used(user_id, name) for name in ("session_id", "client_id")})
        return self._calls.erase(EVENTS, query, _ORDER[EVENTS]), self._calls.erase(QUERIES, query, _ORDER[QUERIES])

    def expire(self, before: int) -> int:
        """Erase documents older than `before`."""
        query = {"range": {"at": {"lt": before}}}
        return sum(self._calls.erase(index, query, _ORDER[index]) for index in (EVENTS, QUERIES))

    def _between(self, index: str, since: int, until: int | None) -> Iterator[tuple[str, dict[str, Any]]]:
        span = {"gte": since} | ({} if until is None else {"lt": until})
        return self._calls.scan(index, {"range": {"at": span}}, _ORDER[index])

    def _used(self, user_id: str, name: str) -> list[str]:
        mine = {"term": {"user_id": user_id}}
        found = (
            source.get(name)
            for index in (EVENTS, QUERIES)
            for _, source in self._calls.scan(index, mine, _ORDER[index], (name,))
        )
        return sorted({identity for identity in found if identity})

    def _write(self, items: list[Item]) -> None:
        if not items:
            return
        out = self._opted_out()
        events = [self._operation(clean_event(item, out)) for item in items if isinstance(item, Event)]
        queries = [_query_operation(clean_query(item, out)) for item in items if isinstance(item, Query)]
        self._calls.bulk(EVENTS, events, refresh=True)
        self._calls.bulk(QUERIES, queries, refresh=False)
        self._retention.apply(self.expire)

    def _operation(self, event: Event) -> Operation:
        """Creating, not indexing: the same event sent again is a conflict, which is no failure."""
        key = event.key.hex()
        with self._counting:
            own = {"key": key, "at": event.at, "arrived": next(self._arrivals)}
        return Operation(key, {**event.document(), **own}, create=True)


def _of_person(who: Who) -> list[dict[str, Any]]:
    nobody = {"bool": {"must_not": {"exists": {"field": "user_id"}}}}
    his: list[dict[str, Any]] = [nobody]
    if who.user_id is not None:
        his.append({"term": {"user_id": who.user_id}})
    wanted: list[dict[str, Any]] = []
    if who.user_id is not None:
        wanted.append({"term": {"user_id": who.user_id}})
    if who.session_id is not None:
        same = {"term": {"session_id": who.session_id}}
        wanted.append(same if who.user_id is None else _both(same, his))
    if who.client_id is not None:
        wanted.append(_both({"term": {"client_id": who.client_id}}, his))
    return wanted


def _both(one: dict[str, Any], any_of: list[dict[str, Any]]) -> dict[str, Any]:
    return {"bool": {"filter": [one, {"bool": {"should": any_of, "minimum_should_match": 1}}]}}


def _traces(user_id: str, used: dict[str, list[str]]) -> dict[str, Any]:
    nobody = {"bool": {"must_not": {"exists": {"field": "user_id"}}}}
    anonymous_ones = [_both({"terms": {name: ids}}, [nobody]) for name, ids in used.items() if ids]
    return {"bool": {"should": [{"term": {"user_id": user_id}}, *anonymous_ones], "minimum_should_match": 1}}


def _event(source: dict[str, Any]) -> Event:
    document = {name: value for name, value in source.items() if name not in KEPT_APART}
    attributes = document.get("event_attributes") or {}
    thing = attributes.get("object") or {}
    ordinal = attributes.get("position", {}).get("ordinal")
    return Event(
        key=bytes.fromhex(source["key"]),
        at=source["at"],
        action=source["action_name"],
        body=msgspec.json.encode(document),
        application=source.get("application"),
        query_id=source.get("query_id"),
        session_id=source.get("session_id"),
        client_id=source.get("client_id"),
        user_id=source.get("user_id"),
        object_id=str(thing["object_id"]) if "object_id" in thing else None,
        ordinal=ordinal if ordinal is not None and abs(ordinal) < 2**31 else None,
    )


def _query_operation(query: Query) -> Operation:
    return Operation(id_of(query.query_id), msgspec.to_builtins(query))
