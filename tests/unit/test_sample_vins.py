"""The sample's VINs decode by the table that comes with them."""

from __future__ import annotations

import pytest

from fitment_rules.vin import inspect
from search_service.decoders.patterns import PatternDecoder, read_patterns
from search_service.sample.vehicles import own_cars
from search_service.sample.vins import check_digit, pattern_csv, vin_of

CARS = own_cars(2026)


def test_the_check_digit_is_that_of_a_printed_example() -> None:
    """The worked example of the rule (1M8GDM9A_KP042788) has check digit X."""
    assert check_digit("1M8GDM9A0KP042788") == "X"


@pytest.fixture(scope="module")
def decoder() -> PatternDecoder:
    """The sample's own pattern table, without an error."""
    found, errors = read_patterns(pattern_csv(CARS).splitlines(keepends=True), "vin_patterns.csv")
    assert not errors
    return found


@pytest.mark.parametrize("number", range(0, len(CARS), 97))
def test_a_vin_decodes_to_its_car(decoder: PatternDecoder, number: int) -> None:
    """Structure and check digit are right, and the pattern table gives make, model and what the row knows."""
    car = CARS[number]
    report = inspect(vin_of(car, car.first or 0, 100_001), this_year=2026)
    decoded = {field.attribute: field.value for field in decoder.decode(report)}
    assert report.valid
    assert not report.problems
    assert car.first in report.model_years
    assert (decoded["make"], decoded["model"]) == (car.row["make"], car.row["model"])
    known = {name: car.attributes[name] for name in ("engine", "transmission", "trim") if name in car.attributes}
    assert known.items() <= decoded.items()


def test_cars_differ_in_pattern_or_years() -> None:
    """No two rows share WMI, pattern and years, so a VIN leads to one row, or two at a facelift's turn of year."""
    assert len({(car.wmi, car.pattern, car.first, car.last) for car in CARS}) == len(CARS)


def test_the_table_is_as_wide_as_promised() -> None:
    """At least 1,500 rows of 60 models, Chinese and Western makes among them, each with Chinese names and an alias."""
    makes = {car.row["make"] for car in CARS}
    assert len(CARS) >= 1_500
    assert len({(car.row["make"], car.row["model"]) for car in CARS}) >= 60
    assert makes >= {
        "Toyota",
        "Volkswagen",
        "BYD",
        "Geely",
        "Chery",
        "Haval",
        "Changan",
        "Wuling",
        "BMW",
        "NIO",
        "Ford",
    }
    assert all(car.row["names"]["zh"]["model"] and car.row["aliases"] for car in CARS)
