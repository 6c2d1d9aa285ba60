"""What an answer does when the strict reading finds nothing: looser steps by name, things apart, suggestions."""

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

Ask = Callable[..., Any]

VEHICLES = [
    {"vehicle_id": "c", "make": "Toyota", "model": "Corolla", "year": 2015},
    {"vehicle_id": "f", "make": "Ford", "model": "Focus", "year": 2015},
]


def part(number: str, part_type: str, title: str, **more: Any) -> dict[str, Any]:
    """A part of the brand ACME unless `more` says otherwise."""
    row = {"part_id": number, "brand": "ACME", "part_number": number, "part_type": part_type, "title": {"en": title}}
    return row | more


PARTS = [
    part("PAD-4711-C", "brake_pad", "Brake pads", position=["front"]),
    part("DISC-0815", "brake_disc", "Brake disc"),
    part("TURBO-1", "turbocharger", "Turbocharger", brand="Blower"),
    part("ODD-1", "Cup holder light", "Light for the cup holder"),
    part("ODD-2", "Zubehoer", "Frobnicator kit"),
    *(part(f"TYRE-{width}", "tyre", f"Tyre {width}/55R16") for width in range(195, 245, 5)),
]
APPLICATIONS = [
    {"application_id": "1", "part_id": "PAD-4711-C", "vehicle_ids": ["c"]},
    {"application_id": "2", "part_id": "DISC-0815", "vehicle_ids": ["c"]},
    {"application_id": "3", "part_id": "TURBO-1", "vehicle_ids": ["f"]},
]
POLICY = """
rules:
  - id: wordings
    effects:
      - effect: synonyms
        pairs: [{from: gripper, to: [brake pads], two_way: true}]
"""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Ask `/v1/search` over a catalogue that the real command indexed."""
    folder = tmp_path_factory.mktemp("shop")
    environment = {"PARTFIT_DATA_DIR": str(folder / "data")}
    for name, rows in (("vehicles", VEHICLES), ("parts", PARTS), ("applications", APPLICATIONS)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    told = [f"--{name}={folder / name}.jsonl" for name in ("vehicles", "parts", "applications")]
    run(["index", *told], environment)
    (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
    run(["policy", "publish", str(folder / "policy.yaml")], environment)
    with serving(load({"data_dir": Path(folder / "data"), "log_level": "error"})) as client:
        yield lambda q, **more: client.get("/v1/search", {"q": q, **more})


def run(arguments: list[str], environment: dict[str, str]) -> None:
    """Run the command; its failure is the test's."""
    result = CliRunner().invoke(command, arguments, env=environment)
    assert result.exit_code == 0, result.output


def ids(answer: Any) -> list[str]:
    return [item["part_id"] for item in answer["items"]]


def steps(answer: Any) -> list[str]:
    return [one["step"] for one in answer["relaxed"]]


@pytest.mark.parametrize(
    ("q", "step", "found"),
    [
        ("PAD4711", "number_beginning", "PAD-4711-C"),
        ("DISC0815XL", "shorter_number", "DISC-0815"),
        ("brake pads ZZ99887766", "dropped_number", "PAD-4711-C"),
        ("used brake pads", "dropped_quality", "PAD-4711-C"),
        ("rear brake pads", "dropped_position", "PAD-4711-C"),
        ("bosch brake pads", "dropped_brand", "PAD-4711-C"),
        ("frobnicator xyzzyq", "any_word", "ODD-2"),
        ("brake caliper", "wider_category", "DISC-0815"),
    ],
)
def test_each_looser_step_is_named(ask: Ask, q: str, step: str, found: str) -> None:
    """What stood in the way is let go and named in both languages; nothing else is blamed."""
    answer = ask(q)
    assert found in ids(answer)
    assert steps(answer) == [step]
    assert answer["relaxed"][0]["text"]["en"]
    assert answer["relaxed"][0]["text"]["zh"]


def test_only_what_stood_in_the_way_is_let_go(ask: Ask) -> None:
    """A brand that the shop has stays, where the place was the trouble."""
    answer = ask("ACME rear brake pads")
    assert steps(answer) == ["dropped_position"]


