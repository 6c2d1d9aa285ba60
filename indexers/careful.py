"""The careful way to read one row: lenient where a shop's file may be, exact about what is wrong where it may not.

Rows that the strict structs refuse come here: with extra columns (kept as attributes), with numbers where text is
meant (`"model": 500`), with text where numbers are meant (`"year": "2014"`), or really bad.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from indexers.errors import BadRow
from indexers.rows import (
    ROW_TYPES,
    Interchange,
    NoteRow,
    Number,
    PartRow,
    Price,
    Row,
    RowKind,
    SourceRow,
    VehicleSelector,
)
from indexers.sources.delimited import UNREADABLE
from indexers.wording import no_json, wrong_type

MOST_SHOWN = 200
"""Characters of a bad value that quarantine shows."""

ANY_MEMBER = "..."
_AT = re.compile(r" - at `(?P<at>(?:key in )?\$.*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<name>.*?)`")
_MISSING = re.compile(r"missing required field `(?P<name>.*?)`")
_GOT = re.compile(r", got `(?P<got>\w+)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")

_ID_OF = {
    RowKind.VEHICLES: "vehicle_id", RowKind.PARTS: "part_id", RowKind.APPLICATIONS: "application_id",
    RowKind.STORES: "store_id", RowKind.PROMOTIONS: "promotion_id", RowKind.USERS: "user_id",
}  # fmt: skip
_TEXTS = frozenset({
    "vehicle_id", "make", "model", "part_id", "brand", "part_number", "part_type", "gtin", "quality", "application_id",
    "store_id", "promotion_id", "user_id", "kind", "member_level", "number", "vin_serial_from", "vin_serial_to",
    "built_from", "built_to", "listed_at", "lang", "text", "file", "date", "updated_at", "city", "currency",
})  # fmt: skip
_TEXT_LISTS = frozenset({"aliases", "position", "vehicle_ids", "part_ids", "garage", "services", "member_levels"})

FIELDS = {
    kind: frozenset(field.encode_name for field in msgspec.structs.fields(row)) for kind, row in ROW_TYPES.items()
}
"""The contract's top-level fields of each kind."""


def read_row(kind: RowKind, line: bytes) -> Row:
    """One row of JSON. Raises `BadRow` that names the field, shows its value and says what is wrong."""
    data = _object(line)
    if str(data.get("action", "")).strip().upper() == "D":
        return _deletion(kind, data)
    tidy = _tidy(kind, data)
    try:
        row = msgspec.convert(tidy, ROW_TYPES[kind], strict=False)
    except msgspec.ValidationError as error:
        raise explain(error, tidy) from None
    if isinstance(row, PartRow) and not any(text.strip() for text in row.title.values()):
        raise BadRow("title", shown(row.title), "a title in at least one language is required")
    return row


def explain(error: msgspec.ValidationError, data: Any) -> BadRow:
    """A validation error as the field it is about, the value there, and a sentence."""
    text = str(error)
    at = _AT.search(text)
    steps = [name or index for name, index in _STEP.findall(at["at"])] if at else []
    reason = text[: at.start()] if at else text
    if missing := _MISSING.search(reason):
        path, _ = _lead(data, steps, lambda one: isinstance(one, dict) and missing["name"] not in one)
        return BadRow(".".join([*path, missing["name"]]), None, "is required")
    if unknown := _UNKNOWN.search(reason):
        path, inside = _lead(data, steps, lambda one: isinstance(one, dict) and unknown["name"] in one)
        value = inside.get(unknown["name"]) if isinstance(inside, dict) else None
        return BadRow(".".join([*path, unknown["name"]]), shown(value), _unknown(path))
    got = _GOT.search(reason)
    path, value = _lead(data, steps, lambda one: got is None or _KIND.get(type(one)) == got["got"])
    return BadRow(".".join(path), shown(value), wrong_type(reason, value))


def shown(value: Any) -> Any:
    """A value short enough for a quarantine line."""
    if isinstance(value, str):
        return value if len(value) <= MOST_SHOWN else value[:MOST_SHOWN] + "…"
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return shown(msgspec.json.encode(value).decode())


def json_object(line: bytes) -> dict[str, Any]:
    """The object that a line of JSON holds. Raises `BadRow` about the line as a whole."""
    try:
        line.decode("utf-8")
        data = msgspec.json.decode(line)
    except (ValueError, RecursionError) as error:
        raise BadRow("", shown(line.decode("utf-8", "replace").strip()), f"the line {no_json(error, line)}") from None
    if not isinstance(data, dict):
        raise BadRow("", shown(data), 'the line is JSON, but no row: a row is {"name": value, ...}')
    return data


def _object(line: bytes) -> dict[str, Any]:
    data = json_object(line)
    if UNREADABLE in data:
        reason, value = data[UNREADABLE]
        raise BadRow("", shown(value), reason)
    return data


