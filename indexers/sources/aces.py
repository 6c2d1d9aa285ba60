"""ACES files, read once: their Apps into columns on disk, and on the way what vehicles and parts they name."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from indexers.collector import uncollected
from indexers.columns import Bools, Int32s
from indexers.errors import UnreadableSource
from indexers.read_applications import ApplicationShard
from indexers.rows import RowKind
from indexers.sources.aces_apps import TREES, Header
from indexers.sources.aces_columns import NONE, AppColumns, AskRow, SellRow
from indexers.sources.aces_names import VEHICLE
from indexers.sources.aces_shard import ReadApps, write_shard
from indexers.sources.blocks import Block
from indexers.sources.delimited import blocks_of
from indexers.sources.reference import NOTHING_KNOWN, Reference
from indexers.sources.xml_records import XmlFile

NamedRow = tuple[int, dict[str, Any]]
"""A contract row and the App (from 1) that named it first."""


@dataclass(slots=True)
class Delivery:
    """What one file names. `vehicles` and `parts` are by id."""

    file: Path
    apps: ReadApps
    version: str = ""
    header: Header = field(default_factory=Header)
    vehicles: dict[str, NamedRow] = field(default_factory=dict)
    parts: dict[str, NamedRow] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    """The address, else the file name, of each asset that the delivery describes."""
    assets: int = 0
    """Rows that say for which vehicles a picture is good; they are no applications."""

    @property
    def brands(self) -> frozenset[str]:
        """Whose applications a full delivery replaces: the header's brand, or without one all that its parts have."""
        if self.header.names_brand or not self.parts:
            return frozenset((self.header.brand,))
        return frozenset(part["brand"] for _, part in self.parts.values())

    @property
    def is_full(self) -> bool:
        """True if it holds all applications of its brands."""
        return self.header.submission == "FULL"

    @property
    def is_update(self) -> bool:
        """True if it holds all applications of the parts it names; a net change holds single ones."""
        return self.header.submission in ("UPDATE", "UPD")


@dataclass(frozen=True, slots=True)
class AcesPiece:
    """Applications of one file, which are columns already: `read_applications` asks for its shard, not for rows."""

    kind: RowKind
    file: Path
    apps: ReadApps

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.file.stat().st_size

    @property
    def renumbers(self) -> bool:
        """Apps are numbered through the file."""
        return False

    def blocks(self) -> Iterator[Block]:
        """None: there are no rows to decode."""
        return iter(())

    def shard(self, folder: Path, parts: Mapping[str, int]) -> ApplicationShard:
        """The applications, in `folder` (made here); lines are the positions of the Apps (from 1)."""
        return write_shard(self.apps, folder, parts)


@dataclass(frozen=True, slots=True)
class NamedPiece:
    """The vehicles or parts that a file names, as found by `read_delivery`."""

    kind: RowKind
    file: Path
    rows: Sequence[NamedRow]

    @property
    def size(self) -> int:
        """Rows count as bytes here; they are few."""
        return len(self.rows)

    @property
    def renumbers(self) -> bool:
        """Apps are numbered through the file."""
        return False

    def blocks(self) -> Iterator[Block]:
        """The rows."""
        return blocks_of(self.rows)

    def without(self, known: Callable[[str], object] | None) -> NamedPiece:
        """The parts of which `known` gives `None`; none without it."""
        rows = [one for one in self.rows if known is not None and known(one[1]["part_id"]) is None]
        return NamedPiece(self.kind, self.file, rows)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """All ACES files of a build, in the order given."""

    found: Sequence[Delivery]

    def pieces(self, kind: RowKind) -> list[AcesPiece] | list[NamedPiece]:
        """The files, to be read for one kind of row."""
        if kind is RowKind.APPLICATIONS:
            return [AcesPiece(kind, one.file, one.apps) for one in self.found]
        rows = [one.parts if kind is RowKind.PARTS else one.vehicles for one in self.found]
        return [
            NamedPiece(kind, one.file, list(some.values())) for one, some in zip(self.found, rows, strict=True) if some
        ]

    @property
    def replaced(self) -> tuple[frozenset[str], frozenset[str]]:
        """What the deliveries stand for as a whole: brands of the full ones, and parts (ids) of the updates."""
        brands = frozenset(brand for one in self.found if one.is_full for brand in one.brands)
        return brands, frozenset(part for one in self.found if one.is_update for part in one.parts)


NO_DELIVERIES = Deliveries(())


def read_deliveries(files: Iterable[Path], folder: Path, reference: Reference = NOTHING_KNOWN) -> Deliveries:
    """Read every file once: what it names, and its Apps as columns in `folder`. Raises `UnreadableSource`."""
    folders = (folder / f"aces-{number}" for number in itertools.count())
    return Deliveries([read_delivery(file, one, reference) for file, one in zip(files, folders, strict=False)])


