"""ACES 3.0 to 5.0 XML, streamed: applications as rows; without a vehicle table or PIES also vehicles and parts.

Attributes keep the schema's own names and ids (`BaseVehicle`, `SubModel`, `EngineBase` …), because the names behind
the ids are licensed and belong to the operator. An attribute that an App lacks means every value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from indexers.errors import UnreadableSource
from indexers.rows import RowKind
from indexers.sources.aces_names import NARROWING, VEHICLE, Names, names_of
from indexers.sources.blocks import Block
from indexers.sources.delimited import UNREADABLE, blocks_of
from indexers.sources.reference import NOTHING_KNOWN, Reference
from indexers.sources.xml import Element, elements, local, reading, root_attributes, text_of, words
from indexers.unlisted import UNSOLD

MOST_YEARS = 200
"""Model years that one App may span; more is a mistake."""

_NAMED = {
    **dict.fromkeys((*NARROWING, *VEHICLE), "asked"),
    **dict.fromkeys(("Part", "PartNumber"), "part"),
    **dict.fromkeys(("PartType", "PartTerminology"), "part_type"),
    **dict.fromkeys(("AssetName", "DiagramAssetName", "NonDiagramAssetName"), "asset"),
    "Position": "position", "Qty": "quantity", "Note": "note", "Qual": "qualifier", "Years": "years",
    "ProductionYears": "production_years",
}  # fmt: skip
_ROLES: dict[object, str] = {}
"""What an element of an App is, by its whole tag; filled as tags are met, because taking a tag apart is dear."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a delivery says of itself. `brand` is the brand code, else the company; `submission` in capitals."""

    brand: str
    company: str
    submission: str
    date: str | None
    names: Names

    @property
    def full(self) -> bool:
        """True if the delivery replaces all of the brand's applications."""
        return self.submission == "FULL"


class App(NamedTuple):
    """One App, read: every child in one pass. `asked` holds ids by element name, in the file's order."""

    number: int
    app_id: str
    action: str
    brand: str
    part: str | None
    part_type: str
    asked: dict[str, list[str]]
    years: tuple[int | None, int | None] | None
    positions: list[str]
    quantity: int | None
    notes: list[dict[str, str]]
    kept: dict[str, Any]

    @property
    def unsold(self) -> bool:
        """True if the part number says that the maker lists none for this vehicle."""
        return self.part is not None and self.part.lower() in UNSOLD

    @property
    def spans(self) -> bool:
        """False if its years are reversed, or so many that they must be a mistake."""
        first, last = self.years or (None, None)
        return first is None or last is None or 0 <= last - first <= MOST_YEARS


