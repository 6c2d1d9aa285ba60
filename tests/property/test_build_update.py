"""An update gives the same answers as building everything anew from what the files then say."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fitment_rules.candidates import resolve
from fitment_rules.judge import Asked
from fitment_rules.places import places
from indexers import schema
from indexers.build import build
from indexers.engine.factory import open_engine
from indexers.engine.plan import Order
from indexers.engine.port import Engine
from indexers.generation import Generation
from indexers.generations import Generations
from indexers.inputs import BuildRequest, Inputs
from indexers.rows import RowKind
from indexers.vocabulary import Vocabulary, load_vocabulary
from search_service.fitting import fitting
from search_service.resources import config_folder
from search_service.retrieval import Wanted, fit_filters, make_plan, place_filter
from tests.oracle.catalogues import generate
from tests.oracle.files import FILES, write
from tests.oracle.kernel import vehicle_query
from tests.oracle.oracle import Query

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
IDS = {"vehicles": "vehicle_id", "parts": "part_id", "applications": "application_id"}
SEEDS = 8
LONG_SEEDS = 200
QUERIES = 25

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    return load_vocabulary(config_folder())


@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_update_answers_as_a_full_build_does(tmp_path: Path, vocabulary: Vocabulary, seed: int) -> None:
    """Adds, changes and deletes of vehicles, parts and applications, on top of any generation."""
    agree(tmp_path, vocabulary, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + LONG_SEEDS))
def test_an_update_answers_as_a_full_build_does_at_length(tmp_path: Path, vocabulary: Vocabulary, seed: int) -> None:
    """The same over more catalogues."""
    agree(tmp_path, vocabulary, seed)


def agree(tmp_path: Path, vocabulary: Vocabulary, seed: int) -> None:
    """One catalogue before and after a delta, and many queries; fails with the first difference."""
    rng = random.Random(seed)
    before, delta, after = _split(_rows(tmp_path, seed), rng)
    updated = _build(tmp_path / "a", before, vocabulary)
    _build(tmp_path / "a", delta, vocabulary, update=True)
    rebuilt = _build(tmp_path / "b", after, vocabulary)
    one, other = (Generations(tmp_path / name / "data", engine).open() for name, engine in
                  (("a", updated), ("b", rebuilt)))  # fmt: skip
    assert _contents(one) == _contents(other)
    for number in range(QUERIES):
        query = generate(random.Random(seed * 1000 + number)).query
        query = replace(query, given=tuple(said for said in query.given if said[0] != "vehicle_id"))
        assert _answer(one, updated, query) == _answer(other, rebuilt, query), (seed, number)


def test_a_year_that_no_row_names_any_more_is_no_whole_node(tmp_path: Path, vocabulary: Vocabulary) -> None:
    """The row of 2013 is deleted: for a row of unknown year, 2013 is asked as after a full build."""
    rows = [{"vehicle_id": "v1", "make": "Toyota", "model": "86"},
            {"vehicle_id": "v2", "make": "Toyota", "model": "86", "year": 2013},
            {"vehicle_id": "v3", "make": "Honda", "model": "Fit", "year": 2014}]  # fmt: skip
    part = {"part_id": "P", "brand": "B", "part_number": "1", "part_type": "pad", "title": {"en": "pad"}}
    rules = [{"application_id": "a", "part_id": "P", "vehicle": {"make": "Toyota"}}]
    engine = _build(tmp_path, {"vehicles": rows, "parts": [part], "applications": rules}, vocabulary)
    gone = [{"vehicle_id": "v2", "action": "D"}]
    _build(tmp_path, {"vehicles": gone, "parts": [], "applications": []}, vocabulary, update=True)
    answer = _answer(Generations(tmp_path / "data", engine).open(), engine, Query((("year", (2013,)),)))
    assert answer["counts"]["fits"] == 1


def _rows(folder: Path, seed: int) -> Rows:
    (folder / "case").mkdir()
    paths = write(generate(random.Random(seed)), folder / "case")
    return {name: [json.loads(line) for line in paths[name].read_text().splitlines()] for name in FILES}


def _split(rows: Rows, rng: random.Random) -> tuple[Rows, Rows, Rows]:
    """What there was, what changes, and what there is then. Rows may be new, changed or deleted."""
    before: Rows = {name: [] for name in FILES}
    delta: Rows = {name: [] for name in FILES}
    after: Rows = {name: [] for name in FILES}
    for name in FILES:
        for row in rows[name]:
            match rng.choice(("kept", "kept", "kept", "new", "changed", "gone")):
                case "kept":
                    before[name].append(row)
                    after[name].append(row)
                case "new":
                    delta[name].append(row)
                    after[name].append(row)
                case "changed":
                    other = dict(rng.choice(rows[name]))
                    before[name].append({**other, IDS[name]: row[IDS[name]]})
                    delta[name].append(row)
                    after[name].append(row)
                case _:
                    before[name].append(row)
                    delta[name].append({IDS[name]: row[IDS[name]], "action": "D"})
    _settle(before, delta, after)
    return before, delta, after


def _settle(before: Rows, delta: Rows, after: Rows) -> None:
    """Applications that a build refuses or skips at their time are not there later, unless they are sent again."""
    sent = {row["application_id"] for row in delta["applications"]}
    parts = {row["part_id"] for row in before["parts"]}
    vehicles = {row["vehicle_id"] for row in before["vehicles"]}
    for row in list(before["applications"]):
        listed = row.get("vehicle_ids")
        if row["part_id"] not in parts or (listed and not vehicles.intersection(listed)):
            before["applications"].remove(row)
            if row["application_id"] not in sent and row in after["applications"]:
                delta["applications"].append(row)


def _build(folder: Path, rows: Rows, vocabulary: Vocabulary, *, update: bool = False) -> Engine:
    folder.mkdir(exist_ok=True)
    files = {}
    for name, some in rows.items():
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in some), encoding="utf-8")
        files[RowKind(name)] = [path]
    engine = open_engine("embedded", root=folder / "index", heap_bytes=30_000_000, threads=1)
    build(BuildRequest(Inputs(files), folder / "data", engine, vocabulary, NOW, update, bad_share=1.0, processes=0))
    return engine


def _contents(generation: Generation) -> Mapping[str, object]:
    """Everything a page could show of the parts, without the numbers inside a generation."""
    found = {}
    for ordinal in generation.live_ordinals().tolist():
        rules = {row.application_id: generation.rule(row.rule_id) for row in generation.rows(ordinal)}
        rules = {name: replace(rule, source=replace(rule.source, file="")) for name, rule in rules.items()}
        found[generation.part_id(ordinal)] = (generation.part_json(ordinal), generation.part_flags(ordinal), rules)
    return found


def _answer(generation: Generation, engine: Engine, query: Query) -> Mapping[str, Any]:
    """Parts of every band, the counts and the facets, as the engine answers them."""
    table = generation.vehicles
    candidates = resolve(table, vehicle_query(query))
    if not len(candidates):
        return {}
    asked = Asked(candidates, generation.slots, generation.note_slots, places(query.positions))
    always = (place_filter(schema.PLACE.name, asked.asked_places),) if asked.asked_places else ()
    plan = make_plan(
        Wanted(always=always),
        fit_filters(asked, 500),
        "all",
        limit=1000,
        order=Order.RANK,
        facets=("brand", "position", "part_type"),
    )
    reader = engine.reader(generation.name)
    try:
        page = reader.search(plan)
    finally:
        reader.close()
    bands = {name: _ids(generation, [hit.ordinal for hit in hits]) for name, hits in page.hits.items()}
    columns = fitting(generation, asked)
    if columns is not None:
        assert _ids(generation, columns.fits.tolist()) == bands["fits"]
        declared = set(generation.universal_ordinals().tolist())
        assert _ids(generation, [one for one in columns.open.tolist() if one not in declared]) == bands["needs_info"]
    return {"bands": bands, "counts": page.counts, "facets": page.facets}


def _ids(generation: Generation, ordinals: Sequence[int]) -> list[str]:
    return sorted(map(generation.part_id, ordinals))
