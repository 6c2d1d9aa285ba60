"""Application lines of a block of parts: the supplier's rows with their conditions, exceptions, notes and faults."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from search_service.sample.draws import MISSED, Draws
from search_service.sample.notes import note_pools
from search_service.sample.units import Rows, Unit
from search_service.sample.world import World

# Shares in thousandths of rows that are more than vehicle and conditions, in the order of the kinds below.
_SHARES = {
    "condition": 30, "": 18, "hint": 30, "variant": 22, "remark": 18, "except": 25, "serial": 10, "siblings": 20,
    "ids": 14, "built": 60, "position": 60,
}  # fmt: skip
_KINDS = tuple(_SHARES)
_EDGES = np.cumsum(list(_SHARES.values())) / 1000
_PLAIN = len(_KINDS)
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
class _Flat:
    part: npt.NDArray[np.int64]
    row: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    dice: npt.NDArray[np.int64]


def flatten(world: World, draws: Draws, seed: int) -> _Flat:
    """One entry an application row: its part (in the block), its supplier's row, what is special, and a die."""
    rng = np.random.default_rng((seed, 2, draws.start))
    part = np.repeat(np.arange(len(draws)), draws.count)
    offset = np.arange(len(part)) - np.repeat(np.cumsum(draws.count) - draws.count, draws.count)
    keep = (rng.random(len(part)) >= MISSED) | (offset == 0)
    part, row = part[keep], (draws.unit_row[part] + offset)[keep]
    kind = np.searchsorted(_EDGES, rng.random(len(part)), side="right")
    return _Flat(part, row, kind, rng.integers(0, 1 << 30, len(part)))


def application_lines(
    world: World, draws: Draws, flat: _Flat, ids: list[str], first_number: int, today: datetime.date
) -> Iterator[str]:
    """The rows as JSON lines, in the order of `flat`; application ids count up from `first_number`."""
    bounds = np.searchsorted(flat.part, np.arange(len(draws) + 1)).tolist()
    rows, kinds, dice = flat.row.tolist(), flat.kind.tolist(), flat.dice.tolist()
    pools = {part_type.segment: note_pools(part_type.segment) for part_type in world.types}
    writers: dict[tuple[str, bool], _Writer] = {}
    for part in np.flatnonzero(np.diff(bounds)).tolist():
        part_type, brand = world.types[draws.kind[part]], world.brands[draws.brand[part]]
        key = (part_type.depends, brand.by_year)
        writer = writers.get(key) or writers.setdefault(key, _Writer(world, *key))
        place = part_type.places[draws.place[part]]
        position = f',"position":{_json(place)}' if place else ""
        delivery = today.replace(day=1) - datetime.timedelta(days=31 * (draws.brand[part].item() % 9 + 1))
        source = f',"source":{{"file":"{brand.file}_{delivery:%Y-%m}.csv","row":'
        tail = f'{f",{chr(34)}quantity{chr(34)}:{max(1, len(place))}"}{source}'
        middle = f'","part_id":"{ids[part]}",'
        end = f',"date":"{delivery}"}}}}\n'
        pool = pools[part_type.segment]
        for index in range(bounds[part], bounds[part + 1]):
            number = first_number + index
            core, extra = writer.text(rows[index], kinds[index], dice[index], pool, position)
            yield f'{{"application_id":"a{number}{middle}{core}{extra}{tail}{number}{end}'


class _Writer:
    """Texts of the rows of one dependence and habit."""

    def __init__(self, world: World, depends: str, by_year: bool) -> None:
        self._cars = world.cars
        self._units = world.units[depends]
        self._rows = world.rows(depends, by_year)
        self._usual = usual_extras(self._units, self._rows)

    def text(self, row: int, kind: int, die: int, pool: dict[str, list[str]], position: str) -> tuple[str, str]:
        """Core (vehicle and conditions) and extra members of one row."""
        core, usual = self._rows.core[row], self._usual[row]
        if kind == _PLAIN:
            return core, usual
        name = _KINDS[kind]
        if name in pool:
            texts = pool[name]
            return core, usual + texts[die % len(texts)]
        return self._special(name, row, die, position)

    def _special(self, name: str, row: int, die: int, position: str) -> tuple[str, str]:
        core, usual = self._rows.core[row], self._usual[row]
        unit = self._units[self._rows.unit[row]]
        match name:
            case "except":
                trims = self._trims(unit)
                return core, usual + (f',"except":[{{"trim":{_json(trims[die % len(trims)])}}}]' if trims else "")
            case "serial":
                side = "from" if die % 2 else "to"
                return core, f'{usual},"vin_serial_{side}":"{100_000 + die % 700_000}"'
            case "siblings":
                other = sibling(self._units, self._rows.unit[row].item())
                return (_with_sibling(core, unit, self._units[other]) if other is not None else core), usual
            case "ids" if self._rows.whole[row] and len(unit.cars) <= 40:
                return f'"vehicle_ids":{_json([self._cars[car].id for car in unit.cars])}', ""
            case "built":
                return core, self._rows.built[row]
            case "position":
                return core, usual + position
            case _:
                return core, usual

    def _trims(self, unit: Unit) -> list[str]:
        trims = {str(trim) for car in unit.cars if (trim := self._cars[car].attributes.get("trim"))}
        return sorted(trims) if len(trims) > 1 else []


def usual_extras(units: list[Unit], rows: Rows) -> list[str]:
    """The build window of the rows that touch another generation's years, which a careful maker always writes."""
    return [built if units[unit].overlaps else "" for unit, built in zip(rows.unit.tolist(), rows.built, strict=True)]


def sibling(units: list[Unit], index: int) -> int | None:
    """The next unit, if it is another model of the same make under the same conditions."""
    if index + 1 >= len(units):
        return None
    unit, other = units[index], units[index + 1]
    same = unit.make == other.make and unit.where == other.where and unit.model != other.model
    return index + 1 if same else None


def _with_sibling(core: str, unit: Unit, other: Unit) -> str:
    return core.replace(f'"model":{_json(unit.model)}', f'"model":{_json([unit.model, other.model])}', 1)


def entries_of(world: World, draws: Draws, flat: _Flat) -> Entries:
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
