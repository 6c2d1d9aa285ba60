"""Groups of parts that nothing in the data tells apart, for queries: written run by run, joined at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from indexers.columns import Appender, Array, Int64s, read_column, starts_of
from indexers.store import Store

COLUMNS = {"slot": np.int32, "size": np.int64, "member": np.int32}
FOLDER = "conflicts"
MEMBERS_AT_ONCE = 1 << 22


class ConflictWriter:
    """Writes the groups of one run."""

    def __init__(self, work: Path, run: int) -> None:
        folder = _folder(work, run)
        folder.mkdir(parents=True)
        self._columns = {name: Appender(folder / f"{name}.column", dtype) for name, dtype in COLUMNS.items()}

    def add(self, starts: Int64s, part: Array, slot: Array) -> None:
        """Entries of groups that begin at `starts` (the first is 0); parts ascend inside a group and may repeat."""
        if not len(part):
            return
        fresh = np.ones(len(part), np.bool_)
        np.not_equal(part[1:], part[:-1], out=fresh[1:])
        fresh[starts] = True
        self._columns["slot"].append(slot[starts])
        self._columns["size"].append(np.add.reduceat(fresh, starts, dtype=np.int64))
        self._columns["member"].append(part[fresh])

    def close(self) -> None:
        """Flush."""
        for column in self._columns.values():
            column.close()


def join_conflicts(work: Path, runs: int, store: Store, part_count: int) -> None:
    """Write the groups of all runs with slot and members, and for each part its groups (both CSR)."""
    slots, sizes, pieces = ([_column(work, run, name) for run in range(runs)] for name in COLUMNS)
    store.put_pieces("conflicts.slot", np.int32, sum(map(len, slots)), slots)
    store.put_pieces("conflicts.members", np.int32, sum(map(len, pieces)), pieces)
    starts = starts_of(np.concatenate([np.empty(0, np.int64), *sizes]))
    store.put("conflicts.starts", starts)
    members = store.get("conflicts.members")
    part_starts = starts_of(_counts(members, part_count))
    store.put("conflicts.part_starts", part_starts)
    ranges = _ranges(part_starts)
    groups = (_groups_of(members, starts, first, last) for first, last in ranges)
    store.put_pieces("conflicts.part_groups", np.int32, len(members), groups)


def _counts(members: Array, part_count: int) -> Int64s:
    """Groups by part."""
    found = np.zeros(part_count, np.int64)
    for begin in range(0, len(members), MEMBERS_AT_ONCE):
        found += np.bincount(members[begin : begin + MEMBERS_AT_ONCE], minlength=part_count)
    return found


def _ranges(part_starts: Int64s) -> Iterator[tuple[int, int]]:
    """Ranges of parts that together have about `MEMBERS_AT_ONCE` groups."""
    first, count = 0, len(part_starts) - 1
    while first < count:
        last = int(np.searchsorted(part_starts, part_starts[first] + MEMBERS_AT_ONCE, "right")) - 1
        yield first, (last := max(first + 1, last))
        first = last


def _groups_of(members: Array, starts: Int64s, first: int, last: int) -> Array:
    """Groups of the parts from `first` until before `last`, part by part."""
    found = [np.empty(0, np.int64)]
    for begin in range(0, len(members), MEMBERS_AT_ONCE):
        some = members[begin : begin + MEMBERS_AT_ONCE]
        at = np.flatnonzero((some >= first) & (some < last))
        group = np.searchsorted(starts, at + begin, "right") - 1
        found.append((some[at].astype(np.int64) << 32) | group)
    keys = np.concatenate(found)
    keys.sort()
    return keys & 0xFFFFFFFF


def _folder(work: Path, run: int) -> Path:
    return work / FOLDER / str(run)


def _column(work: Path, run: int, name: str) -> Array:
    return read_column(_folder(work, run) / f"{name}.column", COLUMNS[name])
