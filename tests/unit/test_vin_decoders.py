"""Decoders of VINs: the operator's tables, vPIC, the table of makers, and their chain."""

from __future__ import annotations

from pathlib import Path

import pytest

from fitment_rules.vin import VinReport, inspect
from search_service.decoders import (
    DecodedField,
    Decoder,
    PatternDecoder,
    WmiDecoder,
    WmiTable,
    default_chain,
    load_table,
    read_patterns,
    vin_answer,
)
from search_service.decoders.answer import LOG as decoders_log
from search_service.decoders.answer import VinAnswer, merge
from search_service.decoders.errors import TableUnreadable

CONFIG = Path(__file__).resolve().parents[2] / "config"
SAFE = 0.95


@pytest.fixture(scope="module")
def table() -> WmiTable:
    return load_table(CONFIG)


def answer(table: WmiTable, vin: str, *own: str) -> VinAnswer:
    patterns = read_patterns(own, "own.csv")[0] if own else None
    return vin_answer(vin, decoders=default_chain(table, patterns), table=table, this_year=2026)


def value(found: VinAnswer, attribute: str) -> object:
    field = found.field(attribute)
    return field.value if field else None


def test_an_american_vin_decodes_to_the_contracts_attributes(table: WmiTable) -> None:
    """Make, model, year, displacement, cylinders and fuel come out in the words of the vehicle table."""
    found = answer(table, "1HGCM82633A004352")
    expected = {
        "make": "Honda",
        "model": "Accord",
        "year": 2003,
        "displacement_l": 3.0,
        "cylinders": 6,
        "fuel": "petrol",
    }
    assert {name: value(found, name) for name in expected} == expected
    assert all(field.confidence >= SAFE for field in found.fields if field.attribute in expected)
    assert (found.maker, found.country, found.model_years) == ("Honda", "US", (2003,))


def test_a_wrong_check_digit_still_decodes_but_excludes_little(table: WmiTable) -> None:
    """The model is named with a confidence that only orders, and the VIN is called invalid."""
    found = answer(table, "1HGCM82643A004352")
    assert (value(found, "model"), found.report.valid) == ("Accord", False)
    assert [field.attribute for field in found.fields if field.confidence >= SAFE] == ["make"]
    assert "1HGCM82633A004352" in found.suggestions[:3]


@pytest.mark.parametrize("vin", ["LSGPC52U6AF102554", "WP0ZZZ99ZDS100001", "LFV2A21K6A3123456", "KNAE55HD7R6000001"])
def test_outside_north_america_no_year_is_lost_and_none_is_30_years_early(table: WmiTable, vin: str) -> None:
    """Both candidate years stand, the nearer past first, and no decoder makes one of them safe."""
    found = answer(table, vin)
    assert found.model_years[0] - found.model_years[1] == 30
    assert not any(field.attribute == "year" and field.confidence >= SAFE for field in found.fields)


def test_no_model_is_asserted_for_a_maker_without_data(table: WmiTable) -> None:
    """A Chinese joint venture is known by its makes, one of these, and by nothing more."""
    found = answer(table, "LSVAL41Z882104202")
    assert value(found, "model") is None
    assert set(value(found, "make")) >= {"Volkswagen", "Skoda"}  # type: ignore[call-overload]
    assert (found.maker, found.country) == ("SAIC Volkswagen", "CN")


def test_an_unknown_maker_is_no_error(table: WmiTable) -> None:
    """A WMI in no table leaves maker and fields empty."""
    found = answer(table, "X00AAAAAAAA000001")
    assert (found.maker, found.fields, found.degraded) == ("", (), ())


def test_a_slip_that_makes_the_maker_unknown_is_flagged_and_undone(table: WmiTable) -> None:
    """The first character is wrong, so no region asks for a check digit; corrections lead to listed makers."""
    found = answer(table, "BHGCM82633A004352")
    assert ("unknown_maker", "warning") in [(one.code, str(one.severity)) for one in found.problems]
    assert "1HGCM82633A004352" in found.suggestions