def test_an_unknown_number_alone_finds_nothing(ask: Ask) -> None:
    """A number that no part has or begins with does not open the whole catalogue."""
    assert ask("QQ77665544")["total"] == 0


def test_what_fits_and_what_matches_stand_apart(ask: Ask) -> None:
    """A turbocharger for a car without one: nothing mixed in, both halves beside it."""
    answer = ask("turbocharger", vehicle_id="c")
    apart = {one["kind"]: one for one in answer["apart"]}
    assert answer["items"] == []
    assert [item["part_id"] for item in apart["words_other_vehicle"]["items"]] == ["TURBO-1"]
    assert {item["fit"]["verdict"] for item in apart["words_other_vehicle"]["items"]} == {"does_not_fit"}
    assert {item["fit"]["verdict"] for item in apart["fits_other_words"]["items"]} == {"fits"}


def test_nothing_apart_beside_results(ask: Ask) -> None:
    """An answer with parts has nothing apart."""
    assert ask("brake pads", vehicle_id="c")["apart"] == []


def test_related_part_types_are_suggested(ask: Ask) -> None:
    """Where nothing of the kind fits the car, kinds of the same category that do are suggested with their number."""
    answer = ask("front brake pads", vehicle_id="f")
    assert answer["total"] == 0
    assert answer["suggestions"] == []
    (one,) = ask("bosch front brake pads", vehicle_id="c", **{"filter.brand": "Blower"})["suggestions"]
    assert (one["text"], one["kind"], one["total"]) == ("Brake disc", "related", 1)


def test_a_correction_says_what_both_texts_find(ask: Ask) -> None:
    """ "Showing results for … / search instead for …", and the second is a parameter away."""
    answer = ask("braek pads")
    told = {one["kind"]: (one["text"], one["total"]) for one in answer["suggestions"]}
    assert told == {"correction": ("brake pads", 1), "instead": ("braek pads", 0)}
    assert ask("braek pads", verbatim=1)["understood"]["corrections"] == []
    assert ask("braek pads", ignore="correction")["understood"]["corrections"] == []


def test_both_wordings_of_a_two_way_synonym_are_searched(ask: Ask) -> None:
    """A word that only the merchandiser knows finds what its other wording finds, and the wording still does."""
    assert ids(ask("gripper")) == ["PAD-4711-C"]
    assert ids(ask("brake pads")) == ["PAD-4711-C"]


def test_a_part_type_only_the_catalogue_has_is_read(ask: Ask) -> None:
    """The name of a part type outside the vocabulary filters like any other."""
    answer = ask("cup holder light")
    assert ids(answer) == ["ODD-1"]
    assert answer["understood"]["part_types"][0]["id"] == "cup_holder_light"


def test_the_filter_wins_over_the_text_and_says_so(ask: Ask) -> None:
    """A turbocharger in the text, brake discs in the filter: discs, with a notice."""
    answer = ask("turbocharger", **{"filter.part_type": "brake_disc"})
    assert ids(answer) == ["DISC-0815"]
    assert "part_type_text_ignored" in [one["code"] for one in answer["notices"]]


@pytest.mark.parametrize("q", ["maserati turbocharger", "turbocharger for Zzyzx"])
def test_a_car_nobody_has_is_said_and_stands_in_no_ones_way(ask: Ask, q: str) -> None:
    """Parts are found without it, and a notice says that they were not checked for it."""
    answer = ask(q)
    assert ids(answer) == ["TURBO-1"]
    assert [one["code"] for one in answer["notices"]] == ["vehicle_not_listed"]


def test_a_brand_nobody_has_is_not_the_whole_catalogue(ask: Ask) -> None:
    """Where nothing else was said, letting the brand go leaves nothing to answer."""
    assert ask("bosch")["total"] == 0


def test_a_make_with_another_makes_model_is_said(ask: Ask) -> None:
    """Neither is searched for; the reading is offered."""
    answer = ask("ford corolla brake pads")
    assert "vehicle_text_unclear" in [one["code"] for one in answer["notices"]]
    assert {"make": "Toyota", "model": "Corolla"} in [one["use"] for one in answer["readings"]]
