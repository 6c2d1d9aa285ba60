"""VINs out of everything that is kept or shown: a VIN names one car and so, often, one person.

What stays is the *squish* form, positions 1-8 and 10-11: enough for fitment, not enough to name a car. `scrub` finds
VINs in free text, `scrub_id` in identifiers, where a false alarm would merge two users or two parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

LENGTH = 17
FEWEST_LETTERS = 3
"""Letters that a VIN has at least: its maker's, model's or year's."""
_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_SOLID = re.compile(r"(?<![A-Za-z0-9])(?:[Vv][Ii][Nn])?([A-Za-z0-9]{17})(?![A-Za-z0-9])")
_GROUPED = re.compile(r"[A-Za-z0-9]+(?:[ ._\-]{1,2}[A-Za-z0-9]+)+")
_GROUP = re.compile(r"[A-Za-z0-9]+")
_SEPARATORS = dict.fromkeys(map(ord, " ._-"))
_LONG = re.compile(r"(?<![A-Za-z0-9])(?:[Vv][Ii][Nn])?([A-HJ-NPR-Za-hj-npr-z0-9]{14}[0-9]{4})(?![A-Za-z0-9])")
_RUN = re.compile(r"[A-Za-z0-9]{17}")
_SERIAL = re.compile(r"[A-Za-z0-9]{13}[0-9]{4}")
_STRICT = re.compile(r"(?<![A-Za-z0-9])([A-HJ-NPR-Z0-9]{13}[0-9]{4}|[a-hj-npr-z0-9]{13}[0-9]{4})(?![A-Za-z0-9])")
_LETTER = re.compile(r"[A-Za-z]")
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = {
    letter: int(digit)
    for letter, digit in zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", "123456781234579234567890123456789", strict=True)
}


def squish(vin: str) -> str:
    """Positions 1-8 and 10-11, upper case. Shorter text keeps what it has of them."""
    vin = vin.strip().upper()
    return vin[:8] + vin[9:11]


def scrub(text: str) -> str:
    """`text` with every VIN in it squished: in either case, full width, after "VIN", in groups ("LSV AM418-...").

    A token of 17 letters and digits with at least two digits and one letter counts, whether or not its check digit
    holds, because a mistyped VIN still names the car. VINs in groups count only if the check digit holds or the
    European filler ZZZ is there, since words and sizes in a row add up to 17 characters by chance.
    """
    out, end = [], 0
    for start, stop, vin in vins_in(text):
        out += [text[end:start], squish(vin)]
        end = stop
    return "".join([*out, text[end:]]) if out else text


def vins_in(text: str) -> list[tuple[int, int, str]]:
    """Start, end and VIN (as typed, groups joined) of what `scrub` shortens, in text order, not overlapping."""
    if len(text) < LENGTH:
        return []
    shadow = text if text.isascii() else text.translate(_ASCII)
    solid = _solid(shadow) if _RUN.search(shadow) else ()
    grouped = _grouped(shadow) if _SERIAL.search(shadow.translate(_SEPARATORS)) else ()
    found: list[tuple[int, int, str]] = []
    for start, stop, vin in sorted({*solid, *grouped}):
        if not found or start >= found[-1][1]:
            found.append((start, stop, vin))
    return found


def scrub_id(text: str) -> str:
    """As `scrub` for identifiers: only one-case tokens of the VIN alphabet, with letters, that end in four digits."""
    if len(text) < LENGTH:
        return text
    return _STRICT.sub(lambda m: squish(m[1]) if len(_LETTER.findall(m[1])) >= FEWEST_LETTERS else m[1], text)


def scrub_tree(value: Any) -> Any:
    """A JSON value with every string in it scrubbed, keys of objects too."""
    if isinstance(value, str):
        return value if len(value) < LENGTH else scrub(value)
    if isinstance(value, dict):
        return {scrub_tree(key): scrub_tree(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [scrub_tree(member) for member in value]
    return value


def check_digit_holds(vin: str) -> bool:
    """True if position 9 is the ISO 3779 check digit of the other sixteen (49 CFR 565.15). Upper case expected."""
    try:
        total = sum(weight * _VALUES[letter] for weight, letter in zip(_WEIGHTS, vin, strict=True))
    except (KeyError, ValueError):
        return False
    return vin[8] == "0123456789X"[total % 11]


def _solid(shadow: str) -> Iterator[tuple[int, int, str]]:
    for match in _SOLID.finditer(shadow):
        vin = match[1]
        letters = len(_LETTER.findall(vin))
        if 1 <= letters <= LENGTH - 2 or (not letters and check_digit_holds(vin)):
            yield match.start(1), match.end(1), vin
    for match in _LONG.finditer(shadow):
        if len(_LETTER.findall(match[1])) >= FEWEST_LETTERS and _one_too_many(match[1].upper()):
            yield match.start(1), match.end(1), match[1]


def _one_too_many(token: str) -> bool:
    """True if the token without one of its characters is a VIN by its check digit, or has the European filler."""
    if "ZZZ" in (token[3:6], token[4:7]):
        return True
    return any(check_digit_holds(token[:at] + token[at + 1 :]) for at in range(len(token)))


def _grouped(shadow: str) -> Iterator[tuple[int, int, str]]:
    for run in _GROUPED.finditer(shadow):
        groups = [(run.start() + g.start(), run.start() + g.end(), g[0]) for g in _GROUP.finditer(run[0])]
        for first, (start, _, _) in enumerate(groups):
            found = _joined(groups[first:])
            if found is not None:
                yield start, *found


def _joined(groups: list[tuple[int, int, str]]) -> tuple[int, str] | None:
    """End and text of the VIN that the first of `groups` make up together, if they do."""
    vin = ""
    for taken, (_, end, text) in enumerate(groups):
        vin += text.upper()
        if len(vin) >= LENGTH:
            grouped = taken > 0 and len(vin) == LENGTH and vin[-4:].isdigit()
            return (end, vin) if grouped and (check_digit_holds(vin) or vin[3:6] == "ZZZ") else None
    return None
