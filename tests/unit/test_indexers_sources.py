"""Reading input files: formats, careful errors, quarantine lines, memory of spellings."""

from __future__ import annotations

import gzip
import json
import pickle
from pathlib import Path

import pytest

from indexers.errors import BadRow, TooManyBadRows, UnreadableSource
from indexers.hashing import hash_one, hash_strings
from indexers.quarantine import Quarantine, quarantined
from indexers.read_rows import RowsRead, read_rows
from indexers.rows import ApplicationRow, PartRow, RowKind, VehicleRow
from indexers.sources.files import pieces_of


def _read(kind: RowKind, file: Path, pieces: int = 1) -> tuple[list[object], RowsRead]:
    tally = RowsRead()
    return [row for row, _, _ in read_rows(pieces_of(kind, [file], pieces), tally)], tally


def _vehicle(number: int) -> dict[str, object]:
    return {"vehicle_id": f"v{number}", "make": "Toyota", "model": "Corolla", "year": 2015}


def test_a_gzipped_file_reads_as_the_plain_one(tmp_path: Path) -> None:
    """Compression changes nothing about the rows."""
    text = "".join(json.dumps(_vehicle(number)) + "\n" for number in range(3))
    (tmp_path / "v.jsonl").write_text(text)
    with gzip.open(tmp_path / "v.jsonl.gz", "wt") as out:
        out.write(text)
    assert _read(RowKind.VEHICLES, tmp_path / "v.jsonl") == _read(RowKind.VEHICLES, tmp_path / "v.jsonl.gz")


