"""The HTTP side over a small catalogue of known answers: what the contract promises, seen from outside."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from search_service.cli import app as command
from search_service.settings import Settings
from tests.api.serving import served

ADMIN = {"Authorization": "Bearer only-for-tests"}


def part(name: str, title: str, **more: Any) -> dict[str, Any]:
    """A brake pad set of the brand ACME."""
    return {
        "part_id": f"ACME:{name}", "brand": "ACME", "part_number": name, "part_type": "brake_pad",
        "position": ["front"], "title": {"en": title}, "price": {"amount": 100.0, "currency": "CNY"}, **more,
    }  # fmt: skip


VEHICLES = [
    {"vehicle_id": "c16", "make": "Toyota", "model": "Corolla", "year_from": 2014, "year_to": 2016,
     "names": {"zh": {"make": "丰田", "model": "卡罗拉"}}, "attributes": {"engine": "1ZR-FE"}},
    {"vehicle_id": "c18", "make": "Toyota", "model": "Corolla", "year_from": 2014, "year_to": 2016,
     "names": {"zh": {"make": "丰田", "model": "卡罗拉"}}, "attributes": {"engine": "2ZR-FE"}},
    {"vehicle_id": "f1", "make": "Ford", "model": "Focus", "year": 2015, "attributes": {"engine": "M8DA"}},
]  # fmt: skip

PARTS = [
    part("BOTH", "Front brake pad set"),
    part(
        "SMALL", "Front brake pad set for the small engine", oe_numbers=[{"brand": "TOYOTA", "number": "04465-02220"}]
    ),
    part("FORD", "Front brake pad set for the Ford"),
    part("ANY", "Brake pad set for every car", universal=True),
    part("NONE", "Brake pad set nobody knows the car of"),
]

COROLLA = {"make": "Toyota", "model": "Corolla", "years": [2014, 2016]}
APPLICATIONS = [
    {"application_id": "a1", "part_id": "ACME:BOTH", "vehicle": COROLLA, "quantity": 2},
    {"application_id": "a2", "part_id": "ACME:SMALL", "vehicle": COROLLA, "where": {"engine": ["1ZR-FE"]},
     "notes": [{"text": "Grease the pins", "lang": "en", "kind": "hint"}]},
    {"application_id": "a3", "part_id": "ACME:FORD", "vehicle": {"make": "Ford", "model": "Focus"}},
]  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The application over a catalogue that the real command indexed."""
    folder = tmp_path_factory.mktemp("api")
    for name, rows in (("vehicles", VEHICLES), ("parts", PARTS), ("applications", APPLICATIONS)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = folder / "config"
    config.mkdir()
    told = [f"--{name}={folder / name}.jsonl" for name in ("vehicles", "parts", "applications")]
    result = CliRunner().invoke(command, ["index", *told], env={"PARTFIT_DATA_DIR": str(folder / "data")})
    assert result.exit_code == 0, result.output
    chosen = Settings(data_dir=folder / "data", config_dir=config, admin_key="only-for-tests", log_level="error")  # type: ignore[arg-type,call-arg]
    with served(chosen) as address, httpx.Client(base_url=address, timeout=30.0) as opened:
        yield opened


def get(client: httpx.Client, path: str, **parameters: Any) -> dict[str, Any]:
    """A request that must be answered."""
    response = client.get(path, params=parameters)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def ids(answer: dict[str, Any]) -> list[str]:
    """Part numbers in the order shown."""
    return [item["part_id"].partition(":")[2] for item in answer["items"]]


def test_search_bands_follow_each_other(client: httpx.Client) -> None:
    """What fits comes first, then what is universal, then what needs one more answer; the rest is counted."""
    answer = get(client, "/v1/search", q="刹车皮", make="丰田", model="卡罗拉", year=2015)
    assert ids(answer) == ["BOTH", "ANY", "SMALL"]
    assert answer["bands"] == {"fits": 1, "universal": 1, "needs_info": 1}
    assert answer["excluded"] == {"no_data": 1, "does_not_fit": 1}
    assert answer["total"] == 3
    assert answer["understood"]["part_types"][0]["id"] == "brake_pad"


def test_the_question_settles_what_is_open(client: httpx.Client) -> None:
    """The engine is asked, its options say what they make, and the answer moves the part into its band."""
    answer = get(client, "/v1/search", q="brake pads", make="Toyota", model="Corolla", year=2015)
    question = answer["vehicle"]["question"]
    assert question["attribute"] == "engine"
    assert {option["value"]: option["fits"] for option in question["options"]} == {"1ZR-FE": 3, "2ZR-FE": 2}
    small = get(client, "/v1/search", q="brake pads", make="Toyota", model="Corolla", year=2015, engine="1ZR-FE")
    assert small["bands"] == {"fits": 2, "universal": 1, "needs_info": 0}
    other = client.get("/v1/search", params={"q": "brake pads", "vehicle_id": "c18", "fitment": "all"}).json()
    assert {item["part_id"]: item["fit"]["verdict"] for item in other["items"]}["ACME:SMALL"] == "does_not_fit"


def test_a_verdict_names_the_rule_that_decided(client: httpx.Client) -> None:
    """Reasons hold the application, its source and each condition with what was asked and what there is."""
    answer = get(client, "/v1/search", q="", vehicle_id="c16", fitment="all")
    fit = next(item["fit"] for item in answer["items"] if item["part_id"] == "ACME:SMALL")
    assert fit["verdict"] == "fits"
    assert fit["candidates"] == {"match": 1, "unknown": 0, "mismatch": 0}
    [reason] = fit["reasons"]
    assert reason["application_id"] == "a2"
    engine = next(one for one in reason["conditions"] if one["attribute"] == "engine")
    assert engine == {"attribute": "engine", "asks": {"any_of": ["1ZR-FE"]}, "has": ["1ZR-FE"], "result": "match"}
    assert fit["notes"] == [{"text": "Grease the pins", "lang": "en", "kind": "hint"}]


def test_a_misspelt_parameter_is_refused(client: httpx.Client) -> None:
    """`vehicleid` must not return unfiltered parts; the answer names it and the one meant."""
    response = client.get("/v1/search", params={"vehicleid": "c16"})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    [error] = response.json()["errors"]
    assert error["field"] == "vehicleid"
    assert "vehicle_id" in error["message"]


def test_get_and_post_answer_alike(client: httpx.Client) -> None:
    """A JSON body takes the parameter names as keys; lists repeat."""
    asked = {"q": "brake pads", "make": "Toyota", "filter.brand": ["ACME", "NOBODY"], "fitment": "strict"}
    posted = client.post("/v1/search", json=asked).json()
    got = client.get("/v1/search", params=asked).json()
    assert ids(posted) == ids(got)
    assert posted["total"] == got["total"]


def test_contributions_add_up(client: httpx.Client) -> None:
    """With `explain=1` every score is the sum of its contributions, and does not rise inside a band."""
    answer = get(client, "/v1/search", q="brake pads", make="Toyota", explain=1)
    for item in answer["items"]:
        total = sum(one["contribution"] for one in item["explanation"]["contributions"])
        assert total == pytest.approx(item["score"], abs=1e-6)


def test_pages_have_no_repeats_and_no_gaps(client: httpx.Client) -> None:
    """Following the cursor gives every part once."""
    seen: list[str] = []
    cursor = None
    for _ in range(10):
        extra = {"cursor": cursor} if cursor else {}
        answer = get(client, "/v1/search", q="", size=2, **extra)
        seen += ids(answer)
        cursor = answer["cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(one["part_number"] for one in PARTS)


def test_a_vin_in_the_text_is_shortened_everywhere(client: httpx.Client) -> None:
    """Only /v1/vin returns a VIN."""
    text = json.dumps(get(client, "/v1/search", q="1HGCM82633A004352 brake pads"))
    assert "1HGCM82633A004352" not in text
    assert "1HGCM8263A" in text
    assert get(client, "/v1/vin/1HGCM82633A004352")["model_years"] == [2003]


def test_a_vin_given_as_a_make_is_shortened_too(client: httpx.Client) -> None:
    """In the notice that quotes it and in what is known of the vehicle."""
    vin = "JTDBR32E520012345"
    found = client.get("/v1/search", params={"make": vin})
    assert found.json()["notices"]
    assert vin not in found.text


@pytest.mark.parametrize("path", ["/v1/search", "/v1/fitment/check", "/v1/fitment/verify", "/v1/events"])
def test_a_body_nested_too_deeply_is_malformed(client: httpx.Client, path: str) -> None:
    """It is the caller's mistake, not a failure of the service."""
    answer = client.post(path, content=b"[" * 5000, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")


def test_a_vehicle_that_is_no_object_is_refused(client: httpx.Client) -> None:
    """An empty list too: it would be checked for no vehicle at all."""
    answer = client.post("/v1/fitment/check", json={"vehicle": [], "part_ids": ["ACME:BOTH"]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "vehicle")


def test_a_forged_cursor_of_a_parts_page_names_the_cursor(client: httpx.Client) -> None:
    """The field of the error is the parameter that was sent."""
    answer = client.get("/v1/parts/ACME:BOTH/applications", params={"cursor": "xx.yy"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


def test_a_byte_order_mark_is_passed_over(client: httpx.Client) -> None:
    """Bodies written by editors that put one there are JSON all the same."""
    for path, body in (("/v1/search", b'{"q": "brake pads"}'), ("/v1/fitment/check", b'{"part_ids": ["ACME:SMALL"]}')):
        answer = client.post(path, content=b"\xef\xbb\xbf" + body, headers={"content-type": "application/json"})
        assert answer.status_code == 200, answer.text


def test_a_place_that_is_none_filters_nothing_away_silently(client: httpx.Client) -> None:
    """A misspelt place must not return parts of every place; both ends of an axis are a place."""
    answer = client.get("/v1/search", params={"q": "brake pads", "filter.position": "fornt"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "filter.position")
    for place in ("front and rear", "前", "Front-Left"):
        assert client.get("/v1/search", params={"filter.position": place}).status_code == 200


def test_nothing_is_sorted_by_distance_from_nowhere(client: httpx.Client) -> None:
    """A store that is none has no distance to anything: said, not passed over."""
    answer = client.get("/v1/search", params={"q": "brake pads", "sort": "distance", "store": "atlantis"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "store")
    assert "no store of this shop" in answer.json()["detail"]


def test_an_unknown_vehicle_says_so(client: httpx.Client) -> None:
    """No vehicle found: no verdict, no candidates, and a notice that names the parameter. An unknown id is a 404."""
    answer = get(client, "/v1/search", q="brake pads", make="Trabant")
    assert answer["vehicle"]["candidates"] == 0
    assert [notice["code"] for notice in answer["notices"]] == ["vehicle_not_found"]
    assert {item["fit"]["verdict"] for item in answer["items"]} == {None}
    assert client.get("/v1/search", params={"vehicle_id": "nope"}).status_code == 404


def test_options_ignore_their_own_value(client: httpx.Client) -> None:
    """All engines of the model are offered, also when one was chosen; years fall."""
    answer = get(client, "/v1/vehicles/options", model="Corolla", engine="1ZR-FE", attribute="engine,year", has_parts=1)
    assert [one["value"] for one in answer["options"]["engine"]] == ["1ZR-FE", "2ZR-FE"]
    assert [one["parts"] for one in answer["options"]["engine"]] == [2, 1]
    assert [one["value"] for one in answer["options"]["year"]] == [2016, 2015, 2014]


def test_stamps_are_signed_and_checked_again(client: httpx.Client) -> None:
    """A stamp of check verifies; a changed one is refused; unknown parts say so in their place."""
    body = {"vehicle": {"vehicle_id": "c16"}, "part_ids": ["ACME:SMALL", "ACME:?"]}
    known, unknown = client.post("/v1/fitment/check", json=body).json()["results"]
    assert unknown == {"part_id": "ACME:?", "fit": None, "stamp": None, "error": "unknown part"}
    verified = client.post("/v1/fitment/verify", json={"stamp": known["stamp"]}).json()
    assert (verified["then"], verified["now"], verified["still_true"]) == ("fits", "fits", True)
    forged = client.post("/v1/fitment/verify", json={"stamp": "A" + known["stamp"][1:]})
    assert forged.status_code == 422


def test_part_numbers_are_found_in_any_punctuation(client: httpx.Client) -> None:
    """An OE number without its hyphen finds the part."""
    assert ids(get(client, "/v1/search", q="0446502220")) == ["SMALL"]
    assert get(client, "/v1/parts/ACME:SMALL/interchange")["items"][0]["kind"] == "oe"


def test_a_part_tells_what_it_fits(client: httpx.Client) -> None:
    """Applications as read, and folded to runs of years."""
    assert get(client, "/v1/parts/ACME:BOTH/applications")["items"][0]["vehicle"]["model"] == ["Corolla"]
    [fitted] = get(client, "/v1/parts/ACME:BOTH/vehicles")["items"]
    assert (fitted["make"], fitted["years"], fitted["verdict"]) == ("Toyota", [2014, 2016], "fits")
    assert client.get("/v1/parts/ACME:nope").status_code == 404


def test_stock_and_prices_are_live(client: httpx.Client) -> None:
    """A row posted by the admin is in the next answer, and filters by it are exact."""
    assert client.post("/v1/admin/stock", content=b"{}").status_code == 401
    row = {"part_id": "ACME:BOTH", "store_id": "online", "quantity": 3}
    assert client.post("/v1/admin/stock", content=json.dumps(row), headers=ADMIN).json()["accepted"] == 1
    price = {"part_id": "ACME:BOTH", "amount": 42.5, "currency": "CNY"}
    sent = client.post("/v1/admin/prices", content=json.dumps(price), headers=ADMIN)
    assert sent.status_code == 200, sent.text
    answer = get(client, "/v1/search", q="brake pads", **{"filter.available": "online"})
    assert ids(answer) == ["BOTH"]
    assert answer["items"][0]["availability"]["online"] == 3
    shown = get(client, "/v1/parts/ACME:BOTH")
    now = {"amount": 42.5, "currency": "CNY"}
    assert (shown["part"]["price"], shown["price"], answer["items"][0]["price"]) == (now, now, now)


def test_a_policy_is_previewed_and_published_without_a_restart(client: httpx.Client) -> None:
    """A draft is previewed on the live path; once published it pins its part inside its band."""
    draft = """
rules:
  - id: r1
    when: {query: {contains: [pads]}}
    effects: [{effect: pin, part_ids: ["ACME:FORD"], position: 1}]
"""
    made = client.post("/v1/admin/policies", content=draft, headers=ADMIN)
    assert made.status_code == 200, made.text
    version = made.json()["version"]
    preview = f"/v1/admin/policies/{version}/preview"
    seen = client.get(preview, params={"q": "brake pads"}, headers=ADMIN).json()
    posted = client.post(preview, json={"q": "brake pads"}, headers=ADMIN).json()
    assert ids(posted["answer"]) == ids(seen["answer"])
    assert ids(seen["answer"])[0] == "FORD"
    client.post(f"/v1/admin/policies/{version}/publish", headers=ADMIN)
    assert ids(get(client, "/v1/search", q="brake pads"))[0] == "FORD"
    fitting = get(client, "/v1/search", q="brake pads", make="Toyota", model="Corolla", fitment="all")
    assert fitting["items"][0]["fit"]["verdict"] == "fits"
    assert client.post("/v1/admin/policies", content="rulez: []", headers=ADMIN).status_code == 422


@pytest.mark.parametrize("path", ["", "/preview"])
def test_a_policy_that_is_not_there_is_not_found(client: httpx.Client, path: str) -> None:
    """Its version is an id in the address, not a parameter."""
    assert client.get(f"/v1/admin/policies/nope{path}", headers=ADMIN).status_code == 404


def test_events_name_what_is_wrong(client: httpx.Client) -> None:
    """Good events of a batch count; each bad one is named with its index."""
    good = {"action_name": "click", "timestamp": "2026-11-22T09:15:02.118Z", "client_id": "c1",
            "event_attributes": {"object": {"object_id": "ACME:BOTH"}, "position": {"ordinal": 1}}}  # fmt: skip
    answer = client.post("/v1/events", json=[good, {"action_name": "click"}]).json()
    assert answer["accepted"] == 1
    assert answer["rejected"][0]["index"] == 1


def test_recommendations_with_a_vehicle_only_fit(client: httpx.Client) -> None:
    """Nothing that does not fit the vehicle is recommended."""
    answer = get(client, "/v1/recommendations", kind="similar", part_id="ACME:SMALL", vehicle_id="c18")
    assert {item["fit"]["verdict"] for item in answer["items"]} <= {"fits", "universal"}
    assert "ACME:SMALL" not in [item["part_id"] for item in answer["items"]]
    assert client.get("/v1/recommendations", params={"kind": "similar"}).status_code == 422


def test_a_draft_is_replayed_before_it_is_published(client: httpx.Client) -> None:
    """Over saved searches and over those of the log: how much moves, what finds nothing, and that bands hold."""
    draft = """
rules:
  - id: r1
    when: {query: {contains: [pads]}}
    effects: [{effect: hide, items: {part_ids: ["ACME:FORD"]}}]
  - id: r2
    when: {query: {contains: [focus]}}
    effects: [{effect: hide, items: {brand: [ACME]}}]
"""
    made = client.post("/v1/admin/policies", content=draft, headers=ADMIN)
    assert made.status_code == 200, made.text
    path = f"/v1/admin/policies/{made.json()['version']}/replay"
    searches = [{"q": "brake pads"}, {"q": "brake pads focus"}, {"q": "刹车皮", "make": "Toyota", "fitment": "all"}]
    over = client.post(path, json={"queries": searches}, headers=ADMIN).json()
    assert (over["queries"], over["changed"], over["fit_violations"]) == (3, 2, 0)
    assert (over["zero_results"], over["published_zero_results"]) == (1, 0)
    assert {one["q"] for one in over["most_changed"]} == {"brake pads", "brake pads focus"}
    get(client, "/v1/search", q="brake pads", vehicle_id="f1")
    until = time.monotonic() + 10
    while not (seen := client.post(path, headers=ADMIN).json())["queries"] and time.monotonic() < until:
        time.sleep(0.05)
    assert seen["queries"] > 0
    assert seen["fit_violations"] == 0
    assert client.post(path, json={"queries": [{"vehicleid": "v"}]}, headers=ADMIN).status_code == 422
    assert client.post("/v1/admin/policies/p999/replay", headers=ADMIN).status_code == 404


FOCUS = [
    {"make": "Ford", "model": "Focus"},
    {"make": "福特", "model": "福克斯"},
    {"make": "长安福特", "model": "focus"},
    {"make": "ford", "model": "福克斯"},
    {"model": "福克斯"},
]


@pytest.mark.parametrize("named", FOCUS)
def test_makes_and_models_go_by_any_name_of_theirs(client: httpx.Client, named: dict[str, str]) -> None:
    """What a text is read by counts in parameters too, where the table's row has but its English name."""
    assert get(client, "/v1/search", q="brake pads", **named)["vehicle"]["vehicle_ids"] == ["f1"]
    assert get(client, "/v1/vehicles/options", attribute="engine", **named)["candidates"] == 1
    assert get(client, "/v1/vehicles/resolve", **named)["candidates"][0]["vehicle"]["vehicle_id"] == "f1"
    checked = client.post("/v1/fitment/check", json={"vehicle": named, "part_ids": ["ACME:FORD", "ACME:BOTH"]}).json()
    assert [one["fit"]["verdict"] for one in checked["results"]] == ["fits", "does_not_fit"]
    assert get(client, "/v1/suggest", q="brake", **named)["generation"]


@pytest.mark.parametrize("named", [{"make": "特斯拉"}, {"make": "丰田", "model": "福克斯"}, {"make": "不知道"}])
def test_a_name_of_no_row_is_told(client: httpx.Client, named: dict[str, str]) -> None:
    """A make the table lacks, another make's model, and no name at all stay without a vehicle, with a notice."""
    answer = get(client, "/v1/search", q="brake pads", **named)
    assert answer["vehicle"]["candidates"] == 0
    assert answer["notices"][0]["code"] in ("vehicle_not_found", "vehicle_contradiction")
