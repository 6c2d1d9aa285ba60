"""ACES files, read once: their Apps into columns on disk, and on the way what vehicles and parts they name."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from indexers.assets import INFORMATION, ROW, Asset
from indexers.collector import uncollected
from indexers.columns import Bools, Int32s, Int64s, runs
from indexers.errors import UnreadableSource
from indexers.read_applications import ApplicationShard
from indexers.rows import RowKind
from indexers.sources.aces_apps import TREES, Header
from indexers.sources.aces_columns import NONE, AppColumns, AskRow
from indexers.sources.aces_names import CANONICAL, VEHICLE
from indexers.sources.aces_shard import ReadApps, write_shard
from indexers.sources.blocks import Block
from indexers.sources.delimited import blocks_of
from indexers.sources.reference import NOTHING_KNOWN, Reference
from indexers.sources.xml_records import Node, XmlFile

NamedRow = tuple[int, dict[str, Any]]
"""A contract row and the App (from 1) that named it first."""


@dataclass(slots=True)
class Delivery:
    """One file. `named` makes the rows of what it names, so that they need no memory between."""

    file: Path
    apps: ReadApps
    named: Named
    version: str = ""
    header: Header = field(default_factory=Header)
    assets: Sequence[Asset] = ()

    @property
    def brands(self) -> frozenset[str]:
        """Whose applications a full delivery replaces: the header's brand, or without one all that its parts have."""
        named = {brand for brand, _ in self.named.part_numbers()}
        return frozenset((self.header.brand,)) if self.header.names_brand or not named else frozenset(named)

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
    """The vehicles or parts that a file names."""

    kind: RowKind
    file: Path
    named: Named

    @property
    def size(self) -> int:
        """Rows count as bytes here; they are few."""
        return self.named.count(self.kind)

    @property
    def renumbers(self) -> bool:
        """Apps are numbered through the file."""
        return False

    def blocks(self) -> Iterator[Block]:
        """The rows."""
        return blocks_of(self.named.rows(self.kind))

    def without(self, known: Callable[[str], object] | None) -> NamedPiece:
        """The parts of which `known` gives `None`; none without it."""
        return replace(self, named=self.named.without(known))


@dataclass(frozen=True, slots=True)
class Deliveries:
    """All ACES files of a build, in the order given."""

    found: Sequence[Delivery]

    def pieces(self, kind: RowKind) -> list[AcesPiece] | list[NamedPiece]:
        """The files, to be read for one kind of row."""
        if kind is RowKind.APPLICATIONS:
            return [AcesPiece(kind, one.file, one.apps) for one in self.found]
        return [NamedPiece(kind, one.file, one.named) for one in self.found if one.named.count(kind)]

    @property
    def assets(self) -> list[Asset]:
        """What pictures and documents they describe."""
        return [asset for one in self.found for asset in one.assets]

    @property
    def replaced(self) -> tuple[frozenset[str], frozenset[str]]:
        """What the deliveries stand for as a whole: brands of the full ones, and parts (ids) of the updates."""
        brands = frozenset(brand for one in self.found if one.is_full for brand in one.brands)
        updated = (pair for one in self.found if one.is_update for pair in one.named.part_numbers())
        return brands, frozenset(f"{brand}:{number}" for brand, number in updated)


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
    assets: list[Asset] = []
    with uncollected():
        with AppColumns(xml, folder, reference) as columns:
            for node in columns.read():
                if node.name != "Header":
                    assets.append(_asset(node, columns.header.brand))
                if node.name == INFORMATION and (where := node.said("URI") or node.said("FileName")):
                    images.setdefault(node.attributes.get("AssetName", ""), where)
        apps = ReadApps(file, folder, reference)
        named = Named(apps, images)
        return Delivery(file, apps, named, xml.root.attributes.get("version", ""), columns.header, assets)


def _asset(node: Node, brand: str) -> Asset:
    for child in node.children:
        child.name = CANONICAL.get(child.name, child.name)
    said = node.attributes
    key = said.get("id", "") if node.name == ROW else f"{said.get('AssetName', '')}|{node.said('FileName')}"
    gone = said.get("action", "A").strip().upper() == "D"
    return Asset(brand, node.name, key, "" if gone else node.xml())


