"""Pattern tables: rows with serials and build dates, loading, and servers that follow the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitment_rules.model import span
from fitment_rules.vin import check_digit, inspect
from search_service.decoders import FollowedPatterns, pattern_files, read_patterns
from search_service.decoders.pattern_files import load_patterns, tables_in
from search_service.decoders.pattern_rows import built_window

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "vin_patterns.csv"
HEADER = "wmi,pattern,serial_from,serial_to,built_from,built_to,model"


def decoded(vin: str, *rows: str) -> dict[str, object]:
    decoder, errors = read_patterns((HEADER, *rows), "own.csv")
    assert errors == ()
    return {field.attribute: field.value for field in decoder.decode(inspect(vin, this_year=2026))}


def made(wmi: str, descriptor: str, year: str, serial: str) -> str:
    body = f"{wmi}{descriptor}0{year}A{serial}"
    return body[:8] + str(check_digit(body)) + body[9:]


def test_a_serial_says_when_the_car_was_built() -> None:
    """Rows of one pattern differ by the serial; each gives its own window."""
    rows = ("LSV,A,000001,199999,2015-01,2015-06,", "LSV,A,200000,,2015-07,,", "LSV,A,,,,,Lavida")
    early, late = made("LSV", "AAAAA", "F", "199999"), made("LSV", "AAAAA", "F", "200000")
    assert decoded(early, *rows) == {"built": "2015-01/2015-06", "model": "Lavida"}
    assert decoded(late, *rows) == {"built": "2015-07/..", "model": "Lavida"}
    assert decoded(early[:11], *rows) == {"model": "Lavida"}


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2015-07", "2015-07", "2015-07"),
        ("2015-07/2015-09", "2015-07", "2015-09"),
        ("../2015-09", None, "2015-09"),
        ("2015-07-15/..", "2015-07-15", None),
    ],
)
def test_a_decoded_build_date_is_a_window(text: str, start: str | None, end: str | None) -> None:
    """One date, or two of which one may be open."""
    assert built_window(text) == span(start, end)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("LSV,A,1234567,,,,x", "serial_from"),
        ("LSV,A,200,100,,,x", "serial_from"),
        ("LSV,A,,,2015-13,,x", "built_from"),
        ("LSV,A,,,2015-07,2015-01,x", "built_from"),
    ],
)
def test_a_bad_serial_or_date_is_named(row: str, field: str) -> None:
    """The row is left out."""
    decoder, errors = read_patterns((HEADER, row), "own.csv")
    assert [error.field for error in errors] == [field]
    assert decoder.rows == {}


def test_the_examples_of_the_documentation_decode() -> None:
    """20 rows, none refused, each the answer to some VIN of its own."""
    decoder, errors = read_patterns(EXAMPLES.read_text(encoding="utf-8").splitlines(), EXAMPLES.name)
    assert errors == ()
    assert sum(map(len, decoder.rows.values())) == 20
    magotan = inspect(made("LFV", "ALDAB", "H", "250000"), this_year=2026)
    fields = {field.attribute: field.value for field in decoder.decode(magotan)}
    assert (fields["model"], fields["built"], fields["year"]) == ("Magotan", "2017-06/2019-08", 2017)
    low_volume = inspect("LA9BAAAA0GAABC123", this_year=2026)
    assert {field.attribute: field.value for field in decoder.decode(low_volume)}["model"] == "Roadster"
    assert decoder.decode(inspect(made("HES", "AAAAA", "M", "000001"), this_year=2026))[1].value == "City Van"


def test_a_table_of_too_many_bad_rows_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    """What is refused is named, and nothing is put in place."""
    data, file = tmp_path / "data", tmp_path / "own.csv"
    file.write_text(f"{HEADER}\nLSV,A,,,,,Lavida\n")
    assert load_patterns(file, data, 0.01).path == data / "vin_patterns" / "own.csv"
    file.write_text(f"{HEADER}\nLSV,A,,,,,Lavida\nXX,A,,,,,Bad\n")
    refused = load_patterns(file, data, 0.01)
    assert (refused.accepted, refused.path, [error.line for error in refused.errors]) == (1, None, [3])
    assert "Bad" not in tables_in(data)[0].read_text()


def test_a_running_server_takes_up_a_loaded_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And keeps what it holds while a table cannot be read."""
    monkeypatch.setattr(pattern_files, "LOOK_EVERY", 0.0)
    report = inspect(made("LSV", "AAAAA", "F", "000001"), this_year=2026)
    followed = FollowedPatterns(lambda: tables_in(tmp_path))
    assert followed.decode(report) == ()
    file = tmp_path / "own.csv"
    file.write_text(f"{HEADER}\nLSV,A,,,,,Lavida\n")
    load_patterns(file, tmp_path, 0.0)
    assert [field.value for field in followed.decode(report)] == ["Lavida"]
    tables_in(tmp_path)[0].write_text("no table\n")
    assert [field.value for field in followed.decode(report)] == ["Lavida"]
