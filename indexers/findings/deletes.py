"""Deletes of applications that there never were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from indexers.columns import Array, Int64s, UInt64s, read_blob, read_column, starts_of
from indexers.findings.context import ROWS_AT_ONCE, Context
from indexers.hashing import hash_pieces
from indexers.read_applications import COLUMNS, DELETED, NONE
from indexers.report import MOST_LISTED, Finding
from indexers.store import Store


def deletes_without_adds(context: Context) -> Iterator[Finding]:
    """Rows that delete an application that neither these files nor the generation before have."""
    deletes = [(shard, *_deletes(shard.folder)) for shard in context.told.shards]
    wanted = np.unique(np.concatenate([np.empty(0, np.uint64), *(hashes for _, _, hashes in deletes)]))
    if not len(wanted):
        return
    there = np.concatenate([np.empty(0, np.uint64), *_known(context, wanted)])
    total = 0
    for shard, rows, hashes in deletes:
        lost = rows[~np.isin(hashes, there)]
        texts, lines = texts_of(shard.folder, lost), read_column(shard.folder / "row.column", np.int32)
        for text, row in zip(texts, lost.tolist(), strict=True):
            total += 1
            if total <= MOST_LISTED:
                place = line_of(int(lines[row]))
                message = f"deletes application {text!r}, which there is none of"
                remedy = "correct the id, or send the application it replaces"
                yield Finding("delete_without_add", "warning", message, remedy, text, shard.file, place)
    if total > MOST_LISTED:
        message = f"and {total - MOST_LISTED:,} more deletes"
        yield Finding("delete_without_add", "warning", message, "correct the ids")


def _known(context: Context, wanted: UInt64s) -> Iterator[UInt64s]:
    """Which of these id hashes the files or the generation before have."""
    for shard in context.told.shards:
        hashes, part = id_hashes(shard.folder)
        for first in range(0, len(part), ROWS_AT_ONCE):
            some = hashes[first : first + ROWS_AT_ONCE][part[first : first + ROWS_AT_ONCE] >= 0]
            yield wanted[np.isin(wanted, some)]
    if context.before is not None:
        for some in _hashes_of(Store(context.before.folder)):
            yield wanted[np.isin(wanted, some)]


def _deletes(folder: Path) -> tuple[Int64s, UInt64s]:
    hashes, part = id_hashes(folder)
    rows = np.flatnonzero(part == DELETED)
    return rows, hashes[rows]


def line_of(column: int) -> int | None:
    """The row of a source, as the column of a shard has it."""
    return -2 - column if column < NONE else None if column == NONE else column


def id_hashes(folder: Path) -> tuple[UInt64s, Array]:
    """Hashes of application ids and part ordinals (or what stands for none) of a shard's rows."""
    columns = (read_column(folder / f"{name}.column", COLUMNS[name]) for name in ("id_hash", "part"))
    hashes, part = columns
    return hashes, part


def texts_of(folder: Path, rows: Int64s) -> list[str]:
    """Application ids of rows of a shard."""
    data, lengths = read_blob(folder, "ids")
    starts = starts_of(lengths)
    return [str(data[starts[row] : starts[row + 1]].tobytes(), "utf-8") for row in rows.tolist()]


def _hashes_of(store: Store) -> Iterator[UInt64s]:
    """Hashes of application ids in row order, some at a time."""
    return hash_pieces(store.blob("rows.ids"), store.get("rows.id_length"))
