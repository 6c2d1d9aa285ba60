"""What a VIN that does not pass was probably meant to be: everything one slip of eye or hand away that passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fitment_rules.vin.characters import ALPHABET, CHECK_POSITION, LENGTH, VALUES, passes_check

LOOKALIKES: Final = {
    "0": "DCG", "O": "0DC", "Q": "09", "D": "0", "C": "G0", "G": "6C", "6": "G8", "1": "L7", "I": "1LJ", "L": "1",
    "J": "1", "7": "1TZ", "T": "7Y", "5": "S6", "S": "58", "8": "B3", "B": "83", "3": "8B", "2": "Z7", "Z": "27",
    "4": "A", "A": "4", "U": "V", "V": "UY", "Y": "V4", "X": "K", "K": "X", "M": "N", "N": "M", "P": "R", "R": "P",
    "E": "F", "F": "E", "9": "4", "H": "N",
    "А": "A", "В": "B", "С": "C", "Е": "E", "Н": "H", "К": "K", "М": "M", "О": "0", "Р": "P", "Т": "T", "У": "Y",
    "Х": "X",
}  # fmt: skip
MOST: Final = 128  # about 17 × 32 / 11 = 49 single-character corrections of a VIN pass a check modulo 11
_NEVER_TYPED: Final = str.maketrans({"O": "0", "Q": "0", "I": "1"})


def corrections(vin: str, *, any_character: bool) -> tuple[str, ...]:
    """Distinct VINs that pass the check digit, the likeliest slip first: look-alikes, swaps, then any one character.

    I, O and Q are read as 1, 0 and 0 before anything else, however many there are. A VIN one too long loses one
    character, a VIN one too short has one doubled. `any_character` adds the third kind, which is only sensible where
    the region computes check digits. At most `MOST`.
    """
    if passes_check(vin):
        return ()
    found: dict[str, None] = {}
    for candidate in _edits(vin, any_character):
        if candidate != vin and passes_check(candidate):
            found.setdefault(candidate)
    return tuple(found)[:MOST]


def twins(vin: str) -> tuple[str, ...]:
    """VINs that pass as `vin` does, one slip away that no check digit shows.

    One character of the same check value, or two neighbours swapped.
    """
    changed = (
        vin[:index] + other + vin[index + 1 :]
        for index, char in enumerate(vin)
        for other in ALPHABET
        if other != char and VALUES.get(other) == VALUES.get(char) and index != CHECK_POSITION - 1
    )
    swapped = (other for other in _swaps(vin) if other != vin and passes_check(other))
    return (*changed, *swapped)


def _edits(vin: str, any_character: bool) -> Iterator[str]:
    readable = vin.translate(_NEVER_TYPED)
    if len(vin) == LENGTH + 1:
        yield from (readable[:index] + readable[index + 1 :] for index in range(len(vin)))
    if len(vin) == LENGTH - 1:
        yield from (readable[:index] + char + readable[index:] for index, char in enumerate(readable))
    if len(vin) != LENGTH:
        return
    yield readable
    yield from _lookalikes(vin)
    yield from _lookalikes(readable)
    yield from _swaps(readable)
    if any_character:
        yield from _substitutions(readable)


def _lookalikes(vin: str) -> Iterator[str]:
    for index, char in enumerate(vin):
        for other in LOOKALIKES.get(char, ""):
            yield vin[:index] + other + vin[index + 1 :]


def _swaps(vin: str) -> Iterator[str]:
    for index in range(len(vin) - 1):
        yield vin[:index] + vin[index + 1] + vin[index] + vin[index + 2 :]


def _substitutions(vin: str) -> Iterator[str]:
    """The fewer a position offers that pass, the likelier each is: the check digit itself, the serial, the rest."""
    for position in (CHECK_POSITION, *range(LENGTH, CHECK_POSITION, -1), *range(CHECK_POSITION - 1, 0, -1)):
        alphabet = "0123456789X" if position == CHECK_POSITION else ALPHABET
        alphabet = "0123456789" if position >= LENGTH - 3 else alphabet
        for char in alphabet:
            yield vin[: position - 1] + char + vin[position:]
