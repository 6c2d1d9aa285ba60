"""What requests read: stock columns, prices, stores, promotions, and how a view follows its store."""

from __future__ import annotations

import math
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.live.columns import StockColumns
from search_service.live.errors import LiveUnavailable
from search_service.live.model import Price, PriceRow, Promotion, Query, StockRow, Store
from search_service.live.places import Places
from search_service.live.port import Kind
from search_service.live.promotions import Buyer, PartFacts, PromotionBook, label, price_after
from search_service.live.retention import DAY, FIRST, Retention
from search_service.live.sqlite import SqliteLive, open_sqlite
from search_service.live.view import MERGE_PRICES, LiveView, Prices

CHANGE = st.tuples(st.sampled_from("abcdef"), st.sampled_from("STU"), st.none() | st.integers(0, 5))
CNY = "CNY"


@pytest.fixture
def store(tmp_path: Path) -> SqliteLive:
    return open_sqlite(tmp_path)


@given(st.lists(st.lists(CHANGE, max_size=8), max_size=6))
def test_columns_agree_with_a_plain_dict(batches: list[list[tuple[str, str, int | None]]]) -> None:
    """Whatever is set in whatever order: per part, per store, and anywhere; older columns keep what they held."""
    columns, expected = StockColumns.empty(), dict[tuple[str, str], int | None]()
    for batch in batches:
        before = {part: columns.of(part) for part in "abcdef"}
        grown = columns.with_changes(batch)
        assert {part: columns.of(part) for part in "abcdef"} == before
        columns, expected = grown, expected | {(part, shop): held for part, shop, held in batch}
    known = {where: held for where, held in expected.items() if held is not None}
    parts = list("abcdefg")
    for part in parts:
        assert columns.of(part) == {shop: held for (name, shop), held in known.items() if name == part}
    for shop in "STUV":
        wanted = [known.get((part, shop), math.nan) for part in parts]
        np.testing.assert_array_equal(columns.at_store(parts, shop), np.array(wanted, float))
    anywhere = [any(held > 0 for (name, _), held in known.items() if name == part) for part in parts]
    assert columns.anywhere(parts).tolist() == anywhere


def test_prices_change_and_go_back() -> None:
    """Also after more changes than the small table holds; older prices keep what they held."""
    first = Prices().with_changes({"p": Price(1.0, CNY)})
    second = first.with_changes({"p": None, "q": Price(2.0, CNY)})
    third = second.with_changes({f"x{n}": Price(3.0, CNY) for n in range(MERGE_PRICES)})
    assert first.get("p") == Price(1.0, CNY)
    for later in (second, third):
        assert (later.get("p"), later.get("q")) == (None, Price(2.0, CNY))
    assert third.get("x7") == Price(3.0, CNY)
    assert third.with_changes({"x7": None}).get("x7") is None


def test_distances_are_great_circles() -> None:
    """Beijing to Shanghai is 1,068 km; nearest first; a store without a place is not there."""
    places = Places.of(
        {
            "sh": Store("sh", lat=31.2304, lon=121.4737),
            "bj": Store("bj", lat=39.9042, lon=116.4074),
            "web": Store("web"),
        }
    )
    away = places.kilometres(39.9042, 116.4074)
    assert list(away) == ["bj", "sh"]
    assert away["bj"] == pytest.approx(0.0, abs=1e-6)
    assert away["sh"] == pytest.approx(1068, abs=5)
    assert Places.of({}).kilometres(0.0, 0.0) == {}


@pytest.mark.parametrize(
    ("kind", "value", "before", "after"),
    [
        ("percent", 10.0, 10.05, 9.05),
        ("percent", 100.0, 10.0, 0.0),
        ("amount", 3.0, 10.0, 7.0),
        ("amount", 30.0, 10.0, 0.0),
        ("price", 8.0, 10.0, 8.0),
        ("price", 12.0, 10.0, 10.0),
        ("percent", 12.5, 0.1, 0.09),
    ],
)
def test_reductions(kind: str, value: float, before: float, after: float) -> None:
    """Half a fen up, never below nothing, never dearer."""
    assert price_after(Promotion("a", kind, value), Price(before, CNY)) == Price(after, CNY)


