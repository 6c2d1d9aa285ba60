"""ACES in every version and spelling, and what the reader refuses."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from indexers.errors import UnreadableSource
from indexers.read_applications import ApplicationShard
from indexers.rows import ApplicationRow, RowKind
from indexers.sources.aces import Delivery, read_deliveries
from indexers.sources.aces_names import VERSIONS, names_of
from indexers.sources.reference import Reference
from tests.unit.aces_rows import rows_of

OLD = """<Header><BrandAAIAID>ACME</BrandAAIAID><SubmissionType>FULL</SubmissionType></Header>
<App action="A" id="1" ref="r" validate="no"><BaseVehicle id="5911"/><SubModel id="20"/>
<Qual id="7"><param value="300" uom="mm"/><text>with 300mm rotor</text></Qual><Note id="4" lang="fr">sans ABS</Note>
<Qty>2</Qty><PartType id="6832"/><MfrLabel>Gold</MfrLabel><Position id="22"/><Part>AQ1</Part>
<DisplayOrder>3</DisplayOrder></App>"""
NEW = OLD.replace("PartType", "PartTerminology").replace("<Part>AQ1</Part>", "<PartNumber>AQ1</PartNumber>")
NEW = NEW.replace("BrandAAIAID", "BrandID")


def _rows(folder: Path, text: str | bytes, reference: Reference | None = None) -> list[ApplicationRow]:
    return _read(folder, text, reference)[0]


def _read(
    folder: Path, text: str | bytes, reference: Reference | None = None
) -> tuple[list[ApplicationRow], ApplicationShard, Delivery]:
    file, work = folder / "a.xml", folder / str(len(list(folder.iterdir())))
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    (delivery,) = read_deliveries([file], work, reference or Reference()).found
    return *rows_of(delivery, work / "shard"), delivery


def _aces(apps: str, version: str = "4.2") -> str:
    return f'<?xml version="1.0"?><ACES version="{version}">{apps}<Footer><RecordCount>1</RecordCount></Footer></ACES>'


@pytest.mark.parametrize("version", [*VERSIONS, "4.9", "6.0"])
def test_every_version_says_the_same(tmp_path: Path, version: str) -> None:
    """The names of its own table or of a neighbour's; a version unknown here goes by the nearest before it."""
    (row,) = _rows(tmp_path, _aces(NEW if names_of(version).part == "PartNumber" else OLD, version))
    assert (row.application_id, row.part_id, row.quantity) == ("ACME:1", "ACME:AQ1", 2)
    assert row.where == {"BaseVehicle": ["5911"], "SubModel": ["20"]}
    assert [(note.text, note.lang) for note in row.notes or ()] == [("with 300mm rotor", "en"), ("sans ABS", "fr")]
    assert row.attributes == {
        "ref": "r", "validate": "no", "PartType": "6832", "MfrLabel": "Gold", "DisplayOrder": "3",
        "Qual": [{"id": "7", "text": "with 300mm rotor", "param": [{"value": "300", "uom": "mm"}]}],
        "Note": [{"id": "4", "text": "sans ABS"}],
    }  # fmt: skip


SPELLINGS = {
    "a namespace": lambda text: text.replace("<ACES ", '<ACES xmlns="urn:a" '),
    "a prefix": lambda text: text.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").replace(
        "<x:?", "<?").replace("<x:ACES ", '<x:ACES xmlns:x="urn:a" '),
    "single quotes": lambda text: text.replace('"', "'"),
    "the id first": lambda text: text.replace('action="A" id="1"', 'id="1" action="A"'),
    "comments and CDATA": lambda text: text.replace(
        "<Qty>", "<!-- <App> --><?x </App>?><Qty>").replace("AQ1", "<![CDATA[AQ1]]>"),
    "blanks in tags": lambda text: text.replace("</App>", "</App >").replace("<App ", "<App\n "),
    "long end tags": lambda text: text.replace('<BaseVehicle id="5911"/>', '<BaseVehicle id="5911"></BaseVehicle>'),
    "UTF-16": lambda text: text.encode("utf-16"),
    "Latin-1": lambda text: text.replace("?>", ' encoding="ISO-8859-1"?>').encode("latin-1"),
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
}  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_xml_say_the_same(tmp_path: Path, spelling: str) -> None:
    """However XML may write it, the App is the same."""
    text = _aces(OLD.replace("sans ABS", "sans ABS à l’arrière" if spelling != "Latin-1" else "sans ABS à"))
    plain = _rows(tmp_path, text)
    assert len(plain) == 1
    assert _rows(tmp_path, SPELLINGS[spelling](text)) == plain


