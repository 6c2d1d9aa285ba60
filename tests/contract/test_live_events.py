"""The event and query logs of both live stores: durable, counted once, seen at once, forgotten on demand."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from search_service.live.model import Event, Query, User, Who, wire_time
from search_service.live.port import Forgotten, LiveStore
from search_service.live.records import put_user, user_of
from search_service.live.ubi import event_of
from tests.contract.conftest import Again

NOW = 1_795_000_000_000


def event(part: str, at: int = 0, **ids: Any) -> Event:
    """A click on a part, `at` milliseconds after noon."""
    shown = {"position": {"ordinal": 1}, "object": {"object_id": part}}
    document = {"action_name": "click", "timestamp": wire_time(NOW + at), "event_attributes": shown, **ids}
    made = event_of(document, NOW + 10_000)
    assert isinstance(made, Event)
    return made


def query(name: str, at: int = 0, **ids: Any) -> Query:
    return Query(name, "刹车片", wire_time(NOW + at), NOW + at, query_response_hit_ids=("p1", "p2"), **ids)


def parts(events: list[Event]) -> list[str | None]:
    return [found.object_id for found in events]


def test_a_submitted_event_is_seen_by_another_worker_at_once(again: Again) -> None:
    """When `submit` returns, `recent` of a second opening has it, complete."""
    one, two = again(), again()
    sent = event("p1", user_id="u1", session_id="s1", client_id="c1", query_id="q1", application="shop")
    asyncio.run(one.submit([sent]))
    (seen,) = two.recent(Who("u1"))
    assert msgspec.structs.replace(seen, body=b"") == msgspec.structs.replace(sent, body=b"")
    assert seen.document() == sent.document()


def test_the_same_event_sent_twice_counts_once(again: Again) -> None:
    """Within one batch, in a second one, and through another worker."""
    one, two = again(), again()
    twice = event("p1", user_id="u1")
    one.append([twice, twice])
    asyncio.run(one.submit([twice]))
    two.append([twice])
    assert parts(one.recent(Who("u1"))) == ["p1"]


def test_recent_events_come_newest_first(store: LiveStore) -> None:
    """By the events' own time, then by arrival; no more than asked for."""
    store.append([event("old", 1, user_id="u"), event("new", 3, user_id="u"), event("mid", 2, user_id="u")])
    store.append([event("newest", 3, user_id="u")])
    assert parts(store.recent(Who("u"))) == ["newest", "new", "mid", "old"]
    assert parts(store.recent(Who("u"), limit=2)) == ["newest", "new"]


def test_recent_joins_user_session_and_device(store: LiveStore) -> None:
    """An event known by two of the ids comes once."""
    store.append(
        [
            event("by-user", 1, user_id="u", session_id="s"),
            event("by-session", 2, session_id="s"),
            event("by-client", 3, client_id="c"),
            event("other", 4, user_id="x", session_id="y", client_id="z"),
        ]
    )
    assert parts(store.recent(Who("u", "s", "c"))) == ["by-client", "by-session", "by-user"]
    assert parts(store.recent(Who(None, "s"))) == ["by-session", "by-user"]
    assert store.recent(Who()) == []


def test_a_shared_device_does_not_mix_two_users(store: LiveStore) -> None:
    """Another user's clicks on the same device or session never show, nor to a guest by the device alone."""
    store.append([event("his", 1, user_id="u1", client_id="c", session_id="s"), event("guest", 2, client_id="c")])
    assert parts(store.recent(Who("u2", "s", "c"))) == ["guest"]
    assert parts(store.recent(Who(None, None, "c"))) == ["guest"]
    assert parts(store.recent(Who("u1", None, "c"))) == ["guest", "his"]


def test_events_are_read_in_a_time_window(store: LiveStore) -> None:
    """From inclusive, until exclusive, ascending, over more than one page."""
    store.append(event(f"p{n:04d}", n) for n in range(2500))
    window = store.events(NOW + 10, NOW + 2300)
    assert [found.object_id for found in window] == [f"p{n:04d}" for n in range(10, 2300)]


