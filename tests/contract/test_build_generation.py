"""A built generation says what its files say: against the brute-force oracle, through its reader and its engine."""

from __future__ import annotations

import datetime
import json
import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fitment_rules.candidates import resolve
from fitment_rules.judge import Asked
from fitment_rules.places import places
from indexers import generations, schema
from indexers.build import build
from indexers.engine.factory import open_engine
from indexers.engine.plan import AnyOf, Count, Everything, SearchPlan
from indexers.engine.port import Engine
from indexers.errors import NoGeneration, TooManyBadRows
from indexers.generation import Generation
from indexers.generations import LEAVING, Generations
from indexers.inputs import BuildRequest, BuildResult, Inputs
from indexers.rows import RowKind
from indexers.store import sync
from indexers.vocabulary import Vocabulary, load_vocabulary
from search_service.resources import config_folder
from tests.oracle import oracle
from tests.oracle.catalogues import Case, generate
from tests.oracle.files import write
from tests.oracle.kernel import vehicle_query

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)

VEHICLES = [
    {"vehicle_id": "v1", "make": "Toyota", "model": "Corolla", "year_from": 2014, "year_to": 2016,
     "attributes": {"engine": "1ZR-FE"}},
    {"vehicle_id": "v2", "make": "Toyota", "model": "Levin", "year": 2015},
]  # fmt: skip
PARTS = [
    {"part_id": "A", "brand": "ACME", "part_number": "BP-1042", "part_type": "Brake Pad Set", "title": {"en": "Pads"},
     "oe_numbers": [{"brand": "TOYOTA", "number": "04465-02220"}], "price": {"amount": 10, "currency": "CNY"}},
    {"part_id": "B", "brand": "ACME", "part_number": "BP-2", "part_type": "flux capacitor", "title": {"zh": "刹车片"}},
]  # fmt: skip
APPLICATIONS = [
    {"application_id": "a1", "part_id": "A", "vehicle": {"make": "Toyota", "model": "Corolla", "years": [2014, 2016]},
     "where": {"engine": ["1ZR-FE"]}, "quantity": 2, "source": {"file": "acme.xml", "row": 42, "date": "2026-05-01"}},
    {"application_id": "a2", "part_id": "B", "vehicle_ids": ["v2", "gone"], "notes": [{"text": "with ABS"}]},
]  # fmt: skip


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    return load_vocabulary(config_folder())


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A small embedded engine."""
    return open_engine("embedded", root=tmp_path / "index", heap_bytes=30_000_000, threads=1)


def _files(folder: Path, **rows: Iterable[Mapping[str, object]]) -> dict[RowKind, list[Path]]:
    folder.mkdir(exist_ok=True)
    found = {}
    for kind, some in rows.items():
        path = folder / f"{kind}.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in some), encoding="utf-8")
        found[RowKind(kind)] = [path]
    return found


@pytest.fixture
def request_of(tmp_path: Path, engine: Engine, vocabulary: Vocabulary) -> BuildRequest:
    """A request for the small catalogue above."""
    files = _files(tmp_path / "in", vehicles=VEHICLES, parts=PARTS, applications=APPLICATIONS)
    return BuildRequest(Inputs(files), tmp_path / "data", engine, vocabulary, NOW, processes=0)


def _open(request: BuildRequest) -> Generation:
    return Generations(request.data_folder, request.engine).open()


def test_parts_are_found_by_id_and_by_any_number(request_of: BuildRequest) -> None:
    """The reader gives back the normalised row, and knows numbers in any punctuation by kind."""
    build(request_of)
    generation = _open(request_of)
    ordinal = generation.ordinal("A")
    assert ordinal == 0
    assert generation.ordinal("nobody") is None
    assert generation.ordinals(["B", "nobody"]).tolist() == [1, -1]
    stored = json.loads(generation.part_json(0))
    assert stored["part_type"]["id"] == "brake_pad"
    assert stored["image"] is None
    assert generation.number_lookup("0446502220") == [(0, "oe")]
    assert generation.number_lookup("BP1042") == [(0, "part_number")]
    assert generation.number_lookup("BP1") == []


def test_what_others_make_of_a_generation_is_made_before_it_is_published(request_of: BuildRequest) -> None:
    """It is complete by then, and nobody reads it yet; a dry run makes nothing."""
    seen: list[tuple[str, int, str | None]] = []

    def prepare(generation: Generation) -> None:
        current = Generations(request_of.data_folder, request_of.engine).current()
        seen.append((generation.name, generation.part_count, current))

    build(replace(request_of, prepare=prepare, dry_run=True))
    assert seen == []
    result = build(replace(request_of, prepare=prepare))
    assert seen == [(result.generation, 2, None)]


def test_a_row_that_deletes_a_part_has_no_unknown_type(request_of: BuildRequest, tmp_path: Path) -> None:
    """It names none, and what it names would not matter."""
    gone = [{"part_id": PARTS[0]["part_id"], "action": "D"}, {**PARTS[0], "part_type": "no such type", "action": "D"}]
    files = _files(tmp_path / "in", vehicles=VEHICLES, parts=[*PARTS, *gone], applications=APPLICATIONS)
    report = build(replace(request_of, inputs=Inputs(files))).report
    assert [one.subject for one in report.findings if one.kind == "unknown_part_type"] == ["flux capacitor"]


def test_the_report_counts_and_finds(request_of: BuildRequest) -> None:
    """Unknown part types and unknown vehicle ids are findings; counts are those of the files."""
    report = build(request_of).report
    assert (report.parts, report.vehicles, report.base_vehicles, report.applications, report.notes) == (2, 2, 4, 2, 1)
    assert {(one.kind, one.subject) for one in report.findings} == {
        ("unknown_part_type", "flux capacitor"),
        ("unknown_vehicle_id", "gone"),
    }
    told = {"read": 2, "accepted": 2, "quarantined": 0, "skipped": 0, "none_listed": 0}
    assert json.loads(report.encoded())["rows"]["parts"] == told


def test_applications_keep_their_words(request_of: BuildRequest) -> None:
    """A rule holds what its row said; id and source row are the row's own."""
    build(request_of)
    generation = _open(request_of)
    (row,) = generation.rows(0)
    rule = generation.rule(row.rule_id)
    assert (row.application_id, row.source_row) == ("a1", 42)
    assert (rule.make, rule.where, rule.quantity) == (("Toyota",), {"engine": ("1ZR-FE",)}, 2)
    assert (rule.source.file, rule.source.date) == ("acme.xml", "2026-05-01")


