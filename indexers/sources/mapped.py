"""A shop's own tables, CSV or XLSX, read through a column map (`--map F`).

The map is YAML: one section a kind of row, in it the file (beside the map) and for each field of the contract where
its value comes from. Anything the map says that is not known here is an error, before a row is read.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from indexers.careful import FIELDS, explain
from indexers.errors import InvalidMap, UnreadableSource
from indexers.rows import RowKind
from indexers.sources.blocks import Block
from indexers.sources.delimited import NOT_UTF8, blocks_of, cells_of, join_years, put, too_many, unreadable
from indexers.sources.lines import open_binary

KINDS = (RowKind.VEHICLES, RowKind.PARTS, RowKind.APPLICATIONS, RowKind.STORES, RowKind.STOCK)
TYPES = ("str", "int", "float", "bool")

_OPEN = frozenset({"attributes", "ids", "where", "except", "title", "description", "name", "names", "hours"})
"""Fields with names of their own choice inside."""
_INSIDE: Mapping[str, frozenset[str]] = {
    "vehicle": frozenset({"make", "model", "years", "years.from", "years.to"}),
    "price": frozenset({"amount", "currency"}),
    "source": frozenset({"file", "row", "date"}),
}
_TRUE, _FALSE = frozenset({"true", "1", "yes", "y", "t"}), frozenset({"false", "0", "no", "n", "f"})


class FieldMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where one field comes from: `column` or `const`, then in this order `split`, `values`, `type`, `factor`.

    `values` replaces a cell that it names (a list: one of these); other cells stay as they are. `factor` multiplies a
    number. An empty cell leaves the field out.
    """

    column: str | None = None
    const: str | int | float | bool | None = None
    type: str | None = None
    values: dict[str, str | int | float | bool | list[str | int | float | bool] | None] | None = None
    factor: float | None = None
    split: str | None = None


class TableMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One section: the file beside the map (CSV, TSV, either in gzip or zip; XLSX with `sheet`), and its fields."""

    file: str
    fields: dict[str, FieldMap]
    sheet: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class MappedPiece:
    """One table, read whole by one process."""

    kind: RowKind
    file: Path
    table: TableMap
    map_file: Path

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.file.stat().st_size

    @property
    def renumbers(self) -> bool:
        """Lines are those of the file."""
        return False

    def blocks(self) -> Iterator[Block]:
        """Contract rows; the line is the table's, the header being 1. Raises `InvalidMap`, `UnreadableSource`."""
        try:
            yield from blocks_of(self._rows())
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile, csv.Error, UnicodeDecodeError) as error:
            raise UnreadableSource(str(self.file), str(error)) from error

    def _rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        rows = self._sheet() if self.file.suffix.lower() == ".xlsx" else self._lines()
        _, header, _ = next(rows, (1, [], None))
        columns = {str(name).strip(): index for index, name in enumerate(header) if name is not None}
        self._check_columns(columns)
        for line, cells, fault in rows:
            if fault is not None:
                yield line, unreadable(fault)
            elif any(map(_filled, cells[len(header) :])):
                yield line, unreadable(too_many(cells, header), cells)
            elif any(map(_filled, cells)):
                yield line, self._row(columns, cells)

    def _row(self, columns: Mapping[str, int], cells: Sequence[Any]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for name, field in self.table.fields.items():
            cell = field.const
            if field.column is not None:
                index = columns[field.column]
                cell = cells[index] if index < len(cells) else None
            value = value_of(field, cell)
            if value is not None:
                put(row, name, value)
        join_years(row)
        try:
            msgspec.json.encode(row)
        except UnicodeEncodeError:
            return unreadable(NOT_UTF8, cells)
        return row

    def _check_columns(self, columns: Mapping[str, int]) -> None:
        for name, field in self.table.fields.items():
            if field.column is not None and field.column not in columns:
                known = ", ".join(columns)
                reason = f"{self.file.name} has no column {field.column!r}; it has {known}"
                raise InvalidMap(str(self.map_file), f"{self.kind}.fields.{name}", reason)

    def _lines(self) -> Iterator[tuple[int, Sequence[Any], str | None]]:
        with open_binary(self.file) as binary:
            text = io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")
            tabs = ".tsv" in (suffix.lower() for suffix in self.file.suffixes)
            yield from cells_of(csv.reader(text, delimiter=self.table.delimiter or ("\t" if tabs else ",")))

    def _sheet(self) -> Iterator[tuple[int, Sequence[Any], str | None]]:
        from openpyxl import load_workbook  # an import of a tenth of a second that few need

        book = load_workbook(self.file, read_only=True, data_only=True)
        try:
            if self.table.sheet is not None and self.table.sheet not in book.sheetnames:
                reason = f"{self.file.name} has no sheet {self.table.sheet!r}; it has {', '.join(book.sheetnames)}"
                raise InvalidMap(str(self.map_file), f"{self.kind}.sheet", reason)
            sheet = book[self.table.sheet] if self.table.sheet else book.worksheets[0]
            for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
                yield line, [_plain(cell) for cell in cells], None
        finally:
            book.close()


def mapped_pieces(map_file: Path, kind: RowKind) -> list[MappedPiece]:
    """The table that a map names for a kind, if it names one. Raises `InvalidMap`, `UnreadableSource`."""
    table = read_map(map_file).get(kind)
    if table is None:
        return []
    file = map_file.parent / table.file
    if not file.is_file():
        raise UnreadableSource(str(file), f"there is no such file; {map_file.name} names it for {kind}")
    return [MappedPiece(kind, file, table, map_file)]


def read_map(map_file: Path) -> dict[RowKind, TableMap]:
    """A map, checked: kinds, fields and options that the contract knows. Raises `InvalidMap`, `UnreadableSource`."""
    try:
        data = yaml.safe_load(map_file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableSource(str(map_file), error.strerror or str(error)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidMap(str(map_file), "", f"is no YAML: {error}") from None
    if not isinstance(data, dict) or not data:
        raise InvalidMap(str(map_file), "", "names no table")
    return {_kind(map_file, name): _table(map_file, name, section) for name, section in data.items()}


def value_of(field: FieldMap, cell: Any) -> Any:
    """The field's value for a cell, `None` if it is empty. What is of another type stays, to be explained later."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if field.split is not None and isinstance(cell, str):
        parts = [_one(field, part.strip()) for part in cell.split(field.split) if part.strip()]
        return [part for part in parts if part is not None]
    return _one(field, cell.strip() if isinstance(cell, str) else cell)


def _one(field: FieldMap, cell: Any) -> Any:
    if field.values is not None and str(cell) in field.values:
        return field.values[str(cell)]
    value = _typed(field.type, cell)
    if field.factor is not None:
        number = _typed("float", value)
        value = round(number * field.factor, 9) if isinstance(number, (int, float)) else value
    return value


def _typed(kind: str | None, cell: Any) -> Any:
    try:
        match kind:
            case "int":
                number = float(cell)
                return int(number) if number.is_integer() else cell
            case "float":
                return float(cell)
            case "str":
                return str(cell)
            case "bool":
                text = str(cell).lower()
                return text in _TRUE if text in _TRUE | _FALSE else cell
    except (ValueError, OverflowError):
        return cell
    return cell


def _filled(cell: Any) -> bool:
    return cell is not None and cell != ""


def _plain(cell: Any) -> Any:
    """A spreadsheet cell as JSON has it: whole floats are integers, dates are ISO text."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if cell is None or isinstance(cell, (str, int, float, bool)):
        return cell
    text = str(cell.isoformat()) if hasattr(cell, "isoformat") else str(cell)
    return text.removesuffix("T00:00:00")


def _kind(map_file: Path, name: object) -> RowKind:
    if name not in [kind.value for kind in KINDS]:
        raise InvalidMap(str(map_file), str(name), f"is no kind of row; there are {', '.join(KINDS)}")
    return RowKind(str(name))


def _table(map_file: Path, name: str, section: object) -> TableMap:
    try:
        table = msgspec.convert(section, TableMap, str_keys=True)
    except msgspec.ValidationError as error:
        found = explain(error, section)
        raise InvalidMap(str(map_file), ".".join(filter(None, (name, found.field))), found.reason) from None
    for field_name, field in table.fields.items():
        _check_field(map_file, RowKind(name), field_name, field)
    return table


def _check_field(map_file: Path, kind: RowKind, name: str, field: FieldMap) -> None:
    where = f"{kind}.fields.{name}"
    head, dot, rest = name.partition(".")
    known = head in FIELDS[kind] and (not dot or (head in _OPEN and rest) or rest in _INSIDE.get(head, ()))
    if not known:
        raise InvalidMap(str(map_file), where, f"is no field of {kind}; there are {', '.join(sorted(FIELDS[kind]))}")
    if (field.column is None) == (field.const is None):
        raise InvalidMap(str(map_file), where, "give one of column and const")
    if field.type is not None and field.type not in TYPES:
        raise InvalidMap(str(map_file), where, f"type {field.type!r} is none of {', '.join(TYPES)}")
    if field.split == "":
        raise InvalidMap(str(map_file), where, "split must not be empty")


def given_kinds(maps: Iterable[Path]) -> set[RowKind]:
    """Kinds for which some map names a table."""
    return {kind for one in maps for kind in read_map(one)}
