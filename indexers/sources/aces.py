"""ACES files, read once: translated into contract rows on disk, and on the way what vehicles and parts they name."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from indexers.collector import uncollected
from indexers.errors import UnreadableSource
from indexers.rows import RowKind
from indexers.sources.aces_apps import TREES, App, Apps, Asks, Header
from indexers.sources.aces_names import VEHICLE
from indexers.sources.blocks import Block
from indexers.sources.delimited import blocks_of
from indexers.sources.lines import LinesPiece, cut
from indexers.sources.reference import NOTHING_KNOWN, Reference
from indexers.sources.xml_records import Node, XmlFile

LINES_AT_ONCE = 2000

UNKNOWN: Final = "unknown"
"""What stands for a part that no App named yet."""

Numbered = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class Delivery:
    """What one file names. `vehicles` and `parts` are contract rows by id, with the App that named them first."""

    file: Path
    rows: Path
    """Its Apps as contract rows, one a line."""
    version: str = ""
    header: Header = field(default_factory=Header)
    vehicles: dict[str, Numbered] = field(default_factory=dict)
    parts: dict[str, Numbered] = field(default_factory=dict)
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
    """Applications of one file, as they were translated: lines are the positions of the Apps (from 1)."""

    kind: RowKind
    file: Path
    rows: LinesPiece

    @property
    def size(self) -> int:
        """Bytes of the rows."""
        return self.rows.size

    @property
    def renumbers(self) -> bool:
        """Pieces of one file continue each other."""
        return True

    def blocks(self) -> Iterator[Block]:
        """Rows, one an App."""
        return self.rows.blocks()


@dataclass(frozen=True, slots=True)
class NamedPiece:
    """The vehicles or parts that a file names, as found by `read_delivery`."""

    kind: RowKind
    file: Path
    rows: Sequence[Numbered]

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

    def pieces(self, kind: RowKind, count: int = 1) -> list[AcesPiece] | list[NamedPiece]:
        """The files, to be read for one kind of row; applications cut into `count` pieces a file."""
        if kind is RowKind.APPLICATIONS:
            return [AcesPiece(kind, one.file, rows) for one in self.found for rows in cut(kind, one.rows, count)]
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
    """Read every file once: what it names, and its Apps as contract rows in `folder`. Raises `UnreadableSource`."""
    rows = (folder / f"aces-{number}.jsonl" for number in itertools.count())
    return Deliveries([read_delivery(file, one, reference) for file, one in zip(files, rows, strict=False)])


def read_delivery(file: Path, rows: Path, reference: Reference) -> Delivery:
    """Read one file, its Apps into `rows`. Raises `UnreadableSource`."""
    if not file.is_file():
        raise UnreadableSource(str(file), "there is no such file")
    xml = XmlFile(file, "ACES", "App", TREES)
    reader = _Reader(Delivery(file, rows), Apps(xml, reference), reference)
    with rows.open("wb") as out, uncollected():
        reader.read(out)
    reader.delivery.version = xml.root.attributes.get("version", "")
    return reader.delivery


class _Reader:
    """Translates the Apps as they go by, and notes what they name for the first time."""

    def __init__(self, delivery: Delivery, apps: Apps, reference: Reference) -> None:
        self.delivery = delivery
        self._apps = apps
        self._reference = reference
        self._parts: dict[tuple[bytes, bytes], App | None] = {}
        self._bases: set[bytes] = set()

    def read(self, out: BinaryIO) -> None:
        """Read the file to its end."""
        parts, bases, line, lines = self._parts, self._bases, self._apps.line, list[bytes]()
        for app in self._apps:
            if isinstance(app, Node):
                self._tree(app)
                continue
            _, asks, sells, _, base, part = app
            if base:
                if base not in bases:
                    self._base(app)
            elif not asks.seen:
                self._named(app, asks)
            known = parts.get((sells.owner, part), UNKNOWN)
            lists_none = app.lists_none if known is UNKNOWN else known is None
            if known is UNKNOWN:
                self._part(app, lists_none)
            lines.append(line(app, lists_none))
            if len(lines) == LINES_AT_ONCE:
                out.write(b"\n".join(lines) + b"\n")
                lines.clear()
        out.write(b"".join(one + b"\n" for one in lines))
        self._finish()

    def _finish(self) -> None:
        for named in self._parts.values():
            if named is not None:
                row = part_of(named, self._reference, self.delivery.images)
                self.delivery.parts[row["part_id"]] = (named.number, row)

    def _tree(self, node: Node) -> None:
        if node.name == "Header":
            self.delivery.header = self._apps.header
        elif node.name == "Asset":
            self.delivery.assets += 1
        elif where := node.said("URI") or node.said("FileName"):
            self.delivery.images.setdefault(node.attributes.get("AssetName", ""), where)

    def _part(self, app: App, lists_none: bool) -> None:
        """A part named for the first time."""
        if app.error is None and app.sells.action != "D":
            self._parts[app.sells.owner, app.part] = None if lists_none else app

    def _base(self, app: App) -> None:
        if app.error is None and app.sells.action != "D":
            self._bases.add(app.base)
            base = _text(app.base)
            self._vehicle(app, "BaseVehicle", base, {"BaseVehicle": base}, None)

    def _named(self, app: App, asks: Asks) -> None:
        """The vehicles an App implies that names them otherwise than by a base vehicle."""
        if app.error is not None or app.sells.action == "D":
            return
        asks.seen = True
        ids = {name: values[0] for name, values in asks.where.items() if name in VEHICLE}
        years = _range(asks.years or (None, None))
        if "EquipmentBase" in ids:
            self._vehicle(app, "EquipmentBase", ids["EquipmentBase"], ids, None)
        for maker, model in (("Make", "Model"), ("Mfr", "EquipmentModel")):
            if maker in ids and model in ids:
                for year in [*years] or [None]:
                    self._vehicle(app, ids[maker], ids[model], {name: ids[name] for name in (maker, model)}, year)

    def _vehicle(self, app: App, make: str, model: str, ids: Mapping[str, str], year: int | None) -> None:
        row = {"vehicle_id": f"{make}:{model}" if year is None else f"{make}:{model}:{year}", "make": make,
               "model": model, "year": year, "attributes": dict(ids)}  # fmt: skip
        if year is None:
            del row["year"]
        self.delivery.vehicles.setdefault(str(row["vehicle_id"]), (app.number, row))


def part_of(app: App, reference: Reference, images: Mapping[str, str]) -> dict[str, Any]:
    """The part an App names, as far as the App says what it is."""
    brand, number = app.sells.brand, app.part_number
    part_type = reference.part_type(app.sells.part_type)
    row = {
        "part_id": f"{brand}:{number}", "brand": brand, "part_number": number, "part_type": part_type,
        "title": {"en": f"{brand} {number} {part_type}"},
    }  # fmt: skip
    image = images.get(app.sells.asset)
    return row if image is None else {**row, "image": image}


def _range(ends: Sequence[int | None]) -> range:
    first, last = ends
    return range(0) if first is None or last is None else range(first, last + 1)


def _text(json: bytes) -> str:
    return str(msgspec.json.decode(b'"' + json + b'"'))