def test_a_row_without_a_source_is_found_in_its_file(request_of: BuildRequest) -> None:
    """The file and line that were read stand in for a missing source."""
    build(request_of)
    generation = _open(request_of)
    (row,) = generation.rows(1)
    assert (generation.rule(row.rule_id).source.file, row.source_row) == ("applications.jsonl", 2)


def test_the_last_row_of_an_id_counts_and_a_deletion_removes(request_of: BuildRequest, tmp_path: Path) -> None:
    """`A` replaces by id and `D` deletes, for every kind, inside one file too."""
    files = _files(
        tmp_path / "in",
        vehicles=[*VEHICLES, {"vehicle_id": "v2", "action": "D"}],
        parts=[*PARTS, {**PARTS[0], "title": {"en": "Better pads"}}, {"part_id": "B", "action": "D"}],
        applications=[APPLICATIONS[0], {**APPLICATIONS[0], "quantity": 3},
                      {**APPLICATIONS[0], "application_id": "a9"}, {"application_id": "a9", "action": "D"}],
    )  # fmt: skip
    report = build(replace(request_of, inputs=Inputs(files))).report
    generation = _open(request_of)
    assert (report.parts, report.vehicles, report.applications) == (1, 1, 1)
    assert generation.part(0).title == {"en": "Better pads"}
    assert [generation.rule(row.rule_id).quantity for row in generation.rows(0)] == [3]


