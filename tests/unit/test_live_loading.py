"""Files and bodies into the live state: every kind, bad rows aside, complete loads."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from indexers.quarantine import Quarantined
from search_service.live.loading import Line, Loaded, body_lines, file_lines, load
from search_service.live.model import Price, Promotion, Store, User, Who
from search_service.live.port import Kind
from search_service.live.records import promotions_of, stores_of, user_of
from search_service.live.sqlite import SqliteLive, open_sqlite

NOW = 1_795_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> SqliteLive:
    return open_sqlite(tmp_path / "live")


def rows(*documents: Any) -> list[Line]:
    return [Line("f.jsonl", n, json.dumps(document).encode()) for n, document in enumerate(documents, 1)]


def loaded(store: SqliteLive, kind: str, lines: Iterable[Line], **options: Any) -> tuple[Loaded, list[Quarantined]]:
    bad: list[Quarantined] = []
    return load(store, kind, lines, now=NOW, quarantine=bad.append, **options), bad


def test_stock_is_added_replaced_and_deleted(store: SqliteLive) -> None:
    """By part and store, in the order of the rows."""
    stock = {"part_id": "p", "store_id": "online", "quantity": 5, "updated_at": "2026-05-01T00:00:00Z"}
    loaded(store, "stock", rows(stock, {**stock, "quantity": 6}, {**stock, "part_id": "q"}))
    loaded(store, "stock", rows({"part_id": "q", "store_id": "online", "action": "D"}))
    assert {row.part_id: row.quantity for row in store.stock_since(0)} == {"p": 6, "q": None}


@pytest.mark.parametrize(
    ("kind", "row", "field"),
    [
        ("stock", {"part_id": "p", "quantity": 1}, "store_id"),
        ("stock", {"part_id": "p", "store_id": "s", "quantity": -1}, "quantity"),
        ("stock", {"part_id": "p", "store_id": "s", "quantity": "many"}, "quantity"),
        ("stock", {"part_id": "p", "store_id": "s", "quantity": 1, "updated_at": "noon"}, "updated_at"),
        ("prices", {"price": {"amount": 1, "currency": "CNY"}}, "part_id"),
        ("prices", {"part_id": "p", "price": {"amount": "x", "currency": "CNY"}}, "price.amount"),
        ("prices", {"part_id": "p", "price": {"amount": -1, "currency": "CNY"}}, "price.amount"),
        ("prices", {"part_id": "p", "price": {"amount": True, "currency": "CNY"}}, "price.amount"),
        ("prices", {"part_id": "p", "price": 9.5}, "price.currency"),
        ("stores", {"store_id": "s", "lat": 91, "lon": 0}, "lat"),
        ("stores", {"store_id": "s", "lat": 1}, "lon"),
        ("users", {"member_level": "gold"}, "user_id"),
        ("promotions", {"promotion_id": "a", "kind": "percent", "value": 5}, "part_ids"),
        ("promotions", {"promotion_id": "a", "kind": "percent", "value": 101, "match": {}}, "value"),
        ("promotions", {"promotion_id": "a", "kind": "amount", "match": {}}, "value"),
        ("promotions", {"promotion_id": "a", "kind": "gift", "match": {"brnd": "x"}}, "match.brnd"),
        ("promotions", {"promotion_id": "a", "kind": "gift", "match": {}, "from": "May"}, "from"),
        (
            "promotions",
            {"promotion_id": "a", "kind": "gift", "match": {}, "from": "2026-06-01", "to": "2026-05-01"},
            "from",
        ),
        ("events", {"action_name": "click"}, "timestamp"),
        ("events", [], ""),
    ],
)
def test_a_bad_row_is_quarantined_with_its_field(store: SqliteLive, kind: str, row: Any, field: str) -> None:
    """File and line are told, and nothing is written."""
    result, bad = loaded(store, kind, rows(row))
    assert (result.read, result.accepted, result.quarantined, result.bad_share) == (1, 0, 1, 1.0)
    assert [(b.kind, b.file, b.line, b.field) for b in bad] == [(kind, "f.jsonl", 1, field)]
    assert bad[0].reason
    assert not any(store.versions().values())


def test_prices_come_in_three_forms(store: SqliteLive) -> None:
    """Nested, beside a currency, or flat; D takes the price back."""
    loaded(
        store,
        "prices",
        rows(
            {"part_id": "a", "price": {"amount": 1.5, "currency": "cny"}},
            {"part_id": "b", "price": "2", "currency": "CNY"},
            {"part_id": "c", "amount": 3, "currency": "CNY"},
            {"part_id": "d", "amount": 4, "currency": "CNY"},
            {"part_id": "d", "action": "D"},
        ),
    )
    found = {row.part_id: row.price for row in store.prices_since(0)}
    assert found == {"a": Price(1.5, "CNY"), "b": Price(2.0, "CNY"), "c": Price(3.0, "CNY"), "d": None}


def test_stores_users_and_promotions_become_values(store: SqliteLive) -> None:
    """With every field of the contract; days are whole days in UTC; extra columns of a user are kept."""
    loaded(store, "stores", rows({"store_id": "s", "name": {"zh": "店"}, "city": "北京", "lat": 39.9, "lon": 116.4}))
    loaded(store, "users", rows({"user_id": "u", "member_level": "gold", "garage": ["v2", "v1"], "since": "2020"}))
    promotion = {
        "promotion_id": "a",
        "kind": "percent",
        "value": 10,
        "match": {"brand": "ACME", "part_type": ["x", "y"]},
    }
    loaded(store, "promotions", rows({**promotion, "from": "1970-01-01", "to": "1970-01-01", "label": "Sale"}))
    assert stores_of(store) == {"s": Store("s", {"zh": "店"}, "北京", 39.9, 116.4)}
    assert user_of(store, "u") == User("u", "gold", ("v2", "v1"), {"since": "2020"})
    assert promotions_of(store) == [
        Promotion(
            "a", "percent", 10.0, match={"brand": ("ACME",), "part_type": ("x", "y")}, start=0, end=86_399_999,
            label={"en": "Sale", "zh": "Sale"}, to="1970-01-01",
        )
    ]  # fmt: skip


def test_events_of_a_file_are_kept_once(store: SqliteLive) -> None:
    """Loading the same file again changes nothing."""
    click = {"action_name": "click", "timestamp": "2026-11-01T00:00:00Z", "user_id": "u"}
    for _ in range(2):
        loaded(store, "events", rows(click, {**click, "user_id": "x"}))
    assert len(list(store.events())) == 2
    assert len(store.recent(Who("u"))) == 1


def test_a_complete_load_takes_away_the_rest(store: SqliteLive) -> None:
    """Rows no longer named are gone; stock there is unknown, not zero."""
    one, two = ({"part_id": name, "store_id": "s", "quantity": 1} for name in "pq")
    loaded(store, "stock", rows(one, two))
    assert loaded(store, "stock", rows(one), complete=True)[0].removed == 1
    assert {row.part_id: row.quantity for row in store.stock_since(0)} == {"p": 1, "q": None}
    loaded(store, "stores", rows({"store_id": "a"}, {"store_id": "b"}))
    assert loaded(store, "stores", rows({"store_id": "b"}), complete=True)[0].removed == 1
    assert [key for key, _ in store.items(Kind.STORES)] == ["b"]


def test_a_complete_load_with_too_many_bad_rows_removes_nothing(store: SqliteLive) -> None:
    """A broken file must not empty the shelves."""
    loaded(store, "stores", rows({"store_id": "a"}, {"store_id": "b"}))
    result, _ = loaded(store, "stores", rows({"store_id": "b"}, {}), complete=True, bad_share=0.4)
    assert (result.bad_share, result.removed) == (0.5, 0)
    assert len(stores_of(store)) == 2


def test_json_lines_and_csv_say_the_same(store: SqliteLive, tmp_path: Path) -> None:
    """Gzipped or not, lists with bars, numbers as text; a bad line is found again by its number."""
    lines = tmp_path / "stock.jsonl.gz"
    lines.write_bytes(gzip.compress(b'{"part_id":"a","store_id":"s","quantity":1}\n\nnot json\n'))
    table = tmp_path / "stock.csv"
    table.write_text("part_id,store_id,quantity\nb,s,2\nc,s,x\n")
    users = tmp_path / "users.csv"
    users.write_text("user_id,member_level,garage\nu,gold,v1|v2\n")
    result, bad = loaded(store, "stock", file_lines("stock", [lines, table]))
    assert {row.part_id: row.quantity for row in store.stock_since(0)} == {"a": 1, "b": 2}
    assert (result.read, [(b.file, b.line) for b in bad]) == (4, [(str(lines), 3), (str(table), 3)])
    loaded(store, "users", file_lines("users", [users]))
    assert user_of(store, "u") == User("u", "gold", ("v1", "v2"))


def test_a_body_is_read_by_lines(store: SqliteLive) -> None:
    """As `POST /v1/admin/stock` sends it."""
    body = b'{"part_id":"a","store_id":"s","quantity":1}\r\n\r\n{"part_id":"b"}\n'
    result, bad = loaded(store, "stock", body_lines(body))
    assert (result.accepted, [b.line for b in bad]) == (1, [3])


def test_no_vin_gets_into_quarantine(store: SqliteLive) -> None:
    """A bad value is shown squished."""
    _, bad = loaded(store, "stock", rows({"part_id": "p", "store_id": "s", "quantity": "1HGCM82633A004352"}))
    assert bad[0].value == "1HGCM8263A"
