"""Notes through whole builds: understood ones decide, reviews hold for the next delivery, rows keep what they said."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from fitment_rules.candidates import resolve
from fitment_rules.judge import Asked
from fitment_rules.model import NoteKind
from fitment_rules.vehicles import VehicleQuery, given
from indexers.engine.factory import open_engine
from indexers.generation import Generation
from indexers.generations import Generations
from search_service.attributes import AttributeTexts
from search_service.cli import app
from search_service.fits import Fits
from search_service.resources import config_folder

VEHICLES = [
    {"vehicle_id": "turbo", "make": "Toyota", "model": "Corolla", "year": 2015, "built_from": "2015-01",
     "built_to": "2015-03", "attributes": {"aspiration": "turbo", "transmission": "manual"}},
    {"vehicle_id": "plain", "make": "Toyota", "model": "Corolla", "year": 2015, "built_from": "2015-08",
     "built_to": "2015-12", "attributes": {"aspiration": "natural", "transmission": "automatic"}},
]  # fmt: skip


class Shop:
    """A data folder that is indexed by the real command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def index(self, rows: Sequence[Mapping[str, Any]], *options: str) -> dict[str, Any]:
        parts = [{"part_id": one["part_id"], "brand": "B", "part_number": one["part_id"], "part_type": "oil_filter",
                  "title": {"en": "Filter"}} for one in rows]  # fmt: skip
        for name, some in (("vehicles", VEHICLES), ("parts", parts), ("applications", rows)):
            (self.folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in some))
        given_files = [f"--{name}={self.folder / name}.jsonl" for name in ("vehicles", "parts", "applications")]
        report = self.folder / "report.json"
        result = CliRunner().invoke(
            app,
            ["index", *given_files, f"--report={report}", *options],
            env={"PARTFIT_DATA_DIR": str(self.folder / "d")},
        )
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(report.read_bytes())
        return found

    def generation(self) -> Generation:
        engine = open_engine("embedded", root=self.folder / "d" / "index", heap_bytes=15_000_000, threads=1)
        return Generations(self.folder / "d", engine).open()

    def verdicts(self, part_id: str) -> dict[str, str]:
        """By vehicle."""
        generation = self.generation()
        fits, found = Fits(generation, AttributeTexts.load(config_folder())), {}
        for one in VEHICLES:
            query = VehicleQuery((given("make", "Toyota"),), (str(one["vehicle_id"]),))
            asked = Asked(resolve(generation.vehicles, query), generation.slots, generation.note_slots)
            ordinal = generation.ordinal(part_id)
            assert ordinal is not None
            found[str(one["vehicle_id"])] = fits.judge(asked, ordinal).verdict.value
        return found

    def review(self, *lines: Mapping[str, Any]) -> str:
        file = self.folder / "reviews.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return f"--notes={file}"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def row(part_id: str, *notes: str, kind: str | None = None) -> dict[str, Any]:
    told = [{"text": note, "kind": kind} if kind else {"text": note} for note in notes]
    return {"application_id": part_id, "part_id": part_id, "vehicle": {"make": "Toyota", "model": "Corolla"},
            "notes": told}  # fmt: skip


def test_notes_that_are_understood_decide(shop: Shop) -> None:
    """Turbo, gearbox and build date in words exclude what they should; an unclear note stays a question."""
    shop.index([row("T", "带涡轮增压"), row("X", "exc. turbo"), row("D", "2015年6月之后生产"), row("M", "manual trans"),
                row("U", "with ADVICS caliper")])  # fmt: skip
    assert shop.verdicts("T") == {"turbo": "fits", "plain": "does_not_fit"}
    assert shop.verdicts("X") == {"turbo": "does_not_fit", "plain": "fits"}
    assert shop.verdicts("D") == {"turbo": "does_not_fit", "plain": "fits"}
    assert shop.verdicts("M") == {"turbo": "fits", "plain": "does_not_fit"}
    assert shop.verdicts("U") == {"turbo": "needs_info", "plain": "needs_info"}


