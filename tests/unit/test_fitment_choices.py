"""Values that a question offers where no candidate has one."""

import pytest

from fitment_rules.candidates import resolve
from fitment_rules.choices import values_of
from fitment_rules.conditions import Conditions, Years
from fitment_rules.model import Vehicle, Window
from fitment_rules.vehicles import VehicleQuery, VehicleTable, given

TABLE = VehicleTable(
    [Vehicle("v1", "Toyota", "Corolla"), Vehicle("v2", "Honda", "Civic", Window(2016, 2020))], Window(2016, 2020)
)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        (Window(2017, 2018), (2019, 2018, 2017, 2016)),
        (Window(2010, 2016), (2017, 2016)),
        (Window(2018, None), (2020, 2019, 2018, 2017)),
        (Window(2013, 2013), (2014, 2013, 2012)),
        (Window(None, 2013), (2014, 2013)),
        (Window(2025, None), (2025, 2024)),
    ],
    ids=["inside", "from before", "open", "a year before any other", "up to before", "from after all"],
)
def test_an_unknown_year_is_offered_what_tells_who_is_inside(asked: Window, offered: tuple[int, ...]) -> None:
    """A rule for years that no vehicle of the table has still asks for the year of one that says none."""
    corolla = resolve(TABLE, VehicleQuery((given("model", "Corolla"),)))
    assert values_of(corolla, "year", [Conditions((Years(asked),))]) == offered
