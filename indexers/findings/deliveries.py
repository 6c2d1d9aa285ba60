"""What a delivery changes: deletes of what was never there, and everything against the generation before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from fitment_rules.compile import every_condition
from fitment_rules.containment import contains
from fitment_rules.model import Application
from indexers.columns import Array, Bools, Int64s, UInt64s, read_blob, read_column, starts_of
from indexers.findings.context import Context, mixed
from indexers.generation import Generation
from indexers.hashing import hash_column, hash_strings
from indexers.read_applications import COLUMNS, DELETED, NONE
from indexers.report import MOST_LISTED, Change, Compared, Finding
from indexers.slots import condition_of, notes_of, selector_of
from indexers.store import Store

MOST_READ = 20_000
"""Changed applications that are read on both sides, to tell which were narrowed."""

SAID = ("selector", "condition", "notes", "effective")
"""Columns of a rule that say what it is about; quantity and source may change freely."""


def deletes_without_adds(context: Context) -> Iterator[Finding]:
    """Rows that delete an application that neither these files nor the generation before have."""
    deletes = [_deletes(shard.folder) for shard in context.shards]
    if not any(len(rows) for rows, _ in deletes):
        return
    known = [column[part >= 0] for column, part in (_id_hashes(shard.folder) for shard in context.shards)]
    if context.before is not None:
        known.append(_hashes_of(Store(context.before.folder)))
    there = np.unique(np.concatenate(known))
    total = 0
    for shard, (rows, hashes) in zip(context.shards, deletes, strict=True):
        lost = rows[~np.isin(hashes, there)]
        texts, lines = _texts(shard.folder, lost), read_column(shard.folder / "row.column", np.int32)
        for text, row in zip(texts, lost.tolist(), strict=True):
            total += 1
            if total <= MOST_LISTED:
                line = int(lines[row])
                place = -2 - line if line < NONE else None if line == NONE else line
                message = f"deletes application {text!r}, which there is none of"
                remedy = "correct the id, or send the application it replaces"
                yield Finding("delete_without_add", "warning", message, remedy, text, shard.file.name, place)
    if total > MOST_LISTED:
        message = f"and {total - MOST_LISTED:,} more deletes"
        yield Finding("delete_without_add", "warning", message, "correct the ids")


def _deletes(folder: Path) -> tuple[Int64s, UInt64s]:
    hashes, part = _id_hashes(folder)
    rows = np.flatnonzero(part == DELETED)
    return rows, hashes[rows]


def _id_hashes(folder: Path) -> tuple[UInt64s, Array]:
    columns = (read_column(folder / f"{name}.column", COLUMNS[name]) for name in ("id_hash", "part"))
    hashes, part = columns
    return hashes, part


def _texts(folder: Path, rows: Int64s) -> list[str]:
    data, lengths = read_blob(folder, "ids")
    starts = starts_of(lengths)
    return [str(data[starts[row] : starts[row + 1]].tobytes(), "utf-8") for row in rows.tolist()]


def _hashes_of(store: Store) -> UInt64s:
    """Hashes of application ids in row order."""
    return hash_column(store.blob("rows.ids"), store.get("rows.id_length"))


@dataclass(frozen=True)
class Comparison:
    """A build (`context`) against `before`."""

    context: Context
    before: Generation

    def told(self) -> Compared:
        """The counts."""
        added, removed = self._parts
        narrowed, widened = self._narrowed
        return Compared(
            self.before.name,
            Change(len(added), len(removed)),
            Change(
                int(self._applications[0].sum()), int(self._applications[1].sum()), len(self._changed[0]),
                len(narrowed), len(widened),
            ),
        )  # fmt: skip

    def findings(self) -> Iterator[Finding]:
        """The first of each kind."""
        against = f"against {self.before.name}"
        added, removed = self._parts
        yield from self._listed("added_part", added, f"new part {against}", "")
        remedy = "nothing, if it is no longer sold"
        yield from self._listed("removed_part", removed, f"part is gone {against}", remedy)
        new, gone = self._applications
        for row in np.flatnonzero(new)[:MOST_LISTED].tolist():
            message = f"new application of part {self.context.part_id(row)} {against}"
            yield self.context.at("added_application", "info", row, message, "")
        lost = np.flatnonzero(gone)[:MOST_LISTED]
        texts = self._old_ids(lost)
        yield from self._listed(
            "removed_application", texts, f"application is gone {against}", "send it again if it holds"
        )
        for row in self._narrowed[0][:MOST_LISTED]:
            message = f"application of part {self.context.part_id(row)} matches fewer vehicles than {against}"
            yield self.context.at("narrowed_application", "warning", row, message, "check what it no longer covers")

    @staticmethod
    def _listed(kind: str, subjects: Iterable[str], message: str, remedy: str) -> Iterator[Finding]:
        for number, subject in enumerate(subjects):
            if number == MOST_LISTED:
                return
            yield Finding(kind, "info", message, remedy, subject)

    @cached_property
    def _parts(self) -> tuple[list[str], list[str]]:
        now = {
            one for one, alive in zip(self.context.parts.ids, self.context.parts.alive.tolist(), strict=True) if alive
        }
        then = set(self.before.part_ids(self.before.live_ordinals().tolist()))
        return sorted(now - then), sorted(then - now)

    @cached_property
    def _hashes(self) -> tuple[UInt64s, UInt64s]:
        return _hashes_of(self.context.store), _hashes_of(Store(self.before.folder))

    @cached_property
    def _applications(self) -> tuple[Bools, Bools]:
        """Which rows are new, and which of the rows before are gone."""
        now, then = self._hashes
        return ~np.isin(now, then), ~np.isin(then, now)

    @cached_property
    def _changed(self) -> tuple[Int64s, Int64s]:
        """Rows that say something else than the row of their id before, and that row."""
        now, then = self._hashes
        _, here, there = np.intersect1d(now, then, return_indices=True)
        differs = _contents(self.context.store)[here] != _contents(Store(self.before.folder))[there]
        return here[differs], there[differs]

    @cached_property
    def _narrowed(self) -> tuple[list[int], list[int]]:
        """Changed rows that match less, and those that match more."""
        old_rule = Store(self.before.folder).get("rows.rule")
        memo: dict[tuple[int, int], tuple[bool, bool]] = {}
        narrowed, widened = [], []
        for row, old_row in zip(*(one[:MOST_READ].tolist() for one in self._changed), strict=True):
            pair = int(self.context.rule_of[row]), int(old_rule[old_row])
            if pair not in memo:
                now, then = every_condition(self._read(pair[0])), every_condition(self.before.rule(pair[1]))
                memo[pair] = contains(then, now), contains(now, then)
            less, more = memo[pair]
            if less and not more:
                narrowed.append(row)
            elif more and not less:
                widened.append(row)
        return narrowed, widened

    def _read(self, rule: int) -> Application:
        rows = self.context.applications.rows
        records, rules = rows.tables.records, rows.rules
        selector = selector_of(records["selector"][int(rules["selector"][rule])])
        one = condition_of(records["condition"][int(rules["condition"][rule])])
        notes = int(rules["notes"][rule])
        return Application(
            "", "", selector.vehicle_ids, selector.make, selector.model, selector.years, one.where, one.except_,
            one.built, one.vin_serial_from, one.vin_serial_to,
            notes=notes_of(records["notes"][notes]) if notes >= 0 else (),
        )  # fmt: skip

    def _old_ids(self, rows: Int64s) -> list[str]:
        store = Store(self.before.folder)
        starts, blob = starts_of(store.get("rows.id_length")), store.blob("rows.ids")
        return [str(blob[starts[row] : starts[row + 1]].tobytes(), "utf-8") for row in rows.tolist()]


def _contents(store: Store) -> UInt64s:
    """By row, a hash of what it says that means the same in every generation."""
    columns = []
    for name in SAID:
        records = store.records("records.position" if name == "effective" else f"records.{name}")
        hashes = hash_strings([str(one, "utf-8") for one in records])
        column = store.get(f"rules.{name}")
        columns.append(np.concatenate((hashes, np.zeros(1, np.uint64)))[column])
    return np.asarray(mixed(columns))[store.get("rows.rule")]