def test_a_kind_in_the_file_is_kept_as_said(shop: Shop) -> None:
    """A note said to be a condition stays a question, one said to be a hint never decides."""
    shop.index([row("C", "exc. turbo", kind="condition"), row("H", "exc. turbo", kind="hint")])
    assert shop.verdicts("C") == {"turbo": "needs_info", "plain": "needs_info"}
    assert shop.verdicts("H") == {"turbo": "fits", "plain": "fits"}


def test_a_note_that_contradicts_its_row_stays_a_note(shop: Shop) -> None:
    """A row that asks for a manual gearbox and notes `diesel` and `automatic` is left as it was said."""
    contradicting = {**row("A", "auto trans"), "where": {"transmission": "manual"}}
    shop.index([contradicting])
    assert shop.verdicts("A") == {"turbo": "needs_info", "plain": "does_not_fit"}


def test_reviews_hold_for_the_next_delivery(shop: Shop) -> None:
    """A variant stops asking, a condition becomes what the review says, a withdrawn review asks again."""
    rows = [row("V", "carbon version"), row("C", "big brakes")]
    assert shop.index(rows)["note_counts"]["open"] == 2
    assert shop.verdicts("V")["turbo"] == "needs_info"
    decided = shop.review(
        {"text": "Carbon  version", "kind": "variant"},
        {"text": "big brakes", "kind": "condition", "where": {"aspiration": "turbo"}},
    )
    assert shop.index(rows, decided)["note_counts"]["reviewed"] == 2
    for _ in range(2):
        assert shop.verdicts("V") == {"turbo": "fits", "plain": "fits"}
        assert shop.verdicts("C") == {"turbo": "fits", "plain": "does_not_fit"}
        shop.index(rows)
    shop.index(rows, shop.review({"text": "carbon version", "action": "D"}))
    assert shop.verdicts("V")["turbo"] == "needs_info"


def test_a_review_reaches_rows_that_an_update_does_not_bring(shop: Shop) -> None:
    """Rows keep what they said, so that an update reads them again under what was decided since."""
    shop.index([row("V", "carbon version"), row("T", "带涡轮增压")])
    shop.index([row("N", "new")], "--update", shop.review({"text": "carbon version", "kind": "variant"},
                                                           {"text": "带涡轮增压", "kind": "hint"}))  # fmt: skip
    assert shop.verdicts("V") == {"turbo": "fits", "plain": "fits"}
    assert shop.verdicts("T") == {"turbo": "fits", "plain": "fits"}


def test_rows_are_shown_as_they_were_read(shop: Shop) -> None:
    """What became a condition is still the note it was in the part's applications."""
    shop.index([row("T", "带涡轮增压")])
    generation = shop.generation()
    rule = generation.rows(0)[0].rule_id
    assert [(note.text, note.kind) for note in generation.rule_as_read(rule).notes] == [("带涡轮增压", None)]
    assert generation.rule_as_read(rule).where == {}
    assert generation.rule(rule).where == {"aspiration": ("turbo",)}


def test_open_notes_are_listed_to_be_handed_back(shop: Shop) -> None:
    """The most frequent first, with a proposed kind; the list itself is a review file."""
    report = shop.index([row("A", "carbon version"), row("B", "Carbon version", "banana"), row("C", "exc. turbo")])
    assert report["notes"] == 4
    assert {name: report["note_counts"][name] for name in ("open", "understood", "reviewed", "given")} == {
        "open": 3, "understood": 1, "reviewed": 0, "given": 0
    }  # fmt: skip
    listed = shop.generation().folder / "notes_to_review.jsonl"
    lines = [json.loads(line) for line in listed.read_text().splitlines()]
    assert [(line["text"].lower(), line["count"], line["kind"]) for line in lines] == [
        ("carbon version", 2, NoteKind.VARIANT.value), ("banana", 1, NoteKind.CONDITION.value)
    ]  # fmt: skip
    assert shop.index([row("A", "carbon version")], f"--notes={listed}")["note_counts"]["reviewed"] == 1
