"""What one App says, as a contract row: decoded once for every spelling of everything but its id, vehicle and part.

Attributes keep the schema's own names and ids (`BaseVehicle`, `SubModel`, `EngineBase` …), because the names behind
the ids are licensed and belong to the operator. An element that an App lacks means every value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import msgspec

from indexers.sources.aces_names import CANONICAL, NARROWING, PART_SIDE, VEHICLE
from indexers.sources.delimited import UNREADABLE
from indexers.sources.reference import Reference
from indexers.sources.xml_records import Node, Record, XmlFile, tree_of
from indexers.unlisted import UNSOLD

MOST_SPELLINGS = 50_000
"""Halves of Apps remembered at once, under 1 kB each; 400,000 Apps of `benchmarks.aces` have about 20,000."""

MOST_YEARS = 200
"""Model years that one App may span; more is a mistake."""

TREES = ("Header", "Asset", "DigitalFileInformation")
"""Elements beside the Apps that are kept."""

_PLAIN = re.compile(
    rb'\s*<App\s+(?:action="([A-Za-z])"\s+id="(\d+)"|id="(\d+)"\s+action="([A-Za-z])")((?:\s+\w+="[^"<>&]*")*)\s*>'
    rb'(?:\s*<BaseVehicle\s+id="(\d+)"\s*(?:/>|></BaseVehicle>))?'
    rb'(.*?)(<Qty>[^<]*</Qty>.*)<(?:Part|PartNumber)((?:\s+\w+="[^"<>&]*")*)\s*>([^<&"\\\x00-\x1f]+)</(?:Part|PartNumber)>(.*)',
    re.DOTALL,
)
"""An App as nearly all are written, cut where what it asks ends. What this does not match is read by element."""

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
class Asks:
    """What an App asks of the vehicle beside its base vehicle, and its notes."""

    error: str | None = None
    years: tuple[int | None, int | None] | None = None
    where: dict[str, list[str]] = field(default_factory=dict)
    before: bytes = b""
    after: bytes = b""
    kept: bytes = b""
    """The row's `vehicle` and `where` up to the base vehicle, from there to `notes`, and what `attributes` keeps."""
    seen: bool = False


@dataclass(slots=True)
class Sells:
    """What an App says of the part beside its number. `foreign`: it says more, so the App is to be read by element."""

    error: str | None = None
    action: str = "A"
    brand: str = ""
    part_type: str = ""
    asset: str = ""
    foreign: bool = False
    owner: bytes = b""
    before: bytes = b""
    after: bytes = b""
    """The row's `action`, and from what `attributes` keeps up to its place in the file."""


