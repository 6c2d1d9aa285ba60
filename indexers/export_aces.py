"""A generation's applications as ACES XML: what was read from ACES comes out so that reading it again changes nothing.

Only what ACES can say is written: an application that asks for an attribute that is no ACES element, or by `except`,
build date or serial number, is left out and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from fitment_rules.model import Application
from indexers.errors import UnreadableSource, Unwritable
from indexers.generation import Generation, PartRow
from indexers.rows import StoredPart
from indexers.sources.aces_names import NARROWING, VEHICLE, VERSIONS, Names, names_of

ELEMENTS = (*VEHICLE, *NARROWING)
PLACED = "position "
"""How a position without a name is spelled: the word and its id."""


def export_aces(generation: Generation, file: Path, version: str = "4.2", brand: str | None = None) -> Counter[str]:
    """Write every application, or those of a brand code. Returns counts: `written`, and one a reason left out.

    Raises `UnreadableSource` for a version that is not known.
    """
    if version not in VERSIONS:
        raise UnreadableSource(str(file), f"ACES {version} is none of {', '.join(VERSIONS)}")
    counts: Counter[str] = Counter()
    rows = _rows(generation, brand)
    with etree.xmlfile(str(file), encoding="utf-8") as out:
        out.write_declaration()
        with out.element("ACES", version=version):
            out.write(_header(brand or "", generation.manifest.created[:10], names_of(version)), pretty_print=True)
            for code, part, row, application, kept in rows:
                try:
                    out.write(_app(code, brand, part, row, application, kept, names_of(version)), pretty_print=True)
                    counts["written"] += 1
                except Unwritable as reason:
                    counts[str(reason)] += 1
            footer = etree.Element("Footer")
            _say(footer, "RecordCount", str(counts["written"]))
            out.write(footer, pretty_print=True)
    return counts


def _rows(
    generation: Generation, brand: str | None
) -> Iterator[tuple[str, StoredPart, PartRow, Application, Mapping[str, Any]]]:
    """(brand code, part, row, what it says, what was kept beside it), by part."""
    for ordinal in generation.live_ordinals().tolist():
        part = generation.part(ordinal)
        code = part.part_id.rpartition(":")[0]
        if brand is None or code == brand:
            for row in generation.rows(ordinal):
                rules = generation.rules
                yield code, part, row, rules.as_read(row.rule_id), rules.kept(row.rule_id)


def _header(brand: str, date: str, names: Names) -> etree._Element:
    header = etree.Element("Header")
    told = (("Company", brand or "PartFit"), ("TransferDate", date), (names.brand, brand), ("EffectiveDate", date))
    for name, text in (*told, ("SubmissionType", "FULL")):
        if text:
            _say(header, name, text)
    return header


def _app(
    code: str,
    brand: str | None,
    part: StoredPart,
    row: PartRow,
    application: Application,
    kept: Mapping[str, Any],
    names: Names,
) -> etree._Element:
    app = etree.Element("App", action="A", id=_number(row.application_id))
    for name in ("ref", "validate"):
        if name in kept:
            app.set(name, str(kept[name]))
    _vehicle(app, application, kept.get("Other", ()))
    _notes(app, application, kept)
    if application.quantity is not None:
        _say(app, "Qty", str(application.quantity))
    etree.SubElement(app, names.part_type, id=str(kept.get("PartType") or part.part_type.id.rpartition(" ")[2]))
    for label in _listed(kept.get("MfrLabel")):
        _say(app, "MfrLabel", label)
    for number in _positions(application, kept):
        etree.SubElement(app, "Position", id=number)
    named = _say(app, names.part, part.part_number)
    if code and code != brand:
        named.set(names.brand, code)
    if "SubBrandAAIAID" in kept:
        named.set(names.sub_brand, str(kept["SubBrandAAIAID"]))
    for name in _AFTER:
        for text in _listed(kept.get(name)):
            _say(app, names.asset[0] if name == "AssetName" else name, text)
    return app


_AFTER = ("DisplayOrder", "AssetName", "AssetItemOrder", "AssetItemRef", "NonDiagramAssetName")
"""What follows the part, in the schema's order."""


def _vehicle(app: etree._Element, application: Application, other: Collection[str]) -> None:
    """`other` are elements that ACES was read with though no schema known here has them."""
    if application.except_ or not application.built.open:
        raise Unwritable("asks by except or build date")
    if application.vin_serial_from is not None or application.vin_serial_to is not None:
        raise Unwritable("asks by serial number")
    if application.make or application.model or application.vehicle_ids:
        raise Unwritable("names vehicles otherwise than ACES does")
    unknown = application.where.keys() - {*ELEMENTS, *other}
    if unknown:
        raise Unwritable(f"asks for {min(unknown)}")
    years = application.years
    if not years.open:
        made = "Mfr" in application.where
        ends = ("ProductionStart", "ProductionEnd") if made else ("from", "to")
        span = etree.SubElement(app, "ProductionYears" if made else "Years")
        for end, year in zip(ends, (years.start, years.end), strict=True):
            if year is not None:
                span.set(end, str(year))
    for name in (*ELEMENTS, *other):
        for number in application.where.get(name, ()):
            etree.SubElement(app, name, id=str(number))


def _notes(app: etree._Element, application: Application, kept: Mapping[str, Any]) -> None:
    qualifiers = {one["text"]: one for one in kept.get("Qual", ())}
    ids = {one["text"]: {"id": one["id"]} for one in kept.get("Note", ())}
    for note in application.notes:
        qualifier = qualifiers.pop(note.text, None)
        if qualifier is None:
            _say(app, "Note", note.text, lang=note.lang, **ids.pop(note.text, {}))
            continue
        element = etree.SubElement(app, "Qual", id=qualifier["id"])
        for parameter in qualifier["param"]:
            etree.SubElement(element, "param", parameter)
        _say(element, "text", note.text)


def _positions(application: Application, kept: Mapping[str, Any]) -> list[str]:
    if "Position" in kept:
        return list(kept["Position"])
    if not all(place.startswith(PLACED) for place in application.position):
        raise Unwritable("has a position without an ACES id")
    return [place.removeprefix(PLACED) for place in application.position]


def _listed(kept: Any) -> list[str]:
    return [] if kept is None else kept if isinstance(kept, list) else [str(kept)]


def _number(application_id: str) -> str:
    number = application_id.rpartition(":")[2]
    if not number.isdecimal():
        raise Unwritable("has an id that is no number")
    return number


def _say(parent: etree._Element, name: str, text: str, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, name, attributes)
    element.text = text
    return element
