"""A build killed at any moment leaves the old generation serving, and the next build succeeds."""

from __future__ import annotations

import datetime
import json
import multiprocessing
import random
import time
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from indexers.build import build
from indexers.engine.factory import open_engine
from indexers.engine.plan import Band, Everything, SearchPlan
from indexers.generations import BUILDING, Generations
from indexers.inputs import BuildRequest, Inputs
from indexers.rows import RowKind
from indexers.vocabulary import Vocabulary, load_vocabulary
from search_service.resources import config_folder

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
KILLS = 50
SEED = 20260601


def _request(folder: Path, vocabulary: Vocabulary) -> BuildRequest:
    files = {RowKind(name): [folder / f"{name}.jsonl"] for name in ("vehicles", "parts", "applications")}
    engine = open_engine("embedded", root=folder / "index", heap_bytes=15_000_000, threads=1)
    return BuildRequest(Inputs(files), folder / "data", engine, vocabulary, NOW, processes=0)


def build_once(folder: Path, reading: Event | None = None) -> str:
    """One build of the files in the folder; returns the generation's name. `reading` is set when it begins."""
    vocabulary = load_vocabulary(config_folder())
    if reading is not None:
        reading.set()
    return build(_request(folder, vocabulary)).generation


def _write(folder: Path, parts: int) -> None:
    vehicle = {"vehicle_id": "v", "make": "Toyota", "model": "Corolla", "year": 2015}
    (folder / "vehicles.jsonl").write_text(json.dumps(vehicle) + "\n")
    with (folder / "parts.jsonl").open("w") as out, (folder / "applications.jsonl").open("w") as rows:
        for number in range(parts):
            part = {"part_id": f"P{number}", "brand": "B", "part_number": f"N{number}", "part_type": "Brake Pad Set"}
            out.write(json.dumps({**part, "title": {"en": f"pads {number}"}}) + "\n")
            rows.write(
                json.dumps({"application_id": f"a{number}", "part_id": f"P{number}", "vehicle_ids": ["v"]}) + "\n"
            )


def _serves(folder: Path, parts: int) -> str:
    """The published generation answers in full; returns when it was made."""
    engine = open_engine("embedded", root=folder / "index")
    generation = Generations(folder / "data", engine).open()
    reader = engine.reader(generation.name)
    try:
        page = reader.search(SearchPlan(Everything(), (Band("all", Everything()),), 5))
        assert (reader.count(), generation.part_count, len(page.hits["all"])) == (parts, parts, 5)
        assert generation.part(page.hits["all"][0].ordinal).brand == "B"
    finally:
        reader.close()
    return generation.manifest.created


def _begun(context: ForkServerContext, folder: Path) -> ForkServerProcess:
    """A build in a process of its own, about to read its first file."""
    reading = context.Event()
    child = context.Process(target=build_once, args=(folder, reading))
    child.start()
    assert reading.wait(60.0)
    return child


def _seconds(context: ForkServerContext, folder: Path) -> float:
    """How long such a build takes: this process would know the words from the one before."""
    child = _begun(context, folder)
    started = time.perf_counter()
    child.join()
    assert child.exitcode == 0
    child.close()
    return time.perf_counter() - started


@pytest.mark.thorough
def test_fifty_kills_at_random_moments_cost_nothing(tmp_path: Path) -> None:
    """SIGKILL from the first read to after the pointer moved: what is published is whole, every time."""
    rng = random.Random(SEED)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.property.test_build_kill"])
    _write(tmp_path, 300)
    _seconds(context, tmp_path)
    whole = _seconds(context, tmp_path)
    interrupted = 0
    for _ in range(KILLS):
        before = _serves(tmp_path, 300)
        child = _begun(context, tmp_path)
        time.sleep(rng.uniform(0, 1.3) * whole)
        child.kill()
        child.join()
        child.close()
        interrupted += any((tmp_path / "data" / "generations").glob(f"{BUILDING}*"))
        after = _serves(tmp_path, 300)
        assert after >= before
    build_once(tmp_path)
    _serves(tmp_path, 300)
    assert interrupted >= KILLS // 4
    assert not list((tmp_path / "data" / "generations").glob(f"{BUILDING}*"))
    names = {
        one.name for one in Generations(tmp_path / "data", open_engine("embedded", root=tmp_path / "index")).list()
    }
    assert {path.name for path in (tmp_path / "index").iterdir()} == names
