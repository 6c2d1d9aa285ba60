"""Apps as columns of numbers on disk, one entry an App, and what their distinct halves mean.

Nearly every App is one regular expression and a handful of look-ups: its two halves are spelled alike in very many
others, and only a spelling that is new is read as XML. Nothing is kept per App in memory.
"""

from __future__ import annotations

import itertools
import pickle
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import numpy as np

from indexers.columns import Appender, Blob, Int32s, read_column
from indexers.memo import Memo, read_notes, read_places, read_selector
from indexers.sources.aces_apps import Asks, Fault, Header, Sells, asks_of, halves, header_of, sells_of
from indexers.sources.reference import Reference
from indexers.sources.xml_records import Node, Record, XmlFile, tree_of

MOST_SPELLINGS = 50_000
"""Spellings of halves remembered at once, under 1 kB each; 1,000,000 Apps of `benchmarks.aces` have about 40,000."""

NONE: Final = -1
"""No base vehicle, no note, nothing kept."""
FOREIGN: Final = -2
"""A half that only the whole App explains: its elements do not stand in the usual order."""

COLUMNS = ("base", "asks", "sells", "part")

_PLAIN = re.compile(
    rb'\s*+<App((?:\s++(?!id=)\w++="[^"]*+")*+)\s++id="(\d{1,18}+)"([^>]*+)>'
    rb'(?:\s*+<BaseVehicle\s++id="(\d{1,18}+)"\s*+(?:/>|></BaseVehicle>))?+(\s*+(?:<(?!Qty>)[^<]*+)*+)'
    rb"((?:<(?!Part[N\s>])[^<]*+)*+<Part[^>]*+>)([^<&\x00-\x1f]++)(</Part.*)",
    re.DOTALL,
)
"""An App as nearly all are written, cut where what it asks ends. What this does not match is read by element."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class Spellings(dict[Any, int]):
    """Spelling → number, given by `number` the first time; forgets all when it knows too many."""

    def __init__(self, number: Callable[[Any], int], most: int | None = MOST_SPELLINGS) -> None:
        super().__init__()
        self._number = number
        self._most = most

    def __missing__(self, spelling: Any) -> int:
        if self._most is not None and len(self) >= self._most:
            self.clear()
        found = self[spelling] = self._number(spelling)
        return found


class _Brands(dict[str, Spellings]):
    """Brand → the numbers of its parts by their spelling; the numbers are those of (brand, part number)."""

    def __init__(self, parts: Numbered) -> None:
        super().__init__()
        self._parts = parts

    def __missing__(self, brand: str) -> Spellings:
        found = self[brand] = Spellings(lambda part: self._parts.number((brand, text_of(part))), None)
        return found


class Numbered:
    """Distinct values by number, from 0 in order of appearance."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        """The value's number."""
        found = self._numbers.setdefault(value, len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found


@dataclass(frozen=True, slots=True)
class AskRow:
    """A half that asks: numbers of its records among `Meanings`, and what is wrong with it."""

    selector: int
    where: int
    notes: int
    kept: int
    names_vehicle: bool
    vehicles: tuple[tuple[str, str], ...]
    years: tuple[int | None, int | None] | None
    error: Fault | None


@dataclass(frozen=True, slots=True)
class SellRow:
    """A half about the part: numbers of its records, and the rest that the build asks."""

    brand: str
    position: int
    detail: int
    part_type: str
    asset: str
    deletes: bool
    error: Fault | None


@dataclass(slots=True)
class Meanings:
    """What the numbers in the columns stand for; records are as application shards have them.

    `parts` are brands and part numbers; `where` are JSON objects (attribute → ids); `kept` and `details` (pairs) make a
    detail record.
    """

    asks: list[AskRow]
    sells: list[SellRow]
    bases: list[str]
    parts: list[tuple[str, str]]
    selectors: list[bytes]
    where: list[bytes]
    notes: list[bytes]
    positions: list[bytes]
    kept: list[bytes]
    details: list[bytes]

    def save(self, folder: Path) -> None:
        """Write each list into a file of its own."""
        for name in MEANINGS:
            left = iter(getattr(self, name))
            with (folder / f"{name}.meanings").open("wb") as out:
                while some := list(itertools.islice(left, MEANINGS_AT_ONCE)):
                    pickle.dump(some, out, pickle.HIGHEST_PROTOCOL)

    @staticmethod
    def load(folder: Path) -> Meanings:
        """What `save` wrote."""
        return Meanings(**{name: list(meanings_in(folder, name)) for name in MEANINGS})


MEANINGS_AT_ONCE = 1 << 10
MEANINGS = tuple(field.name for field in fields(Meanings))


def meanings_in(folder: Path, name: str) -> Iterator[Any]:
    """One list of the `Meanings` saved in a folder, entry by entry."""
    path = folder / f"{name}.meanings"
    with path.open("rb") as file:
        while file.tell() < path.stat().st_size:
            yield from pickle.load(file)


class AppColumns:
    """Reads the Apps of one delivery into `folder` (made here); a context; columns and meanings are there after it."""

    def __init__(self, xml: XmlFile, folder: Path, reference: Reference) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self.header = Header()
        self.count = 0
        self._xml = xml
        self._reference = reference
        self._asks, self._sells, self._bases, self._parts = Numbered(), Numbered(), Numbered(), Numbered()
        self._where, self._kept, self._details = Numbered(), Numbered(), Numbered()
        self._selector = Memo(lambda spelling: read_selector(spelling, ()))
        self._notes, self._position = Memo(read_notes), Memo(read_places)
        self._asks_of: Spellings = Spellings(self._asked)
        self._sells_of: Spellings = Spellings(self._sold)
        self._base_of = Spellings(lambda base: self._bases.number(base.decode()), None)
        self._base_of[None] = NONE
        self._parts_of = _Brands(self._parts)
        self._columns = {name: Appender(folder / f"{name}.column", np.int32) for name in COLUMNS}
        self._ids = Blob(folder, "ids")

    def read(self) -> Iterator[Node]:
        """Read the file to its end; yields the trees kept, in the file's order."""
        for pieces in self._xml.pieces():
            found = list(map(_PLAIN.fullmatch, pieces))
            first = 0
            for gap in [*(at for at, one in enumerate(found) if one is None), len(found)]:
                if first < gap:
                    yield from self._plain(pieces[first:gap], [one.groups() for one in found[first:gap] if one])
                if gap < len(found):
                    yield from self._slowly(pieces[gap])
                first = gap + 1

    def _plain(self, pieces: Sequence[bytes], cut: Sequence[Sequence[bytes]]) -> Iterator[Node]:
        """Apps in a row, as pieces and cut by `_PLAIN`; those with a foreign half are read by element."""
        before, ids, after, bases, asked, sold, parts, rests = zip(*cut, strict=True)
        asks = list(map(self._asks_of.__getitem__, asked))
        sells = list(map(self._sells_of.__getitem__, zip(before, after, sold, rests, strict=True)))
        base = list(map(self._base_of.__getitem__, bases))
        first = 0
        for gap in [*_foreign(asks, sells), len(pieces)]:
            try:
                self._append(base[first:gap], asks[first:gap], sells[first:gap], parts[first:gap], ids[first:gap])
            except ValueError:
                for piece in pieces[first:gap]:
                    yield from self._slowly(piece)
            if gap < len(pieces):
                yield from self._slowly(pieces[gap])
            first = gap + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for column in self._columns.values():
            column.close()
        self._ids.close()
        del self._asks_of, self._sells_of, self._base_of, self._parts_of  # which refer to this and would keep it alive
        Meanings(
            self._asks.values, self._sells.values, self._bases.values, self._parts.values, self._selector.records,
            self._where.values, self._notes.records, self._position.records, self._kept.values, self._details.values,
        ).save(self._folder)  # fmt: skip

    def _append(
        self, bases: Sequence[int], asks: Sequence[int], sells: Sequence[int], parts: Sequence[bytes],
        ids: Sequence[bytes],
    ) -> None:  # fmt: skip
        """Add Apps. Raises `ValueError`, and adds none, if a part number is no text."""
        if not ids:
            return
        brands = {one: self._sells.values[one].brand for one in set(sells)}
        distinct = set(brands.values())
        if len(distinct) == 1:
            brand = distinct.pop()
            numbers = list(map(self._parts_of[brand].__getitem__, parts))
            prefix = f"{brand}:".encode()
            texts = [prefix + one for one in ids]
        else:
            numbers = [self._parts_of[brands[sell]][part] for sell, part in zip(sells, parts, strict=True)]
            texts = [f"{brands[sell]}:".encode() + one for sell, one in zip(sells, ids, strict=True)]
        for name, values in zip(COLUMNS, (bases, asks, sells, numbers), strict=True):
            self._columns[name].append(values)
        self._ids.append(texts)
        self.count += len(ids)

    def _slowly(self, piece: bytes) -> Iterator[Node]:
        for item in self._xml.items(piece):
            if isinstance(item, Record):
                self._record(item)
                continue
            if item.name == "Header":
                self.header = header_of(item)
                self._sells_of.clear()
            yield item

    def _record(self, record: Record) -> None:
        """An App by element."""
        try:
            tree = tree_of(*record)
        except ValueError as error:
            self._add(Asks(), Sells(error=Fault("", None, f"the App cannot be read: {error}")), "", "", "")
            return
        app_id = tree.attributes.pop("id", "").strip()
        asked, sold = halves(tree)
        bases = [node.attributes.get("id", "").strip() for node in asked.all("BaseVehicle")]
        part = sold.first("Part")
        asks = asks_of(asked, self._reference)
        sells = sells_of(sold, self.header, self._reference)
        sells.error = _misses(app_id, part is not None, bases) or sells.error
        self._add(asks, sells, "".join(bases), part.text if part else "", app_id)

    def _add(self, asks: Asks, sells: Sells, base: str, part: str, app_id: str) -> None:
        """One App; one without an id has its place in the file for one, by which nobody asks."""
        self._append(
            [self._bases.number(base) if base else NONE], [self._ask(asks)], [self._sell(sells)],
            [part.encode()], [(app_id or f"#{self.count + 1}").encode()],
        )  # fmt: skip

    def _asked(self, spelling: bytes) -> int:
        try:
            asked, sold = halves(tree_of(b"", spelling))
        except ValueError:
            return FOREIGN
        if sold.children or asked.first("BaseVehicle"):
            return FOREIGN
        return self._ask(asks_of(asked, self._reference))

    def _sold(self, spelling: tuple[bytes, bytes, bytes, bytes]) -> int:
        before, after, sold, rest = spelling
        try:
            tree = tree_of(before + after, sold + b"1" + rest)
        except ValueError:
            return FOREIGN
        asked, told = halves(tree)
        if asked.children or len(told.all("Part")) > 1:
            return FOREIGN
        return self._sell(sells_of(told, self.header, self._reference))

    def _ask(self, asks: Asks) -> int:
        vehicle = {} if asks.years is None else {"years": asks.years}
        row = AskRow(
            self._selector[_encode(vehicle)], self._where.number(_encode(asks.where)),
            self._notes[_encode(asks.notes)] if asks.notes else NONE,
            self._kept.number(_encode(asks.kept)) if asks.kept else NONE, asks.names_vehicle,
            tuple((name, ids[0]) for name, ids in asks.where.items()), asks.years, asks.error,
        )  # fmt: skip
        return self._asks.number(row)

    def _sell(self, sells: Sells) -> int:
        told = {"quantity": sells.quantity, "file": self._xml.file.name, "date": self.header.date}
        detail = self._details.number(_encode((told, sells.kept)))
        position = self._position[_encode(sells.position)] if sells.position else NONE
        row = SellRow(sells.brand, position, detail, sells.part_type, sells.asset, sells.action == "D", sells.error)
        return self._sells.number(row)


def _misses(app_id: str, part: bool, bases: Sequence[str]) -> Fault | None:
    """What an App must have and lacks."""
    if not part:
        return Fault("Part", None, "is required")
    if not app_id:
        return Fault("id", None, "is required")
    if len(bases) > 1:
        return Fault("BaseVehicle", ", ".join(bases), "an App has one base vehicle; write one App for each")
    return Fault("BaseVehicle", None, "has no id") if "" in bases else None


def text_of(content: bytes) -> str:
    """The text of an element that holds nothing else, blanks collapsed. Raises `ValueError` for what is no text."""
    return " ".join(content.decode().split()) if content.isascii() else tree_of(b"", content).text


def _foreign(asks: Sequence[int], sells: Sequence[int]) -> list[int]:
    """Where one of the halves is `FOREIGN`."""
    if FOREIGN not in asks and FOREIGN not in sells:
        return []
    return [at for at, pair in enumerate(zip(asks, sells, strict=True)) if FOREIGN in pair]


def columns_in(folder: Path) -> dict[str, Int32s]:
    """The columns written by `AppColumns`, memory-mapped."""
    return {name: read_column(folder / f"{name}.column", np.int32) for name in COLUMNS}
