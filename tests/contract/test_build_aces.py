"""ACES deliveries through a whole build: verdict-bearing content, what a maker lists none of, and the way back out."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lxml import etree

from fitment_rules.candidates import resolve
from fitment_rules.judge import Asked
from fitment_rules.model import Application
from fitment_rules.vehicles import Given, VehicleQuery
from indexers.build import build
from indexers.engine.factory import open_engine
from indexers.engine.port import Engine
from indexers.errors import EmptyDelivery
from indexers.export_aces import export_aces
from indexers.generation import Generation
from indexers.generations import Generations
from indexers.inputs import BuildRequest, Inputs
from indexers.rows import RowKind
from indexers.sources.reference import Reference
from indexers.vocabulary import load_vocabulary
from search_service.attributes import AttributeTexts
from search_service.fits import Fits
from search_service.narrowing import options_of
from search_service.resources import config_folder

NOW = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
APPS = """
<App action="A" id="1" ref="x"><BaseVehicle id="10"/><SubModel id="2"/><EngineBase id="7"/><HybridLevel id="3"/>
 <Note id="12" lang="fr">carbon &amp; "more"</Note>
 <Qual id="9"><param value="11.5" uom="in"/><text>with 11.5in rotor</text></Qual><Qty>2</Qty><PartType id="1684"/>
 <MfrLabel>Premium</MfrLabel><Position id="22"/><Part SubBrandAAIAID="SUBB">P1</Part>
 <DisplayOrder>3</DisplayOrder><AssetName>pic</AssetName><AssetItemOrder>1</AssetItemOrder></App>
<App action="A" id="2" validate="no"><Years from="2001" to="2003"/><Make id="5"/><Model id="6"/><Qty>1</Qty>
 <PartType id="1684"/><Part BrandAAIAID="OTHR">P1</Part></App>
<App action="A" id="3"><Mfr id="3"/><EquipmentModel id="4"/><VehicleType id="6"/>
 <ProductionYears ProductionStart="2010" ProductionEnd="2011"/><Qty>1</Qty><PartType id="1"/><Part>P2</Part></App>
<App action="A" id="4"><BaseVehicle id="11"/><Qty>1</Qty><PartType id="1684"/><Part>N/A</Part></App>
"""


def delivery(folder: Path, apps: str = APPS, kind: str = "FULL") -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "delivery.xml"
    head = f"<Company>Acme</Company><BrandAAIAID>ACME</BrandAAIAID><SubmissionType>{kind}</SubmissionType>"
    file.write_text(f'<ACES version="4.2"><Header>{head}</Header>{apps}</ACES>')
    return file


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine("embedded", root=tmp_path / "index", heap_bytes=15_000_000, threads=1)
    yield opened
    opened.close()


def built(
    engine: Engine, data: Path, file: Path, *, update: bool = False, reference: Reference | None = None,
    processes: int = 0,
) -> Any:  # fmt: skip
    inputs = Inputs(aces=[file], reference=reference or Reference())
    build(BuildRequest(inputs, data, engine, load_vocabulary(config_folder()), NOW, update, processes=processes))
    return Generations(data, engine).open()


def said(generation: Generation) -> dict[tuple[str, str], tuple[Application, Mapping[str, Any]]]:
    """(part, application) → what it says and what is kept beside it, where it was read left aside."""
    found = {}
    for ordinal in generation.live_ordinals().tolist():
        for row in generation.rows(ordinal):
            rule = generation.rule(row.rule_id)
            content = Application(
                "", "", (), rule.make, rule.model, rule.years, rule.where, position=rule.position,
                quantity=rule.quantity, notes=rule.notes,
            )  # fmt: skip
            found[generation.part_id(ordinal), row.application_id] = content, generation.rules.kept(row.rule_id)
    return found


@pytest.mark.parametrize("version", ["3.1", "4.2", "5.0"])
@pytest.mark.parametrize("positions", [{}, {"22": "Front"}])
def test_import_export_import_changes_nothing(
    tmp_path: Path, engine: Engine, version: str, positions: dict[str, str]
) -> None:
    """Vehicles, ids, notes, qualifiers, positions, quantities, labels: the same after being written and read again."""
    reference = Reference(positions=positions)
    first = built(engine, tmp_path / "one", delivery(tmp_path / "in"), reference=reference)
    file = tmp_path / "out.xml"
    assert export_aces(first, file, version) == {"written": 4}
    again = built(engine, tmp_path / "two", file, reference=reference)
    assert said(again) == said(first)
    facts = [msgspec.structs.replace(one, detail="") for both in (first, again) for one in both.unlisted_facts]
    assert [one.part_number for one in facts] == ["N/A", "N/A"]
    assert facts[0] == facts[1]


def test_what_names_a_vehicle_is_written_in_the_order_of_the_schema(tmp_path: Path, engine: Engine) -> None:
    """`Years` in front, `ProductionYears` behind, the kind of vehicle before what narrows it."""
    apps = """
