"""The random choices behind a block of parts, as columns. A block depends on the seed and its number only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search_service.sample.world import YEARLY_FACTOR, World

BLOCK = 20_000
GROUP_MEAN = 6.0
ORPHANS = 0.02  # share of parts that depend on a vehicle and have no application
MISSED = 0.08  # share of rows inside a run that a maker leaves out: near-misses
NEW_PARTS = 0.15  # share of parts first listed in the last twelve months
COUNT_SIGMA = 0.6

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Draws:
    """Columns over parts `start … start + len(kind)`.

    `group` numbers the parts that replace one another, `unit_row` is the first supplier's row (-1: no vehicle),
    `count` the rows wanted, `price` CNY, `age` days since listed, `shape` a group's attribute draws in [0, 1).
    """

    start: int
    group: Ints
    kind: Ints
    brand: Ints
    place: Ints
    unit_row: Ints
    count: Ints
    price: Floats
    age: Ints
    shape: Floats

    def __len__(self) -> int:
        return len(self.kind)


def draw_block(world: World, seed: int, number: int, size: int, applications: float) -> Draws:
    """Block `number` of `size` parts whose rows number `applications` a part on average over the whole catalogue."""
    rng = np.random.default_rng((seed, 1, number))
    sizes = 1 + rng.poisson(GROUP_MEAN - 1, 2 * size // int(GROUP_MEAN) + len(world.types))
    kinds = _kinds(world, rng, len(sizes))
    group = np.repeat(np.arange(len(sizes)), sizes)[:size]
    member = np.arange(size) - np.repeat(np.cumsum(sizes) - sizes, sizes)[:size]
    kind = kinds[group]
    brand = _brands(world, rng, kinds, group, member)
    unit_row, count = _runs(world, rng, kinds, group, brand, applications)
    level = _levels(world, kind, brand, unit_row)
    shape = rng.random((len(sizes), 4))
    return Draws(
        number * BLOCK, group + number * BLOCK, kind, brand, _places(world, rng, kinds)[group], unit_row, count,
        _prices(world, rng, kind, brand, level, shape[group, 3]), _ages(rng, size), shape[group, :3],
    )  # fmt: skip


def _kinds(world: World, rng: np.random.Generator, groups: int) -> Ints:
    """A part type a group: one of each first, then by weight, so that every type occurs in the smallest sample."""
    weight = np.array([kind.weight for kind in world.types])
    drawn = rng.choice(len(weight), groups, p=weight / weight.sum())
    drawn[: len(weight)] = rng.permutation(len(weight))
    return drawn.astype(np.int64)


def _places(world: World, rng: np.random.Generator, kinds: Ints) -> Ints:
    choices = np.array([len(kind.places) for kind in world.types])
    places: Ints = (rng.random(len(kinds)) * choices[kinds]).astype(np.int64)
    return places


def _brands(world: World, rng: np.random.Generator, kinds: Ints, group: Ints, member: Ints) -> Ints:
    """Different makers inside a group as long as the segment has any left."""
    segments = list(world.makers)
    width = max(len(makers) for makers in world.makers.values())
    table = np.zeros((len(segments), width), np.int64)
    for index, segment in enumerate(segments):
        table[index, : len(world.makers[segment])] = world.makers[segment]
    many = np.array([len(world.makers[segment]) for segment in segments])
    of_kind = np.array([segments.index(kind.segment) for kind in world.types])[kinds]
    order = np.argsort(rng.random((len(kinds), width)) + (np.arange(width) >= many[of_kind][:, None]), axis=1)
    seat = order[group, member % many[of_kind[group]]]
    brands: Ints = table[of_kind[group], seat]
    return brands


def _runs(
    world: World, rng: np.random.Generator, kinds: Ints, group: Ints, brand: Ints, applications: float
) -> tuple[Ints, Ints]:
    """First row and number of rows of every part: a group shares its run, each maker covers a little more or less."""
    by_year = np.array([maker.by_year for maker in world.brands])[brand]
    first, wanted = np.full(len(kinds), -1), np.zeros(len(kinds))
    unit_row, count = np.full(len(group), -1), np.zeros(len(group), np.int64)
    mean = _mean_rows(world, applications)
    for index, kind in enumerate(world.types):
        if kind.universal:
            continue
        mine = np.flatnonzero(kinds == index)
        chance = np.cumsum(world.ranges[kind.depends].chance)
        first[mine] = np.minimum(np.searchsorted(chance, rng.random(len(mine))), len(chance) - 1)
        wanted[mine] = mean * kind.spread * rng.lognormal(-(COUNT_SIGMA**2) / 2, COUNT_SIGMA, len(mine))
        parts = np.flatnonzero(kinds[group] == index)
        start, many = _fitted(world, kind.depends, first[group[parts]], by_year[parts])
        share = rng.uniform(0.75, 1.25, len(parts)) * np.where(by_year[parts] & (years_cut(world)), YEARLY_FACTOR, 1.0)
        count[parts] = np.clip(np.round(wanted[group[parts]] * share), 1, many)
        unit_row[parts] = np.minimum(start, many - count[parts])
    count[rng.random(len(group)) < ORPHANS] = 0
    return unit_row, count


def years_cut(world: World) -> bool:
    """True if makers differ in how they write years."""
    return world.yearly is not world.ranges


def _fitted(world: World, depends: str, first: Ints, by_year: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The group's first row in the table of each maker's habit, and that table's length."""
    ranges, yearly = world.ranges[depends], world.yearly[depends]
    same_unit = np.searchsorted(yearly.unit, ranges.unit[first]) if years_cut(world) else first
    return np.where(by_year, same_unit, first), np.where(by_year, len(yearly), len(ranges))


