"""What the characters of a VIN say."""

from __future__ import annotations

import pytest

from fitment_rules.vin import Region, Severity, check_digit, inspect, normalise, region_of

HONDA = "1HGCM82633A004352"  # printed in public documentation
SAIC = "LSVAL41Z882104202"
VW = "WVWZZZ1KZAW123456"


def codes(vin: str, severity: Severity | None = None) -> list[tuple[str, int | None]]:
    found = inspect(vin, this_year=2026).problems
    return [(problem.code, problem.position) for problem in found if severity in (None, problem.severity)]


def test_a_sound_american_vin_has_no_problem() -> None:
    """A VIN with the right check digit is valid, decodes its year and splits into its parts."""
    report = inspect(HONDA, this_year=2026)
    assert (report.valid, report.problems, report.suggestions) == (True, (), ())
    assert (report.wmi, report.serial, report.squish) == ("1HG", "004352", "1HGCM8263A")
    assert report.model_years == (2003,)


@pytest.mark.parametrize(
    "typed",
    ["1hgcm82633a004352", " 1HG CM826-33A–004352 ", "１ＨＧＣＭ８２６３３Ａ００４３５２", "*1HGCM82633A004352*"],
)
def test_the_way_of_typing_does_not_matter(typed: str) -> None:
    """Case, blanks, dashes, full-width forms and plate frames are not part of a VIN."""
    assert normalise(typed) == HONDA


def test_the_check_digit_is_the_published_one() -> None:
    """Eleven ones weigh to 1, the textbook example; a remainder of ten is X."""
    assert check_digit("11111111111111111") == "1"
    assert check_digit("1M8GDM9A0KP042788") == "X"


def test_forbidden_letters_are_named_with_their_places() -> None:
    """I, O and Q are reported one by one, and read as digits in the correction."""
    assert codes("1HGCM82633AOO4352") == [("letter_not_used", 12), ("letter_not_used", 13)]
    assert inspect("1HGCM82633AOO4352", this_year=2026).suggestions[0] == HONDA


def test_other_characters_are_named_with_their_places() -> None:
    """Anything outside the alphabet is a problem at its position."""
    assert codes("1HGCM8263?A004352") == [("character", 10)]


def test_a_vin_too_long_or_short_says_so() -> None:
    """Length is reported once, and nothing is raised for the empty text."""
    assert codes("") == [("empty", None)]
    assert codes("1HG") == [("too_short", None)]
    assert codes(HONDA + "1")[0] == ("too_long", 18)
    assert not inspect(HONDA + "1", this_year=2026).valid


def test_a_doubled_or_dropped_character_is_offered_back() -> None:
    """18 characters lose one, 16 regain a doubled one."""
    assert HONDA in inspect("1HGCM826333A004352", this_year=2026).suggestions
    assert HONDA in inspect("1HGCM8263A004352", this_year=2026).suggestions


def test_a_wrong_check_digit_weighs_by_region() -> None:
    """Error in North America, warning in China, note elsewhere, nothing where position 9 is filler."""
    assert codes("1HGCM82643A004352", Severity.ERROR) == [("check_digit", 9)]
    assert codes("LSVAL41Z982104202", Severity.WARNING) == [("check_digit", 9)]
    assert codes("JTDKN3DU5A0123456", Severity.NOTE) == [("check_digit", 9)]
    assert codes(VW) == []


def test_only_north_america_rejects_for_the_check_digit() -> None:
    """A European or Chinese VIN with a wrong check digit stays valid."""
    assert not inspect("1HGCM82643A004352", this_year=2026).valid
    assert inspect("LSVAL41Z982104202", this_year=2026).valid
    assert inspect("JTDKN3DU5A0123456", this_year=2026).valid


