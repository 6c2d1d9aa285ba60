"""Part rows → stored rows, columns and analysed texts: one process reads one piece and writes one *shard*."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np

from indexers.careful import read_row, shown
from indexers.collector import uncollected
from indexers.columns import Appender, Blob
from indexers.errors import BadRow
from indexers.hashing import hash_strings
from indexers.part_documents import PartDocuments
from indexers.progress import Tick
from indexers.quarantine import Quarantined, quarantined
from indexers.rows import Action, PartRow, RowKind, StoredPart, TypeName
from indexers.sources.blocks import Block, Piece
from indexers.text import forget_words, number_key
from indexers.vocabulary import Vocabulary, outside_id

COLUMNS = {
    "brand": np.int32, "part_type": np.int32, "quality": np.int32, "currency": np.int32, "position": np.int32,
    "price": np.float64, "listed": np.int32, "universal": np.uint8, "deleted": np.uint8, "numbers": np.int32,
}  # fmt: skip
WORDS = ("brand", "part_type", "quality", "currency", "position")
"""Columns of numbers into tables of words; -1 is none."""

NUMBER_KINDS = ("part_number", "oe", "interchange", "gtin")
"""Column `number_kind` holds indices into this; `numbers` says how many numbers a part has."""
INTERCHANGE_KINDS = frozenset({"oe", "equivalent", "supersedes", "superseded_by", "trade"})


@dataclass(slots=True)
class PartShard:
    """What one process found; `ids` in row order, deletions included."""

    folder: Path
    file: Path
    read: int = 0
    ids: list[str] = field(default_factory=list)
    bad: list[Quarantined] = field(default_factory=list)
    unknown_types: Counter[str] = field(default_factory=Counter)
    words: dict[str, list[str]] = field(default_factory=dict)
    lines: int = 0
    renumbers: bool = False


def read_parts(piece: Piece, folder: Path, vocabulary: Vocabulary, tick: Tick) -> PartShard:
    """Read one piece into `folder` (made here): stored rows, columns, and the hashes of all numbers of each part."""
    folder.mkdir(parents=True)
    with uncollected():
        reader = _Reader(piece, folder, vocabulary)
        for block in piece.blocks():
            reader.take(block)
            tick(len(block.data))
        forget_words()
        return reader.finish()


def day_of(text: str | None) -> int:
    """`YYYY-MM-DD` (a time may follow) or `YYYY-MM` in days since 0001-01-01; 0 if absent. Raises `BadRow`."""
    if not text:
        return 0
    try:
        return datetime.date.fromisoformat(text[:10] if len(text) >= 10 else f"{text}-01").toordinal()
    except ValueError:
        raise BadRow("listed_at", shown(text), "is no date (YYYY-MM-DD)") from None


def number_keys(part: StoredPart) -> tuple[list[str], list[str], list[str], list[str]]:
    """Comparable keys of a part's numbers: its own, OE, interchange, GTIN (each distinct, without empty ones)."""
    oe = [one.number for one in part.oe_numbers]
    other = [one.number for one in part.interchange if one.kind != "oe"]
    oe += [one.number for one in part.interchange if one.kind == "oe"]
    groups = ([part.part_number], oe, other, [part.gtin] if part.gtin else [])
    own, *rest = ([key for key in dict.fromkeys(map(number_key, group)) if key] for group in groups)
    return own, rest[0], rest[1], rest[2]


def language_of(text: str) -> dict[str, str]:
    """The text under its language: `zh` if it holds a Chinese character, else `en`."""
    return {"zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en": text}


