"""A generation's applications as ACES XML: what was read from ACES comes out so that reading it again changes nothing.

Only what ACES can say is written: an application that asks for an attribute that is no ACES element, or by `except`,
build date or serial number, is left out and counted. An id that is no number, which ACES demands, becomes the `ref` of
an App with a number of its own. Pictures of parts that came otherwise than by ACES follow under the part number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from lxml import etree

from fitment_rules.model import Application, Window
from indexers.assets import INFORMATION, ROW, Asset
from indexers.errors import UnreadableSource, Unwritable
from indexers.generation import Generation, PartRow
from indexers.slots import condition_of, notes_of, selector_of
from indexers.sources.aces_names import NARROWING, VEHICLE, VERSIONS, Names, names_of
from indexers.unlisted import Unlisted

NAMING = ("BaseVehicle", "EquipmentBase", "Make", "Mfr", "EquipmentModel", "VehicleType", "Model")
"""What names the vehicle, in the schema's order; `Years` stand before it, `ProductionYears` behind it."""

ELEMENTS = tuple(dict.fromkeys((*NAMING, *VEHICLE, *NARROWING)))
NUMBERED = "numbered"
PLACED = "position "
"""How a position without a name is spelled: the word and its id."""


def export_aces(generation: Generation, file: Path, version: str = "4.2", brand: str | None = None) -> Counter[str]:
    """Write every application, or those of a brand code. Returns counts: `written`, one a reason left out, and
    of those written `NUMBERED`, whose ids are no numbers.

    Raises `UnreadableSource` for a version that is not known.
    """
    if version not in VERSIONS:
        raise UnreadableSource(str(file), f"ACES {version} is none of {', '.join(VERSIONS)}")
    counts: Counter[str] = Counter()
    chosen = brand
    names, assets = names_of(version), [one for one in generation.assets if brand in (None, one.brand)]
    brands = {one.brand for one in assets}
    brand = brands.pop() if brand is None and len(brands) == 1 else brand
    rows = _rows(generation, chosen)
    pictures: dict[str, str] = {}
    with etree.xmlfile(str(file), encoding="utf-8") as out:
        out.write_declaration()
        with out.element("ACES", version=version):
            out.write(_header(brand or "", generation.manifest.created[:10], names), pretty_print=True)
            numbers = _Numbers(generation, chosen)
            for row in rows:
                try:
                    app = _app(row, brand, names)
                except Unwritable as reason:
                    counts[str(reason)] += 1
                    continue
                numbers.give(app, row.application_id)
                out.write(app, pretty_print=True)
                counts["written"] += 1
                if row.image:
                    pictures[row.number] = row.image
            _write_assets(out, assets, pictures, names)
            footer = etree.Element("Footer")
            _say(footer, "RecordCount", str(counts["written"]))
            out.write(footer, pretty_print=True)
    if numbers.given:
        counts[NUMBERED] = numbers.given
    return counts


class _Row(NamedTuple):
    """An application to write; `part_type` is an id, or text that ends in one. `image` is of a part that is sold."""

    code: str
    number: str
    part_type: str
    image: str | None
    application_id: str
    application: Application
    kept: Mapping[str, Any]


class _Numbers:
    """The ids of Apps: numbers as they are, others as `ref` of numbers above all that there are."""

    def __init__(self, generation: Generation, brand: str | None) -> None:
        rows = (row.application_id for _, _, row in _part_rows(generation, brand))
        facts = (one.application_id for one in _facts(generation, brand))
        found = map(_id_of, chain(rows, facts))
        self._last = max((int(one) for one in found if one.isdecimal()), default=0)
        self.given = 0

    def give(self, app: etree._Element, application_id: str) -> None:
        """Set the id of an App."""
        number = _id_of(application_id)
        if not number.isdecimal():
            if "ref" not in app.attrib:
                app.set("ref", number)
            self._last, self.given = self._last + 1, self.given + 1
            number = str(self._last)
        app.set("id", number)


def _id_of(application_id: str) -> str:
    return application_id.rpartition(":")[2]


def _write_assets(out: Any, assets: Sequence[Asset], pictures: Mapping[str, str], names: Names) -> None:
    """Asset rows, then what describes files: as it was read, and for pictures of parts that nothing read describes."""
    told = {kind: [_tree(one, names) for one in assets if one.kind == kind] for kind in (ROW, INFORMATION)}
    for row in told[ROW]:
        out.write(row, pretty_print=True)
    described = {words for one in told[INFORMATION] for child in one if (words := child.text)}
    told[INFORMATION] += [_picture(number, image) for number, image in pictures.items() if image not in described]
    if told[INFORMATION]:
        with out.element("DigitalAsset"):
            for one in told[INFORMATION]:
                out.write(one, pretty_print=True)


