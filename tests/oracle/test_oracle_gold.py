"""The oracle against the contract, sentence by sentence: each test is one sentence and the smallest case of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fitment_rules.model import OPEN, Application, Note, NoteKind, Scalar, Vehicle, Window, span
from tests.oracle.oracle import Candidate, Part, Query, candidates, days_of, fit_of, judge_built, listing, same

HORIZON = Window(2010, 2020)
YEAR_2015 = Window(2015, 2015)
PART = Part("P")


def vehicle(vehicle_id: str = "v1", years: Window = YEAR_2015, built: Window = OPEN, **attributes: Any) -> Vehicle:
    names = attributes.pop("names", {})
    aliases = attributes.pop("aliases", ())
    return Vehicle(vehicle_id, "Toyota", attributes.pop("model", "Corolla"), years, built, attributes, names, aliases)


def rule(part: str = "P", **fields: Any) -> Application:
    fields.setdefault("make", ("Toyota",))
    return Application("a", part, **fields)


def found(rows: list[Vehicle], query: Query) -> list[tuple[str, frozenset[int] | None]]:
    return [(one.vehicle.vehicle_id, one.years) for one in candidates(rows, query, HORIZON)]


def given(**values: Scalar | tuple[Scalar, ...]) -> Query:
    return Query(tuple((name, value if isinstance(value, tuple) else (value,)) for name, value in values.items()))


def verdict(rows: list[Vehicle], rules: list[Application], query: Query | None = None, part: Part = PART) -> str | None:
    asked = query or Query()
    return fit_of(part, rules, candidates(rows, asked, HORIZON), asked).verdict


def where(**values: Any) -> Mapping[str, tuple[Scalar, ...]]:
    return {name: value if isinstance(value, tuple) else (value,) for name, value in values.items()}


# Candidates


def test_a_row_for_2014_to_2016_is_three_candidates() -> None:
    """A candidate is one vehicle row in one model year."""
    years = [one for _, one in found([vehicle(years=Window(2014, 2016))], Query())]
    assert years == [frozenset({2014}), frozenset({2015}), frozenset({2016})]


def test_a_row_without_years_is_one_candidate_of_unknown_year() -> None:
    """A row without years is one candidate of unknown year."""
    assert found([vehicle(years=OPEN)], Query()) == [("v1", None)]


def test_a_missing_end_is_open() -> None:
    """2018– reaches to the horizon, –2011 from its start."""
    assert len(found([vehicle(years=Window(2018, None))], Query())) == 3
    assert len(found([vehicle(years=Window(None, 2011))], Query())) == 2


def test_answers_count_rows() -> None:
    """A row of three years counts once: matched in all of them, in none, or else unknown."""
    row = [vehicle(years=Window(2014, 2016))]
    for years, expected in ((OPEN, (1, 0, 0)), (Window(2014, 2015), (0, 1, 0)), (Window(2018, 2018), (0, 0, 1))):
        fit = fit_of(PART, [rule(years=years)], candidates(row, Query(), HORIZON), Query())
        assert (fit.match, fit.unknown, fit.mismatch) == expected


def test_parameters_and_together_and_a_repeated_one_means_any_of() -> None:
    """engine=A|B and drive=FWD keeps the rows with either engine and that drive."""
    rows = [vehicle("v1", engine="A", drive="FWD"), vehicle("v2", engine="B", drive="FWD")]
    rows += [vehicle("v3", engine="C", drive="FWD"), vehicle("v4", engine="A", drive="AWD")]
    assert [name for name, _ in found(rows, given(engine=("A", "B"), drive="FWD"))] == ["v1", "v2"]


def test_a_row_is_a_candidate_unless_something_given_contradicts_it() -> None:
    """A row that lacks the attribute stays."""
    rows = [vehicle("v1", engine="A"), vehicle("v2", engine="B"), vehicle("v3")]
    assert [name for name, _ in found(rows, given(engine="A"))] == ["v1", "v3"]


def test_a_year_outside_the_row_contradicts_and_inside_leaves_one_candidate() -> None:
    """year=2015 leaves of 2014–2016 the one year."""
    rows = [vehicle("v1", years=Window(2014, 2016)), vehicle("v2", years=Window(2016, 2018))]
    assert found(rows, given(year=2015)) == [("v1", frozenset({2015}))]


def test_a_row_without_the_attribute_takes_the_callers_value() -> None:
    """Rules see it as known: the engine the caller gave decides, for match and for mismatch."""
    rules = [rule(where=where(engine="A"))]
    assert verdict([vehicle()], rules) == "needs_info"
    assert verdict([vehicle()], rules, given(engine="A")) == "fits"
    assert verdict([vehicle()], rules, given(engine="B")) == "does_not_fit"


def test_a_row_of_unknown_year_takes_the_callers_year() -> None:
    """Several years given are one of these."""
    rules = [rule(years=Window(2015, 2016))]
    assert verdict([vehicle(years=OPEN)], rules, given(year=2015)) == "fits"
    assert verdict([vehicle(years=OPEN)], rules, given(year=(2016, 2017))) == "needs_info"
    assert verdict([vehicle(years=OPEN)], rules, given(year=2017)) == "does_not_fit"


def test_an_attribute_no_row_has_excludes_nothing_and_can_still_decide() -> None:
    """rotor_mm is in no row, but in a rule."""
    rows = [vehicle("v1"), vehicle("v2")]
    assert len(found(rows, given(rotor_mm=300))) == 2
    assert verdict(rows, [rule(where=where(rotor_mm=300))], given(rotor_mm=300)) == "fits"


def test_values_match_in_either_language_and_by_alias() -> None:
    """A caller may say 卡罗拉 or an alias; the rules still see the row's own value."""
    row = vehicle(names={"zh": {"make": "丰田", "model": "卡罗拉"}}, aliases=("corolla altis",))
    for model in ("corolla", "卡罗拉", "Corolla Altis"):
        assert found([row], given(make="丰田", model=model)) != []
        assert verdict([row], [rule(model=("Corolla",))], given(model=model)) == "fits"
    assert found([row], given(model="Camry")) == []


