"""What quarantine says is for who keeps the file: the field, what stands there, and what is wrong in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from indexers.careful import FIELDS, read_row
from indexers.errors import BadRow
from indexers.memo import SEPARATOR, read_condition, read_notes, read_places, read_selector
from indexers.quarantine import Quarantined
from indexers.read_rows import RowsRead, read_rows
from indexers.rows import RowKind
from indexers.sources.files import pieces_of
from indexers.sources.mapped import mapped_pieces
from indexers.sources.pies import pies_pieces
from search_service.live.rows import read_change
from search_service.live.ubi import Rejected, event_of, parse_events

REQUIRED = {
    RowKind.VEHICLES: {"vehicle_id": "v", "make": "A", "model": "B"},
    RowKind.PARTS: {"part_id": "p", "brand": "A", "part_number": "1", "part_type": "pad", "title": {"en": "t"}},
    RowKind.APPLICATIONS: {"part_id": "p"},
    RowKind.STORES: {"store_id": "s"},
    RowKind.STOCK: {"part_id": "p", "store_id": "s"},
    RowKind.PROMOTIONS: {"promotion_id": "p", "kind": "percent"},
    RowKind.USERS: {"user_id": "u"},
}
JARGON = re.compile(r"`|\b(int|str|float|bool|array|object|null|None|Expected|got|byte|enum|Unicode|contract)\b")
ODD = (
    5,
    1.5,
    -1,
    True,
    None,
    "",
    "text",
    [],
    [[1]],
    [None],
    {},
    {"a": {"b": [1]}},
    {"a": 1},
    [{"a": 1}],
    10**30,
    1e300,
)


def refused(found: Callable[[], object]) -> tuple[str, object, str]:
    """Field, value and reason of what is refused."""
    with pytest.raises(BadRow) as caught:
        found()
    return caught.value.field, caught.value.value, caught.value.reason


@pytest.mark.parametrize(
    ("kind", "more", "field", "value", "reason"),
    [
        (RowKind.VEHICLES, {"year": "x"}, "year", "x", 'must be a whole number, not the text "x"'),
        (RowKind.VEHICLES, {"year": 2014.5}, "year", 2014.5, "must be a whole number, not the number 2014.5"),
        (RowKind.VEHICLES, {"make": ""}, "make", "", "must not be empty"),
        (RowKind.VEHICLES, {"make": None}, "make", None, "is required"),
        (RowKind.VEHICLES, {"make": True}, "make", True, "must be text, not true"),
        (RowKind.VEHICLES, {"aliases": {"a": 1}}, "aliases", '{"a":1}',
         'must be a list, not the named values {"a":1}'),
        (RowKind.VEHICLES, {"names": {"en": {}, "zh": 3}}, "names.zh", 3,
         'must be named values ({"name": ...}), not the number 3'),
        (RowKind.VEHICLES, {"names": {"zh": {"make": "丰田", "model": 3}}}, "names.zh.model", 3,
         "must be text, not the number 3"),
        (RowKind.VEHICLES, {"action": "X"}, "action", "X",
         'must be A (add or replace) or D (delete), not the text "X"'),
        (RowKind.PARTS, {"title": {"en": "t", "zh": 5}}, "title.zh", 5, "must be text, not the number 5"),
        (RowKind.PARTS, {"title": " "}, "title", '{"en":" "}', "a title in at least one language is required"),
        (RowKind.PARTS, {"price": "cheap"}, "price.amount", "cheap", 'must be a number, not the text "cheap"'),
        (RowKind.PARTS, {"price": {"amount": -1}}, "price.amount", -1, "must be 0 or more, not the number -1"),
        (RowKind.PARTS, {"price": {"amount": 1, "cost": 2}}, "price.cost", 2,
         "is not known here; known are amount, currency"),
        (RowKind.PARTS, {"oe_numbers": [{"number": "1"}, {"brand": "B"}]}, "oe_numbers.1.number", None, "is required"),
        (RowKind.PARTS, {"position": 5}, "position", 5, "must be text or a list, not the number 5"),
        (RowKind.PARTS, {"universal": "maybe"}, "universal", "maybe", 'must be true or false, not the text "maybe"'),
        (RowKind.APPLICATIONS, {"vehicle": {"years": [2014]}}, "vehicle.years", "[2014]",
         "must be a list of 2 values, not of 1"),
        (RowKind.APPLICATIONS, {"vehicle": {"colour": "red"}}, "vehicle.colour", "red",
         "is not known here; known are make, model, years"),
        (RowKind.APPLICATIONS, {"where": {"trim": "GL", "doors": {"a": 4}}}, "where.doors", '{"a":4}',
         'must be text, a number, true or false, or a list of these, not the named values {"a":4}'),
        (RowKind.STORES, {"lat": 100}, "lat", 100, "must be at most 90, not the number 100"),
        (RowKind.STOCK, {"quantity": "many"}, "quantity", "many", 'must be a whole number, not the text "many"'),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_field(
    kind: RowKind, more: dict[str, object], field: str, value: object, reason: str
) -> None:
    """Where the mistake is, down to the member; what stands there; and what should."""
    line = json.dumps({**REQUIRED[kind], **more}).encode()
    assert refused(lambda: read_row(kind, line)) == (field, value, reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", 'the line is JSON, but no row: a row is {"name": value, ...}'),
        ("{oops", "the line is not JSON: a name must stand in double quotes (character 2)"),
        ("{'a': 1}", "the line is not JSON: a name must stand in double quotes (character 2)"),
        ('{"a": 1', "the line is not JSON: it ends in the middle; a quote, brace or bracket is missing"),
        ('{"a": 1,}', "the line is not JSON: a comma stands before the closing brace (character 9)"),
        ('{"刹": [1,]}', "the line is not JSON: a comma stands before the closing bracket (character 10)"),
        ('{"a" 1}', "the line is not JSON: a colon is missing after a name (character 6)"),
        ('{"a": 1 "b": 2}', "the line is not JSON: a comma or a closing brace is missing (character 9)"),
        ('{"a": [1 2]}', "the line is not JSON: a comma or a closing bracket is missing (character 10)"),
        ('{"a": 1}}', "the line is not JSON: something follows the end of the row (character 9)"),
        ('{"a": NaN}', "the line is not JSON: N is not expected here (character 7)"),
        ('{"a": 01}', "the line is not JSON: a number is not written as JSON has it (character 8)"),
        ('{"a": 1e999}', "the line is not JSON: a number is too large to keep"),
        ('{"a": "C:\\parts"}', "the line is not JSON: a backslash in a text must be doubled (character 11)"),
        ('{"a": "\\u12"}', "the line is not JSON: a \\u in a text has no four hexadecimal digits (character 12)"),
        ('{"a": "x\ty"}', "the line is not JSON: a tab or another control character stands in a text; "
         "write it as \\t or leave it out (character 9)"),
        ("[" * 5000, "the line is nested too deeply"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_json_says_why_and_where(line: str, reason: str) -> None:
    """Characters are counted, not bytes; the line itself is the value."""
    field, value, found = refused(lambda: read_row(RowKind.VEHICLES, line.encode()))
    assert (field, found) == ("", reason)
    assert str(value).startswith(line[:50])


def test_a_line_in_another_encoding_says_so() -> None:
    """From where on, counted in characters."""
    reason = refused(lambda: read_row(RowKind.VEHICLES, '{"make": "é"}'.encode("latin-1")))[2]
    assert reason == "the line is not UTF-8 (from character 11 on)"


@pytest.mark.parametrize("kind", RowKind)
def test_nothing_is_said_in_jargon(kind: RowKind) -> None:
    """Any value of the wrong kind in any field: the words of no programming language, and the field is named."""
    said = []
    for field in sorted(FIELDS[kind]):
        for odd in ODD:
            for value in (odd, {field: odd}, [odd], {"en": odd}, {"amount": odd, "years": odd, "number": odd}):
                try:
                    read_row(kind, json.dumps({**REQUIRED[kind], field: value}).encode())
                except BadRow as error:
                    said.append((field, error))
    assert len(said) > 50
    assert [error for field, error in said if error.field.partition(".")[0] != field] == []
    assert [error for _, error in said if JARGON.search(re.sub(r'"[^"]*"|[{\[].*', "", error.reason))] == []


@pytest.mark.parametrize(
    ("found", "field", "reason"),
    [
        (lambda: read_selector(b"" + SEPARATOR, ()), "vehicle", "is required (or vehicle_ids)"),
        (lambda: read_selector(b"{}" + SEPARATOR + b'["v"]', ("v",)), "vehicle",
         "give vehicle or vehicle_ids, not both"),
        (lambda: read_selector(SEPARATOR + b'["gone"]', ("v",)), "vehicle_ids",
         "names no vehicle of the vehicle table"),
        (lambda: read_selector(b'{"years": [2016, 2014]}', ()), "vehicle.years", "the first year is after the last"),
        (lambda: read_selector(b'{"years": 2014}', ()), "vehicle.years", "must be a list, not the number 2014"),
        (lambda: read_condition(b'{"trim": []}'), "where.trim",
         "an empty list can never match; leave the attribute out for any value"),
        (lambda: read_condition(SEPARATOR + SEPARATOR + b"2015-13"), "built_from",
         "'2015-13' is no date (YYYY-MM or YYYY-MM-DD)"),
        (lambda: read_notes(b'[{"text": "t", "kind": "remrk"}]'), "notes.kind",
         "is none of condition, hint, remark, variant"),
        (lambda: read_places(b"5"), "position", "must be text or a list, not the number 5"),
    ],
)  # fmt: skip
def test_what_an_application_lacks_is_said(found: Callable[[], object], field: str, reason: str) -> None:
    """Also of the parts that are read once for every spelling."""
    assert refused(found)[::2] == (field, reason)


def _csv(folder: Path, text: bytes) -> list[Quarantined]:
    file = folder / "v.csv"
    file.write_bytes(text)
    tally = RowsRead()
    list(read_rows(pieces_of(RowKind.VEHICLES, [file]), tally))
    return tally.bad


def test_csv_rows_say_what_is_wrong_with_their_cells(tmp_path: Path) -> None:
    """A cell too many, a cell without an end, another encoding, and a cell that is no number."""
    header = b"vehicle_id,make,model,year\n"
    long = b'v2,A,"' + b"x" * 200_000 + b'",2014\n'
    bad = _csv(tmp_path, header + b"v1,A,B, C,2014\n" + long + b"v3,\xff,B,2014\nv4,A,B,MMXIV\n")
    assert [(one.line, one.field, one.reason) for one in bad] == [
        (2, "", "the line has 5 cells, the header 4 columns; a cell that holds the separator must stand in double "
         "quotes"),
        (3, "", "a cell is longer than 131,072 characters; a closing quote may be missing"),
        (4, "", "the line is not UTF-8; save the file with that encoding"),
        (5, "year", 'must be a whole number, not the text "MMXIV"'),
    ]  # fmt: skip
    assert [one.value for one in bad] == ["v1,A,B, C,2014", None, "v3,?,B,2014", "MMXIV"]


def test_a_mapped_cell_that_is_not_of_its_type_says_so(tmp_path: Path) -> None:
    """The field of the map, the cell, and what it should be."""
    (tmp_path / "v.csv").write_text("id,make,model,y\nv1,A,B,MMXIV\n")
    fields = "vehicle_id: {column: id}, make: {column: make}, model: {column: model}, year: {column: y, type: int}"
    (tmp_path / "map.yaml").write_text(f"vehicles: {{file: v.csv, fields: {{{fields}}}}}")
    tally = RowsRead()
    list(read_rows(mapped_pieces(tmp_path / "map.yaml", RowKind.VEHICLES), tally))
    assert [(one.line, one.field, one.value, one.reason) for one in tally.bad] == [
        (2, "year", "MMXIV", 'must be a whole number, not the text "MMXIV"')
    ]


def test_a_line_of_a_mapped_table_that_is_no_row_costs_itself_alone(tmp_path: Path) -> None:
    """A cell too many, which could be any, and one without an end; blank cells at the end are none."""
    long = 'v2,A,"' + "x" * 200_000 + '"'
    (tmp_path / "v.csv").write_text(f"id,make,model\nv1,A,B, C\n{long}\nv3,A,B,,\n")
    fields = "vehicle_id: {column: id}, make: {column: make}, model: {column: model}"
    (tmp_path / "map.yaml").write_text(f"vehicles: {{file: v.csv, fields: {{{fields}}}}}")
    tally = RowsRead()
    rows = [row for row, _, _ in read_rows(mapped_pieces(tmp_path / "map.yaml", RowKind.VEHICLES), tally)]
    assert [(one.line, one.reason.partition(";")[0]) for one in tally.bad] == [
        (2, "the line has 4 cells, the header 3 columns"),
        (3, "a cell is longer than 131,072 characters"),
    ]
    assert len(rows) == 1


def test_items_of_pies_say_what_they_lack(tmp_path: Path) -> None:
    """An item without a part number or a brand code."""
    (tmp_path / "p.xml").write_text(
        "<PIES><Items><Item><BrandAAIAID>ACME</BrandAAIAID></Item><Item><PartNumber>1</PartNumber></Item></Items></PIES>"
    )
    tally = RowsRead()
    list(read_rows(pies_pieces([tmp_path / "p.xml"]), tally))
    assert [one.reason for one in tally.bad] == ["the Item has no part number", "the Item has no brand code"]


@pytest.mark.parametrize(
    ("kind", "line", "field", "reason"),
    [
        ("prices", b'{"part_id": "p", "price": {"amount": "x"}}', "price.amount", "must be a number from 0"),
        ("prices", b"{oops", "", "the line is not JSON: a name must stand in double quotes (character 2)"),
        ("stock", b'{"part_id": "p", "store_id": "s", "quantity": -1}', "quantity",
         "must be 0 or more, not the number -1"),
        ("users", b'{"user_id": "u", "garage": {"a": 1}}', "garage", 'must be a list, not the named values {"a":1}'),
        ("events", b'{"action_name": "click", "timestamp": 5}', "timestamp", "must be text, not the number 5"),
    ],
)  # fmt: skip
def test_live_rows_speak_the_same_words(kind: str, line: bytes, field: str, reason: str) -> None:
    """What is loaded outside a build is explained by the same sentences."""
    assert refused(lambda: read_change(kind, line, 0))[::2] == (field, reason)


def test_events_over_http_speak_the_same_words() -> None:
    """A wrong member, one too long, and an event that is no JSON."""
    at = "2026-11-22T09:15:02Z"
    found = event_of({"action_name": "x" * 101, "timestamp": at}, 0)
    assert found == Rejected(0, "action_name", "must be at most 100 characters long")
    shown = {"position": {"ordinal": "first"}}
    found = event_of({"action_name": "click", "timestamp": at, "event_attributes": shown}, 0)
    path = "event_attributes.position.ordinal"
    assert found == Rejected(0, path, 'must be a whole number, not the text "first"')
    parsed = parse_events(b"{oops\n", "application/x-ndjson", 0)
    assert parsed.rejected == [Rejected(0, "", "is not JSON: a name must stand in double quotes (character 2)")]
