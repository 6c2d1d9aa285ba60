"""Generations on both engines: written aside, complete or not there, cloned, replaced, deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from indexers.engine.errors import EngineError, EngineRejected, EngineUnavailable, GenerationMissing
from indexers.engine.factory import open_engine
from indexers.engine.plan import AnyOf, Band, Count, Everything, SearchPlan
from indexers.engine.port import Document, Engine, Reader

Build = Callable[[Iterable[Document]], Reader]
Name = Callable[[], str]


def everything(reader: Reader) -> list[int]:
    page = reader.search(SearchPlan(Everything(), (Band("all", Everything()),), 1000))
    return [hit.ordinal for hit in page.hits["all"]]


def write(engine: Engine, name: str, documents: Iterable[Document], clone_of: str | None = None) -> None:
    with engine.writer(name, clone_of=clone_of) as writer:
        writer.add(documents)


def test_what_was_written_is_found(engine: Engine, fresh_name: Name) -> None:
    """Leaving the block makes every document searchable, and the count says how many."""
    name = fresh_name()
    write(engine, name, ({"ord": n} for n in range(5)))
    reader = engine.reader(name)
    assert reader.count() == 5
    assert everything(reader) == [0, 1, 2, 3, 4]


def test_an_empty_generation_answers(engine: Engine, fresh_name: Name) -> None:
    """No document at all is a generation like any other."""
    name = fresh_name()
    write(engine, name, [])
    reader = engine.reader(name)
    assert reader.count() == 0
    assert everything(reader) == []
    counted = reader.search(SearchPlan(Everything(), (), 0, counts=(Count("n", Everything()),)))
    assert counted.counts == {"n": 0}


def test_adding_an_ordinal_again_replaces_the_document(engine: Engine, fresh_name: Name) -> None:
    """Within one writer and over a clone: the last one written counts, and it is one document."""
    first, second = fresh_name(), fresh_name()
    write(engine, first, [{"ord": 0, "brand": ["old"]}, {"ord": 0, "brand": ["new"]}])
    write(engine, second, [{"ord": 0, "brand": ["newest"]}], clone_of=first)
    for name, brand in ((first, "new"), (second, "newest")):
        reader = engine.reader(name)
        assert reader.count() == 1
        plan = SearchPlan(AnyOf("brand", (brand,)), (), 0, counts=(Count("n", AnyOf("brand", (brand,))),))
        assert reader.search(plan).counts == {"n": 1}


def test_deleted_documents_are_gone(engine: Engine, fresh_name: Name) -> None:
    """Deleting counts for documents written before it, and an ordinal that is not there is no error."""
    name = fresh_name()
    with engine.writer(name) as writer:
        writer.add({"ord": n} for n in range(4))
        writer.delete([1, 2, 99])
        writer.add([{"ord": 2}])
    reader = engine.reader(name)
    assert everything(reader) == [0, 2, 3]
    assert reader.count() == 3


def test_a_clone_changes_and_its_source_stays(engine: Engine, fresh_name: Name) -> None:
    """A delta is applied to a copy; the generation that is served is never written."""
    source, copy, copy_of_copy = fresh_name(), fresh_name(), fresh_name()
    write(engine, source, ({"ord": n, "title": "pad"} for n in range(6)))
    serving = engine.reader(source)
    with engine.writer(copy, clone_of=source) as writer:
        writer.delete([0, 5])
        writer.add([{"ord": 6, "title": "pad"}])
    write(engine, copy_of_copy, [{"ord": 7}], clone_of=copy)
    assert everything(serving) == [0, 1, 2, 3, 4, 5]
    assert everything(engine.reader(copy)) == [1, 2, 3, 4, 6]
    engine.drop(source)
    engine.drop(copy)
    assert everything(engine.reader(copy_of_copy)) == [1, 2, 3, 4, 6, 7]


def test_a_failed_build_leaves_nothing(engine: Engine, fresh_name: Name) -> None:
    """Leaving the block by an exception discards the generation, and the exception is the caller's own."""
    name = fresh_name()

    def broken() -> Iterator[Document]:
        yield {"ord": 0}
        raise KeyError("row 2")

    with pytest.raises(KeyError, match="row 2"):
        write(engine, name, broken())
    assert name not in engine.generations()
    with pytest.raises(GenerationMissing):
        engine.reader(name)


def test_a_half_written_generation_is_held_but_not_readable(engine: Engine, fresh_name: Name) -> None:
    """As after a crash: it is listed, so that it can be dropped, and it cannot be opened or cloned, copy or not."""
    source, fresh, copy = fresh_name(), fresh_name(), fresh_name()
    write(engine, source, [{"ord": 0}])
    for name, clone_of in ((fresh, None), (copy, source)):
        engine.writer(name, clone_of=clone_of)
        assert name in engine.generations()
        with pytest.raises(GenerationMissing):
            engine.reader(name)
        with pytest.raises(GenerationMissing):
            engine.writer(fresh_name(), clone_of=name)
        engine.drop(name)
        assert name not in engine.generations()


