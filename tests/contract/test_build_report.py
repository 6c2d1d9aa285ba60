"""The data report of a build: every kind of finding by its application, counts, coverage, the generation before."""

from __future__ import annotations

import datetime
import json
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from indexers.build import build
from indexers.engine.factory import open_engine
from indexers.findings.values import far_apart
from indexers.generations import Generations
from indexers.inputs import BuildRequest, Inputs
from indexers.report import Report
from indexers.report_text import text_of
from indexers.rows import RowKind
from indexers.vocabulary import load_vocabulary
from search_service.resources import config_folder

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
VEHICLES = [
    {"vehicle_id": "v1", "make": "Toyota", "model": "Corolla", "year_from": 2014, "year_to": 2016,
     "attributes": {"engine": "1ZR-FE"}},
    {"vehicle_id": "v2", "make": "Honda", "model": "Civic", "year": 2015, "attributes": {"engine": "R18"}},
]  # fmt: skip
COROLLA = {"make": "Toyota", "model": "Corolla", "years": [2014, 2016]}

Rows = Iterable[Mapping[str, Any]]
Reported = Callable[..., Report]


def part(part_id: str, brand: str = "ACME", part_type: str = "Brake Pad Set") -> dict[str, Any]:
    return {"part_id": part_id, "brand": brand, "part_number": part_id, "part_type": part_type, "title": {"en": "Pads"}}


def application(row_id: str, part_id: str = "A", **said: Any) -> dict[str, Any]:
    named = {} if "vehicle_ids" in said else {"vehicle": COROLLA}
    return {"application_id": row_id, "part_id": part_id, **named, **said}


BOTH = (part("A"), part("B"))


@pytest.fixture
def reported(tmp_path: Path) -> Iterable[Reported]:
    """Builds a catalogue and returns its report; a second call builds the next generation."""
    engine = open_engine("embedded", root=tmp_path / "index", heap_bytes=15_000_000, threads=1)
    vocabulary = load_vocabulary(config_folder())

    def run(applications: Rows, parts: Rows = BOTH, vehicles: Rows = VEHICLES, processes: int = 0) -> Report:
        files = {}
        for kind, rows in ((RowKind.VEHICLES, vehicles), (RowKind.PARTS, parts), (RowKind.APPLICATIONS, applications)):
            files[kind] = [tmp_path / f"{kind.value}.jsonl"]
            files[kind][0].write_text("".join(json.dumps(row) + "\n" for row in rows))
        request = BuildRequest(
            Inputs(files), tmp_path / "data", engine, vocabulary, NOW, bad_share=1.0, processes=processes
        )
        return build(request).report

    yield run
    engine.close()


def subjects(report: Report, kind: str) -> list[str | None]:
    return [one.subject for one in report.findings if one.kind == kind]


def test_the_same_content_twice_is_a_duplicate(reported: Reported) -> None:
    """Two rows of a part that say the same are reported with the later one's id, file and row, and the remedy."""
    report = reported([application("a1"), application("a2")])
    found = next(one for one in report.findings if one.kind == "duplicate_application")
    assert (found.subject, found.file, found.row) == ("a2", "applications.jsonl", 2)
    assert "a1" in found.message
    assert found.remedy


def test_a_row_inside_a_wider_one_overlaps(reported: Reported) -> None:
    """Fewer years, more conditions, or fewer values of one: the narrower row of the same part is reported."""
    report = reported([
        application("wide"), application("engine", where={"engine": "1ZR-FE"}),
        application("years", vehicle={**COROLLA, "years": [2014, 2014]}, part_id="B"),
        application("more", vehicle={**COROLLA, "years": [2014, 2015]}, part_id="B"),
    ])  # fmt: skip
    assert subjects(report, "overlapping_application") == ["engine", "more"]


