"""Shards of parts → the parts of a generation: one stored row, one set of columns and one ordinal each.

In a full build ordinals ascend with the part id, so that ties by ordinal are ties by part id. An update keeps every
ordinal, gives those of deleted parts to new ones, and appends the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from indexers.columns import Array, Bools, Int32s, Int64s, join_files, ragged, read_blob, read_column, starts_of
from indexers.generation import Generation
from indexers.generation_files import STORED_PARTS, WORK
from indexers.hashing import hash_strings
from indexers.read_parts import COLUMNS, PartShard
from indexers.store import Store


@dataclass(slots=True)
class Parts:
    """The parts of a generation being built. `ids[ordinal]`; `changed` are ordinals whose stored row is new or gone."""

    ids: list[str]
    alive: Bools
    universal: Bools
    position: Int32s
    words: dict[str, list[str]]
    changed: Int64s
    read: int = 0
    ordinals: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Ordinals, deleted ones included."""
        return len(self.ids)


def assemble_parts(store: Store, shards: Sequence[PartShard], base: Generation | None) -> Parts:
    """Write the part files of a generation; `base` is the one that is updated."""
    incoming = _Incoming(shards)
    ids, ordinal_of, alive = _ordinals(incoming, base)
    target = np.array([ordinal_of[text] for text in incoming.ids], np.int64)
    words = _write_columns(store, incoming, base, target, len(ids))
    _write_rows(store, incoming, base, target, len(ids))
    _write_fields(Store(store.folder / WORK), incoming, target, len(ids))
    _write_numbers(store, incoming, base, target)
    _write_ids(store, ids, alive)
    live = {text: number for number, text in enumerate(ids) if alive[number]}
    return Parts(
        ids=ids,
        alive=alive,
        universal=store.get("part.universal").astype(np.bool_) & alive,
        position=np.asarray(store.get("part.position")),
        words=words,
        changed=np.unique(np.concatenate((target, incoming.deleted_ordinals(ordinal_of)))),
        read=incoming.read,
        ordinals=live,
    )


class _Incoming:
    """The last row of each part id in the shards: ids, and where its columns stand."""

    def __init__(self, shards: Sequence[PartShard]) -> None:
        self.shards = shards
        self.read = sum(shard.read for shard in shards)
        every = [text for shard in shards for text in shard.ids]
        last = {text: row for row, text in enumerate(every)}
        gone = self.column("deleted")
        self.ids = [text for text, row in last.items() if not gone[row]]
        self.deleted = [text for text, row in last.items() if gone[row]]
        self.rows = np.array([last[text] for text in self.ids], np.int64)

    def column(self, name: str) -> Array:
        """A column over all rows of all shards."""
        dtype = COLUMNS[name]
        columns = [read_column(shard.folder / f"{name}.column", dtype) for shard in self.shards]
        return np.concatenate(columns) if columns else np.empty(0, dtype)

    def deleted_ordinals(self, ordinal_of: dict[str, int]) -> Int64s:
        """Ordinals of deleted parts that there were."""
        return np.array([ordinal_of[text] for text in self.deleted if text in ordinal_of], np.int64)

    def blobs(self, name: str) -> Array:
        """Lengths of the records of all shards."""
        lengths = [read_blob(shard.folder, name)[1] for shard in self.shards]
        return np.concatenate(lengths) if lengths else np.empty(0, np.uint32)


def _ordinals(incoming: _Incoming, base: Generation | None) -> tuple[list[str], dict[str, int], Bools]:
    ids = [base.part_id(one) for one in range(base.ordinal_count)] if base else []
    alive = [False] * len(ids)
    for one in base.live_ordinals().tolist() if base else ():
        alive[one] = True
    ordinal_of = {text: one for one, text in enumerate(ids) if alive[one]}
    for text in incoming.deleted:
        if text in ordinal_of:
            alive[ordinal_of[text]] = False
    free = iter([one for one, living in enumerate(alive) if not living])
    for text in sorted(text for text in incoming.ids if text not in ordinal_of):
        ordinal = next(free, len(ids))
        if ordinal == len(ids):
            ids.append(text)
            alive.append(True)
        ids[ordinal], alive[ordinal], ordinal_of[text] = text, True, ordinal
    return ids, ordinal_of, np.array(alive, np.bool_)