def test_logged_queries_come_back(store: LiveStore) -> None:
    """After a flush a query is there once, with its hits in order."""
    assert store.log(query("q1", 5, user_id="u"))
    assert store.log(query("q0", 1))
    store.log(query("q1", 5, user_id="u"))
    store.flush()
    assert list(store.queries()) == [query("q0", 1), query("q1", 5, user_id="u")]
    assert [found.query_id for found in store.queries(NOW + 2)] == ["q1"]
    assert [found.query_id for found in store.queries(0, NOW + 2)] == ["q0"]


def test_a_logged_query_holds_no_vin(store: LiveStore) -> None:
    """Whatever the caller forgot to take out, in the text or in the attributes."""
    vin = "1HGCM82633A004352"
    store.log(msgspec.structs.replace(query("q"), user_query=f"机油 {vin}", query_attributes={"vin": vin.lower()}))
    store.flush()
    (kept,) = store.queries()
    assert (kept.user_query, kept.query_attributes) == ("机油 1HGCM8263A", {"vin": "1HGCM8263A"})


def test_forgetting_a_user_leaves_nothing_of_him(store: LiveStore) -> None:
    """His profile, his events and queries, the anonymous ones of his session; other users' on his device stay."""
    put_user(store, User("u"))
    store.append(
        [
            event("his", 1, user_id="u", session_id="s", client_id="c"),
            event("before-login", 0, session_id="s"),
            event("same-device", 2, client_id="c"),
            event("other-user", 3, user_id="x", client_id="c"),
            event("stranger", 4, session_id="t"),
        ]
    )
    store.log(query("q1", user_id="u"))
    store.log(query("q2", session_id="s"))
    store.log(query("q3", session_id="t"))
    assert store.forget("u") == Forgotten(3, 2, True)
    assert user_of(store, "u") is None
    assert [found.object_id for found in store.events()] == ["other-user", "stranger"]
    assert [found.query_id for found in store.queries()] == ["q3"]
    assert store.forget("u") == Forgotten(0, 0, False)


def test_what_is_older_than_the_retention_is_erased(store: LiveStore) -> None:
    """Strictly before the moment given."""
    store.append([event("old", 1), event("new", 2)])
    store.log(query("q1", 1))
    store.log(query("q2", 2))
    store.flush()
    assert store.expire(NOW + 2) == 2
    assert [found.object_id for found in store.events()] == ["new"]
    assert [found.query_id for found in store.queries()] == ["q2"]


def test_events_of_an_opted_out_device_lose_their_ids(again: Again) -> None:
    """They are kept for counting, without a trace of the person; another worker honours it too."""
    one, two = again(), again()
    one.opt_out("c1")
    assert two.opted_out(Who("u", "s", "c1"))
    assert not two.opted_out(Who("u", "s", "c2"))
    two.append([event("p1", user_id="u", session_id="s", client_id="c1")])
    two.log(query("q", client_id="c1"))
    two.flush()
    (kept,) = two.events()
    assert (kept.user_id, kept.session_id, kept.client_id) == (None, None, None)
    assert not {"user_id", "session_id", "client_id"} & kept.document().keys()
    assert [found.client_id for found in two.queries()] == [None]
    one.opt_out("c1", out=False)
    assert not two.opted_out(Who(client_id="c1"))


def test_many_submits_at_once_are_all_kept(store: LiveStore) -> None:
    """Two hundred single events from one loop share commits and none is lost."""

    async def all_of_them() -> None:
        await asyncio.gather(*(store.submit([event(f"p{n}", n, user_id="u")]) for n in range(200)))

    asyncio.run(all_of_them())
    assert len(store.recent(Who("u"), limit=500)) == 200


def test_closing_writes_what_is_queued(again: Again) -> None:
    """A query logged just before the end is there afterwards."""
    store = again()
    store.log(query("q"))
    store.close()
    assert [found.query_id for found in again().queries()] == ["q"]
