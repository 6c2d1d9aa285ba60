"""A VIN given as the id of a user, a visit or a device is kept shortened, wherever it is given, and is still one id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from search_service.settings import load
from search_service.tokens import user_token
from tests.api.shop import index, run
from tests.oracle.shop import Client, serving

USER, VISIT, DEVICE = "1HGCM82633A004352", "LSVAM4187C2184841", "WVWZZZ1JZXW000001"
KEPT = "1HGCM8263A"
IDS = {"user_id": USER, "session_id": VISIT, "client_id": DEVICE}
KEY = "a key that signs users"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A published catalogue, and a profile of the user."""
    index(tmp_path)
    users = tmp_path / "users.jsonl"
    users.write_text(json.dumps({"user_id": USER, "member_level": "gold", "attributes": {"car": DEVICE}}) + "\n")
    run(tmp_path, "users", "load", str(users))
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[Client]:
    with serving(load({"data_dir": folder / "data", "log_level": "error"})) as client:
        yield client


def bought(**more: str) -> dict[str, object]:
    thing = {"object_id": "A-0", "object_id_field": "part_id"}
    return {"action_name": "purchase", **IDS, **more, "event_attributes": {"object": thing}}


def held(folder: Path) -> set[str]:
    """Those of the VINs that some file of the data folder holds."""
    files = [path.read_bytes() for path in (folder / "data").rglob("*") if path.is_file()]
    return {vin for vin in IDS.values() if any(vin.encode() in data for data in files)}


def test_no_file_holds_a_vin(folder: Path, client: Client) -> None:
    """Neither of searches, recommendations, events and opting out, nor of a profile."""
    client.get("/v1/search", {"q": "brake pads", **IDS})
    client.get("/v1/recommendations", {"kind": "for_you", **IDS})
    client.post("/v1/events", bought())
    client.post("/v1/opt-out", {**IDS, "out": True})
    assert client.get("/v1/opt-out", IDS)["opted_out"]
    assert not held(folder)


def test_forgetting_a_vin_erases_what_was_kept_of_it(folder: Path, client: Client) -> None:
    """Under the id as the shop has it: profile, queries and events."""
    client.get("/v1/search", {"q": "brake pads", **IDS})
    client.post("/v1/events", bought())
    run(folder, "users", "forget", USER)
    data = [path.read_bytes() for path in (folder / "data" / "live").rglob("*") if path.is_file()]
    assert not any(KEPT.encode() in one for one in data)


def test_a_token_signs_the_id_as_the_shop_has_it(folder: Path) -> None:
    """Where the operator asks for proof, of requests as of events."""
    settings = load({"data_dir": folder / "data", "log_level": "error", "user_key": KEY})
    with serving(settings) as client:
        sound = client.get("/v1/search", {"q": "brake pads", **IDS, "user_token": user_token(USER, KEY)})
        forged = client.get("/v1/search", {"q": "brake pads", **IDS, "user_token": user_token(KEPT, KEY)})
    assert [one["code"] for one in sound["notices"] if one["field"] == "user_token"] == []
    assert "user_token" in {one["field"] for one in forged["notices"]} | set(forged["degraded"])
