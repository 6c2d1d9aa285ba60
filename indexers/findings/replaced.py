"""Rows that a later one of the same application id took the place of, in one load."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from indexers.columns import Bools, UInt64s, read_column
from indexers.findings.context import Context
from indexers.findings.deletes import id_hashes, line_of, texts_of
from indexers.report import MOST_LISTED, Finding

_REMEDY = "give every application an id of its own"


def replaced_in_one_load(context: Context) -> Iterator[Finding]:
    """Each row whose id a later good row has; of such rows only the last is in the generation."""
    if _all_there(context):
        return
    columns = [id_hashes(shard.folder) for shard in context.told.shards]
    hashes = np.concatenate([np.empty(0, np.uint64), *(found[part >= 0] for found, part in columns)])
    early = _not_last(hashes)
    total, first = int(early.sum()), 0
    for shard, (_, part) in zip(context.told.shards, columns, strict=True):
        good = np.flatnonzero(part >= 0)
        rows = good[early[first : first + len(good)]][:MOST_LISTED]
        first += len(good)
        lines = read_column(shard.folder / "row.column", np.int32)
        for text, row in zip(texts_of(shard.folder, rows), rows.tolist(), strict=True):
            message = f"the id {text!r} is used again further on; only the last application of an id counts"
            yield Finding(
                "replaced_application", "warning", message, _REMEDY, text, shard.file, line_of(int(lines[row]))
            )
    if total > MOST_LISTED:
        yield Finding("replaced_application", "warning", f"{total:,} applications are replaced in all", _REMEDY)


def _all_there(context: Context) -> bool:
    """True if a whole build holds every good row, so that there is nothing to look for."""
    parts = (read_column(shard.folder / "part.column", np.int32) for shard in context.told.shards)
    good = sum(int((part >= 0).sum()) for part in parts)
    whole = context.generation.manifest.base is None
    return whole and good == len(context.rule_of) + sum(context.told.lost.values())


def _not_last(hashes: UInt64s) -> Bools:
    """Which of the values occur again further on."""
    order = np.argsort(hashes, kind="stable")
    again = np.zeros(len(hashes), np.bool_)
    again[order[:-1]] = hashes[order[1:]] == hashes[order[:-1]]
    return again