def test_reductions_that_cannot_be_made() -> None:
    """No price, another currency, another kind: none; the yen has no decimals."""
    assert price_after(Promotion("a", "percent", 10.0), None) is None
    assert price_after(Promotion("a", "amount", 1.0, currency="EUR"), Price(9.0, CNY)) is None
    assert price_after(Promotion("a", "gift"), Price(9.0, CNY)) is None
    assert price_after(Promotion("a", "percent", 15.0), Price(999.0, "JPY")) == Price(849.0, "JPY")


def test_the_lowest_price_wins() -> None:
    """Then a promotion that only has a label; ties by id."""
    book = PromotionBook.of(
        [
            Promotion("d", "gift", part_ids=("p",)),
            Promotion("c", "percent", 10.0, part_ids=("p",)),
            Promotion("b", "amount", 2.0, match={"brand": ("acme",)}),
            Promotion("a", "amount", 2.0, part_ids=("p",)),
        ]
    )
    part, buyer = PartFacts("p", "ACME"), Buyer(0)
    best = book.best(part, buyer, Price(10.0, CNY))
    assert best is not None
    assert (best.promotion.promotion_id, best.price_after) == ("a", Price(8.0, CNY))
    unpriced = book.best(PartFacts("p", "OTHER"), buyer, None)
    assert unpriced is not None
    assert unpriced.promotion.promotion_id == "a"
    assert book.best(PartFacts("q", "OTHER"), buyer, Price(10.0, CNY)) is None


@pytest.mark.parametrize(
    ("promotion", "holds"),
    [
        (Promotion("a", "gift", start=5, end=5), True),
        (Promotion("a", "gift", start=6), False),
        (Promotion("a", "gift", end=4), False),
        (Promotion("a", "gift", stores=("s1",)), True),
        (Promotion("a", "gift", stores=("online",)), False),
        (Promotion("a", "gift", member_levels=("gold", "silver")), True),
        (Promotion("a", "gift", member_levels=("silver",)), False),
        (Promotion("a", "gift", match={"part_type": ("Brake Pad Set",), "brand": ("ACME", "BOSCH")}), True),
        (Promotion("a", "gift", match={"part_type": ("刹车片",)}), True),
        (Promotion("a", "gift", match={"part_type": ("Filter",), "brand": ("ACME",)}), False),
        (Promotion("a", "gift", match={"quality": ("oe",)}), False),
    ],
)
def test_when_a_promotion_holds(promotion: Promotion, holds: bool) -> None:
    """In time (inclusive), at the store, for the level, and every matched field has one of its values."""
    part = PartFacts("p", "acme", ("brake-pad-set", "brake pad set", "刹车片"))
    found = PromotionBook.of([promotion]).best(part, Buyer(5, "s1", "gold"), None)
    assert (found is not None) is holds


def test_without_a_store_one_buys_online() -> None:
    """Promotions of the web warehouse hold, those of a store do not."""
    book = PromotionBook.of([Promotion("web", "gift", stores=("online",)), Promotion("s1", "gift", stores=("s1",))])
    found = book.best(PartFacts("p"), Buyer(0), None)
    assert found is not None
    assert found.promotion.promotion_id == "web"


def test_labels_speak_both_languages() -> None:
    """The operator's own words first."""
    assert label(Promotion("a", "percent", 15.0), "en") == "15 % off"
    assert label(Promotion("a", "percent", 15.0), "zh") == "优惠 15%"
    assert label(Promotion("a", "percent", 15.0, label={"en": "Autumn"}), "zh") == "Autumn"
    assert label(Promotion("a", "gift"), "en") == "gift"


