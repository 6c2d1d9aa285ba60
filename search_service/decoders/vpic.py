"""Vehicles sold in North America, from the public vPIC data that ultravin carries.

vPIC knows what makers declared for the United States. A VIN from elsewhere is decoded only if it passes the check
digit and names a model without a fault: such a VIN belongs to a vehicle built for that market, while a half-known one
has been seen thirty years too early and under the wrong make.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, Final

import ultravin

from fitment_rules.vin import Problem, Region, Severity, VinReport
from search_service.decoders.port import DecodedField, FieldValue
from search_service.decoders.wmi import check_failed

NOT_REGISTERED: Final = 7
WRONG_CHARACTERS: Final = {2, 3, 4, 5, 8}  # no vehicle of the maker has such characters
UNTOLD_CHARACTERS: Final = 14  # the maker has not told what some character means: common in sound VINs
HARMLESS: Final = {0, 9, 10}  # clean, glider kit, off-road
LIGHT_TYPES: Final = {"PASSENGER CAR", "MULTIPURPOSE PASSENGER VEHICLE (MPV)"}
LIGHT_CLASSES: Final = ("Class 1", "Class 2")  # to 10,000 lb gross weight, where position 7 tells the decade

FUELS: Final = {
    "Gasoline": "petrol", "Diesel": "diesel", "Electric": "electric", "Flexible Fuel Vehicle (FFV)": "flex",
    "Compressed Natural Gas (CNG)": "cng", "Natural Gas": "cng", "Liquefied Natural Gas (LNG)": "lng",
    "Liquefied Petroleum Gas (propane or LPG)": "lpg", "Fuel Cell": "hydrogen",
    "Compressed Hydrogen/Hydrogen": "hydrogen", "Ethanol (E85)": "ethanol", "Methanol (M85)": "methanol",
}  # fmt: skip
DRIVES: Final[Mapping[str, FieldValue]] = {
    "FWD/Front-Wheel Drive": "FWD", "RWD/Rear-Wheel Drive": "RWD", "AWD/All-Wheel Drive": "AWD",
    "4WD/4-Wheel Drive/4x4": "4WD", "4x2": ("FWD", "RWD"),
}  # fmt: skip
TRANSMISSIONS: Final = {
    "Automatic": "automatic", "Manual/Standard": "manual", "Continuously Variable Transmission (CVT)": "CVT",
    "Electronic Continuously Variable (e-CVT)": "CVT", "Dual-clutch Transmission (DCT)": "DCT",
    "Automated Manual Transmission (AMT)": "AMT",
}  # fmt: skip
BODIES: Final = {
    "Sedan/Saloon": "sedan", "Hatchback/Liftback/Notchback": "hatchback", "Coupe": "coupe", "Wagon": "wagon",
    "Sport Utility Vehicle [SUV]/Multipurpose Vehicle [MPV]": "SUV", "Convertible/Cabriolet": "convertible",
    "Crossover Utility Vehicle [CUV]": "SUV", "Pickup": "pickup", "Van": "van", "Minivan": "minivan",
    "Cargo Van": "van", "Roadster": "roadster", "Bus": "bus",
}  # fmt: skip

# Shares of certainty for a VIN that decodes without fault; 0.95 is where a field may exclude vehicles. Properties
# that makers declare loosely (a trim, a drive of the series rather than of the car) stay below it.
CERTAIN: Final = {"make": 0.99, "year": 0.99, "model": 0.97, "cylinders": 0.97, "displacement_l": 0.96, "fuel": 0.96}
LOOSE: Final = 0.9
TRIM: Final = 0.8
ABROAD: Final = {"make": 0.97, "model": 0.95, "year": 0.9}
CHECK_FAILED: Final = {"make": 0.95, "year": 0.9, "model": 0.85}
CHECK_FAILED_REST: Final = 0.8


class UltravinDecoder:
    """Make, model, year and the standard attributes of a vehicle sold in North America."""

    name = "vpic"

    def __init__(self, spellings: Mapping[str, str]) -> None:
        """`spellings` maps a case-folded make to its canonical spelling; others are put in title case."""
        self._spellings = dict(spellings)

    def decode(self, report: VinReport) -> tuple[DecodedField, ...]:
        """The fields vPIC declares, `()` for a VIN it does not truly know."""
        found = self._lookup(report)
        if found is None or not self._knows(found, report):
            return ()
        fields = self._vehicle(found) + list(self._attributes(found["attributes"]))
        weighed = (self._weigh(name, value, share, report) for name, value, share in fields)
        return tuple(found for found in weighed if found.attribute != "year" or found.value in report.model_years)

    def criticise(self, report: VinReport) -> tuple[Problem, ...]:
        """For North American makers it knows: descriptors the maker never declared, makers never registered."""
        found = self._lookup(report)
        if found is None or report.region is not Region.NORTH_AMERICA or len(report.vin) != 17:
            return ()
        codes = set(found["error_codes"])
        if NOT_REGISTERED in codes:
            message = "no maker of this identifier is registered in North America"
            return (Problem("unknown_maker", 1, message, "北美没有登记该厂商代码", Severity.WARNING),)
        if codes & WRONG_CHARACTERS:
            position = found["descriptor"].find("!") + 1 or None
            message = "the maker has declared no vehicle with these characters: one of them may be mistyped"
            chinese = "厂商没有申报过含这些字符的车型：可能有一位输错"
            return (Problem("unknown_pattern", position, message, chinese, Severity.WARNING),)
        if UNTOLD_CHARACTERS in codes:
            message = "the maker has not declared what some of these characters mean"
            return (Problem("undeclared_pattern", None, message, "厂商未申报其中部分字符的含义", Severity.NOTE),)
        return ()

    def plausibility(self, vins: tuple[str, ...]) -> tuple[int, ...]:
        """4 = decodes without fault to a model, 3 = but for undeclared characters, 2 = to a model, 1 = known maker."""
        return tuple(map(_plausibility, ultravin.decode_batch(list(vins)))) if vins else ()

    def defies_decade_rule(self, report: VinReport) -> bool:
        """True for trucks above 10,000 lb, buses, motorcycles, trailers, and where the data know another year."""
        found = self._lookup(report)
        if found is None:
            return False
        ignored = bool(found["attributes"].get("Model")) and found["model_year"] not in (None, *report.model_years)
        return ignored or _heavy(found["attributes"])

    def _lookup(self, report: VinReport) -> dict[str, Any] | None:
        if not 8 <= len(report.vin) <= 17 or not report.vin.isascii() or not report.vin.isalnum():
            return None
        return ultravin.decode(report.vin, now=datetime.datetime(report.this_year, 7, 1, tzinfo=datetime.UTC))

    def _knows(self, found: Mapping[str, Any], report: VinReport) -> bool:
        if report.region is Region.NORTH_AMERICA:
            return bool(found["attributes"].get("Make"))
        clean = set(found["error_codes"]) <= HARMLESS
        return clean and report.check_passes and bool(found["attributes"].get("Model"))

    def _vehicle(self, found: Mapping[str, Any]) -> list[tuple[str, FieldValue, float]]:
        attributes = found["attributes"]
        fields: list[tuple[str, FieldValue, float]] = []
        if make := attributes.get("Make"):
            fields.append(("make", self._spell(make), CERTAIN["make"]))
        if model := attributes.get("Model"):
            fields.append(("model", model, CERTAIN["model"]))
        if attributes.get("Model") and (year := found["model_year"]):
            fields.append(("year", year, CERTAIN["year"]))
        return fields

    def _spell(self, make: str) -> str:
        return self._spellings.get(make.casefold(), make if len(make) <= 3 else make.title())

    def _attributes(self, vpic: Mapping[str, Any]) -> Iterator[tuple[str, FieldValue, float]]:
        yield from _named("engine", vpic.get("Engine Model"), LOOSE)
        yield from _displacement(vpic.get("Displacement (L)"))
        yield from _whole("cylinders", vpic.get("Engine Number of Cylinders"), CERTAIN["cylinders"])
        yield from _fuel(vpic)
        yield from _named("transmission", TRANSMISSIONS.get(vpic.get("Transmission Style", "")), LOOSE)
        yield from _named("drive", DRIVES.get(vpic.get("Drive Type", "")), LOOSE)
        yield from _named("body", BODIES.get(vpic.get("Body Class", "")), LOOSE)
        yield from _whole("doors", vpic.get("Doors"), LOOSE)
        yield from _named("trim", vpic.get("Trim"), TRIM)
        yield from _named("aspiration", "turbo" if vpic.get("Turbo") == "Yes" else None, LOOSE)

    def _weigh(self, name: str, value: FieldValue, share: float, report: VinReport) -> DecodedField:
        if check_failed(report):
            share = min(share, CHECK_FAILED.get(name, CHECK_FAILED_REST))
        elif report.region is not Region.NORTH_AMERICA:
            share = min(share, ABROAD.get(name, LOOSE))
        elif name == "year" and len(report.model_years) > 1:
            share = min(share, LOOSE)
        return DecodedField(name, value, share, self.name)


def _heavy(attributes: Mapping[str, Any]) -> bool:
    kind = attributes.get("Vehicle Type")
    if kind is None or kind in LIGHT_TYPES:
        return False
    weight = attributes.get("Gross Vehicle Weight Rating From") or LIGHT_CLASSES[0]
    return kind != "TRUCK" or not weight.startswith(LIGHT_CLASSES)


def _plausibility(found: Mapping[str, Any]) -> int:
    attributes, codes = found["attributes"], set(found["error_codes"])
    if attributes.get("Model"):
        return 4 if codes <= HARMLESS else 3 if codes <= {*HARMLESS, UNTOLD_CHARACTERS} else 2
    return 0 if NOT_REGISTERED in codes else 1


def _named(name: str, value: FieldValue | None, share: float) -> Iterator[tuple[str, FieldValue, float]]:
    if value is not None and value not in ("", "Not Applicable"):
        yield name, value, share


def _whole(name: str, text: str | None, share: float) -> Iterator[tuple[str, FieldValue, float]]:
    if text and text.isdecimal() and int(text):
        yield name, int(text), share


def _displacement(text: str | None) -> Iterator[tuple[str, FieldValue, float]]:
    """Litres to one decimal, as cars are named; where the rounding is close, the name may be the other one."""
    try:
        litres = float(text or "")
    except ValueError:
        return
    tenths = litres * 10
    close = abs(tenths - int(tenths) - 0.5) < 0.2
    if litres > 0:
        yield "displacement_l", round(litres, 1), LOOSE if close else CERTAIN["displacement_l"]


def _fuel(vpic: Mapping[str, Any]) -> Iterator[tuple[str, FieldValue, float]]:
    fuel = FUELS.get(vpic.get("Fuel Type - Primary", ""))
    level = vpic.get("Electrification Level", "")
    if fuel is None:
        return
    if "PHEV" in level:
        yield "fuel", (fuel, "plug-in hybrid"), LOOSE
    elif "HEV" in level or "FFV" in vpic.get("Fuel Type - Primary", "") or vpic.get("Fuel Type - Secondary"):
        yield "fuel", (fuel, "hybrid" if "HEV" in level else "petrol"), LOOSE
    else:
        yield "fuel", fuel, CERTAIN["fuel"]