class Named:
    """What the Apps of a delivery name for the first time; those without meaning and deletions name nothing.

    `adds` is false where no App adds anything.
    `images` are the addresses, else the file names, of the assets that the delivery describes.
    """

    def __init__(self, apps: ReadApps, images: Mapping[str, str]) -> None:
        self.images = images
        self._apps = apps
        columns = apps.columns()

        def counts(some: slice) -> Bools:
            here = {name: column[some] for name, column in columns.items()}
            return ~(apps.bad(here) | apps.deletes(here))

        none = apps.lists_none()
        parts = _firsts(columns["part"], counts)
        self._parts = parts[:, ~none[parts[0]]]
        self.adds = parts.size > 0
        self._sells = columns["sells"][self._parts[1]]
        base = columns["base"]
        self._bases = _firsts(base, lambda some: counts(some) & (base[some] != NONE))
        self._asks = _firsts(columns["asks"], lambda some: counts(some) & (base[some] == NONE))

    def count(self, kind: RowKind) -> int:
        """How many parts, or Apps that name vehicles for the first time."""
        return len(self._parts[0]) if kind is RowKind.PARTS else len(self._bases[0]) + len(self._asks[0])

    def rows(self, kind: RowKind) -> Iterator[NamedRow]:
        """Contract rows of parts or vehicles, by id, in the order in which Apps name them."""
        return self._part_rows() if kind is RowKind.PARTS else self._vehicle_rows()

    def part_numbers(self) -> Iterator[tuple[str, str]]:
        """Brand and number of every part."""
        parts = self._apps.told("parts")
        return (parts[part] for part in self._parts[0].tolist())

    def without(self, known: Callable[[str], object] | None) -> Named:
        """The same with only the parts of which `known` gives `None`; with none of them without it."""
        kept = [known is not None and known(f"{brand}:{number}") is None for brand, number in self.part_numbers()]
        chosen = np.array(kept, np.bool_)
        found = copy(self)
        found._parts, found._sells = self._parts[:, chosen], self._sells[chosen]
        return found

    def _part_rows(self) -> Iterator[NamedRow]:
        told, all_sells, reference = self._apps.told("parts"), self._apps.told("sells"), self._apps.reference
        for part, app, sell in zip(*self._parts.tolist(), self._sells.tolist(), strict=True):
            brand, number = told[part]
            sells = all_sells[sell]
            yield app + 1, _part(brand, number, reference.part_type(sells.part_type), self._image(sells.asset, number))

    def _image(self, asset: str, number: str) -> str | None:
        """The file of the asset an App names; else one named as the part is, as `export_aces` names pictures."""
        return self.images.get(asset) or self.images.get(number)

    def _vehicle_rows(self) -> Iterator[NamedRow]:
        bases, asks = self._apps.told("bases"), self._apps.told("asks") if self._asks.size else []
        named = [(app, NONE, base) for base, app in self._bases.T.tolist()]
        named += [(app, ask, NONE) for ask, app in self._asks.T.tolist()]
        seen = set()
        for app, ask, base in sorted(named):
            for row in _implied(asks[ask]) if base == NONE else (_base_vehicle(bases[base]),):
                if row["vehicle_id"] not in seen:
                    seen.add(row["vehicle_id"])
                    yield app + 1, row


def _firsts(column: Int32s, chosen: Callable[[slice], Bools]) -> Int64s:
    """Numbers that stand in a column at the chosen rows, and the first row each stands in; in the order of rows."""
    first = np.full(int(column.max(initial=-1)) + 1, NONE, np.int64)
    for some in reversed([*runs(len(column))]):
        rows = np.flatnonzero(chosen(some))[::-1]
        first[column[some][rows]] = rows + some.start
    found = np.flatnonzero(first != NONE)
    order = np.argsort(first[found], kind="stable")
    return np.stack((found[order], first[found][order]))


def _part(brand: str, number: str, part_type: str, image: str | None) -> dict[str, Any]:
    """A part as far as the App that names it first says what it is."""
    row = {
        "part_id": f"{brand}:{number}", "brand": brand, "part_number": number, "part_type": part_type,
        "title": {"en": f"{brand} {number} {part_type}"},
    }  # fmt: skip
    return row if image is None else {**row, "image": image}


def _base_vehicle(base: str) -> dict[str, Any]:
    return _vehicle("BaseVehicle", base, {"BaseVehicle": base}, None)


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
