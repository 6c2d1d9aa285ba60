"""Conditions of application rows that can never hold are bad rows, not silent mismatches."""

from __future__ import annotations

import json

import pytest

from indexers.errors import BadRow
from indexers.memo import SEPARATOR, read_condition


def _record(where: object = None, serial_from: str = "", serial_to: str = "") -> object:
    said = b"" if where is None else json.dumps(where).encode()
    limits = (b"", b"", b"", serial_from.encode(), serial_to.encode())
    return json.loads(read_condition(SEPARATOR.join((said, *limits))))


@pytest.mark.parametrize("values", [[], [""]])
def test_an_empty_list_of_values_is_a_bad_row(values: list[object]) -> None:
    """Any of nothing would match no vehicle; what was meant cannot be known."""
    with pytest.raises(BadRow) as caught:
        _record({"engine": values})
    assert caught.value.field == "where.engine"


@pytest.mark.parametrize("blank", ["", None])
def test_a_blank_value_is_an_absent_one(blank: object) -> None:
    """An attribute that is not given means every value."""
    assert _record({"engine": blank, "drive": "FWD"}) == {"where": {"drive": ["FWD"]}}


@pytest.mark.parametrize(("first", "last"), [("300", "99"), ("000300", "000299"), ("B00001", "A00100")])
def test_serials_in_reverse_are_a_bad_row(first: str, last: str) -> None:
    """Numbers compare as numbers, others as text of six."""
    with pytest.raises(BadRow) as caught:
        _record(serial_from=first, serial_to=last)
    assert (caught.value.field, caught.value.value) == ("vin_serial_from", first)
    assert _record(serial_from=last, serial_to=first) == {"serial": [last, first]}
