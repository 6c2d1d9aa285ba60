"""Shards of applications → rows, rules and slots of a generation, and what its documents are made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from fitment_rules.vehicles import VehicleTable
from indexers.assemble_parts import Parts
from indexers.collector import uncollected
from indexers.columns import Appender, Array, Blob, Bools, Int32s, Int64s, UInt8s, blocks, starts_of
from indexers.coverage import cover
from indexers.generation import Generation
from indexers.generation_files import (
    APPLICATIONS,
    DEAD,
    QUARANTINED,
    UNIVERSAL,
    encode_conjunction,
    load_slots,
    read_rules,
    save_coverage,
    save_read,
    save_slots,
)
from indexers.hashing import hash_pieces
from indexers.merge import RULE_COLUMNS, Rows, Shard, Tables, encode_places, ids_at, merge, source_rows, write_ids
from indexers.notes.reread import NoteRules, NotesRead, Rereading
from indexers.read_applications import COLUMNS, NONE, TABLES
from indexers.scratch import Scratch
from indexers.slot_parts import write_slot_parts
from indexers.slots import Interned, RuleSlots, Slots, Words, compile_rules
from indexers.store import Store


@dataclass(frozen=True, slots=True)
class Applications:
    """What was compiled, in numbers; the columns are in the generation's folder.

    `counts` are applications by part ordinal; `lost` are (part ordinal, application id) of rows of whose listed
    vehicles none is left.
    """

    counts: Int64s
    rules: int
    slots: int
    slots_run_end: int
    note_slots: int
    note_slots_run_end: int
    lost: list[tuple[int, str]]
    notes: NotesRead


@dataclass(frozen=True, slots=True)
class BaseShard:
    """The rows of the generation that is updated, as a shard."""

    folder: Path


def assemble_applications(
    store: Store, shards: Sequence[Shard], line_base: Sequence[int], parts: Parts, table: VehicleTable,
    base: Generation | None, notes: NoteRules, work: Store | None = None,
) -> Applications:  # fmt: skip
    """Write rows, rules and slots of a generation; `shards` start with the `base_shard` of an update.

    `line_base[i]` is added to the lines of shard `i`. What documents are made from goes to `work`, if it is given.
    """
    tables, scratch = Tables.empty(), Scratch(store.folder)
    position = _part_positions(parts, tables)
    with uncollected():
        rows = merge(shards, position, tables, scratch)
        rereading = Rereading(notes, table, rows)
        rereading.apply()
        words, known, known_notes = _known(base)
        rule_slots = compile_rules(table, rows, words, known, known_notes, scratch)
    lost = _drop_lost(shards, rows, rule_slots)
    counts = _write_rows(store, shards, rows, parts.count, line_base, scratch)
    _write_nodes(store, rows, rule_slots)
    _write_rules(store, rows, rule_slots, words)
    write_slot_parts(store, len(rule_slots.slots.node))
    store.put_json("words", {**parts.words, "position": _split(parts.words["position"]),
                             "positions": words.positions.values})  # fmt: skip
    if work is not None:
        save_coverage(work, cover(table, rule_slots.slots, words))
    plain, noted = rule_slots.slots, rule_slots.note_slots
    return Applications(
        counts, len(rows.rules["selector"]), len(plain.node), plain.run_end, len(noted.node), noted.run_end, lost,
        rereading.told(),
    )  # fmt: skip


def write_flags(store: Store, parts: Parts, counts: Int64s, quarantined: Bools, popularity: Array) -> None:
    """What is known of each part's fitment as a whole, and its place in the query-independent order."""
    flags = np.zeros(parts.count, np.uint8)
    for bit, holds in (
        (APPLICATIONS, counts > 0), (QUARANTINED, quarantined), (UNIVERSAL, parts.universal), (DEAD, ~parts.alive)
    ):  # fmt: skip
        flags[holds] |= bit
    store.put("part.flags", flags)
    store.put("part.rank", (popularity + np.log1p(counts)).astype(np.float64))


def base_shard(
    base: Generation, folder: Path, parts: Parts, replaced: Iterable[str] = (), renewed: Iterable[str] = ()
) -> BaseShard:
    """The rows of `base` whose parts are still there, as a shard in `folder` (made here).

    Rows whose application id begins with one of `replaced`, and those of the parts `renewed` (ids), are left out.
    """
    folder.mkdir(parents=True)
    store = Store(base.folder)
    rule, rules = store.get("rows.rule"), read_rules(store)
    starts = store.get("rows.starts")
    part = np.repeat(np.arange(base.ordinal_count, dtype=np.int32), np.diff(starts))
    same = np.array([parts.alive[one] and parts.ids[one] == base.part_id(one) for one in range(base.ordinal_count)])
    same[[one for text in renewed if (one := base.ordinal(text)) is not None]] = False
    for _, block in blocks([part]):
        block[~same[block]] = NONE
    for prefix in replaced:
        part[begins(store.blob("rows.ids"), store.get("rows.id_length"), prefix.encode())] = NONE
    columns: dict[str, Iterable[Array]] = {name: _by_row(column, rule) for name, column in rules.items()}
    columns |= {"part": [part], "row": [store.get("rows.source")]}
    columns["id_hash"] = hash_pieces(store.blob("rows.ids"), store.get("rows.id_length"))
    for name, dtype in COLUMNS.items():
        column = Appender(folder / f"{name}.column", dtype)
        for some in columns[name]:
            column.append(some)
        column.close()
    for name in TABLES:
        blob = Blob(folder, name)
        blob.append(list(store.records(f"records.{name}")))
        blob.close()
    (folder / "ids.blob").symlink_to((base.folder / "rows.ids.blob").resolve())
    lengths = Appender(folder / "ids.lengths", np.uint32)
    lengths.append(store.get("rows.id_length"))
    lengths.close()
    return BaseShard(folder)