def test_one_of_several_values_is_inside_them(reported: Reported) -> None:
    """Engine X is contained in engine X or Y; engine Z is not."""
    report = reported([
        application("either", where={"engine": ["1ZR-FE", "R18"]}), application("one", where={"engine": "R18"}),
        application("other", where={"engine": "Z"}),
    ])  # fmt: skip
    assert subjects(report, "overlapping_application") == ["one"]


def test_different_conditions_of_one_part_do_not_overlap(reported: Reported) -> None:
    """A part for engine X, and for engine Y, on the same vehicle is no finding."""
    report = reported([application("x", where={"engine": "X"}), application("y", where={"engine": "Y"})])
    assert not subjects(report, "overlapping_application")
    assert not subjects(report, "overlap")


def test_an_application_inside_several_counts_once(reported: Reported) -> None:
    """Contained in two wider ones, at three vehicles: one application."""
    report = reported([
        application("wide"), application("wider", where={"engine": ["1ZR-FE", "R18"]}),
        application("narrow", where={"engine": "1ZR-FE"}),
    ])  # fmt: skip
    assert subjects(report, "overlapping_application") == ["wider", "narrow"]
    assert report.totals["overlapping_application"] == 2


def test_a_condition_beside_none_is_comment_no_comment(reported: Reported) -> None:
    """Both siblings are named: the one with the note and the one without."""
    report = reported([application("bare"), application("noted", "B", notes=[{"text": "with ABS"}])])
    assert subjects(report, "comment_no_comment") == ["bare", "noted"]
    assert subjects(report, "overlap") == ["bare", "noted"]
    assert not subjects(report, "conflict_group")


def test_parts_of_one_maker_that_nothing_tells_apart_conflict(reported: Reported) -> None:
    """Same brand, type, position, vehicle and conditions: a conflict; another brand, type or position: none."""
    parts = [part("A"), part("B"), part("C", brand="Other"), part("D", part_type="Oil Filter")]
    rows = [application("a", "A"), application("b", "B"), application("c", "C"), application("d", "D"),
            application("e", "B", vehicle_ids=["v2"], position="front"),
            application("f", "A", vehicle_ids=["v2"], position="rear")]  # fmt: skip
    assert subjects(reported(rows, parts), "conflict_group") == ["a", "b"]


def test_overlapping_years_conflict_where_they_overlap(reported: Reported) -> None:
    """2014–2015 and 2015–2016 share a vehicle, whatever their rows say."""
    rows = [application("a", "A", vehicle={**COROLLA, "years": [2014, 2015]}),
            application("b", "B", vehicle={**COROLLA, "years": [2015, 2016]})]  # fmt: skip
    assert subjects(reported(rows), "conflict_group") == ["a", "b"]


def test_ids_that_nothing_has_are_reported(reported: Reported) -> None:
    """A value no vehicle has, a vehicle id, a part type: each names what it is about."""
    rows = [application("a", where={"engine": "2ZR"}), application("b", vehicle_ids=["v1", "gone"])]
    report = reported(rows, [part("A", part_type="flux capacitor")])
    assert subjects(report, "unknown_id") == ["a"]
    assert subjects(report, "unknown_vehicle_id") == ["gone"]
    assert subjects(report, "unknown_part_type") == ["flux capacitor"]


def test_positions_that_name_no_place_are_reported(reported: Reported) -> None:
    """An id without a name, or a word that is no place; `front` and "driver side, left" are places."""
    rows = [application(f"a{at}", position=[one]) for at, one in enumerate(("position 30", "front", "side, left"))]
    found = [one for one in reported(rows).findings if one.kind == "unknown_position"]
    assert [(one.subject, one.message.partition(" ")[0]) for one in found] == [("position 30", "1")]


