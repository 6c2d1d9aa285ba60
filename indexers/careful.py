"""The careful way to read one row: lenient where a shop's file may be, exact about what is wrong where it may not.

Rows that the strict structs refuse come here: with extra columns (kept as attributes), with numbers where text is
meant (`"model": 500`), with text where numbers are meant (`"year": "2014"`), or really bad.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from indexers.errors import BadRow
from indexers.rows import ROW_TYPES, PartRow, Row, RowKind
from indexers.sources.delimited import UNREADABLE

MOST_SHOWN = 200
"""Characters of a bad value that quarantine shows."""

_AT = re.compile(r" - at `(?P<at>(?:key in )?\$.*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<name>.*?)`")
_MISSING = re.compile(r"missing required field `(?P<name>.*?)`")
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
    steps = [step for name, index in _STEP.findall(at["at"]) if (step := name or index) != "..."] if at else []
    reason = text[: at.start()] if at else text
    missing = _MISSING.search(reason)
    unknown = _UNKNOWN.search(reason)
    if missing:
        return BadRow(".".join([*steps, missing["name"]]), None, "is required")
    if unknown:
        return BadRow(".".join([*steps, unknown["name"]]), None, "is no field of the contract here")
    return BadRow(".".join(steps), shown(_walk(data, steps)), reason)


def shown(value: Any) -> Any:
    """A value short enough for a quarantine line."""
    if isinstance(value, str):
        return value if len(value) <= MOST_SHOWN else value[:MOST_SHOWN] + "…"
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return shown(msgspec.json.encode(value).decode())


def _object(line: bytes) -> dict[str, Any]:
    try:
        line.decode("utf-8")
        data = msgspec.json.decode(line)
    except (ValueError, RecursionError) as error:
        what = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else f"is no JSON: {error}"
        raise BadRow("", shown(line.decode("utf-8", "replace").strip()), f"the line {what}") from None
    if not isinstance(data, dict):
        raise BadRow("", shown(data), "the line is no JSON object")
    if UNREADABLE in data:
        raise BadRow("", None, str(data[UNREADABLE]))
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


def _walk(data: Any, steps: list[str]) -> Any:
    for step in steps:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return data
    return data
