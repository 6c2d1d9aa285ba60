"""What is wrong with a row, in the words of who keeps the file: a sentence that goes on after the field's name.

msgspec names Python's types and bytes; a shop's colleague has a spreadsheet or an export. Known sentences of msgspec
are said anew, others stay as they are.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

MOST_QUOTED = 60
"""Characters of a text that a sentence quotes; the whole value stands beside it."""

_KINDS = {
    "int": "a whole number", "float": "a number", "number": "a number", "str": "text", "bool": "true or false",
    "array": "a list", "object": 'named values ({"name": ...})', "null": "nothing",
}  # fmt: skip
_ANY_VALUE = frozenset({"bool", "int", "float", "str", "array"})
_BOUNDS = {">=": "{} or more", "<=": "at most {}", ">": "more than {}", "<": "less than {}"}

_EXPECTED = re.compile(r"Expected `(?P<kinds>[\w| ]+)`, got `(?P<got>\w+)`")
_LENGTH = re.compile(r"Expected `(?P<kind>\w+)` of length (?P<sign>[<>]=? )?(?P<length>\d+)(?:, got (?P<got>\d+))?")
_BOUND = re.compile(r"Expected `\w+` (?P<sign>[<>]=?) (?P<bound>-?[\d.]+)")
_ENUM = re.compile(r"Invalid enum value (?P<value>.*)")
_MALFORMED = re.compile(r"JSON is malformed: (?P<what>.*) \(byte (?P<byte>\d+)\)")

_FAULTS = {
    "object keys must be strings": "a name must stand in double quotes",
    "trailing comma in object": "a comma stands before the closing brace",
    "trailing comma in array": "a comma stands before the closing bracket",
    "expected ':'": "a colon is missing after a name",
    "expected ',' or '}'": "a comma or a closing brace is missing",
    "expected ',' or ']'": "a comma or a closing bracket is missing",
    "trailing characters": "something follows the end of the row",
    "invalid number": "a number is not written as JSON has it",
    "invalid escape character in string": "a backslash in a text must be doubled",
    "invalid escaped character": "a backslash in a text must be doubled",
    "invalid character in unicode escape": "a \\u in a text has no four hexadecimal digits",
    "unexpected end of hex escape": "a \\u in a text has no four hexadecimal digits",
    "invalid utf-16 surrogate pair": "a \\u in a text stands for half a character",
    "unexpected end of escaped utf-16 surrogate pair": "a \\u in a text stands for half a character",
}
"""What msgspec finds in a text that is no JSON."""

_READ = ("trailing characters", "invalid escape", "invalid character in unicode")
"""Faults of which msgspec names the byte after the one that is wrong."""


def wrong_type(reason: str, value: Any) -> str:
    """A sentence of msgspec's about a value that is JSON but not what the field holds."""
    if found := _EXPECTED.fullmatch(reason):
        return f"must be {_one_of(found['kinds'].split(' | '))}, not {described(value, found['got'])}"
    if found := _LENGTH.fullmatch(reason):
        return _length(found["kind"], int(found["length"]), (found["sign"] or "").strip(), found["got"])
    if found := _BOUND.fullmatch(reason):
        bound = found["bound"].removesuffix(".0")
        return f"must be {_BOUNDS[found['sign']].format(bound)}, not {described(value)}"
    if found := _ENUM.fullmatch(reason):
        return f"must be A (add or replace) or D (delete), not {described(value)}"
    if "out of range" in reason:
        return "is a number too large to keep"
    return reason.replace("`", "")


def no_json(error: Exception, line: bytes) -> str:
    """What is wrong with a text that is to be JSON, and at which character of it (from 1)."""
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 (from character {_character(line, error.start)} on)"
    text = str(error)
    if "out of range" in text:
        return "is not JSON: a number is too large to keep"
    if "truncated" in text:
        return "is not JSON: it ends in the middle; a quote, brace or bracket is missing"
    found = _MALFORMED.match(text)
    if found is None:
        return f"is not JSON: {text}"
    at = int(found["byte"]) - found["what"].startswith(_READ)
    what = _FAULTS.get(found["what"]) or _unexpected(line, at)
    return f"is not JSON: {what} (character {_character(line, at)})"


def described(value: Any, kind: str | None = None) -> str:
    """A value as a sentence names it; `kind` is msgspec's word for it, where the value itself is not at hand."""
    match value:
        case None:
            return _KINDS.get(kind or "null", str(kind))
        case bool():
            return str(value).lower()
        case str():
            return f'the text "{_short(value)}"'
        case int() | float():
            return f"the number {value}"
        case list():
            return f"the list {_short(msgspec.json.encode(value).decode())}"
        case _:
            return f"the named values {_short(msgspec.json.encode(value).decode())}"


def _one_of(kinds: list[str]) -> str:
    if _ANY_VALUE.issubset(kinds):
        return "text, a number, true or false, or a list of these"
    *most, last = [_KINDS.get(kind, kind) for kind in kinds if kind != "null"]
    return f"{', '.join(most)} or {last}" if most else last


def _length(kind: str, length: int, sign: str, got: str | None) -> str:
    if kind == "str":
        return "must not be empty" if (sign, length) == (">=", 1) else f"must be at most {length} characters long"
    return f"must be a list of {length} values, not of {got}"


def _unexpected(line: bytes, at: int) -> str:
    character = line[at:].decode("utf-8", "replace")[:1]
    if character and character < " ":
        return "a tab or another control character stands in a text; write it as \\t or leave it out"
    return f"{character} is not expected here" if character.strip() else "something is missing"


def _character(line: bytes, byte: int) -> int:
    return len(line[:byte].decode("utf-8", "replace")) + 1


def _short(text: str) -> str:
    return text if len(text) <= MOST_QUOTED else text[:MOST_QUOTED] + "…"
