"""Recommendations over HTTP: what each kind shows, that it fits, why, and what makes it change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from search_service.tokens import user_token
from tests.api.shop import USERS, did, index, run, serving, write_rows

KEY = "key-of-the-shop"
KINDS = ("for_you", "for_vehicle", "bought_together", "similar", "next_service", "popular")
PAD = "X:A-pad-front-0"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """One worker; a user id needs its token."""
    folder = tmp_path_factory.mktemp("recommendations")
    index(folder)
    run(folder, "users", "load", str(write_rows(folder / "users.jsonl", USERS)))
    with serving(folder, 1, PARTFIT_USER_KEY=KEY, PARTFIT_ADMIN_KEY="only-for-tests") as (opened, _):
        yield opened


def ask(client: httpx.Client, kind: str, **parameters: Any) -> dict[str, Any]:
    """A recommendation that must be answered."""
    response = client.get("/v1/recommendations", params={"kind": kind, **parameters})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def signed(user_id: str) -> dict[str, str]:
    return {"user_id": user_id, "user_token": user_token(user_id, KEY)}


def types(answer: dict[str, Any]) -> list[str]:
    return [item["part_type"]["id"] for item in answer["items"]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("car", ["A", "B"])
def test_whatever_is_shown_for_a_car_fits_it(client: httpx.Client, kind: str, car: str) -> None:
    """`fits` and then `universal`, nothing else, and every item says why in both languages."""
    answer = ask(client, kind, vehicle_id=car, part_id=PAD if kind in ("bought_together", "similar") else "", size=100)
    verdicts = [item["fit"]["verdict"] for item in answer["items"]]
    assert verdicts == sorted(verdicts)
    assert set(verdicts) <= {"fits", "universal"}
    assert all(item["part_id"][2] == car for item in answer["items"] if item["fit"]["verdict"] == "fits")
    assert all(one["text"]["en"] and one["text"]["zh"] for item in answer["items"] for one in item["because"])
    assert answer["items"] or (kind, car) == ("similar", "B")


@pytest.mark.parametrize("vehicle", [{}, {"vehicle_id": "A"}])
def test_parts_of_the_same_job_go_to_the_same_axle_of_the_same_car(
    client: httpx.Client, vehicle: dict[str, str]
) -> None:
    """Front discs and fluid for front pads: no pads, nothing of the rear, nothing of the other car."""
    answer = ask(client, "bought_together", part_id=PAD, **vehicle)
    assert {item["part_id"] for item in answer["items"] if item["part_type"]["id"] == "brake_disc"} == {
        "X:A-disc-front-0", "X:A-disc-front-1",
    }  # fmt: skip
    assert set(types(answer)) == {"brake_disc", "brake_fluid"}
    assert {one["kind"] for item in answer["items"] for one in item["because"]} <= {"together", "fits"}
    assert {item["because"][0]["part_id"] for item in answer["items"]} == {PAD}


@pytest.mark.parametrize("path", ["/v1/recommendations?kind=similar&part_id=", "/v1/parts/{}/similar"])
def test_similar_parts_could_take_its_place(client: httpx.Client, path: str) -> None:
    """The other front pads of the same car; not itself, not the rear, not the other car."""
    answer = client.get(path.format(PAD) if "{}" in path else path + PAD).json()
    assert {item["part_id"] for item in answer["items"]} == {"X:A-pad-front-1", "X:A-pad-front-2"}
    assert answer["kind"] == "similar"


def test_no_type_and_no_brand_crowds_the_rest_out(client: httpx.Client) -> None:
    """At most two parts of a type, and the first ones are of different types."""
    answer = ask(client, "for_vehicle", vehicle_id="A")
    assert max(Counter(types(answer)).values()) <= 2
    assert len(set(types(answer)[:4])) == 4


def test_the_garage_stands_in_for_a_vehicle(client: httpx.Client) -> None:
    """Its first car that the table knows; an empty garage or an unproven user is a 422."""
    answer = ask(client, "for_vehicle", **signed("ann"))
    assert answer["vehicle"]["vehicle_ids"] == ["A"]
    for who in (signed("bob"), {"user_id": "ann"}, {"user_id": "ann", "user_token": "wrong"}, {}):
        assert client.get("/v1/recommendations", params={"kind": "for_vehicle", **who}).status_code == 422


def test_an_unproven_user_is_nobody_and_told_so(client: httpx.Client) -> None:
    """The answer is anonymous and says so in `degraded`."""
    assert "user_token" in ask(client, "for_you", user_id="ann")["degraded"]
    assert "user_token" not in ask(client, "for_you", **signed("ann"))["degraded"]


def test_a_stranger_with_a_car_is_told_what_is_due(client: httpx.Client) -> None:
    """By interval; kilometres on a young car bring forward what they wear."""
    answer = ask(client, "next_service", vehicle_id="A", mileage_km=90_000, size=100)
    assert {"oil_filter", "air_filter", "wiper_blade", "brake_pad", "engine_oil"} <= set(types(answer))
    assert {item["because"][0]["kind"] for item in answer["items"]} == {"due"}
    assert client.get("/v1/recommendations?kind=next_service&mileage_km=-1").status_code == 422


def test_what_is_missing_or_unknown_is_named(client: httpx.Client) -> None:
    """422 without a part or a kind, 404 for a part or a vehicle there is not; a car not found is a notice."""
    for query in ("kind=similar", "kind=bought_together", "kind=other", "", "kind=popular&fitment=all"):
        assert client.get(f"/v1/recommendations?{query}").status_code == 422
    assert client.get("/v1/recommendations?kind=similar&part_id=none").status_code == 404
    assert client.get("/v1/parts/none/similar").status_code == 404
    assert client.get("/v1/recommendations?kind=popular&vehicle_id=none").status_code == 404
    lost = ask(client, "popular", make="Make", model="Nowhere")
    assert [notice["code"] for notice in lost["notices"]] == ["vehicle_not_found"]
    assert {item["fit"]["verdict"] for item in lost["items"]} == {None}
    assert ask(client, "for_vehicle", make="Make", model="Nowhere")["items"] == []


def test_what_was_bought_is_not_offered_again_and_calls_for_what_goes_with_it(client: httpx.Client) -> None:
    """After front pads no pads, but discs, because of those very pads."""
    assert "brake_pad" in types(ask(client, "for_you", session_id="s1", vehicle_id="A", size=100))
    assert client.post("/v1/events", json=did("purchase", PAD, session_id="s1")).json()["accepted"] == 1
    answer = ask(client, "for_you", session_id="s1", vehicle_id="A", size=100)
    assert "brake_pad" not in types(answer)
    disc = next(item for item in answer["items"] if item["part_type"]["id"] == "brake_disc")
    assert (disc["because"][0]["kind"], disc["because"][0]["part_id"]) == ("bought", PAD)
    assert disc["because"][0]["text"]["en"] == "Because you bought brake pad set"
    assert "brake_pad" in types(ask(client, "for_you", session_id="s1", vehicle_id="A", size=100, personalised=0))


def test_who_opts_out_is_nobody_from_then_on(client: httpx.Client) -> None:
    """Earlier events no longer count, later ones carry no ids; it can be taken back; a user needs his token."""
    client.post("/v1/events", json=did("purchase", PAD, client_id="c1"))
    assert "brake_pad" not in types(ask(client, "for_you", client_id="c1", vehicle_id="A", size=100))
    assert client.post("/v1/opt-out", json={"client_id": "c1"}).json() == {"opted_out": True}
    assert "brake_pad" in types(ask(client, "for_you", client_id="c1", vehicle_id="A", size=100))
    assert client.get("/v1/opt-out?client_id=c1").json() == {"opted_out": True}
    assert client.post("/v1/opt-out", json={"client_id": "c1", "out": "0"}).json() == {"opted_out": False}
    assert client.post("/v1/opt-out", json={"user_id": "ann"}).status_code == 422
    assert client.post("/v1/opt-out", json={}).status_code == 422


def test_an_erased_user_is_a_stranger(client: httpx.Client) -> None:
    """His events no longer count."""
    client.post("/v1/events", json=did("purchase", PAD, **signed("cat")))
    assert "brake_pad" not in types(ask(client, "for_you", vehicle_id="A", size=100, **signed("cat")))
    gone = client.delete("/v1/admin/users/cat", headers={"Authorization": "Bearer only-for-tests"}).json()
    assert gone["events"] == 1
    assert "brake_pad" in types(ask(client, "for_you", vehicle_id="A", size=100, **signed("cat")))
