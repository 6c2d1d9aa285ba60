"""UBI 1.3.0 events: what is taken, what is refused and why, and what is kept of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.errors import Invalid, TooLarge
from search_service.live.ubi import anonymous, parse_events, without_user

VIN = "1HGCM82633A004352"
NOW = 2_000_000_000_000
CLICK: dict[str, Any] = {
    "application": "parts-web",
    "action_name": "click",
    "query_id": "q1",
    "client_id": "c-7f",
    "session_id": "s-19",
    "user_id": "u1",
    "timestamp": "2026-11-22T09:15:02.118Z",
    "user_query": "卡罗拉 前刹车片",
    "event_attributes": {
        "object": {"object_id": "04465-02220", "object_id_field": "sku", "object_id_type": "product"},
        "position": {"ordinal": 3},
        "arm": "B",
    },
}


def body(*documents: Any) -> bytes:
    return json.dumps(list(documents)).encode()


def shown(**members: Any) -> dict[str, Any]:
    return {**CLICK, "event_attributes": members}


def test_the_standard_event_is_taken_whole() -> None:
    """Standard action and object type pass (the published schema's oneOf would refuse them); extra keys stay."""
    (event,) = parse_events(json.dumps(CLICK).encode(), "application/json", NOW).events
    assert event.document() == CLICK
    assert (event.action, event.object_id, event.ordinal, event.user_id) == ("click", "04465-02220", 3, "u1")
    assert event.attributes["arm"] == "B"


def test_only_action_and_timestamp_are_required() -> None:
    """Null counts as absent."""
    smallest = {
        "action_name": "made_up",
        "timestamp": "2026-11-22T09:15:02Z",
        "user_id": None,
        "event_attributes": None,
    }
    (event,) = parse_events(body(smallest), "", NOW).events
    assert event.document() == {"action_name": "made_up", "timestamp": "2026-11-22T09:15:02.000Z"}
    assert event.user_id is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-11-22T09:15:39Z", "2026-11-22T09:15:39.000Z"),
        ("2026-11-22T17:15:39.5+08:00", "2026-11-22T09:15:39.500Z"),
        ("2026-11-22T17:15:39.123456+0800", "2026-11-22T09:15:39.123Z"),
        ("2026-11-22t09:15:39.118z", "2026-11-22T09:15:39.118Z"),
    ],
)
def test_times_are_kept_in_one_form(written: str, kept: str) -> None:
    """Milliseconds and Z, because OpenSearch drops others without a word."""
    (event,) = parse_events(body({**CLICK, "timestamp": written}), "", NOW).events
    assert event.document()["timestamp"] == kept


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({**CLICK, "action_name": None}, "action_name"),
        ({**CLICK, "action_name": 5}, "action_name"),
        ({**CLICK, "action_name": "x" * 101}, "action_name"),
        ({**CLICK, "application": "x" * 101}, "application"),
        ({**CLICK, "query_id": "x" * 101}, "query_id"),
        ({**CLICK, "session_id": 7}, "session_id"),
        ({**CLICK, "client_id": "x" * 101}, "client_id"),
        ({**CLICK, "user_id": "x" * 101}, "user_id"),
        ({**CLICK, "message_type": "x" * 101}, "message_type"),
        ({**CLICK, "message": "x" * 1025}, "message"),
        ({**CLICK, "timestamp": "2026-11-22T09:15:02"}, "timestamp"),
        ({**CLICK, "timestamp": "yesterday"}, "timestamp"),
        ({**CLICK, "timestamp": "2026-02-30T09:15:02Z"}, "timestamp"),
        ({**CLICK, "timestamp": "9999-12-31T23:59:59-14:00"}, "timestamp"),
        ({**CLICK, "timestamp": 1795338902}, "timestamp"),
        ({**CLICK, "event_attributes": "x"}, "event_attributes"),
        (shown(), "event_attributes.position"),
        (shown(position={}), "event_attributes.position"),
        (shown(position={"ordinal": 1, "xy": {"x": 1, "y": 2}}), "event_attributes.position"),
        (shown(position={"ordinal": "3"}), "event_attributes.position.ordinal"),
        (shown(position={"ordinal": True}), "event_attributes.position.ordinal"),
        (shown(position={"xy": {"x": 1}}), "event_attributes.position.xy.y"),
        (shown(position={"ordinal": 1}, object={}), "event_attributes.object.object_id"),
        (shown(position={"ordinal": 1}, object={"object_id": 1.5}), "event_attributes.object.object_id"),
        (shown(position={"ordinal": 1}, object={"object_id": "x" * 257}), "event_attributes.object.object_id"),
        (
            shown(position={"ordinal": 1}, object={"object_id": "x", "object_id_type": "x" * 101}),
            "event_attributes.object.object_id_type",
        ),
        (7, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_each_fault_is_named(event: Any, field: str) -> None:
    """Beside a good event, which is taken; the index is that of the list."""
    parsed = parse_events(body(CLICK, event), "application/json", NOW)
    assert len(parsed.accepted) == 1
    ((index, found, reason),) = [(item.index, item.field, item.reason) for item in parsed.rejected]
    assert (index, found) == (1, field)
    assert reason


@pytest.mark.parametrize(
    "position", [{"ordinal": 0}, {"ordinal": 10**30}, {"xy": {"x": 1, "y": 2.5}}, {"ordinal": 1, "a": 1}]
)
def test_both_forms_of_position_are_taken(position: dict[str, Any]) -> None:
    """An integer rank of any size, or coordinates; positions are open objects."""
    (event,) = parse_events(body(shown(position=position)), "", NOW).events
    assert event.attributes["position"] == position


def test_ids_may_be_numbers() -> None:
    """And are compared as text."""
    (event,) = parse_events(body(shown(position={"ordinal": 1}, object={"object_id": 4465})), "", NOW).events
    assert event.object_id == "4465"
    assert event.attributes["object"]["object_id"] == 4465


def test_no_vin_is_kept_or_repeated() -> None:
    """Not in texts, not in attributes, not in ids, not in reasons."""
    event = shown(position={"ordinal": 1}, object={"object_id": VIN}, vehicle={"vin": VIN.lower()})
    taken = {**event, "user_query": f"机油 {VIN}", "message": VIN, "session_id": VIN}
    parsed = parse_events(body(taken, {**CLICK, "timestamp": VIN}), "", NOW)
    assert VIN not in (str(parsed.events[0].document()) + str(parsed)).upper()
    assert parsed.events[0].document()["user_query"] == "机油 1HGCM8263A"
    assert "1HGCM8263A" in parsed.rejected[0].reason


@pytest.mark.parametrize("around", ["%s", 'chassis "%s"', "\\%s\\", "车架号%s", '%s"'])
def test_no_vin_in_attributes_is_kept_whatever_stands_around_it(around: str) -> None:
    """Also as a name, and beside texts too short to hold one."""
    text = around % VIN
    members = {"position": {"ordinal": 3}, "note": ["a", {text: text}], "object": {"object_id": "1", "name": text}}
    (event,) = parse_events(body(shown(**members)), "", NOW).events
    assert VIN.encode() not in event.body
    assert event.body.count(b"1HGCM8263A") == 3


def test_part_ids_are_never_scrubbed_by_chance() -> None:
    """A 17-character part number without a VIN's serial joins to its part."""
    part = "ACME:BRAKEPAD12345ABCD"
    (event,) = parse_events(body(shown(position={"ordinal": 1}, object={"object_id": part})), "", NOW).events
    assert event.object_id == part


@pytest.mark.parametrize(("ordinal", "kept"), [(3.0, 3), (3, 3), (3.5, None)])
def test_a_whole_number_may_be_written_with_a_point(ordinal: float, kept: int | None) -> None:
    """As JSON Schema has it; a half is no ordinal."""
    found = parse_events(body(shown(position={"ordinal": ordinal}, object={"object_id": "A:1"})), "", NOW)
    assert [event.ordinal for event in found.events] == ([] if kept is None else [kept])


def test_a_user_token_is_handed_over_and_not_kept() -> None:
    """It proves one request and belongs in no log."""
    ((event, token, signed),) = parse_events(body({**CLICK, "user_token": "abc"}), "", NOW).accepted
    assert (token, signed) == ("abc", CLICK.get("user_id"))
    assert "user_token" not in event.document()


def test_the_same_event_has_the_same_key() -> None:
    """By its own id, wherever that stands, or by its content in any order of keys; other content is another event."""

    def key(document: dict[str, Any]) -> bytes:
        return parse_events(body(document), "", NOW).events[0].key

    assert key(CLICK) == key(dict(reversed(CLICK.items())))
    assert key(CLICK) == key({**CLICK, "timestamp": "2026-11-22T17:15:02.118+08:00"})
    assert key(CLICK) != key({**CLICK, "user_query": "x"})
    assert key({**CLICK, "event_id": "e1"}) == key({**CLICK, "event_id": "e1", "message": "again"})
    assert key({**CLICK, "event_id": "e1"}) != key({**CLICK, "event_id": "e2"})
    assert key({**CLICK, "event_id": "e1"}) != key({**CLICK, "event_id": "e1", "client_id": "other"})


def test_keys_ascend_with_time() -> None:
    """So that the index of keys grows at its end, however long the log."""
    times = ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "2026-11-22T09:15:02.118Z", "2026-11-22T09:15:02.119Z"]
    events = parse_events(body(*({**CLICK, "timestamp": moment} for moment in times)), "", NOW).events
    assert [event.key for event in events] == sorted({event.key for event in events})


