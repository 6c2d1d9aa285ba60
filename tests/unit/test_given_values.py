"""Values of attributes as callers say them, in the spellings of the operator's table."""

from __future__ import annotations

from functools import partial

import pytest

from fitment_rules.candidates import resolve
from fitment_rules.model import Scalar, Vehicle, Window, key_of
from fitment_rules.vehicles import VehicleQuery, VehicleTable, given
from fitment_rules.vin import inspect
from search_service.attributes import AttributeTexts
from search_service.decoders import DecodedField, VinAnswer
from search_service.given_names import as_the_table_spells, with_ids
from search_service.resources import config_folder
from search_service.vehicle_query import VehicleRequest, resolve_vehicle

TEXTS = AttributeTexts.load(config_folder())


def table(*attributes: dict[str, Scalar]) -> VehicleTable:
    rows = [Vehicle(f"v{at}", "Make", "Model", Window(2015, 2015), attributes=one) for at, one in enumerate(attributes)]
    return VehicleTable(rows, Window(2010, 2027), value_names={"EngineBase": {"77": "2.0L L4"}})


def rows_of(cars: VehicleTable, name: str, *values: Scalar) -> list[str]:
    said = as_the_table_spells(given(name, *values), cars, TEXTS)
    return list(resolve(cars, VehicleQuery((said,))).vehicle_ids)


@pytest.mark.parametrize(
    ("attribute", "of_table", "said"),
    [
        ("fuel", "diesel", "柴油"), ("fuel", "汽油", "Petrol"), ("transmission", "DCT", "双离合"),
        ("transmission", "手动", "MT"), ("aspiration", "turbo", "涡轮增压"), ("drive", "AWD", "全时四驱"),
        ("emission", "国VI", "国六"), ("emission", "国五", "国Ⅴ"), ("EngineBase", "77", "2.0l l4"),
    ],
)  # fmt: skip
def test_a_value_is_found_in_the_other_language(attribute: str, of_table: str, said: str) -> None:
    """Whatever spelling the table chose, the caller's word of the same meaning finds it, and no other."""
    cars = table({attribute: of_table}, {attribute: "other"})
    assert rows_of(cars, attribute, said) == ["v0"]


def test_a_table_that_mixes_spellings_is_searched_in_all_of_them() -> None:
    """A merged table: petrol here, 汽油 there."""
    cars = table({"fuel": "petrol"}, {"fuel": "汽油"}, {"fuel": "diesel"})
    assert rows_of(cars, "fuel", "petrol") == rows_of(cars, "fuel", "汽油") == ["v0", "v1"]


def test_a_value_as_given_stays_one_value_for_rows_that_lack_it() -> None:
    """They take the caller's value; two spellings would be one of two, which no answer could settle."""
    cars = table({"fuel": "petrol"}, {"fuel": "汽油"}, {})
    said = as_the_table_spells(given("fuel", "petrol"), cars, TEXTS)
    assert said.keys == {key_of("petrol")}


def test_a_value_that_nobody_knows_stays_as_given() -> None:
    """It contradicts the rows that say otherwise."""
    assert rows_of(table({"fuel": "petrol"}), "fuel", "steam") == []


@pytest.mark.parametrize(("name", "value"), [("engine", "2.0l L4"), ("EngineBase", "77")])
def test_a_name_of_the_vcdb_is_said_by_its_id_too(name: str, value: str) -> None:
    """Rules ask for either; who told one is not asked for the other. Values without a counterpart stay alone."""
    cars = table({"engine": "2.0L L4", "EngineBase": "77"})
    found = with_ids(VehicleRequest(given=(given(name, value), given("fuel", "petrol"))), cars).given
    assert {one.attribute: one.keys for one in found} == {
        "engine": {key_of("2.0L L4")}, "EngineBase": {key_of("77")}, "fuel": {key_of("petrol")}
    }  # fmt: skip
    alone = (given("engine", "1ZR-FE"),)
    assert with_ids(VehicleRequest(given=alone), cars).given == alone


def test_what_a_vin_tells_is_compared_in_the_spellings_of_the_table() -> None:
    """A pattern table in Chinese over vehicles in English, some rows of which are not."""
    cars = table({"fuel": "petrol", "transmission": "DCT"}, {"fuel": "汽油", "transmission": "manual"})
    fields = (DecodedField("fuel", "汽油", 0.97, "pattern"), DecodedField("transmission", "双离合", 0.97, "pattern"))
    answer = VinAnswer(inspect("LSVAN418", this_year=2026), (), (), "", "CN", (), fields, ())
    spelled = partial(as_the_table_spells, table=cars, texts=TEXTS)
    found = resolve_vehicle(cars, VehicleRequest(vin="LSVAN418"), answer, 0.95, spelled=spelled)
    assert found.candidates is not None
    assert found.candidates.vehicle_ids == ("v0",)