<App action="A" id="1"><Years from="2001" to="2003"/><Make id="5"/><VehicleType id="6"/><EngineBase id="7"/><Qty>1</Qty>
 <PartType id="1"/><Part>P1</Part></App>
<App action="A" id="2"><Mfr id="3"/><EquipmentModel id="4"/><VehicleType id="6"/>
 <ProductionYears ProductionStart="2010"/><Qty>1</Qty><PartType id="1"/><Part>P1</Part></App>"""
    out = tmp_path / "out.xml"
    export_aces(built(engine, tmp_path / "one", delivery(tmp_path / "in", apps)), out)
    written = [[child.tag for child in app] for app in etree.parse(out).iter("App")]
    assert written == [
        ["Years", "Make", "VehicleType", "EngineBase", "Qty", "PartType", "Part"],
        ["Mfr", "EquipmentModel", "VehicleType", "ProductionYears", "Qty", "PartType", "Part"],
    ]


ASSETS = """
<Asset action="A" id="7"><BaseVehicle id="10"/><Note>seen &lt;here&gt;</Note><AssetName>pic</AssetName></Asset>
<Asset action="A" id="8"><BaseVehicle id="11"/><AssetName>other</AssetName></Asset>
<DigitalAsset><DigitalFileInformation AssetName="pic" action="A" LanguageCode="EN"><FileName>pic.jpg</FileName>
<AssetDetailType>P04</AssetDetailType></DigitalFileInformation></DigitalAsset>"""


@pytest.mark.parametrize("version", ["4.2", "5.0"])
def test_assets_come_out_as_they_went_in(tmp_path: Path, engine: Engine, version: str) -> None:
    """Rows and descriptions of files; another export of what was imported again is the same file."""
    first = built(engine, tmp_path / "one", delivery(tmp_path / "in", APPS + ASSETS))
    assert [(one.kind, one.key) for one in first.assets] == [
        ("Asset", "7"), ("Asset", "8"), ("DigitalFileInformation", "pic|pic.jpg")
    ]  # fmt: skip
    out, again = tmp_path / "out.xml", tmp_path / "again.xml"
    export_aces(first, out, version)
    second = built(engine, tmp_path / "two", out)
    assert second.assets == first.assets
    assert said(second) == said(first)
    export_aces(second, again, version)
    assert again.read_text() == out.read_text()


def test_deliveries_replace_and_take_away_assets(tmp_path: Path, engine: Engine) -> None:
    """A net change by id and name, a full delivery all of its brand."""
    built(engine, tmp_path / "data", delivery(tmp_path / "in", APPS + ASSETS))
    gone = ASSETS.replace('action="A" id="7"', 'action="D" id="7"').replace("other", "third")
    second = built(engine, tmp_path / "data", delivery(tmp_path / "in", APPS + gone, "NET"), update=True)
    assert [one.key for one in second.assets] == ["8", "pic|pic.jpg"]
    assert "third" in second.assets[0].xml
    assert built(engine, tmp_path / "data", delivery(tmp_path / "in", APPS), update=True).assets == []


def test_pictures_and_ids_of_other_files_are_written_as_aces_allows(tmp_path: Path, engine: Engine) -> None:
    """An id that is no number becomes the `ref` of one that is; a picture is described under the part's number."""
    parts, rows = tmp_path / "parts.jsonl", tmp_path / "applications.jsonl"
    parts.write_text(
        '{"part_id": "ACME:P1", "brand": "Acme", "part_number": "P1", "part_type": "PartType 1684",'
        ' "title": {"en": "Pads"}, "image": "https://example.org/a/p1.jpg"}\n'
    )
    row = '{"application_id": "%s", "part_id": "ACME:P1", "vehicle": {}, "where": {"BaseVehicle": ["%d"]}}\n'
    rows.write_text(row % ("first", 1) + row % ("ACME:41", 2))
    inputs = Inputs({RowKind.PARTS: [parts], RowKind.APPLICATIONS: [rows]})
    data, out = tmp_path / "data", tmp_path / "out.xml"
    build(BuildRequest(inputs, data, engine, load_vocabulary(config_folder()), NOW, processes=0))
    assert export_aces(Generations(data, engine).open(), out) == {"written": 2, "numbered": 1}
    text = out.read_text()
    assert '<App action="A" id="42" ref="first">' in text
    assert "<URI>https://example.org/a/p1.jpg</URI>" in text
    read = built(engine, tmp_path / "two", out)
    assert sorted(said(read)) == [("ACME:P1", "ACME:41"), ("ACME:P1", "ACME:42")]
    assert read.part(0).image == "https://example.org/a/p1.jpg"


