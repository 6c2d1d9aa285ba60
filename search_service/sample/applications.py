"""Application lines of a block of parts: the supplier's rows with their conditions, exceptions, notes and faults."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from search_service.sample.brands import Brand
from search_service.sample.draws import MISSED, Draws
from search_service.sample.notes import note_pools
from search_service.sample.units import Unit
from search_service.sample.world import World

# Shares in thousandths of rows that are more than vehicle and conditions, in the order of the kinds below.
_SHARES = {
    "condition": 30, "": 18, "hint": 30, "variant": 22, "remark": 18, "except": 25, "serial": 10, "siblings": 20,
    "ids": 14, "built": 60, "position": 60,
}  # fmt: skip
_KINDS = tuple(_SHARES)
_EDGES = np.cumsum(list(_SHARES.values())) / 1000
_PLAIN = len(_KINDS)
MOST_IDS = 40  # a row that lists vehicle ids lists at most so many
_UNSURE = tuple(_KINDS.index(kind) for kind in ("condition", "", "except", "serial"))


@dataclass(frozen=True, slots=True)
class Entries:
    """Which units a block's parts name: `part` index, `unit` of its dependence, model years, and whether surely so."""

    part: npt.NDArray[np.int64]
    unit: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]
    last: npt.NDArray[np.int64]
    sure: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Flat:
    """One entry an application row: `part` in its block, supplier's `row`, special `kind`, `dice` for its text."""

    part: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    dice: npt.NDArray[np.int64]


def flatten(world: World, draws: Draws, seed: int) -> Flat:
    """The application rows of a block, by part."""
    rng = np.random.default_rng((seed, 2, draws.start))
    part = np.repeat(np.arange(len(draws)), draws.count)
    offset = np.arange(len(part)) - np.repeat(np.cumsum(draws.count) - draws.count, draws.count)
    keep = (rng.random(len(part)) >= MISSED) | (offset == 0)
    part, row = part[keep], (draws.unit_row[part] + offset)[keep]
    kind = np.searchsorted(_EDGES, rng.random(len(part)), side="right")
    return Flat(part, row, kind, rng.integers(0, 1 << 30, len(part)))


class ApplicationWriter:
    """Writes the rows of block after block; what rows share (bodies, sources) is made once."""

    def __init__(self, world: World, today: datetime.date) -> None:
        self._world = world
        self._pools = [note_pools(part_type.segment) for part_type in world.types]
        self._sources = [_source(brand, number, today) for number, brand in enumerate(world.brands)]
        self._bodies: dict[tuple[str, bool], _Bodies] = {}

    def lines(self, draws: Draws, flat: Flat, ids: list[str], first_number: int) -> Iterator[bytes]:
        """The rows as JSON lines, all of a part at once, in the order of `flat`; ids count up from `first_number`."""
        bounds = np.searchsorted(flat.part, np.arange(len(draws) + 1)).tolist()
        found = np.flatnonzero(flat.kind != _PLAIN)
        special, special_bounds = found.tolist(), np.searchsorted(found, bounds).tolist()
        rows, kinds, dice = flat.row.tolist(), flat.kind.tolist(), flat.dice.tolist()
        columns = zip(ids, draws.kind.tolist(), draws.brand.tolist(), draws.place.tolist(), strict=True)
        for part, (part_id, kind, brand, place_number) in enumerate(columns):
            start, stop = bounds[part], bounds[part + 1]
            if start == stop:
                continue
            bodies, place = self._bodies_of(kind, brand), self._world.types[kind].places[place_number]
            texts = [bodies.usual[row] for row in rows[start:stop]]
            for index in special[special_bounds[part] : special_bounds[part + 1]]:
                pool = self._pools[kind]
                texts[index - start] = bodies.special(_KINDS[kinds[index]], rows[index], dice[index], pool, place)
            yield self._joined(part_id, brand, max(1, len(place)), first_number + start, texts)

    def _bodies_of(self, kind: int, brand: int) -> _Bodies:
        key = (self._world.types[kind].depends, self._world.brands[brand].by_year)
        return self._bodies.get(key) or self._bodies.setdefault(key, _Bodies(self._world, *key))

    def _joined(self, part_id: str, brand: int, quantity: int, first_number: int, texts: list[str]) -> bytes:
        source, date = self._sources[brand]
        before, after = f'","part_id":"{part_id}",', f',"quantity":{quantity},"source":{{"file":"{source}","row":'
        lines = [
            f'{{"application_id":"a{number}{before}{text}{after}{number}{date}'
            for number, text in enumerate(texts, first_number)
        ]
        return "".join(lines).encode()


def _source(brand: Brand, number: int, today: datetime.date) -> tuple[str, str]:
    """A brand's file name, and the end of each of its rows with the date of its last delivery."""
    delivery = today.replace(day=1) - datetime.timedelta(days=31 * (number % 9 + 1))
    return f"{brand.file}_{delivery:%Y-%m}.csv", f',"date":"{delivery}"}}}}\n'