def read_delivery(file: Path, folder: Path, reference: Reference) -> Delivery:
    """Read one file, its Apps into `folder` (made here). Raises `UnreadableSource`."""
    if not file.is_file():
        raise UnreadableSource(str(file), "there is no such file")
    xml = XmlFile(file, "ACES", "App", TREES)
    images: dict[str, str] = {}
    assets = 0
    with uncollected():
        with AppColumns(xml, folder, reference) as columns:
            for node in columns.read():
                if node.name == "Asset":
                    assets += 1
                elif node.name != "Header" and (where := node.said("URI") or node.said("FileName")):
                    images.setdefault(node.attributes.get("AssetName", ""), where)
        apps = ReadApps(file, folder, columns.meanings(), reference)
        named = _Named(apps, reference, images)
        return Delivery(
            file, apps, xml.root.attributes.get("version", ""), columns.header, named.vehicles(), named.parts(), images,
            assets,
        )  # fmt: skip


class _Named:
    """What the Apps of a delivery name for the first time; those without meaning and deletions name nothing."""

    def __init__(self, apps: ReadApps, reference: Reference, images: Mapping[str, str]) -> None:
        self._apps = apps
        self._meanings = apps.meanings
        self._reference = reference
        self._images = images
        self._columns = apps.columns()
        self._counts = ~(apps.bad(self._columns) | apps.deletes(self._columns))

    def parts(self) -> dict[str, NamedRow]:
        """Parts by id, as far as the App that names one first says what it is."""
        sells, none = self._columns["sells"], self._apps.lists_none()
        found = {}
        for part, app in self._firsts("part", self._counts):
            if not none[part]:
                row = self._part(*self._meanings.parts[part], self._meanings.sells[sells[app]])
                found[row["part_id"]] = (app + 1, row)
        return found

    def _part(self, brand: str, number: str, sells: SellRow) -> dict[str, Any]:
        part_type = self._reference.part_type(sells.part_type)
        row = {
            "part_id": f"{brand}:{number}", "brand": brand, "part_number": number, "part_type": part_type,
            "title": {"en": f"{brand} {number} {part_type}"},
        }  # fmt: skip
        image = self._images.get(sells.asset)
        return row if image is None else {**row, "image": image}

    def vehicles(self) -> dict[str, NamedRow]:
        """Vehicles by id: base vehicles, and what other ways of naming one imply."""
        based = self._columns["base"] != NONE
        found = [
            (app + 1, _vehicle("BaseVehicle", base, {"BaseVehicle": base}, None))
            for number, app in self._firsts("base", self._counts & based)
            for base in (self._meanings.bases[number],)
        ]
        for number, app in self._firsts("asks", self._counts & ~based):
            found.extend((app + 1, row) for row in _implied(self._meanings.asks[number]))
        found.sort(key=lambda one: one[0])
        named: dict[str, NamedRow] = {}
        for app, row in found:
            named.setdefault(row["vehicle_id"], (app, row))
        return named

    def _firsts(self, name: str, chosen: Bools) -> list[tuple[int, int]]:
        """Numbers that stand in a column of the chosen Apps, each with the first App it stands in, in that order."""
        rows = np.flatnonzero(chosen)[::-1]
        numbers: Int32s = self._columns[name][rows]
        first = np.full(int(numbers.max(initial=-1)) + 1, NONE, np.int64)
        first[numbers] = rows
        found = np.flatnonzero(first != NONE)
        order = np.argsort(first[found], kind="stable")
        return list(zip(found[order].tolist(), first[found][order].tolist(), strict=True))


def _implied(asks: AskRow) -> Iterator[dict[str, Any]]:
    """The vehicles an App implies that names them otherwise than by a base vehicle."""
    ids = {name: one for name, one in asks.vehicles if name in VEHICLE}
    if "EquipmentBase" in ids:
        yield _vehicle("EquipmentBase", ids["EquipmentBase"], ids, None)
    for maker, model in (("Make", "Model"), ("Mfr", "EquipmentModel")):
        if maker in ids and model in ids:
            for year in [*_range(asks.years or (None, None))] or [None]:
                yield _vehicle(ids[maker], ids[model], {name: ids[name] for name in (maker, model)}, year)


def _vehicle(make: str, model: str, ids: Mapping[str, str], year: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {"vehicle_id": f"{make}:{model}" if year is None else f"{make}:{model}:{year}", "make": make,
                           "model": model, "attributes": dict(ids)}  # fmt: skip
    return row if year is None else {**row, "year": year}


def _range(ends: Sequence[int | None]) -> range:
    first, last = ends
    return range(0) if first is None or last is None else range(first, last + 1)