def test_position_7_tells_the_decade_of_north_american_light_vehicles_only() -> None:
    """A letter means 2010 on, a digit before; everywhere else both years stand, the nearer past first."""
    assert inspect("5YJSA1E2XHF000337", this_year=2026).model_years == (2017,)
    assert inspect("1G1YY2183H5100001", this_year=2026).model_years == (1987,)
    assert inspect("LFV2A21K6A3123456", this_year=2026).model_years == (2010, 1980)
    assert inspect(VW, this_year=2026).model_years == (2010, 1980)
    assert inspect("1HD1FC413AB600001", this_year=2026, heavy={"1HD"}).model_years == (2010, 1980)


def test_no_candidate_year_lies_further_ahead_than_next_year() -> None:
    """Code V is 2027: possible in 2026, not in 2025."""
    vin = "LSVAL41Z8V2104202"
    assert inspect(vin, this_year=2026).model_years == (2027, 1997)
    assert inspect(vin, this_year=2025).model_years == (1997,)


def test_a_year_code_that_does_not_exist_is_an_error_only_where_it_is_prescribed() -> None:
    """U, Z and 0 are refused in North America, doubted in China, free elsewhere."""
    assert ("model_year", 10) in codes("1HGCM8263ZA004352", Severity.ERROR)
    assert ("model_year", 10) in codes("LSVAL41Z8Z2104202", Severity.WARNING)
    assert codes("WVWZZZ1KZZW123456") == []


def test_a_low_volume_maker_is_known_by_six_characters() -> None:
    """With 9 in position 3 the maker's identifier goes on in positions 12–14."""
    assert inspect("1M9AB2C12KA123001", this_year=2026).wmi == "1M9123"
    assert inspect("1M9AB2C12KA", this_year=2026).wmi == "1M9"


@pytest.mark.parametrize(
    ("length", "years", "squish"), [(8, (), None), (10, (2003,), None), (11, (2003,), "1HGCM8263A")]
)
def test_the_beginning_of_a_vin_is_read_as_far_as_it_goes(length: int, years: tuple[int, ...], squish: str) -> None:
    """8, 10 or 11 characters are partial: not valid, but what they say counts."""
    report = inspect(HONDA[:length], this_year=2026)
    assert (report.valid, report.partial, report.model_years, report.squish) == (False, True, years, squish)
    assert [problem.code for problem in report.problems] == ["partial"]


def test_chinas_new_prefix_is_china() -> None:
    """H is Chinese since GB 16737-2019, beside L."""
    assert region_of("HES1") is region_of("LSV1") is Region.CHINA


def test_regions_follow_the_first_characters() -> None:
    """3 is Mexico to 3W, 7 the United States from 7F."""
    assert region_of("3VW") is region_of("7SA") is region_of("2T3") is Region.NORTH_AMERICA
    assert region_of("7A3") is region_of("6T1") is Region.OCEANIA
    assert (region_of("9BW"), region_of("JTD"), region_of("AHT")) == (Region.SOUTH_AMERICA, Region.ASIA, Region.AFRICA)
    assert region_of("") is Region.UNKNOWN


def test_no_message_repeats_the_vin() -> None:
    """Messages may be logged, so they never hold the VIN."""
    for vin in ("1HGCM82643A004352", "1HGCM8264OA0O4352", HONDA[:11], HONDA + "77"):
        assert all(vin[:8] not in problem.message for problem in inspect(vin, this_year=2026).problems)


def test_cars_of_north_america_end_in_five_digits_and_low_volume_makers_in_three() -> None:
    """A letter at 13 is doubted in a car, allowed in a heavy truck; 12–14 name a small maker, letters or not."""
    letter_at_13 = HONDA[:12] + "A" + HONDA[13:]
    assert ("serial", 13) in codes(letter_at_13, Severity.WARNING)
    assert not any(p.code == "serial" for p in inspect(letter_at_13, this_year=2026, heavy={"1HG"}).problems)
    assert not any(code == "serial" for code, _ in codes("1M9AB2C12KAB2A001"))
