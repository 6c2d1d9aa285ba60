"""Reads a VIN: what it says, what is wrong with it, and what it may have been meant to be."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fitment_rules.vin.characters import (
    ALPHABET,
    CHECK_POSITION,
    FORBIDDEN,
    LENGTH,
    check_digit,
    normalise,
    passes_check,
)
from fitment_rules.vin.corrections import corrections, twins
from fitment_rules.vin.regions import Region, region_of
from fitment_rules.vin.years import CODES, YEAR_POSITION, candidate_years

SHORTEST_PARTIAL: Final = 8  # WMI and descriptor: the least from which a decoder can name a model


class Severity(StrEnum):
    """How bad a problem is: an error makes the VIN invalid, a warning casts doubt on it, a note only explains."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong or odd. `position` is 1-based; `None` is about the whole. Messages never quote the VIN."""

    code: str
    position: int | None
    message: str
    message_zh: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class VinReport:
    """What the characters of one VIN say.

    `wmi` has three characters, or six for a low-volume maker (9 in position 3, then positions 12–14 where given), or
    fewer for a fragment. `model_years` are candidates, the likeliest first. `serial` is positions 12–17 and `squish`
    positions 1–8 and 10–11, each `None` where the VIN ends before. `check` is the digit position 9 should hold.
    """

    vin: str
    valid: bool
    problems: tuple[Problem, ...]
    suggestions: tuple[str, ...]
    region: Region
    wmi: str
    model_years: tuple[int, ...]
    serial: str | None
    squish: str | None
    check: str | None
    this_year: int

    @property
    def partial(self) -> bool:
        """True if it is the usable beginning of a VIN: 8 to 16 characters, all allowed."""
        return SHORTEST_PARTIAL <= len(self.vin) < LENGTH and set(self.vin) <= set(ALPHABET)

    @property
    def check_passes(self) -> bool:
        """True if a whole VIN holds the right check digit, whether or not its region asks for one."""
        return self.check is not None and self.vin[CHECK_POSITION - 1] == self.check

    @property
    def descriptor(self) -> str:
        """Positions 4 to 11, or as many of them as there are: what pattern tables are matched against."""
        return self.vin[3:11]


def inspect(vin: str, *, this_year: int, heavy: Collection[str] = ()) -> VinReport:
    """Read `vin` as typed (case, blanks, hyphens and full-width forms do not matter). Never raises.

    `this_year` bounds the model years (one year ahead is allowed). `heavy` names three-character WMIs whose vehicles
    are no cars or light trucks: for them position 7 does not choose the decade, even in North America.
    """
    text = normalise(vin)
    region = region_of(text)
    light_american = region is Region.NORTH_AMERICA and text[:3] not in heavy
    problems = tuple(_problems(text, region, light_american))
    return VinReport(
        vin=text,
        valid=len(text) == LENGTH and not any(problem.severity is Severity.ERROR for problem in problems),
        problems=problems,
        suggestions=_suggestions(text, region, problems),
        region=region,
        wmi=_wmi(text),
        model_years=candidate_years(text, this_year=this_year, decade_rule=light_american),
        serial=text[11:17] if len(text) == LENGTH else None,
        squish=squish(text) if len(text) >= 11 else None,
        check=check_digit(text),
        this_year=this_year,
    )


def squish(vin: str) -> str:
    """Positions 1–8 and 10–11 of a VIN in normal form: enough for fitment, and names no single car."""
    return vin[:8] + vin[9:11]


def _wmi(text: str) -> str:
    low_volume = text[2:3] == "9" and len(text) >= 14
    return text[:3] + text[11:14] if low_volume else text[:3]


def _first_digit(text: str, *, light_american: bool) -> int:
    """From this position to the end a VIN holds digits only (49 CFR 565.15: 13 for North American cars and light
    trucks, else 14), but for the part of the serial that names a low-volume maker."""
    if text[2:3] == "9":
        return LENGTH - 2
    return LENGTH - 4 if light_american else LENGTH - 3


def _suggestions(text: str, region: Region, problems: tuple[Problem, ...]) -> tuple[str, ...]:
    checked = region in (Region.NORTH_AMERICA, Region.CHINA)
    wrong_character = not set(text) <= set(ALPHABET)
    if not checked and not wrong_character and len(text) == LENGTH and text[CHECK_POSITION - 1] not in "0123456789X":
        return ()
    if passes_check(text):
        found = twins(text) if checked and problems else ()
    else:
        found = corrections(text, any_character=checked)
    return tuple(vin for vin in found if _well_formed(vin)) if checked else found


