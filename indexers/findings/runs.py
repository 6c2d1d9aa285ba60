"""Applications at their slots, sorted so that siblings stand together: a run of part types and brands at a time.

Memory does not grow with the catalogue. Applications are siblings if they are of one brand, part type and place and
hang at the same vehicle node. Two gaps are known: applications that hang at different levels (a make and one of its
models) are not compared, nor those whose different model years are conditions of one model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fitment_rules.vehicles import Level
from indexers.columns import Array, Bools, Int64s, ragged
from indexers.findings.contents import Contents
from indexers.findings.context import Context

ENTRIES_AT_ONCE = 1 << 21
"""(application, slot) pairs looked at together, about 100 bytes each."""

KEY_BITS = 63


@dataclass(frozen=True, slots=True)
class Entries:
    """(application, slot) pairs of one pass, sorted by place, then content, then row.

    `local` is the index of a row among the rows of the run. `places` and `sames` are the first entries of siblings, and
    of siblings with the same content.
    """

    row: Int64s
    local: Array
    part: Array
    slot: Array
    content: Array
    places: Int64s
    sames: Int64s


@dataclass(frozen=True, slots=True)
class Run:
    """Parts of some whole part types and brands, to be looked at in so many passes over the vehicle nodes."""

    number: int
    parts: Int64s
    passes: int


class Runs:
    """All runs of a build, and their entries."""

    def __init__(self, context: Context, contents: Contents) -> None:
        self._context = context
        self._contents = contents
        store = context.store
        self._starts, self._members = store.get("rule_slots.starts"), store.get("rule_slots.members")
        self._node, self._position = store.get("slots.node"), store.get("slots.position")
        brand = np.asarray(store.get("part.brand"), np.int64) + 1
        kind = np.asarray(store.get("part.part_type"), np.int64) + 1
        self._group: Int64s = kind * (int(brand.max(initial=0)) + 1) + brand

    def all(self) -> Iterator[Run]:
        """Every run: parts by type and brand, about `ENTRIES_AT_ONCE` entries together."""
        used = np.flatnonzero(self._context.counts)
        order = np.lexsort((used, self._group[used]))
        used, entries = used[order], self._entry_counts()[used[order]]
        group = self._group[used]
        begins = np.flatnonzero(differs(group))
        first = held = number = 0
        for begin, size in zip(begins.tolist(), np.add.reduceat(entries, begins).tolist(), strict=True):
            if held and held + size > ENTRIES_AT_ONCE:
                yield Run(number, used[first:begin], -(-held // ENTRIES_AT_ONCE))
                first, held, number = begin, 0, number + 1
            held += size
        if held:
            yield Run(number, used[first:], -(-held // ENTRIES_AT_ONCE))

    def rows(self, run: Run) -> Int64s:
        """The rows of a run's parts."""
        return ragged(self._context.starts[run.parts], self._context.counts[run.parts])

    def entries(self, run: Run) -> Iterator[Entries]:
        """The entries of a run, siblings in one pass."""
        for number in range(run.passes):
            yield self._sorted(run, number)

    def _entry_counts(self) -> Int64s:
        """Entries by part."""
        context, each = self._context, np.diff(self._starts)
        found = np.zeros(len(context.counts), np.int64)
        for first, rule in context.chunks():
            parts = context.parts_between(first, first + len(rule))
            heads = np.flatnonzero(differs(parts))
            found[parts[heads]] += np.add.reduceat(each[rule], heads)
        return found

    def _sorted(self, run: Run, number: int) -> Entries:
        rows = self.rows(run)
        shares = zip(np.array_split(rows, run.passes), np.array_split(np.arange(len(rows)), run.passes), strict=True)
        pieces = [self._expanded(row, local, run.passes, number) for row, local in shares]
        row, local, rule, slot = (np.concatenate(column) for column in zip(*pieces, strict=True))
        part = self._context.parts_of(row)
        content = self._contents.content[rule]
        place = self._places(part, rule, slot)
        order = ordered(place, content)
        place, content = place[order], content[order]
        new_place = differs(place)
        new_content = new_place | differs(content)
        return Entries(
            row[order], local[order], part[order], slot[order], content,
            np.flatnonzero(new_place), np.flatnonzero(new_content),
        )  # fmt: skip

    def _expanded(self, row: Int64s, local: Int64s, passes: int, number: int) -> tuple[Array, ...]:
        """Rows, their indices, rules and slots; of one of `passes` shares of the nodes."""
        rule = self._context.rule_of[row]
        each = self._starts[rule + 1] - self._starts[rule]
        slot = self._members[ragged(self._starts[rule], each)]
        columns = (np.repeat(row, each), np.repeat(local, each), np.repeat(rule, each), slot)
        if passes == 1:
            return columns
        keep = self._node[slot] % passes == number
        return tuple(column[keep] for column in columns)

    def _places(self, part: Int64s, rule: Array, slot: Array) -> Int64s:
        node = self._node[slot]
        columns = [self._group[part], node, self._position[slot], self._contents.where[rule]]
        wide = self._wide[node]
        if wide.any():
            columns.append(np.where(wide, self._contents.years[self._context.rules["selector"][rule]], 0))
        return packed(columns)

    @cached_property
    def _wide(self) -> Bools:
        """Nodes above base vehicles, where model years may be left as a condition."""
        narrow = (Level.ROW.value, Level.BASE.value)
        return np.array([key[0] not in narrow for key in self._context.generation.vehicles.node_keys], np.bool_)


def packed(columns: Sequence[Array]) -> Int64s:
    """Rows of numbers, none negative, as one number each; they ascend as the rows do."""
    found = columns[0].astype(np.int64)
    for column in columns[1:]:
        width = _bits(column)
        if _bits(found) + width > KEY_BITS:
            found = ranks(found)
        found = (found << width) | column
    return found


def ordered(high: Int64s, low: Array) -> Int64s:
    """The order by two columns of numbers, none negative, then by index."""
    index = len(high).bit_length()
    if _bits(high) + _bits(low) + index > KEY_BITS:
        high, low = ranks(high), ranks(low)
    keys = (high << _bits(low)) | low
    if _bits(keys) + index > KEY_BITS:
        keys = ranks(keys)
    keys = (keys << index) | np.arange(len(keys))
    keys.sort()
    return keys & ((1 << index) - 1)


def ranks(column: Array) -> Int64s:
    """Numbers from 0 that ascend as the entries do, equal ones for equal entries."""
    order = np.argsort(column)
    found = np.empty(len(column), np.int64)
    found[order] = np.cumsum(differs(column[order])) - 1
    return found


def differs(column: Array) -> Bools:
    """Which entries are unlike the one before them; the first is."""
    found = np.ones(len(column), np.bool_)
    np.not_equal(column[1:], column[:-1], out=found[1:])
    return found


def _bits(column: Array) -> int:
    return int(column.max(initial=0)).bit_length()