VCDB = {
    "Make": "MakeID|MakeName\n1|Aurora\n",
    "Model": "ModelID|ModelName|VehicleTypeID\n7|Comet|5\n",
    "BaseVehicle": "BaseVehicleID|YearID|MakeID|ModelID\n100|2015|1|7\n",
    "Vehicle": "VehicleID|BaseVehicleID|SubmodelID|RegionID\n900|100|3|1\n901|100|4|1\n",
    "SubModel": "SubModelID|SubModelName\n3|GL\n4|Sport\n",
}


def test_ids_are_told_by_the_names_of_the_operators_folder(tmp_path: Path, engine: Engine) -> None:
    """Options and questions keep ids for values and say the names; an update without the folder keeps them."""
    folder = tmp_path / "vcdb"
    folder.mkdir()
    for name, text in VCDB.items():
        (folder / f"{name}.txt").write_text(text)
    app = (
        '<App action="A" id="{0}"><BaseVehicle id="100"/><SubModel id="{0}"/><Qty>1</Qty><PartType id="1"/>'
        "<Part>P</Part></App>"
    )
    data, file = tmp_path / "data", delivery(tmp_path / "in", app.format(3))
    inputs = Inputs(aces=[file], vcdb=folder)
    build(BuildRequest(inputs, data, engine, load_vocabulary(config_folder()), NOW, processes=0))
    texts = AttributeTexts.load(config_folder())
    for again in (False, True):
        generation = Generations(data, engine).open()
        options, _ = options_of(generation.vehicles, VehicleQuery(), "SubModel", texts, "en")
        assert [(one.value, one.label) for one in options] == [("3", "GL"), ("4", "Sport")]
        asked = Asked(resolve(generation.vehicles, VehicleQuery()), generation.slots, generation.note_slots)
        (fit,) = Fits(generation, texts).answer_all(asked, Fits(generation, texts).judge_all(asked, [0]), frozenset())
        assert (fit.verdict, [(one.value, one.label["zh"]) for one in fit.questions[0].options]) == (
            "needs_info", [("3", "GL"), ("4", "Sport")]
        )  # fmt: skip
        if not again:
            built(engine, data, delivery(tmp_path / "in", app.format(3), "NET"), update=True)