def test_impossible_years_are_reported(reported: Reported) -> None:
    """Reversed (in quarantine), before 1896, far in the future; of applications and of vehicles."""
    rows = [application("reversed", vehicle={**COROLLA, "years": [2016, 2014]}),
            application("old", vehicle={**COROLLA, "years": [1890, 2014]}),
            application("late", vehicle={**COROLLA, "years": [2014, 2199]}), application("fine")]  # fmt: skip
    old = {"vehicle_id": "v0", "make": "Benz", "model": "Velo", "year": 1820}
    report = reported(rows, vehicles=[*VEHICLES, old])
    found = [one for one in report.findings if one.kind == "impossible_years"]
    assert {one.subject for one in found if one.file != "vehicles.jsonl"} == {"late", "old", "reversed"}
    assert [(one.file, one.row) for one in found if one.file == "vehicles.jsonl"] == [("vehicles.jsonl", 3)]


def test_an_id_of_another_order_is_a_slip() -> None:
    """Far above all others and hardly used: reported; used often, or one of few: not."""
    usual = dict.fromkeys(range(1, 31), 10)
    assert far_apart({**usual, 500: 1}) == [500]
    assert far_apart({**usual, 500: 50}) == []
    assert far_apart({1: 1, 500: 1}) == []


def test_unusual_quantities_are_reported(reported: Reported) -> None:
    """Twenty of a part of which one is needed everywhere else, and none at all."""
    rows = [application(f"a{number}", quantity=1, where={"k": number}) for number in range(400)]
    rows += [application("many", quantity=20, where={"k": "m"}), application("none", quantity=0, where={"k": "n"})]
    assert subjects(reported(rows), "outlier_quantity") == ["many", "none"]


def test_a_delete_of_nothing_is_reported(reported: Reported) -> None:
    """What the same file adds may be deleted; what nothing ever added is a finding with its line."""
    rows = [application("a1"), {"application_id": "a1", "part_id": "A", "action": "D"},
            {"application_id": "never", "part_id": "A", "action": "D"}]  # fmt: skip
    report = reported(rows)
    found = next(one for one in report.findings if one.kind == "delete_without_add")
    assert (found.subject, found.row, report.totals["delete_without_add"]) == ("never", 3, 1)


def test_an_id_given_twice_in_one_load_is_reported(reported: Reported) -> None:
    """The row that lost its place, with its line; sent again in the next load it is a change like any other."""
    rows = [application("a", "A"), application("b", "B"), application("a", "B", where={"engine": "1ZR-FE"})]
    report = reported(rows)
    found = [one for one in report.findings if one.kind == "replaced_application"]
    assert [(one.subject, one.row, one.file) for one in found] == [("a", 1, "applications.jsonl")]
    assert report.applications == 2
    assert subjects(reported(rows[:2]), "replaced_application") == []


def test_a_report_compares_with_the_generation_before(reported: Reported) -> None:
    """Added, removed, changed, and of those what was narrowed; of parts what came and went."""
    first = reported([application("stays"), application("shrinks"), application("goes", "B")])
    assert first.compared is None
    report = reported(
        [application("stays"), application("shrinks", where={"engine": "1ZR-FE"}), application("comes", "C")],
        [part("A"), part("C")],
    )
    compared = report.compared
    assert compared is not None
    assert compared.generation == first.generation
    assert (compared.parts.added, compared.parts.removed) == (1, 1)
    rows = compared.applications
    assert (rows.added, rows.removed, rows.changed, rows.narrowed, rows.widened) == (1, 1, 1, 1, 0)
    assert subjects(report, "narrowed_application") == ["shrinks"]
    assert subjects(report, "removed_application") == ["goes"]


