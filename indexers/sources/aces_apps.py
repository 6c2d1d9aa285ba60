"""What one App says, as a contract row: decoded once for every spelling of everything but its id, vehicle and part.

Attributes keep the schema's own names and ids (`BaseVehicle`, `SubModel`, `EngineBase` …), because the names behind
the ids are licensed and belong to the operator. An element that an App lacks means every value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from indexers.sources.aces_names import CANONICAL, NARROWING, PART_SIDE, VEHICLE
from indexers.sources.delimited import UNREADABLE
from indexers.sources.reference import Reference
from indexers.sources.xml_records import Node, Record, XmlFile, tree_of
from indexers.unlisted import UNSOLD

MOST_TEMPLATES = 200_000
"""Spellings remembered at once, about 1 kB each."""

MOST_YEARS = 200
"""Model years that one App may span; more is a mistake."""

TREES = ("Header", "Asset", "DigitalFileInformation")
"""Elements beside the Apps that are kept."""

_PLAIN = re.compile(
    rb'\s*<App\s+(?:action="([A-Za-z])"\s+id="(\d+)"|id="(\d+)"\s+action="([A-Za-z])")((?:\s+\w+="[^"<>&]*")*)\s*>'
    rb'(?:\s*<BaseVehicle\s+id="(\d+)"\s*(?:/>|></BaseVehicle>))?'
    rb'(.*)<(?:Part|PartNumber)((?:\s+\w+="[^"<>&]*")*)\s*>([^<&"\\\x00-\x1f]+)</(?:Part|PartNumber)>(.*)',
    re.DOTALL,
)
"""An App as nearly all are written; what it does not match is read element by element."""

_encode = msgspec.json.encode


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


@dataclass(slots=True)
class Template:
    """Everything of an App but its id, its base vehicle's id, its part number and its place in the file."""

    error: str | None = None
    action: str = "A"
    brand: str = ""
    part_type: str = ""
    years: tuple[int | None, int | None] | None = None
    where: dict[str, list[str]] = field(default_factory=dict)
    asset: str = ""
    owner: bytes = b""
    before: bytes = b""
    comma: bytes = b""
    after: bytes = b""
    """`before`, the base vehicle with `comma` if there is one, and `after` are the row but for ids and place."""
    uses: int = 0


class App(NamedTuple):
    """One App: its place in the file from 1 and what its template leaves open, as JSON text without quotes.

    `base` is empty where the App names its vehicle in another way than by a base vehicle.
    """

    number: int
    template: Template
    app_id: bytes
    base: bytes
    part: bytes

    @property
    def application_id(self) -> str:
        """The contract's id."""
        return f"{self.template.brand}:{_text(self.app_id)}"

    @property
    def part_number(self) -> str:
        """The part number as written."""
        return _text(self.part)

    @property
    def lists_none(self) -> bool:
        """True if the number says that the maker has no part for this vehicle."""
        return self.part.decode().lower() in UNSOLD


