"""The one place that knows which engines there are."""

from __future__ import annotations

from pathlib import Path

from indexers.engine.embedded import EmbeddedEngine
from indexers.engine.errors import EngineRejected
from indexers.engine.port import Engine

KINDS = ("embedded", "opensearch")


def open_engine(
    kind: str,
    *,
    root: Path | None = None,
    url: str | None = None,
    shards: int = 1,
    search_timeout: float = 5.0,
    connections: int = 32,
    verify_certificates: bool = True,
    ca_certificates: str | None = None,
    heap_bytes: int | None = None,
    threads: int | None = None,
    prefix: str = "partfit",
) -> Engine:
    """`embedded` keeps its generations in folders under `root`; `opensearch` in indices of the cluster at `url`.

    `url` may hold `user:password@` and several comma-separated nodes; `search_timeout` is in seconds. `heap_bytes` and
    `threads` are the embedded writer's; `prefix` begins the names of the indices that keep generation and
    model files. Nothing is contacted or created yet. Raises `EngineRejected` for an unknown kind or a missing place.
    """
    if kind == "embedded":
        if root is None:
            raise EngineRejected("the embedded engine needs a folder")
        given = {"heap_bytes": heap_bytes, "threads": threads}
        return EmbeddedEngine(root, **{name: value for name, value in given.items() if value is not None})
    if kind == "opensearch":
        if not url:
            raise EngineRejected("the OpenSearch engine needs a URL")
        from indexers.engine.opensearch import OpenSearchEngine  # its driver takes a fifth of a second to import
        from indexers.engine.opensearch.cluster import Access

        access = Access(
            url,
            search_timeout=search_timeout,
            connections=connections,
            verify_certificates=verify_certificates,
            ca_certificates=ca_certificates,
        )
        return OpenSearchEngine(access, shards=shards, prefix=prefix)
    raise EngineRejected(f"{kind!r} is no engine: {' or '.join(KINDS)}")
