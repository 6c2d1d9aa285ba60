"""Users with garages, ways of driving and hidden tastes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from search_service.sample.world import World

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ARCHETYPES = 6
_LEVELS = ("none", "silver", "gold", "platinum")
_LEVEL_SHARES = (0.55, 0.25, 0.14, 0.06)
_CAR_SHARES = (0.68, 0.25, 0.07)


@dataclass(frozen=True, slots=True)
class Users:
    """Columns over users, and over their vehicles (`owner`, `car`, `year`, `km` = 1000 km a year).

    Hidden: `mix` (users x archetypes, rows sum to 1), `thrift` (weight of the price), `north` (cold winters).
    """

    mix: Floats
    thrift: Floats
    north: npt.NDArray[np.bool_]
    chinese: npt.NDArray[np.bool_]
    level: Ints
    owner: Ints
    car: Ints
    year: Ints
    km: Floats

    def __len__(self) -> int:
        return len(self.thrift)


def draw_users(world: World, count: int, seed: int, this_year: int) -> Users:
    """`count` users with one to three vehicles that some part can be looked up for, popular ones more often."""
    rng = np.random.default_rng((seed, 5))
    cars = 1 + rng.choice(3, count, p=_CAR_SHARES)
    owner = np.repeat(np.arange(count), cars)
    car, year = _vehicles(world, rng, len(owner), this_year)
    main = rng.choice(ARCHETYPES, count)
    mix = 0.18 * rng.dirichlet(np.full(ARCHETYPES, 0.6), count)
    mix[np.arange(count), main] += 0.82
    return Users(
        mix, rng.gamma(2.0, 0.5, count), rng.random(count) < 0.45, rng.random(count) < 0.85,
        rng.choice(4, count, p=_LEVEL_SHARES), owner, car, year, rng.lognormal(np.log(15), 0.45, len(owner)),
    )  # fmt: skip


def _vehicles(world: World, rng: np.random.Generator, count: int, this_year: int) -> tuple[Ints, Ints]:
    """Cars of known years by popularity, four to twelve years old by preference."""
    known = [index for index, car in enumerate(world.cars) if car.first and car.first <= this_year]
    first = np.array([world.cars[index].first or 0 for index in known])
    last = np.minimum(np.array([world.cars[index].last or 0 for index in known]), this_year)
    age = this_year - (first + last) / 2
    fame = np.array([world.cars[index].popularity for index in known]) ** 2.0 * np.exp(-(((age - 8) / 5) ** 2))
    picked = rng.choice(len(known), count, p=fame / fame.sum())
    year = first[picked] + (rng.random(count) * (last - first + 1)[picked]).astype(np.int64)
    return np.array(known)[picked], year


def user_id(index: int) -> str:
    """The public id of a user."""
    return f"u{index + 1:05d}"


def user_rows(world: World, users: Users) -> Iterator[dict[str, Any]]:
    """The contract's user rows; tastes stay hidden."""
    garages: list[list[str]] = [[] for _ in range(len(users))]
    for owner, car in zip(users.owner.tolist(), users.car.tolist(), strict=True):
        if world.cars[car].id not in garages[owner]:
            garages[owner].append(world.cars[car].id)
    for index, garage in enumerate(garages):
        yield {"user_id": user_id(index), "member_level": _LEVELS[users.level[index]], "garage": garage}
