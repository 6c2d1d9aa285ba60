"""Everything the catalogue is drawn from: cars, part types, brands, and the rows a supplier may write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search_service.sample.brands import Brand, brands
from search_service.sample.part_types import PartType, part_types
from search_service.sample.units import DEPENDENCES, Rows, Unit, rows_of, units_of
from search_service.sample.vehicles import Car

YEARLY_SPAN = 2
YEARLY_FACTOR = 1.8


@dataclass(frozen=True, slots=True)
class World:
    """The fixed facts of one sample. `ranges` and `yearly` hold, a dependence, whole units and units cut by years."""

    cars: Sequence[Car]
    types: Sequence[PartType]
    brands: Sequence[Brand]
    units: dict[str, list[Unit]]
    ranges: dict[str, Rows]
    yearly: dict[str, Rows]
    makers: dict[str, npt.NDArray[np.int16]]

    def rows(self, depends: str, by_year: bool) -> Rows:
        """The rows a brand of that habit writes."""
        return (self.yearly if by_year else self.ranges)[depends]


def build_world(cars: Sequence[Car], years_per_row: int | None) -> World:
    """The world over these cars. With `years_per_row` every brand writes rows of that many model years.

    Part types for which the table has no vehicle (EV parts over petrol cars only) are left out.
    """
    units = {depends: found for depends in DEPENDENCES if (found := units_of(cars, depends))}
    types = tuple(kind for kind in part_types() if kind.universal or kind.depends in units)
    makers = brands()
    ranges = {depends: rows_of(found, years_per_row) for depends, found in units.items()}
    yearly = ranges if years_per_row else {depends: rows_of(found, YEARLY_SPAN) for depends, found in units.items()}
    segments = {kind.segment: _makers(makers, kind.segment) for kind in types}
    return World(cars, types, makers, units, ranges, yearly, segments)


def _makers(makers: Sequence[Brand], segment: str) -> npt.NDArray[np.int16]:
    return np.array([index for index, brand in enumerate(makers) if segment in brand.segments], np.int16)
