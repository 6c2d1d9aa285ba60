"""A build publishes the same catalogue on either engine, and an update clones and changes it there."""

from __future__ import annotations

import datetime
import json
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from indexers import schema
from indexers.build import build
from indexers.engine.plan import AnyOf, Band, Count, Everything, SearchPlan
from indexers.engine.port import Engine
from indexers.generations import LEAVING, Generations
from indexers.inputs import BuildRequest, Inputs
from indexers.rows import RowKind
from indexers.vocabulary import load_vocabulary
from search_service.resources import config_folder
from search_service.retrieval import place_filter

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)


def _part(number: int, title: str = "pads") -> dict[str, object]:
    part = {"part_id": f"P{number:03}", "brand": f"B{number % 3}", "part_number": f"N-{number}"}
    return {**part, "part_type": "brake_pad", "title": {"en": f"{title} {number}"}, "price": {"amount": number}}


def _files(folder: Path, **rows: Iterable[Mapping[str, object]]) -> Inputs:
    folder.mkdir(exist_ok=True)
    for kind, some in rows.items():
        (folder / f"{kind}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in some))
    return Inputs({RowKind(kind): [folder / f"{kind}.jsonl"] for kind in rows})


@pytest.fixture
def registry(tmp_path: Path, engine: Engine) -> Iterator[Generations]:
    """A data folder of its own and, on OpenSearch, an index of files of its own; all is dropped afterwards."""
    folders = getattr(engine, "folders", None)
    if folders is not None:
        folders._index = f"partfit_test_{uuid.uuid4().hex[:12]}"
    found = Generations(tmp_path / "data", engine)
    yield found
    for one in found.list():
        engine.drop(one.name)
    if folders is not None:
        folders._cluster.call("DELETE", f"/{folders._index}")


def _build(folder: Path, engine: Engine, inputs: Inputs, *, update: bool = False, keep: int = 3) -> None:
    vocabulary = load_vocabulary(config_folder())
    build(BuildRequest(inputs, folder / "data", engine, vocabulary, NOW, update, keep=keep, processes=0))


def _found(registry: Generations, engine: Engine) -> tuple[list[str], dict[str, int], dict[str, int]]:
    """Part ids by price, the count per brand, and how many each slot of the first part finds."""
    generation = registry.open()
    reader = engine.reader(generation.name)
    try:
        page = reader.search(SearchPlan(Everything(), (Band("all", Everything()),), 100))
        brands = {
            f"B{number}": reader.search(
                SearchPlan(Everything(), (), 0, counts=(Count("n", AnyOf(schema.BRAND.name, (f"B{number}",))),))
            ).counts["n"]
            for number in range(3)
        }
        slots, _ = generation.part_slots(0)
        fitting = reader.search(SearchPlan(Everything(), (), 0, counts=(Count("n", AnyOf(schema.SLOTS.name, slots)),)))
    finally:
        reader.close()
    return sorted(generation.part_id(hit.ordinal) for hit in page.hits["all"]), brands, fitting.counts


def test_a_build_and_an_update_answer_on_every_engine(tmp_path: Path, engine: Engine, registry: Generations) -> None:
    """Parts, counts and slots after a full build, and after adds, changes and deletes; the old one stays readable."""
    vehicle = {"vehicle_id": "v", "make": "Toyota", "model": "Corolla", "year": 2015}
    rules = [{"application_id": f"a{n}", "part_id": f"P{n:03}", "vehicle": {"make": "Toyota"}} for n in range(30)]
    parts = map(_part, range(30))
    _build(tmp_path, engine, _files(tmp_path / "one", vehicles=[vehicle], parts=parts, applications=rules))
    ids = [f"P{n:03}" for n in range(30)]
    assert _found(registry, engine) == (ids, {"B0": 10, "B1": 10, "B2": 10}, {"n": 30})
    first = registry.current()
    changes = [{"part_id": "P001", "action": "D"}, _part(30), {**_part(2), "brand": "B0"}]
    gone = [{"application_id": "a3", "action": "D"}]
    _build(tmp_path, engine, _files(tmp_path / "two", parts=changes, applications=gone), update=True)
    ids = [f"P{n:03}" for n in (0, *range(2, 31))]
    assert _found(registry, engine) == (ids, {"B0": 12, "B1": 9, "B2": 9}, {"n": 28})
    assert registry.rollback() == first
    assert _found(registry, engine)[1] == {"B0": 10, "B1": 10, "B2": 10}


def test_an_application_that_names_no_vehicle_still_says_where_its_part_goes(
    tmp_path: Path, engine: Engine, registry: Generations
) -> None:
    """An id or a model the vehicle table lacks: the part goes to that place only, also when an update moves it."""
    vehicle = {"vehicle_id": "v", "make": "Toyota", "model": "Corolla", "year": 2015}
    nowhere = [
        {"application_id": "a0", "part_id": "P000", "vehicle": {}, "where": {"vehicle_id": "gone"}},
        {"application_id": "a1", "part_id": "P001", "vehicle": {"make": "Toyota", "model": "Gone"}},
        {"application_id": "a2", "part_id": "P002", "vehicle": {"make": "Gone"}},
    ]
    front = [{**rule, "position": ["front"]} for rule in nowhere]
    inputs = _files(tmp_path / "one", vehicles=[vehicle], parts=map(_part, range(4)), applications=front)
    _build(tmp_path, engine, inputs)
    assert _going(registry, engine, "rear") == ["P003"]
    assert _going(registry, engine, "front") == ["P000", "P001", "P002", "P003"]
    moved = [{**rule, "position": ["rear"]} for rule in nowhere[:2]]
    _build(tmp_path, engine, _files(tmp_path / "two", applications=moved), update=True)
    assert _going(registry, engine, "rear") == ["P000", "P001", "P003"]
    assert _going(registry, engine, "front") == ["P002", "P003"]


def _going(registry: Generations, engine: Engine, place: str) -> list[str]:
    """Ids of the parts that go to a place."""
    generation = registry.open()
    reader = engine.reader(generation.name)
    try:
        plan = SearchPlan(place_filter(schema.PLACE.name, (place,)), (Band("all", Everything()),), 100)
        return sorted(generation.part_id(hit.ordinal) for hit in reader.search(plan).hits["all"])
    finally:
        reader.close()


def test_a_generation_just_replaced_still_answers(tmp_path: Path, engine: Engine, registry: Generations) -> None:
    """Where one is kept, what workers may still serve stays whole, and goes `LEAVING` seconds after it was replaced."""
    for number in range(1, 4):
        _build(tmp_path, engine, _files(tmp_path / "in", parts=map(_part, range(number))), keep=1)
    names = [one.name for one in reversed(registry.list())]
    for number, name in enumerate(names, 1):
        reader = engine.reader(name)
        assert (reader.count(), registry.open(name).part_count) == (number, number)
        reader.close()
    later = Generations(tmp_path / "data", engine, 1, lambda: time.time() + LEAVING)
    assert later.prune() == names[1::-1]
    assert [one.name for one in registry.list()] == names[2:]
    assert set(names) & set(engine.generations()) == {names[2]}


def test_a_generation_gone_back_from_still_answers(tmp_path: Path, engine: Engine, registry: Generations) -> None:
    """Rolled back from and in again: the time counts from when it was replaced last; the one in service never goes."""
    now = time.time() + LEAVING
    later = Generations(tmp_path / "data", engine, 1, lambda: now)
    for number in range(1, 3):
        _build(tmp_path, engine, _files(tmp_path / "in", parts=map(_part, range(number))), keep=1)
    second, first = (one.name for one in registry.list())
    later.rollback()
    assert (later.prune(), later.current()) == ([], first)
    later.publish(second)
    now += LEAVING - 1
    assert later.prune() == []
    now += 1
    assert later.prune() == [first]


@pytest.mark.opensearch
@pytest.mark.parametrize("engine", ["opensearch"], indirect=True)
def test_another_host_serves_what_this_one_published(tmp_path: Path, engine: Engine, registry: Generations) -> None:
    """On OpenSearch a data folder is a cache: an empty one fetches the published generation and follows rollbacks."""
    for number in (10, 12):
        _build(tmp_path, engine, _files(tmp_path / "in", parts=map(_part, range(number))))
    elsewhere = Generations(tmp_path / "elsewhere", engine)
    assert (elsewhere.current(), elsewhere.open().part_count) == (registry.current(), 12)
    assert [one.name for one in elsewhere.list()] == [one.name for one in registry.list()]
    elsewhere.rollback()
    assert registry.open().part_count == elsewhere.open().part_count == 10
    assert elsewhere.open().part_json(3) == registry.open().part_json(3)


@pytest.mark.opensearch
@pytest.mark.parametrize("engine", ["opensearch"], indirect=True)
def test_another_host_forgets_what_this_one_dropped(tmp_path: Path, engine: Engine, registry: Generations) -> None:
    """The folders it had fetched are no longer in its way; those still kept, and one being built, stay."""
    elsewhere = Generations(tmp_path / "elsewhere", engine)
    for number in range(1, 4):
        _build(tmp_path, engine, _files(tmp_path / "in", parts=map(_part, range(number))))
        elsewhere.open()
    (tmp_path / "elsewhere" / "generations" / ".building-g").mkdir()
    names = [one.name for one in registry.list()]
    Generations(tmp_path / "data", engine, 2, lambda: time.time() + LEAVING).prune()
    elsewhere.forget_dropped()
    folders = {one.name for one in (tmp_path / "elsewhere" / "generations").iterdir() if one.is_dir()}
    assert folders == {*names[:2], ".building-g"}
