"""Applications that say the same, that contain each other, or that leave nothing to choose by.

Applications are siblings if they are of one brand, part type and place and hang at the same vehicle node. Everything
runs on columns, a run of part types at a time, so that memory does not grow with the catalogue. Two gaps are known:
applications that hang at different levels (a make and one of its models) are not compared, nor those whose different
model years are conditions of one model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import msgspec
import numpy as np

from fitment_rules.compile import notes_asked, remaining
from fitment_rules.conditions import Condition
from fitment_rules.containment import contains
from fitment_rules.model import Application
from fitment_rules.vehicles import Level
from indexers.columns import Array, Bools, Int64s, ragged, starts_of
from indexers.findings.context import Context, Pairs, mixed
from indexers.findings.touched import Touched
from indexers.report import Finding, Severity
from indexers.slots import condition_of, notes_of
from indexers.store import Store

ENTRIES_AT_ONCE = 4_000_000
"""(application, slot) pairs looked at together, about 100 bytes each."""

IDENTITY = frozenset(
    {"make", "model", "year", "vehicle_id", "BaseVehicle", "EquipmentBase", "Make", "Model", "VehicleType", "Mfr",
     "EquipmentModel"}
)  # fmt: skip
"""Attributes that say which vehicle it is, not how it is equipped."""

MOST_SHIFTS = 5
"""Applications of one part at one vehicle compared with so many after them."""

MOST_COMPARED = 5_000
"""Different pairs of condition sets compared in one build."""


@dataclass(frozen=True, slots=True)
class Entries:
    """(application, slot) pairs, sorted by key, then content, then row; `key` tells siblings from others."""

    key: Array
    content: Int64s
    row: Int64s
    part: Array
    slot: Array
    plain: Bools

    def same(self, *names: str) -> Bools:
        """Which entries are like the one before them in all of these columns; the first is like none."""
        found = np.zeros(len(self.row), np.bool_)
        if len(found):
            found[1:] = np.logical_and.reduce([getattr(self, name)[1:] == getattr(self, name)[:-1] for name in names])
        return found


Wording: TypeAlias = tuple[str, Severity, str, str]
"""Kind, severity, message and remedy of a finding."""

DUPLICATE: Wording = (
    "duplicate_application", "warning", "says the same as application {other} of part {other_part}",
    "delete one of the two",
)  # fmt: skip
CONTAINED: Wording = (
    "overlapping_application", "info", "is contained in application {other}, which asks less of the same vehicle",
    "delete the narrower one, or say in the wider one what it excludes",
)  # fmt: skip
COMMENTED: Wording = (
    "comment_no_comment", "warning",
    "of part {part} and application {other} of part {other_part} name the same vehicle, type and position, one with a "
    "condition and one without: the one without also matches where the condition holds",
    "give the one without the opposite condition, or classify the note as a variant",
)  # fmt: skip
ALIKE: Wording = (
    "conflict_group", "warning",
    "part {part} cannot be told apart from part {other_part} (application {other}) for the same vehicle, type, "
    "position and conditions",
    "add the condition that tells them apart, or mark the variant in a note",
)  # fmt: skip
OVERLAP: Wording = (
    "overlap", "info",
    "part {part} shares vehicle, type and position with part {other_part} (application {other}); only their conditions "
    "or notes tell them apart",
    "check that the conditions exclude each other",
)  # fmt: skip


class Siblings:
    """Looks at all applications of a build once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rows = context.applications.rows
        self._slots = context.applications.rule_slots
        self.duplicates, self.implied, self.commented = Pairs(), Pairs(), Pairs()
        self.overlaps, self.alike = Pairs(), Pairs()
        self.conflicts = Conflicts()
        self.touched = Touched(context)
        self._compared: dict[tuple[int, int], bool] = {}
        self._read: dict[int, tuple[Condition, ...]] = {}

    def look(self) -> None:
        """Fill the pairs and the conflict groups."""
        for entries in self._batches():
            self._within_parts(entries)
            self._between_parts(entries)

    def findings(self) -> list[Finding]:
        """What was seen."""
        told = (
            (self.duplicates, DUPLICATE), (self.implied, CONTAINED), (self.commented, COMMENTED),
            (self.alike, ALIKE), (self.overlaps, OVERLAP),
        )  # fmt: skip
        return [one for pairs, words in told for one in pairs.findings(self._context, *words)]

    def totals(self) -> dict[str, int]:
        """Applications by kind of finding."""
        return {
            "duplicate_application": self.duplicates.total,
            "overlapping_application": self.implied.total,
            "comment_no_comment": self.commented.total,
            "conflict_group": self.alike.total,
            "overlap": self.overlaps.total,
        }

    def _within_parts(self, all_entries: Entries) -> None:
        entries = _of_pairs(all_entries, ("key", "part"))
        same = entries.same("key", "part", "content")
        whole = self._whole[self._rows.rule[entries.row]]
        twice = same & np.concatenate(([False], whole[1:] == whole[:-1])) if len(whole) else same
        at = np.flatnonzero(twice)
        self.duplicates.add(entries.row[at], entries.row[at - 1])
        at = np.flatnonzero(same & ~twice)
        at = at[entries.row[at] != entries.row[at - 1]]
        self.implied.add(entries.row[at], entries.row[at - 1])
        for shift in range(1, MOST_SHIFTS + 1):
            self._contained(entries, shift)

    def _contained(self, entries: Entries, shift: int) -> None:
        """Applications of a part of which one asks all that another `shift` places away asks, and more."""
        first, second = np.arange(len(entries.row) - shift), np.arange(shift, len(entries.row))
        if not len(first):
            return
        pair = (entries.key[first] == entries.key[second]) & (entries.part[first] == entries.part[second])
        pair &= entries.content[first] != entries.content[second]
        first, second = first[pair], second[pair]
        contents, numbers = np.unique(
            np.concatenate((entries.content[first], entries.content[second])), return_inverse=True
        )
        packed = numbers[: len(first)].astype(np.int64) * len(contents) + numbers[len(first) :]
        codes, back = np.unique(packed, return_inverse=True)
        pairs = [(int(contents[code // len(contents)]), int(contents[code % len(contents)])) for code in codes]
        narrower = np.array([self._asks_more(b, a) for a, b in pairs], np.bool_)
        wider = np.array([self._asks_more(a, b) for a, b in pairs], np.bool_)
        for found, one, other in ((narrower, second, first), (wider, first, second)):
            at = found[back] if len(found) else np.zeros(0, np.bool_)
            self.implied.add(entries.row[one[at]], entries.row[other[at]])

    def _asks_more(self, one: int, other: int) -> bool:
        known = self._compared.get((one, other))
        if known is None:
            if len(self._compared) >= MOST_COMPARED:
                return other == 0
            known = self._compared[one, other] = contains(self._said(other), self._said(one))
        return known

    def _said(self, content: int) -> tuple[Condition, ...]:
        """What a content asks beyond the vehicle."""
        if content not in self._read:
            self._read[content] = self._asked(content)
        return self._read[content]

    def _asked(self, content: int) -> tuple[Condition, ...]:
        condition, notes = self._contents[content]
        tables = self._rows.tables.records
        one = condition_of(tables["condition"][condition])
        where = {name: values for name, values in one.where.items() if name not in IDENTITY}
        asked = remaining(where, one.except_, one.built, one.vin_serial_from, one.vin_serial_to)
        said = notes_of(tables["notes"][notes]) if notes >= 0 else ()
        return (*asked, *notes_asked(Application("", "", notes=said)))

    def _between_parts(self, all_entries: Entries) -> None:
        entries = _of_pairs(all_entries, ("key",))
        heads = np.flatnonzero(~entries.same("key"))
        if not len(heads):
            return
        group = np.repeat(np.arange(len(heads)), np.diff([*heads, len(entries.row)]))
        other = _other_part(entries.part, heads, group)
        several = other >= 0
        alike, partner = self._alike(entries)
        self.alike.add(entries.row[alike], entries.row[partner[alike]])
        apart = several & ~alike
        self.overlaps.add(entries.row[apart], entries.row[other[apart]])
        self._comment_no_comment(entries, heads, group)

    def _alike(self, entries: Entries) -> tuple[Bools, Int64s]:
        """Entries that another part shares with all its conditions, and an entry of such a part; kept for queries."""
        heads = np.flatnonzero(~entries.same("key", "content"))
        group = np.repeat(np.arange(len(heads)), np.diff([*heads, len(entries.row)]))
        other = _other_part(entries.part, heads, group)
        alike = other >= 0
        self.conflicts.add(group[alike], entries.part[alike], entries.slot[alike])
        return alike, other

    def _comment_no_comment(self, entries: Entries, heads: Int64s, group: Int64s) -> None:
        """Siblings of which some carry conditions or notes and some do not."""
        places = np.arange(len(entries.row))
        far = len(entries.row)
        plain = np.minimum.reduceat(np.where(entries.plain, places, far), heads)
        noted = np.minimum.reduceat(np.where(entries.plain, far, places), heads)
        both = ((plain < far) & (noted < far))[group]
        other = np.where(entries.plain, noted[group], plain[group])
        self.commented.add(entries.row[both], entries.row[other[both]])

    def _batches(self) -> Iterator[Entries]:
        for parts, passes in self._runs():
            for number in range(passes):
                yield self._sorted(parts, number, passes)

    def _runs(self) -> Iterator[tuple[Int64s, int]]:
        """Parts by type and brand in runs of bounded size, and in how many passes over nodes to take each."""
        starts = np.concatenate(([0], np.cumsum(self._context.applications.counts)))
        used = np.flatnonzero(np.diff(starts))
        if not len(used):
            return
        group = self._group[used]
        order = np.lexsort((used, group))
        used, group = used[order], group[order]
        entries = self._entry_counts(starts)[used]
        ends = np.flatnonzero(np.concatenate((group[1:] != group[:-1], [True]))) + 1
        first, held = 0, 0
        for begin, end in zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True):
            size = int(entries[begin:end].sum())
            if held and held + size > ENTRIES_AT_ONCE:
                yield used[first:begin], 1
                first, held = begin, 0
            held += size
            if held > ENTRIES_AT_ONCE:
                yield used[first:end], -(-held // ENTRIES_AT_ONCE)
                first, held = end, 0
        if first < len(used):
            yield used[first:], 1

    def _entry_counts(self, starts: Int64s) -> Int64s:
        each = np.diff(self._slots.starts).astype(np.int32)
        total = np.concatenate(([0], np.cumsum(each[self._rows.rule]))) if len(self._rows.rule) else np.zeros(1, int)
        return np.asarray(total[starts[1:]] - total[starts[:-1]])

    def _sorted(self, parts: Int64s, number: int, passes: int) -> Entries:
        """The entries of some parts, of one of `passes` shares of the nodes."""
        pieces = [self._expanded(some, number, passes) for some in np.array_split(parts, passes)]
        key, content, row, slot, plain = (np.concatenate(column) for column in zip(*pieces, strict=True))
        shared = _repeated(key)
        key, content, row, slot, plain = key[shared], content[shared], row[shared], slot[shared], plain[shared]
        order = np.lexsort((row, content, key))
        row = row[order]
        return Entries(key[order], content[order], row, self._rows.part[row], slot[order], plain[order])

    def _expanded(self, parts: Int64s, number: int, passes: int) -> tuple[Array, ...]:
        counts = self._context.applications.counts
        first = self._first_rows[parts]
        row = ragged(first, counts[parts])
        rule = self._rows.rule[row]
        each = self._slots.starts[rule + 1] - self._slots.starts[rule]
        slot = self._slots.members[ragged(self._slots.starts[rule], each)]
        where, content, noted = self._rule_columns
        row, rule = np.repeat(row, each), np.repeat(rule, each)
        node = self._slots.slots.node[slot]
        if passes > 1:
            keep = node % passes == number
            row, rule, slot, node = row[keep], rule[keep], slot[keep], node[keep]
        part = self._rows.part[row]
        self.touched.add(part, node, rule)
        years = np.where(self._wide[node], self._years[self._rows.rules["selector"][rule]], 0)
        key = mixed((self._group[part], node, where[rule], self._slots.slots.position[slot], years))
        return key, content[rule], row, slot, ~noted[rule]

    @cached_property
    def _group(self) -> Array:
        """By part, a hash of its type and brand."""
        store = self._context.store
        return np.asarray(mixed((store.get("part.part_type"), store.get("part.brand"))))

    @cached_property
    def _first_rows(self) -> Int64s:
        return starts_of(self._context.applications.counts)[:-1]

    @cached_property
    def _wide(self) -> Bools:
        """Nodes above base vehicles, where model years may be left as a condition."""
        narrow = (Level.ROW.value, Level.BASE.value)
        return np.array([key[0] not in narrow for key in self._context.vehicles.table.node_keys], np.bool_)

    @cached_property
    def _years(self) -> Int64s:
        """By selector, a number of its model years; 0 is any."""
        numbers: dict[Any, int] = {(None, None): 0}
        found = []
        for record in self._rows.tables.records["selector"]:
            years = (None, None) if record.startswith(b'{"ids"') else tuple(msgspec.json.decode(record)["years"])
            found.append(numbers.setdefault(years, len(numbers)))
        return np.array(found or [0], np.int64)

    @cached_property
    def _split(self) -> tuple[Int64s, Int64s]:
        """By condition record: numbers of what says which vehicle it is, and of the rest (0 is nothing)."""
        named, asked = dict[bytes, int]({b"{}": 0}), dict[bytes, int]({b"{}": 0})
        pairs = [split_condition(record) for record in self._rows.tables.records["condition"]] or [(b"{}", b"{}")]
        return (
            np.array([named.setdefault(one, len(named)) for one, _ in pairs], np.int64),
            np.array([asked.setdefault(rest, len(asked)) for _, rest in pairs], np.int64),
        )

    @cached_property
    def _rule_columns(self) -> tuple[Int64s, Int64s, Bools]:
        """By rule: vehicle asked for by attributes, number of the content, and whether it asks for anything more."""
        rules = self._rows.rules
        where, asked = self._split
        wanted = self._notes_asked[rules["notes"] + 1]
        content = asked[rules["condition"]] * (len(self._notes_asked) + 1) + np.where(wanted, rules["notes"] + 1, 0)
        return where[rules["condition"]], content, (asked[rules["condition"]] > 0) | wanted

    @cached_property
    def _notes_asked(self) -> Bools:
        """By note record and one before them (no notes): some note is a condition."""
        records = self._rows.tables.records["notes"]
        return np.array([False, *(any(note.is_condition for note in notes_of(record)) for record in records)], np.bool_)

    @cached_property
    def _contents(self) -> Mapping[int, tuple[int, int]]:
        """By content a condition record and a note record (-1: none) that make it."""
        found, firsts = np.unique(self._rule_columns[1], return_index=True)
        rules = self._rows.rules
        return {
            content: (int(rules["condition"][at]), int(rules["notes"][at]))
            for content, at in zip(found.tolist(), firsts.tolist(), strict=True)
        }

    @cached_property
    def _whole(self) -> Array:
        """By rule, everything but quantity and source."""
        return np.asarray(mixed([self._rows.rules[name] for name in ("selector", "condition", "notes", "effective")]))


@dataclass(slots=True)
class Conflicts:
    """Groups of parts that nothing in the data tells apart at a slot."""

    slots: list[Array] = field(default_factory=list)
    sizes: list[Array] = field(default_factory=list)
    members: list[Array] = field(default_factory=list)

    def add(self, group: Int64s, part: Array, slot: Array) -> None:
        """Entries of groups (ascending numbers); parts ascend inside a group and may repeat."""
        if not len(group):
            return
        fresh = np.concatenate(([True], (group[1:] != group[:-1]) | (part[1:] != part[:-1])))
        group, part, slot = group[fresh], part[fresh], slot[fresh]
        heads = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
        self.slots.append(slot[heads].astype(np.int32))
        self.sizes.append(np.diff([*heads, len(group)]).astype(np.int64))
        self.members.append(part.astype(np.int32))

    def write(self, store: Store, part_count: int) -> None:
        """Groups with slot and members, and for each part its groups (both CSR)."""
        none = np.empty(0, np.int32)
        members = np.concatenate([none, *self.members])
        sizes = np.concatenate([np.empty(0, np.int64), *self.sizes])
        group = np.repeat(np.arange(len(sizes)), sizes)
        order = np.argsort(members, kind="stable")
        store.put("conflicts.slot", np.concatenate([none, *self.slots]))
        store.put("conflicts.starts", starts_of(sizes))
        store.put("conflicts.members", members)
        store.put("conflicts.part_starts", np.searchsorted(members[order], np.arange(part_count + 1)))
        store.put("conflicts.part_groups", group[order].astype(np.int32))


def split_condition(record: bytes) -> tuple[bytes, bytes]:
    """A condition record as what says which vehicle it is, and the rest."""
    data = msgspec.json.decode(record)
    where = data.pop("where", {})
    named = {name: values for name, values in where.items() if name in IDENTITY}
    rest = {name: values for name, values in where.items() if name not in IDENTITY}
    if rest:
        data["where"] = rest
    return _ENCODE(named), _ENCODE(data)


_ENCODE = msgspec.json.Encoder(order="deterministic").encode


def _of_pairs(entries: Entries, names: tuple[str, ...]) -> Entries:
    """Those entries that share these columns with another; for a part its entries of one key follow each other."""
    columns = {name: getattr(entries, name) for name in Entries.__slots__}
    if "part" in names:
        order = np.lexsort((entries.row, entries.content, entries.part, entries.key))
        columns = {name: column[order] for name, column in columns.items()}
    sorted_entries = Entries(**columns)
    same = sorted_entries.same(*names)
    kept = same | np.concatenate((same[1:], [False])) if len(same) else same
    return Entries(**{name: column[kept] for name, column in columns.items()})


def _other_part(part: Array, heads: Int64s, group: Int64s) -> Int64s:
    """For each entry the first one of its group that is of another part; -1 if all are of one."""
    if not len(heads):
        return np.empty(0, np.int64)
    places, far = np.arange(len(part)), len(part)
    differs = part != part[heads][group]
    first = np.minimum.reduceat(np.where(differs, places, far), heads)[group]
    other = np.where(differs, heads[group], first)
    return np.where(first < far, other, -1)


def _repeated(key: Array) -> Bools:
    """Which keys occur more than once."""
    ordered = np.sort(key)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(twice):
        return np.zeros(len(key), np.bool_)
    at = np.minimum(np.searchsorted(twice, key), len(twice) - 1)
    return np.asarray(twice[at] == key)
