"""What a delivery's Apps were read as, spelled out as rows: the columns of its shard, decoded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from indexers.columns import read_blob, read_column
from indexers.read_applications import COLUMNS, DELETED, ENDED, NONE, TABLES, ApplicationShard
from indexers.rows import Action, ApplicationRow, NoteRow, SourceRow, VehicleSelector
from indexers.sources.aces import Delivery
from indexers.sources.aces_shard import write_shard


def rows_of(delivery: Delivery, folder: Path) -> tuple[list[ApplicationRow], ApplicationShard]:
    """The rows that are applications or delete one, as if every part named were sold; and the shard, in `folder`."""
    parts = [f"{brand}:{number}" for brand, number in delivery.apps.told("parts")]
    shard = write_shard(delivery.apps, folder, {one: at for at, one in enumerate(parts)})
    columns = {name: read_column(folder / f"{name}.column", dtype).tolist() for name, dtype in COLUMNS.items()}
    records = {name: _records(folder, name) for name in TABLES}
    ids = list(shard.mentioned_ids)
    rows = []
    for at, part in enumerate(columns["part"]):
        if part != ENDED:
            told = [records[name][columns[name][at]] if columns[name][at] != NONE else None for name in TABLES]
            rows.append(_row(ids[at], None if part == DELETED else parts[part], columns["row"][at], told))
    return rows, shard


def _row(row_id: str, part: str | None, line: int, told: Sequence[bytes | None]) -> ApplicationRow:
    if part is None:
        return ApplicationRow("-", row_id, Action.DELETE)
    selector, condition, notes, position, detail = (one and msgspec.json.decode(one) for one in told)
    assert (selector["make"], selector["model"]) == ([], [])
    source = SourceRow(detail["file"], line, detail["date"])
    return ApplicationRow(
        part, row_id,
        vehicle=VehicleSelector(years=None if selector["years"] == [None, None] else tuple(selector["years"])),
        where=condition.get("where", {}),
        position=position,
        quantity=detail["quantity"],
        notes=[NoteRow(text, lang, kind) for text, lang, kind in notes or ()],
        source=source,
        attributes=detail.get("attributes"),
    )  # fmt: skip


def _records(folder: Path, name: str) -> list[bytes]:
    data, lengths = read_blob(folder, name)
    raw, start, found = data.tobytes(), 0, []
    for length in lengths.tolist():
        found.append(raw[start : start + length])
        start += length
    return found
