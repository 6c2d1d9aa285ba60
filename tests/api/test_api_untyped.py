"""A catalogue that calls everything "Part": no vehicles, no part types, only titles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from search_service.cli import app as command
from search_service.settings import load
from tests.oracle.shop import serving

TITLES = (
    "Brake pad | disc pad, patti", "Swift brake pad", "Disc brake patti", "Brake shoe | patti",
    "Shock absorber | shocker", "Shocker front | shock absorber", "Shocker",
    "Spark plug", "Air filter", "Horn", "Silencer", "Zubehoer",
)  # fmt: skip


@pytest.fixture(scope="module")
def titles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[str]]]:
    """Titles that a text finds, best first."""
    folder = tmp_path_factory.mktemp("untyped")
    rows = [
        {"part_id": f"P{at}", "brand": "-", "part_number": f"N{at}", "part_type": "Part", "title": {"en": title}}
        for at, title in enumerate(TITLES)
    ]
    (folder / "parts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    environment = {"PARTFIT_DATA_DIR": str(folder / "data")}
    result = CliRunner().invoke(command, ["index", f"--parts={folder / 'parts.jsonl'}"], env=environment)
    assert result.exit_code == 0, result.output
    with serving(load({"data_dir": Path(folder / "data"), "log_level": "error"})) as client:

        def found(q: str) -> list[str]:
            answer: Any = client.get("/v1/search", {"q": q})
            return [item["title"] for item in answer["items"]]

        yield found


def test_what_a_title_names_comes_before_what_shares_a_word(titles: Callable[[str], list[str]]) -> None:
    """Brake pads first, then what is also about brakes; nothing else."""
    found = titles("brake pads")
    assert set(found[:2]) == {"Brake pad | disc pad, patti", "Swift brake pad"}
    assert set(found[2:]) == {"Disc brake patti", "Brake shoe | patti"}


def test_a_synonym_finds_what_no_word_of_it_stands_in(titles: Callable[[str], list[str]]) -> None:
    """A damper is a shock absorber, whatever the title calls it."""
    assert set(titles("damper")) >= {"Shock absorber | shocker", "Shocker front | shock absorber"}


def test_words_learnt_from_titles_and_slips_of_them(titles: Callable[[str], list[str]]) -> None:
    """A word of titles is found as it stands, and misspelt."""
    assert "Shocker" in titles("shocker")
    assert "Shocker" in titles("shoker")


def test_a_number_nobody_has_finds_nothing(titles: Callable[[str], list[str]]) -> None:
    """Also here a number is not the whole catalogue."""
    assert titles("QQ77665544") == []