def _mean_rows(world: World, applications: float) -> float:
    """Rows of a part of spread 1, so that all parts together have `applications` on average."""
    weight = np.array([kind.weight for kind in world.types])
    spread = np.array([0.0 if kind.universal else kind.spread for kind in world.types])
    yearly = np.array([np.mean([world.brands[i].by_year for i in world.makers[kind.segment]]) for kind in world.types])
    factor = 1 + yearly * (YEARLY_FACTOR - 1) if years_cut(world) else np.ones(len(weight))
    return float(applications * weight.sum() / (weight * spread * factor).sum() / (1 - ORPHANS) / (1 - MISSED))


def _levels(world: World, kind: Ints, brand: Ints, unit_row: Ints) -> Floats:
    """Price level of the vehicle each part is made for; 1 for universal parts."""
    level = np.ones(len(kind))
    by_year = np.array([maker.by_year for maker in world.brands])[brand]
    depends = np.array([part_type.depends for part_type in world.types])[kind]
    for name, units in world.units.items():
        of_unit = np.array([unit.level for unit in units])
        for habit in (False, True):
            mine = (depends == name) & (by_year == habit)
            level[mine] = of_unit[world.rows(name, habit).unit[unit_row[mine]]]
    return level


def _prices(world: World, rng: np.random.Generator, kind: Ints, brand: Ints, level: Floats, share: Floats) -> Floats:
    low = np.array([part_type.price[0] for part_type in world.types])[kind]
    high = np.array([part_type.price[1] for part_type in world.types])[kind]
    maker = np.array([brand.level for brand in world.brands])[brand]
    price = low * (high / low) ** (0.15 + 0.5 * share) * np.sqrt(level) * maker * rng.lognormal(0, 0.1, len(kind))
    rounded: Floats = np.where(price < 50, np.ceil(price * 2) / 2, np.ceil(price))
    return rounded


def _ages(rng: np.random.Generator, size: int) -> Ints:
    old = rng.integers(366, 366 * 7, size)
    return np.where(rng.random(size) < NEW_PARTS, rng.integers(0, 365, size), old)
