"""Questions whose answer is typed are asked only where it could matter."""

from __future__ import annotations

from pathlib import Path

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
    rows = {"vehicles": VEHICLES, "parts": [part("of-a", "brake_pad"), part("of-b", "brake_pad")]}
    files = [f"--{kind}={write_rows(tmp_path / f'{kind}.jsonl', some)}" for kind, some in rows.items()]
    run(tmp_path, "index", *files, f"--applications={write_rows(tmp_path / 'applications.jsonl', APPLICATIONS)}")
    settings = Settings(data_dir=tmp_path / "data", log_level="error")  # type: ignore[arg-type,call-arg]
    with served(settings) as address, httpx.Client(base_url=address, timeout=30.0) as client:
        asked = {"vehicle": {"make": "Emma"}, "part_ids": ["X:of-a", "X:of-b"]}
        of_a, of_b = (one["fit"] for one in client.post("/v1/fitment/check", json=asked).json()["results"])
    assert of_a["verdict"] == of_b["verdict"] == "needs_info"
    assert [one["attribute"] for one in of_a["questions"]] == ["engine"]
    assert "built" in [one["attribute"] for one in of_b["questions"]]