def test_ids_that_the_table_lacks_are_told(tmp_path: Path, engine: Engine) -> None:
    """With a vehicle table nothing is derived; what names no row of it can never match."""
    vehicles = tmp_path / "vehicles.jsonl"
    vehicles.write_text('{"vehicle_id": "v1", "make": "Aurora", "model": "Comet", "ids": {"BaseVehicle": "10"}}\n')
    inputs = Inputs({RowKind.VEHICLES: [vehicles]}, aces=[delivery(tmp_path / "in")])
    request = BuildRequest(inputs, tmp_path / "data", engine, load_vocabulary(config_folder()), NOW, processes=0)
    one = '<App action="A" id="9"><BaseVehicle id="999"/><Qty>1</Qty><PartType id="1"/><Part>P2</Part></App>'
    delivery(tmp_path / "in", APPS + one)
    found = {one.subject for one in build(request).report.findings if one.kind == "unmatched_application"}
    assert found == {"BaseVehicle 999"}


def test_what_a_maker_lists_none_of_is_kept_as_a_fact(tmp_path: Path, engine: Engine) -> None:
    """`N/A` is no part and no application; asked for that vehicle, the maker and the part type are told.

    With a note that nobody has answered it is told of no vehicle.
    """
    generation = built(engine, tmp_path / "data", delivery(tmp_path / "in"))

    def told(base: str) -> list[tuple[str, str]]:
        query = VehicleQuery((Given("BaseVehicle", frozenset((int(base),)), "caller", (base,)),))
        asked = Asked(resolve(generation.vehicles, query), generation.slots, generation.note_slots)
        return [(one.brand, one.part_type) for one in generation.unlisted.of(asked)]

    assert generation.ordinal("ACME:N/A") is None
    assert told("11") == [("ACME", "PartType 1684")]
    assert told("10") == []
    noted = APPS.replace('<BaseVehicle id="11"/>', '<BaseVehicle id="11"/><Note>with sport package</Note>')
    assert noted != APPS
    generation = built(engine, tmp_path / "data", delivery(tmp_path / "in", noted))
    assert told("11") == []
    gone = APPS.replace('action="A" id="4"', 'action="D" id="4"')
    generation = built(engine, tmp_path / "data", delivery(tmp_path / "in", gone, "NET"), update=True)
    assert told("11") == []


def test_an_update_replaces_all_applications_of_its_items(tmp_path: Path, engine: Engine) -> None:
    """A full delivery replaces its brand, an update the items it names, a net change only adds and deletes."""
    built(engine, tmp_path / "data", delivery(tmp_path / "in"))
    other = '<App action="A" id="9"><BaseVehicle id="12"/><Qty>1</Qty><PartType id="1684"/><Part>P1</Part></App>'
    ids = [("ACME:P1", "ACME:1"), ("ACME:P2", "ACME:3"), ("OTHR:P1", "OTHR:2")]
    after = said(built(engine, tmp_path / "data", delivery(tmp_path / "in", other, "NET"), update=True))
    assert sorted(after) == sorted([*ids, ("ACME:P1", "ACME:9")])
    after = said(built(engine, tmp_path / "data", delivery(tmp_path / "in", other, "UPDATE"), update=True))
    assert sorted(after) == sorted([*ids[1:], ("ACME:P1", "ACME:9")])
    after = said(built(engine, tmp_path / "data", delivery(tmp_path / "in", other, "FULL"), update=True))
    assert sorted(after) == sorted([ids[2], ("ACME:P1", "ACME:9")])


