"""Column maps: every option, and every mistake in one said before a row is read."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from indexers.errors import InvalidMap, UnreadableSource
from indexers.read_rows import RowsRead, read_rows
from indexers.rows import ApplicationRow, RowKind, VehicleRow
from indexers.sources.mapped import mapped_pieces, read_map

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
EPA = "epa_vehicles_2025-10-29.csv.zip"

MAP = """
vehicles:
  file: cars.csv
  fields:
    vehicle_id: {column: id}
    make: {column: maker}
    model: {column: model}
    year: {column: year, type: int}
    attributes.fuel: {column: fuel, values: {Regular Gasoline: petrol}}
    attributes.width_mm: {column: width_in, type: float, factor: 25.4}
    aliases: {column: alias, split: "|"}
    attributes.region: {const: US}
"""


def _rows(folder: Path, kind: RowKind = RowKind.VEHICLES) -> list[object]:
    tally = RowsRead()
    rows = [row for row, _, _ in read_rows(mapped_pieces(folder / "map.yaml", kind), tally)]
    assert tally.bad == []
    return list(rows)


def test_a_map_renames_types_scales_splits_and_fills_in(tmp_path: Path) -> None:
    """The contract's own example, row for row; empty cells leave fields out."""
    (tmp_path / "map.yaml").write_text(MAP)
    (tmp_path / "cars.csv").write_text(
        "id,maker,model,year,fuel,width_in,alias\n1,Mazda,3,2014,Regular Gasoline,10,a|b\n2,Mazda,6,,Diesel,,\n"
    )
    one, two = _rows(tmp_path)
    assert isinstance(one, VehicleRow)
    assert isinstance(two, VehicleRow)
    assert (one.vehicle_id, one.model, one.year, one.aliases) == ("1", "3", 2014, ["a", "b"])
    assert one.attributes == {"fuel": "petrol", "width_mm": 254.0, "region": "US"}
    assert (two.year, two.aliases, two.attributes) == (None, None, {"fuel": "Diesel", "region": "US"})


def test_a_sheet_of_a_workbook_reads_as_a_table(tmp_path: Path) -> None:
    """Whole numbers of a spreadsheet are whole, whatever it stores."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Fit")
    sheet.append(["part", "make", "model", "from", "to"])
    sheet.append(["P1", "Toyota", "Corolla", 2014.0, 2018])
    book.save(tmp_path / "fit.xlsx")
    (tmp_path / "map.yaml").write_text(
        "applications:\n  file: fit.xlsx\n  sheet: Fit\n  fields:\n    part_id: {column: part}\n"
        "    vehicle.make: {column: make}\n    vehicle.model: {column: model}\n"
        "    vehicle.years.from: {column: from}\n    vehicle.years.to: {column: to}\n"
    )
    (row,) = _rows(tmp_path, RowKind.APPLICATIONS)
    assert isinstance(row, ApplicationRow)
    assert row.vehicle is not None
    assert (row.part_id, row.vehicle.make, row.vehicle.years) == ("P1", "Toyota", (2014, 2018))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("cars: {file: a.csv, fields: {}}", "cars"),
        ("vehicles: {file: cars.csv, fields: {colour: {column: a}}}", "vehicles.fields.colour"),
        ("vehicles: {file: cars.csv, fields: {make: {colum: a}}}", "vehicles.fields.make.colum"),
        ("vehicles: {file: cars.csv, fields: {make: {column: a, const: b}}}", "vehicles.fields.make"),
        ("vehicles: {file: cars.csv, fields: {year: {column: a, type: number}}}", "vehicles.fields.year"),
        ("applications: {file: a.csv, fields: {vehicle.engine: {column: a}}}", "applications.fields.vehicle.engine"),
        ("vehicles: {file: cars.csv}", "vehicles.fields"),
        ("[]", ""),
        ("a: b: c", ""),
    ],
)
def test_a_mistake_in_a_map_is_named(tmp_path: Path, text: str, where: str) -> None:
    """Unknown kinds, fields, options and types are errors, with the place."""
    (tmp_path / "map.yaml").write_text(text)
    with pytest.raises(InvalidMap) as caught:
        read_map(tmp_path / "map.yaml")
    assert caught.value.where == where


def test_a_column_that_the_table_lacks_is_named(tmp_path: Path) -> None:
    """With what it has instead."""
    (tmp_path / "map.yaml").write_text(MAP)
    (tmp_path / "cars.csv").write_text("id,make\n1,Mazda\n")
    with pytest.raises(InvalidMap, match="no column 'maker'; it has id, make"):
        _rows(tmp_path)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The map is right, the file is missing."""
    (tmp_path / "map.yaml").write_text(MAP)
    with pytest.raises(UnreadableSource, match=r"cars\.csv"):
        mapped_pieces(tmp_path / "map.yaml", RowKind.VEHICLES)


def test_every_map_of_the_documentation_is_right(tmp_path: Path) -> None:
    """The files under docs/examples and the maps printed in the page name fields and options that there are."""
    page = (EXAMPLES.parent / "bring-your-own-data.md").read_text()
    printed = [block.partition("```")[0] for block in page.split("```yaml\n")[1:]]
    for number, text in enumerate(printed):
        (tmp_path / f"{number}.yaml").write_text(text)
    maps = [*EXAMPLES.glob("*.yaml"), *tmp_path.glob("*.yaml")]
    assert [sorted(kind.value for kind in read_map(one)) for one in maps] == [["vehicles"], ["applications", "parts"]]


def test_the_example_map_reads_the_whole_vehicle_file(tmp_path: Path) -> None:
    """Every row of the EPA file is a vehicle, with the fields that the example promises."""
    if not (DATA / EPA).exists():
        pytest.skip(f"{EPA} is not beside the project (../shared/data); docs/bring-your-own-data.md says where it is")
    (tmp_path / EPA).symlink_to(DATA / EPA)
    (tmp_path / "map.yaml").write_text((EXAMPLES / "epa_vehicles.map.yaml").read_text())
    rows = [row for row in _rows(tmp_path) if isinstance(row, VehicleRow)]
    assert len(rows) == len({row.vehicle_id for row in rows}) == 49_582
    assert {row.year for row in rows} == set(range(1984, 2027))
    assert {(row.attributes or {}).get("fuel") for row in rows} == {"petrol", "diesel", "electric", "cng", "hydrogen"}