def test_an_update_under_a_new_vocabulary_deletes_parts_too(request_of: BuildRequest, tmp_path: Path) -> None:
    """A new vocabulary writes every document again, and still takes out those of deleted parts."""
    build(request_of)
    files = _files(tmp_path / "in", parts=[{"part_id": "B", "action": "D"}])
    newer = replace(request_of.vocabulary, version="newer")
    build(replace(request_of, inputs=Inputs(files), update=True, vocabulary=newer))
    after = _open(request_of)
    assert [after.part_id(int(one)) for one in after.live_ordinals()] == ["A"]


def test_bad_rows_go_to_quarantine_and_mark_their_part(request_of: BuildRequest, tmp_path: Path) -> None:
    """A bad row stops nothing; its part says so, which makes `does_not_fit` a `no_data`."""
    bad = [{"application_id": "b", "part_id": "A", "vehicle": {"years": [2015, 2014]}}, {"part_id": "A"}]
    files = _files(tmp_path / "in", vehicles=VEHICLES, parts=PARTS, applications=[*APPLICATIONS, *bad])
    result = build(replace(request_of, inputs=Inputs(files), bad_share=0.5))
    assert result.quarantine is not None
    lines = [json.loads(line) for line in result.quarantine.read_text().splitlines()]
    assert [(line["kind"], line["line"], line["field"]) for line in lines] == [
        ("applications", 3, "vehicle.years"),
        ("applications", 4, "vehicle"),
    ]
    assert _open(request_of).part_flags(0).quarantined


def test_a_number_beyond_any_type_and_a_deep_line_are_bad_rows(request_of: BuildRequest, tmp_path: Path) -> None:
    """Neither stops the load: each goes to quarantine, and the rest is published."""
    files = _files(tmp_path / "in", vehicles=VEHICLES, parts=PARTS, applications=APPLICATIONS)
    with (tmp_path / "in" / "applications.jsonl").open("a") as out:
        out.write('{"application_id":"x","part_id":"A","vehicle":{"years":[1e400,2]}}\n' + "[" * 5000 + "\n")
    with (tmp_path / "in" / "vehicles.jsonl").open("a") as out:
        out.write('{"vehicle_id":"x","make":"M","model":"N","year":1e400}\n' + "[" * 5000 + "\n")
    result = build(replace(request_of, inputs=Inputs(files), bad_share=0.9))
    assert result.quarantine is not None
    lines = [json.loads(line) for line in result.quarantine.read_text().splitlines()]
    assert sorted((line["kind"], line["line"]) for line in lines) == [
        ("applications", len(APPLICATIONS) + 1),
        ("applications", len(APPLICATIONS) + 2),
        ("vehicles", len(VEHICLES) + 1),
        ("vehicles", len(VEHICLES) + 2),
    ]


def test_too_many_bad_rows_publish_nothing(request_of: BuildRequest, tmp_path: Path) -> None:
    """Above the gate the old generation stays, and nothing of the new one is left."""
    first = build(request_of).generation
    files = _files(tmp_path / "in", vehicles=[*VEHICLES, {"vehicle_id": "v3"}], parts=PARTS, applications=[])
    with pytest.raises(TooManyBadRows):
        build(replace(request_of, inputs=Inputs(files)))
    assert _open(request_of).name == first
    assert request_of.engine.generations() == (first,)


def test_a_dry_run_reports_and_leaves_nothing(request_of: BuildRequest) -> None:
    """Everything but publishing, with the same report."""
    result = build(replace(request_of, dry_run=True))
    assert (result.published, result.report.parts) == (False, 2)
    assert request_of.engine.generations() == ()
    with pytest.raises(NoGeneration):
        _open(request_of)


def test_a_dry_run_reports_what_the_gate_would_refuse(request_of: BuildRequest, tmp_path: Path) -> None:
    """Too many bad rows end a build; a dry run goes on to the report and says why."""
    files = _files(tmp_path / "in", vehicles=[*VEHICLES, {"vehicle_id": "v3"}], parts=PARTS, applications=APPLICATIONS)
    result = build(replace(request_of, inputs=Inputs(files), dry_run=True))
    assert result.refused is not None
    assert (result.refused.kind, result.refused.bad, result.published) == ("vehicles", 1, False)
    assert result.report.rows["vehicles"].quarantined == 1
    assert "bad_row" in {finding.kind for finding in result.report.findings}
    assert request_of.engine.generations() == ()


