"""Three requests to try over the sample: vague words in three ways of writing, each with a car."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from search_service.sample.vehicles import Car, own_cars
from search_service.sample.vins import vin_of
from search_service.sample.writer import SampleSummary

AGE = 8  # years between the newest car and the one a request is about
_WORDS = (("刹车皮 前", "zh"), ("oil filtr", "en"), ("yushua", "zh"))


@dataclass(frozen=True, slots=True)
class TryRequest:
    """A search: words, their language, and vehicle parameters (a VIN, or make, model and year)."""

    q: str
    lang: str
    vehicle: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Path and query of the search endpoint."""
        return f"/v1/search?{_query(q=self.q, lang=self.lang, **self.vehicle)}"

    @property
    def page(self) -> str:
        """Address of the shop page that asks the same; a VIN stands behind the "#", so that it reaches no log."""
        named = {name: value for name, value in self.vehicle.items() if name != "vin"}
        fragment = f"#{_query(vin=self.vehicle['vin'])}" if "vin" in self.vehicle else ""
        return f"/?{_query(q=self.q, lang=self.lang, **named)}{fragment}"


def _query(**parameters: str) -> str:
    return urlencode(parameters, quote_via=quote)


def try_requests(summary: SampleSummary) -> list[TryRequest]:
    """Three requests. The cars are popular ones of different makes; a car of a table given is named, not by VIN."""
    return _requests(summary.cars)


def own_try_requests(today: datetime.date) -> list[TryRequest]:
    """The requests of a sample over its own vehicles that was written with this `today`, without writing it again."""
    return _requests(tuple(own_cars(today.year)))


def _requests(cars: tuple[Car, ...]) -> list[TryRequest]:
    return [
        TryRequest(words, lang, _vehicle(car, number))
        for number, ((words, lang), car) in enumerate(zip(_WORDS, _cars(cars), strict=False))
    ]


def _cars(cars: tuple[Car, ...]) -> list[Car]:
    """Cars with an engine of popular models and different makes, some years old: they want parts."""
    usable = [car for car in cars if car.first and not _electric(car)] or list(cars)
    best_age = max(car.first or 0 for car in usable) - AGE
    fame: defaultdict[tuple[str, str], float] = defaultdict(float)
    for car in usable:
        fame[_model(car)] += car.popularity / (1 + abs((car.first or 0) - best_age))
    chosen: dict[str, Car] = {}
    for car in sorted(usable, key=lambda car: (-fame[_model(car)], abs((car.first or 0) - best_age), car.id)):
        chosen.setdefault(str(car.row["make"]), car)
    return list(chosen.values())[: len(_WORDS)]


def _model(car: Car) -> tuple[str, str]:
    return str(car.row["make"]), str(car.row["model"])


def _electric(car: Car) -> bool:
    return str(car.attributes.get("fuel", "")).casefold().startswith("electric")


def _vehicle(car: Car, number: int) -> dict[str, str]:
    year = car.first or 0
    if car.pattern:
        return {"vin": vin_of(car, year, 100_001 + 37 * number)}
    known = {"make": str(car.row["make"]), "model": str(car.row["model"])}
    return known | ({"year": str(year)} if year else {})
