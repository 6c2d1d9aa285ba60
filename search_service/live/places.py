"""How far it is to the stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search_service.live.model import Store

EARTH_KM = 6371.0088  # mean radius, IUGG


@dataclass(frozen=True, slots=True)
class Places:
    """Stores that have a place, with latitude and longitude in radians."""

    ids: tuple[str, ...]
    latitudes: NDArray[np.float64]
    longitudes: NDArray[np.float64]

    @classmethod
    def of(cls, stores: Mapping[str, Store]) -> Places:
        """The stores that have a place."""
        placed = [(s.store_id, s.lat, s.lon) for s in stores.values() if s.lat is not None and s.lon is not None]
        angles = np.radians(np.array([(lat, lon) for _, lat, lon in placed], np.float64).reshape(-1, 2))
        return cls(tuple(store_id for store_id, _, _ in placed), angles[:, 0], angles[:, 1])

    def kilometres(self, lat: float, lon: float) -> dict[str, float]:
        """Great-circle distance (haversine) to every store, nearest first; degrees in."""
        here, east = np.radians(lat), np.radians(lon)
        half = np.sin((self.latitudes - here) / 2) ** 2
        half += np.cos(here) * np.cos(self.latitudes) * np.sin((self.longitudes - east) / 2) ** 2
        away = 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
        return {self.ids[i]: float(away[i]) for i in np.argsort(away, kind="stable")}
