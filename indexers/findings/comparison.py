"""A build against the generation before: what was added, removed, changed, and of that what was narrowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np

from fitment_rules.compile import every_condition
from fitment_rules.containment import contains
from indexers.columns import Appender, Array, Bools, Int64s, UInt64s, read_column
from indexers.findings.context import ROWS_AT_ONCE, Context, mixed
from indexers.generation import Generation
from indexers.hashing import hash_pieces, hash_strings
from indexers.report import MOST_LISTED, Change, Compared, Finding
from indexers.store import Store

MOST_READ = 20_000
"""Changed applications that are read on both sides, to tell which were narrowed."""

SAID = ("selector", "condition", "notes", "effective")
"""Columns of a rule that say what it is about; quantity and source may change freely."""


class Comparison:
    """A build (`context`) against `before`, applications matched by the hashes of their ids, a share at a time."""

    def __init__(self, context: Context, before: Generation) -> None:
        self._context, self._before = context, before
        self._store, self._old = context.store, Store(before.folder)
        self._new: Bools = np.ones(len(context.rule_of), np.bool_)
        self._gone: Bools = np.ones(before.manifest.applications, np.bool_)
        self._changed = 0
        self._read: list[tuple[Int64s, Int64s]] = []
        self._match()

    def told(self) -> Compared:
        """The counts."""
        added, removed = self._parts
        narrowed, widened = self._narrowed
        return Compared(
            self._before.name,
            Change(len(added), len(removed)),
            Change(int(self._new.sum()), int(self._gone.sum()), self._changed, len(narrowed), len(widened)),
        )

    def findings(self) -> Iterator[Finding]:
        """The first of each kind."""
        against = f"against {self._before.name}"
        added, removed = self._parts
        yield from _listed("added_part", added, f"new part {against}", "")
        yield from _listed("removed_part", removed, f"part is gone {against}", "nothing, if it is no longer sold")
        new = np.flatnonzero(self._new)[:MOST_LISTED]
        parts = self._context.part_ids(new)
        yield from self._context.about(
            "added_application", "info", new, lambda at: f"new application of part {parts[at]} {against}", ""
        )
        gone = self._old_ids(np.flatnonzero(self._gone)[:MOST_LISTED])
        yield from _listed("removed_application", gone, f"application is gone {against}", "send it again if it holds")
        narrowed = np.array(self._narrowed[0][:MOST_LISTED], np.int64)
        owners = self._context.part_ids(narrowed)
        yield from self._context.about(
            "narrowed_application", "warning", narrowed,
            lambda at: f"application of part {owners[at]} matches fewer vehicles than {against}",
            "check what it no longer covers",
        )  # fmt: skip

    def _match(self) -> None:
        """Find which rows are new, gone or changed."""
        now = _hashed(self._store, self._context.work / "ids-now.column")
        then = _hashed(self._old, self._context.work / "ids-then.column")
        now_says, then_says = _contents(self._store), _contents(self._old)
        then_rule = self._old.get("rows.rule")
        room = MOST_READ
        for here, there in _pairs(now, then):
            self._new[here], self._gone[there] = False, False
            differs = now_says[self._context.rule_of[here]] != then_says[then_rule[there]]
            self._changed += int(differs.sum())
            self._read.append((here[differs][:room], there[differs][:room]))
            room -= len(self._read[-1][0])

    @cached_property
    def _parts(self) -> tuple[list[str], list[str]]:
        live = self._context.generation
        now = set(live.part_ids(live.live_ordinals().tolist()))
        then = set(self._before.part_ids(self._before.live_ordinals().tolist()))
        return sorted(now - then), sorted(then - now)

    @cached_property
    def _narrowed(self) -> tuple[list[int], list[int]]:
        """Changed rows that match less, and those that match more."""
        now_rule, then_rule = self._context.rule_of, self._old.get("rows.rule")
        memo: dict[tuple[int, int], tuple[bool, bool]] = {}
        narrowed, widened = [], []
        for row, old_row in (pair for some in self._read for pair in zip(*(one.tolist() for one in some), strict=True)):
            pair = int(now_rule[row]), int(then_rule[old_row])
            if pair not in memo:
                now = every_condition(self._context.generation.rule(pair[0]))
                then = every_condition(self._before.rule(pair[1]))
                memo[pair] = contains(then, now), contains(now, then)
            less, more = memo[pair]
            if less and not more:
                narrowed.append(row)
            elif more and not less:
                widened.append(row)
        return sorted(narrowed), sorted(widened)

    def _old_ids(self, rows: Int64s) -> list[str]:
        ordinals = np.searchsorted(self._old.get("rows.starts"), rows, "right") - 1
        return [one.application_id for one in self._before.rows_at(ordinals, rows)]


def _listed(kind: str, subjects: Iterable[str], message: str, remedy: str) -> Iterator[Finding]:
    for number, subject in enumerate(subjects):
        if number == MOST_LISTED:
            return
        yield Finding(kind, "info", message, remedy, subject)


def _hashed(store: Store, file: Path) -> UInt64s:
    """Hashes of application ids in row order, kept in a file."""
    column = Appender(file, np.uint64)
    for some in hash_pieces(store.blob("rows.ids"), store.get("rows.id_length")):
        column.append(some)
    column.close()
    return read_column(file, np.uint64)


def _pairs(now: UInt64s, then: UInt64s) -> Iterator[tuple[Int64s, Int64s]]:
    """Places of equal hashes in both, those with the same remainder at a time."""
    shares = max(1, -(-(len(now) + len(then)) // ROWS_AT_ONCE))
    for share in range(shares):
        here, there = _share(now, share, shares), _share(then, share, shares)
        left, right = now[here], then[there]
        order, other = np.argsort(left), np.argsort(right)
        left, right = left[order], right[other]
        if len(left):
            at = np.minimum(np.searchsorted(left, right), len(left) - 1)
            same = left[at] == right
            yield here[order[at[same]]], there[other[same]]


def _share(hashes: UInt64s, share: int, shares: int) -> Int64s:
    found = [np.empty(0, np.int64)]
    for first in range(0, len(hashes), ROWS_AT_ONCE):
        found.append(np.flatnonzero(hashes[first : first + ROWS_AT_ONCE] % shares == share) + first)
    return np.concatenate(found)


def _contents(store: Store) -> Array:
    """By rule, a hash of what it says that means the same in every generation."""
    columns = []
    for name in SAID:
        records = store.records("records.position" if name == "effective" else f"records.{name}")
        hashes = hash_strings([str(one, "utf-8") for one in records])
        columns.append(np.concatenate((hashes, np.zeros(1, np.uint64)))[store.get(f"rules.{name}")])
    return np.asarray(mixed(columns))
