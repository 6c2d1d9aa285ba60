"""ACES files as pieces of work: read through once for what they name, then again for the applications."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from indexers.errors import UnreadableSource
from indexers.rows import RowKind
from indexers.sources.aces_apps import TREES, App, Apps, Header, Template
from indexers.sources.aces_names import VEHICLE
from indexers.sources.blocks import BLOCK_BYTES, Block
from indexers.sources.delimited import blocks_of
from indexers.sources.reference import NOTHING_KNOWN, Reference
from indexers.sources.xml_records import Node, XmlFile

Numbered = tuple[int, dict[str, Any]]


@dataclass(slots=True)
class Delivery:
    """What one file names. `vehicles` and `parts` are contract rows by id, with the App that named them first."""

    file: Path
    version: str = ""
    header: Header = field(default_factory=Header)
    vehicles: dict[str, Numbered] = field(default_factory=dict)
    parts: dict[str, Numbered] = field(default_factory=dict)
    named: dict[str, Counter[str]] = field(default_factory=dict)
    """How many Apps name an id, by element."""
    first: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """The App (id, place in the file) that names an id of an element first."""
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
    """The applications of one file. `line` in its blocks is the position of the App (from 1)."""

    kind: RowKind
    file: Path
    reference: Reference

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.file.stat().st_size

    @property
    def renumbers(self) -> bool:
        """Apps are numbered through the file."""
        return False

    def blocks(self) -> Iterator[Block]:
        """Rows. An App whose part number says that there is none ends the application that had its id before.

        Raises `UnreadableSource` for XML that is no ACES, is damaged, or carries a DOCTYPE.
        """
        apps = Apps(xml_of(self.file), self.reference)
        lines: list[bytes] = []
        numbers: list[int] = []
        size = 0
        for app in apps:
            if isinstance(app, Node):
                continue
            line = apps.line(app)
            lines.append(line)
            numbers.append(app.number)
            size += len(line)
            if size >= BLOCK_BYTES:
                yield Block(b"\n".join(lines) + b"\n", numbers[0], numbers)
                lines, numbers, size = [], [], 0
        if lines:
            yield Block(b"\n".join(lines) + b"\n", numbers[0], numbers)


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
    reference: Reference

    def pieces(self, kind: RowKind) -> list[AcesPiece] | list[NamedPiece]:
        """The files, to be read for one kind of row."""
        if kind is RowKind.APPLICATIONS:
            return [AcesPiece(kind, one.file, self.reference) for one in self.found]
        rows = [one.parts if kind is RowKind.PARTS else one.vehicles for one in self.found]
        return [
            NamedPiece(kind, one.file, list(some.values())) for one, some in zip(self.found, rows, strict=True) if some
        ]

    @property
    def replaced(self) -> tuple[frozenset[str], frozenset[str]]:
        """What the deliveries stand for as a whole: brands of the full ones, and parts (ids) of the updates."""
        brands = frozenset(brand for one in self.found if one.is_full for brand in one.brands)
        return brands, frozenset(part for one in self.found if one.is_update for part in one.parts)


def read_deliveries(files: Iterable[Path], reference: Reference = NOTHING_KNOWN) -> Deliveries:
    """Read every file through once. Raises `UnreadableSource`."""
    return Deliveries([read_delivery(file, reference) for file in files], reference)


def read_delivery(file: Path, reference: Reference) -> Delivery:
    """What a file names. Raises `UnreadableSource`."""
    if not file.is_file():
        raise UnreadableSource(str(file), "there is no such file")
    xml = xml_of(file)
    reader = _Reader(Delivery(file), Apps(xml, reference), reference)
    reader.read()
    reader.delivery.version = xml.root.attributes.get("version", "")
    return reader.delivery


class _Reader:
    """Counts while the Apps go by, and says at the end what they name."""

    def __init__(self, delivery: Delivery, apps: Apps, reference: Reference) -> None:
        self.delivery = delivery
        self._apps = apps
        self._reference = reference
        self._parts: dict[tuple[bytes, bytes], App | None] = {}
        self._bases: dict[bytes, int] = {}
        self._first_of_base: list[App] = []
        self._templates: list[tuple[Template, App]] = []

    def read(self) -> None:
        """Read the file to its end."""
        parts, bases = self._parts, self._bases
        for app in self._apps:
            if isinstance(app, Node):
                self._tree(app)
                continue
            _, template, _, base, part = app
            template.uses += 1
            if template.uses == 1:
                self._templates.append((template, app))
            if base:
                seen = bases[base] = bases.get(base, 0) + 1
                if seen == 1:
                    self._first_of_base.append(app)
            named = parts.get((template.owner, part), app)
            if named is app or named is None:
                self._part(app)
        self._finish()

    def _tree(self, node: Node) -> None:
        if node.name == "Header":
            self.delivery.header = self._apps.header
        elif node.name == "Asset":
            self.delivery.assets += 1
        elif where := node.said("URI") or node.said("FileName"):
            self.delivery.images.setdefault(node.attributes.get("AssetName", ""), where)

    def _part(self, app: App) -> None:
        """A part named for the first time."""
        template = app.template
        if template.error is not None or template.action == "D":
            return
        self._parts[template.owner, app.part] = None if app.lists_none else app

    def _finish(self) -> None:
        for base, app in zip(self._bases, self._first_of_base, strict=True):
            self._name("BaseVehicle", _text(base), self._bases[base], app)
            if app.template.action != "D":
                self._vehicle(app, "BaseVehicle", _text(base), {"BaseVehicle": _text(base)}, None)
        for template, app in self._templates:
            asked = template.where | {"PartType": [template.part_type] if template.part_type else []}
            for element, ids in asked.items():
                for one in ids:
                    self._name(element, one, template.uses, app)
            if not app.base and template.error is None and template.action != "D":
                self._named_vehicles(template, app)
        for named in self._parts.values():
            if named is not None:
                row = part_of(named, self._reference)
                image = self.delivery.images.get(named.template.asset)
                if image is not None:
                    row["image"] = image
                self.delivery.parts[row["part_id"]] = (named.number, row)

    def _name(self, element: str, one: str, uses: int, app: App) -> None:
        counts = self.delivery.named.setdefault(element, Counter())
        if not counts[one] or app.number < self.delivery.first[element, one][1]:
            self.delivery.first[element, one] = (app.application_id, app.number)
        counts[one] += uses

    def _named_vehicles(self, template: Template, app: App) -> None:
        """The vehicles an App implies that names them otherwise than by a base vehicle."""
        ids = {name: values[0] for name, values in template.where.items() if name in VEHICLE}
        years = _range(template.years or (None, None))
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


def part_of(app: App, reference: Reference) -> dict[str, Any]:
    """The part an App names, as far as the App says what it is."""
    brand, number = app.template.brand, app.part_number
    part_type = reference.part_type(app.template.part_type)
    return {
        "part_id": f"{brand}:{number}", "brand": brand, "part_number": number, "part_type": part_type,
        "title": {"en": f"{brand} {number} {part_type}"},
    }  # fmt: skip


def xml_of(file: Path) -> XmlFile:
    """An ACES file, to be read."""
    return XmlFile(file, "ACES", "App", TREES)


def _range(ends: Sequence[int | None]) -> range:
    first, last = ends
    return range(0) if first is None or last is None else range(first, last + 1)


def _text(json: bytes) -> str:
    return str(msgspec.json.decode(b'"' + json + b'"'))
