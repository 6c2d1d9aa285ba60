"""The operator's own VCdb, PCdb and Qdb folders (pipe-delimited tables with a header): names for ACES and PIES ids.

Tables and columns are found by name whatever the case; a table that is missing leaves its ids without names. None of
the databases' content comes with PartFit: they are licensed, and the operator's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from indexers.errors import UnreadableSource

SUFFIXES = (".txt", ".csv", ".psv")
_PARAMETER = re.compile(r"<p(\d+)[^>]*?/?>(?:\s*</p\1>)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """Names by id: part terminologies, positions, qualifier texts. Empty without the operator's folders."""

    part_types: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)
    qualifiers: Mapping[str, str] = field(default_factory=dict)

    def part_type(self, number: str) -> str:
        """The name of a part terminology, else `PartType ID`."""
        return self.part_types.get(number) or f"PartType {number}".strip()

    def position(self, number: str) -> str:
        """The name of a position, else `position ID`."""
        return self.positions.get(number) or f"position {number}"

    def qualifier(self, number: str, values: Iterable[str]) -> str:
        """The text of a qualifier with its parameters filled in, else `Qual ID` and the values."""
        given = list(values)
        text = self.qualifiers.get(number)
        if text is None:
            return " ".join((f"Qual {number}", *given))
        return " ".join(_PARAMETER.sub(lambda found: _nth(given, int(found[1])), text).split())


NOTHING_KNOWN = Reference()


def load_reference(pcdb: Path | None = None, qdb: Path | None = None) -> Reference:
    """Read what is needed of the folders. Raises `UnreadableSource` for a table without the columns it must have."""
    return Reference(
        _names(pcdb, ("Parts", "PartTerminology"), "PartTerminologyID", ("PartTerminologyName",)) if pcdb else {},
        _names(pcdb, ("Positions", "Position"), "PositionID", ("Position", "PositionName")) if pcdb else {},
        _names(qdb, ("Qualifier", "Qualifiers"), "QualifierID", ("QualifierText",)) if qdb else {},
    )


def table(folder: Path, *names: str) -> Iterator[dict[str, str]]:
    """The rows of the first of the tables that is there, by lower-case column; nothing if none is."""
    wanted = [name.lower() for name in names]
    files = {file.stem.lower(): file for file in sorted(folder.iterdir()) if file.suffix.lower() in SUFFIXES}
    file = next((files[name] for name in wanted if name in files), None)
    if file is None:
        return
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        reader = csv.reader(lines, delimiter="|", quoting=csv.QUOTE_NONE)
        header = [_bare(cell).lower() for cell in next(reader, [])]
        if not any(name.endswith("id") for name in header):
            raise UnreadableSource(str(file), "the first line names no column that ends in ID")
        for cells in reader:
            if len(cells) > 1:
                yield dict(zip(header, map(_bare, cells), strict=False))


def _names(folder: Path, tables: tuple[str, ...], key: str, columns: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for row in table(folder, *tables):
        name = next((row[column.lower()] for column in columns if column.lower() in row), None)
        if name is None or key.lower() not in row:
            raise UnreadableSource(str(folder), f"table {tables[0]} needs the columns {key} and {columns[0]}")
        if row[key.lower()] and name:
            found[row[key.lower()]] = name
    return found


def _bare(cell: str) -> str:
    return cell.strip().strip('"').strip()


def _nth(values: list[str], number: int) -> str:
    return values[number - 1] if 0 < number <= len(values) else ""