def test_events_from_the_future_count_as_now() -> None:
    """A clock that is wrong does not hold the first place for ever."""
    (event,) = parse_events(body(CLICK), "", 1000).events
    assert event.at == 1000


def test_lines_are_read_with_their_own_index() -> None:
    """By content type, or by their looks; blank lines do not count; one bad line stops nothing."""
    line = json.dumps(CLICK).encode()
    for content_type, middle in (("application/x-ndjson; charset=utf-8", b"{bad"), ("application/json", b"{}")):
        parsed = parse_events(b"\n".join([line, b"", middle, line, b""]), content_type, NOW)
        assert (len(parsed.accepted), [item.index for item in parsed.rejected]) == (2, [1])
    assert len(parse_events(line, "application/x-ndjson", NOW).accepted) == 1


def test_a_byte_order_mark_is_passed_over() -> None:
    """Before one event, a list or lines."""
    line = json.dumps(CLICK).encode()
    for sent, kind in ((line, ""), (body(CLICK), "application/json"), (line, "application/x-ndjson")):
        assert len(parse_events(b"\xef\xbb\xbf" + sent, kind, NOW).events) == 1


@pytest.mark.parametrize("text", [b"", b"{", b"[1,", b"\xff\xfe", b"[" * 5000, b"click", b'{"a":1} {"b":2}'])
def test_a_body_that_is_no_json_is_malformed_as_a_whole(text: bytes) -> None:
    """422 on the body, not a list of rejections."""
    with pytest.raises(Invalid, match="body"):
        parse_events(text, "application/json", NOW)


