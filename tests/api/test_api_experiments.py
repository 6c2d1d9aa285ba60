"""An A/B test as a merchandiser runs it: start, watch what people do in each arm, end."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from search_service.settings import Settings
from search_service.trying import rate
from tests.api.serving import served
from tests.api.shop import did, index

ADMIN = {"Authorization": "Bearer only-for-tests"}
PINNED = "X:A-pad-front-2"
PINNING = f"rules:\n- {{id: pin, effects: [{{effect: pin, part_ids: ['{PINNED}'], position: 1}}]}}\n"
CAR = {"q": "brake pad front", "make": "Make", "model": "A"}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data of a shop in which no experiment ever ran."""
    folder = tmp_path_factory.mktemp("experiments")
    index(folder)
    return folder / "data"


@pytest.fixture
def client(indexed: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    """A served copy of the shop."""
    shutil.copytree(indexed, tmp_path / "data")
    chosen = Settings(data_dir=tmp_path / "data", admin_key="only-for-tests", log_level="error")  # type: ignore[arg-type,call-arg]
    with served(chosen) as address, httpx.Client(base_url=address, timeout=30.0) as opened:
        yield opened


def admin(client: httpx.Client, method: str, path: str, **more: Any) -> httpx.Response:
    """A call with the admin key."""
    return client.request(method, f"/v1/admin{path}", headers=ADMIN, **more)


def search(client: httpx.Client, **more: Any) -> dict[str, Any]:
    """One search for the car."""
    found: dict[str, Any] = client.get("/v1/search", params={**CAR, **more}).json()
    return found


def start(client: httpx.Client, name: str = "pinned", share: float = 0.5) -> str:
    """An experiment of the published policy against one that pins a part; the version that pins."""
    version = str(admin(client, "POST", "/policies", content=PINNING).json()["version"])
    arms = [{"name": "as-is", "share": 1 - share}, {"name": "pin", "share": share, "policy_version": version}]
    answer = admin(client, "POST", "/experiments", json={"name": name, "arms": arms})
    assert answer.status_code == 200, answer.text
    return version


def test_people_see_their_arm_and_keep_it(client: httpx.Client) -> None:
    """Half of the users see the pin, always the same ones; the unknown, and later pages, see what they saw."""
    version = start(client)
    answers = {f"u{number}": search(client, user_id=f"u{number}") for number in range(60)}
    pinned = {user for user, found in answers.items() if found["arm"] == "pin"}
    assert 15 < len(pinned) < 45
    for user, found in answers.items():
        assert (found["items"][0]["part_id"] == PINNED) == (user in pinned)
        assert (found["policy_version"] == version) == (user in pinned)
        assert found["arm"] == search(client, user_id=user)["arm"]
    assert search(client)["arm"] is None
    assert search(client, user_id=min(pinned), personalised=0)["arm"] is None
    first = search(client, user_id=min(pinned), size=1)
    later = search(client, user_id=min(pinned), size=1, cursor=first["cursor"])
    assert (later["arm"], later["policy_version"]) == ("pin", version)


def test_what_people_did_is_counted_by_arm(client: httpx.Client) -> None:
    """Searches, people, and who clicked or bought after a search of the arm; actions without a search do not count."""
    start(client)
    arms: dict[str, list[str]] = {"as-is": [], "pin": []}
    for number in range(20):
        user = f"u{number}"
        found = search(client, user_id=user)
        search(client, user_id=user, q="no such thing at all")
        arms[found["arm"]].append(user)
        if found["arm"] == "pin":
            for action in ("click", "click", "purchase"):
                event = did(action, PINNED, user_id=user, query_id=found["query_id"])
                assert client.post("/v1/events", json=event).json()["accepted"] == 1
    assert client.post("/v1/events", json=did("purchase", PINNED, user_id="u0")).json()["accepted"] == 1
    for _ in range(50):  # searches are logged behind the answer
        told = admin(client, "GET", "/experiments").json()
        figures = {arm["name"]: arm for arm in told["items"][0]["arms"]}
        if sum(arm["searches"] for arm in figures.values()) == 40:
            break
        time.sleep(0.1)
    assert told["running"] == "pinned"
    for name, people in arms.items():
        assert (figures[name]["people"], figures[name]["searches"]) == (len(people), 2 * len(people))
    assert figures["pin"]["clicked"]["people"] == figures["pin"]["bought"]["people"] == len(arms["pin"])
    assert figures["as-is"]["bought"] == rate(0, len(arms["as-is"]))


def test_after_the_end_everybody_sees_what_is_published(client: httpx.Client) -> None:
    """Its figures stay; a name that ran is not taken again, and a second one waits for the end of the first."""
    start(client, share=0.9)
    arms = [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}]
    refused = admin(client, "POST", "/experiments", json={"name": "other", "arms": arms})
    assert refused.status_code == 422
    assert "'pinned' runs" in refused.text
    assert admin(client, "POST", "/experiments/pinned/end").json()["ended_at"] is not None
    assert {search(client, user_id=f"u{number}")["arm"] for number in range(20)} == {None}
    again = admin(client, "POST", "/experiments", json={"name": "pinned", "arms": arms})
    assert again.status_code == 422
    assert "choose a new name" in again.text
    assert admin(client, "POST", "/experiments", json={"name": "other", "arms": arms}).status_code == 200
    told = admin(client, "GET", "/experiments").json()
    assert (told["running"], [one["name"] for one in told["items"]]) == ("other", ["other", "pinned"])


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"name": "x", "arms": [{"name": "a", "share": 0.5}]}, 422),
    ({"name": "x", "arms": [{"name": "a", "share": 0.7}, {"name": "b", "share": 0.7}]}, 422),
    ({"name": "x", "arms": [{"name": "a", "share": 0.5}, {"name": "a", "share": 0.5}]}, 422),
    ({"name": "x", "arms": [{"name": "a", "share": 0}, {"name": "b", "share": 0.5}]}, 422),
    ({"name": "X y", "arms": [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}]}, 422),
    ({"name": "x", "arms": [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5, "police": "p1"}]}, 422),
    (
        {"name": "x", "arms": [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5, "policy_version": "p9"}]},
        404,
    ),
]


def test_what_cannot_run_is_refused(client: httpx.Client) -> None:
    """With what is wrong; nothing starts. Nobody without the key sees or starts any."""
    for body, status in REFUSED:
        answer = admin(client, "POST", "/experiments", json=body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), body
    assert admin(client, "GET", "/experiments").json() == {"running": None, "items": []}
    assert client.get("/v1/admin/experiments").status_code == 401
    assert client.post("/v1/admin/experiments", json={}).status_code == 401


def test_rates_have_wilsons_interval() -> None:
    """As published: 15 of 50 is 0.3 [0.1910, 0.4375]."""
    found = rate(15, 50)
    assert found["rate"] == 0.3
    assert (round(found["low"], 4), round(found["high"], 4)) == (0.191, 0.4375)
    assert rate(0, 0)["rate"] is None
