"""The table of makers: world manufacturer identifier → maker and its makes; first two characters → country."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fitment_rules.vin import Region, VinReport
from search_service.decoders.errors import TableUnreadable
from search_service.decoders.port import DecodedField

LIGHT: Final = "car"
YEAR_CERTAIN: Final = {Region.NORTH_AMERICA: 0.98, Region.CHINA: 0.95}
YEAR_DOUBTED: Final = 0.9
YEAR_GUESSED: Final = 0.85  # below the share from which a field disputes another
YEAR_GUESSED_UNCHECKED: Final = 0.7
YEAR_KEPT: Final = (Region.NORTH_AMERICA, Region.CHINA, Region.ASIA)
UNVERIFIED_SHARE: Final = 0.93  # of a VIN whose check digit is wrong, where its region asks for one


@dataclass(frozen=True, slots=True)
class Maker:
    """One row. `makes` in canonical English; several mean one of these. `vehicle` is `car` for light vehicles."""

    wmi: str
    name: str
    makes: tuple[str, ...]
    vehicle: str
    confidence: float


@dataclass(frozen=True, slots=True)
class WmiTable:
    """Makers by WMI (three characters, or six for low-volume ones) and countries by runs of two characters."""

    makers: Mapping[str, Maker]
    countries: tuple[tuple[str, str, str], ...]

    def maker_of(self, wmi: str) -> Maker | None:
        """The maker of a WMI of three or six characters, the six before the three; `None` if not listed."""
        return self.makers.get(wmi) or self.makers.get(wmi[:3])

    def country_of(self, vin: str) -> str | None:
        """ISO 3166 code of the country that assigned the first two characters; `None` if none did."""
        key = _ordered(vin[:2])
        return next((country for low, high, country in self.countries if _ordered(low) <= key <= _ordered(high)), None)

    @property
    def heavy(self) -> frozenset[str]:
        """WMIs whose vehicles are no cars or light trucks."""
        return frozenset(wmi for wmi, maker in self.makers.items() if maker.vehicle != LIGHT)

    @property
    def spellings(self) -> dict[str, str]:
        """Case-folded make → canonical spelling."""
        return {make.casefold(): make for maker in self.makers.values() for make in maker.makes}


def read_wmi_table(makers: Path, countries: Path) -> WmiTable:
    """Read `config/wmi.csv` and `config/vin_countries.csv`. Raises `TableUnreadable`, `OSError`, `ValueError`."""
    rows = [
        Maker(row["wmi"], row["maker"], _split(row["makes"]), row["vehicle"], float(row["confidence"]))
        for row in _rows(makers, {"wmi", "maker", "makes", "vehicle", "confidence"})
    ]
    runs = [(row["from"], row["to"], row["country"]) for row in _rows(countries, {"from", "to", "country"})]
    return WmiTable({row.wmi: row for row in rows}, tuple(runs))


@dataclass(frozen=True, slots=True)
class WmiDecoder:
    """Names the make of every VIN whose WMI is listed, and nothing else."""

    table: WmiTable
    name: str = "wmi"

    def decode(self, report: VinReport) -> tuple[DecodedField, ...]:
        """The make, or the makes of a joint venture as one of these."""
        maker = self.table.maker_of(report.wmi)
        if maker is None or not maker.makes:
            return ()
        value = maker.makes[0] if len(maker.makes) == 1 else maker.makes
        share = UNVERIFIED_SHARE if check_failed(report) else 1.0
        return (DecodedField("make", value, round(maker.confidence * share, 3), self.name),)


@dataclass(frozen=True, slots=True)
class PositionDecoder:
    """Names the model year of position 10: surely where the region asks for it and one is possible, else a guess."""

    name: str = "position_10"

    def decode(self, report: VinReport) -> tuple[DecodedField, ...]:
        """The year with its share of certainty, the nearer past of two; nothing where the code may be the maker's own.

        European makers need not tell the year there, so theirs is guessed only where the check digit holds, as it
        does in VINs made for markets that prescribe both.
        """
        share = self._share(report)
        return () if share is None else (DecodedField("year", report.model_years[0], share, self.name),)

    def _share(self, report: VinReport) -> float | None:
        if not report.model_years:
            return None
        certain = YEAR_CERTAIN.get(report.region)
        if certain is not None and len(report.model_years) == 1:
            return YEAR_DOUBTED if check_failed(report) else certain
        if report.check_passes:
            return YEAR_GUESSED
        return YEAR_GUESSED_UNCHECKED if report.region in YEAR_KEPT else None


def check_failed(report: VinReport) -> bool:
    """True if a whole VIN lacks the right check digit in a region that asks for one."""
    asked = report.region in (Region.NORTH_AMERICA, Region.CHINA)
    return asked and len(report.vin) == 17 and not report.check_passes


def _ordered(code: str) -> str:
    """ISO 3780 counts A–Z, then 1–9, then 0; the letters of ASCII sort behind the digits."""
    signs = (char for char in code if char.isalpha() or char.isdecimal())
    return "".join(char if char.isalpha() else chr(ord("a") + (int(char) - 1) % 10) for char in signs)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _rows(path: Path, columns: set[str]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = columns - set(reader.fieldnames or ())
        if missing:
            raise TableUnreadable(path.name, f"no column {', '.join(sorted(missing))}")
        return list(reader)
