"""The sample's own vehicle table from the fact tables, and any contract vehicle table as the same values."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from search_service.sample.engines import Engine, engines
from search_service.sample.errors import NoVehicles
from search_service.sample.facts_china import CHINA
from search_service.sample.facts_world import WORLD

Row = dict[str, Any]

_DOORS = {"sedan": 4, "hatchback": 5, "suv": 5, "mpv": 5, "van": 5, "pickup": 4}


@dataclass(frozen=True, slots=True)
class Car:
    """One vehicle row with what the generator knows beside it.

    `first`, `last` are model years (`None` = unknown, an open end ends at `last` = the last year made). `popularity`
    is relative, `level` the price level of its parts. `wmi` and `pattern` (VIN positions 4-8) are empty if the
    sample makes no VIN for the row.
    """

    row: Row
    first: int | None
    last: int | None
    platform: str
    family: str
    generation: str
    level: float
    popularity: float
    wmi: str = ""
    pattern: str = ""

    @property
    def id(self) -> str:
        """The contract's `vehicle_id`."""
        return str(self.row["vehicle_id"])

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The row's open attributes."""
        attributes: Mapping[str, Any] = self.row.get("attributes") or {}
        return attributes


@dataclass(frozen=True, slots=True)
class _Model:
    make: str
    make_zh: str
    make_aliases: tuple[str, ...]
    model: str
    zh: str
    aliases: tuple[str, ...]
    level: float
    popularity: float
    wmi: str


@dataclass(frozen=True, slots=True)
class _Generation:
    code: str
    spans: tuple[tuple[str, str], ...]
    body: str
    platform: str
    drivetrains: tuple[tuple[Engine, str, str], ...]
    trims: tuple[str, ...]


def own_cars(last_year: int) -> list[Car]:
    """The sample's own vehicles; cars still built run to `last_year`. Some rows lack an attribute."""
    cars = [car for model, generation in _generations() for car in _cars(model, generation, last_year)]
    return [_with_gap(car) for car in _with_patterns(cars)]


def given_cars(rows: Iterable[Mapping[str, Any]]) -> list[Car]:
    """Any contract vehicle table as cars. Raises `NoVehicles` if no row has an id, a make and a model."""
    cars = [_given(row) for row in rows if row.get("vehicle_id") and row.get("make") and row.get("model")]
    if not cars:
        raise NoVehicles("no row of the vehicle table has vehicle_id, make and model")
    return cars


def _given(row: Mapping[str, Any]) -> Car:
    attributes = row.get("attributes") or {}
    first, last = _year(row.get("year_from") or row.get("year")), _year(row.get("year_to") or row.get("year"))
    generation = str(attributes.get("generation") or f"{(first or 0) // 5}")
    size = str(attributes.get("displacement_l", ""))
    make, model = str(row["make"]), str(row["model"])
    family = f"{make} {size} {attributes.get('cylinders', '')}"
    return Car(dict(row), first, last or first, f"{make} {model}", family, generation, 1.0, _fame(make, model))


def _year(value: object) -> int | None:
    return int(str(value)) if value not in (None, "") else None


def _fame(make: str, model: str) -> float:
    """A popularity in (0.1, 10] that depends on the names alone, heavy at the low end."""
    digest = hashlib.sha256(f"{make}/{model}".encode()).digest()
    return 10.0 * ((digest[0] + 1) / 256) ** 3 + 0.1


def _generations() -> Iterator[tuple[_Model, _Generation]]:
    table = engines()
    make: list[str] = []
    model: _Model | None = None
    for line in (WORLD + CHINA).strip().splitlines():
        if line.startswith("# "):
            make = line[2:].split("|")
        elif line.startswith("= "):
            model = _model(make, line[2:].split("|"))
        elif line and model:
            yield model, _generation(line, table)


def _model(make: list[str], fields: list[str]) -> _Model:
    name, zh, aliases, level, popularity, wmi = fields
    others = tuple(re.split(r"[ ,]", make[2])) if len(make) > 2 else ()
    return _Model(
        make[0], make[1], others, name, zh, tuple(aliases.split(",")), float(level), float(popularity), wmi
    )  # fmt: skip


def _generation(line: str, table: Mapping[str, Engine]) -> _Generation:
    code, dates, body, platform, drivetrains, drive, trims = line.split(";")
    stops = dates.split("/")
    if len(stops) == 1:
        stops.append("")
    spans = tuple(zip(stops[:-1], [_month_before(stop) for stop in stops[1:-1]] + stops[-1:], strict=True))
    return _Generation(
        code, spans, body, platform, tuple(_drivetrains(drivetrains, drive, table)), tuple(trims.split(","))
    )


