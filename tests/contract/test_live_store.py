"""The state of both live stores: documents, pointers, stock, prices, and policies upon them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from search_service.live.errors import LiveUnavailable, PolicyMissing
from search_service.live.model import Price, PriceRow, Query, StockRow, User, wire_time
from search_service.live.policies import Policies
from search_service.live.port import Kind, LiveStore
from search_service.live.records import move_pointer, move_pointer_from, pointer, put_user, user_of
from search_service.live.view import LiveView
from tests.contract.conftest import Again


def test_documents_come_back_by_key_and_in_key_order(store: LiveStore) -> None:
    """What is put is there, replaced by the next put, gone after None; other kinds do not see it."""
    store.put(Kind.USERS, {"b": b"1", "a": b"2", "门店": b"3"})
    store.put(Kind.USERS, {"b": b"4", "a": None})
    assert list(store.items(Kind.USERS)) == [("b", b"4"), ("门店", b"3")]
    assert store.get(Kind.USERS, "b") == b"4"
    assert store.get(Kind.USERS, "a") is None
    assert store.get(Kind.STORES, "b") is None


def test_long_keys_stay_apart(store: LiveStore) -> None:
    """Ids longer than the server's own limit differ where they differ."""
    one, two = "店" * 200 + "1", "店" * 200 + "2"
    store.put(Kind.STORES, {one: b"1", two: b"2"})
    assert (store.get(Kind.STORES, one), store.get(Kind.STORES, two)) == (b"1", b"2")


def test_a_write_moves_the_counter_of_its_kind_only(store: LiveStore) -> None:
    """A reader that compares counters notices exactly the kinds that were written."""
    before = dict(store.versions())
    store.put(Kind.USERS, {"a": b"1"})
    after = dict(store.versions())
    assert after.pop("users") > before.get("users", 0)
    assert after == {kind: value for kind, value in before.items() if kind != "users"}


def test_swap_writes_only_over_what_was_expected(store: LiveStore) -> None:
    """Compare and set: absent, then a value, then refused."""
    assert store.swap(Kind.POINTERS, "model", None, b"m1")
    assert not store.swap(Kind.POINTERS, "model", None, b"m2")
    assert not store.swap(Kind.POINTERS, "model", b"m0", b"m2")
    assert store.swap(Kind.POINTERS, "model", b"m1", b"m2")
    assert store.get(Kind.POINTERS, "model") == b"m2"


def test_of_many_swaps_at_once_one_wins(store: LiveStore) -> None:
    """Eight writers that expect the same value: one moves it."""
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: store.swap(Kind.POINTERS, "p", None, b"%d" % n), range(8)))
    assert won.count(True) == 1
    assert store.get(Kind.POINTERS, "p") == b"%d" % won.index(True)


def test_pointers_move(store: LiveStore) -> None:
    """A pointer is nowhere, then where it was moved; a conditional move from elsewhere is refused."""
    assert pointer(store, "model") is None
    move_pointer(store, "model", "m1")
    assert not move_pointer_from(store, "model", "m0", "m2")
    assert move_pointer_from(store, "model", "m1", "m2")
    assert pointer(store, "model") == "m2"


def test_users_come_back_as_values(store: LiveStore) -> None:
    """A garage keeps its order, and another worker sees it."""
    put_user(store, User("u1", "gold", ("v2", "v1")))
    assert user_of(store, "u1") == User("u1", "gold", ("v2", "v1"))
    assert user_of(store, "u2") is None


def test_stock_is_numbered_by_write(store: LiveStore) -> None:
    """Asked from a sequence number, only rows that changed after it come."""
    first = store.put_stock([StockRow("p1", "s1", 3, 1), StockRow("p2", "s1", 0, 1)])
    second = store.put_stock([StockRow("p1", "s1", 2, 2)])
    assert second > first
    assert [(row.part_id, row.quantity) for row in store.stock_since(first)] == [("p1", 2)]
    assert {(row.part_id, row.quantity) for row in store.stock_since(0)} == {("p1", 2), ("p2", 0)}
    assert store.versions()["stock"] == second


def test_the_last_of_equal_stock_rows_wins(store: LiveStore) -> None:
    """Within one write, order counts."""
    store.put_stock([StockRow("p1", "s1", 3, 1), StockRow("p1", "s1", 7, 1)])
    assert [row.quantity for row in store.stock_since(0)] == [7]


def test_an_equal_stock_row_is_no_change(store: LiveStore) -> None:
    """Loading the same file again gives readers nothing to do."""
    first = store.put_stock([StockRow("p1", "s1", 3, 1)])
    store.put_stock([StockRow("p1", "s1", 3, 2)])
    assert list(store.stock_since(first)) == []


def test_taken_back_stock_is_reported_as_unknown(store: LiveStore) -> None:
    """A deleted row comes as a change to None, and the part left the stock."""
    first = store.put_stock([StockRow("p1", "s1", 3, 1)])
    store.put_stock([StockRow("p1", "s1", None, 2)])
    assert [(row.part_id, row.quantity) for row in store.stock_since(first)] == [("p1", None)]
    assert list(store.flipped_since(first)) == ["p1"]


