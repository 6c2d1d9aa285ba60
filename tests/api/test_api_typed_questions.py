"""Questions whose answer is typed are asked only where it could matter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from search_service.settings import Settings
from tests.api.serving import served
from tests.api.shop import part, run, write_rows

BUILT = {"built_from": "2015-02", "built_to": "2015-03"}
VEHICLES = [
    {"vehicle_id": "dated", "make": "Emma", "model": "One", "attributes": {"engine": "A"}, **BUILT},
    {"vehicle_id": "undated", "make": "Emma", "model": "One", "attributes": {"engine": "B"}},
]
RULE = {"vehicle": {"make": "Emma"}, "built_from": "2015-01", "built_to": "2015-06"}
APPLICATIONS = [
    {"application_id": "a", "part_id": "X:of-a", "where": {"engine": "A"}, **RULE},
    {"application_id": "b", "part_id": "X:of-b", "where": {"engine": "B"}, **RULE},
]


def test_no_date_is_asked_that_only_a_car_ruled_out_would_answer(tmp_path: Path) -> None:
    """The car with engine A was built in time, and of the one with B no date is known: only B's part asks for it."""
    of_a, of_b = _fits(tmp_path, VEHICLES, APPLICATIONS)
    assert of_a["verdict"] == of_b["verdict"] == "needs_info"
    assert [one["attribute"] for one in of_a["questions"]] == ["engine"]
    assert "built" in [one["attribute"] for one in of_b["questions"]]


def test_a_date_is_asked_that_tells_one_car_from_another(tmp_path: Path) -> None:
    """Of both cars the build date is known, and nothing else that the rule asks differs: one was built in time."""
    late = {**VEHICLES[0], "vehicle_id": "late", "built_from": "2017-02", "built_to": "2017-03"}
    (found,) = _fits(tmp_path, [VEHICLES[0], late], [{"application_id": "a", "part_id": "X:of-a", **RULE}])
    assert found["candidates"] == {"match": 1, "unknown": 0, "mismatch": 1}
    assert found["verdict"] == "needs_info"
    assert [one["attribute"] for one in found["questions"]] == ["built"]


def _fits(folder: Path, vehicles: Sequence[dict[str, Any]], rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the parts that the rules name are for any car of the make."""
    ids = [rule["part_id"] for rule in rules]
    rows = {"vehicles": vehicles, "parts": [part(one.removeprefix("X:"), "brake_pad") for one in ids]}
    files = [f"--{kind}={write_rows(folder / f'{kind}.jsonl', some)}" for kind, some in rows.items()]
    run(folder, "index", *files, f"--applications={write_rows(folder / 'applications.jsonl', rules)}")
    settings = Settings(data_dir=folder / "data", log_level="error")  # type: ignore[arg-type,call-arg]
    with served(settings) as address, httpx.Client(base_url=address, timeout=30.0) as client:
        answer = client.post("/v1/fitment/check", json={"vehicle": {"make": "Emma"}, "part_ids": ids})
    return [one["fit"] for one in answer.json()["results"]]
