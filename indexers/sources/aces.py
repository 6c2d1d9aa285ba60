"""ACES 3.x XML, streamed: applications as contract rows; without a vehicle table or PIES also vehicles and parts.

Attributes keep the schema's own names and ids (`BaseVehicle`, `SubModel`, `EngineBase` …), because the names behind
the ids are licensed and belong to the operator. An attribute that an App lacks means every value.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from indexers.errors import UnreadableSource
from indexers.rows import RowKind
from indexers.sources.blocks import Block
from indexers.sources.delimited import UNREADABLE, blocks_of
from indexers.sources.lines import open_binary

NARROWING = (
    "SubModel", "MfrBodyCode", "BodyNumDoors", "BodyType", "DriveType", "EngineBase", "EngineBlock",
    "EngineBoreStroke", "EngineDesignation", "EngineVIN", "EngineVersion", "EngineMfr", "PowerOutput",
    "ValvesPerEngine", "FuelDeliveryType", "FuelDeliverySubType", "FuelSystemControlType", "FuelSystemDesign",
    "Aspiration", "CylinderHeadType", "FuelType", "IgnitionSystemType", "TransmissionMfrCode", "TransmissionBase",
    "TransmissionType", "TransmissionControlType", "TransmissionNumSpeeds", "TransElecControlled", "TransmissionMfr",
    "BedLength", "BedType", "WheelBase", "BrakeSystem", "FrontBrakeType", "RearBrakeType", "BrakeABS",
    "FrontSpringType", "RearSpringType", "SteeringSystem", "SteeringType", "Region", "VehicleType",
)  # fmt: skip
"""Elements of an App that ask something of the vehicle, by the id of the vehicle database."""

VEHICLE_IDS = ("Make", "Model", "EquipmentBase", "Mfr", "EquipmentModel")

UNSOLD = frozenset({"na", "nr", "n/a", "n/r", ""})
"""What suppliers write for a part number to say that there is none for this vehicle."""

DERIVABLE = (RowKind.VEHICLES, RowKind.PARTS, RowKind.APPLICATIONS)


@dataclass(frozen=True, slots=True)
class Header:
    """What a delivery says of itself. `brand` is the brand code, else the company."""

    brand: str
    company: str
    submission: str
    date: str | None


@dataclass(frozen=True, slots=True)
class AcesPiece:
    """One file, read for one kind of row. `line` in its blocks is the position of the App (from 1).

    For vehicles each base vehicle (or make, model and year) becomes a row with just that; for parts each part number.
    """

    kind: RowKind
    file: Path

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.file.stat().st_size

    @property
    def renumbers(self) -> bool:
        """Apps are numbered through the file."""
        return False

    def blocks(self) -> Iterator[Block]:
        """Rows of the kind. Raises `UnreadableSource` for XML that is no ACES, is damaged, or carries a DOCTYPE."""
        rows = {
            RowKind.APPLICATIONS: self._applications,
            RowKind.PARTS: self._parts,
            RowKind.VEHICLES: self._vehicles,
        }[self.kind]
        try:
            with open_binary(self.file) as stream:
                yield from blocks_of(rows(stream))
        except (OSError, EOFError, zlib.error, etree.XMLSyntaxError) as error:
            raise UnreadableSource(str(self.file), str(error)) from error

    def _applications(self, stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
        for header, number, app in apps(stream, str(self.file)):
            try:
                yield number, application_of(header, number, app, self.file.name)
            except ValueError as error:
                yield number, {UNREADABLE: str(error)}

    def _parts(self, stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
        seen: set[str] = set()
        for header, number, app in apps(stream, str(self.file)):
            part = part_of(header, app)
            if part is not None and part["part_id"] not in seen and _text(app, "Part").lower() not in UNSOLD:
                seen.add(part["part_id"])
                yield number, part

    def _vehicles(self, stream: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
        seen: set[str] = set()
        for _, number, app in apps(stream, str(self.file)):
            for vehicle in vehicles_of(app):
                if vehicle["vehicle_id"] not in seen:
                    seen.add(vehicle["vehicle_id"])
                    yield number, vehicle


def aces_pieces(kind: RowKind, files: Iterable[Path]) -> list[AcesPiece]:
    """The files, to be read for one kind of row. Raises `UnreadableSource` for a missing one."""
    found = []
    for file in files:
        if not file.is_file():
            raise UnreadableSource(str(file), "there is no such file")
        found.append(AcesPiece(kind, file))
    return found


def full_brands(files: Iterable[Path]) -> frozenset[str]:
    """Brands of which a file is a full delivery: it replaces all their applications."""
    found = set()
    for file in files:
        with open_binary(file) as stream:
            for header, _, _ in apps(stream, str(file)):
                if header.submission == "FULL":
                    found.add(header.brand)
                break
    return frozenset(found)


def apps(stream: BinaryIO, name: str) -> Iterator[tuple[Header, int, etree._Element]]:
    """Every App with the header before it and its position from 1; memory does not grow with the file.

    Entities are not resolved, nothing is fetched, and a DOCTYPE is refused.
    """
    context = etree.iterparse(
        stream, events=("end",), tag=("{*}Header", "{*}App"), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    header: Header | None = None
    number = 0
    for _, element in context:
        if header is None:
            _check_root(element, name)
        if etree.QName(element).localname == "Header":
            header = header_of(element)
        else:
            number += 1
            yield header or Header("", "", "", None), number, element
        _forget(element)


def header_of(element: etree._Element) -> Header:
    """The header's facts."""
    company = _text(element, "Company")
    return Header(
        _text(element, "BrandAAIAID") or _text(element, "BrandID") or company,
        company,
        _text(element, "SubmissionType").upper(),
        _text(element, "EffectiveDate") or _text(element, "TransferDate") or None,
    )


