"""Building one generation on a cluster by bulk requests, with an outcome for every document."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from indexers.engine.errors import EngineRejected, EngineUnavailable
from indexers.engine.opensearch.cluster import Cluster, IndexMissing, to_json
from indexers.engine.opensearch.mapping import KINDS
from indexers.engine.opensearch.waits import TRIES, waits
from indexers.engine.port import Document
from indexers.schema import ORD

MAX_CHUNK_BYTES = 10 * 1024 * 1024
MAX_CHUNK_ITEMS = 2_000
BUSY = (429, 503)


class OpenSearchWriter:
    """Implements `Writer`. `seed` makes the jitter of the waits repeatable; `wait` sleeps for seconds."""

    def __init__(
        self, cluster: Cluster, index: str, *, seed: int = 0, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._cluster = cluster
        self._index = index
        self._random = random.Random(seed)
        self._wait = wait
        self._chunk: list[bytes] = []
        self._bytes = 0
        self._open = False

    def __enter__(self) -> Self:
        self._open = True
        return self

    def add(self, documents: Iterable[Document]) -> None:
        """Add or replace by `ord`; documents are sent in chunks of up to 10 MiB as they come."""
        self._check_open()
        for document in documents:
            action = to_json({"index": {"_id": _identity(document)}})
            self._put(action + b"\n" + to_json(document) + b"\n")

    def delete(self, ordinals: Iterable[int]) -> None:
        """Delete by `ord`; an unknown one is no error."""
        self._check_open()
        for ordinal in ordinals:
            self._put(to_json({"delete": {"_id": str(ordinal)}}) + b"\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        if error is not None:
            self._discard()
            return
        try:
            self._send()
            self._finish()
        except BaseException:
            self._discard()
            raise

    def _put(self, entry: bytes) -> None:
        if self._bytes + len(entry) > MAX_CHUNK_BYTES or len(self._chunk) >= MAX_CHUNK_ITEMS:
            self._send()
        self._chunk.append(entry)
        self._bytes += len(entry)

    def _send(self) -> None:
        """Send what has gathered; refused-for-now items again and again, with growing waits."""
        pending, self._chunk, self._bytes = self._chunk, [], 0
        for pause in waits(self._random):
            if not pending:
                return
            if pause:
                self._wait(pause)
            pending = self._sent(pending)
        if pending:
            raise EngineUnavailable(f"{self._index}: {len(pending)} documents were refused {TRIES} times: too busy")

    def _sent(self, entries: list[bytes]) -> list[bytes]:
        """Send once; the entries to be sent again. A bulk request is safe to repeat: every document has its id."""
        try:
            answer = self._cluster.call("POST", f"/{self._index}/_bulk", b"".join(entries))
        except IndexMissing as error:
            raise EngineRejected(f"{self._index} is gone") from error
        except EngineUnavailable:
            return entries
        if not answer["errors"]:
            return []
        outcomes = [next(iter(item.values())) for item in answer["items"]]
        return [entry for entry, outcome in zip(entries, outcomes, strict=True) if _is_busy(outcome)]

    def _finish(self) -> None:
        """Make everything searchable, allow replicas, and forbid writes, which is what marks the index complete."""
        self._cluster.call("POST", f"/{self._index}/_refresh")
        settings = {"auto_expand_replicas": "0-1", "refresh_interval": "1s", "blocks.write": True}
        self._cluster.call("PUT", f"/{self._index}/_settings", {"index": settings})

    def _discard(self) -> None:
        try:
            self._cluster.call("DELETE", f"/{self._index}", params={"ignore_unavailable": "true"})
        except IndexMissing:
            return

    def _check_open(self) -> None:
        if not self._open:
            raise EngineUnavailable("the writer is used outside its block")


def _identity(document: Document) -> str:
    ordinal = document.get(ORD.name)
    if not isinstance(ordinal, int) or isinstance(ordinal, bool) or ordinal < 0:
        raise EngineRejected(f"ord must be an integer from 0, not {ordinal!r}")
    if not document.keys() <= KINDS.keys():
        raise EngineRejected(f"unknown fields {sorted(document.keys() - KINDS.keys())} in document {ordinal}")
    return str(ordinal)


def _is_busy(outcome: dict[str, Any]) -> bool:
    """True if the item should be sent again. Raises `EngineRejected` if it never will be taken."""
    status = outcome["status"]
    if status in BUSY:
        return True
    if status < 300 or (status == 404 and outcome.get("result") == "not_found"):
        return False
    error = outcome.get("error") or {}
    cause = error.get("caused_by") or {}
    raise EngineRejected(f"document {outcome.get('_id')}: {error.get('reason')} {cause.get('reason') or ''}".strip())
