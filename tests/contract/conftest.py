"""The engines and live stores every contract test runs on."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from indexers.engine.factory import open_engine
from indexers.engine.opensearch.cluster import Access, Cluster
from indexers.engine.port import Document, Engine, Reader
from search_service.live.opensearch import open_opensearch
from search_service.live.port import LiveStore
from search_service.live.sqlite import open_sqlite

Build = Callable[[Iterable[Document]], Reader]

Again = Callable[[], LiveStore]

SHARDS = 3


@pytest.fixture(
    params=[
        pytest.param("embedded", id="embedded"),
        pytest.param("opensearch", id="opensearch", marks=pytest.mark.opensearch),
    ]
)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A fresh engine of each kind. On OpenSearch three shards; embedded writes from two threads."""
    if request.param == "embedded":
        opened = open_engine("embedded", root=tmp_path / "engine", heap_bytes=60_000_000, threads=2)
    else:
        url = request.getfixturevalue("opensearch_url")
        opened = open_engine(
            "opensearch", url=url, shards=SHARDS, search_timeout=30.0, prefix=f"t{uuid.uuid4().hex[:12]}"
        )
    yield opened
    opened.close()


@pytest.fixture
def fresh_name(engine: Engine) -> Iterator[Callable[[], str]]:
    """Gives generation names nobody else uses, and drops those generations afterwards."""
    given: list[str] = []

    def name() -> str:
        given.append(f"test-{uuid.uuid4().hex[:12]}")
        return given[-1]

    yield name
    for generation in given:
        engine.drop(generation)


@pytest.fixture
def build(engine: Engine, fresh_name: Callable[[], str]) -> Build:
    """Writes documents as one generation and opens it.

    Embedded they are committed in three steps, each a clone of the one before, so that there are several segments.
    """
    steps = 3 if engine.name == "embedded" else 1

    def built(documents: Iterable[Document]) -> Reader:
        waiting = list(documents)
        step = -(-len(waiting) // steps) or 1
        last: str | None = None
        for start in range(0, max(len(waiting), 1), step):
            name = fresh_name()
            with engine.writer(name, clone_of=last) as writer:
                writer.add(waiting[start : start + step])
            last = name
        assert last is not None
        return engine.reader(last)

    return built


@pytest.fixture(
    params=[
        pytest.param("sqlite", id="sqlite"),
        pytest.param("opensearch", id="opensearch", marks=pytest.mark.opensearch),
    ]
)
def again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Again]:
    """Opens the same store once more, as another worker process would."""
    opened: list[LiveStore] = []
    url = request.getfixturevalue("opensearch_url") if request.param == "opensearch" else ""
    prefix = f"live-{uuid.uuid4().hex[:12]}"

    def opener() -> LiveStore:
        store: LiveStore
        store = open_opensearch(Cluster(Access(url)), prefix) if url else open_sqlite(tmp_path / "live")
        opened.append(store)
        return store

    yield opener
    for store in opened:
        store.close()
    if url:
        cluster = Cluster(Access(url))
        for row in cluster.call("GET", f"/_cat/indices/{prefix}*", params={"format": "json"}):
            cluster.call("DELETE", f"/{row['index']}")
        cluster.close()


@pytest.fixture
def store(again: Again) -> LiveStore:
    """A live store of each kind, empty."""
    return again()