class _Words:
    """Numbers of words in order of appearance."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def number(self, word: str | None) -> int:
        return -1 if word is None else self.numbers.setdefault(word, len(self.numbers))


class _Reader:
    def __init__(self, piece: Piece, folder: Path, vocabulary: Vocabulary) -> None:
        self._file = piece.file
        self._decoder = msgspec.json.Decoder(PartRow)
        self._encode = msgspec.json.Encoder().encode
        self._vocabulary = vocabulary
        self._type_memo: dict[str, TypeName] = {}
        self._outside: set[str] = set()
        self._day_memo: dict[str | None, int] = {}
        self._words = {name: _Words() for name in WORDS}
        self._columns = {name: Appender(folder / f"{name}.column", dtype) for name, dtype in COLUMNS.items()}
        self._json = Blob(folder, "json")
        self._fields = Blob(folder, "fields")
        self._documents = PartDocuments(vocabulary)
        self._pack = msgspec.msgpack.Encoder().encode
        self._hashes = Appender(folder / "number_hash.column", np.uint64)
        self._number_kinds = Appender(folder / "number_kind.column", np.uint8)
        self.shard = PartShard(folder, piece.file, renumbers=piece.renumbers)

    def take(self, block: Block) -> None:
        """Decode a block at once; if some row of it cannot be, row by row."""
        try:
            rows = self._decoder.decode_lines(block.data)
            if len(rows) != block.data.count(b"\n") + (not block.data.endswith(b"\n")):
                raise ValueError
            numbered = list(zip(map(block.line_of, range(len(rows))), rows, strict=True))
        except ValueError:
            numbered = self._one_by_one(block)
        self._append(numbered)
        self.shard.lines += block.data.count(b"\n")

    def finish(self) -> PartShard:
        """Close the files."""
        for column in self._columns.values():
            column.close()
        self._json.close()
        self._fields.close()
        self._hashes.close()
        self._number_kinds.close()
        self.shard.words = {name: list(words.numbers) for name, words in self._words.items()}
        return self.shard

    def _one_by_one(self, block: Block) -> list[tuple[int, PartRow]]:
        found = []
        for index, line in enumerate(block.data.split(b"\n")):
            if not line.strip():
                continue
            try:
                row = self._decoder.decode(line)
            except ValueError:
                try:
                    row = read_row(RowKind.PARTS, line)  # type: ignore[assignment]
                except BadRow as error:
                    self._refuse(block.line_of(index), error)
                    continue
            found.append((block.line_of(index), row))
        return found

    def _refuse(self, line: int, error: BadRow) -> None:
        self.shard.read += 1
        self.shard.bad.append(quarantined(RowKind.PARTS, self._file, line, error))

    def _append(self, rows: Sequence[tuple[int, PartRow]]) -> None:
        encoded: list[bytes] = []
        fields: list[bytes] = []
        numbers: list[str] = []
        number_kinds: list[int] = []
        ids: list[str] = []
        columns: dict[str, list[float]] = {name: [] for name in COLUMNS}
        for line, row in rows:
            try:
                stored, listed = self._stored(row), self._day(row.listed_at)
            except BadRow as error:
                self._refuse(line, error)
                continue
            encoded.append(self._encode(stored))
            ids.append(row.part_id)
            self._add_columns(columns, row, stored, listed)
            before = len(numbers)
            groups = number_keys(stored)
            fields.append(self._pack(self._documents.fields(stored, groups, listed)))
            for kind, keys in enumerate(groups):
                numbers.extend(keys)
                number_kinds.extend([kind] * len(keys))
            columns["numbers"].append(len(numbers) - before)
        self.shard.read += len(ids)
        self.shard.ids.extend(ids)
        self._json.append(encoded)
        self._fields.append(fields)
        self._hashes.append(hash_strings(numbers))
        self._number_kinds.append(number_kinds)
        for name, values in columns.items():
            self._columns[name].append(values)

    def _add_columns(self, columns: dict[str, list[float]], row: PartRow, stored: StoredPart, listed: int) -> None:
        words = self._words
        columns["brand"].append(words["brand"].number(stored.brand))
        columns["part_type"].append(words["part_type"].number(stored.part_type.id))
        columns["quality"].append(words["quality"].number(stored.quality))
        price = stored.price
        columns["currency"].append(words["currency"].number(price.currency if price else None))
        columns["price"].append(price.amount if price else float("nan"))
        columns["position"].append(words["position"].number("|".join(stored.position)))
        columns["listed"].append(listed)
        columns["universal"].append(stored.universal)
        columns["deleted"].append(row.action is Action.DELETE)

    def _stored(self, row: PartRow) -> StoredPart:
        position = [row.position] if isinstance(row.position, str) else row.position or []
        title = {lang: text for lang, text in row.title.items() if text.strip()}
        if not title and row.action is not Action.DELETE:
            raise BadRow("title", shown(row.title), "a title in at least one language is required")
        for one in row.interchange or ():
            if one.kind is not None and one.kind not in INTERCHANGE_KINDS:
                raise BadRow("interchange.kind", shown(one.kind), f"is none of {', '.join(sorted(INTERCHANGE_KINDS))}")
        return StoredPart(
            row.part_id, row.brand, row.part_number, self._type(row), position, title, row.description or {},
            row.attributes or {}, row.oe_numbers or [], row.interchange or [], row.gtin, row.price,
            bool(row.universal), row.quality, row.image, row.listed_at,
        )  # fmt: skip

    def _type(self, row: PartRow) -> TypeName:
        """The row's part type; one that the vocabulary lacks is counted, but for a part that is deleted."""
        name = row.part_type
        known = self._type_memo.get(name)
        if known is None:
            found = self._vocabulary.type_of(name)
            if found is None:
                known = TypeName(outside_id(name), language_of(name))
                self._outside.add(name)
            else:
                known = TypeName(found.id, {"en": found.name.en, "zh": found.name.zh})
            self._type_memo[name] = known
        if name in self._outside and row.action is not Action.DELETE:
            self.shard.unknown_types[name] += 1
        return known

    def _day(self, text: str | None) -> int:
        if text not in self._day_memo:
            self._day_memo[text] = day_of(text)
        return self._day_memo[text]