def test_a_gzipped_file_is_read(tmp_path: Path) -> None:
    """By its name."""
    file = tmp_path / "a.xml.gz"
    file.write_bytes(gzip.compress(_aces(OLD).encode()))
    assert list(read_deliveries([file], tmp_path).found[0].named.part_numbers()) == [("ACME", "AQ1")]


def test_all_four_ways_of_naming_a_vehicle(tmp_path: Path) -> None:
    """Base vehicle; years and make, perhaps type or model; equipment base; maker, equipment model, type, years."""
    ways = [
        '<BaseVehicle id="1"/>',
        '<Years from="2001" to="2003"/><Make id="54"/><VehicleType id="5"/>',
        '<Years from="2001" to="2003"/><Make id="54"/><Model id="690"/><SubModel id="2"/>',
        '<EquipmentBase id="8"/>',
        '<Mfr id="3"/><EquipmentModel id="4"/><VehicleType id="5"/>'
        '<ProductionYears ProductionStart="1999" ProductionEnd="2000"/>',
    ]
    apps = "".join(
        f'<App action="A" id="{n}">{way}<Qty>1</Qty><PartType id="1"/><Part>P</Part></App>'
        for n, way in enumerate(ways, 1)
    )
    rows, shard, delivery = _read(tmp_path, _aces(apps))
    assert not shard.bad
    assert [row.where for row in rows] == [
        {"BaseVehicle": ["1"]}, {"Make": ["54"], "VehicleType": ["5"]},
        {"Make": ["54"], "Model": ["690"], "SubModel": ["2"]}, {"EquipmentBase": ["8"]},
        {"Mfr": ["3"], "EquipmentModel": ["4"], "VehicleType": ["5"]},
    ]  # fmt: skip
    assert [row.vehicle.years if row.vehicle else None for row in rows] == [
        None, (2001, 2003), (2001, 2003), None, (1999, 2000)
    ]  # fmt: skip
    assert sorted(row["vehicle_id"] for _, row in delivery.named.rows(RowKind.VEHICLES)) == [
        "3:4:1999", "3:4:2000", "54:690:2001", "54:690:2002", "54:690:2003", "BaseVehicle:1", "EquipmentBase:8",
    ]  # fmt: skip


def test_an_element_nobody_knows_stays_a_condition(tmp_path: Path) -> None:
    """With an id it narrows under its own name, with words it is a note; it is never dropped."""
    app = OLD.replace("<Qty>", '<HybridLevel id="9"/><Remark>only left</Remark><Qty>')
    (row,) = _rows(tmp_path, _aces(app))
    assert row.where is not None
    assert row.where["HybridLevel"] == ["9"]
    assert "Remark: only left" in [note.text for note in row.notes or ()]


def test_a_qualifier_without_words_gets_its_phrase(tmp_path: Path) -> None:
    """With the parameters in their places."""
    reference = Reference(positions={"22": "Front"}, qualifiers={"7": 'With <p1 type="size"/> Rotor'})
    (row,) = _rows(tmp_path, _aces(OLD.replace("<text>with 300mm rotor</text>", "")), reference)
    assert (row.position, (row.notes or [])[0].text) == (["Front"], "With 300mm Rotor")


BAD = {
    "line 2: a DOCTYPE": '\n<!DOCTYPE ACES [<!ENTITY b "x">]><ACES/>',
    "the root element is PIES, not ACES": "<PIES/>",
    "line 3: mismatched tag": "<ACES>\n<App>\n</ACES>",
    "line 2: no element found": "<ACES>\n",
    "line 1: undefined entity": "<ACES>&boom;</ACES>",
    "nested deeper": "<ACES>" + "<a>" * 40 + "</a>" * 40 + "</ACES>",
    "an attribute of more than": f'<ACES><Header a="{"x" * 20_000}"/></ACES>',
    "a tag of more than": f'<ACES><Header a="{"x" * 2_000_000}"/></ACES>',
    "not well-formed": b"<ACES>\xff</ACES>",
}