def test_a_slip_that_the_check_digit_misses_is_flagged_by_what_the_maker_declared(table: WmiTable) -> None:
    """`H` weighs as `8` does, and no Accord with it was declared."""
    found = answer(table, "1HGCMH2633A004352")
    assert found.report.check_passes
    assert found.problems
    assert "1HGCM82633A004352" in found.suggestions


def test_a_year_is_guessed_where_makers_keep_to_position_10_or_the_check_digit_holds(table: WmiTable) -> None:
    """The nearer past, below the share that excludes; of a European VIN without check digit nothing is said."""
    guessed = answer(table, "KNAE55HD7R6000001").field("year")
    assert guessed is not None
    assert guessed.value == 2024
    assert guessed.confidence < SAFE
    assert answer(table, "WVWZZZ1KZAW123456").field("year") is None


def test_a_guess_disputes_nothing() -> None:
    """A sure year stays sure beside another guess."""
    sure = DecodedField("year", 1989, 0.97, "patterns")
    assert merge((sure, DecodedField("year", 2019, 0.85, "position_10"))) == (sure,)


def test_the_position_7_rule_yields_to_a_motorcycle(table: WmiTable) -> None:
    """vPIC says what is no light vehicle, and then both cycles are candidates, the decoded one first."""
    found = answer(table, "1HD1FC413AB600001")
    assert found.model_years == (2010, 1980)


def test_partial_vins_decode(table: WmiTable) -> None:
    """Eleven characters give the year too, eight the model."""
    assert (value(answer(table, "1HGCM82633A"), "year"), value(answer(table, "1HGCM826"), "model")) == (2003, "Accord")


def test_the_table_of_makers_is_wide(table: WmiTable) -> None:
    """At least 150 makers' identifiers, 80 of them Chinese, each with a word on where it comes from."""
    lines = (CONFIG / "wmi.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(table.makers) == len(lines) >= 150
    assert sum(wmi[0] in "LH" for wmi in table.makers) >= 80
    assert all(line.rsplit(",", 1)[1] for line in lines)


OWN = (
    "wmi,pattern,year_from,year_to,make,model,engine,displacement_l",
    "LSV,A[LM]*1Z*,2005,2012,Volkswagen,Touran,,",
    "LSV,AL4*,2005,2012,Volkswagen,,BPL|BJZ,2.0",
    "LSV,,,,Volkswagen,Anything,,",
)


def test_the_operators_rows_name_the_model() -> None:
    """For every attribute the most specific row that names it wins; a cell of several means one of these."""
    rows, errors = read_patterns(OWN, "own.csv")
    fields = {field.attribute: field.value for field in rows.decode(inspect("LSVAL41Z882104202", this_year=2026))}
    assert errors == ()
    assert fields == {"make": "Volkswagen", "model": "Touran", "engine": ("BPL", "BJZ"), "displacement_l": 2.0}


def test_equally_specific_rows_that_differ_mean_one_of_these() -> None:
    """Two rows of the same pattern leave both models open."""
    rows, _ = read_patterns(("wmi,pattern,model", "LFV,2A*,Sagitar", "LFV,2A*,Bora"), "own.csv")
    assert rows.decode(inspect("LFV2A21K6A3123456", this_year=2026))[0].value == ("Sagitar", "Bora")


def test_rows_that_hold_for_one_candidate_year_name_it() -> None:
    """Of 2010 and 1980 a row from 2008 leaves 2010."""
    rows, _ = read_patterns(("wmi,pattern,year_from,year_to,model", "LFV,,2008,2012,Magotan"), "own.csv")
    fields = {field.attribute: field.value for field in rows.decode(inspect("LFV2A21K6A3123456", this_year=2026))}
    assert fields == {"model": "Magotan", "year": 2010}


def test_a_row_does_not_match_outside_its_years_or_pattern_or_beyond_a_partial_vin() -> None:
    """Years, classes and the end of a partial VIN all exclude."""
    rows, _ = read_patterns(("wmi,pattern,year_from,year_to,model", "LFV,2A2****3,1981,2009,M", "LFV,[3-9]*,,,N"), "o")
    assert rows.decode(inspect("LFV2A21K6A3123456", this_year=2026)) == ()
    rows, _ = read_patterns(("wmi,pattern,model", "LFV,2A2****3,M"), "own.csv")
    assert rows.decode(inspect("LFV2A21K6", this_year=2026)) == ()
    assert rows.decode(inspect("LFV2A21K6A3", this_year=2026))[0].value == "M"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("LS,A*,,,x", "wmi"),
        ("LSV,A[B,,,x", "pattern"),
        ("LSV,*********,,,x", "pattern"),
        ("LSV,[Z-A],,,x", "pattern"),
        ("LSV,AOB,,,x", "pattern"),
        ("LSV,A,20x0,,x", "year_from"),
        ("LSV,A,2012,2010,x", "year_from"),
        ("LSV,A,,,", "pattern"),
    ],
)
def test_a_bad_row_is_left_out_and_named(row: str, field: str) -> None:
    """Every other row is read, and the error tells file, line and field."""
    lines = ("wmi,pattern,year_from,year_to,model", row, "LSV,A,,,good")
    rows, errors = read_patterns(lines, "own.csv")
    assert [(error.file, error.line, error.field) for error in errors] == [("own.csv", 2, field)]
    assert len(rows.rows["LSV"]) == 1