def application_of(header: Header, number: int, app: etree._Element, file: str) -> dict[str, Any]:
    """An App as a contract row. Raises `ValueError` for one without an id or a part."""
    app_id, brand = app.get("id"), _brand(header, app)
    if not app_id:
        raise ValueError("the App has no id")
    row: dict[str, Any] = {"application_id": f"{brand}:{app_id}", "action": (app.get("action") or "A").upper()}
    part = _text(app, "Part") or _text(app, "PartNumber")
    if not part:
        raise ValueError("the App has no Part")
    row["part_id"] = f"{brand}:{part}"
    vehicle, where = selector_of(app)
    row["vehicle"] = vehicle
    where.update({name: found for name in NARROWING if (found := _ids(app, name))})
    row["where"] = where
    row["position"] = [f"position {one}" for one in _ids(app, "Position")] or None
    quantity = _text(app, "Qty")
    row["quantity"] = int(quantity) if quantity.isdigit() else None
    row["notes"] = notes_of(app)
    row["source"] = {"file": file, "row": number, "date": header.date}
    return {name: value for name, value in row.items() if value is not None}


def selector_of(app: etree._Element) -> tuple[dict[str, Any], dict[str, Any]]:
    """How an App names its vehicle: the `vehicle` selector, and what goes into `where`."""
    base = _ids(app, "BaseVehicle")
    if base:
        return {}, {"BaseVehicle": base}
    years = app.find("{*}Years")
    vehicle: dict[str, Any] = {}
    if years is not None:
        vehicle["years"] = [_year(years.get("from")), _year(years.get("to"))]
    where = {name: found for name in VEHICLE_IDS if (found := _ids(app, name))}
    if not vehicle and not where:
        raise ValueError("the App names no vehicle")
    return vehicle, where


def notes_of(app: etree._Element) -> list[dict[str, Any]]:
    """Qualifiers and notes, in the file's order; both are conditions until somebody says what they are."""
    found = []
    for element in app:
        name = etree.QName(element).localname
        if name == "Note":
            text = _words(element)
        elif name == "Qual":
            text = _text(element, "text") or f"Qual {element.get('id')}"
        else:
            continue
        if text:
            found.append({"text": text, "lang": (element.get("lang") or "en").lower()[:2]})
    return found


def part_of(header: Header, app: etree._Element) -> dict[str, Any] | None:
    """The part an App names, as far as the App says what it is; `None` without a part number."""
    number = _text(app, "Part") or _text(app, "PartNumber")
    if not number:
        return None
    brand = _brand(header, app)
    types = _ids(app, "PartType") or _ids(app, "PartTerminology")
    part_type = f"PartType {types[0]}" if types else "PartType"
    return {
        "part_id": f"{brand}:{number}", "brand": brand, "part_number": number, "part_type": part_type,
        "title": {"en": f"{brand} {number} {part_type}"},
    }  # fmt: skip


def vehicles_of(app: etree._Element) -> Iterable[dict[str, Any]]:
    """The vehicle rows an App implies: its base vehicle, or one for each year of its make and model."""
    for base in _ids(app, "BaseVehicle"):
        yield {
            "vehicle_id": f"BaseVehicle:{base}", "make": "BaseVehicle", "model": base,
            "attributes": {"BaseVehicle": base},
        }  # fmt: skip
    years, makes, models = app.find("{*}Years"), _ids(app, "Make"), _ids(app, "Model")
    if years is None or not makes or not models:
        return
    first, last = _year(years.get("from")), _year(years.get("to"))
    for year in range(first or 0, (last or 0) + 1) if first and last else ():
        yield {
            "vehicle_id": f"{makes[0]}:{models[0]}:{year}", "make": makes[0], "model": models[0], "year": year,
            "attributes": {"Make": makes[0], "Model": models[0]},
        }  # fmt: skip


def _check_root(element: etree._Element, name: str) -> None:
    tree = element.getroottree()
    if tree.docinfo.doctype:  # type: ignore[attr-defined]
        raise UnreadableSource(name, "a DOCTYPE is refused")
    root = etree.QName(tree.getroot()).localname
    if root != "ACES":
        raise UnreadableSource(name, f"the root element is {root}, not ACES")


def _forget(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _brand(header: Header, app: etree._Element) -> str:
    part = app.find("{*}Part")
    own = part.get("BrandAAIAID") if part is not None else None
    return own or header.brand


def _text(element: etree._Element, name: str) -> str:
    found = element.find(f"{{*}}{name}")
    return "" if found is None else _words(found)


def _words(element: etree._Element) -> str:
    return " ".join("".join(str(piece) for piece in element.itertext()).split())


def _ids(app: etree._Element, name: str) -> list[str]:
    return [one for found in app.findall(f"{{*}}{name}") if (one := (found.get("id") or "").strip())]


def _year(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdigit() else None