def _deletion(kind: RowKind, data: Mapping[str, Any]) -> Row:
    """A row that only has to say what it deletes; everything else in it is dropped."""
    keys = ("part_id", "store_id") if kind is RowKind.STOCK else (_ID_OF[kind],)
    kept = {}
    for key in keys:
        value = _text(data.get(key))
        if not isinstance(value, str) or not value.strip():
            raise BadRow(key, shown(data.get(key)), "is required to delete a row")
        kept[key] = value
    blanks: dict[str, Any] = {
        field.encode_name: {"und": "-"} if field.encode_name == "title" else "-"
        for field in msgspec.structs.fields(ROW_TYPES[kind])
        if field.required
    }
    return msgspec.convert({**blanks, **kept, "action": "D"}, ROW_TYPES[kind])


def _tidy(kind: RowKind, data: Mapping[str, Any]) -> dict[str, Any]:
    known = FIELDS[kind]
    tidy = {key: _value(key, value) for key, value in data.items() if key in known and value is not None}
    extra = {key: value for key, value in data.items() if key not in known and value is not None}
    if isinstance(tidy.get("action"), str):
        tidy["action"] = tidy["action"].strip().upper() or "A"
    if extra:
        attributes = tidy.setdefault("attributes", {})
        if isinstance(attributes, dict):
            tidy["attributes"] = {**extra, **attributes}
    if kind in (RowKind.VEHICLES, RowKind.PARTS) and isinstance(tidy.get("attributes"), dict):
        tidy["attributes"] = _flat(tidy["attributes"])
    return tidy


def _value(key: str, value: Any) -> Any:
    shape = _SHAPES.get(key)
    if shape is not None:
        return shape(value)
    if key in _TEXTS:
        return _text(value)
    if key in _TEXT_LISTS:
        return _texts(value)
    return value


def _texts(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    return [_text(one) for one in value] if isinstance(value, list) else value


def _text(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _words(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"zh" if any("\u4e00" <= char <= "\u9fff" for char in value) else "en": value}


def _numbers(value: Any) -> Any:
    if isinstance(value, (str, int)):
        value = [value]
    if not isinstance(value, list):
        return value
    return [_number(one) for one in value]


def _number(one: Any) -> Any:
    return {key: _text(part) for key, part in one.items()} if isinstance(one, dict) else {"number": _text(one)}


def _notes(value: Any) -> Any:
    if isinstance(value, (str, dict)):
        value = [value]
    return [{"text": one} if isinstance(one, str) else one for one in value] if isinstance(value, list) else value


def _price(value: Any) -> Any:
    return {"amount": value} if isinstance(value, (int, float, str)) else value


def _sets(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


_SHAPES: Mapping[str, Callable[[Any], Any]] = {
    "title": _words, "description": _words, "name": _words, "oe_numbers": _numbers, "interchange": _numbers,
    "notes": _notes, "price": _price, "except": _sets,
}  # fmt: skip


def _flat(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes hold scalars and lists of them; anything nested is kept under dotted names."""
    flat: dict[str, Any] = {}
    for name, value in attributes.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": one for inner, one in _flat(value).items()})
        elif isinstance(value, list):
            flat[name] = [_scalar(one) for one in value]
        else:
            flat[name] = value
    return flat


def _scalar(one: Any) -> str | int | float:
    return one if isinstance(one, (str, int, float)) else msgspec.json.encode(one).decode()


def _lead(data: Any, steps: Sequence[str], fits: Callable[[Any], bool]) -> tuple[list[str], Any]:
    """Path and value of the first that `steps` may lead to and that fits; if none does, the last on the way.

    msgspec does not name the member of an object whose members have any name: its step is `...`.
    """
    found = _fitting(data, steps, fits)
    if found is not None:
        return found
    named = [step for step in steps if step != ANY_MEMBER]
    for step in named:
        data = next((member for _, member in _members(data, step)), data)
    return named, data


def _fitting(data: Any, steps: Sequence[str], fits: Callable[[Any], bool]) -> tuple[list[str], Any] | None:
    if not steps:
        return ([], data) if fits(data) else None
    for name, member in _members(data, steps[0]):
        found = _fitting(member, steps[1:], fits)
        if found is not None:
            return [name, *found[0]], found[1]
    return None


def _members(data: Any, step: str) -> list[tuple[str, Any]]:
    if isinstance(data, dict):
        return list(data.items()) if step == ANY_MEMBER else [(step, data[step])] if step in data else []
    if isinstance(data, list) and step.isdigit() and int(step) < len(data):
        return [(step, data[int(step)])]
    return []


def _unknown(path: Sequence[str]) -> str:
    inside = next((step for step in reversed(path) if not step.isdigit()), "")
    known = [field.encode_name for field in msgspec.structs.fields(_INSIDE[inside])] if inside in _INSIDE else []
    return f"is not known here; known are {', '.join(sorted(known))}" if known else "is not known here"


_KIND: Mapping[type, str] = {
    type(None): "null", bool: "bool", int: "int", float: "float", str: "str", list: "array", dict: "object",
}  # fmt: skip
_INSIDE: Mapping[str, type[msgspec.Struct]] = {
    "price": Price, "oe_numbers": Number, "interchange": Interchange, "notes": NoteRow, "source": SourceRow,
    "vehicle": VehicleSelector,
}  # fmt: skip
"""Fields whose members' names are known."""
