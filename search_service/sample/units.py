"""What a supplier's row can name: vehicles that share a part, and the ready text of the rows that name them.

A *unit* is a run of model years of one make, model and generation under the conditions its dependence asks. A *row* is
a unit, or some years of it, as the middle of an application's JSON. Both come in an order in which neighbours are
related (same platform, same engine family), so that a part covers a run of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from search_service.sample.vehicles import Car

_ENGINE = ("engine", "displacement_l", "cylinders", "fuel")
_CONDITIONS: dict[str, tuple[str, ...]] = {
    "engine": _ENGINE,
    "spark": _ENGINE,
    "diesel": _ENGINE,
    "turbo": _ENGINE,
    "brake": _ENGINE,
    "chassis": (),
    "plugin": (),
    "awd": ("drive",),
    "drive": ("drive",),
    "gearbox": ("transmission",),
    "manual": ("transmission",),
    "automatic": ("transmission",),
    "body": ("body",),
    "trim": ("trim",),
}
DEPENDENCES = tuple(_CONDITIONS)


@dataclass(frozen=True, slots=True)
class Unit:
    """Vehicles that share a part. `first` and `last` are `None` for rows of unknown year; `cars` index the table."""

    make: str
    model: str
    first: int | None
    last: int | None
    open_end: bool
    where: tuple[tuple[str, Any], ...]
    built: tuple[str | None, str | None]
    overlaps: bool
    cars: tuple[int, ...]
    popularity: float
    level: float


@dataclass(frozen=True, slots=True)
class Rows:
    """Application rows of one dependence: `unit`, `first`, `last` year (0 = none) and the JSON `core` of each."""

    unit: npt.NDArray[np.int32]
    first: npt.NDArray[np.int16]
    last: npt.NDArray[np.int16]
    core: list[str]
    built: list[str]
    whole: npt.NDArray[np.bool_]
    chance: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.core)


def units_of(cars: Sequence[Car], depends: str) -> list[Unit]:
    """The units of one dependence, related ones beside each other; empty if no vehicle has what it needs."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, car in enumerate(cars):
        where = _where(car.attributes, depends)
        if where is not None and _concerned(car.attributes, depends):
            key = (car.row["make"], car.row["model"], car.generation, where)
            groups.setdefault(key, []).append(index)
    units = [_unit(cars, members, key[3]) for key, members in groups.items()]
    return _marked(sorted(units, key=lambda unit: _relation(cars[unit.cars[0]], unit, depends)))


def _where(attributes: Mapping[str, Any], depends: str) -> tuple[tuple[str, Any], ...] | None:
    """The conditions a unit asks, or `None` for a row that lacks the attribute it would be asked for."""
    wanted = _CONDITIONS[depends]
    if wanted == _ENGINE and "engine" in attributes:
        wanted = ("engine",)
    elif wanted == _ENGINE:
        wanted = tuple(name for name in _ENGINE[1:] if name in attributes)
    found = tuple((name, attributes[name]) for name in wanted if attributes.get(name) not in (None, ""))
    told = len(found) == len(wanted) and not any(isinstance(value, list) for _, value in found)
    return found if told else None


def _concerned(attributes: Mapping[str, Any], depends: str) -> bool:
    fuel = str(attributes.get("fuel", "")).casefold()
    burns = not fuel.startswith("electric")
    gearbox = str(attributes.get("transmission", "")).casefold()
    manual = "manual" in gearbox or gearbox.endswith("mt")
    checks = {
        "engine": burns,
        "spark": burns and fuel != "diesel",
        "diesel": fuel == "diesel",
        "turbo": attributes.get("aspiration", "turbo") in ("turbo", "supercharged") and burns,
        "plugin": not burns or fuel in ("phev", "erev"),
        "gearbox": burns,
        "manual": manual,
        "automatic": bool(gearbox) and not manual and burns,
        "awd": any(sign in str(attributes.get("drive", "")).casefold() for sign in ("awd", "4wd", "4-wheel", "all")),
    }
    return checks.get(depends, True)


