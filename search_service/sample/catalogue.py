"""Part rows: numbers, bilingual titles, attributes, original numbers, interchange, price, quality, date."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from search_service.sample.brands import Brand
from search_service.sample.draws import Draws, Ints
from search_service.sample.numbers import gtin, oe_number, part_id, part_number, scrambled
from search_service.sample.part_types import Attribute, PartType
from search_service.sample.units import Unit
from search_service.sample.world import World

_ZH = {"front": "前", "rear": "后", "left": "左", "right": "右", "upper": "上", "lower": "下"}
_ZH_ORDER = ("left", "right", "front", "rear", "upper", "lower")
_UNITS = {
    "mm": " mm",
    "ah": "Ah",
    "a": "A",
    "kw": "kW",
    "bar": " bar",
    "l": "L",
    "ml": "ml",
    "g": "g",
    "c": "°C",
    "in": " in",
}
NAMED_ROWS = 4  # a part with more application rows than this names no car in its title
_QUALITY_ZH = {
    "oe": "原厂件", "oem": "配套厂品牌", "aftermarket": "品牌件", "economy": "经济型", "remanufactured": "再制造",
}  # fmt: skip


def part_rows(world: World, draws: Draws, today: datetime.date) -> Iterator[dict[str, Any]]:
    """The contract's part rows of a block, in order."""
    numbers = [
        part_number(world.brands[brand], draws.start + index) for index, brand in enumerate(draws.brand.tolist())
    ]
    groups, kinds, makers = draws.group.tolist(), draws.kind.tolist(), draws.brand.tolist()
    places, rows, counts = draws.place.tolist(), draws.unit_row.tolist(), draws.count.tolist()
    prices, ages, shapes = draws.price.tolist(), draws.age.tolist(), draws.shape.tolist()
    listed = {age: str(today - datetime.timedelta(days=age)) for age in set(ages)}
    for i, number in enumerate(numbers):
        kind, brand, index = world.types[kinds[i]], world.brands[makers[i]], draws.start + i
        place = kind.places[places[i]]
        unit = _unit(world, kind, brand, rows[i])
        row: dict[str, Any] = {
            "part_id": part_id(brand, number), "brand": brand.name, "part_number": number, "part_type": kind.id,
            "title": _title(kind, place, brand, _car(world, unit, counts[i]), shapes[i], index),
            "attributes": _attributes(kind, shapes[i]),
            "gtin": gtin(index), "price": {"amount": prices[i], "currency": "CNY"}, "universal": kind.universal,
            "quality": brand.quality, "listed_at": listed[ages[i]],
        }  # fmt: skip
        if place:
            row["position"] = list(place)
        if unit:
            row["oe_numbers"] = _oe_numbers(unit, groups[i], places[i])
        if interchange := _interchange(world, groups, makers, numbers, i):
            row["interchange"] = interchange
        if index % 4 == 0:
            row["description"] = _description(kind, brand)
        yield row


def _unit(world: World, kind: PartType, brand: Brand, row: int) -> Unit | None:
    if kind.universal or row < 0:
        return None
    unit: int = world.rows(kind.depends, brand.by_year).unit[row].item()
    return world.units[kind.depends][unit]


def _title(
    kind: PartType, place: tuple[str, ...], brand: Brand, car: tuple[str, str] | None, shape: list[float], index: int
) -> dict[str, str]:
    """Words of the type, and the car if it is made for one, else the maker and what is measured."""
    words = (kind.zh, *kind.everyday)
    zh, en = place_zh(place) + words[index % len(words)], f"{place_en(place)}{kind.en}"
    if car:
        return {"zh": f"{zh} {car[0]}", "en": f"{en} for {car[1]}"}
    told = kind.attributes if kind.universal else kind.attributes[:1]
    detail = "".join(f" {_shown(attribute, share)}" for attribute, share in zip(told, shape, strict=False))
    return {"zh": f"{brand.zh} {zh}{detail}", "en": f"{brand.name} {en}{detail}"}


