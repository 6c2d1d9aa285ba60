"""Makes a case on which two implementations disagree small enough to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from tests.oracle.catalogues import Case

T = TypeVar("T")


def shrunk(case: Case, disagrees: Callable[[Case], bool]) -> Case:
    """The smallest case reached by dropping one thing at a time while `disagrees` stays true."""
    while True:
        smaller = next((one for one in _smaller(case) if disagrees(one)), None)
        if smaller is None:
            return case
        case = smaller


def _smaller(case: Case) -> Iterator[Case]:
    for index, part in enumerate(case.parts):
        rules = tuple(rule for rule in case.applications if rule.part_id != part.part_id)
        yield replace(case, parts=_without(case.parts, index), applications=rules)
    for index in range(len(case.applications)):
        yield replace(case, applications=_without(case.applications, index))
    named = {value for name, said in case.query.given if name == "vehicle_id" for value in said}
    for index, row in enumerate(case.vehicles):
        if row.vehicle_id not in named:
            yield replace(case, vehicles=_without(case.vehicles, index))
    for index in range(len(case.filters)):
        yield replace(case, filters=_without(case.filters, index))
    yield from _smaller_query(case)
    yield from _smaller_rules(case)
    yield from _smaller_vehicles(case)


def _smaller_query(case: Case) -> Iterator[Case]:
    query = case.query
    for index in range(len(query.given)):
        yield replace(case, query=replace(query, given=_without(query.given, index)))
    for field, empty in (("built", None), ("vin_serial", None), ("notes", {}), ("unknown", ()), ("positions", ())):
        if getattr(query, field):
            yield replace(case, query=replace(query, **{field: empty}))


def _smaller_rules(case: Case) -> Iterator[Case]:
    for index, rule in enumerate(case.applications):
        for field in ("where", "except_", "notes", "position", "vin_serial_from", "vin_serial_to", "quantity"):
            value = getattr(rule, field)
            if value:
                less = replace(rule, **{field: type(value)() if not isinstance(value, str | int) else None})
                yield replace(case, applications=_with(case.applications, index, less))


def _smaller_vehicles(case: Case) -> Iterator[Case]:
    for index, row in enumerate(case.vehicles):
        for name in row.attributes:
            rest = {key: value for key, value in row.attributes.items() if key != name}
            yield replace(case, vehicles=_with(case.vehicles, index, replace(row, attributes=rest)))


def _without(values: tuple[T, ...], index: int) -> tuple[T, ...]:
    return values[:index] + values[index + 1 :]


def _with(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    return (*values[:index], value, *values[index + 1 :])
