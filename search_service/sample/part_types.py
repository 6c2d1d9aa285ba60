"""The sample's part types as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search_service.sample.part_type_table import ATTRIBUTES, TABLE

_PLACES: dict[str, tuple[tuple[str, ...], ...]] = {
    "-": ((),),
    "A": (("front",), ("rear",)),
    "F": (("front",),),
    "R": (("rear",),),
    "P": (("front left", "front right"), ("rear left", "rear right")),
    "S": (("left",), ("right",)),
    "C": (("front left",), ("front right",), ("rear left",), ("rear right",)),
    "G": (("front left",), ("front right",)),
    "H": (("rear left",), ("rear right",)),
    "L": (("front lower left",), ("front lower right",)),
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One product attribute: a range of numbers (`low`, `high`) or the `choices` it takes."""

    name: str
    choices: tuple[str | float, ...] = ()
    low: float = 0.0
    high: float = 0.0

    def at(self, share: float) -> str | float:
        """The value at `share` in [0, 1) of the range or of the choices."""
        if self.choices:
            return self.choices[int(share * len(self.choices))]
        value = self.low + (self.high - self.low) * share
        return round(value, 1) if self.high < 20 else round(value)


@dataclass(frozen=True, slots=True)
class PartType:
    """What a part is. `key` is unique, `id` the vocabulary's.

    `life_km` is in 1000 km, `life_months` in months; `spread` and `weight` are relative to 1.
    """

    key: str
    id: str
    en: str
    zh: str
    everyday: tuple[str, ...]
    segment: str
    depends: str
    price: tuple[float, float]
    places: tuple[tuple[str, ...], ...]
    spread: float
    weight: float
    life_km: float
    life_months: float
    attributes: tuple[Attribute, ...]

    @property
    def universal(self) -> bool:
        """True if the type depends on no vehicle."""
        return self.depends == "universal"


def part_types() -> tuple[PartType, ...]:
    """All part types, in the table's order."""
    attributes = dict(line.split("|") for line in ATTRIBUTES.strip().splitlines())
    return tuple(_part_type(line, attributes) for line in TABLE.strip().splitlines())


def _part_type(line: str, attributes: Mapping[str, str]) -> PartType:
    key, en, zh, everyday, segment, depends, price, places, spread, weight, km, months = line.split("|")
    low, high = price.split("-")
    return PartType(
        key=key,
        id=key.partition("/")[0],
        en=en,
        zh=zh,
        everyday=tuple(everyday.split(",")),
        segment=segment,
        depends=depends,
        price=(float(low), float(high)),
        places=_PLACES[places],
        spread=float(spread),
        weight=float(weight),
        life_km=float(km),
        life_months=float(months),
        attributes=tuple(_attribute(text) for text in attributes.get(key, "").split(";") if text),
    )


def _attribute(text: str) -> Attribute:
    name, values = text.split(":", 1)
    low, dash, high = values.partition("-")
    if dash and low and _number(low) and _number(high):
        return Attribute(name, (), float(low), float(high))
    return Attribute(name, tuple(_scalar(value) for value in values.split(",")))


def _number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _scalar(text: str) -> str | float:
    if not _number(text.removeprefix("-")):
        return text
    return float(text) if "." in text else int(text)