def test_a_missing_generation_is_named(engine: Engine, fresh_name: Name) -> None:
    """Opening or cloning what is not held says which; dropping it is no error."""
    name = fresh_name()
    with pytest.raises(GenerationMissing) as opened:
        engine.reader(name)
    assert opened.value.generation == name
    with pytest.raises(GenerationMissing):
        engine.writer(fresh_name(), clone_of=name)
    engine.drop(name)


def test_generations_are_listed_in_order(engine: Engine, fresh_name: Name) -> None:
    """Sorted by name, whatever the order of writing."""
    names = [fresh_name() for _ in range(3)]
    for name in sorted(names, reverse=True):
        write(engine, name, [])
    assert [name for name in engine.generations() if name in names] == sorted(names)


def test_a_name_is_taken_once_and_must_be_plain(engine: Engine, fresh_name: Name) -> None:
    """A generation is immutable: its name cannot be written again, and no name leaves the engine's own place."""
    name = fresh_name()
    write(engine, name, [])
    with pytest.raises(EngineRejected):
        engine.writer(name)
    for bad in ("", "../up", "Upper", "a/b", "-a", "*", "a" * 101):
        with pytest.raises(EngineRejected):
            engine.writer(bad)
        with pytest.raises(EngineRejected):
            engine.drop(bad)


@pytest.mark.parametrize(
    "document",
    [
        {"title": "no identity"},
        {"ord": -1},
        {"ord": "7"},
        {"ord": 0, "colour": ["red"]},
        {"ord": 0, "slots": ["seven"]},
    ],
)
def test_a_malformed_document_is_refused(engine: Engine, fresh_name: Name, document: Document) -> None:
    """A document the schema does not know fails the build; it is never silently indexed as something else."""
    name = fresh_name()
    with pytest.raises(EngineRejected):
        write(engine, name, [document])
    assert name not in engine.generations()


def test_a_dropped_generation_is_gone_for_new_readers(engine: Engine, fresh_name: Name) -> None:
    """Whether an open reader still answers is the engine's choice; if not it says the generation is missing."""
    name = fresh_name()
    write(engine, name, [{"ord": 0}])
    serving = engine.reader(name)
    engine.drop(name)
    with pytest.raises(GenerationMissing):
        engine.reader(name)
    with suppress(GenerationMissing):
        assert everything(serving) == [0]


def test_a_closed_reader_refuses(build: Build) -> None:
    """Using it is a defect that shows as `EngineUnavailable`."""
    reader = build([{"ord": 0}])
    reader.close()
    with pytest.raises(EngineUnavailable):
        everything(reader)
    with pytest.raises(EngineUnavailable):
        reader.count()


def test_a_reader_serves_many_threads(build: Build) -> None:
    """Eight threads at once get the answers one would."""
    reader = build({"ord": n, "slots": [n]} for n in range(50))

    def ask(slot: int) -> list[int]:
        plan = SearchPlan(AnyOf("slots", (slot,)), (Band("all", Everything()),), 5)
        return [hit.ordinal for hit in reader.search(plan).hits["all"]]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(50))) == [[n] for n in range(50)]


def test_ping_returns_when_the_engine_answers(engine: Engine) -> None:
    """No error is the answer."""
    engine.ping()


@pytest.mark.parametrize("kind", ["embedded", "opensearch"])
def test_an_engine_that_is_not_there_is_unavailable(kind: str, tmp_path: Path) -> None:
    """A file where the folder should be, a port nobody listens on."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    engine = open_engine(kind, root=blocked, url="http://127.0.0.1:9")
    with pytest.raises(EngineUnavailable):
        engine.ping()
    with pytest.raises(EngineUnavailable):
        engine.writer("g1")
    engine.close()


def test_an_unknown_engine_or_a_missing_place_is_refused() -> None:
    """The message names what was given and what there is."""
    with pytest.raises(EngineRejected, match="'solr' is no engine: embedded or opensearch"):
        open_engine("solr")
    for kind in ("embedded", "opensearch"):
        with pytest.raises(EngineError, match="needs a"):
            open_engine(kind)
    with pytest.raises(EngineRejected, match="looks like http"):
        open_engine("opensearch", url="localhost:9200")


@pytest.mark.opensearch
def test_two_shops_share_a_cluster(opensearch_url: str, fresh_name: Name) -> None:
    """A generation belongs to the prefix it was written under; the same name under another is another generation."""
    one, other = (open_engine("opensearch", url=opensearch_url, prefix=f"shop{number}") for number in (1, 2))
    name = fresh_name()
    try:
        write(one, name, [{"ord": 7}])
        assert one.generations() == (name,)
        assert other.generations() == ()
        other.drop(name)
        assert everything(one.reader(name)) == [7]
    finally:
        one.drop(name)
        one.close()
        other.close()
