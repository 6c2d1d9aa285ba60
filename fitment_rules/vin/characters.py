"""The alphabet of a VIN, its normal form and its check digit (ISO 3779, 49 CFR 565.15(c), GB 16735)."""

from __future__ import annotations

import unicodedata
from typing import Final

LENGTH: Final = 17
CHECK_POSITION: Final = 9  # 1-based, as every position that leaves this package
ALPHABET: Final = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
FORBIDDEN: Final = "IOQ"
WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VALUES: Final = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    **{"P": 7, "R": 9},
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}


def normalise(text: str) -> str:
    """NFKC (full-width forms), upper case, without blanks, hyphens of any kind, `*` frames and invisible marks."""
    once = _normalise(text)
    while (again := _normalise(once)) != once:  # dropping a blank can join a letter to the accent behind it
        once = again
    return once


def _normalise(text: str) -> str:
    wide = unicodedata.normalize("NFKC", text).upper()
    kept = (char for char in wide if not char.isspace() and unicodedata.category(char) not in ("Pd", "Cf", "Cc"))
    return "".join(kept).strip("*")


def check_digit(vin: str) -> str | None:
    """The character that belongs at position 9 (`0`–`9`, `X`), whatever stands there now.

    `None` unless `vin` has 17 characters, all of the VIN alphabet (position 9 may hold anything).
    """
    if len(vin) != LENGTH:
        return None
    total = 0
    for index, (char, weight) in enumerate(zip(vin, WEIGHTS, strict=True)):
        if index == CHECK_POSITION - 1:
            continue
        if char not in VALUES:
            return None
        total += VALUES[char] * weight
    return "0123456789X"[total % 11]


def passes_check(vin: str) -> bool:
    """True if position 9 holds the right check digit and every other character is of the alphabet."""
    return len(vin) == LENGTH and check_digit(vin) == vin[CHECK_POSITION - 1]