@dataclass(frozen=True)
class AcesPiece:
    """One file, read for one kind of row. `line` in its blocks is the position of the App (from 1).

    For vehicles each base vehicle (or make, model and year) becomes a row with just that; for parts each part number.
    """

    kind: RowKind
    file: Path
    reference: Reference = NOTHING_KNOWN

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
        rows: Callable[[], Iterator[tuple[int, dict[str, Any]]]] = {
            RowKind.APPLICATIONS: self._applications,
            RowKind.PARTS: self._parts,
            RowKind.VEHICLES: self._vehicles,
        }[self.kind]
        with reading(self.file):
            yield from blocks_of(rows())

    def _applications(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for header, number, element in apps(self.file):
            try:
                yield number, self._application(header, app_of(header, number, element, self.reference))
            except ValueError as error:
                yield number, {UNREADABLE: str(error)}

    def _application(self, header: Header, app: App) -> dict[str, Any]:
        """An App as a contract row. Raises `ValueError` for one without an id or a part, or without a vehicle."""
        if not app.app_id:
            raise ValueError("the App has no id")
        if app.part is None:
            raise ValueError(f"the App has no {header.names.part}")
        row: dict[str, Any] = {
            "application_id": f"{app.brand}:{app.app_id}",
            "action": app.action,
            "part_id": f"{app.brand}:{app.part}",
            "vehicle": {} if app.years is None else {"years": app.years},
            "where": app.asked,
            "notes": app.notes,
            "source": {"file": self.file.name, "row": app.number, "date": header.date},
        }
        if not app.spans:
            raise ValueError(f"the years {app.years} are no span")
        if app.years is None and not any(name in app.asked for name in VEHICLE):
            raise ValueError("the App names no vehicle")
        if app.positions:
            row["position"] = app.positions
        if app.quantity is not None:
            row["quantity"] = app.quantity
        kept = {**app.kept, "part_type": self.reference.part_type(app.part_type)} if app.unsold else app.kept
        if kept:
            row["attributes"] = kept
        return row

    def _parts(self) -> Iterator[tuple[int, dict[str, Any]]]:
        seen: set[str] = set()
        for header, number, element in apps(self.file):
            app = app_of(header, number, element, self.reference)
            if app.part is None or app.unsold or (part_id := f"{app.brand}:{app.part}") in seen:
                continue
            seen.add(part_id)
            part_type = self.reference.part_type(app.part_type)
            part = {
                "part_id": part_id, "brand": app.brand, "part_number": app.part, "part_type": part_type,
                "title": {"en": f"{app.brand} {app.part} {part_type}"},
            }  # fmt: skip
            image = self._images.get(app.kept.get("AssetName", ""))
            yield number, part if image is None else {**part, "image": image}

    @cached_property
    def _images(self) -> dict[str, str]:
        """The address, else the file name, of each asset that the delivery describes."""
        found: dict[str, str] = {}
        for element in elements(self.file, "ACES", ("DigitalFileInformation",)):
            where = text_of(element, "URI") or text_of(element, "FileName")
            if element.get("AssetName") and where:
                found.setdefault(str(element.get("AssetName")), where)
        return found

    def _vehicles(self) -> Iterator[tuple[int, dict[str, Any]]]:
        seen: set[str] = set()
        for header, number, element in apps(self.file):
            for vehicle in vehicles_of(app_of(header, number, element, self.reference)):
                if vehicle["vehicle_id"] not in seen:
                    seen.add(vehicle["vehicle_id"])
                    yield number, vehicle


def aces_pieces(kind: RowKind, files: Iterable[Path], reference: Reference = NOTHING_KNOWN) -> list[AcesPiece]:
    """The files, to be read for one kind of row. Raises `UnreadableSource` for a missing one."""
    found = []
    for file in files:
        if not file.is_file():
            raise UnreadableSource(str(file), "there is no such file")
        found.append(AcesPiece(kind, file, reference))
    return found


def replaced(files: Iterable[Path]) -> tuple[frozenset[str], frozenset[str]]:
    """What the files stand for as a whole: brands of a full delivery, and parts (ids) of an update.

    A full delivery replaces all applications of its brand, an update those of every item it names; a net change (any
    other submission) only adds and deletes.
    """
    brands, parts = set[str](), set[str]()
    for file in files:
        with reading(file):
            for header, number, element in apps(file):
                if header.full:
                    brands.add(header.brand)
                    break
                if header.submission != "UPDATE":
                    break
                app = app_of(header, number, element, NOTHING_KNOWN)
                parts.add(f"{app.brand}:{app.part}")
    return frozenset(brands), frozenset(parts)


def apps(file: Path) -> Iterator[tuple[Header, int, Element]]:
    """Every App with the header before it and its position from 1."""
    header: Header | None = None
    number = 0
    for element in elements(file, "ACES", ("Header", "App")):
        if local(element) == "Header":
            header = header_of(element)
        else:
            number += 1
            header = header or _headless(element)
            yield header, number, element


def header_of(element: Element) -> Header:
    """The header's facts."""
    names = names_of(root_attributes(element).get("version", ""))
    company = text_of(element, "Company")
    brand = text_of(element, names.brand) or text_of(element, "BrandAAIAID", "BrandID") or company
    submission = text_of(element, "SubmissionType").upper()
    date = text_of(element, "EffectiveDate") or text_of(element, "TransferDate") or None
    return Header(brand, company, submission, date, names)


def _headless(element: Element) -> Header:
    return Header("", "", "", None, names_of(root_attributes(element).get("version", "")))


def app_of(header: Header, number: int, element: Element, reference: Reference) -> App:
    """Read an App, or an Asset, which has no part."""
    names = header.names
    asked: dict[str, list[str]] = {}
    positions: list[str] = []
    notes: list[dict[str, str]] = []
    kept: dict[str, Any] = {name: value for name in ("ref", "validate") if (value := element.get(name))}
    brand, part, part_type = header.brand, None, ""
    years: tuple[int | None, int | None] | None = None
    quantity: int | None = None
    for child in element:
        tag = child.tag
        match _ROLES.get(tag) or _role(tag):
            case "asked":
                if found := child.get("id"):
                    asked.setdefault(local(child), []).append(found.strip())
            case "part":
                part = words(child)
                brand = child.get(names.brand) or child.get("BrandAAIAID") or child.get("BrandID") or brand
            case "part_type":
                part_type = kept["PartType"] = (child.get("id") or "").strip()
            case "position":
                place = (child.get("id") or "").strip()
                positions.append(reference.position(place))
                if place in reference.positions:
                    kept.setdefault("Position", []).append(place)
            case "quantity":
                text = words(child)
                quantity = int(text) if text.isascii() and text.isdigit() else None
            case "note":
                _note(notes, words(child), child.get("lang"))
            case "qualifier":
                _qualifier(notes, kept, child, reference)
            case "years":
                years = _year(child.get("from")), _year(child.get("to"))
            case "production_years":
                years = _year(child.get("ProductionStart")), _year(child.get("ProductionEnd"))
            case "asset":
                kept.setdefault("AssetName", words(child))
            case _:
                if text := words(child):
                    kept[local(child)] = text
    action = (element.get("action") or "A").upper()
    app_id = (element.get("id") or "").strip()
    return App(number, app_id, action, brand, part, part_type, asked, years, positions, quantity, notes, kept)


def vehicles_of(app: App) -> Iterable[dict[str, Any]]:
    """The vehicle rows an App implies: its base vehicle or equipment, or one for each year of its make and model."""
    for name in ("BaseVehicle", "EquipmentBase"):
        for number in app.asked.get(name, ()):
            yield {
                "vehicle_id": f"{name}:{number}", "make": name, "model": number, "attributes": {name: number},
            }  # fmt: skip
    for maker, model in (("Make", "Model"), ("Mfr", "EquipmentModel")):
        makes, models = app.asked.get(maker), app.asked.get(model)
        if makes and models:
            yield from _modelled(app, (maker, makes[0]), (model, models[0]))


def _modelled(app: App, maker: tuple[str, str], model: tuple[str, str]) -> Iterable[dict[str, Any]]:
    named = {"make": maker[1], "model": model[1], "attributes": dict((maker, model))}
    first, last = app.years or (None, None)
    if first is None or last is None or not app.spans:
        yield {"vehicle_id": f"{maker[1]}:{model[1]}", **named}
        return
    for year in range(first, last + 1):
        yield {"vehicle_id": f"{maker[1]}:{model[1]}:{year}", **named, "year": year}


def _role(tag: object) -> str:
    role = _ROLES[tag] = _NAMED.get(str(tag).rpartition("}")[2], "kept")
    return role


def _note(notes: list[dict[str, str]], text: str, lang: str | None) -> None:
    if text:
        notes.append({"text": text, "lang": (lang or "en").lower()[:2]})


def _qualifier(notes: list[dict[str, str]], kept: dict[str, Any], element: Element, reference: Reference) -> None:
    """A qualifier is a note with the words it stands for; its id and parameters are kept for who writes it again."""
    number = (element.get("id") or "").strip()
    given = [child for child in element if local(child) == "param"]
    values = ["".join(filter(None, (child.get("value"), child.get("uom")))) for child in given]
    text = text_of(element, "text") or reference.qualifier(number, values)
    _note(notes, text, element.get("lang"))
    parameters = [{str(name): str(value) for name, value in child.attrib.items()} for child in given]
    kept.setdefault("Qual", []).append({"id": number, "text": text, "param": parameters})


def _year(text: str | None) -> int | None:
    return int(text) if text and text.strip().isdigit() else None
