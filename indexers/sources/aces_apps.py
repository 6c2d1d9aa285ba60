"""What Apps say: each half, what an App asks and what it says of the part, decoded once for every spelling of it.

Attributes keep the schema's own names and ids (`BaseVehicle`, `SubModel`, `EngineBase` …), because the names behind
the ids are licensed and belong to the operator. An element that an App lacks means every value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from indexers.sources.aces_names import CANONICAL, NARROWING, PART_SIDE, VEHICLE
from indexers.sources.reference import Reference
from indexers.sources.xml_records import Node

MOST_YEARS = 200
"""Model years that one App may span; more is a mistake."""

TREES = ("Header", "Asset", "DigitalFileInformation")
"""Elements beside the Apps that are kept."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a delivery says of itself. `brand` is the brand code, else the company; `fields` are all its elements."""

    brand: str = ""
    company: str = ""
    submission: str = ""
    date: str | None = None
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def names_brand(self) -> bool:
        """True if the brand is a code, not the company for want of one."""
        return any(name == "BrandAAIAID" and value for name, value in self.fields)


class Fault(NamedTuple):
    """What is wrong with an App: the element and attribute (`""`: the whole), what stands there, and the reason."""

    field: str
    value: str | None
    reason: str


class FaultyApp(Exception):
    """An App without meaning."""

    def __init__(self, field: str, value: str | None, reason: str) -> None:
        super().__init__(reason)
        self.fault = Fault(field, value, reason)