class Apps:
    """Translates the Apps of one delivery, in the order in which they come."""

    def __init__(self, xml: XmlFile, reference: Reference) -> None:
        self.header = Header()
        self._xml = xml
        self.reference = reference
        self._templates: dict[tuple[bytes | None, ...], Template] = {}
        self._number = 0

    def __iter__(self) -> Iterator[App | Node]:
        """Every App, and the other trees kept, in the file's order."""
        match, known = _PLAIN.fullmatch, self._templates
        for pieces in self._xml.pieces():
            for piece in pieces:
                found = match(piece)
                if found is None:
                    yield from self._slowly(piece)
                    continue
                action, app_id, later_id, later_action, more, base, middle, attributes, part, rest = found.groups()
                if action is None:
                    action, app_id = later_action, later_id
                key = (action, more, middle, attributes, rest, base and b"1")
                template = known.get(key)
                if template is None:
                    content = middle + b"<Part" + attributes + b">1</Part>" + rest
                    template = self._template(Record(b' action="' + action + b'"' + more, content), base is not None)
                    self._remember(key, template)
                self._number += 1
                yield App(self._number, template, app_id, base or b"", part.strip())

    def line(self, app: App) -> bytes:
        """The App as a row of JSON; a row that only says what is wrong with one that has no meaning."""
        template = app.template
        if template.error is not None:
            return self._wrong(app)
        ids = b'{"application_id":"%s:%s","part_id":"%s:%s",' % (template.owner, app.app_id, template.owner, app.part)
        base = b'"BaseVehicle":["%s"]%s' % (app.base, template.comma) if app.base else b""
        line = b"%s%s%s%s%d}}" % (ids, template.before, base, template.after, app.number)
        return self._placeholder(app, line) if app.lists_none else line

    def _placeholder(self, app: App, line: bytes) -> bytes:
        """A row that is a fact about a part type says which."""
        row = msgspec.json.decode(line)
        told = {"part_type": self.reference.part_type(app.template.part_type)}
        return _encode(row | {"attributes": row.get("attributes", {}) | told})

    def _wrong(self, app: App) -> bytes:
        row: dict[str, Any] = {UNREADABLE: app.template.error}
        if app.template.action == "D" and app.app_id:
            row = {"application_id": app.application_id, "part_id": "-", "action": "D"}
        return _encode(row)

    def _remember(self, key: tuple[bytes | None, ...], template: Template) -> None:
        if len(self._templates) >= MOST_TEMPLATES:
            self._templates.clear()
        self._templates[key] = template

    def _slowly(self, piece: bytes) -> Iterator[App | Node]:
        for item in self._xml.items(piece):
            if isinstance(item, Record):
                self._number += 1
                yield self._record(item)
                continue
            if item.name == "Header":
                self.header = header_of(item)
                self._templates.clear()
            yield item

    def _record(self, record: Record) -> App:
        try:
            tree = tree_of(*record)
        except ValueError as error:
            return App(self._number, Template(error=str(error)), b"", b"", b"")
        bases = [node.attributes.get("id", "").strip() for node in tree.all("BaseVehicle")]
        tree.children = [node for node in tree.children if node.name != "BaseVehicle"]
        part = tree.first("Part", "PartNumber")
        number, app_id = part.text if part else "", tree.attributes.pop("id", "").strip()
        if part is None:
            return self._faulty("the App has no Part", tree, app_id)
        if not app_id or (bases and bases != [bases[0] or None]):
            return self._faulty("the App has no id, or a base vehicle without one, or two of them", tree, app_id)
        part.pieces.clear()
        key = (tree.xml().encode(), (bases and b"1") or None)
        template = self._templates.get(key)
        if template is None:
            template = self._read(tree, bool(bases))
            self._remember(key, template)
        return App(self._number, template, _json(app_id), _json("".join(bases)), _json(number))

    def _faulty(self, error: str, tree: Node, app_id: str) -> App:
        template = self._read(tree, True)
        template.error = error
        return App(self._number, template, _json(app_id), b"", b"")

    def _template(self, record: Record, has_base: bool) -> Template:
        try:
            return self._read(tree_of(*record), has_base)
        except ValueError as error:
            return Template(error=str(error))

    def _read(self, tree: Node, has_base: bool) -> Template:
        for node in tree.children:
            node.name = CANONICAL.get(node.name, node.name)
        part = tree.first("Part") or Node("Part", {})
        attributes = {CANONICAL.get(name, name): value.strip() for name, value in part.attributes.items()}
        template = Template(
            action=tree.attributes.get("action", "A").strip().upper() or "A",
            brand=attributes.get("BrandAAIAID") or self.header.brand,
            asset=tree.said("AssetName"),
        )
        template.owner = _json(template.brand)
        try:
            self._fill(template, tree, attributes, has_base)
        except ValueError as error:
            template.error = str(error)
        return template

    def _fill(self, template: Template, tree: Node, part: dict[str, str], has_base: bool) -> None:
        template.part_type = next(iter(_ids(tree, "PartType")), "")
        template.years = _years(tree)
        template.where = {
            name: _ids(tree, name)
            for name in dict.fromkeys(node.name for node in tree.children if "id" in node.attributes)
            if name not in PART_SIDE
        }
        if not has_base and template.years is None and not any(name in template.where for name in VEHICLE):
            raise ValueError("the App names no vehicle")
        quantity = tree.said("Qty")
        row: dict[str, Any] = {
            "position": [self.reference.position(one) for one in _ids(tree, "Position")],
            "quantity": int(quantity) if quantity.isascii() and quantity.isdigit() else None,
            "notes": self._notes(tree),
            "attributes": self._kept(tree, part, template.where),
            "source": {"file": self._xml.file.name, "date": self.header.date},
        }
        told = {name: value for name, value in row.items() if value not in (None, [], {})}
        vehicle = {} if template.years is None else {"years": template.years}
        action = "D" if template.action == "D" else "A"
        where = _encode(template.where)
        template.before = b'"action":"%s","vehicle":%s,"where":{' % (action.encode(), _encode(vehicle))
        template.comma = b"," if template.where else b""
        template.after = b'%s,%s,"row":' % (where[1:], _encode(told)[1:-2])

    def _notes(self, tree: Node) -> list[dict[str, str]]:
        """Qualifiers, notes and elements that nobody knows, in the file's order; all are conditions until reviewed."""
        found = []
        for node in tree.children:
            text, lang = node.text, (node.attributes.get("lang") or "en").lower()[:2]
            if node.name == "Qual":
                text = self._phrase(node)
            elif node.name != "Note":
                known = node.name in PART_SIDE or "id" in node.attributes
                text = "" if known or not text else f"{node.name}: {text}"
            if text:
                found.append({"text": text, "lang": lang})
        return found

    def _phrase(self, node: Node) -> str:
        values = [f"{one.get('value', '')}{one.get('uom', '')}" for one in _parameters(node)]
        return node.said("text") or self.reference.qualifier(node.attributes.get("id", "").strip(), values)

    def _kept(self, tree: Node, part: dict[str, str], where: dict[str, list[str]]) -> dict[str, Any]:
        """What a contract row has no field for, under the schema's names, for who writes it again."""
        found: dict[str, Any] = {name: value for name, value in tree.attributes.items() if name in ("ref", "validate")}
        if types := _ids(tree, "PartType"):
            found["PartType"] = types[0]
        named = [one for one in _ids(tree, "Position") if one in self.reference.positions]
        qualifiers = [
            {"id": node.attributes.get("id", "").strip(), "text": self._phrase(node), "param": _parameters(node)}
            for node in tree.all("Qual")
        ]
        numbered = [
            {"id": one.attributes["id"], "text": one.text} for one in tree.all("Note") if "id" in one.attributes
        ]
        other = [name for name in where if name not in VEHICLE and name not in NARROWING]
        for name, value in (("Position", named), ("Qual", qualifiers), ("Note", numbered), ("Other", other)):
            if value:
                found[name] = value
        for name in _KEPT:
            if texts := [node.text for node in tree.all(name) if node.text]:
                found[name] = texts[0] if len(texts) == 1 else texts
        if part.get("SubBrandAAIAID"):
            found["SubBrandAAIAID"] = part["SubBrandAAIAID"]
        return found