def _tree(asset: Asset, names: Names) -> etree._Element:
    tree = etree.fromstring(asset.xml)
    for child in tree.iter("AssetName"):
        child.tag = names.asset[0]
    return tree


def _picture(number: str, image: str) -> etree._Element:
    """`P04` is the code of a part's first photograph."""
    found = etree.Element(INFORMATION, AssetName=number, action="A", LanguageCode="EN")
    name = image.rpartition("/")[2]
    for tag, text in (("FileName", name), ("AssetDetailType", "P04"), ("FileType", name.rpartition(".")[2].upper())):
        _say(found, tag, text)
    if name != image:
        _say(found, "URI", image)
    return found


def _part_rows(generation: Generation, brand: str | None) -> Iterator[tuple[str, int, PartRow]]:
    """(brand code, part ordinal, row), by part."""
    for ordinal in generation.live_ordinals().tolist():
        code = generation.part_id(ordinal).rpartition(":")[0]
        if brand is None or code == brand:
            yield from ((code, ordinal, row) for row in generation.rows(ordinal))


def _facts(generation: Generation, brand: str | None) -> Iterator[Unlisted]:
    return (one for one in generation.unlisted_facts if brand is None or one.brand == brand)


def _rows(generation: Generation, brand: str | None) -> Iterator[_Row]:
    """Applications by part, then what makers say they have no part for."""
    rules = generation.rules
    for ordinal, rows in groupby(_part_rows(generation, brand), key=itemgetter(1)):
        part = generation.part(ordinal)
        for code, _, row in rows:
            said, kept = rules.as_read(row.rule_id), rules.kept(row.rule_id)
            yield _Row(code, part.part_number, part.part_type.id, part.image, row.application_id, said, kept)
    yield from map(_of_fact, _facts(generation, brand))


def _of_fact(fact: Unlisted) -> _Row:
    selector, condition = selector_of(fact.selector.encode()), condition_of(fact.condition.encode())
    detail = msgspec.json.decode(fact.detail)
    application = replace(
        condition,
        vehicle_ids=selector.vehicle_ids, make=selector.make, model=selector.model, years=selector.years,
        notes=notes_of(fact.notes.encode()), position=tuple(msgspec.json.decode(fact.position)),
        quantity=detail.get("quantity"),
    )  # fmt: skip
    kept = detail.get("attributes") or {}
    return _Row(fact.brand, fact.part_number, fact.part_type, None, fact.application_id, application, kept)


def _header(brand: str, date: str, names: Names) -> etree._Element:
    header = etree.Element("Header")
    told = (("Company", brand or "PartFit"), ("TransferDate", date), (names.brand, brand), ("EffectiveDate", date))
    for name, text in (*told, ("SubmissionType", "FULL")):
        if text:
            _say(header, name, text)
    return header


def _app(row: _Row, brand: str | None, names: Names) -> etree._Element:
    application, kept = row.application, row.kept
    app = etree.Element("App", action="A", id="")
    for name in ("ref", "validate"):
        if name in kept:
            app.set(name, str(kept[name]))
    _vehicle(app, application, kept.get("Other", ()))
    _notes(app, application, kept)
    if application.quantity is not None:
        _say(app, "Qty", str(application.quantity))
    etree.SubElement(app, names.part_type, id=str(kept.get("PartType") or row.part_type.rpartition(" ")[2]))
    for label in _listed(kept.get("MfrLabel")):
        _say(app, "MfrLabel", label)
    for number in _positions(application, kept):
        etree.SubElement(app, "Position", id=number)
    named = _say(app, names.part, row.number)
    if row.code and row.code != brand:
        named.set(names.brand, row.code)
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
    made = "Mfr" in application.where
    if not made:
        _span(app, "Years", ("from", "to"), application.years)
    _ids(app, application, NAMING)
    if made:
        _span(app, "ProductionYears", ("ProductionStart", "ProductionEnd"), application.years)
    _ids(app, application, (*ELEMENTS[len(NAMING) :], *other))


def _span(app: etree._Element, name: str, ends: tuple[str, str], years: Window) -> None:
    if not years.open:
        told = {end: str(year) for end, year in zip(ends, (years.start, years.end), strict=True) if year is not None}
        etree.SubElement(app, name, told)


def _ids(app: etree._Element, application: Application, elements: Iterable[str]) -> None:
    for name in elements:
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


def _say(parent: etree._Element, name: str, text: str, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, name, attributes)
    element.text = text
    return element
