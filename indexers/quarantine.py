"""Where bad rows go: JSON Lines `{kind, file, line, field, value, reason}`, and how many of each kind there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from indexers.careful import shown
from indexers.errors import BadRow, TooManyBadRows
from indexers.rows import RowKind


class Quarantined(msgspec.Struct, gc=False):
    """One bad row. `subject` is the part an application names, so that its verdicts know of it, `row_id` its own id;
    both are not written."""

    kind: str
    file: str
    line: int
    field: str
    value: object
    reason: str
    subject: str | None = None
    row_id: str | None = None


def quarantined(
    kind: RowKind, file: Path, line: int, error: BadRow, subject: str | None = None, row_id: str | None = None
) -> Quarantined:
    """A bad row as it is written."""
    return Quarantined(kind.value, str(file), line, error.field, shown(error.value), error.reason, subject, row_id)


class Quarantine:
    """The file of one build, made when the first bad row arrives; counts per kind."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bad: Counter[str] = Counter()
        self._file: BinaryIO | None = None

    def add(self, rows: Iterable[Quarantined]) -> None:
        """Write rows, in the order given."""
        for row in rows:
            self.bad[row.kind] += 1
            self._write(row)

    def gate(self, read: dict[str, int], allowed: float) -> None:
        """Raise `TooManyBadRows` for the first kind of which more than the share `allowed` of its rows is here."""
        for kind, bad in sorted(self.bad.items()):
            if bad > allowed * read.get(kind, 0):
                raise TooManyBadRows(kind, bad, read.get(kind, 0), allowed, str(self.path))

    def _write(self, row: Quarantined) -> None:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        line = {key: getattr(row, key) for key in ("kind", "file", "line", "field", "value", "reason")}
        self._file.write(msgspec.json.encode(line) + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