def _by_row(column: Array, rule: Array) -> Iterator[Array]:
    """A column of rules, row by row, some at a time."""
    return (column[block] for _, block in blocks([rule]))


def begins(data: UInt8s, lengths: Array, prefix: bytes) -> Bools:
    """Which of consecutive strings begin with a prefix."""
    starts = starts_of(lengths)[:-1]
    found = lengths >= len(prefix)
    for offset, byte in enumerate(prefix):
        found[found] = data[starts[found] + offset] == byte
    return np.asarray(found)


def _split(positions: Sequence[str]) -> list[list[str]]:
    return [one.split("|") if one else [] for one in positions]


def _part_positions(parts: Parts, tables: Tables) -> Array:
    """Numbers of the parts' own positions among the position records; -1 without one."""
    numbers = tables.add("position", [encode_places(one) for one in _split(parts.words["position"])])
    if not len(numbers):
        return np.full(parts.count, NONE, np.int32)
    empty = np.array([not one for one in parts.words["position"]], np.bool_)
    numbers = np.where(empty, NONE, numbers).astype(np.int32)
    return np.where(parts.position >= 0, numbers[np.maximum(parts.position, 0)], NONE).astype(np.int32)


def _known(base: Generation | None) -> tuple[Words, Slots, Slots]:
    if base is None:
        return Words.empty(), Slots.none(), Slots.none()
    store = Store(base.folder)
    words = Words(
        Interned.of(list(base.slots.conjunctions)),
        Interned.of([tuple(one) for one in base.words["positions"]]),
        Interned.of(list(base.slots.note_sets)),
    )
    manifest = base.manifest
    return (
        words,
        load_slots(store, "slots", manifest.slots_run_end),
        load_slots(store, "note_slots", manifest.note_slots_run_end),
    )


def _drop_lost(shards: Sequence[Shard], rows: Rows, rule_slots: RuleSlots) -> list[tuple[int, str]]:
    """Take out rows whose listed vehicles are all gone; returns their part ordinals and application ids."""
    records = rows.tables.records["selector"]
    listed = np.array([record.startswith(b'{"ids"') for record in records] or [False], np.bool_)
    lost = (listed[rows.rules["selector"]] & ~rule_slots.placed)[rows.rule] if len(rows.rule) else np.empty(0, np.bool_)
    if not lost.any():
        return []
    order = np.sort(rows.order[lost])
    parts = dict(zip(rows.order[lost].tolist(), rows.part[lost].tolist(), strict=True))
    found = [(parts[row], text.decode()) for row, text in zip(order.tolist(), ids_at(shards, order), strict=True)]
    rows.keep(~lost)
    return found


def _write_rows(
    store: Store, shards: Sequence[Shard], rows: Rows, part_count: int, line_base: Sequence[int], scratch: Scratch
) -> Int64s:
    counts = np.zeros(part_count, np.int64)
    for _, part in blocks([rows.part]):
        counts += np.bincount(part, minlength=part_count)
    store.put("rows.starts", starts_of(counts))
    store.put("rows.rule", rows.rule)
    store.put_pieces("rows.source", np.int32, len(rows.order), source_rows(shards, line_base, rows.order, scratch))
    write_ids(shards, rows, store, part_count, scratch)
    return counts


def _write_nodes(store: Store, rows: Rows, rule_slots: RuleSlots) -> None:
    """The node of each row that has one slot, -1 of others: rows of a part lie together, its slots do not."""
    starts = rule_slots.starts

    def nodes(rule: Int32s) -> Int32s:
        node = np.full(len(rule), -1, np.int32)
        single = np.flatnonzero(starts[rule + 1] - starts[rule] == 1)
        node[single] = rule_slots.slots.node[rule_slots.members[starts[rule[single]]]]
        return node

    store.put_pieces("rows.node", np.int32, len(rows.rule), (nodes(rule) for _, rule in blocks([rows.rule])))


def _write_rules(store: Store, rows: Rows, rule_slots: RuleSlots, words: Words) -> None:
    for name in RULE_COLUMNS:
        store.put(f"rules.{name}", rows.rules[name])
    save_read(store, rows.read, rows.rules)
    for name in TABLES:
        store.put_records(f"records.{name}", rows.tables.records[name])
    save_slots(store, "slots", rule_slots.slots)
    save_slots(store, "note_slots", rule_slots.note_slots)
    store.put("rule_slots.starts", rule_slots.starts)
    store.put("rule_slots.members", rule_slots.members)
    store.put("rule_note_slots.starts", rule_slots.note_starts)
    store.put("rule_note_slots.members", rule_slots.note_members)
    store.put_records("conjunctions", map(encode_conjunction, words.conjunctions.values))
    store.put_records("note_sets", map(msgspec.json.encode, words.note_sets.values))


def coverage_again(folder: Path, work: Path) -> None:
    """Write what documents are made from for a generation that is complete; texts are analysed as they are made."""
    generation = Generation(folder)
    store, manifest = Store(folder), generation.manifest
    slots = load_slots(store, "slots", manifest.slots_run_end)
    words = Words(
        Interned.of(list(generation.slots.conjunctions)),
        Interned.of([tuple(one) for one in generation.words["positions"]]),
        Interned.of([()]),
    )
    work.mkdir()
    none = np.zeros(manifest.ordinals, np.int64)
    (work / "fields.blob").touch()
    Store(work).put("fields.start", none)
    Store(work).put("fields.length", none)
    save_coverage(Store(work), cover(generation.vehicles, slots, words))