@pytest.mark.parametrize("reason", BAD)
def test_dangerous_or_damaged_files_are_refused(tmp_path: Path, reason: str) -> None:
    """With what is wrong and, where it has one, the line; nothing of the file is used."""
    with pytest.raises(UnreadableSource, match=reason):
        _rows(tmp_path, BAD[reason])


PLAIN = '<App action="A" id="1">\n<BaseVehicle id="1"/><Qty>1</Qty>\n<PartType id="1"/><Part>P1</Part></App>\n'
DAMAGED = {
    "mismatched tag": PLAIN.replace("</Qty>", "</Qty></Note>"),
    "not well-formed": PLAIN.replace("P1", "P\udcff"),
    "undefined entity": PLAIN.replace("P1", "&boom;"),
}


@pytest.mark.parametrize("reason", DAMAGED)
def test_damage_behind_many_apps_is_found_at_its_line(tmp_path: Path, reason: str) -> None:
    """Apps that are spelled like those before them are not parsed again; the line is right all the same."""
    many = 5_000
    text = _aces("\n" + PLAIN * many + DAMAGED[reason] + PLAIN * 2000)
    last = 3 * many + 1 + DAMAGED[reason].count("\n")
    with pytest.raises(UnreadableSource, match=reason) as caught:
        _rows(tmp_path, text.encode("utf-8", "surrogateescape"))
    assert 3 * many + 1 < int(str(caught.value).partition("line ")[2].partition(":")[0]) <= last + 1


def test_a_file_of_many_chunks_loses_no_app(tmp_path: Path) -> None:
    """Wherever its chunks are cut, with comments and other elements among the Apps."""
    rng, apps = random.Random(3), []
    for number in range(8_000):
        app = PLAIN.replace('id="1">', f'id="{number}">', 1).replace("P1", f"P{number % 7}")
        extra = ("", "", "", "", "<!-- </App> -->", '<Asset action="A" id="1"><BaseVehicle id="1"/></Asset>', "<?x y?>")
        apps.append(
            app.replace("</App>", rng.choice(("</App>", "</App>", "</App>", "</App >"))) if number % 50 == 0 else app
        )
        apps.append(rng.choice(extra) + " " * rng.randrange(9) if number % 30 == 0 else "")
    rows, shard, delivery = _read(tmp_path, _aces("".join(apps)))
    assert [row.application_id for row in rows] == [f":{number}" for number in range(8_000)]
    assert [row.part_id for row in rows[:9]] == [f":P{number % 7}" for number in range(9)]
    assert (shard.bad, len(delivery.assets)) == ([], "".join(apps).count("<Asset"))


@pytest.mark.parametrize("notes", [18_000, 60_000])
def test_an_app_that_alone_ends_in_a_chunk_is_read(tmp_path: Path, notes: int) -> None:
    """As the last one of a file that is a little longer than its chunks, or one longer than a chunk."""
    last = PLAIN.replace('id="1">', 'id="2">', 1).replace("<Qty>", "<Note>n</Note>" * notes + "<Qty>")
    rows, shard, _ = _read(tmp_path, _aces(PLAIN + last))
    assert ([row.application_id for row in rows], shard.bad) == ([":1", ":2"], [])


def test_an_id_of_very_many_digits_goes_to_quarantine(tmp_path: Path) -> None:
    """Beyond the limit of an attribute; a shorter one is an id like any other."""
    apps = "".join(
        PLAIN.replace('id="1">', f'id="{number}">', 1).replace(
            '<BaseVehicle id="1"', f'<BaseVehicle id="{"9" * digits}"'
        )
        for number, digits in enumerate((5, 5_000, 20_000))
    )
    rows, shard, _ = _read(tmp_path, _aces(apps))
    assert (len(rows), [bad.line for bad in shard.bad]) == (2, [3])


@pytest.mark.parametrize("app", ["<Note>" + "<b>" * 40 + "</b>" * 40 + "</Note>", f'<Note a="{"x" * 20_000}">n</Note>'])
def test_an_app_beyond_the_limits_goes_to_quarantine(tmp_path: Path, app: str) -> None:
    """It alone, with its place in the file."""
    rows, shard, _ = _read(tmp_path, _aces(OLD + OLD[OLD.index("<App") :].replace("<Qty>", f"{app}<Qty>")))
    assert (len(rows), [bad.line for bad in shard.bad]) == (1, [2])
