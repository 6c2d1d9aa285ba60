"""One generation, read: vehicles, slots, parts, applications. Immutable; safe under threads; opens memory-mapped.

A part is named by its *ordinal* (what the engine returns), a distinct application content by its *rule id*. Both hold
inside one generation only. Ordinals of deleted parts stay unused until a later part takes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar, overload

import msgspec
import numpy as np

from fitment_rules.conditions import Condition, Conditions
from fitment_rules.judge import SlotTable
from fitment_rules.model import Application, Window
from fitment_rules.places import places
from fitment_rules.vehicles import VehicleTable
from indexers import assets, unlisted
from indexers.assets import Asset
from indexers.columns import Array, Int64s, UInt64s, ragged, view
from indexers.errors import UnreadableSource
from indexers.generation_files import (
    APPLICATIONS,
    DEAD,
    FORMAT,
    QUARANTINED,
    REPORT,
    TITLE_WORDS,
    UNIVERSAL,
    VALUE_NAMES,
    Manifest,
    decode_conjunction,
    load_slots,
    vehicle_of,
)
from indexers.hashing import hash_column, hash_one
from indexers.read_parts import NUMBER_KINDS, number_keys
from indexers.rows import StoredPart, VehicleRow
from indexers.rules import Rules, Told
from indexers.slot_parts import MEMBERS, STARTS
from indexers.slots import Slots
from indexers.store import MANIFEST, Records, Store
from indexers.title_words import TitleWord
from indexers.unlisted import Unlisted
from indexers.unlisted_parts import UnlistedParts
from indexers.vocabulary import Vocabulary

CATCH_ALL, FEW_PARTS = 0.2, 20
"""A part type outside the vocabulary with this share of the parts (and so many) names nothing: "Part", "Other"."""

RULES_KEPT = 50_000
"""Decoded rules a generation remembers, about 1 kB each."""

Item = TypeVar("Item")


class PartRow(NamedTuple):
    """One application of a part. `source_row` is `None` where the file names none."""

    rule_id: int
    application_id: str
    source_row: int | None


class PartFlags(NamedTuple):
    """What is known of a part's fitment as a whole."""

    applications: bool
    quarantined: bool
    universal: bool


_TOLD = APPLICATIONS | QUARANTINED | UNIVERSAL
_FLAGS = {
    flags: PartFlags(bool(flags & APPLICATIONS), bool(flags & QUARANTINED), bool(flags & UNIVERSAL))
    for flags in range(_TOLD + 1)
}


class NumberMatch(NamedTuple):
    """A part found by number; `kind` is `part_number`, `oe`, `interchange` or `gtin`."""

    ordinal: int
    kind: str


