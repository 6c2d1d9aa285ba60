"""VINs of the sample's own cars and the pattern table that decodes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from search_service.sample.vehicles import Car

_YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"
_VALUE_LETTERS = ("", "AJ", "BKS", "CLT", "DMU", "ENV", "FW", "GPX", "HY", "RZ")
_VALUES = {letter: value for value, letters in enumerate(_VALUE_LETTERS) for letter in letters}
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
COLUMNS = (
    "wmi", "pattern", "year_from", "year_to", "make", "model", "engine", "transmission", "drive", "body", "trim",
)  # fmt: skip


def vin_of(car: Car, year: int, serial: int) -> str:
    """A VIN of this car in model year `year` with the check digit of GB 16735 (the North American weights).

    Raises `ValueError` for a car without a VIN pattern.
    """
    if not car.pattern:
        raise ValueError(f"{car.id} has no VIN pattern")
    body = f"{car.wmi}{car.pattern}0{_YEARS[(year - 2010) % 30]}A{serial:06d}"
    return body[:8] + check_digit(body) + body[9:]


def check_digit(vin: str) -> str:
    """Position 9 of a 17-character VIN: the weighted sum modulo 11, ten as X."""
    total = sum(
        weight * (_VALUES[letter] if letter in _VALUES else int(letter))
        for weight, letter in zip(_WEIGHTS, vin, strict=True)
    )
    return "0123456789X"[total % 11]


def pattern_rows(cars: Sequence[Car]) -> Iterator[dict[str, object]]:
    """One row a car with a VIN pattern: positions 4-9 with `*` for the check digit, years, what they decode to."""
    for car in cars:
        if car.pattern:
            told = {name: car.attributes.get(name, "") for name in COLUMNS[6:]}
            yield {
                "wmi": car.wmi, "pattern": f"{car.pattern}*", "year_from": car.first, "year_to": car.last,
                "make": car.row["make"], "model": car.row["model"], **told,
            }  # fmt: skip


def pattern_csv(cars: Sequence[Car]) -> str:
    """The pattern table as CSV with a header; the header alone for cars without patterns."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(pattern_rows(cars))
    return text.getvalue()
