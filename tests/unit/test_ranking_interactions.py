"""From UBI events to columns."""

from __future__ import annotations

from typing import Any

import pytest

from ranking.interactions import Action, days_of, read_log

ITEMS = {"A": 0, "B": 1}


MORNING = "2026-05-01T10:00:00.000Z"


def event(action: str = "click", part: object = "A", at: str = MORNING, **more: Any) -> dict[str, Any]:
    place = more.pop("ordinal", None)
    attributes: dict[str, Any] = {"object": {"object_id": part}}
    if place is not None:
        attributes["position"] = {"ordinal": place}
    return {"action_name": action, "timestamp": at, "user_id": "u", "event_attributes": attributes} | more


def test_an_act_becomes_one_row() -> None:
    """Who, what, which part, when and at which place."""
    log = read_log([event(query_id="q", session_id="s", ordinal=3)], ITEMS)
    assert (log.users, log.query.tolist(), log.session.tolist()) == (["u:u"], [0], [0])
    row = (int(log.item[0]), int(log.action[0]), int(log.ordinal[0]), float(log.time[0]))
    assert row == (0, Action.CLICK, 3, days_of("2026-05-01T10:00:00.000Z"))


def test_queries_and_sessions_are_numbered_as_they_first_appear() -> None:
    """The same name the same number, none -1; whatever texts hash to in this process."""
    asked = ["b", "a", None, "b", "c"]
    events = [event(at=f"2026-05-0{day}T10:00:00Z", query_id=name) for day, name in enumerate(asked, 1)]
    log = read_log(events, ITEMS)
    assert log.query.tolist() == [0, 1, -1, 2]  # the same person, part and action in the same query counts once


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (event("levitate"), "action"),
        (event(part="unknown"), "part"),
        (event(part=None), "part"),
        (event(at="yesterday"), "time"),
        (event(user_id=None), "nobody"),
        (event("impression"), "place"),
        (event("impression", ordinal=0), "place"),
        (event(at="2027-01-01T00:00:00.000Z"), "later"),
        ({"user_id": "u", "timestamp": "2026-05-01T10:00:00.000Z"}, "action"),
    ],
)
def test_what_cannot_be_used_is_counted_by_reason(bad: dict[str, Any], reason: str) -> None:
    """Nothing disappears silently."""
    log = read_log([bad], ITEMS, until=days_of("2026-12-01T00:00:00Z"))
    assert len(log) == 0
    assert log.dropped[reason] == 1


@pytest.mark.parametrize(
    ("second", "rows"),
    [
        (event(query_id="q"), 1),
        (event(query_id="q", at="2026-05-01T23:00:00.000Z"), 1),
        (event(query_id="r"), 2),
        (event("purchase", query_id="q"), 2),
        (event(query_id="q", part="B"), 2),
        (event(query_id="q", user_id="other"), 2),
    ],
)
def test_an_act_counts_once_a_query(second: dict[str, Any], rows: int) -> None:
    """A repeated (person, query, part, action) is one act, however late."""
    assert len(read_log([event(query_id="q"), second], ITEMS)) == rows


@pytest.mark.parametrize(("minute", "rows"), [("10:10", 1), ("11:10", 2)])
def test_without_a_query_an_act_counts_once_in_half_an_hour(minute: str, rows: int) -> None:
    """A reload is no second wish."""
    log = read_log([event(), event(at=f"2026-05-01T{minute}:00.000Z")], ITEMS)
    assert len(log) == rows


def test_people_are_known_by_user_then_device_then_session() -> None:
    """The three kinds of id never meet, even when they look alike."""
    events = [
        event(user_id="x", client_id="y"),
        event(user_id=None, client_id="x"),
        event(user_id=None, session_id="x"),
    ]
    assert sorted(read_log(events, ITEMS).users) == ["c:x", "s:x", "u:x"]


def test_a_query_document_is_its_impressions() -> None:
    """Hit ids, best first, are impressions at places 1, 2, ...; unknown parts keep the places of the others."""
    query = {
        "query_id": "q", "user_id": "u", "user_query": "pads", "timestamp": "2026-05-01T10:00:00.000Z",
        "query_response_hit_ids": ["B", "gone", "A"],
    }  # fmt: skip
    log = read_log([query], ITEMS)
    assert dict(zip(log.item.tolist(), log.ordinal.tolist(), strict=True)) == {1: 1, 0: 3}
    assert set(log.action.tolist()) == {Action.IMPRESSION}
    assert not log.acts.any()


def test_strength_grows_along_the_funnel_and_halves_with_age() -> None:
    """view < click < add_to_cart < purchase, and one half-life ago counts half."""
    actions = ["view", "click", "add_to_cart", "purchase"]
    log = read_log([event(action) for action in actions], ITEMS)
    fresh = log.weights(now=float(log.time[0]), half_life=30).tolist()
    assert fresh == sorted(fresh)
    assert len(set(fresh)) == 4
    assert log.weights(now=float(log.time[0]) + 30, half_life=30).tolist() == pytest.approx([w / 2 for w in fresh])


def test_rows_ascend_in_time_whatever_the_order_of_the_file() -> None:
    """Files need not be sorted."""
    late, early = event(at="2026-05-02T00:00:00.000Z"), event(part="B")
    assert read_log([late, early], ITEMS).item.tolist() == [1, 0]