class App(NamedTuple):
    """One App: its place in the file from 1, its two halves, and what they leave open, as JSON text without quotes.

    `base` is empty where the App names its vehicle in another way than by a base vehicle.
    """

    number: int
    asks: Asks
    sells: Sells
    app_id: bytes
    base: bytes
    part: bytes

    @property
    def error(self) -> str | None:
        """Why the App has no meaning."""
        return self.sells.error or self.asks.error

    @property
    def application_id(self) -> str:
        """The contract's id."""
        return f"{self.sells.brand}:{_text(self.app_id)}"

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
        self._reference = reference
        self._asks: dict[object, Asks] = {}
        self._sells: dict[object, Sells] = {}
        self._number = 0

    def __iter__(self) -> Iterator[App | Node]:
        """Every App, and the other trees kept, in the file's order."""
        match, known_asks, known_sells, new = _PLAIN.fullmatch, self._asks, self._sells, tuple.__new__
        for pieces in self._xml.pieces():
            for piece in pieces:
                found = match(piece)
                if found is None:
                    yield from self._slowly(piece)
                    continue
                action, app_id, later, late_action, more, base, asked, sold, attributes, part, rest = found.groups()
                key = (action or late_action, more, sold, attributes, rest)
                asks = known_asks.get((asked, base is None)) or self._asked(asked, base is None)
                sells = known_sells.get(key) or self._sold(key)
                if sells.foreign:
                    yield from self._slowly(piece)
                    continue
                self._number += 1
                yield new(App, (self._number, asks, sells, app_id or later, base or b"", part.strip()))

    def line(self, app: App, lists_none: bool) -> bytes:
        """The App as a row of JSON; a row that only says what is wrong with one that has no meaning.

        `lists_none` is that of the App, which the caller remembers for its part.
        """
        number, asks, sells, app_id, base, part = app
        if sells.error is not None or asks.error is not None:
            return self._wrong(app)
        owner = sells.owner
        if base:
            base = b'"BaseVehicle":["%s"]' % base if asks.after[:1] == b"}" else b'"BaseVehicle":["%s"],' % base
        line = b'{"application_id":"%s:%s","part_id":"%s:%s",%s%s%s%s,"attributes":{%s%s%d}}' % (
            owner, app_id, owner, part, sells.before, asks.before, base, asks.after, asks.kept, sells.after, number
        )  # fmt: skip
        return self._placeholder(app, line) if lists_none else line

    def _placeholder(self, app: App, line: bytes) -> bytes:
        """A row that is a fact about a part type says which."""
        row = msgspec.json.decode(line)
        told = {"part_type": self._reference.part_type(app.sells.part_type)}
        return _encode(row | {"attributes": row["attributes"] | told})

    def _wrong(self, app: App) -> bytes:
        row: dict[str, Any] = {UNREADABLE: app.error}
        if app.sells.action == "D" and app.app_id:
            row = {"application_id": app.application_id, "part_id": "-", "action": "D"}
        return _encode(row)

    def _slowly(self, piece: bytes) -> Iterator[App | Node]:
        for item in self._xml.items(piece):
            if isinstance(item, Record):
                self._number += 1
                yield self._record(item)
                continue
            if item.name == "Header":
                self.header = header_of(item)
                self._sells.clear()
            yield item

    def _record(self, record: Record) -> App:
        try:
            tree = tree_of(*record)
        except ValueError as error:
            return App(self._number, Asks(), Sells(error=str(error)), b"", b"", b"")
        bases = [node.attributes.get("id", "").strip() for node in tree.all("BaseVehicle")]
        part = tree.first("Part", "PartNumber")
        number, app_id = part.text if part else "", tree.attributes.pop("id", "").strip()
        asks, sells = _halves(tree)
        found = App(self._number, self._ask(asks, not bases), self._sell(sells), _json(app_id),
                    _json("".join(bases)), _json(number))  # fmt: skip
        if part is None:
            return found._replace(sells=replace(found.sells, error="the App has no Part"))
        if not app_id or len(bases) > 1 or "" in bases:
            return found._replace(
                sells=replace(found.sells, error="the App has no id, or two base vehicles, or one without")
            )
        return found

    def _asked(self, asked: bytes, named: bool) -> Asks:
        if len(self._asks) >= MOST_SPELLINGS:
            self._asks.clear()
        try:
            found = self._ask(tree_of(b"", asked), named)
        except ValueError as error:
            found = Asks(error=str(error))
        self._asks[asked, named] = found
        return found

    def _sold(self, key: tuple[bytes, bytes, bytes, bytes, bytes]) -> Sells:
        action, more, sold, attributes, rest = key
        if len(self._sells) >= MOST_SPELLINGS:
            self._sells.clear()
        try:
            tree = tree_of(b' action="' + action + b'"' + more, sold + b"<Part" + attributes + b">1</Part>" + rest)
            asks, sells = _halves(tree)
            found = self._sell(sells)
            found.foreign = bool(asks.children)
        except ValueError as error:
            found = Sells(error=str(error))
        self._sells[key] = found
        return found

    def _ask(self, tree: Node, named: bool) -> Asks:
        """`named` says that the tree itself has to name a vehicle."""
        asks = Asks()
        try:
            asks.years = _years(tree)
            asks.where = {
                name: _ids(tree, name)
                for name in dict.fromkeys(node.name for node in tree.children if "id" in node.attributes)
                if name not in ("Qual", "Note", "BaseVehicle")
            }
            if named and asks.years is None and not any(name in asks.where for name in VEHICLE):
                raise ValueError("the App names no vehicle")
        except ValueError as error:
            asks.error = str(error)
        vehicle = {} if asks.years is None else {"years": asks.years}
        notes, kept = self._notes(tree), self._said(tree, asks.where)
        asks.before = b'"vehicle":%s,"where":{' % _encode(vehicle)
        asks.after = _encode(asks.where)[1:] + (b',"notes":%s' % _encode(notes) if notes else b"")
        asks.kept = _encode(kept)[1:-1] + b"," if kept else b""
        return asks

    def _sell(self, tree: Node) -> Sells:
        part = tree.first("Part") or Node("Part", {})
        attributes = {CANONICAL.get(name, name): value.strip() for name, value in part.attributes.items()}
        sells = Sells(
            action=tree.attributes.get("action", "A").strip().upper() or "A",
            brand=attributes.get("BrandAAIAID") or self.header.brand,
            asset=tree.said("AssetName"),
        )
        sells.owner = _json(sells.brand)
        try:
            self._fill(sells, tree, attributes.get("SubBrandAAIAID", ""))
        except ValueError as error:
            sells.error = str(error)
        return sells

    def _fill(self, sells: Sells, tree: Node, sub_brand: str) -> None:
        types, positions, quantity = _ids(tree, "PartType"), _ids(tree, "Position"), tree.said("Qty")
        sells.part_type = types[0] if types else ""
        named = [one for one in positions if one in self._reference.positions]
        kept: dict[str, Any] = {name: told for name in ("ref", "validate") if (told := tree.attributes.get(name))}
        kept |= {name: texts[0] if len(texts) == 1 else texts for name in _KEPT if (texts := _texts(tree, name))}
        own = {"PartType": sells.part_type, "Position": named, "SubBrandAAIAID": sub_brand}
        row: dict[str, Any] = {
            "position": [self._reference.position(one) for one in positions],
            "quantity": int(quantity) if quantity.isascii() and quantity.isdigit() else None,
            "source": {"file": self._xml.file.name, "date": self.header.date},
        }
        row = {name: value for name, value in row.items() if value not in (None, [])}
        sells.before = b'"action":"%s",' % (b"D" if sells.action == "D" else b"A")
        kept_json = _encode(kept | {name: value for name, value in own.items() if value})
        sells.after = b'%s,%s,"row":' % (kept_json[1:], _encode(row)[1:-2])

    def _notes(self, tree: Node) -> list[dict[str, str]]:
        """Qualifiers, notes and elements that nobody knows, in the file's order; all are conditions until reviewed."""
        found = []
        for node in tree.children:
            text, lang = node.text, (node.attributes.get("lang") or "en").lower()[:2]
            if node.name == "Qual":
                text = self._phrase(node)
            elif node.name != "Note":
                text = "" if "id" in node.attributes or not text else f"{node.name}: {text}"
            if text:
                found.append({"text": text, "lang": lang})
        return found

    def _phrase(self, node: Node) -> str:
        values = [f"{one.get('value', '')}{one.get('uom', '')}" for one in _parameters(node)]
        return node.said("text") or self._reference.qualifier(node.attributes.get("id", "").strip(), values)

    def _said(self, tree: Node, where: dict[str, list[str]]) -> dict[str, Any]:
        """What a contract row has no field for, for who writes it again: ids and parameters behind the notes."""
        qualifiers = [
            {"id": node.attributes.get("id", "").strip(), "text": self._phrase(node), "param": _parameters(node)}
            for node in tree.all("Qual")
        ]
        numbered = [
            {"id": one.attributes["id"], "text": one.text} for one in tree.all("Note") if "id" in one.attributes
        ]
        other = [name for name in where if name not in VEHICLE and name not in NARROWING]
        told = {"Qual": qualifiers, "Note": numbered, "Other": other}
        return {name: value for name, value in told.items() if value}


_KEPT = ("MfrLabel", "AssetName", "AssetItemOrder", "AssetItemRef", "NonDiagramAssetName", "DisplayOrder")


def _halves(tree: Node) -> tuple[Node, Node]:
    """What an App asks, and what it says of the part, under the reader's own names."""
    asks, sells = Node(tree.name, {}), Node(tree.name, tree.attributes)
    for node in tree.children:
        node.name = CANONICAL.get(node.name, node.name)
        (sells if node.name in PART_SIDE else asks).children.append(node)
    return asks, sells


def _texts(tree: Node, name: str) -> list[str]:
    return [node.text for node in tree.all(name) if node.text]


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
