"""Three requests to try over the sample: vague words in three ways of writing, each with a car."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from search_service.sample.vehicles import Car
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
        return f"/v1/search?{urlencode({'q': self.q, 'lang': self.lang, **self.vehicle}, quote_via=quote)}"


def try_requests(summary: SampleSummary) -> list[TryRequest]:
    """Three requests. The cars are popular ones of different makes; a car of a table given is named, not by VIN."""
    return [
        TryRequest(words, lang, _vehicle(car, number))
        for number, ((words, lang), car) in enumerate(zip(_WORDS, _cars(summary.cars), strict=False))
    ]


def _cars(cars: tuple[Car, ...]) -> list[Car]:
    """A car with an engine of the most popular models, three different makes, some years old: it wants parts."""
    fame: defaultdict[tuple[str, str], float] = defaultdict(float)
    usable = [car for car in cars if car.first and _burns(car)]
    for car in usable:
        fame[_model(car)] += car.popularity
    chosen: dict[str, Car] = {}
    newest = max((car.first or 0 for car in usable), default=0)
    for car in sorted(usable, key=lambda car: (-fame[_model(car)], abs((car.first or 0) - newest + AGE), car.id)):
        chosen.setdefault(str(car.row["make"]), car)
    return list(chosen.values())[:3] or list(cars[:3])


def _model(car: Car) -> tuple[str, str]:
    return str(car.row["make"]), str(car.row["model"])


def _burns(car: Car) -> bool:
    return str(car.attributes.get("fuel", "")).casefold() in ("petrol", "diesel", "hybrid", "phev", "")


def _vehicle(car: Car, number: int) -> dict[str, str]:
    year = car.first or 0
    if car.pattern:
        return {"vin": vin_of(car, year, 100_001 + 37 * number)}
    known = {"make": str(car.row["make"]), "model": str(car.row["model"])}
    return known | ({"year": str(year)} if year else {})