def _drivetrains(text: str, drive: str, table: Mapping[str, Engine]) -> Iterator[tuple[Engine, str, str]]:
    for entry in text.split(","):
        code, *gearboxes = entry.split(" ")
        for gearbox in gearboxes:
            yield table[code], gearbox.rstrip("*"), drive
        if gearboxes[-1].endswith("*") and drive != "AWD":
            yield table[code], gearboxes[-1].rstrip("*"), "AWD"


def _month_before(text: str) -> str:
    year, month = map(int, text.split("-"))
    return f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02d}"


def _cars(model: _Model, generation: _Generation, last_year: int) -> Iterator[Car]:
    for phase, (start, end) in enumerate(generation.spans):
        for engine, gearbox, drive in generation.drivetrains:
            for trim in generation.trims:
                yield _car(model, generation, "ab"[phase], (start, end), (engine, gearbox, drive, trim), last_year)


def _car(
    model: _Model, generation: _Generation, phase: str, built: tuple[str, str],
    variant: tuple[Engine, str, str, str], last_year: int,
) -> Car:  # fmt: skip
    engine, gearbox, drive, trim = variant
    first = int(built[0][:4]) + (int(built[0][5:]) > 9)
    last = max(first, int(built[1][:4])) if built[1] else None
    parts = (model.make, model.model, f"{generation.code}{phase}", engine.name, gearbox, drive, trim)
    row: Row = {
        "vehicle_id": re.sub(r"[^a-z0-9]+", "-", " ".join(parts).lower()).strip("-"),
        "make": model.make, "model": model.model, "year_from": first, "year_to": last,
        "built_from": built[0], "built_to": built[1] or None,
        "names": {"zh": {"make": model.make_zh, "model": model.zh, "series": f"{model.zh} {generation.code}"}},
        "aliases": [*model.aliases, f"{model.make_zh}{model.zh}"],
        "attributes": _attributes(generation, engine, gearbox, drive, trim),
    }  # fmt: skip
    popularity = model.popularity / len(generation.drivetrains) / len(generation.trims)
    return Car(
        row, first, max(first, last or last_year), generation.platform, engine.family, generation.code,
        model.level, popularity, model.wmi,
    )  # fmt: skip


def _attributes(generation: _Generation, engine: Engine, gearbox: str, drive: str, trim: str) -> Row:
    size: Row = {"displacement_l": engine.litres, "cylinders": engine.cylinders} if engine.litres else {}
    return {
        "engine": engine.name, **size, "fuel": engine.fuel, "aspiration": engine.aspiration,
        "power_kw": engine.power_kw, "transmission": gearbox, "drive": drive, "body": generation.body,
        "doors": _DOORS[generation.body], "trim": trim, "generation": generation.code, "region": "CN",
    }  # fmt: skip


_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def _with_patterns(cars: list[Car]) -> list[Car]:
    """Give every car VIN positions 4-8 inside its WMI: two letters a generation, then engine, gearbox + drive, trim."""
    codes: dict[tuple[str, ...], dict[str, int]] = {}
    return [replace(car, pattern=_pattern(car, codes)) for car in cars]


def _pattern(car: Car, codes: dict[tuple[str, ...], dict[str, int]]) -> str:
    line = f"{car.row['make']}/{car.row['model']}/{car.generation}"
    number = _code(codes, (car.wmi,), line)
    attributes = car.attributes
    details = (
        str(attributes["engine"]),
        f"{attributes['transmission']} {attributes['drive']}",
        str(attributes["trim"]),
    )
    places = (_LETTERS[_code(codes, (car.wmi, line, str(place)), text)] for place, text in enumerate(details))
    return _LETTERS[number // len(_LETTERS)] + _LETTERS[number % len(_LETTERS)] + "".join(places)


def _code(codes: dict[tuple[str, ...], dict[str, int]], scope: tuple[str, ...], value: str) -> int:
    """The number of `value` in its scope, counted in the order of first appearance."""
    known = codes.setdefault(scope, {})
    return known.setdefault(value, len(known))


def _with_gap(car: Car) -> Car:
    """One row in sixteen lacks its trim, drive, engine or gearbox."""
    die = hashlib.sha256(car.id.encode()).digest()[0]
    attributes = dict(car.attributes)
    if die < 6:
        attributes.pop("trim")
    elif die < 11:
        attributes.pop("drive")
    elif die < 14:
        attributes.pop("engine")
    elif die < 16:
        attributes.pop("transmission")
    return replace(car, row={**car.row, "attributes": attributes}) if die < 16 else car
