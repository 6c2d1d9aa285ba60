"""Properties of VINs over generated ones."""

from __future__ import annotations

import datetime
from itertools import chain, pairwise
from pathlib import Path

import ultravin
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fitment_rules.vin import check_digit, inspect, normalise, passes_check, twins
from fitment_rules.vin.characters import ALPHABET
from search_service.decoders import default_chain, load_table, vin_answer

TABLE = load_table(Path(__file__).resolve().parents[2] / "config")
NOW = datetime.datetime(2026, 7, 1, tzinfo=datetime.UTC)
CHAIN = default_chain(TABLE)


def sound(text: str) -> str:
    digit = check_digit(text)
    assert digit is not None
    return text[:8] + digit + text[9:]


vins = st.text(ALPHABET, min_size=13, max_size=13).flatmap(
    lambda head: st.integers(0, 9999).map(lambda serial: sound(f"{head}{serial:04}"))
)


@given(st.text(max_size=40))
def test_nothing_a_person_types_raises(text: str) -> None:
    """Any text has a report, and its normal form has the same one."""
    report = inspect(text, this_year=2026)
    assert inspect(report.vin, this_year=2026) == report
    assert normalise(report.vin) == report.vin


@settings(deadline=None)
@given(st.text(max_size=25))
@example("𐅀²")
def test_no_decoder_fails_on_what_a_person_types(text: str) -> None:
    """The chain answers any text without degrading."""
    assert vin_answer(text, decoders=CHAIN, table=TABLE, this_year=2026).degraded == ()


@given(vins)
def test_every_suggestion_passes_and_is_new(vin: str) -> None:
    """What is offered passes the check digit and is not what was typed."""
    wrong = vin[:8] + ("0" if vin[8] != "0" else "1") + vin[9:]
    found = inspect(wrong, this_year=2026).suggestions
    assert all(map(passes_check, found))
    assert wrong not in found
    assert len(found) == len(set(found))


@given(
    vins.filter(lambda vin: vin[0] in "1245L" and vin[9] not in "UZ0"), st.integers(1, 16), st.sampled_from(ALPHABET)
)
def test_a_single_wrong_character_is_found_again(vin: str, index: int, char: str) -> None:
    """Where the check digit shows the slip, the VIN that was meant is among the suggestions."""
    wrong = vin[:index] + char + vin[index + 1 :]
    if not passes_check(wrong):
        assert vin in inspect(wrong, this_year=2026).suggestions


@given(vins)
def test_twins_pass_and_are_one_slip_away(vin: str) -> None:
    """One character of the same check value, or two neighbours swapped."""
    for twin in twins(vin):
        assert passes_check(twin)
        assert sum(a != b for a, b in zip(vin, twin, strict=True)) == 1 or sorted(twin) == sorted(vin)


@given(vins, st.integers(1980, 2060))
def test_candidate_years_descend_by_thirty_and_are_not_ahead(vin: str, this_year: int) -> None:
    """The latest first, none later than next year, none before 1980."""
    years = inspect(vin, this_year=this_year).model_years
    assert all(1980 <= year <= this_year + 1 for year in years)
    assert all(later - earlier == 30 for later, earlier in pairwise(years))


def test_generated_american_cars_decode_to_their_make_and_year() -> None:
    """Over cars and multi-purpose vehicles of the vPIC data, make and first year are those of the data itself."""
    kinds = [
        ultravin.generate(200, seed=7, vehicle_type=kind, min_year=1985, max_year=2026, invalid_rate=0, now=NOW)
        for kind in (2, 7)
    ]
    known = [
        vin for vin in chain(*kinds) if vin[0] in "12345" and ultravin.decode(vin, now=NOW)["attributes"].get("Model")
    ]
    assert len(known) > 100
    wrong = []
    for vin in known:
        found = vin_answer(vin, decoders=CHAIN, table=TABLE, this_year=2026)
        truth = ultravin.decode(vin, now=NOW)
        make = found.field("make")
        same_make = make is not None and str(make.value).casefold() == truth["attributes"]["Make"].casefold()
        if not same_make or found.model_years[:1] != (truth["model_year"],):
            wrong.append((vin, make, found.model_years, truth["model_year"]))
    assert wrong == []