def _write_columns(
    store: Store, incoming: _Incoming, base: Generation | None, target: Int64s, count: int
) -> dict[str, list[str]]:
    words: dict[str, list[str]] = {}
    for name in COLUMNS:
        if name in ("deleted", "numbers"):
            continue
        column = incoming.column(name)
        if name in STORED_PARTS:
            column, words[name] = _common_words(incoming.shards, name, column, base)
        values = np.zeros(count, COLUMNS[name])
        if base is not None:
            values[: base.ordinal_count] = base.column(name)
        values[target] = column[incoming.rows]
        store.put(f"part.{name}", values)
    return words


def _common_words(
    shards: Sequence[PartShard], name: str, column: Array, base: Generation | None
) -> tuple[Int32s, list[str]]:
    words: list[str] = list(base.word_texts(name)) if base else []
    numbers = {word: number for number, word in enumerate(words)}
    translated, first = [], 0
    for shard in shards:
        table = np.array([*(numbers.setdefault(word, len(numbers)) for word in shard.words[name]), -1], np.int32)
        rows = column[first : first + len(shard.ids)]
        translated.append(table[rows])
        first += len(shard.ids)
    return np.concatenate(translated or [np.empty(0, np.int32)]), list(numbers)


def _write_rows(store: Store, incoming: _Incoming, base: Generation | None, target: Int64s, count: int) -> None:
    before = [] if base is None else [base.folder / "parts.blob"]
    offset = sum(file.stat().st_size for file in before)
    join_files([*before, *(shard.folder / "json.blob" for shard in incoming.shards)], store.folder / "parts.blob")
    lengths = incoming.blobs("json")
    starts = starts_of(lengths)[:-1] + offset
    start, length = np.zeros(count, np.int64), np.zeros(count, np.uint32)
    if base is not None:
        start[: base.ordinal_count] = Store(base.folder).get("parts.start")
        length[: base.ordinal_count] = Store(base.folder).get("parts.length")
    start[target], length[target] = starts[incoming.rows], lengths[incoming.rows]
    store.put("parts.start", start)
    store.put("parts.length", length)


def _write_fields(work: Store, incoming: _Incoming, target: Int64s, count: int) -> None:
    """The parts' own fields of their documents, made as they were read; length 0 where they are to be made anew."""
    join_files([shard.folder / "fields.blob" for shard in incoming.shards], work.folder / "fields.blob")
    lengths = incoming.blobs("fields")
    start, length = np.zeros(count, np.int64), np.zeros(count, np.uint32)
    start[target], length[target] = starts_of(lengths)[:-1][incoming.rows], lengths[incoming.rows]
    work.put("fields.start", start)
    work.put("fields.length", length)


def _write_numbers(store: Store, incoming: _Incoming, base: Generation | None, target: Int64s) -> None:
    counts = incoming.column("numbers").astype(np.int64)
    chosen = ragged(starts_of(counts)[incoming.rows], counts[incoming.rows])
    columns = {
        "hash": _shard_numbers(incoming.shards, "number_hash", np.uint64)[chosen],
        "kind": _shard_numbers(incoming.shards, "number_kind", np.uint8)[chosen],
        "ordinal": np.repeat(target, counts[incoming.rows]).astype(np.int32),
    }
    if base is not None:
        old = {name: Store(base.folder).get(f"numbers.{name}") for name in columns}
        kept = ~np.isin(old["ordinal"], target)
        columns = {name: np.concatenate((old[name][kept], columns[name])) for name in columns}
    order = np.argsort(columns["hash"], kind="stable")
    for name, column in columns.items():
        store.put(f"numbers.{name}", column[order])


def _shard_numbers(shards: Sequence[PartShard], name: str, dtype: type) -> Array:
    columns = [read_column(shard.folder / f"{name}.column", dtype) for shard in shards]
    return np.concatenate(columns) if columns else np.empty(0, dtype)


def _write_ids(store: Store, ids: Sequence[str], alive: Bools) -> None:
    store.put_records("part_ids", [text.encode() for text in ids])
    hashes = hash_strings(ids)
    live = np.flatnonzero(alive)
    order = live[np.argsort(hashes[live], kind="stable")]
    store.put("part_ids.hash", hashes[order])
    store.put("part_ids.ordinal", order.astype(np.int32))


def load_ordinals(folder: Path) -> dict[str, int]:
    """Part id → ordinal of live parts, as a worker process reads it."""
    store = Store(folder)
    records = store.records("part_ids")
    live = store.get("part_ids.ordinal")
    return {records[one].decode(): one for one in live.tolist()}