class _Bodies:
    """Bodies (vehicle, conditions and what a careful maker always adds) of the rows of one dependence and habit.

    `usual` holds the plain body of every row: with the build window where another generation's years are touched.
    """

    def __init__(self, world: World, depends: str, by_year: bool) -> None:
        self._cars = world.cars
        self._units = world.units[depends]
        self._rows = world.rows(depends, by_year)
        self._unit_of = self._rows.unit.tolist()
        windows = zip(self._unit_of, self._rows.built, strict=True)
        built = [window if self._units[unit].overlaps else "" for unit, window in windows]
        self.usual = [core + window for core, window in zip(self._rows.core, built, strict=True)]
        self._trims: dict[int, list[str]] = {}
        self._ids: dict[int, str] = {}

    def special(self, name: str, row: int, die: int, pool: dict[str, list[str]], place: Sequence[str]) -> str:
        """The body of a row of special kind; the plain one where the vehicle has nothing to be special about."""
        if name in pool:
            texts = pool[name]
            return self.usual[row] + texts[die % len(texts)]
        unit = self._unit_of[row]
        match name:
            case "except" if trims := self._trims_of(unit):
                return f'{self.usual[row]},"except":[{{"trim":{trims[die % len(trims)]}}}]'
            case "serial":
                return f'{self.usual[row]},"vin_serial_{"from" if die % 2 else "to"}":"{100_000 + die % 700_000}"'
            case "siblings" if (other := sibling(self._units, unit)) is not None:
                return _with_sibling(self.usual[row], self._units[unit], self._units[other])
            case "ids" if self._rows.whole[row] and len(self._units[unit].cars) <= MOST_IDS:
                return self._ids_of(unit)
            case "built":
                return self._rows.core[row] + self._rows.built[row]
            case "position" if place:
                return f'{self.usual[row]},"position":{_json(place)}'
            case _:
                return self.usual[row]

    def _ids_of(self, unit: int) -> str:
        if unit not in self._ids:
            self._ids[unit] = f'"vehicle_ids":{_json([self._cars[car].id for car in self._units[unit].cars])}'
        return self._ids[unit]

    def _trims_of(self, unit: int) -> list[str]:
        """The trims of a unit as JSON, if it has more than one."""
        if unit not in self._trims:
            cars = (self._cars[car] for car in self._units[unit].cars)
            trims = {str(trim) for car in cars if (trim := car.attributes.get("trim"))}
            self._trims[unit] = [_json(trim) for trim in sorted(trims)] if len(trims) > 1 else []
        return self._trims[unit]


def sibling(units: list[Unit], index: int) -> int | None:
    """The next unit, if it is another model of the same make under the same conditions."""
    if index + 1 >= len(units):
        return None
    unit, other = units[index], units[index + 1]
    same = unit.make == other.make and unit.where == other.where and unit.model != other.model
    return index + 1 if same else None


def _with_sibling(core: str, unit: Unit, other: Unit) -> str:
    return core.replace(f'"model":{_json(unit.model)}', f'"model":{_json([unit.model, other.model])}', 1)


def entries_of(world: World, draws: Draws, flat: Flat) -> Entries:
    """What the rows name, for the simulator and the judged queries; a row over siblings adds an unsure entry."""
    depends = [world.types[kind].depends for kind in draws.kind]
    tables = {
        (name, habit): (number, world.rows(name, habit))
        for number, (name, habit) in enumerate((name, habit) for name in world.units for habit in (False, True))
    }
    habit = [world.brands[brand].by_year for brand in draws.brand]
    of_part = np.array([tables[d, h][0] if d in world.units else -1 for d, h in zip(depends, habit, strict=True)])
    unit, first, last = (np.zeros(len(flat.row), np.int64) for _ in range(3))
    for number, rows in tables.values():
        mine = of_part[flat.part] == number
        unit[mine], first[mine], last[mine] = (
            column[flat.row[mine]] for column in (rows.unit, rows.first, rows.last)
        )  # fmt: skip
    sure = ~np.isin(flat.kind, _UNSURE)
    siblings = np.flatnonzero(flat.kind == _KINDS.index("siblings"))
    more = np.array([_sibling_of(world, depends[flat.part[i]], unit[i]) for i in siblings.tolist()], np.int64)
    siblings, more = siblings[more >= 0], more[more >= 0]
    joined = (np.concatenate([column, column[siblings]]) for column in (flat.part + draws.start, first, last))
    part, first, last = joined
    return Entries(
        part, np.concatenate([unit, more]), first, last, np.concatenate([sure, np.zeros(len(more), np.bool_)])
    )  # fmt: skip


def _sibling_of(world: World, depends: str, unit: int) -> int:
    found = sibling(world.units[depends], int(unit))
    return -1 if found is None else found


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