@dataclass(slots=True)
class Asks:
    """What an App asks of the vehicle beside its base vehicle, and its notes.

    `kept` is what a contract row has no field for, for who writes the App again: ids and parameters behind the notes.
    """

    error: Fault | None = None
    years: tuple[int | None, int | None] | None = None
    where: dict[str, list[str]] = field(default_factory=dict)
    notes: list[dict[str, str]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def names_vehicle(self) -> bool:
        """True if it says which vehicle it is about, so that the App needs no base vehicle."""
        return self.years is not None or any(name in self.where for name in VEHICLE)


@dataclass(slots=True)
class Sells:
    """What an App says of the part beside its number. `kept` is as in `Asks`."""

    error: Fault | None = None
    action: str = "A"
    brand: str = ""
    part_type: str = ""
    asset: str = ""
    position: list[str] = field(default_factory=list)
    quantity: int | None = None
    kept: dict[str, Any] = field(default_factory=dict)


def halves(tree: Node) -> tuple[Node, Node]:
    """What an App asks, and what it says of the part, under the reader's own names."""
    asks, sells = Node(tree.name, {}), Node(tree.name, tree.attributes)
    for node in tree.children:
        node.name = CANONICAL.get(node.name, node.name)
        (sells if node.name in PART_SIDE else asks).children.append(node)
    return asks, sells


def header_of(tree: Node) -> Header:
    """The header's facts, under the names of the reader's own version."""
    fields = tuple((CANONICAL.get(node.name, node.name), node.text) for node in tree.children)
    said = dict(fields)
    company = said.get("Company", "")
    return Header(
        said.get("BrandAAIAID") or company, company, said.get("SubmissionType", "").upper(),
        said.get("EffectiveDate") or said.get("TransferDate") or None, fields,
    )  # fmt: skip


def asks_of(tree: Node, reference: Reference) -> Asks:
    """The half that asks, without its base vehicle."""
    asks = Asks()
    try:
        _refuse_empty(tree)
        asks.years = _years(tree)
        asks.where = {
            name: _ids(tree, name)
            for name in dict.fromkeys(node.name for node in tree.children if "id" in node.attributes)
            if name not in ("Qual", "Note", "BaseVehicle")
        }
    except FaultyApp as error:
        asks.error = error.fault
    asks.notes, asks.kept = _notes(tree, reference), _said(tree, asks.where, reference)
    return asks


def _refuse_empty(tree: Node) -> None:
    """Raises `FaultyApp` for an element of the schema that asks for something and does not say what."""
    for node in tree.children:
        known = node.name in NARROWING or node.name in VEHICLE
        if known and not node.text and not node.attributes.get("id", "").strip():
            raise FaultyApp(node.name, None, "has no id")


def sells_of(tree: Node, header: Header, reference: Reference) -> Sells:
    """The half about the part, whose number is not looked at."""
    part = tree.first("Part") or Node("Part", {})
    attributes = {CANONICAL.get(name, name): value.strip() for name, value in part.attributes.items()}
    sells = Sells(
        action=tree.attributes.get("action", "A").strip().upper() or "A",
        brand=attributes.get("BrandAAIAID") or header.brand,
        asset=tree.said("AssetName"),
    )
    try:
        types, positions = _ids(tree, "PartType"), _ids(tree, "Position")
        sells.quantity = _quantity(tree)
        if sells.action not in ("A", "D"):
            raise FaultyApp("action", sells.action, "is neither A (add) nor D (delete)")
    except FaultyApp as error:
        sells.error = error.fault
        return sells
    sells.part_type = types[0] if types else ""
    sells.position = [reference.position(one) for one in positions]
    kept: dict[str, Any] = {name: told for name in ("ref", "validate") if (told := tree.attributes.get(name))}
    kept |= {name: texts[0] if len(texts) == 1 else texts for name in _KEPT if (texts := _texts(tree, name))}
    named = [one for one in positions if one in reference.positions]
    own = {"PartType": sells.part_type, "Position": named, "SubBrandAAIAID": attributes.get("SubBrandAAIAID", "")}
    sells.kept = kept | {name: value for name, value in own.items() if value}
    return sells


_SPANS = {"Years": ("from", "to"), "ProductionYears": ("ProductionStart", "ProductionEnd")}
_WHOLE = re.compile(r"([0-9]{1,6})(?:\.0*)?")


def _quantity(tree: Node) -> int | None:
    """`None` where the element is missing or empty. Raises `FaultyApp` for what is no count."""
    text = tree.said("Qty")
    match = _WHOLE.fullmatch(text)
    if text and match is None:
        raise FaultyApp("Qty", text, "is no whole number")
    return None if match is None else int(match[1])


_KEPT = ("MfrLabel", "AssetName", "AssetItemOrder", "AssetItemRef", "NonDiagramAssetName", "DisplayOrder")


def _notes(tree: Node, reference: Reference) -> list[dict[str, str]]:
    """Qualifiers, notes and elements that nobody knows, in the file's order; all are conditions until reviewed."""
    found = []
    for node in tree.children:
        text, lang = node.text, (node.attributes.get("lang") or "en").lower()[:2]
        if node.name == "Qual":
            text = _phrase(node, reference)
        elif node.name != "Note":
            text = "" if "id" in node.attributes or node.name in _SPANS else _unknown(node)
        if text:
            found.append({"text": text, "lang": lang})
    return found


def _unknown(node: Node) -> str:
    """An element without an id as a note: its text, else its attributes, else its name alone."""
    told = node.text or " ".join(node.attributes.values())
    return f"{node.name}: {told}" if told else node.name


def _phrase(node: Node, reference: Reference) -> str:
    values = [f"{one.get('value', '')}{one.get('uom', '')}" for one in _parameters(node)]
    return node.said("text") or reference.qualifier(node.attributes.get("id", "").strip(), values)


def _said(tree: Node, where: dict[str, list[str]], reference: Reference) -> dict[str, Any]:
    qualifiers = [
        {"id": node.attributes.get("id", "").strip(), "text": _phrase(node, reference), "param": _parameters(node)}
        for node in tree.all("Qual")
    ]
    numbered = [{"id": one.attributes["id"], "text": one.text} for one in tree.all("Note") if "id" in one.attributes]
    other = [name for name in where if name not in VEHICLE and name not in NARROWING]
    told = {"Qual": qualifiers, "Note": numbered, "Other": other}
    return {name: value for name, value in told.items() if value}


def _texts(tree: Node, name: str) -> list[str]:
    return [node.text for node in tree.all(name) if node.text]


def _parameters(node: Node) -> list[dict[str, str]]:
    return [child.attributes for child in node.all("param")]


def _years(tree: Node) -> tuple[int | None, int | None] | None:
    """The model years an App says. Raises `FaultyApp` for a span that must be a mistake."""
    for name, ends in _SPANS.items():
        node = tree.first(name)
        if node is not None:
            first, last = (_year(node, end) for end in ends)
            if first is not None and last is not None and not 0 <= last - first <= MOST_YEARS:
                reason = "the first year is after the last" if first > last else f"are more than {MOST_YEARS} years"
                raise FaultyApp(name, f"{first} to {last}", reason)
            return first, last
    return None


def _ids(tree: Node, name: str) -> list[str]:
    ids = [node.attributes.get("id", "").strip() for node in tree.all(name)]
    if "" in ids:
        raise FaultyApp(name, None, "has no id")
    return ids


def _year(node: Node, name: str) -> int | None:
    text = node.attributes.get(name, "").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise FaultyApp(f"{node.name}.{name}", text, "is no year")
    return int(text) if text else None
