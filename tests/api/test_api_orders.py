"""Stamps over a generation's end, and the orders that the next generation would put at risk."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner

from search_service.cli import app as command
from search_service.settings import Settings
from tests.api.serving import served

COROLLA = {"make": "Toyota", "model": "Corolla"}
VEHICLES = [{"vehicle_id": "c", **COROLLA, "year": 2015, "attributes": {"engine": "1ZR-FE"}}]
PARTS = [
    {"part_id": name, "brand": "ACME", "part_number": name, "part_type": "oil_filter", "title": {"en": "Oil filter"}}
    for name in ("STAYS", "NARROWED", "GONE")
]
BEFORE = [{"application_id": f"a-{part['part_id']}", "part_id": part["part_id"], "vehicle": COROLLA} for part in PARTS]
AFTER = [BEFORE[0], {**BEFORE[1], "where": {"engine": "2ZR-FE"}}]


def index(
    folder: Path,
    applications: Sequence[Mapping[str, Any]],
    parts: Sequence[Mapping[str, Any]],
    *more: str,
    vehicles: Sequence[Mapping[str, Any]] = VEHICLES,
) -> dict[str, Any]:
    for name, rows in (("vehicles", vehicles), ("parts", parts), ("applications", applications)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = [f"--{name}={folder / name}.jsonl" for name in ("vehicles", "parts", "applications")]
    told = ["index", *files, f"--report={folder / 'report.json'}", *more]
    result = CliRunner().invoke(
        command, told, env={"PARTFIT_DATA_DIR": str(folder / "data"), "PARTFIT_KEEP_GENERATIONS": "1"}
    )
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    return found


def followed(client: httpx.Client, former: str) -> None:
    """Wait until the server answers from a generation after `former`; until it has looked, that one is gone."""
    until = time.monotonic() + 30.0
    while client.get("/v1/search", params={"size": 1}).json().get("generation", former) == former:
        assert time.monotonic() < until, "the server did not follow the new generation"
        time.sleep(0.1)


def test_open_orders_are_checked_before_publishing(tmp_path: Path) -> None:
    """Named with order, line, both verdicts and what changed; what still holds is not; the stamps outlive the data."""
    first = index(tmp_path, BEFORE, PARTS)
    settings = Settings(data_dir=tmp_path / "data", log_level="error")  # type: ignore[call-arg]
    with served(settings) as address, httpx.Client(base_url=address, timeout=30.0) as client:
        names = [part["part_id"] for part in PARTS]
        checked = client.post("/v1/fitment/check", json={"vehicle": {"vehicle_id": "c"}, "part_ids": names}).json()
        stamps = {one["part_id"]: one["stamp"] for one in checked["results"]}
        orders = tmp_path / "orders.jsonl"
        lines = [json.dumps({"order_id": f"o-{name}", "stamp": stamps[name]}) for name in names]
        orders.write_text("\n".join([*lines, '{"order_id": "odd", "stamp": "forged"}']))

        report = index(tmp_path, AFTER, PARTS[:2], f"--orders={orders}")
        found = {one["subject"]: one for one in report["findings"] if one["kind"] == "order_at_risk"}
        assert sorted(found) == ["o-GONE", "o-NARROWED"]
        assert (found["o-NARROWED"]["file"], found["o-NARROWED"]["row"]) == ("orders.jsonl", 2)
        assert "stamped fits" in found["o-NARROWED"]["message"]
        assert "would be does_not_fit" in found["o-NARROWED"]["message"]
        assert report["totals"]["order_at_risk"] == 2
        assert [one["row"] for one in report["findings"] if one["kind"] == "bad_order"] == [4]

        followed(client, first["generation"])
        told = client.post("/v1/fitment/verify", json={"stamp": stamps["STAYS"]}).json()
        assert (told["then"], told["now"], told["still_true"], told["changes"]) == ("fits", "fits", True, [])
        assert told["generation"] == first["generation"]
        told = client.post("/v1/fitment/verify", json={"stamp": stamps["NARROWED"]}).json()
        assert (told["now"], told["still_true"]) == ("does_not_fit", False)
        assert told["changes"] == [
            {
                "application_id": "a-NARROWED",
                "what": "changed",
                "attribute": "engine",
                "before": None,
                "after": ["2ZR-FE"],
            }
        ]
        told = client.post("/v1/fitment/verify", json={"stamp": stamps["GONE"]}).json()
        assert (told["now"], told["still_true"]) == (None, False)
        assert [(one["application_id"], one["what"]) for one in told["changes"]] == [("a-GONE", "removed")]

        second = client.get("/v1/search", params={"size": 1}).json()["generation"]
        index(tmp_path, AFTER, PARTS[:2], vehicles=[{**VEHICLES[0], "vehicle_id": "renamed"}])
        followed(client, second)
        told = client.post("/v1/fitment/verify", json={"stamp": stamps["STAYS"]}).json()
        assert (told["now"], told["still_true"]) == (None, False)
        gone = {"application_id": None, "what": "removed", "attribute": "vehicle_id", "before": ["c"], "after": None}
        assert told["changes"] == [gone], "the application is there as it was"