def test_a_makes_name_is_the_makes_and_not_the_rows() -> None:
    """One row that calls Toyota 丰田 names every Toyota."""
    rows = [vehicle("v1", names={"zh": {"make": "丰田"}}), vehicle("v2", model="Levin")]
    assert [name for name, _ in found(rows, given(make="丰田"))] == ["v1", "v2"]


def test_an_empty_candidate_set_gives_no_verdict() -> None:
    """Nothing is said of any part."""
    assert verdict([vehicle()], [rule()], given(model="Camry")) is None


def test_two_things_said_of_one_attribute_leave_what_both_allow() -> None:
    """What a VIN says safely ANDs with what the caller says."""
    query = Query((("engine", ("A", "B")), ("engine", ("B", "C"))))
    assert [name for name, _ in found([vehicle("v1", engine="A"), vehicle("v2", engine="B")], query)] == ["v2"]
    assert verdict([vehicle()], [rule(where=where(engine="B"))], query) == "fits"


def test_things_said_of_one_attribute_that_exclude_each_other_leave_no_candidate() -> None:
    """A VIN says A and the caller says B: no row is both, also not one that says nothing or one of these."""
    rows = [vehicle("v1"), vehicle("v2", engine=("A", "B")), vehicle("v3", engine="A")]
    assert found(rows, Query((("engine", ("A",)), ("engine", ("B",))))) == []
    assert found([vehicle(years=OPEN)], Query((("year", (2015,)), ("year", (2016,))))) == []


# Serial numbers


@pytest.mark.parametrize(
    ("serial", "first", "last", "expected"),
    [
        ("000123", "100", "200", "fits"),
        ("000223", "100", "200", "does_not_fit"),
        ("000200", "100", "200", "fits"),
        ("A00123", "A00100", "A00200", "fits"),
        ("A00123", "A00124", None, "does_not_fit"),
        ("A00123", None, "B00000", "fits"),
        (None, "100", "200", "needs_info"),
    ],
)
def test_all_digit_serials_compare_as_numbers_others_as_text_of_six(
    serial: str | None, first: str | None, last: str | None, expected: str
) -> None:
    """Positions 12–17; without a VIN they are unknown."""
    rules = [rule(vin_serial_from=first, vin_serial_to=last)]
    assert verdict([vehicle()], rules, Query(vin_serial=serial)) == expected


# Conditions


def test_missing_from_an_application_means_every_value_and_from_a_vehicle_unknown() -> None:
    """The asymmetry that decides everything."""
    assert verdict([vehicle(engine="A")], [rule()]) == "fits"
    assert verdict([vehicle()], [rule(where=where(engine="A"))]) == "needs_info"


