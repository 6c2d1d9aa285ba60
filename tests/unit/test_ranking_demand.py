"""What is wanted when: vehicle groups, regions, weeks, and how long ago it was bought."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranking.interactions import Log, days_of, read_log
from ranking.replacement import SHORTEST_GAP, learn_replacement
from ranking.type_demand import TypeDemand, chain_of, learn_type_demand, week_of

TYPES = ("oil", "wiper")
KIND = np.array([0, 1], np.int32)
COROLLA, YARIS = chain_of("Toyota", "Corolla", "E210", "2ZR"), chain_of("Toyota", "Yaris")


def act(part: str, at: str = "2026-05-01", user: str = "u", action: str = "click", **more: Any) -> dict[str, Any]:
    attributes = {"object": {"object_id": part}} | more
    stamp = f"{at}T10:00:00.000Z"
    return {"action_name": action, "timestamp": stamp, "user_id": user, "event_attributes": attributes}


def log_of(*events: dict[str, Any]) -> Log:
    return read_log(events, {"oil": 0, "wiper": 1})


def demand_of(*events: dict[str, Any]) -> TypeDemand:
    return learn_type_demand(log_of(*events), KIND, 2, days_of("2026-12-31"), 365.0, {"v1": COROLLA, "v2": YARIS})


def many(part: str, count: int, **more: Any) -> list[dict[str, Any]]:
    return [act(part, user=f"{part}{number}{more}", **more) for number in range(count)]


def test_groups_run_from_the_engine_to_the_make() -> None:
    """What is not known of a vehicle leaves its level out."""
    assert [name.partition(":")[0] for name in COROLLA] == ["engine", "generation", "model", "make"]
    assert YARIS == ("model:toyota|yaris", "make:toyota")
    assert chain_of("") == ()


def test_a_group_without_acts_takes_the_share_of_the_next_broader_one() -> None:
    """A Toyota nobody acted for is like other Toyotas, a car of another make like everybody's."""
    demand = demand_of(*many("oil", 200, vehicle_id="v1"), *many("wiper", 200))
    assert demand.wanted(chain_of("Toyota", "Auris"))[0] == demand.wanted(("make:toyota",))[0] > 0.8
    assert demand.wanted(chain_of("Kia", "Rio")).tolist() == demand.wanted().tolist()


def test_a_group_with_few_acts_stays_near_the_broader_one() -> None:
    """One act for the Yaris hardly moves it; two hundred for the Corolla do."""
    demand = demand_of(*many("oil", 200, vehicle_id="v1"), *many("wiper", 200), act("wiper", vehicle_id="v2"))
    make, yaris = demand.wanted(("make:toyota",)), demand.wanted(YARIS)
    assert abs(yaris[1] - make[1]) < 0.1
    assert demand.wanted(COROLLA)[0] > make[0]


def test_a_region_and_a_week_lift_what_they_want() -> None:
    """Wipers are bought in the north and in November; shares still sum to 1."""
    oil = many("oil", 100, region="south", at="2026-06-01")
    demand = demand_of(*oil, *many("wiper", 100, region="north", at="2026-11-15"))
    november, june = week_of(days_of("2026-11-15")), week_of(days_of("2026-06-01"))
    usual = demand.wanted()[1]
    assert demand.wanted(region="north")[1] > usual > demand.wanted(region="south")[1]
    assert demand.wanted(week=november)[1] > usual > demand.wanted(week=june)[1]
    assert demand.wanted(COROLLA, "nowhere", november).sum() == pytest.approx(1.0)


def test_the_year_begins_with_week_nought() -> None:
    """Weeks are sevens of days from the first of January."""
    assert [week_of(days_of(day)) for day in ("2026-01-01", "2026-01-07", "2026-01-08", "2026-12-31")] == [0, 0, 1, 52]


def test_intervals_follow_the_gaps_seen() -> None:
    """Sixty people who buy oil every hundred days move the table's year; a second canister next day is no gap."""
    days = ("2026-01-01", "2026-04-11", "2026-07-20")
    bought = [act("oil", at, f"u{n}", "purchase") for n in range(60) for at in days]
    extra = [act("oil", "2026-01-02", f"u{n}", "purchase") for n in range(60)]
    found = learn_replacement(log_of(*bought, *extra), KIND, TYPES, {"oil": 365.0})
    assert SHORTEST_GAP > 1
    assert found.days[0] == pytest.approx(120, abs=15)
    assert found.days[1] == 1460.0


def test_waiting_without_buying_counts() -> None:
    """One early buyer among forty who still wait does not make the interval short."""
    first = [act("oil", "2026-01-01", f"u{n}", "purchase") for n in range(40)]
    found = learn_replacement(log_of(*first, act("oil", "2026-02-01", "u0", "purchase"),
                                     act("wiper", "2026-12-31")), KIND, TYPES, {"oil": 365.0})  # fmt: skip
    assert found.days[0] > 365


def test_an_event_without_a_vehicle_takes_that_of_its_query() -> None:
    """The service logs the vehicle with the query; the shop's click need not repeat it."""
    more = {"vehicle_ids": ["v1"], "region": "north"}
    query: dict[str, Any] = {"query_id": "q", "user_id": "u", "query_attributes": more}
    query["timestamp"] = "2026-05-01T09:00:00.000Z"
    query["query_response_hit_ids"] = ["oil"]
    log = log_of(query, act("oil") | {"query_id": "q"})
    assert [log.vehicles[code] for code in log.vehicle] == ["v1", "v1"]
    assert [log.regions[code] for code in log.region] == ["north", "north"]
