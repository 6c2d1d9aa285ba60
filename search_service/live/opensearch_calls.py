"""The few calls to OpenSearch that the live state needs, over the engine's cluster; only what a bare server has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple, Protocol

from indexers.engine.errors import EngineError
from search_service.live.errors import LiveUnavailable

PAGE = 2000  # hits of one page of a scan
CHUNK = 1000  # operations of one bulk request: about half a megabyte of events
LONGEST_ID = 480  # bytes; the server takes 512
CONFLICT = 409


class Cluster(Protocol):
    """What is used of `indexers.engine.opensearch.cluster.Cluster`. Calls raise `EngineError`."""

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """The decoded answer."""
        ...

    def lines(
        self,
        path: str,
        lines: Iterable[Any],
        *,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """POST one JSON text a line."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


class Found(NamedTuple):
    """A document with what is needed to replace exactly this version of it."""

    source: dict[str, Any]
    seq_no: int
    primary_term: int


class Operation(NamedTuple):
    """One line of a bulk request; `source` None deletes. `only_if` is the version to replace, `create` wants none."""

    id: str
    source: dict[str, Any] | None
    create: bool = False
    only_if: Found | None = None


class Calls:
    """Calls on the indices of one prefix, which are made on first use."""

    def __init__(self, cluster: Cluster, prefix: str, mappings: Mapping[str, Mapping[str, Any]], replicas: int) -> None:
        self._cluster = cluster
        self._prefix = prefix
        self._mappings = mappings
        self._replicas = replicas
        self._ready: set[str] = set()
        self._making = Lock()

    def ping(self) -> None:
        """Return if the indices are there and the cluster answers."""
        with translated():
            self._cluster.call("GET", "/")
        self._prepare(*self._mappings)

    def documents(self, index: str, ids: Sequence[str]) -> list[Found | None]:
        """Documents by id as they are now, refreshed or not, in the order asked."""
        self._prepare(index)
        found: list[Found | None] = []
        with translated():
            for start in range(0, len(ids), CHUNK):
                body = {"ids": list(ids[start : start + CHUNK])}
                answer = self._cluster.call("POST", f"/{self._name(index)}/_mget", body)
                found.extend(_found(document) for document in answer["docs"])
        return found

    def bulk(self, index: str, operations: Sequence[Operation], *, refresh: bool) -> list[int]:
        """Run operations; the status of each. Conflicts and missing documents are statuses, other failures raise."""
        self._prepare(index)
        statuses: list[int] = []
        with translated():
            for start in range(0, len(operations), CHUNK):
                lines = [line for op in operations[start : start + CHUNK] for line in _lines(op)]
                params = {"refresh": "true"} if refresh else {}
                answer = self._cluster.lines(f"/{self._name(index)}/_bulk", lines, params=params)
                statuses.extend(_status(item) for item in answer["items"])
        return statuses

    def scan(
        self, index: str, query: Mapping[str, Any], sort: Sequence[str], fields: Sequence[str] | None = None
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """(id, source) of every match by ascending `sort` fields, which together are unique."""
        after: list[Any] | None = None
        while True:
            hits = self.search(index, query, [{field: "asc"} for field in sort], PAGE, fields, after)
            yield from ((hit["_id"], hit.get("_source", {})) for hit in hits)
            if len(hits) < PAGE:
                return
            after = hits[-1]["sort"]

    def search(
        self,
        index: str,
        query: Mapping[str, Any],
        sort: Sequence[Mapping[str, str]],
        size: int,
        fields: Sequence[str] | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Hits of one page."""
        self._prepare(index)
        body: dict[str, Any] = {"query": query, "sort": list(sort), "size": size, "track_total_hits": False}
        body |= {"_source": list(fields)} if fields is not None else {}
        body |= {"search_after": list(after)} if after is not None else {}
        params = {"allow_partial_search_results": "false"}
        with translated():
            hits: list[dict[str, Any]] = self._cluster.call(
                "POST", f"/{self._name(index)}/_search", body, params=params
            )["hits"]["hits"]
        return hits

    def refresh(self, *indices: str) -> None:
        """Make everything written searchable."""
        self._prepare(*indices)
        with translated():
            self._cluster.call("POST", f"/{','.join(self._name(index) for index in indices)}/_refresh")

    def erase(self, index: str, query: Mapping[str, Any], sort: Sequence[str]) -> int:
        """Delete every match; how many there were. (A bare 2.19 server has no `_delete_by_query`.)"""
        self.refresh(index)
        gone = [Operation(id_, None) for id_, _ in self.scan(index, query, sort, ())]
        self.bulk(index, gone, refresh=True)
        return len(gone)

    def close(self) -> None:
        """Close the cluster's connections."""
        self._cluster.close()

    def _name(self, index: str) -> str:
        return f"{self._prefix}-{index}"

    def _prepare(self, *indices: str) -> None:
        for index in indices:
            if index in self._ready:
                continue
            with self._making, translated():
                if not self._is_there(index):
                    self._make(index)
                self._wait_for(index)
            self._ready.add(index)

    def _wait_for(self, index: str) -> None:
        """An index that another worker is just making is listed before its shard answers."""
        self._cluster.call("GET", f"/_cluster/health/{self._name(index)}", params={"wait_for_status": "yellow"})

    def _make(self, index: str) -> None:
        settings = {"index": {"number_of_shards": 1, "number_of_replicas": self._replicas}}
        try:
            self._cluster.call(
                "PUT", f"/{self._name(index)}", {"settings": settings, "mappings": self._mappings[index]}
            )
        except EngineError:
            if not self._is_there(index):  # else another worker made it between
                raise

    def _is_there(self, index: str) -> bool:
        listed = self._cluster.call("GET", f"/_cat/indices/{self._name(index)}*", params={"format": "json"})
        return any(row["index"] == self._name(index) for row in listed)


def id_of(*parts: str) -> str:
    """A document id of several texts, hashed when longer than the server takes."""
    text = "\x1f".join(parts)
    return text if len(text.encode()) <= LONGEST_ID else sha256(text.encode()).hexdigest()


@contextmanager
def translated() -> Iterator[None]:
    """The engine's failures as this room's."""
    try:
        yield
    except EngineError as error:
        raise LiveUnavailable(f"live state: {error}") from error


def _found(document: Mapping[str, Any]) -> Found | None:
    if "error" in document:
        raise LiveUnavailable(f"live state: {document['error'].get('reason')}")
    if not document.get("found"):
        return None
    return Found(document["_source"], document["_seq_no"], document["_primary_term"])


def _lines(operation: Operation) -> Iterator[dict[str, Any]]:
    head: dict[str, Any] = {"_id": operation.id}
    if operation.only_if is not None:
        head |= {"if_seq_no": operation.only_if.seq_no, "if_primary_term": operation.only_if.primary_term}
    if operation.source is None:
        yield {"delete": head}
    else:
        yield {"create" if operation.create else "index": head}
        yield operation.source


def _status(item: Mapping[str, Mapping[str, Any]]) -> int:
    outcome = next(iter(item.values()))
    status = int(outcome["status"])
    if status >= 300 and status not in (404, CONFLICT):
        raise LiveUnavailable(f"live state: {outcome.get('error', {}).get('reason')} ({status})")
    return status
