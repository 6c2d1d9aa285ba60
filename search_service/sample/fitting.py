"""Which parts fit a vehicle in one model year, read off what the generator itself wrote (no fitment engine)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from search_service.sample.applications import Entries
from search_service.sample.draws import Draws
from search_service.sample.units import Unit
from search_service.sample.world import World

Ints = npt.NDArray[np.int64]
_KNOWN_UNITS = 1 << 20


class Fitting:
    """Answers over the first blocks of the catalogue; `kind`, `brand`, `group`, `place`, `price`, `age` are columns."""

    def __init__(self, world: World, blocks: Sequence[Draws], entries: Sequence[Entries]) -> None:
        self.world = world
        self.kind = np.concatenate([block.kind for block in blocks])
        self.brand = np.concatenate([block.brand for block in blocks])
        self.group = np.concatenate([block.group for block in blocks])
        self.place = np.concatenate([block.place for block in blocks])
        self.price = np.concatenate([block.price for block in blocks])
        self.age = np.concatenate([block.age for block in blocks])
        joined = [np.concatenate([getattr(entry, name) for entry in entries]) for name in Entries.__slots__]
        key = self.kind[joined[0]] * _KNOWN_UNITS + joined[1]
        order = np.argsort(key, kind="stable")
        self._key = key[order]
        self._part, _, self._first, self._last, self._sure = (column[order] for column in joined)
        self._units = {name: _units_of_cars(len(world.cars), units) for name, units in world.units.items()}
        self._universal = {
            index: np.flatnonzero(self.kind == index) for index, kind in enumerate(world.types) if kind.universal
        }
        self._cache: dict[tuple[int, int, int], Ints] = {}

    def fits(self, car: int, year: int, kind: int) -> Ints:
        """Parts of one type that surely fit this car in this year, universal ones included; ascending."""
        key = (car, year, kind)
        if key not in self._cache:
            self._cache[key] = self._find(car, year, kind)
        return self._cache[key]

    def _find(self, car: int, year: int, kind: int) -> Ints:
        part_type = self.world.types[kind]
        if part_type.universal:
            return self._universal[kind]
        found = [self._entry(kind * _KNOWN_UNITS + unit, year) for unit in self._units[part_type.depends].get(car, ())]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)

    def _entry(self, key: int, year: int) -> Ints:
        low, high = np.searchsorted(self._key, [key, key + 1])
        span = slice(int(low), int(high))
        fits = self._sure[span] & (self._first[span] <= year) & (self._last[span] >= year)
        return self._part[span][fits]

    def cannot_fit(self, car: int, kind: int) -> Ints:
        """Parts of one type with applications for the car's make and model none of which can match it; ascending."""
        units = self.world.units.get(self.world.types[kind].depends, [])
        row = self.world.cars[car].row
        near, possible = [], []
        for index, unit in enumerate(units):
            if unit.make == row["make"] and unit.model == row["model"]:
                low, high = np.searchsorted(self._key, [kind * _KNOWN_UNITS + index, kind * _KNOWN_UNITS + index + 1])
                span = slice(int(low), int(high))
                near.append(self._part[span])
                if not _contradicts(unit, self.world.cars[car].attributes):
                    possible.append(self._part[span][self._meets(car, span)])
        if not near:
            return np.zeros(0, np.int64)
        return np.setdiff1d(np.concatenate(near), np.concatenate([*possible, np.zeros(0, np.int64)]))

    def _meets(self, car: int, span: slice) -> npt.NDArray[np.bool_]:
        first, last = self.world.cars[car].first or 0, self.world.cars[car].last or 9999
        meets: npt.NDArray[np.bool_] = (self._first[span] <= last) & (self._last[span] >= first)
        return meets


def _units_of_cars(cars: int, units: Sequence[Unit]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for index, unit in enumerate(units):
        for car in unit.cars:
            found.setdefault(car, []).append(index)
    return found


def _contradicts(unit: Unit, attributes: Mapping[str, Any]) -> bool:
    """True if the vehicle is known to have another value than one the unit asks."""
    return any(name in attributes and attributes[name] != value for name, value in unit.where)