def _shown(attribute: Attribute, share: float) -> str:
    """A value with the unit that ends its attribute's name: `131 mm`, `5W-30`."""
    return f"{attribute.at(share)}{_UNITS.get(attribute.name.rpartition('_')[2], '')}"


def _car(world: World, unit: Unit | None, rows: int) -> tuple[str, str] | None:
    """The car named in a title, in Chinese and English; none for parts that serve many."""
    if unit is None or not 0 < rows <= NAMED_ROWS:
        return None
    names = (world.cars[unit.cars[0]].row.get("names") or {}).get("zh") or {}
    car_zh = f"{names['make']}{names['model']}" if names.keys() >= {"make", "model"} else f"{unit.make} {unit.model}"
    years = f" {unit.first}-{unit.last}" if unit.first else ""
    engine = next((f" {value}" for name, value in unit.where if name == "engine"), "")
    return f"{car_zh}{engine}{years}", f"{unit.make} {unit.model}{engine}{years}"


@lru_cache(maxsize=64)
def place_zh(place: tuple[str, ...]) -> str:
    """`["front left"]` as 左前, a left and right pair as its end alone."""
    words = set(" ".join(place).split())
    if {"left", "right"} <= words:
        words -= {"left", "right"}
    return "".join(_ZH[word] for word in _ZH_ORDER if word in words)


@lru_cache(maxsize=64)
def place_en(place: tuple[str, ...]) -> str:
    """`["front left"]` as "Front Left ", a pair as its end alone, nothing as ""."""
    words = " ".join(place).split()
    shown = [word for word in dict.fromkeys(words) if not {"left", "right"} <= set(words) or word in ("front", "rear")]
    return "".join(f"{word.capitalize()} " for word in shown)


def _attributes(kind: PartType, shape: list[float]) -> dict[str, str | float]:
    return {attribute.name: attribute.at(share) for attribute, share in zip(kind.attributes, shape, strict=False)}


def _oe_numbers(unit: Unit, group: int, place: int) -> list[dict[str, str]]:
    """The group's original number, for every third group with the number it had before."""
    numbers = [{"brand": unit.make.upper(), "number": oe_number(unit.make, 2 * group)}]
    if group % 3 == 0:
        numbers.append({"brand": unit.make.upper(), "number": oe_number(unit.make, 2 * group + 1)})
    return numbers


def equivalents(groups: Sequence[int] | Ints, makers: Sequence[int] | Ints, i: int) -> list[int]:
    """The at most three neighbours of part `i` that replace it and come from other makers."""
    around = range(max(0, i - 2), min(len(groups), i + 3))
    return [j for j in around if groups[j] == groups[i] and makers[j] != makers[i]][:3]


def _interchange(
    world: World, groups: list[int], makers: list[int], numbers: list[str], i: int
) -> list[dict[str, str]]:
    """The equivalents' numbers; some parts also replace an older number, are replaced, or bear a trade number."""
    edges = [
        {"brand": world.brands[makers[j]].name, "number": numbers[j], "kind": "equivalent"}
        for j in equivalents(groups, makers, i)
    ]
    brand, number = world.brands[makers[i]], scrambled(i, 5)
    if number % 10 == 0:
        edges.append({"brand": brand.name, "number": f"{brand.code}{number:07d}-0", "kind": "supersedes"})
    elif number % 10 == 1:
        edges.append({"brand": brand.name, "number": f"T{number:07d}", "kind": "trade"})
    elif number % 50 == 2:
        edges.append({"brand": brand.name, "number": f"{brand.code}{number:07d}-N", "kind": "superseded_by"})
    return edges


def _description(kind: PartType, brand: Brand) -> dict[str, str]:
    life = f"{kind.life_km:g}"
    return {
        "en": f"{brand.name} {kind.en.lower()}, {brand.quality} quality; usual life {life} thousand km.",
        "zh": f"{brand.zh}{kind.zh}，{_QUALITY_ZH[brand.quality]}，一般{life}千公里更换。",
    }
