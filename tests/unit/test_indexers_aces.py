"""ACES XML as contract rows: what an App says, and what is refused."""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pytest

from indexers.errors import UnreadableSource
from indexers.quarantine import Quarantined
from indexers.read_rows import RowsRead, read_rows
from indexers.rows import ApplicationRow, PartRow, RowKind, VehicleRow
from indexers.sources.aces import Deliveries, read_deliveries
from indexers.sources.reference import NOTHING_KNOWN, Reference
from tests.unit.aces_rows import rows_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
REAL = "ACES_3_1_AirQualitee_FULL_2017-01-12.xml.gz"

HEAD = """
<Header><Company>Acme</Company><BrandAAIAID>ACME</BrandAAIAID><EffectiveDate>2026-05-01</EffectiveDate></Header>
"""
APPS = """
<App action="A" id="1"><BaseVehicle id="5911"/><SubModel id="20"/><EngineBase id="7"/><Note>carbon  version</Note>
 <Qual id="3"><text>with ABS</text></Qual><Qty>2</Qty><PartType id="6832"/><Position id="22"/><Part>AQ1</Part></App>
<App action="A" id="2"><Years from="2001" to="2003"/><Make id="54"/><Model id="690"/><Qty>1</Qty>
 <PartType id="6832"/><Part BrandAAIAID="OTHR">AQ2</Part></App>
<App action="D" id="3"><BaseVehicle id="5911"/><Qty>1</Qty><PartType id="6832"/><Part>AQ1</Part></App>
<App action="A" id="4"><BaseVehicle id="5911"/><Qty>1</Qty><PartType id="6832"/><Part>N/A</Part></App>
<App action="A" id="5"><Qty>1</Qty><PartType id="6832"/><Part>AQ1</Part></App>
"""


def _file(folder: Path, apps: str = APPS, before: str = "") -> Path:
    file = folder / "a.xml"
    file.write_text(f'<?xml version="1.0"?>{before}<ACES version="3.1">{HEAD}{apps}<Footer/></ACES>')
    return file


def _read(folder: Path, file: Path, reference: Reference = NOTHING_KNOWN) -> Deliveries:
    return read_deliveries([file], folder / f"read{len(list(folder.iterdir()))}", reference)


def _rows(
    folder: Path, file: Path, reference: Reference = NOTHING_KNOWN
) -> tuple[list[ApplicationRow], list[Quarantined]]:
    (delivery,) = _read(folder, file, reference).found
    rows, shard = rows_of(delivery, delivery.apps.folder / "shard")
    return rows, shard.bad


def _named(folder: Path, file: Path, kind: RowKind, reference: Reference = NOTHING_KNOWN) -> list[object]:
    return [row for row, _, _ in read_rows(_read(folder, file, reference).pieces(kind), RowsRead())]


def test_an_app_becomes_an_application(tmp_path: Path) -> None:
    """Ids stay attributes of the schema's own names; notes and qualifiers are unreviewed; missing is every value."""
    rows, bad = _rows(tmp_path, _file(tmp_path))
    one, two, gone, _ = rows
    assert (one.application_id, one.part_id, one.quantity) == ("ACME:1", "ACME:AQ1", 2)
    assert one.where == {"BaseVehicle": ["5911"], "SubModel": ["20"], "EngineBase": ["7"]}
    assert [(note.text, note.kind) for note in one.notes or ()] == [("carbon version", None), ("with ABS", None)]
    assert one.source is not None
    assert (one.source.file, one.source.row, one.source.date) == ("a.xml", 1, "2026-05-01")
    assert (two.application_id, two.part_id) == ("OTHR:2", "OTHR:AQ2")
    assert two.vehicle is not None
    assert (two.vehicle.years, two.where) == ((2001, 2003), {"Make": ["54"], "Model": ["690"]})
    assert gone.action == "D"
    assert [(one.line, one.reason, one.subject, one.row_id) for one in bad] == [
        (5, "the App names no vehicle", "ACME:AQ1", "ACME:5")
    ]