def test_an_application_is_a_mismatch_if_one_condition_is_else_unknown_if_one_is() -> None:
    """Mismatch outweighs unknown, unknown outweighs match."""
    both = where(engine="A", drive="FWD")
    assert verdict([vehicle(drive="AWD")], [rule(where=both)]) == "does_not_fit"
    assert verdict([vehicle(drive="FWD")], [rule(where=both)]) == "needs_info"
    assert verdict([vehicle(drive="FWD", engine="A")], [rule(where=both)]) == "fits"


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"trim": "Sport", "doors": 4}, "does_not_fit"),
        ({"trim": "GL", "doors": 4}, "fits"),
        ({"trim": "GL"}, "fits"),
        ({"trim": "Sport"}, "needs_info"),
        ({}, "needs_info"),
    ],
)
def test_an_exception_excludes_when_every_member_matches(attributes: dict[str, Any], expected: str) -> None:
    """One mismatching member makes it say nothing; any other case makes the application unknown."""
    assert verdict([vehicle(**attributes)], [rule(except_=(where(trim="Sport", doors=4),))]) == expected


def test_trim_unknown_except_sport_is_unknown() -> None:
    """The contract's own example."""
    assert verdict([vehicle()], [rule(except_=(where(trim="Sport"),))]) == "needs_info"


def test_one_of_several_exceptions_is_enough() -> None:
    """Each exception of the list excludes on its own."""
    rules = [rule(except_=(where(trim="Sport"), where(drive="AWD")))]
    assert verdict([vehicle(trim="GL", drive="AWD")], rules) == "does_not_fit"


def test_a_list_as_a_vehicles_value_means_one_of_these() -> None:
    """All of them asked for is a match, some is unknown, none is a mismatch."""
    rows = [vehicle(engine=("A", "B"))]
    assert verdict(rows, [rule(where=where(engine=("A", "B", "C")))]) == "fits"
    assert verdict(rows, [rule(where=where(engine="A"))]) == "needs_info"
    assert verdict(rows, [rule(where=where(engine="C"))]) == "does_not_fit"


def test_a_list_is_narrowed_by_what_the_caller_says() -> None:
    """One of A and B, and the caller says A."""
    assert verdict([vehicle(engine=("A", "B"))], [rule(where=where(engine="A"))], given(engine="A")) == "fits"


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (2, "2", True), (2.0, "2.00", True), ("1.6", 1.6, True), ("FWD", "fwd ", True), ("ＦＷＤ", "fwd", True),
        ("1e5", 100000, False), ("2", "2a", False), (True, "True", True), ("nan", "NaN", True), ("", "0", False),
    ],
)  # fmt: skip
def test_numbers_compare_as_numbers_and_text_without_case(one: Scalar, other: Scalar, equal: bool) -> None:
    """Whatever file or parameter they came from."""
    assert same(one, other) is equal
    assert same(other, one) is equal


def test_years_are_inclusive_and_null_is_open() -> None:
    """[2014, 2016] holds 2014 and 2016; [null, 2016] every year before."""
    for years, year, expected in (
        (Window(2014, 2016), 2014, "fits"),
        (Window(2014, 2016), 2016, "fits"),
        (Window(2014, 2016), 2017, "does_not_fit"),
        (Window(None, 2016), 2010, "fits"),
        (Window(2016, None), 2015, "does_not_fit"),
    ):
        assert verdict([vehicle(years=Window(year, year))], [rule(years=years)]) == expected


def test_an_unknown_year_leaves_a_year_range_unknown() -> None:
    """A row without years, nothing said."""
    assert verdict([vehicle(years=OPEN)], [rule(years=Window(2014, 2016))]) == "needs_info"
    assert verdict([vehicle(years=OPEN)], [rule()]) == "fits"


@pytest.mark.parametrize(
    ("has", "asks", "expected"),
    [
        (("2015-03", "2015-04"), ("2015-01", "2015-12"), "fits"),
        (("2015-03", "2015-04"), ("2015-03", "2015-04"), "fits"),
        (("2015-03", "2015-04"), ("2015-05", None), "does_not_fit"),
        (("2015-03", "2015-04"), ("2015-04", None), "needs_info"),
        (("2015-03", "2015-04"), (None, "2015-04-15"), "needs_info"),
        (("2015-03", None), ("2015-01", None), "fits"),
        (("2015-03", None), (None, "2015-02"), "does_not_fit"),
        (("2015-03", None), ("2015-01", "2016-01"), "needs_info"),
        ((None, None), ("2015-01", None), "needs_info"),
    ],
)
def test_build_windows(has: tuple[str | None, ...], asks: tuple[str | None, ...], expected: str) -> None:
    """Inside is a match, outside a mismatch, across an edge or missing at both ends unknown; a month is all of it."""
    assert verdict([vehicle(built=span(*has))], [rule(built=span(*asks))]) == expected