def catalogue(rng: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Applications of twelve parts that often agree, differ in a condition or a note, or repeat each other."""
    parts = [part(f"P{n}", rng.choice("XY"), rng.choice(["Oil Filter", "Brake Pad Set"])) for n in range(12)]
    rows = []
    for number in range(150):
        start = rng.randint(2014, 2016)
        said: dict[str, Any] = {"vehicle": {**COROLLA, "years": [start, rng.randint(start, 2016)]}}
        if rng.random() < 0.4:
            said["where"] = {"engine": rng.choice(["1ZR-FE", "2ZR", ["1ZR-FE", "2ZR"]])}
        if rng.random() < 0.2:
            said["notes"] = [{"text": rng.choice(["with tow bar", "from chassis 7"])}]
        rows.append(application(f"a{number}", f"P{rng.randrange(12)}", quantity=rng.choice([1, 1, 2]), **said))
    return parts, rows


def seen(report: Report, folder: Path) -> tuple[Any, ...]:
    """Counts, findings by kind and application, coverage, comparison, and the groups kept for queries."""
    engine = open_engine("embedded", root=folder / "index", heap_bytes=15_000_000, threads=1)
    generation = Generations(folder / "data", engine).open()
    parts = generation.live_ordinals()
    owners, numbers, slots = generation.conflicts_of(parts)
    of_group, members = generation.conflict_members(numbers)
    groups = {
        (generation.part_id(int(parts[owner])), int(slot), tuple(members[of_group == at].tolist()))
        for at, (owner, slot) in enumerate(zip(owners, slots, strict=True))
    }
    engine.close()
    found = sorted((one.kind, one.subject or "", one.file or "", one.row or 0) for one in report.findings)
    compared = msgspec.to_builtins(report.compared)
    return report.totals, found, report.coverage, {**(compared or {}), "generation": ""}, groups


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3))
def test_a_report_is_the_same_in_small_steps_and_in_other_processes(
    reported: Reported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """How much is looked at together and by whom changes nothing: all at once, few rows at once, two processes."""
    rng = random.Random(seed)
    parts, rows = catalogue(rng)
    reported(rows[:120], parts)
    whole = seen(reported(rows[20:], parts), tmp_path)
    assert {"duplicate_application", "overlapping_application", "conflict_group", "overlap"} <= whole[0].keys()
    assert whole[-1]
    reported(rows[:120], parts)
    assert seen(reported(rows[20:], parts, processes=2), tmp_path) == whole
    for name, value in (("runs.ENTRIES_AT_ONCE", 7), ("conflicts.MEMBERS_AT_ONCE", 5)):
        monkeypatch.setattr(f"indexers.findings.{name}", value)
    for module in ("context", "comparison", "deletes"):
        monkeypatch.setattr(f"indexers.findings.{module}.ROWS_AT_ONCE", 9)
    reported(rows[:120], parts)
    assert seen(reported(rows[20:], parts), tmp_path) == whole


def test_coverage_counts_base_vehicles(reported: Reported) -> None:
    """By make, part type and both: three Corollas have pads, the Civic has nothing."""
    coverage = reported([application("a1")]).coverage
    assert coverage is not None
    assert {(one.make, one.base_vehicles, one.covered) for one in coverage.makes} == {
        ("Toyota", 3, 3), ("Honda", 1, 0)
    }  # fmt: skip
    assert [(one.parts, one.applications, one.covered) for one in coverage.part_types] == [(2, 1, 3)]
    assert [(one.make, one.covered) for one in coverage.pairs] == [("Toyota", 3)]


def test_the_report_is_kept_with_its_generation(reported: Reported, tmp_path: Path) -> None:
    """As JSON, and as text that names each kind with its count and first examples."""
    report = reported([application("a1"), application("a2")])
    folder = tmp_path / "data" / "generations" / report.generation
    kept = json.loads((folder / "report.json").read_bytes())
    assert kept["findings"] == json.loads(report.encoded())["findings"]
    text = (folder / "report.txt").read_text()
    assert text == text_of(report)
    assert "duplicate_application: 1\n      applications.jsonl:2 [a2]" in text
    engine = open_engine("embedded", root=tmp_path / "index", heap_bytes=15_000_000, threads=1)
    assert Generations(tmp_path / "data", engine).open().data_report == (folder / "report.json").read_bytes()
    engine.close()