@pytest.mark.parametrize(
    ("app", "field", "value", "reason"),
    [
        ('id="1"><BaseVehicle id="5"/>', "Part", None, "is required"),
        ('><BaseVehicle id="5"/><Part>P</Part>', "id", None, "is required"),
        ('id="1"><BaseVehicle/><Part>P</Part>', "BaseVehicle", None, "has no id"),
        ('id="1"><BaseVehicle id="5"/><BaseVehicle id="6"/><Part>P</Part>', "BaseVehicle", "5, 6",
         "an App has one base vehicle; write one App for each"),
        ('id="1"><BaseVehicle id="5"/><PartType/><Part>P</Part>', "PartType", None, "has no id"),
        ('id="1"><Make id="1"/><Years from="20x2" to="2003"/><Part>P</Part>', "Years.from", "20x2", "is no year"),
        ('id="1"><Make id="1"/><Years from="1900" to="2900"/><Part>P</Part>', "Years", "1900 to 2900",
         "are more than 200 years"),
        ('id="1"><Make id="1"/><Years from="²⁰" to="2003"/><Part>P</Part>', "Years.from", "²⁰", "is no year"),
        ('id="1"><BaseVehicle id="5"/><Qty>two</Qty><Part>P</Part>', "Qty", "two", "is no whole number"),
        ('id="1"><BaseVehicle id="5"/><Qty>-1</Qty><Part>P</Part>', "Qty", "-1", "is no whole number"),
        ('id="1"><BaseVehicle id="5"/><SubModel/><Part>P</Part>', "SubModel", None, "has no id"),
        ('id="1"><Years from="2001" to="2003"/><Make/><Model id="6"/><Part>P</Part>', "Make", None, "has no id"),
        ('id="1"><Part>P</Part>', "", None, "the App names no vehicle"),
    ],
)  # fmt: skip
def test_an_app_without_meaning_names_its_element(
    tmp_path: Path, app: str, field: str, value: str | None, reason: str
) -> None:
    """What it lacks or has too many of, and what stands there."""
    _, bad = _rows(tmp_path, _file(tmp_path, f'<App action="A" {app}</App>'))
    assert [(one.field, one.value, one.reason) for one in bad] == [(field, value, reason)]


def test_an_action_that_nobody_knows_is_no_addition(tmp_path: Path) -> None:
    """Neither A nor D: what was meant cannot be told. A quantity with a point is the whole number it is."""
    app = '<App action="%s" id="%s"><BaseVehicle id="5"/><Qty>2.0</Qty><PartType id="1"/><Part>P</Part></App>'
    rows, bad = _rows(tmp_path, _file(tmp_path, app % ("X", 1) + app % ("a", 2)))
    assert [(row.application_id, row.quantity) for row in rows] == [("ACME:2", 2)]
    assert [(one.field, one.value, one.row_id) for one in bad] == [("action", "X", "ACME:1")]


def test_parts_and_vehicles_are_those_that_apps_name(tmp_path: Path) -> None:
    """One part a number, one vehicle a base vehicle or make, model and year; `N/A` is no part."""
    file = _file(tmp_path)
    parts = [row for row in _named(tmp_path, file, RowKind.PARTS) if isinstance(row, PartRow)]
    vehicles = [row for row in _named(tmp_path, file, RowKind.VEHICLES) if isinstance(row, VehicleRow)]
    assert [(part.part_id, part.title["en"]) for part in parts] == [
        ("ACME:AQ1", "ACME AQ1 PartType 6832"),
        ("OTHR:AQ2", "OTHR AQ2 PartType 6832"),
    ]
    assert [(row.attributes, row.year) for row in vehicles] == [
        ({"BaseVehicle": "5911"}, None),
        *(({"Make": "54", "Model": "690"}, year) for year in (2001, 2002, 2003)),
    ]


@pytest.mark.parametrize("before", ['<!DOCTYPE a [<!ENTITY b "x">]>', '<!DOCTYPE a SYSTEM "file:///etc/passwd">'])
def test_a_doctype_is_refused(tmp_path: Path, before: str) -> None:
    """No entity is expanded and nothing is fetched, because no file that could ask for it is read."""
    with pytest.raises(UnreadableSource, match="DOCTYPE"):
        _rows(tmp_path, _file(tmp_path, before=before))


def test_damaged_or_other_xml_is_refused(tmp_path: Path) -> None:
    """A delivery that ends in the middle may lack anything."""
    file = _file(tmp_path)
    file.write_text(file.read_text()[:-20])
    with pytest.raises(UnreadableSource):
        _rows(tmp_path, file)
    file.write_text("<PIES><Header/></PIES>")
    with pytest.raises(UnreadableSource, match="PIES"):
        _rows(tmp_path, file)