def test_a_table_without_its_key_columns_is_refused() -> None:
    """Without `wmi` and `pattern` no row means anything."""
    with pytest.raises(TableUnreadable, match="pattern"):
        read_patterns(("wmi,model",), "own.csv")


class Broken:
    """A decoder whose data is gone."""

    name: str = "broken"

    def decode(self, report: VinReport) -> tuple[DecodedField, ...]:
        raise OSError("data file is gone")


def test_a_decoder_that_fails_is_named_and_the_others_go_on(table: WmiTable) -> None:
    """The make is still there, and `degraded` says what was missing."""
    chain: tuple[Decoder, ...] = (Broken(), WmiDecoder(table))
    found = vin_answer("LVGAAAAAAAA000001", decoders=chain, table=table, this_year=2026)
    assert (value(found, "make"), found.degraded) == ("Toyota", ("broken",))


class Chatty:
    """A decoder whose error repeats the VIN."""

    name: str = "chatty"

    def decode(self, report: VinReport) -> tuple[DecodedField, ...]:
        raise ValueError(f"cannot read {report.vin}")


def test_a_failing_decoder_puts_no_vin_into_the_log(
    table: WmiTable, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log names the decoder and the kind of error, whatever servers of other tests made of the root logger."""
    log = decoders_log
    monkeypatch.setattr(log, "handlers", [caplog.handler])
    monkeypatch.setattr(log, "disabled", False)
    with caplog.at_level("DEBUG", logger=log.name):
        vin_answer("1HGCM82633A004352", decoders=(Chatty(),), table=table, this_year=2026)
    assert "chatty failed: ValueError" in caplog.text
    assert "1HGCM82633A004352" not in caplog.text


def test_the_first_decoder_is_believed_and_contradiction_lowers_it() -> None:
    """A make that a later decoder excludes stays, but no longer excludes vehicles; a shared value costs nothing."""
    first, same, other = (
        DecodedField("make", value, 0.99, source)
        for value, source in (("Ford", "a"), (("FORD", "Mazda"), "b"), ("Audi", "c"))
    )
    assert merge((first, same)) == (first,)
    assert merge((first, other)) == (DecodedField("make", "Ford", 0.9, "a"),)


def test_the_answer_has_the_contracts_fields(table: WmiTable) -> None:
    """Everything of `/v1/vin` but the candidates."""
    body = answer(table, "1HGCM82633A004352").as_json()
    expected = {"vin", "valid", "problems", "suggestions", "region", "wmi", "maker", "model_years", "fields"}
    assert expected <= set(body)
    assert set(body["fields"][0]) == {"attribute", "value", "confidence", "source"}


def test_patterns_may_be_empty() -> None:
    """A table with a header only decodes nothing."""
    assert read_patterns(("wmi,pattern,model",), "own.csv") == (PatternDecoder({}), ())
