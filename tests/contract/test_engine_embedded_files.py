"""The embedded engine's folders: shared by clones, locked while written, and damage told as the port's errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import tantivy

from indexers.engine.embedded import EmbeddedEngine
from indexers.engine.embedded.faults import translated
from indexers.engine.embedded.schema import build_schema
from indexers.engine.embedded.writer import EmbeddedWriter
from indexers.engine.errors import EngineRejected, EngineUnavailable
from indexers.engine.plan import Band, Everything, SearchPlan
from indexers.engine.port import Document

HEAP = 30_000_000


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    return EmbeddedEngine(tmp_path, heap_bytes=HEAP, threads=1)


def write(engine: EmbeddedEngine, name: str, clone_of: str | None = None) -> None:
    with engine.writer(name, clone_of) as writer:
        writer.add(documents(2000 if clone_of is None else 1))


def documents(count: int) -> Iterator[Document]:
    return ({"ord": n, "title": f"pad w{n % 40}", "slots": [n, n + 7]} for n in range(count))


def segment_files(folder: Path, ending: str) -> list[Path]:
    return sorted(folder.glob(f"*.{ending}"))


def test_a_clone_shares_its_segment_files(engine: EmbeddedEngine, tmp_path: Path) -> None:
    """A delta costs the space of the delta: what did not change is one file under two names."""
    write(engine, "first")
    write(engine, "second", clone_of="first")
    for file in segment_files(tmp_path / "first", "idx"):
        assert (tmp_path / "second" / file.name).stat().st_ino == file.stat().st_ino


def test_a_generation_is_written_by_one_writer(engine: EmbeddedEngine, tmp_path: Path) -> None:
    """A second writer on the same folder, of this or another process, is turned away, and the first goes on."""
    with engine.writer("g") as writer:
        second = EmbeddedWriter(tmp_path / "g", cloned=False, heap_bytes=HEAP, threads=1)
        with pytest.raises(EngineUnavailable, match="LockBusy"):
            second.__enter__()
        writer.add([{"ord": 0}])
    assert engine.reader("g").count() == 1


def test_a_truncated_file_is_unavailable(engine: EmbeddedEngine, tmp_path: Path) -> None:
    """Half a file is found when the generation is opened or at the first search, never taken for an answer."""
    write(engine, "g")
    for file in segment_files(tmp_path / "g", "term"):
        file.write_bytes(file.read_bytes()[:20])
    with pytest.raises(EngineUnavailable):
        engine.reader("g").search(SearchPlan(Everything(), (Band("all", Everything()),), 5))


def test_a_panic_of_the_engine_is_unavailable() -> None:
    """The Rust side panics outside `Exception`, as on damaged files; any panic stands for them (here a limit of 0)."""
    searcher = tantivy.Index(build_schema()).searcher()
    with pytest.raises(EngineUnavailable, match="damaged"), translated("search"):
        searcher.search(tantivy.Query.all_query(), 0)


def test_an_interruption_passes_through() -> None:
    """Ctrl-C is nobody's engine error."""
    with pytest.raises(KeyboardInterrupt), translated("search"):
        raise KeyboardInterrupt


def test_a_writer_is_used_inside_its_block(engine: EmbeddedEngine) -> None:
    """Before and after, adding is refused."""
    writer = engine.writer("g")
    with pytest.raises(EngineUnavailable):
        writer.add([{"ord": 0}])
    with writer:
        pass
    with pytest.raises(EngineUnavailable):
        writer.delete([0])


def test_a_heap_too_small_is_refused(tmp_path: Path) -> None:
    """tantivy wants 15 MB a thread; the message comes through."""
    engine = EmbeddedEngine(tmp_path, heap_bytes=1_000, threads=1)
    with pytest.raises(EngineRejected, match="memory"), engine.writer("g"):
        pass