def test_more_events_than_the_limit_are_too_large() -> None:
    """Exactly the limit passes."""
    assert len(parse_events(body(*[CLICK] * 3), "", NOW, limit=3).accepted) == 3
    with pytest.raises(TooLarge, match="4 events"):
        parse_events(body(*[CLICK] * 4), "", NOW, limit=3)


def test_broken_text_inside_an_item_rejects_that_item() -> None:
    """Bytes that are not UTF-8, and half a surrogate pair."""
    good = json.dumps(CLICK).encode()
    parsed = parse_events(good + b'\n{"action_name":"\xff"}\n{"action_name":"\\ud800x"}', "", NOW)
    assert [item.index for item in parsed.rejected] == [1, 2]


def test_an_event_nested_too_deeply_is_rejected_alone() -> None:
    """However deep, it costs neither the batch nor the request."""
    good = json.dumps(CLICK).encode()
    deep = [good[:-1] + b',"more":' + b"[" * depth + b"]" * depth + b"}" for depth in (900, 5000)]
    parsed = parse_events(b"\n".join([good, *deep]), "application/x-ndjson", NOW)
    assert (len(parsed.accepted), [item.index for item in parsed.rejected]) == (1, [1, 2])


def test_ids_can_be_taken_off() -> None:
    """All of a person's, or only the user's; what happened stays, and it still counts once."""
    (event,) = parse_events(body(CLICK), "", NOW).events
    bare = anonymous(event)
    assert (bare.user_id, bare.session_id, bare.client_id, bare.key) == (None, None, None, event.key)
    assert not {"user_id", "session_id", "client_id"} & bare.document().keys()
    guest = without_user(event)
    assert (guest.user_id, guest.session_id) == (None, "s-19")
    assert "user_id" not in guest.document()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted({*CLICK, "event_id", "x"})), JSON), st.booleans())
def test_any_object_is_taken_or_refused(changes: dict[str, Any], attributes: bool) -> None:
    """Nothing else happens, and every rejection says why."""
    event = {**CLICK, **changes} if attributes else changes
    parsed = parse_events(body(event), "application/json", NOW)
    assert len(parsed.accepted) + len(parsed.rejected) == 1
    assert all(item.reason for item in parsed.rejected)
