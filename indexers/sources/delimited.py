"""CSV with the contract's column names: dotted columns, JSON text, lists separated by `|`."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from indexers.errors import UnreadableSource
from indexers.rows import RowKind
from indexers.sources.blocks import Block
from indexers.sources.lines import open_binary

ROWS_A_BLOCK = 2000
NOT_UTF8 = "the line is not UTF-8; save the file with that encoding"

UNREADABLE = "\x00unreadable"
"""Column of a row that could not be read as cells at all: why, and what stood there."""

_INTEGERS = frozenset(
    {"year", "year_from", "year_to", "quantity", "source.row", "vehicle.years.from", "vehicle.years.to"}
)
_NUMBERS = frozenset({"price.amount", "lat", "lon", "value"})
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_LISTS = frozenset({"aliases", "position", "vehicle_ids", "part_ids", "garage", "services", "stores", "member_levels"})
_OPEN = ("attributes.", "ids.", "where.", "except.", "vehicle.make", "vehicle.model")
_NESTED = frozenset({"oe_numbers", "interchange", "notes", "except", "where", "vehicle", "attributes", "ids", "names",
                     "title", "description", "price", "source", "hours", "match", "name"})  # fmt: skip

_NAMED_FREELY = ("attributes", "ids", "where")
"""Their members have any name, dots included; other dotted columns nest at every dot (`names.zh.make`)."""


@dataclass(frozen=True, slots=True)
class CsvPiece:
    """One CSV file (or `.tsv`), with a header, read whole by one process because a quoted cell may hold a newline."""

    kind: RowKind
    file: Path

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.file.stat().st_size

    @property
    def renumbers(self) -> bool:
        """Lines are those of the file."""
        return False

    def blocks(self) -> Iterator[Block]:
        """Rows as JSON Lines; the line is the one on which the row starts, the header being 1."""
        try:
            with open_binary(self.file) as binary:
                text = io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")
                delimiter = "\t" if ".tsv" in self.file.suffixes else ","
                yield from blocks_of(self._numbered(csv.reader(text, delimiter=delimiter)))
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableSource(str(self.file), str(error)) from error

    def _numbered(self, reader: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
        rows = cells_of(reader)
        _, names, _ = next(rows, (1, [], None))
        header = [name.strip() for name in names]
        for line, cells, fault in rows:
            if fault is not None:
                yield line, unreadable(fault)
            elif cells:
                yield line, row_of(header, cells)


def cells_of(reader: Any) -> Iterator[tuple[int, list[str], str | None]]:
    """Lines of a `csv.reader`: where each starts (from 1), its cells, and why it has none if it cannot be read."""
    line = 1
    while True:
        try:
            yield line, next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            yield line, [], _fault(error)
        line = reader.line_num + 1


def blocks_of(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[Block]:
    """Rows with their line numbers as blocks."""
    encode = msgspec.json.Encoder().encode
    encoded: list[bytes] = []
    lines: list[int] = []
    for line, row in rows:
        encoded.append(encode(row))
        lines.append(line)
        if len(lines) == ROWS_A_BLOCK:
            yield Block(b"\n".join(encoded) + b"\n", lines[0], lines)
            encoded, lines = [], []
    if lines:
        yield Block(b"\n".join(encoded) + b"\n", lines[0], lines)


def row_of(header: list[str], cells: list[str]) -> dict[str, Any]:
    """One row as nested values. Empty cells are absent; a line that is no row says so under `UNREADABLE`."""
    row: dict[str, Any] = {}
    for column, cell in zip(header, cells, strict=False):
        if cell.strip() and column:
            put(row, column, value_of(column, cell))
    join_years(row)
    if len(cells) > len(header):
        return unreadable(too_many(cells, header), cells)
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return unreadable(NOT_UTF8, cells)
    return row


def unreadable(reason: str, cells: Iterable[object] = ()) -> dict[str, Any]:
    """A row that only says why it could not be read, and what stood there."""
    line = ",".join("" if cell is None else str(cell) for cell in cells)
    return {UNREADABLE: (reason, line.encode("utf-8", "replace").decode() or None)}


def too_many(cells: Sequence[object], header: Sequence[object]) -> str:
    """Why a line with more cells than columns is not read: nobody knows which cell is which."""
    said = f"the line has {len(cells)} cells, the header {len(header)} columns"
    return f"{said}; a cell that holds the separator must stand in double quotes"


def _fault(error: csv.Error) -> str:
    text = str(error)
    if "field limit" in text:
        return f"a cell is longer than {csv.field_size_limit():,} characters; a closing quote may be missing"
    if "NUL" in text:
        return "the line holds a zero byte"
    return f"the line cannot be read as cells: {text}"


def put(row: dict[str, Any], column: str, value: Any) -> None:
    """Set a dotted column; the members of `except.NAME` columns are one exception set."""
    if column.startswith("except."):
        sets = row.setdefault("except", [{}])
        sets[0][column.removeprefix("except.")] = value
        return
    head, dot, rest = column.partition(".")
    if not dot or head not in _NESTED or not isinstance(row.get(head, {}), dict):
        row[column] = value
        return
    *outer, last = [head, rest] if head in _NAMED_FREELY else column.split(".")
    inner = row
    for name in outer:
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            row[column] = value
            return
    inner[last] = value


def join_years(row: dict[str, Any]) -> None:
    """`vehicle.years.from` and `vehicle.years.to`, which may stand in two columns, as the pair they are."""
    vehicle = row.get("vehicle")
    if isinstance(vehicle, dict) and isinstance(vehicle.get("years"), dict):
        vehicle["years"] = [vehicle["years"].get("from"), vehicle["years"].get("to")]


def value_of(column: str, cell: str) -> Any:
    """A cell as the type its column has; what does not read as that stays text and is explained later."""
    text = cell.strip()
    if column in _INTEGERS or column in _NUMBERS:
        return _number(text)
    if column == "universal":
        return _FLAGS.get(text.lower(), text)
    if column == "vehicle.years":
        return _years(text)
    if (column in _NESTED or column in _LISTS or column.startswith(_OPEN)) and text[:1] in "[{":
        return _json(text)
    if column in _LISTS:
        return [part.strip() for part in text.split("|") if part.strip()]
    if "|" in text and (column.startswith(_OPEN) or column in ("oe_numbers", "interchange", "notes")):
        return [part.strip() for part in text.split("|") if part.strip()]
    return text


def _number(text: str) -> int | float | str:
    try:
        return int(text)
    except ValueError:
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if number.is_integer() else number


def _years(text: str) -> Any:
    if text.startswith("["):
        return _json(text)
    ends = [part.strip() for part in text.split("|")]
    if len(ends) == 1:
        ends = [ends[0], ends[0]]
    return [_number(end) if end else None for end in ends]


def _json(text: str) -> Any:
    try:
        return msgspec.json.decode(text.encode())
    except ValueError:
        return text