def test_model_years_never_answer_a_build_date() -> None:
    """A 2015 car may have been built before or after June 2015, or in another year."""
    assert verdict([vehicle(years=Window(2015, 2015))], [rule(built=span("2010-01", "2020-12"))]) == "needs_info"


def test_a_given_build_date_narrows_and_can_contradict() -> None:
    """It is a vehicle parameter like any other."""
    rows, rules = [vehicle(built=span("2014-01", "2016-12"))], [rule(built=span("2015-06", None))]
    assert verdict(rows, rules) == "needs_info"
    assert verdict(rows, rules, Query(built="2015-06")) == "fits"
    assert verdict(rows, rules, Query(built="2015-05-31")) == "does_not_fit"
    assert verdict(rows, rules, Query(built="2017-01")) is None
    assert verdict([vehicle()], rules, Query(built="2015-06")) == "fits"


@pytest.mark.parametrize("kind", [NoteKind.CONDITION, None])
def test_a_condition_note_is_unknown_until_answered(kind: NoteKind | None) -> None:
    """Also one not yet reviewed; one answer serves every spelling of the same words."""
    rules = [rule(notes=(Note("with ADVICS  caliper", "en", kind),))]
    assert verdict([vehicle()], rules) == "needs_info"
    assert verdict([vehicle()], rules, Query(notes={"With Advics caliper": True})) == "fits"
    assert verdict([vehicle()], rules, Query(notes={"with ADVICS caliper": False})) == "does_not_fit"
    assert verdict([vehicle()], rules, Query(notes={"another": True})) == "needs_info"


@pytest.mark.parametrize("kind", [NoteKind.VARIANT, NoteKind.HINT, NoteKind.REMARK])
def test_other_notes_never_change_a_verdict(kind: NoteKind) -> None:
    """Whatever is answered."""
    rules = [rule(notes=(Note("carbon version", "en", kind),))]
    assert verdict([vehicle()], rules) == verdict([vehicle()], rules, Query(notes={"carbon version": False})) == "fits"


def test_known_is_judged_one_application_at_a_time() -> None:
    """Two that only together cover an unknown value leave it unknown."""
    rules = [rule(where=where(drive="FWD")), rule(where=where(drive="AWD"))]
    assert verdict([vehicle()], rules) == "needs_info"
    assert verdict([vehicle(drive=("FWD", "AWD"))], rules) == "needs_info"


def test_different_candidates_may_be_covered_by_different_applications() -> None:
    """Joint coverage of known values is coverage."""
    rules = [rule(where=where(drive="FWD")), rule(where=where(drive="AWD"))]
    assert verdict([vehicle("v1", drive="FWD"), vehicle("v2", drive="AWD")], rules) == "fits"


@pytest.mark.parametrize(
    ("name", "value"), [("make", "TOYOTA"), ("model", "corolla"), ("year", 2015), ("vehicle_id", "v1")]
)
def test_where_and_except_take_make_model_year_and_vehicle_id(name: str, value: Scalar) -> None:
    """The reserved names are attributes of every row."""
    assert verdict([vehicle()], [rule(where=where(**{name: value}))]) == "fits"
    assert verdict([vehicle()], [rule(except_=(where(**{name: value}),))]) == "does_not_fit"


def test_an_application_names_vehicles_by_id_or_by_selector() -> None:
    """A list means any of; an empty selector means every vehicle."""
    rows = [vehicle("v1"), vehicle("v2", model="Levin")]
    assert verdict(rows, [Application("a", "P", vehicle_ids=("v1", "v2"))]) == "fits"
    assert verdict(rows, [Application("a", "P", vehicle_ids=("v1",))]) == "needs_info"
    assert verdict(rows, [rule(model=("Corolla", "Levin"))]) == "fits"
    assert verdict(rows, [Application("a", "P")]) == "fits"
    assert verdict(rows, [rule(make=("Honda",))]) == "does_not_fit"


# Verdicts


def test_needs_info_when_only_some_candidates_are_matched() -> None:
    """Some candidate is matched, another cannot be."""
    rows = [vehicle("v1", engine="A"), vehicle("v2", engine="B")]
    assert verdict(rows, [rule(where=where(engine="A"))]) == "needs_info"


def test_universal_is_raised_to_fits_by_applications_and_never_lowered() -> None:
    """A mismatching or open application leaves it universal."""
    part = Part("P", universal=True)
    assert verdict([vehicle()], [], part=part) == "universal"
    assert verdict([vehicle()], [rule(make=("Honda",))], part=part) == "universal"
    assert verdict([vehicle()], [rule(where=where(engine="A"))], part=part) == "universal"
    assert verdict([vehicle()], [rule()], part=part) == "fits"


