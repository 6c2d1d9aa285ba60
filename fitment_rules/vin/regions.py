"""Which rules a VIN follows, by its first characters (ISO 3780, GB 16737-2019)."""

from __future__ import annotations

from enum import StrEnum


class Region(StrEnum):
    """Where the maker is registered. Rules differ in `NORTH_AMERICA`, `CHINA` and everywhere else."""

    NORTH_AMERICA = "north_america"
    SOUTH_AMERICA = "south_america"
    EUROPE = "europe"
    CHINA = "china"
    ASIA = "asia"
    AFRICA = "africa"
    OCEANIA = "oceania"
    UNKNOWN = "unknown"


_FIRST = {
    **dict.fromkeys("ABCDEFG", Region.AFRICA),
    **dict.fromkeys("HL", Region.CHINA),
    **dict.fromkeys("JKMNPR", Region.ASIA),
    **dict.fromkeys("STUVWXYZ", Region.EUROPE),
    **dict.fromkeys("1245", Region.NORTH_AMERICA),
    "6": Region.OCEANIA,
    **dict.fromkeys("89", Region.SOUTH_AMERICA),
}


def region_of(vin: str) -> Region:
    """The region of a VIN in normal form, also of a partial one; `UNKNOWN` for an empty or impossible beginning.

    `3` is Mexico to `3W` and Central America behind it; `7` is New Zealand to `7E` and the United States behind it.
    """
    first, second = vin[:1], vin[1:2]
    if first == "3":
        return Region.SOUTH_AMERICA if second and second in "XYZ1234567890" else Region.NORTH_AMERICA
    if first == "7":
        return Region.OCEANIA if second and second in "ABCDE" else Region.NORTH_AMERICA
    return _FIRST.get(first, Region.UNKNOWN)