@pytest.mark.parametrize("apps", ["", APPS.replace('action="A"', 'action="D"')])
def test_a_full_delivery_that_brings_nothing_empties_a_brand_only_if_told(
    tmp_path: Path, engine: Engine, apps: str
) -> None:
    data = tmp_path / "data"
    before = built(engine, data, delivery(tmp_path / "in"))
    empty = delivery(tmp_path / "in", apps)
    with pytest.raises(EmptyDelivery, match=r"all 2 applications of ACME.*--allow-empty"):
        built(engine, data, empty, update=True)
    assert Generations(data, engine).current() == before.manifest.id
    request = BuildRequest(
        Inputs(aces=[empty]), data, engine, load_vocabulary(config_folder()), NOW, True, allow_empty=True
    )
    build(request)
    left = said(Generations(data, engine).open())
    assert all(not one.startswith("ACME:") for _, one in left)


def test_an_empty_full_delivery_of_a_new_brand_removes_nothing_and_is_taken(tmp_path: Path, engine: Engine) -> None:
    before = said(built(engine, tmp_path / "data", delivery(tmp_path / "in")))
    file = delivery(tmp_path / "in", "")
    file.write_text(file.read_text().replace("ACME", "NEWB"))
    assert said(built(engine, tmp_path / "data", file, update=True)).keys() == before.keys()


def test_processes_build_the_same(tmp_path: Path, engine: Engine) -> None:
    """What a delivery names and says crosses to other processes, in a full build and in an update."""
    news = '<App action="A" id="9"><BaseVehicle id="12"/><Qty>1</Qty><PartType id="1"/><Part>P7</Part></App>'
    found = []
    for processes in (0, 2):
        data = tmp_path / f"data{processes}"
        built(engine, data, delivery(tmp_path / "in"), processes=processes)
        file = delivery(tmp_path / "in", news, "NET")
        generation = built(engine, data, file, update=True, processes=processes)
        found.append((said(generation), generation.ordinal("ACME:P7")))
    assert found[0] == found[1]
    assert found[0][1] is not None


def test_an_update_names_no_parts_of_a_shop_that_has_its_own(tmp_path: Path, engine: Engine) -> None:
    """Parts come from ACES only where none were ever given; a given part keeps what its file said of it."""
    parts = tmp_path / "parts.jsonl"
    parts.write_text(
        '{"part_id": "ACME:P1", "brand": "Acme", "part_number": "P1", "part_type": "Brake Pad Set",'
        ' "title": {"en": "Pads"}}\n'
    )
    data = tmp_path / "data"
    inputs = Inputs({RowKind.PARTS: [parts]}, aces=[delivery(tmp_path / "in")])
    build(BuildRequest(inputs, data, engine, load_vocabulary(config_folder()), NOW, processes=0))
    app = '<App action="A" id="{0}"><BaseVehicle id="12"/><Qty>1</Qty><PartType id="1"/><Part>{1}</Part></App>'
    news = app.format(9, "P1") + app.format(10, "P7")
    generation = built(engine, data, delivery(tmp_path / "in", news, "NET"), update=True)
    assert generation.ordinal("ACME:P7") is None
    ordinal = generation.ordinal("ACME:P1")
    assert ordinal is not None
    assert generation.part(ordinal).title == {"en": "Pads"}
    assert ("ACME:P1", "ACME:9") in said(generation)


def test_an_update_that_only_deletes_keeps_the_rest_of_the_item(tmp_path: Path, engine: Engine) -> None:
    """Items are replaced where the delivery adds to them; a row that deletes ends one application."""
    app = '<App action="{0}" id="{1}"><BaseVehicle id="1{1}"/><Qty>1</Qty><PartType id="1"/><Part>P1</Part></App>'
    first = "".join(app.format("A", number) for number in (1, 2))
    built(engine, tmp_path / "data", delivery(tmp_path / "in", first))
    after = said(built(engine, tmp_path / "data", delivery(tmp_path / "in", app.format("D", 1), "UPDATE"), update=True))
    assert list(after) == [("ACME:P1", "ACME:2")]
