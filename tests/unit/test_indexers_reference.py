"""The operator's pipe-delimited folders: a vehicle table from VCdb, names from PCdb and Qdb (invented content)."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexers.errors import UnreadableSource
from indexers.read_rows import RowsRead, read_rows
from indexers.rows import VehicleRow
from indexers.sources.reference import load_reference
from indexers.sources.vcdb import VcdbPiece
from indexers.sources.vcdb_names import names_of_ids

VCDB = {
    "Make": "MakeID|MakeName\n1|Aurora\n",
    "Model": "ModelID|ModelName|VehicleTypeID\n7|Comet|5\n",
    "BaseVehicle": "BaseVehicleID|YearID|MakeID|ModelID\n100|2015|1|7\n101|2016|1|7\n",
    "SubModel": "SubModelID|SubModelName\n3|GL\n",
    "Vehicle": "VehicleID|BaseVehicleID|SubmodelID|RegionID\n900|100|3|1\n",
    "VehicleToEngineConfig": "VehicleToEngineConfigID|VehicleID|EngineConfigID\n1|900|50\n2|900|51\n",
    "EngineConfig": "EngineConfigID|EngineBaseID|AspirationID|FuelDeliveryConfigID\n50|20|1|8\n51|21|2|8\n",
    "EngineBase": "EngineBaseID|Liter|CC|CID|Cylinders|BlockType\n20|1.6|1598|98|4|L\n21|2.0|1998|122|4|L\n",
    "Aspiration": 'AspirationID|AspirationName\n1|"Naturally Aspirated"\n2|"Turbocharged"\n',
    "FuelDeliveryConfig": "FuelDeliveryConfigID|FuelDeliveryTypeID\n8|77\n",
    "VehicleToDriveType": "VehicleToDriveTypeID|VehicleID|DriveTypeID\n1|900|6\n",
    "drivetype": "drivetypeid|drivetypename\n6|FWD\n",
}


def _folder(path: Path, tables: dict[str, str]) -> Path:
    path.mkdir()
    for name, text in tables.items():
        (path / f"{name}.txt").write_text(text)
    return path


def _vehicles(folder: Path) -> list[VehicleRow]:
    rows = read_rows([VcdbPiece(folder)], RowsRead())
    return [row for row, _, _ in rows if isinstance(row, VehicleRow)]


def test_a_vehicle_has_ids_for_rules_and_names_for_people(tmp_path: Path) -> None:
    """What a vehicle may have several of is a list; a base vehicle without a vehicle is a row with just that."""
    one, bare = _vehicles(_folder(tmp_path / "vcdb", VCDB))
    assert (one.vehicle_id, one.make, one.model, one.year) == ("VCdb:900", "Aurora", "Comet", 2015)
    assert one.ids == {
        "BaseVehicle": "100", "Make": "1", "Model": "7", "VehicleType": "5", "SubModel": "3", "Region": "1",
        "EngineBase": ["20", "21"], "Aspiration": ["1", "2"], "FuelDeliveryType": "77", "DriveType": "6",
    }  # fmt: skip
    assert one.attributes == {
        "trim": "GL", "drive": "FWD", "aspiration": ["Naturally Aspirated", "Turbocharged"],
        "engine": ["1.6L L4", "2.0L L4"], "displacement_l": ["1.6", "2.0"], "cylinders": "4",
    }  # fmt: skip
    assert (bare.vehicle_id, bare.year, bare.attributes) == ("BaseVehicle:101", 2016, {})


def test_ids_of_every_element_have_the_names_of_their_tables(tmp_path: Path) -> None:
    """Elements that share a table share names; what a table calls nothing, and a table that is missing, names none."""
    more = {
        "BrakeType": "BrakeTypeID|BrakeTypeName\n5|Disc\n6|Drum\n9|N/A\n",
        "PowerOutput": "PowerOutputID|HorsePower|KilowattPower\n3|122|91\n",
        "Valves": "ValvesID|ValvesPerEngine\n4|16\n",
    }
    names = names_of_ids(_folder(tmp_path / "vcdb", {**VCDB, **more}))
    assert names["EngineBase"] == {"20": "1.6L L4", "21": "2.0L L4"}
    assert names["BaseVehicle"] == {"100": "2015 Aurora Comet", "101": "2016 Aurora Comet"}
    assert names["FrontBrakeType"] == names["RearBrakeType"] == {"5": "Disc", "6": "Drum"}
    assert (names["PowerOutput"], names["ValvesPerEngine"]) == ({"3": "122 hp / 91 kW"}, {"4": "16"})
    assert (names["SubModel"], names["DriveType"], "FuelType" in names) == ({"3": "GL"}, {"6": "FWD"}, False)


def test_a_folder_without_base_vehicles_is_no_vcdb(tmp_path: Path) -> None:
    """The error names the tables that must be there."""
    with pytest.raises(UnreadableSource, match="Make, Model and BaseVehicle"):
        _vehicles(_folder(tmp_path / "vcdb", {"Make": VCDB["Make"]}))


def test_names_of_ids_come_from_the_operators_folders(tmp_path: Path) -> None:
    """A qualifier's parameters go where its text wants them; an id that no table has stays an id."""
    pcdb = {
        "Parts": "PartTerminologyID|PartTerminologyName|RevDate\n1684|Disc Brake Pad Set|2020-01-01\n",
        "Positions": "PositionID|Position\n22|Front\n",
    }
    qdb = {"Qualifier": 'QualifierID|QualifierText\n5|With <p1 type="num"/> Inch Rotor\n'}
    reference = load_reference(_folder(tmp_path / "pcdb", pcdb), _folder(tmp_path / "qdb", qdb))
    assert (reference.part_type("1684"), reference.part_type("9")) == ("Disc Brake Pad Set", "PartType 9")
    assert (reference.position("22"), reference.position("1")) == ("Front", "position 1")
    assert reference.qualifier("5", ["11.5"]) == "With 11.5 Inch Rotor"
    assert reference.qualifier("6", ["x"]) == "Qual 6 x"


def test_a_table_needs_its_columns(tmp_path: Path) -> None:
    """A header of other names is told, rather than ids left silently without names."""
    with pytest.raises(UnreadableSource, match="PartTerminologyID"):
        load_reference(_folder(tmp_path / "pcdb", {"Parts": "TermID|Name\n1|x\n"}))
