"""Small catalogues and vehicle queries, drawn so that near-misses abound: few values, shared by rows and rules.

Everything is drawn from one `random.Random`, so a seed is a case (`generate(random.Random(7))`), and hypothesis can
drive and shrink the same code through `cases`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from hypothesis import strategies as st

from fitment_rules.model import OPEN, Application, Note, NoteKind, Scalar, Vehicle, Window, note_id, span
from tests.oracle.oracle import Part, Query, same, serial_order, values_of

T = TypeVar("T")

MODELS = {"Toyota": ("Corolla", "Levin", "86"), "Honda": ("Civic", "Fit"), "VW": ("Golf", "Fit")}
ZH = {"Toyota": "丰田", "Honda": "本田", "Corolla": "卡罗拉", "Civic": "思域", "Golf": "高尔夫"}
ALIASES = {"Corolla": ("corolla altis",), "Fit": ("Jazz", "飞度"), "86": ("GT86",)}
FIRST_YEAR, LAST_YEAR = 2010, 2020

VALUES: dict[str, tuple[Scalar, ...]] = {
    "engine": ("1ZR-FE", "2ZR-FE", "1zr-fe", "EA888"),
    "drive": ("FWD", "AWD", "fwd"),
    "trim": ("GL", "Sport", "Ｓport"),
    "doors": (2, "2", 4, 4.0, "4.0"),
    "displacement_l": (1.6, "1.60", 2, "2.0", 1.8),
    "ktype": ("100", 100, "200"),
    "region": ("CN", "US"),
    "BaseVehicle": ("5911", 5911, "5912", "5913"),
}
NOBODYS: dict[str, tuple[Scalar, ...]] = {"rotor_mm": (280, "280", 300), "caliper": ("ADVICS", "AKEBONO")}
GONE: dict[str, tuple[Scalar, ...]] = {"vehicle_id": ("v-gone",), "BaseVehicle": ("5999", 5999)}
"""Ids that no table has: applications that ask for one are there, and name no vehicle."""

STRANGE: tuple[Scalar, ...] = ("ZZZ", 99, "0x2")
MONTHS = ("2013-06", "2014-01", "2015-06", "2015-07-15", "2016-02", "2017-12")
SERIALS = ("000100", "000250", "100", "300", "99", "A00100", "a00200", "B1", "ZZ0001")
NOTES = ("with ADVICS caliper", "With  advics caliper", "for 300mm rotor", "carbon version", "左舵")
KINDS = (NoteKind.CONDITION, None, NoteKind.VARIANT, NoteKind.HINT, NoteKind.REMARK)
PLACES = ("front", "rear", "front left", "front right", "rear left", "left", "upper", "front upper", "inner")
BRANDS, TYPES, QUALITIES = ("ACME", "BOLT", "CORE"), ("brake_pad", "oil_filter"), ("oe", "aftermarket")


@dataclass(frozen=True)
class Case:
    """A catalogue, one vehicle query, and keyword filters to list under."""

    vehicles: tuple[Vehicle, ...]
    parts: tuple[Part, ...]
    applications: tuple[Application, ...]
    query: Query
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    horizon: Window


def generate(rng: random.Random, *, most_vehicles: int = 25, most_parts: int = 40) -> Case:
    """One case. Applications are unique by id; every part id they name exists."""
    vehicles = _identified(rng, [_vehicle(rng, number) for number in range(_few(rng, 3, most_vehicles))])
    parts = tuple(_part(rng, number) for number in range(_few(rng, 5, most_parts)))
    applications = tuple(
        _application(rng, f"a{number}", rng.choice(parts).part_id, vehicles)
        for number in range(rng.randint(0, 3 * len(parts)))
    )
    filters = _filters(rng)
    return Case(vehicles, parts, applications, _query(rng, vehicles), filters, horizon_of(vehicles))


def cases(most_vehicles: int = 8, most_parts: int = 8) -> st.SearchStrategy[Case]:
    """The same cases for hypothesis, smaller, so that a failure shrinks to something to read."""
    draws = st.randoms(use_true_random=False)
    return draws.map(lambda rng: generate(rng, most_vehicles=most_vehicles, most_parts=most_parts))


def horizon_of(vehicles: Sequence[Vehicle]) -> Window:
    """First and last model year that any row names; a table that names none has one year, which no row is in."""
    named = [year for row in vehicles for year in (row.years.start, row.years.end) if year is not None]
    return Window(min(named), max(named)) if named else Window(LAST_YEAR, LAST_YEAR)


def asked_again(rng: random.Random, case: Case) -> Case:
    """The same catalogue under another query and other filters."""
    return replace(case, query=_query(rng, case.vehicles), filters=_filters(rng))


def _filters(rng: random.Random) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, (rng.choice(values),)) for name, values in _COLUMNS.items() if rng.random() < 0.2)


_COLUMNS = {"brand": BRANDS, "part_type": TYPES, "quality": QUALITIES}


def _few(rng: random.Random, low: int, high: int) -> int:
    """Mostly few, sometimes many."""
    return min(rng.randint(low, high), rng.randint(low, high))


def _vehicle(rng: random.Random, number: int) -> Vehicle:
    make = rng.choice(tuple(MODELS))
    model = rng.choice(MODELS[make])
    attributes: dict[str, Scalar | tuple[Scalar, ...]] = {}
    for name, values in VALUES.items():
        if rng.random() < 0.55:
            attributes[name] = rng.choice(values)
        elif rng.random() < 0.2:
            attributes[name] = tuple(dict.fromkeys(rng.choice(values) for _ in range(2)))
    zh = {name: ZH[value] for name, value in (("make", make), ("model", model)) if value in ZH and rng.random() < 0.5}
    aliases = ALIASES.get(model, ()) if rng.random() < 0.5 else ()
    names = {"zh": zh} if zh else {}
    return Vehicle(f"v{number}", make, model, _row_years(rng), _built(rng, 0.4), attributes, names, aliases)


def _identified(rng: random.Random, vehicles: Sequence[Vehicle]) -> tuple[Vehicle, ...]:
    """In most tables every row has one id of its base vehicle, in a half of those the same for all of a model."""
    kind = rng.random()
    if kind > 0.7:
        return tuple(vehicles)
    ids = {(row.model, row.years.start): rng.choice(VALUES["BaseVehicle"]) for row in vehicles}
    own = (ids[row.model, row.years.start] if kind < 0.35 else rng.choice(VALUES["BaseVehicle"]) for row in vehicles)
    return tuple(
        replace(row, attributes={**row.attributes, "BaseVehicle": one}) for row, one in zip(vehicles, own, strict=True)
    )


def _row_years(rng: random.Random) -> Window:
    kind = rng.random()
    start = rng.randint(FIRST_YEAR, LAST_YEAR)
    if kind < 0.15:
        return OPEN
    if kind < 0.25:
        return Window(start, None)
    if kind < 0.32:
        return Window(None, start)
    return Window(start, min(LAST_YEAR, start + rng.choice((0, 0, 0, 1, 2, 4))))


def _rule_years(rng: random.Random) -> Window:
    start = rng.randint(FIRST_YEAR - 1, LAST_YEAR)
    width = rng.choice((0, 1, 3, 12))
    return rng.choice(
        (Window(start, start + width), Window(start, start + width), Window(start, None), Window(None, start))
    )


def _built(rng: random.Random, share: float) -> Window:
    if rng.random() > share:
        return OPEN
    first, last = sorted((rng.choice(MONTHS), rng.choice(MONTHS)))
    return rng.choice((span(first, last), span(first, last), span(first, None), span(None, last)))


def _part(rng: random.Random, number: int) -> Part:
    return Part(
        f"P{number}",
        position=_places(rng, 0.4),
        universal=rng.random() < 0.12,
        quarantined=rng.random() < 0.12,
        columns={name: (rng.choice(values),) for name, values in _COLUMNS.items()},
    )


def _places(rng: random.Random, share: float) -> tuple[str, ...]:
    return tuple(sorted({rng.choice(PLACES) for _ in range(rng.choice((1, 1, 2)))})) if rng.random() < share else ()


def _application(rng: random.Random, application_id: str, part_id: str, vehicles: Sequence[Vehicle]) -> Application:
    selector = _selector(rng, vehicles)
    serial = rng.random() < 0.15
    ends = _serials(rng)
    gone = rng.random() < 0.1
    where = dict(_members(rng, rng.choice((0, 0, 0, 1, 1, 2)), vehicles))
    if gone:
        name = rng.choice(tuple(GONE))
        where[name] = (rng.choice(GONE[name]),)
    return Application(
        application_id,
        part_id,
        where=where,
        except_=tuple(
            dict(_members(rng, rng.choice((1, 1, 2, 3)), vehicles)) for _ in range(rng.choice((0,) * 6 + (1, 1, 2)))
        ),
        built=_built(rng, 0.15),
        vin_serial_from=ends[0] if serial and rng.random() < 0.8 else None,
        vin_serial_to=ends[1] if serial and rng.random() < 0.8 else None,
        position=_places(rng, 0.7 if gone else 0.25),
        quantity=rng.choice((None, 1, 2)),
        notes=tuple(Note(rng.choice(NOTES), "en", rng.choice(KINDS)) for _ in range(rng.choice((0,) * 7 + (1, 1, 2)))),
        **selector,
    )


def _serials(rng: random.Random) -> tuple[str, str]:
    """Two serials of which the first is not after the second."""
    one, other = rng.choice(SERIALS), rng.choice(SERIALS)
    return (one, other) if serial_order(one, other) else (other, one)


def _selector(rng: random.Random, vehicles: Sequence[Vehicle]) -> dict[str, tuple[Scalar, ...] | Window]:
    """One of the ways of naming vehicles, the narrow ones most often; mostly of rows that are there."""
    row = rng.choice(vehicles)
    kind = rng.random()
    if kind < 0.15:
        ids = dict.fromkeys(rng.choice(vehicles).vehicle_id for _ in range(rng.randint(1, 4)))
        return {"vehicle_ids": (*ids, "v-gone") if rng.random() < 0.1 else tuple(ids)}
    if kind < 0.35:
        return {"years": _rule_years(rng)} if rng.random() < 0.3 else {}
    make = (row.make,) if rng.random() < 0.85 else tuple(rng.sample(tuple(MODELS), 2))
    if kind < 0.42:
        return {"make": make, "years": _rule_years(rng)} if rng.random() < 0.5 else {"make": make}
    model = (
        (row.model,) if rng.random() < 0.8 else tuple(dict.fromkeys((row.model, rng.choice(vehicles).model, "Gone")))
    )
    named: dict[str, tuple[Scalar, ...] | Window] = {"model": _spell(rng, model)}
    if rng.random() < 0.85:
        named["make"] = _spell(rng, make)
    if rng.random() < 0.7:
        named["years"] = _rule_years(rng)
    return named


def _spell(rng: random.Random, values: tuple[str, ...]) -> tuple[Scalar, ...]:
    """Text without case, and `86` as a number."""
    change: Callable[[str], Scalar] = rng.choice((str, str, str.upper, str.lower))
    return tuple(int(value) if value == "86" and rng.random() < 0.3 else change(value) for value in values)


def _members(rng: random.Random, count: int, vehicles: Sequence[Vehicle]) -> list[tuple[str, tuple[Scalar, ...]]]:
    names: list[str] = rng.sample((*VALUES, *VALUES, *NOBODYS, "year", "model", "make", "vehicle_id"), count)
    if count and rng.random() < 0.25:
        names.append("BaseVehicle")
    return [(name, _some(rng, name, vehicles, 0.03)) for name in dict.fromkeys(names)]


def _some(rng: random.Random, name: str, vehicles: Sequence[Vehicle], strange: float) -> tuple[Scalar, ...]:
    """One to three values of an attribute, mostly such as rows have."""
    pool: Sequence[Scalar] = VALUES.get(name) or NOBODYS.get(name) or ()
    if name == "year":
        pool = range(FIRST_YEAR, LAST_YEAR + 1)
    elif not pool:
        pool = [values_of(row, name)[0] for row in vehicles]
    count = rng.choice((1, 1, 1, 2, 3))
    return tuple(
        dict.fromkeys(
            rng.choice(STRANGE) if name != "year" and rng.random() < strange else rng.choice(pool) for _ in range(count)
        )
    )


def _query(rng: random.Random, vehicles: Sequence[Vehicle]) -> Query:
    """From one row outwards: a few things true of it, sometimes one that is not."""
    row = rng.choice(vehicles)
    if rng.random() < 0.3:
        return Query(_broad(rng, row), positions=_places(rng, 0.25))
    given: list[tuple[str, tuple[Scalar, ...]]] = []
    for name in ("make", "model"):
        if rng.random() < 0.7:
            given.append((name, (_called(rng, row, name),)))
    if rng.random() < 0.6:
        given.append(("year", _asked_years(rng, row)))
    for name in (*VALUES, *NOBODYS):
        if rng.random() < 0.15:
            own = values_of(row, name)
            given.append((name, (rng.choice(own),) if own and rng.random() < 0.7 else _some(rng, name, vehicles, 0.1)))
    if rng.random() < 0.1:
        given.append(("vehicle_id", _some(rng, "vehicle_id", vehicles, 0.0)))
    if given and rng.random() < 0.1:
        given.append(_again(rng, *rng.choice(given)))
    return Query(
        given=tuple(given) or (("caliper", ("ADVICS",)),),
        built=rng.choice(MONTHS) if rng.random() < 0.2 else None,
        vin_serial=rng.choice(SERIALS).upper().rjust(6, "0") if rng.random() < 0.3 else None,
        notes=_answers(rng),
        unknown=tuple(rng.sample(tuple(VALUES), 1)) if rng.random() < 0.1 else (),
        positions=_places(rng, 0.25),
    )


def _answers(rng: random.Random) -> dict[str, bool]:
    """Answered notes; one said twice in two spellings has one answer."""
    spelled = {note_id(text): text for text in rng.choices(NOTES, k=rng.choice((0, 0, 0, 1, 2)))}
    return {text: rng.random() < 0.5 for text in spelled.values()}


def _broad(rng: random.Random, row: Vehicle) -> tuple[tuple[str, tuple[Scalar, ...]], ...]:
    """A make, make and year, make and model, or several of them: what whole nodes of the table may answer."""
    make = ("make", (row.make, rng.choice(tuple(MODELS))) if rng.random() < 0.3 else (_called(rng, row, "make"),))
    model = ("model", (row.model, "Fit") if rng.random() < 0.3 else (_called(rng, row, "model"),))
    year = ("year", _asked_years(rng, row))
    return rng.choice(((make,), (make,), (make, year), (make, model), (model,), (year,)))


def _called(rng: random.Random, row: Vehicle, name: str) -> str:
    own = row.make if name == "make" else row.model
    others = [names[name] for names in row.names.values() if name in names]
    others.extend(row.aliases if name == "model" else ())
    return rng.choice(others) if others and rng.random() < 0.3 else rng.choice((own, own.upper(), own.lower()))


def _asked_years(rng: random.Random, row: Vehicle) -> tuple[Scalar, ...]:
    start = row.years.start or row.years.end or rng.randint(FIRST_YEAR, LAST_YEAR)
    return tuple(dict.fromkeys(start + rng.choice((0, 0, 0, 1, 2)) for _ in range(rng.choice((1, 1, 1, 2)))))


def _again(rng: random.Random, name: str, said: tuple[Scalar, ...]) -> tuple[str, tuple[Scalar, ...]]:
    """The same attribute said a second time, as a VIN and a caller do, mostly agreeing on at least one value."""
    if name in VALUES and rng.random() < 0.2:
        return name, (rng.choice(VALUES[name]),)
    if name == "year" and rng.random() < 0.2:
        return name, (rng.randint(FIRST_YEAR, LAST_YEAR),)
    others = [value for value in VALUES.get(name, ()) if not any(same(value, one) for one in said)]
    more = (rng.choice(others),) if others and rng.random() < 0.5 else ()
    return name, (rng.choice(said), *more)