def _unit(cars: Sequence[Car], members: Sequence[int], where: tuple[tuple[str, Any], ...]) -> Unit:
    chosen = [cars[index] for index in members]
    firsts = [car.first for car in chosen if car.first is not None]
    lasts = [car.last for car in chosen if car.last is not None]
    ends = [car.row.get("built_to") for car in chosen]
    starts = [car.row.get("built_from") for car in chosen]
    return Unit(
        str(chosen[0].row["make"]), str(chosen[0].row["model"]),
        min(firsts) if firsts else None, max(lasts) if lasts else None,
        any(car.first is not None and car.row.get("year_to", car.row.get("year")) is None for car in chosen), where,
        (min(map(str, starts)) if all(starts) else None, max(map(str, ends)) if all(ends) else None), False,
        tuple(members), sum(car.popularity for car in chosen), chosen[0].level,
    )  # fmt: skip


def _relation(car: Car, unit: Unit, depends: str) -> tuple[Any, ...]:
    """Sort key that puts vehicles with common parts beside each other."""
    tail = (unit.make, unit.model, unit.first or 0, str(unit.where))
    if _CONDITIONS[depends] == _ENGINE and depends != "brake":
        return (car.family, str(unit.where), *tail)
    if depends in ("body", "trim"):
        return tail
    if depends in ("gearbox", "manual", "automatic"):
        return (unit.make, str(unit.where), *tail)
    return (car.platform, *tail)


def _marked(units: list[Unit]) -> list[Unit]:
    """Mark the units whose model years touch those of another of the same make, model and conditions."""
    siblings: dict[tuple[Any, ...], list[Unit]] = {}
    for unit in units:
        siblings.setdefault((unit.make, unit.model, unit.where), []).append(unit)
    return [replace(unit, overlaps=_touches(unit, siblings[unit.make, unit.model, unit.where])) for unit in units]


def _touches(unit: Unit, others: Sequence[Unit]) -> bool:
    return any(
        other is not unit and (other.first or 0) <= (unit.last or 9999) and (unit.first or 0) <= (other.last or 9999)
        for other in others
    )


def rows_of(units: Sequence[Unit], span: int | None) -> Rows:
    """The application rows of these units: whole, or cut to `span` model years; these share their unit's chance."""
    pieces = [(index, *piece) for index, unit in enumerate(units) for piece in _pieces(unit, span)]
    count = np.bincount([piece[0] for piece in pieces], minlength=len(units))
    weight = np.array([units[piece[0]].popularity / count[piece[0]] for piece in pieces])
    return Rows(
        np.array([piece[0] for piece in pieces], np.int32),
        np.array([piece[1] or 0 for piece in pieces], np.int16),
        np.array([piece[2] or 0 for piece in pieces], np.int16),
        [_core(units[index], first, last) for index, first, last in pieces],
        [_built(units[index], first, last) for index, first, last in pieces],
        np.array([first == units[index].first and last == units[index].last for index, first, last in pieces]),
        weight / weight.sum(),
    )


def _pieces(unit: Unit, span: int | None) -> list[tuple[int | None, int | None]]:
    if span is None or unit.first is None or unit.last is None:
        return [(unit.first, unit.last)]
    return [(year, min(unit.last, year + span - 1)) for year in range(unit.first, unit.last + 1, span)]


def _core(unit: Unit, first: int | None, last: int | None) -> str:
    vehicle: dict[str, Any] = {"make": unit.make, "model": unit.model}
    if first is not None:
        vehicle["years"] = [first, None if unit.open_end and last == unit.last else last]
    where = f',"where":{_json({name: [value] for name, value in unit.where})}' if unit.where else ""
    return f'"vehicle":{_json(vehicle)}{where}'


def _built(unit: Unit, first: int | None, last: int | None) -> str:
    """The build window at the ends of the unit's life; empty inside it or where the table tells none."""
    start = unit.built[0] if first == unit.first else None
    end = unit.built[1] if last == unit.last else None
    return (f',"built_from":"{start}"' if start else "") + (f',"built_to":"{end}"' if end else "")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