def test_pieces_of_a_file_hold_every_line_once(tmp_path: Path) -> None:
    """A file cut at any bytes still gives each of its lines, in order, with its own number."""
    file = tmp_path / "v.jsonl"
    rows = [{**_vehicle(number), "aliases": ["x" * 400]} for number in range(9000)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    pieces = pieces_of(RowKind.VEHICLES, [file], 3)
    found = [(row.vehicle_id, line) for row, _, line in read_rows(pieces, RowsRead()) if isinstance(row, VehicleRow)]
    assert len(pieces) == 3
    assert found == [(f"v{number}", number + 1) for number in range(9000)]


def test_a_last_line_without_its_end_and_blank_lines_are_no_rows_lost(tmp_path: Path) -> None:
    """Blank lines are skipped but counted, and the last line needs no newline."""
    file = tmp_path / "v.jsonl"
    file.write_text(f"\ufeff{json.dumps(_vehicle(1))}\n\n{json.dumps(_vehicle(2))}", encoding="utf-8")
    tally = RowsRead()
    found = [line for _, _, line in read_rows(pieces_of(RowKind.VEHICLES, [file]), tally)]
    assert (found, tally.read, tally.bad) == ([1, 3], 2, [])


def test_csv_has_dotted_columns_lists_and_json_text(tmp_path: Path) -> None:
    """The contract's three ways to put nested values into cells."""
    file = tmp_path / "a.csv"
    file.write_text(
        "application_id,part_id,vehicle.make,vehicle.model,vehicle.years,where.engine,except,position,quantity,source.row\n"
        'a1,P1,Toyota,Corolla|Levin,2014|2018,1ZR-FE|2ZR-FE,"[{""trim"": ""Sport""}]",front,2,7\n'
    )
    (row,), _ = _read(RowKind.APPLICATIONS, file)
    assert isinstance(row, ApplicationRow)
    assert row.vehicle is not None
    assert (row.vehicle.model, row.vehicle.years) == (["Corolla", "Levin"], (2014, 2018))
    assert (row.where, row.except_) == ({"engine": ["1ZR-FE", "2ZR-FE"]}, [{"trim": "Sport"}])
    assert (row.position, row.quantity, row.source.row if row.source else None) == (["front"], 2, 7)


def test_csv_with_quoted_newlines_names_the_line_a_row_starts_on(tmp_path: Path) -> None:
    """A cell may hold a newline; the lines after it keep their numbers."""
    file = tmp_path / "v.csv"
    file.write_text('vehicle_id,make,model,note\nv1,A,B,"two\nlines"\nv2,,B,x\n')
    rows, tally = _read(RowKind.VEHICLES, file)
    assert [row.attributes for row in rows if isinstance(row, VehicleRow)] == [{"note": "two\nlines"}]
    assert [(bad.line, bad.field) for bad in tally.bad] == [(4, "make")]


def test_unknown_columns_of_vehicles_and_parts_become_attributes(tmp_path: Path) -> None:
    """Nothing a shop's file says about a part or a vehicle is lost."""
    file = tmp_path / "p.jsonl"
    part = {"part_id": "P", "brand": "B", "part_number": 12, "part_type": "pad", "title": {"en": "t"}, "shelf": "A3"}
    file.write_text(json.dumps(part))
    (row,), _ = _read(RowKind.PARTS, file)
    assert isinstance(row, PartRow)
    assert (row.part_number, row.attributes) == ("12", {"shelf": "A3"})


def test_a_line_that_is_no_utf8_is_one_bad_row(tmp_path: Path) -> None:
    """Wrong bytes cost the row they stand in, no more."""
    file = tmp_path / "v.csv"
    file.write_bytes(b"vehicle_id,make,model\nv1,A,B\nv2,\xff,B\nv3,A,B\n")
    rows, tally = _read(RowKind.VEHICLES, file)
    assert (len(rows), [bad.line for bad in tally.bad]) == (2, [3])


def test_a_damaged_gzip_file_is_refused_as_a_whole(tmp_path: Path) -> None:
    """A file that ends in the middle may be missing rows, so nothing of it counts."""
    whole = gzip.compress(json.dumps(_vehicle(1)).encode() * 100)
    (tmp_path / "v.jsonl.gz").write_bytes(whole[:-12])
    with pytest.raises(UnreadableSource):
        _read(RowKind.VEHICLES, tmp_path / "v.jsonl.gz")


def test_a_missing_file_and_an_unknown_format_are_refused(tmp_path: Path) -> None:
    """What cannot be read is said before anything is built."""
    (tmp_path / "v.pdf").write_bytes(b"")
    for name in ("v.pdf", "missing.jsonl"):
        with pytest.raises(UnreadableSource):
            pieces_of(RowKind.VEHICLES, [tmp_path / name])


def test_the_gate_counts_per_kind(tmp_path: Path) -> None:
    """One bad row in a hundred passes the default gate, two do not, whatever the other kinds hold."""
    with Quarantine(tmp_path / "q.jsonl") as quarantine:
        bad = quarantined(RowKind.PARTS, Path("p.jsonl"), 3, BadRow("brand", None, "is required"))
        quarantine.add([bad])
        quarantine.gate({"parts": 100}, 0.01)
        quarantine.add([bad])
        with pytest.raises(TooManyBadRows, match="2 of 100 parts"):
            quarantine.gate({"parts": 100, "vehicles": 10_000}, 0.01)
    lines = [json.loads(line) for line in (tmp_path / "q.jsonl").read_text().splitlines()]
    expected = {"kind": "parts", "file": "p.jsonl", "line": 3, "field": "brand", "value": None, "reason": "is required"}
    assert lines == [expected, expected]


def test_one_string_hashes_as_it_does_in_a_column() -> None:
    """Look-ups and columns agree, also for empty and Chinese text."""
    texts = ["", "a", "刹车片", "ACME:BP-1042", "a" * 300]
    assert hash_strings(texts).tolist() == [hash_one(text) for text in texts]


def test_an_error_keeps_its_data_between_processes() -> None:
    """What a worker process raises says the same where the build runs."""
    before = UnreadableSource("a.jsonl.gz", "ends in the middle")
    after = pickle.loads(pickle.dumps(before))
    assert (type(after), str(after), after.file, after.reason) == (
        UnreadableSource, "a.jsonl.gz: ends in the middle", "a.jsonl.gz", "ends in the middle"
    )  # fmt: skip


def test_dotted_columns_nest_at_every_dot(tmp_path: Path) -> None:
    """Names by language and attribute, and the two ends of years; attributes may have dots in their own names."""
    file = tmp_path / "v.csv"
    file.write_text(
        "vehicle_id,make,model,names.zh.make,names.zh.model,attributes.a.b\nv,Toyota,Corolla,丰田,卡罗拉,x\n"
    )
    (row,), _ = _read(RowKind.VEHICLES, file)
    assert isinstance(row, VehicleRow)
    assert row.names == {"zh": {"make": "丰田", "model": "卡罗拉"}}
    assert row.attributes == {"a.b": "x"}
    file = tmp_path / "a.csv"
    file.write_text("part_id,vehicle.make,vehicle.years.from,vehicle.years.to\nP,Toyota,2014,\n")
    (row,), _ = _read(RowKind.APPLICATIONS, file)
    assert isinstance(row, ApplicationRow)
    assert row.vehicle is not None
    assert row.vehicle.years == (2014, None)