def _well_formed(vin: str) -> bool:
    first = _first_digit(vin, light_american=False)
    return vin[first - 1 :].isdigit() and vin[YEAR_POSITION - 1] in CODES


def _problems(text: str, region: Region, light_american: bool) -> Iterator[Problem]:
    yield from _length(text)
    yield from _characters(text)
    if len(text) == LENGTH and set(text) <= set(ALPHABET):
        yield from _check(text, region)
        yield from _serial(text, region, light_american)
    if len(text) >= YEAR_POSITION and text[YEAR_POSITION - 1] in ALPHABET:
        yield from _year(text, region)


def _length(text: str) -> Iterator[Problem]:
    count = len(text)
    if not text:
        yield Problem(
            "empty",
            None,
            "there is no VIN; a VIN has 17 letters and digits",
            "没有车架号；车架号由 17 位字母和数字组成",
        )
    elif count > LENGTH:
        message = f"it has {count} characters; a VIN has {LENGTH}"
        yield Problem("too_long", LENGTH + 1, message, f"共 {count} 位；车架号应为 {LENGTH} 位")
    elif SHORTEST_PARTIAL <= count < LENGTH:
        message = f"these are the first {count} of {LENGTH} characters; they are read as far as they go"
        chinese = f"只有 {LENGTH} 位中的前 {count} 位；按已有部分解读"
        yield Problem("partial", None, message, chinese, Severity.WARNING)
    elif count < LENGTH:
        message = f"it has {count} characters; a VIN has {LENGTH}, and at least its first 8 say something"
        yield Problem("too_short", None, message, f"只有 {count} 位；车架号应为 {LENGTH} 位，至少需要前 8 位")


def _characters(text: str) -> Iterator[Problem]:
    for position, char in enumerate(text, 1):
        if char in FORBIDDEN:
            meant = {"I": "1", "O": "0", "Q": "0"}[char]
            message = f"VINs never use the letter {char}; probably {meant} is meant"
            chinese = f"车架号不使用字母 {char}；可能应为 {meant}"
            yield Problem("letter_not_used", position, message, chinese)
        elif char not in ALPHABET:
            message = "this is neither a digit nor a letter that VINs use"
            yield Problem("character", position, message, "该字符不是车架号可用的数字或字母")


def _check(text: str, region: Region) -> Iterator[Problem]:
    expected, found = check_digit(text), text[CHECK_POSITION - 1]
    if expected == found:
        return
    if region is Region.NORTH_AMERICA:
        message = "the check digit does not agree with the rest: at least one character is probably mistyped"
        yield Problem("check_digit", CHECK_POSITION, message, "校验位与其他字符不符：可能至少有一位输错")
    elif region is Region.CHINA:
        message = "the check digit does not agree with the rest, as it must in China: please compare every character"
        chinese = "校验位与其他字符不符（国标要求一致）：请逐位核对"
        yield Problem("check_digit", CHECK_POSITION, message, chinese, Severity.WARNING)
    elif found in "0123456789X":
        message = "position 9 is not the check digit of the rest; this maker's region does not require one"
        chinese = "第 9 位不是校验位；该厂商所在地区不要求校验位"
        yield Problem("check_digit", CHECK_POSITION, message, chinese, Severity.NOTE)


def _serial(text: str, region: Region, light_american: bool) -> Iterator[Problem]:
    first = _first_digit(text, light_american=light_american)
    count = LENGTH + 1 - first
    message, chinese = f"the last {count} characters of such a VIN are digits", f"此类车架号最后 {count} 位应为数字"
    for position in range(first, LENGTH + 1):
        if not text[position - 1].isdigit():
            certain = region is Region.NORTH_AMERICA and position > LENGTH - 4
            severity = Severity.ERROR if certain else Severity.WARNING
            yield Problem("serial", position, message, chinese, severity)


def _year(text: str, region: Region) -> Iterator[Problem]:
    if text[YEAR_POSITION - 1] in CODES or region not in (Region.NORTH_AMERICA, Region.CHINA):
        return
    message = "this character is no model year code (U, Z and 0 are not used)"
    severity = Severity.ERROR if region is Region.NORTH_AMERICA else Severity.WARNING
    yield Problem("model_year", YEAR_POSITION, message, "该字符不是年款代码（不使用 U、Z、0）", severity)