def test_no_data_without_applications_or_with_one_in_quarantine_when_the_rest_cannot_match() -> None:
    """Quarantine takes nothing from what matches."""
    part = Part("P", quarantined=True)
    assert verdict([vehicle()], []) == "no_data"
    assert verdict([vehicle()], [], part=part) == "no_data"
    assert verdict([vehicle()], [rule(make=("Honda",))], part=part) == "no_data"
    assert verdict([vehicle()], [rule(where=where(engine="A"))], part=part) == "needs_info"
    assert verdict([vehicle()], [rule()], part=part) == "fits"


def test_does_not_fit_when_applications_are_there_and_none_can_match() -> None:
    """An application of another part is none of its own."""
    assert verdict([vehicle()], [rule(make=("Honda",))]) == "does_not_fit"
    assert verdict([vehicle()], [rule("OTHER")]) == "no_data"


# Position


@pytest.mark.parametrize(
    ("places", "asked", "expected"),
    [
        (("front",), ("front",), "fits"),
        (("front",), ("rear",), "does_not_fit"),
        (("front left",), ("front",), "fits"),
        (("front",), ("front left",), "fits"),
        (("front left",), ("rear left",), "does_not_fit"),
        (("front",), ("left",), "fits"),
        (("front", "rear"), ("rear",), "fits"),
        (("front left", "rear right"), ("front right",), "does_not_fit"),
        (("front",), ("rear", "front"), "fits"),
        ((), ("front",), "fits"),
        (("front",), (), "fits"),
    ],
)
def test_a_position_asked_for_is_one_more_condition(
    places: tuple[str, ...], asked: tuple[str, ...], expected: str
) -> None:
    """Places that differ on an axis are a mismatch; one that does not name an axis covers both its ends."""
    assert verdict([vehicle()], [rule(position=places)], Query(positions=asked)) == expected


def test_an_application_without_a_position_has_the_parts() -> None:
    """Its own goes first."""
    part = Part("P", position=("rear",))
    assert verdict([vehicle()], [rule()], Query(positions=("front",)), part) == "does_not_fit"
    assert verdict([vehicle()], [rule(position=("front",))], Query(positions=("front",)), part) == "fits"


def test_universal_parts_are_judged_by_their_own_position() -> None:
    """A universal rear part is not universal where front is asked for; then the next verdicts are tried."""
    part = Part("P", position=("rear",), universal=True)
    assert verdict([vehicle()], [], Query(positions=("rear",)), part) == "universal"
    assert verdict([vehicle()], [], Query(positions=("front",)), part) == "no_data"
    assert verdict([vehicle()], [rule()], Query(positions=("front",)), part) == "does_not_fit"


# Answers


def test_unknown_changes_no_verdict() -> None:
    """ "Don't know" is only not asked again."""
    rules = [rule(where=where(engine="A"))]
    assert verdict([vehicle()], rules, Query(unknown=("engine",))) == "needs_info"


def test_modes_return_their_bands_and_exclude_the_rest() -> None:
    """Total is the sum of the bands; bands and excluded are under the same filters."""
    parts = [
        Part(name, columns={"brand": (brand,)}) for name, brand in (("p", "A"), ("q", "A"), ("r", "B"), ("s", "A"))
    ]
    verdicts = {"p": "fits", "q": "needs_info", "r": "fits", "s": "does_not_fit"}
    default = listing(parts, verdicts, "default", {"brand": ("A",)}, ())
    assert (dict(default.bands), default.total) == ({"fits": 1, "universal": 0, "needs_info": 1}, 2)
    assert dict(default.excluded) == {"no_data": 0, "does_not_fit": 1}
    assert listing(parts, verdicts, "strict", {}, ()).total == 2
    assert listing(parts, verdicts, "all", {}, ()).total == 4


def test_a_facet_counts_as_if_its_own_field_were_not_filtered() -> None:
    """Brand counts ignore the brand filter, type counts do not."""
    parts = [Part("p", columns={"brand": ("A",), "type": ("x",)}), Part("q", columns={"brand": ("B",), "type": ("y",)})]
    seen = listing(parts, {"p": "fits", "q": "fits"}, "default", {"brand": ("A",)}, ("brand", "type"))
    assert seen.facets == {"brand": {"A": 1, "B": 1}, "type": {"x": 1}}


def test_a_month_is_all_its_days() -> None:
    """February of a leap year ends on the 29th."""
    first, last = days_of("2016-02")
    assert (first.day, last.day) == (1, 29)
    assert judge_built((last, last), days_of("2016-02")) == "match"
    assert Candidate(vehicle(), None).years is None
