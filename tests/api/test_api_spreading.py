"""What keeps a list of recommendations wide: caps on types and brands, and one place for a new part."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from search_service.app import open_runtime
from search_service.parameters import Parameters
from search_service.recommending import read_recommend, recommend
from search_service.runtime import Runtime
from search_service.settings import LogLevel, Settings
from tests.api.shop import index, part

TYPES = ("brake_pad", "brake_disc", "oil_filter", "air_filter", "wiper_blade", "spark_plug")
NEW = frozenset({"X:A-oil_filter-new", "X:A-wiper_blade-new"})


def rows() -> list[dict[str, Any]]:
    """For one car ten parts of six types: six of a big brand, four of small ones; two fairly new and very dear."""
    found = []
    for kind in TYPES:
        found += [part(f"A-{kind}-{n}", kind, brand="Big", price=money(10)) for n in range(6)]
        found += [part(f"A-{kind}-s{n}", kind, brand=f"Small {n}", price=money(12)) for n in range(4)]
    lately = (datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=55)).isoformat()
    for part_id in sorted(NEW):
        number = part_id.removeprefix("X:")
        found.append(part(number, number.split("-")[1], brand="Newcomer", price=money(2000), listed_at=lately))
    return found


def money(amount: float) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    folder = tmp_path_factory.mktemp("spreading")
    index(folder, rows=rows())
    opened = open_runtime(Settings(data_dir=folder / "data", log_level=LogLevel.ERROR))  # type: ignore[call-arg]
    yield opened
    opened.close()


def shown(runtime: Runtime, size: int) -> list[Any]:
    pairs = [("kind", "for_vehicle"), ("vehicle_id", "A"), ("size", str(size))]
    return list(recommend(runtime, read_recommend(Parameters(pairs), runtime.settings)).items)


@pytest.mark.parametrize("size", [6, 12])
def test_a_brand_has_a_third_of_a_list_and_a_type_two_parts(runtime: Runtime, size: int) -> None:
    """Though the big brand is first in every type; and the list is full, because the others have parts enough."""
    items = shown(runtime, size)
    assert len(items) == size
    assert Counter(item.brand for item in items)["Big"] <= size // 3
    assert max(Counter(item.part_type.id for item in items).values()) <= 2


def test_a_brand_fills_up_what_others_cannot(runtime: Runtime) -> None:
    """Of twenty asked for there are twelve, a new part among them: two of a type, whatever its brand."""
    for _ in range(5):
        items = shown(runtime, 20)
        assert len(items) == 12
        assert set(Counter(item.part_type.id for item in items).values()) == {2}


def test_one_place_of_a_list_is_for_a_new_part_and_chance_decides_which(runtime: Runtime) -> None:
    """The sixth or higher; never two; over many lists each gets its turn; at most one other part leaves for it.

    In winter one of the two is drawn once in 24 lists.
    """
    lists = [[item.part_id for item in shown(runtime, 10)] for _ in range(250)]
    explored = [[place for place, part_id in enumerate(ids) if part_id in NEW] for ids in lists]
    assert all(len(places) == 1 and places[0] <= 5 for places in explored)
    assert {ids[places[0]] for ids, places in zip(lists, explored, strict=True)} == NEW
    rest = [set(ids) - NEW for ids in lists]
    assert min(len(one & rest[0]) for one in rest) >= 8


def test_a_short_list_has_no_place_to_give_away(runtime: Runtime) -> None:
    """Two parts are shown as they rank."""
    assert not NEW & {item.part_id for _ in range(20) for item in shown(runtime, 2)}