def test_the_real_delivery_loses_nothing(tmp_path: Path) -> None:
    """All 6,512 Apps, 257 parts, 4,811 base vehicles and 2,779 notes of a real ACES 3.1 file."""
    file = DATA / REAL
    if not file.exists():
        pytest.skip(f"{REAL} is not beside the project (../shared/data)")
    rows, bad = _rows(tmp_path, file)
    assert (len(rows), bad) == (6512, [])
    assert sum(len(row.notes or ()) for row in rows) == 2779
    asked = Counter(name for row in rows for name in row.where or {})
    assert (asked["BaseVehicle"], asked["SubModel"], asked["EngineBase"]) == (6512, 266, 24)
    assert gzip.decompress(file.read_bytes()).count(b"<App ") == len(rows)
    assert [len(_named(tmp_path, file, kind)) for kind in (RowKind.PARTS, RowKind.VEHICLES)] == [257, 4811]


FIVE = """<ACES version="5.0" xmlns="http://www.autocare.org"><Header><Company>Acme</Company><BrandID>ACME</BrandID>
<SubmissionType>UPDATE</SubmissionType></Header>
<App action="A" id="1" ref="r"><Years from="2001" to="2002"/><Make id="54"/><VehicleType id="5"/>
 <Qual id="9"><param value="11.5" uom="in"/><text>with 11.5in rotor</text></Qual><Qty>1</Qty>
 <PartTerminology id="1684"/><MfrLabel lang="en">Premium</MfrLabel><Position id="22"/>
 <PartNumber BrandID="OTHR">P1</PartNumber><DiagramAssetName>pic</DiagramAssetName></App>
<App action="A" id="2"><Mfr id="3"/><EquipmentModel id="4"/><VehicleType id="6"/>
 <ProductionYears ProductionStart="2010" ProductionEnd="2011"/><Qty>1</Qty><PartTerminology id="1"/>
 <PartNumber>P2</PartNumber></App>
<App action="A" id="3"><EquipmentBase id="8"/><Qty>1</Qty><PartTerminology id="1"/><PartNumber>P2</PartNumber></App>
<App action="A" id="4"><Years from="2012" to="1012"/><Make id="1"/><PartTerminology id="1"/><PartNumber>P2</PartNumber>
</App>
<Asset action="A" id="1"><BaseVehicle id="1"/><AssetName>pic</AssetName></Asset>
<DigitalAsset><DigitalFileInformation AssetName="pic" action="A"><FileName>pic.jpg</FileName></DigitalFileInformation>
</DigitalAsset></ACES>"""


def test_version_5_is_read_by_its_own_names(tmp_path: Path) -> None:
    """All ways of naming a vehicle; labels, assets and qualifiers are kept; years that are none are a bad row."""
    file = tmp_path / "five.xml"
    file.write_text(FIVE)
    reference = Reference(part_types={"1684": "Pads"}, positions={"22": "Front"})
    rows, bad = _rows(tmp_path, file, reference)
    one, mower, base = rows
    assert (one.part_id, one.position, one.where) == ("OTHR:P1", ["Front"], {"Make": ["54"], "VehicleType": ["5"]})
    assert one.vehicle is not None
    assert one.vehicle.years == (2001, 2002)
    assert one.attributes == {
        "ref": "r", "PartType": "1684", "Position": ["22"], "MfrLabel": "Premium", "AssetName": "pic",
        "Qual": [{"id": "9", "text": "with 11.5in rotor", "param": [{"value": "11.5", "uom": "in"}]}],
    }  # fmt: skip
    assert mower.vehicle is not None
    assert mower.vehicle.years == (2010, 2011)
    assert mower.where == {"Mfr": ["3"], "EquipmentModel": ["4"], "VehicleType": ["6"]}
    assert base.where == {"EquipmentBase": ["8"]}
    assert [(one.line, one.field, one.value, one.reason) for one in bad] == [
        (4, "Years", "2012 to 1012", "the first year is after the last")
    ]
    parts = _named(tmp_path, file, RowKind.PARTS, reference)
    assert [(part.part_id, part.part_type, part.image) for part in parts if isinstance(part, PartRow)] == [
        ("OTHR:P1", "Pads", "pic.jpg"),
        ("ACME:P2", "PartType 1", None),
    ]


def test_a_delivery_says_what_it_replaces(tmp_path: Path) -> None:
    """A full file a brand, an update the items it names, a net change nothing."""
    file = tmp_path / "a.xml"
    file.write_text(FIVE)
    assert _read(tmp_path, file).replaced == (frozenset(), frozenset({"OTHR:P1", "ACME:P2"}))
    file.write_text(FIVE.replace("UPDATE", "Full"))
    assert _read(tmp_path, file).replaced == (frozenset({"ACME"}), frozenset())
    file.write_text(FIVE.replace("UPDATE", "NET"))
    assert _read(tmp_path, file).replaced == (frozenset(), frozenset())