def test_a_view_follows_its_store(store: SqliteLive) -> None:
    """After the interval a write is seen; a snapshot taken before keeps what it held."""
    clock = [0.0]
    view = LiveView(store, 0.2, lambda: clock[0])
    before = view.snapshot()
    store.put_stock([StockRow("p", "s", 4, 0)])
    store.put_prices([PriceRow("p", Price(5.0, CNY))])
    assert view.snapshot() is before
    clock[0] = 0.2
    after = view.snapshot()
    assert (after.stock("p"), after.price("p"), after.stale) == ({"s": 4}, Price(5.0, CNY), False)
    assert after.available(["p", "q"]).tolist() == after.available(["p", "q"], "s").tolist() == [True, False]
    assert (before.stock("p"), before.price("p")) == ({}, None)


def test_nothing_is_read_again_without_a_change(store: SqliteLive) -> None:
    """The same snapshot serves until a counter moves."""
    view = LiveView(store, 0.0)
    assert view.snapshot() is view.snapshot()
    store.put(Kind.POINTERS, {"model": b"m1"})
    assert view.snapshot().versions[Kind.POINTERS] == 1


def test_the_overlay_holds_what_changed_since_the_build(store: SqliteLive) -> None:
    """Parts that came or went after a sequence number, growing with the view; prices likewise."""
    view = LiveView(store, 0.0)
    built = store.put_stock([StockRow("a", "s", 1, 0), StockRow("b", "s", 1, 0)])
    priced = store.put_prices([PriceRow("a", Price(1.0, CNY))])
    view.refresh()
    assert view.changed_since(built) == frozenset()
    store.put_stock([StockRow("a", "s", 0, 0)])
    store.put_prices([PriceRow("b", Price(2.0, CNY))])
    view.refresh()
    assert view.changed_since(built) == {"a"}
    assert view.changed_since(0) == {"a", "b"}
    assert view.repriced_since(priced) == {"b": Price(2.0, CNY)}
    store.put_stock([StockRow("c", "s", 1, 0)])
    store.put_prices([PriceRow("b", None)])
    view.refresh()
    assert view.changed_since(built) == {"a", "c"}
    assert view.repriced_since(priced) == {"b": None}


def test_a_store_that_does_not_answer_leaves_a_stale_snapshot(store: SqliteLive) -> None:
    """What was known goes on serving, and says so."""
    store.put_stock([StockRow("p", "s", 4, 0)])
    view = LiveView(store, 0.0)
    store.close()
    snapshot = view.snapshot()
    assert (snapshot.stock("p"), snapshot.stale) == ({"s": 4}, True)
    with pytest.raises(LiveUnavailable):
        store.versions()


def test_a_log_erases_what_is_too_old_by_itself(tmp_path: Path) -> None:
    """With a commit, first a minute after the start; what is young enough stays."""
    clock = [400 * 86_400.0]
    store = open_sqlite(tmp_path / "kept", retention=Retention(365, lambda: clock[0]))
    old, young = (Query(name, "", "", day * DAY) for name, day in (("old", 34), ("young", 36)))
    store.log(old)
    store.flush()
    assert [query.query_id for query in store.queries()] == ["old"]
    clock[0] += FIRST
    store.log(young)
    store.flush()
    assert [query.query_id for query in store.queries()] == ["young"]
    store.close()


def test_a_background_view_follows_by_itself(store: SqliteLive) -> None:
    """Its thread looks; closing ends the thread."""
    view = LiveView(store, 0.01, background=True)
    store.put_stock([StockRow("p", "s", 4, 0)])
    give_up = time.monotonic() + 10
    while view.snapshot().stock("p") != {"s": 4}:
        assert time.monotonic() < give_up
        time.sleep(0.01)
    view.close()
    assert not any(thread.name == "live-view" and thread.is_alive() for thread in threading.enumerate())
