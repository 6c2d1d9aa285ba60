"""PIES 6.7 to 8.0 XML, streamed: items as part rows.

Titles are the short descriptions (DES, SHO, ABR …) by language, the description the long ones (EXT, MKT …). The price
is the first of `PRICES` that an item has. An item that says it has no ACES applications is universal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexers.errors import UnreadableSource
from indexers.rows import RowKind
from indexers.sources.blocks import Block
from indexers.sources.delimited import blocks_of, unreadable
from indexers.sources.reference import NOTHING_KNOWN, Reference
from indexers.sources.xml_records import Node, XmlFile, tree_of

TITLES = ("DES", "SHO", "ABR", "TLE", "INV", "LAB", "EXT", "MKT")
DESCRIPTIONS = ("EXT", "MKT", "FAB", "KEY")
PRICES = ("RET", "MSR", "LST", "USR", "QTE", "DLR", "JBR", "WD1", "NET")
"""Price types from what a customer pays to what the trade pays; any other only where none of these is given."""

BRAND = ("BrandAAIAID", "BrandID")
IMAGES = ("jpg", "jpeg", "png", "webp", "gif")


@dataclass(frozen=True)
class PiesPiece:
    """One file of items. `line` in its blocks is the position of the item (from 1)."""

    file: Path
    reference: Reference = NOTHING_KNOWN
    kind: RowKind = RowKind.PARTS

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.file.stat().st_size

    @property
    def renumbers(self) -> bool:
        """Items are numbered through the file."""
        return False

    def blocks(self) -> Iterator[Block]:
        """Part rows. Raises `UnreadableSource` for XML that is no PIES, is damaged, or carries a DOCTYPE."""
        yield from blocks_of(self._rows())

    def _rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        currency, language = "", "en"
        number = 0
        for found in XmlFile(self.file, "PIES", "Item", ("Header",)):
            if isinstance(found, Node):
                currency, language = found.said("CurrencyCode"), _lang(found.said("LanguageCode"))
                continue
            number += 1
            try:
                yield number, _part(tree_of(*found), currency, language, self.reference)
            except ValueError as error:
                yield number, unreadable(str(error))


def pies_pieces(files: Iterable[Path], reference: Reference = NOTHING_KNOWN) -> list[PiesPiece]:
    """The files as pieces. Raises `UnreadableSource` for a missing one."""
    for file in files:
        if not file.is_file():
            raise UnreadableSource(str(file), "there is no such file")
    return [PiesPiece(file, reference) for file in files]


def _part(item: Node, currency: str, language: str, reference: Reference) -> dict[str, Any]:
    """An item as a contract row. Raises `ValueError` for one without brand or part number."""
    brand, number = item.said(*BRAND), item.said("PartNumber")
    if not brand or not number:
        raise ValueError("the Item has no brand code" if number else "the Item has no part number")
    part_type = reference.part_type(item.said("PartTerminologyID"))
    told = _descriptions(item, language)
    row: dict[str, Any] = {
        "part_id": f"{brand}:{number}",
        "action": "D" if item.attributes.get("MaintenanceType") == "D" else "A",
        "brand": item.said("BrandLabel") or brand,
        "part_number": number,
        "part_type": part_type,
        "title": _chosen(told, TITLES) or {"en": f"{brand} {number} {part_type}"},
        "description": _chosen(told, DESCRIPTIONS),
        "attributes": _attributes(item, brand),
        "interchange": _interchange(item),
        "gtin": item.said("ItemLevelGTIN") or _package_gtin(item),
        "price": _price(item, currency),
        "universal": item.said("ACESApplications").upper() in ("N", "NO"),
        "image": _image(item),
        "listed_at": item.said("AvailableDate") or item.said("ItemEffectiveDate"),
    }
    return {name: value for name, value in row.items() if value}


def _descriptions(item: Node, language: str) -> dict[tuple[str, str], list[str]]:
    """(code, language) → texts in their sequence."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for element in item.each("Descriptions", "Description"):
        code, text = (element.attributes.get("DescriptionCode") or "").upper(), element.text
        sequence = element.attributes.get("Sequence") or "0"
        if text and element.attributes.get("MaintenanceType") != "D":
            key = code, _lang(element.attributes.get("LanguageCode") or language)
            found.setdefault(key, []).append((int(sequence) if sequence.isdigit() else 0, text))
    return {key: [text for _, text in sorted(texts, key=lambda one: one[0])] for key, texts in found.items()}


def _chosen(told: dict[tuple[str, str], list[str]], codes: Sequence[str]) -> dict[str, str]:
    """By language the text of the first code that has one."""
    found: dict[str, str] = {}
    for code in codes:
        for (has, lang), texts in told.items():
            if has == code:
                found.setdefault(lang, " ".join(texts) if code in DESCRIPTIONS else texts[0])
    return found


def _attributes(item: Node, brand: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for element in item.each("ProductAttributes", "ProductAttribute"):
        name, text = element.attributes.get("AttributeID"), element.text
        if name and text:
            unit = element.attributes.get("AttributeUOM")
            found.setdefault(name, []).append(f"{text} {unit}" if unit else text)
    attributes: dict[str, Any] = {name: one[0] if len(one) == 1 else one for name, one in found.items()}
    plain = {"brand_code": brand, "quantity_per_application": item.said("QuantityPerApplication")}
    kits = [component for kit in item.each("Kits", "KitComponent") if (component := _component(kit))]
    return attributes | {name: value for name, value in plain.items() if value} | ({"kit": kits} if kits else {})


def _component(kit: Node) -> str:
    number, quantity = kit.said("ComponentPartNumber", "PartNumber"), kit.said("QuantityInKit")
    return f"{quantity} x {number}" if number and quantity else number


def _interchange(item: Node) -> list[dict[str, Any]]:
    found = []
    for element in item.each("PartInterchangeInfo", "PartInterchange"):
        brand = next((value for name in BRAND if (value := element.attributes.get(name) or element.said(name))), None)
        grade = element.attributes.get("QualityGradeLevel") or element.said("QualityGradeLevel") or None
        for number in element.all("PartNumber"):
            edge = {"brand": element.attributes.get("BrandLabel") or brand, "number": number.text, "grade": grade}
            found.append({name: value for name, value in edge.items() if value} | {"kind": "equivalent"})
    return [edge for edge in found if edge.get("number")]


def _package_gtin(item: Node) -> str:
    package = next(item.each("Packages", "Package"), None)
    return "" if package is None else package.said("PackageLevelGTIN")


def _price(item: Node, currency: str) -> dict[str, Any] | None:
    found: list[tuple[int, float, str]] = []
    for element in item.each("Prices", "Pricing"):
        kind, text = (element.attributes.get("PriceType") or "").upper(), element.said("Price")
        try:
            amount = float(text)
        except ValueError:
            continue
        rank = PRICES.index(kind) if kind in PRICES else len(PRICES)
        found.append((rank, amount, element.said("CurrencyCode") or currency))
    if not found:
        return None
    _, amount, code = min(found, key=lambda one: one[0])
    return {"amount": amount, "currency": code} if code else {"amount": amount}


def _image(item: Node) -> str:
    """The first picture: its address, else its file name."""
    for element in item.each("DigitalAssets", "DigitalFileInformation"):
        name, uri = element.said("FileName"), element.said("URI")
        if (name or uri).rpartition(".")[2].lower() in IMAGES:
            return uri or name
    return ""


def _lang(code: str | None) -> str:
    return (code or "en").lower()[:2]