def test_only_coming_and_going_flips(store: LiveStore) -> None:
    """Five to four pieces flips nothing, some to none and none to some do; a new row without stock does not."""
    first = store.put_stock([StockRow("p1", "s", 5, 1), StockRow("p2", "s", 5, 1), StockRow("p3", "s", 0, 1)])
    assert set(store.flipped_since(0)) == {"p1", "p2"}
    store.put_stock([StockRow("p1", "s", 4, 1), StockRow("p2", "s", 0, 1), StockRow("p4", "s", 0, 1)])
    assert set(store.flipped_since(first)) == {"p2"}
    store.put_stock([StockRow("p3", "s", 1, 1)])
    assert set(store.flipped_since(first)) == {"p2", "p3"}


def test_many_rows_are_read_in_pages(store: LiveStore) -> None:
    """More rows than a page holds come once each."""
    rows = [StockRow(f"p{n}", "s", n % 3, 1) for n in range(6001)]
    store.put_stock(rows)
    assert sorted(row.part_id for row in store.stock_since(0)) == sorted(row.part_id for row in rows)


def test_stock_of_two_writers_at_once_is_seen_by_a_follower(again: Again) -> None:
    """A view that follows the counters ends with every row of both writers."""
    one, two = again(), again()
    view = LiveView(one, interval=0.0)

    def write(store: LiveStore, name: str) -> None:
        for n in range(10):
            store.put_stock([StockRow(f"{name}{n}", "s", 1, 1)])
            view.refresh()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (one, two), ("a", "b")))
    snapshot = view.refresh()
    assert all(snapshot.stock(f"{name}{n}") == {"s": 1} for name in "ab" for n in range(10))


def test_prices_are_numbered_and_can_be_taken_back(store: LiveStore) -> None:
    """A price, another, none; an equal one is no change."""
    cny = Price(9.5, "CNY")
    first = store.put_prices([PriceRow("p1", cny), PriceRow("p2", cny)])
    second = store.put_prices([PriceRow("p1", Price(8.0, "CNY")), PriceRow("p2", cny)])
    store.put_prices([PriceRow("p1", None)])
    assert [(row.part_id, row.price) for row in store.prices_since(second)] == [("p1", None)]
    assert {row.part_id for row in store.prices_since(first)} == {"p1"}


def test_another_worker_sees_what_was_written(again: Again) -> None:
    """Two openings of one store share everything."""
    one, two = again(), again()
    one.put(Kind.USERS, {"u": b"{}"})
    one.put_stock([StockRow("p", "s", 1, 1)])
    assert two.get(Kind.USERS, "u") == b"{}"
    assert [row.part_id for row in two.stock_since(0)] == ["p"]


def test_a_closed_store_says_so(again: Again) -> None:
    """No driver error crosses the port."""
    store = again()
    store.close()
    with pytest.raises(LiveUnavailable):
        store.versions()
    with pytest.raises(LiveUnavailable):
        store.flush()
    with pytest.raises(LiveUnavailable):
        store.log(Query("q", "", wire_time(0), 0))


def test_policies_are_published_and_rolled_back(store: LiveStore) -> None:
    """Three versions published; three steps back, the last to what was before them all; no fourth. History tells it."""
    policies = Policies(store, lambda: 0)
    assert policies.published() is None
    for body in ("one", "two", "three"):
        policies.publish(policies.create(body, "file").version, "file")
    assert [policies.rollback().version, policies.rollback("console").version] == ["p2", "p1"]
    published = policies.published()
    assert published is not None
    assert published.body == "one"
    assert policies.get(policies.rollback().version).body == ""
    with pytest.raises(PolicyMissing):
        policies.rollback()
    assert [(entry.version, entry.action) for entry in policies.history()] == [
        ("p1", "publish"), ("p2", "publish"), ("p3", "publish"), ("p2", "rollback"), ("p1", "rollback"),
        ("p4", "rollback"),
    ]  # fmt: skip


def test_publishing_after_a_rollback_goes_back_to_what_was_in_force(store: LiveStore) -> None:
    """p1, p2, back to p1, p3: from p3 the way back is p1."""
    policies = Policies(store, lambda: 0)
    for body in ("one", "two", "three"):
        policies.create(body, "file")
    policies.publish("p1", "file")
    policies.publish("p2", "file")
    policies.rollback()
    policies.publish("p3", "command")
    assert policies.rollback().version == "p1"


@pytest.mark.parametrize("version", ["p2", "p0", "2", "", "p01", "p1 ", "p²", "p99999999999"])
def test_an_unknown_policy_version_is_missing(store: LiveStore, version: str) -> None:
    """Only the exact name of a version finds it."""
    policies = Policies(store, lambda: 0)
    policies.create("one", "console")
    with pytest.raises(PolicyMissing):
        policies.publish(version, "console")


def test_drafts_made_at_once_get_names_of_their_own(store: LiveStore) -> None:
    """Six writers, six versions."""
    policies = Policies(store, lambda: 0)
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda n: policies.create(str(n), "console").version, range(6)))
    assert sorted(made) == ["p1", "p2", "p3", "p4", "p5", "p6"]
    assert sorted(version.body for version in policies.versions()) == list("012345")