def test_a_generation_is_on_disk_before_it_has_its_name(
    request_of: BuildRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power cut leaves of a published generation is the whole of it: every file, then their folder."""
    synced: list[Path] = []

    def told(path: Path) -> None:
        synced.append(path)
        sync(path)

    monkeypatch.setattr(generations, "sync", told)
    name = build(request_of).generation
    folder = request_of.data_folder / "generations"
    aside = folder / f"{generations.BUILDING}{name}"
    first = synced.index(aside)
    assert {path.name for path in synced[:first]} >= {path.name for path in (folder / name).iterdir()}
    assert folder in synced[first:]


def test_three_generations_stay_and_rollback_goes_back(request_of: BuildRequest) -> None:
    """The oldest beyond three is dropped from disk and engine; rollback publishes the one before."""
    names = [build(request_of).generation for _ in range(4)]
    registry = Generations(request_of.data_folder, request_of.engine, clock=lambda: time.time() + LEAVING)
    assert registry.prune() == names[:1]
    assert [one.name for one in registry.list()] == names[:0:-1]
    assert set(request_of.engine.generations()) == set(names[1:])
    assert (registry.rollback(), registry.current()) == (names[2], names[2])
    assert registry.rollback(names[3]) == names[3]


def test_an_application_of_a_part_not_sold_is_skipped(request_of: BuildRequest, tmp_path: Path) -> None:
    """Suppliers' files name parts that the shop does not sell: a finding, never a bad row."""
    files = _files(tmp_path / "in", vehicles=VEHICLES, parts=PARTS[:1], applications=APPLICATIONS)
    report = build(replace(request_of, inputs=Inputs(files))).report
    assert (report.rows["applications"].skipped, report.rows["applications"].quarantined) == (1, 0)
    assert ("unknown_part", "B") in {(one.kind, one.subject) for one in report.findings}


def test_stock_files_say_what_is_in_stock_and_updates_change_it(request_of: BuildRequest, tmp_path: Path) -> None:
    """A full build takes the stock file alone; an update changes only the stores it names."""
    stock = [{"part_id": "A", "store_id": place, "quantity": 1} for place in ("online", "s1")]
    files = _files(tmp_path / "in", vehicles=VEHICLES, parts=PARTS, applications=[], stock=stock)
    build(replace(request_of, inputs=Inputs(files)))
    assert _in_stock(request_of) == {"online": 1, "s1": 1, "s2": 0}
    stock = [{"part_id": "A", "store_id": "s1", "quantity": 0}, {"part_id": "B", "store_id": "s2", "quantity": 4}]
    build(replace(request_of, inputs=Inputs(_files(tmp_path / "more", stock=stock)), update=True))
    assert _in_stock(request_of) == {"online": 1, "s1": 0, "s2": 1}


def _in_stock(request: BuildRequest) -> dict[str, int]:
    reader = request.engine.reader(_open(request).name)
    try:
        counts = [Count(place, AnyOf(schema.STOCKED.name, (place,))) for place in ("online", "s1", "s2")]
        return reader.search(SearchPlan(Everything(), (), 0, counts=tuple(counts))).counts
    finally:
        reader.close()


def test_a_full_aces_delivery_replaces_its_brand(request_of: BuildRequest, tmp_path: Path) -> None:
    """In an update, what the brand's full file does not say any more is gone; other brands stay."""
    first = _aces(tmp_path / "first.xml", {1: "P1", 2: "P1", 3: "P2"})
    build(replace(request_of, inputs=Inputs(aces=[first])))
    other = _aces(tmp_path / "other.xml", {1: "P9"}, brand="OTHR")
    build(replace(request_of, inputs=Inputs(aces=[other]), update=True))
    second = _aces(tmp_path / "second.xml", {2: "P1", 4: "P1"})
    build(replace(request_of, inputs=Inputs(aces=[second]), update=True))
    generation = _open(request_of)
    found = {
        generation.part_id(ordinal): sorted(row.application_id for row in generation.rows(ordinal))
        for ordinal in generation.live_ordinals().tolist()
    }
    assert found == {"ACME:P1": ["ACME:2", "ACME:4"], "ACME:P2": [], "OTHR:P9": ["OTHR:1"]}
    assert generation.manifest.vehicles == 4


def _aces(file: Path, parts: Mapping[int, str], brand: str = "ACME") -> Path:
    apps = "".join(
        f'<App action="A" id="{number}"><BaseVehicle id="{number}"/><PartType id="1"/><Part>{part}</Part></App>'
        for number, part in parts.items()
    )
    header = f"<Header><BrandAAIAID>{brand}</BrandAAIAID><SubmissionType>FULL</SubmissionType></Header>"
    file.write_text(f'<ACES version="3.1">{header}{apps}</ACES>')
    return file


@pytest.mark.thorough
def test_several_processes_build_what_one_does(request_of: BuildRequest, tmp_path: Path) -> None:
    """How the work is shared changes nothing about the generation."""
    rows = [{**APPLICATIONS[0], "application_id": f"x{number}", "quantity": number % 3} for number in range(9000)]
    files = _files(tmp_path / "in", vehicles=VEHICLES, parts=PARTS, applications=[*rows, {"part_id": "A"}])
    alone = build(replace(request_of, inputs=Inputs(files)))
    before = _open(request_of)
    shared = build(replace(request_of, inputs=Inputs(files), processes=2))
    after = _open(request_of)
    assert (before.rows(0), before.rows(1)) == (after.rows(0), after.rows(1))
    assert alone.report.rows == shared.report.rows
    assert _quarantine(alone) == _quarantine(shared)


def _quarantine(result: BuildResult) -> list[str]:
    assert result.quarantine is not None
    return result.quarantine.read_text().splitlines()


@pytest.mark.parametrize("seed", range(6))
def test_slots_of_a_generation_give_the_oracles_verdicts(
    tmp_path: Path, engine: Engine, vocabulary: Vocabulary, seed: int
) -> None:
    """From files to verdicts: what the reader's slots say is what the brute-force oracle says."""
    case = generate(random.Random(seed))
    _build_case(case, tmp_path, engine, vocabulary)
    generation = Generations(tmp_path / "data", engine).open()
    table = generation.vehicles
    for number in range(20):
        query = generate(random.Random(1000 * seed + number)).query
        query = replace(query, given=tuple(one for one in query.given if one[0] != "vehicle_id"))
        found = oracle.candidates(case.vehicles, query, table.horizon)
        if not found:
            continue
        asked = Asked(
            resolve(table, vehicle_query(query)), generation.slots, generation.note_slots, places(query.positions)
        )
        for part in case.parts:
            expected = oracle.fit_of(part, [a for a in case.applications if a.part_id == part.part_id], found, query)
            assert _verdict(generation, asked, part.part_id) == expected.verdict, (seed, number, part.part_id)


def _build_case(case: Case, folder: Path, engine: Engine, vocabulary: Vocabulary) -> BuildResult:
    (folder / "in").mkdir()
    files = {RowKind(name): [path] for name, path in write(case, folder / "in").items()}
    return build(BuildRequest(Inputs(files), folder / "data", engine, vocabulary, NOW, bad_share=1.0, processes=0))


def _verdict(generation: Generation, asked: Asked, part_id: str) -> str:
    ordinal = generation.ordinal(part_id)
    assert ordinal is not None
    flags = generation.part_flags(ordinal)
    assert generation.parts_told(np.array([ordinal])) == [(flags, generation.part_position(ordinal))]
    return asked.verdict(
        asked.union(*generation.part_slots(ordinal)),
        universal=flags.universal,
        applications=flags.applications,
        quarantined=flags.quarantined,
        position=generation.part_position(ordinal),
    ).value