_KEPT = ("MfrLabel", "AssetName", "AssetItemOrder", "AssetItemRef", "NonDiagramAssetName", "DisplayOrder")


def header_of(tree: Node) -> Header:
    """The header's facts, under the names of the reader's own version."""
    fields = tuple((CANONICAL.get(node.name, node.name), node.text) for node in tree.children)
    said = dict(fields)
    company = said.get("Company", "")
    return Header(
        said.get("BrandAAIAID") or company, company, said.get("SubmissionType", "").upper(),
        said.get("EffectiveDate") or said.get("TransferDate") or None, fields,
    )  # fmt: skip


def _parameters(node: Node) -> list[dict[str, str]]:
    return [child.attributes for child in node.all("param")]


def _years(tree: Node) -> tuple[int | None, int | None] | None:
    """The model years an App says. Raises `ValueError` for a span that must be a mistake."""
    for name, ends in (("Years", ("from", "to")), ("ProductionYears", ("ProductionStart", "ProductionEnd"))):
        node = tree.first(name)
        if node is not None:
            first, last = (_year(node, end) for end in ends)
            if first is not None and last is not None and not 0 <= last - first <= MOST_YEARS:
                raise ValueError(f"the years {(first, last)} are no span")
            return first, last
    return None


def _ids(tree: Node, name: str) -> list[str]:
    ids = [node.attributes.get("id", "").strip() for node in tree.all(name)]
    if "" in ids:
        raise ValueError(f"{name} has no id")
    return ids


def _year(node: Node, name: str) -> int | None:
    text = node.attributes.get(name, "").strip()
    if text and not text.isdigit():
        raise ValueError(f"{node.name} {name}={text!r} is no year")
    return int(text) if text else None


def _json(text: str) -> bytes:
    return _encode(text)[1:-1]


def _text(json: bytes) -> str:
    return str(msgspec.json.decode(b'"' + json + b'"'))