class Generation:
    """Reads one generation's folder."""

    def __init__(self, folder: Path) -> None:
        self._store = store = Store(folder)
        self.folder = folder
        self.manifest: Manifest = store.json(MANIFEST, Manifest)
        if self.manifest.format != FORMAT:
            raise UnreadableSource(str(folder), f"layout {self.manifest.format}, this version reads {FORMAT}")
        self.words: dict[str, Any] = store.json("words")
        self._parts = memoryview(store.blob("parts"))  # type: ignore[arg-type]
        self._start, self._length = view(store.get("parts.start")), view(store.get("parts.length"))
        self._ids = store.records("part_ids")
        self._hash, self._hash_ordinal = store.get("part_ids.hash"), store.get("part_ids.ordinal")
        self._part_flags = store.get("part.flags")
        self._flags = view(self._part_flags)
        self._rows, self._rule = view(store.get("rows.starts")), view(store.get("rows.rule"))
        self._row_nodes = store.get("rows.node")
        self._row_source, self._id_length = store.get("rows.source"), store.get("rows.id_length")
        self._id_starts, self._id_text = store.get("rows.id_start"), memoryview(store.blob("rows.ids"))  # type: ignore[arg-type]
        self._source_row, self._id_start = view(self._row_source), view(self._id_starts)
        self._rule_slots = (store.get("rule_slots.starts"), store.get("rule_slots.members"))
        self._rule_notes = (store.get("rule_note_slots.starts"), store.get("rule_note_slots.members"))
        self._row_starts, self._row_rule = store.get("rows.starts"), store.get("rows.rule")
        self.rules = Rules(store)

    @property
    def name(self) -> str:
        """Its id: what answers call `generation`."""
        return self.manifest.id

    @property
    def part_count(self) -> int:
        """Parts that can be found (without deleted ones)."""
        return self.manifest.parts

    @property
    def ordinal_count(self) -> int:
        """One more than the greatest ordinal."""
        return self.manifest.ordinals

    @cached_property
    def vehicles(self) -> VehicleTable:
        """The vehicle table."""
        rows = [vehicle_of(msgspec.json.decode(record, type=VehicleRow)) for record in self._store.records("vehicles")]
        nodes = {tuple(key): number for number, key in enumerate(self._store.json("nodes"))}
        return VehicleTable(rows, Window(*self.manifest.horizon), nodes, self.value_names)

    @property
    def value_names(self) -> dict[str, dict[str, str]]:
        """What the ids of a reference database are called, by attribute; empty without the operator's folder."""
        if not (self.folder / f"{VALUE_NAMES}.json").exists():
            return {}
        found: dict[str, dict[str, str]] = self._store.json(VALUE_NAMES, dict[str, dict[str, str]])
        return found

    @property
    def unlisted_facts(self) -> list[Unlisted]:
        """What makers say they have no part for, by application id."""
        found: list[Unlisted] = self._store.json(unlisted.FILE, list[Unlisted])
        return found

    @cached_property
    def unlisted(self) -> UnlistedParts:
        """The same, to be asked for a vehicle."""
        return UnlistedParts(self.unlisted_facts)

    @property
    def assets(self) -> list[Asset]:
        """Pictures and documents that ACES deliveries described, in their order."""
        if not (self.folder / f"{assets.FILE}.json").exists():
            return []
        found: list[Asset] = self._store.json(assets.FILE, list[Asset])
        return found

    @cached_property
    def title_words(self) -> dict[str, TitleWord]:
        """What the catalogue's titles teach about words that the vocabulary does not have."""
        found: dict[str, TitleWord] = self._store.json(TITLE_WORDS, dict[str, TitleWord])
        return found

    def own_types(self, vocabulary: Vocabulary) -> tuple[str, ...]:
        """Ids of part types that the vocabulary lacks; without a catch-all that very many parts have."""
        counts = self._type_counts
        most = self.part_count * CATCH_ALL
        outside = ((one, count) for one, count in counts.items() if one not in vocabulary.part_types)
        return tuple(one for one, count in outside if 0 < count < most or count < FEW_PARTS)

    def outside_share(self, vocabulary: Vocabulary) -> float:
        """Share of the parts whose part type the vocabulary lacks."""
        outside = sum(count for one, count in self._type_counts.items() if one not in vocabulary.part_types)
        return outside / self.part_count if self.part_count else 0.0

    @cached_property
    def _type_counts(self) -> dict[str, int]:
        column = self.column("part_type")[self.live_ordinals()]
        words = self.words["part_type"]
        return dict(zip(words, np.bincount(column[column >= 0], minlength=len(words)).tolist(), strict=True))

    def vehicle_json(self, row: int) -> bytes:
        """The contract row of a vehicle, by its row in the table."""
        return self._vehicle_records[row]

    @cached_property
    def _vehicle_records(self) -> Records:
        return self._store.records("vehicles")

    @cached_property
    def slots(self) -> SlotTable:
        """The slots of field `slots`."""
        return self._slot_table("slots", self.manifest.slots_run_end)

    @cached_property
    def note_slots(self) -> SlotTable:
        """The slots of field `note_slots`."""
        return self._slot_table("note_slots", self.manifest.note_slots_run_end)

    def ordinal(self, part_id: str) -> int | None:
        """The ordinal of a part; `None` if there is no such part."""
        wanted = hash_one(part_id)
        at = int(np.searchsorted(self._hash, np.uint64(wanted)))
        while at < len(self._hash) and int(self._hash[at]) == wanted:
            ordinal = int(self._hash_ordinal[at])
            if self.part_id(ordinal) == part_id:
                return ordinal
            at += 1
        return None

    def ordinals(self, part_ids: Sequence[str]) -> Int64s:
        """Ordinals of parts in the order asked; -1 for an unknown id."""
        if not part_ids or not len(self._hash):
            return np.full(len(part_ids), -1, np.int64)
        encoded = [text.encode() for text in part_ids]
        data = np.frombuffer(b"".join(encoded), np.uint8)
        lengths = np.array([len(one) for one in encoded], np.int64)
        at = np.minimum(np.searchsorted(self._hash, hash_column(data, lengths)), len(self._hash) - 1)
        found: Int64s = self._hash_ordinal[at].astype(np.int64)
        if not self._ids.are(found, data, lengths):
            for index, own in enumerate(self.part_ids(found.tolist())):
                if own != part_ids[index]:
                    one = self.ordinal(part_ids[index])
                    found[index] = -1 if one is None else one
        return found

    def part_id(self, ordinal: int) -> str:
        """The id of a part (also of a deleted one)."""
        return self._ids[ordinal].decode()

    def part_ids(self, ordinals: Iterable[int]) -> list[str]:
        """`part_id` of many parts."""
        return self._ids.texts(ordinals)

    def part_json(self, ordinal: int) -> bytes:
        """The normalised contract row of a part: every key present, `part_type` as `{id, name}`."""
        start = self._start[ordinal]
        return bytes(self._parts[start : start + self._length[ordinal]])

    def part(self, ordinal: int) -> StoredPart:
        """The same, decoded."""
        return msgspec.json.decode(self.part_json(ordinal), type=StoredPart)

    def part_position(self, ordinal: int) -> tuple[str, ...]:
        """Canonical places of the part itself; `()` is every position."""
        number = int(self.column("position")[ordinal])
        return () if number < 0 else self._own_positions[number]

    def part_flags(self, ordinal: int) -> PartFlags:
        """Whether it has accepted and quarantined applications, and is universal."""
        return _FLAGS[self._flags[ordinal] & _TOLD]

    def parts_told(self, ordinals: Int64s) -> list[tuple[PartFlags, tuple[str, ...]]]:
        """`part_flags` and `part_position` of many parts."""
        positions = [(), *self._own_positions]
        flags = (self._part_flags[ordinals] & _TOLD).tolist()
        numbers = (self.column("position")[ordinals] + 1).tolist()
        return [(_FLAGS[one], positions[number]) for one, number in zip(flags, numbers, strict=True)]

    def universal_ordinals(self) -> Int64s:
        """Ordinals of the universal parts, ascending."""
        return np.flatnonzero((self._part_flags & (UNIVERSAL | DEAD)) == UNIVERSAL)

    def live_ordinals(self) -> Int64s:
        """Ordinals of all parts, ascending."""
        return np.flatnonzero((self._store.get("part.flags") & DEAD) == 0)

    def column(self, name: str) -> Array:
        """A column by ordinal, memory-mapped.

        `brand`, `part_type`, `quality`, `currency`, `position` hold indices into `words` (-1 none; `position` into
        `words["position"]`, the places as spelled), `price` NaN where there is none, `listed` days (0 none), `rank`
        the query-independent order.
        """
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self._store.get(f"part.{name}")
        return found

    def word_texts(self, column: str) -> Sequence[str]:
        """The words that a column's numbers stand for; those of `position` are places joined by `|`."""
        words: list[Any] = self.words[column]
        return ["|".join(one) for one in words] if column == "position" else words

    def rows(self, ordinal: int) -> list[PartRow]:
        """The applications of a part, in the order read."""
        first, last = self._rows[ordinal], self._rows[ordinal + 1]
        at = self._id_start[ordinal]
        found = []
        for index, length in zip(range(first, last), self._id_length[first:last].tolist(), strict=True):
            text, source = str(self._id_text[at : at + length], "utf-8"), self._source_row[index]
            found.append(PartRow(self._rule[index], text, None if source < 0 else source))
            at += length
        return found

    def rule(self, rule_id: int) -> Application:
        """What the rows of a rule mean; see `Rules.application`."""
        return self.rules.application(rule_id)

    def rule_as_read(self, rule_id: int) -> Application:
        """What they said; see `Rules.as_read`."""
        return self.rules.as_read(rule_id)

    def applications_of(self, ordinals: Int64s) -> tuple[Int64s, Int64s]:
        """Every application of these parts as (index into `ordinals`, row), a part's rows in the order read."""
        first = self._row_starts[ordinals].astype(np.int64)
        counts = self._row_starts[ordinals + 1] - first
        return np.repeat(np.arange(len(ordinals)), counts), ragged(first, counts)

    def slots_of(self, rows: Int64s, *, noted: bool = False) -> tuple[Int64s, Int64s]:
        """Every slot of these rows as (index into `rows`, slot), in field `slots` or, `noted`, in `note_slots`."""
        starts, members = self._rule_notes if noted else self._rule_slots
        return _members(starts, members, self._row_rule[rows])

    def nodes_of(self, rows: Int64s) -> Array:
        """The node of each of these rows that has a single slot in field `slots`, -1 of others."""
        return self._row_nodes[rows]

    def said(self, rows: Int64s) -> Iterator[tuple[Told, tuple[Conditions, ...]]]:
        """What these rows say, and under which groups of conditions; equal ones are the same objects."""
        return self.rules.said(self._row_rule[rows])

    def conflicts_of(self, ordinals: Int64s) -> tuple[Int64s, Int64s, Int64s]:
        """The groups of parts that nothing in the data tells apart to which these parts belong.

        As (index into `ordinals`, group, the slot at which its parts cannot be told apart).
        """
        index, groups = _members(self._conflicts["part_starts"], self._conflicts["part_groups"], ordinals)
        return index, groups, self._conflicts["slot"][groups]

    def conflict_members(self, groups: Int64s, most: int | None = None) -> tuple[Int64s, Int64s]:
        """The first `most` parts of these groups as (index into `groups`, ordinal), those of a group ascending."""
        return _members(self._conflicts["starts"], self._conflicts["members"], groups, most)

    @cached_property
    def _conflicts(self) -> dict[str, Array]:
        names = ("slot", "starts", "members", "part_starts", "part_groups")
        return {name: self._store.get(f"conflicts.{name}") for name in names}

    @cached_property
    def data_report(self) -> bytes:
        """The data report of its build (JSON)."""
        return (self.folder / f"{REPORT}.json").read_bytes()

    @cached_property
    def slot_nodes(self) -> Array:
        """The node of each slot of field `slots`, memory-mapped."""
        return self._store.get("slots.node")

    @cached_property
    def slot_conjunctions(self) -> Array:
        """The conjunction of each slot of field `slots`, memory-mapped."""
        return self._store.get("slots.conjunction")

    @cached_property
    def slot_noted(self) -> Array:
        """Which slots of field `slots` carry unanswered notes (not 0), memory-mapped."""
        return self._store.get("slots.noted")

    def parts_of(self, slots: Int64s) -> tuple[Int64s, Int64s]:
        """Every part of these slots as (index into `slots`, ordinal), a part perhaps more than once."""
        return _members(*self._slot_parts, slots)

    def pairs_of(self, slots: Int64s) -> int:
        """How many `parts_of` gives."""
        starts = self._slot_parts[0]
        return int((starts[slots + 1] - starts[slots]).sum())

    @cached_property
    def _slot_parts(self) -> tuple[Array, Array]:
        return self._store.get(STARTS), self._store.get(MEMBERS)

    @cached_property
    def note_slot_nodes(self) -> Array:
        """The node of each slot of field `note_slots`, memory-mapped."""
        return self._store.get("note_slots.node")

    def rows_at(self, ordinals: Int64s, rows: Int64s) -> list[PartRow]:
        """Applications by the part and the row, two columns."""
        read = (self._row_rule[rows].tolist(), self.names_at(ordinals, rows), self._row_source[rows].tolist())
        return [
            PartRow(rule, name.decode(), None if source < 0 else source)
            for rule, name, source in zip(*read, strict=True)
        ]

    def names_at(self, ordinals: Int64s, rows: Int64s) -> list[bytes]:
        """The ids of applications (UTF-8) by the part and the row, two columns."""
        first = self._row_starts[ordinals].astype(np.int64)
        counts = rows - first + 1
        upto = np.concatenate(([0], np.cumsum(self._id_length[ragged(first, counts)], dtype=np.int64)))
        last = np.cumsum(counts)
        begun = self._id_starts[ordinals] - upto[last - counts]
        starts, ends = (begun + upto[last - 1]).tolist(), (begun + upto[last]).tolist()
        text = self._id_text
        return [bytes(text[start:end]) for start, end in zip(starts, ends, strict=True)]

    def source_rows(self, rows: Sequence[int]) -> list[int]:
        """The rows of their file where these applications were read, -1 where it names none."""
        found: list[int] = self._row_source[np.array(rows, np.int64)].tolist()
        return found

    def rule_slots(self, rule_id: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The slots of a rule, in field `slots` and in field `note_slots`."""
        return _run(*self._rule_slots, rule_id), _run(*self._rule_notes, rule_id)

    def part_slots(self, ordinal: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The distinct slots of a part, as its document has them: `slots`, `note_slots`."""
        plain: set[int] = set()
        noted: set[int] = set()
        for rule in set(self._rule[self._rows[ordinal] : self._rows[ordinal + 1]]):
            own = self.rule_slots(rule)
            plain.update(own[0])
            noted.update(own[1])
        return tuple(sorted(plain)), tuple(sorted(noted))

    def number_lookup(self, key: str) -> list[NumberMatch]:
        """Parts with this number (`indexers.text.number_key`), by ordinal and kind; exact."""
        wanted = hash_one(key)
        hashes = self._numbers["hash"]
        first = int(np.searchsorted(hashes, np.uint64(wanted)))
        found = []
        for at in range(first, len(hashes)):
            if int(hashes[at]) != wanted:
                break
            match = NumberMatch(int(self._numbers["ordinal"][at]), NUMBER_KINDS[int(self._numbers["kind"][at])])
            keys = number_keys(self.part(match.ordinal))
            if key in keys[NUMBER_KINDS.index(match.kind)]:
                found.append(match)
        return sorted(found)

    def likely_numbers(self, keys: Sequence[str], hashes: UInt64s) -> list[str]:
        """Those of `keys` whose hash (`indexers.hashing`) some number has; `number_lookup` tells surely."""
        known = self._numbers["hash"]
        if not len(known):
            return []
        at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
        return [keys[one] for one in np.flatnonzero(known[at] == hashes).tolist()]

    def _conjunction(self, record: bytes) -> tuple[Condition, ...]:
        """Equal conditions are one object, so that what they come to is found by identity."""
        if len(self._conditions) > RULES_KEPT:
            self._conditions.clear()
        return tuple([self._conditions.setdefault(one, one) for one in decode_conjunction(record)])

    @cached_property
    def _conditions(self) -> dict[Condition, Condition]:
        return {}

    def _slot_table(self, name: str, run_end: int) -> SlotTable:
        slots = load_slots(self._store, name, run_end)
        conjunctions: Decoded[tuple[Condition, ...]] = Decoded(self._store.records("conjunctions"), self._conjunction)
        note_sets: Decoded[tuple[str, ...]] = Decoded(self._store.records("note_sets"), _texts)
        positions = [tuple(one) for one in self.words["positions"]]
        return slot_table(slots, conjunctions, positions, note_sets, self.vehicles.node_count)

    @cached_property
    def _columns(self) -> dict[str, Array]:
        return {}

    @cached_property
    def _own_positions(self) -> list[tuple[str, ...]]:
        return [places(one) for one in self.words["position"]]

    @cached_property
    def _numbers(self) -> dict[str, Array]:
        return {name: self._store.get(f"numbers.{name}") for name in ("hash", "ordinal", "kind")}


class Decoded(Sequence[Item], Generic[Item]):
    """Records decoded when asked for, the last ones remembered."""

    def __init__(self, records: Sequence[bytes], decode: Any, kept: int = RULES_KEPT) -> None:
        self._records = records
        self._get = lru_cache(maxsize=kept)(lambda index: decode(records[index]))

    def __len__(self) -> int:
        return len(self._records)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        found: Item = self._get(index)
        return found

    def __iter__(self) -> Iterator[Item]:
        return (self[index] for index in range(len(self)))


def slot_table(
    slots: Slots,
    conjunctions: Sequence[tuple[Condition, ...]],
    positions: Sequence[tuple[str, ...]],
    note_sets: Sequence[tuple[str, ...]],
    node_count: int,
) -> SlotTable:
    """The kernel's view of the columns."""
    extra: dict[int, list[int]] = {}
    for slot in range(slots.run_end, len(slots.node)):
        extra.setdefault(int(slots.node[slot]), []).append(slot)
    starts = np.searchsorted(slots.node[: slots.run_end], np.arange(node_count + 1)).astype(np.int64)
    return SlotTable(
        view(starts), {node: tuple(some) for node, some in extra.items()}, view(slots.conjunction),
        view(slots.position), view(slots.noted), conjunctions, positions, note_sets,
    )  # fmt: skip


def _texts(record: bytes) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(record))


def _members(starts: Any, members: Array, wanted: Array, most: int | None = None) -> tuple[Int64s, Int64s]:
    """The first `most` members of these runs, as (index into `wanted`, member)."""
    first = starts[wanted].astype(np.int64)
    counts = starts[wanted + 1] - first
    if most is not None:
        counts = np.minimum(counts, most)
    return np.repeat(np.arange(len(wanted)), counts), members[ragged(first, counts)]


def _run(starts: Any, members: Array, index: int) -> tuple[int, ...]:
    return tuple(members[starts[index] : starts[index + 1]].tolist())
