"""Whose number it is: kinds of match, what replaced a number, and numbers one character away."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence

from indexers.generation import Generation
from indexers.hashing import hash_strings
from indexers.rows import Interchange, StoredPart
from indexers.text import number_key
from search_service.understanding.intent import NumberMention
from search_service.wire import Notice, Suggestion

LONGEST_CHAIN = 64
"""Numbers that a supersession chain is followed through."""

MOST_OFFERED = 5
"""Numbers one character away that are offered."""

SIGNS = string.digits + string.ascii_uppercase

WORTH = {
    "part_number": 1.0, "gtin": 1.0, "supersedes": 0.9, "oe": 0.6, "trade": 0.5, "interchange": 0.4,
    "superseded_by": 0.3,
}  # fmt: skip
"""Score of a hit by whose number it is, a part's own first."""
LIVING = 1.2
"""Score of the part that a number was replaced by: above the part it replaces."""
AS_TYPED = 0.05
"""More for a number typed exactly as it is written: punctuation may tell two numbers apart."""


def numbers_of(part: StoredPart) -> Iterator[tuple[str, str]]:
    """(kind, number as written) of everything a part can be found by, its own first."""
    yield "part_number", part.part_number
    if part.gtin:
        yield "gtin", part.gtin
    for oe in part.oe_numbers:
        yield "oe", oe.number
    for one in part.interchange:
        yield "interchange" if one.kind in (None, "equivalent") else str(one.kind), one.number


def kinds_matched(part: StoredPart, key: str) -> list[str]:
    """The kinds of a part's numbers that a key is, each once."""
    return list(dict.fromkeys(kind for kind, number in numbers_of(part) if number_key(number) == key))


def kinds_begun(part: StoredPart, key: str) -> list[str]:
    """The kinds of a part's numbers that begin with a key."""
    begun = (kind for kind, number in numbers_of(part) if number_key(number).startswith(key))
    return [f"{kind}_prefix" for kind in dict.fromkeys(begun)]


def worth(part: StoredPart, key: str, typed: str) -> float:
    """How much a part's numbers have to do with what was typed: whose number, then whether exactly as written."""
    found = [
        WORTH[kind] + (AS_TYPED if number.casefold() == typed.casefold() else 0.0)
        for kind, number in numbers_of(part)
        if number_key(number) == key
    ]
    return max(found, default=0.0)


def living(generation: Generation, key: str) -> tuple[int, ...]:
    """Parts (ordinals) that a number was replaced by and that nothing replaces; a cycle ends nowhere."""
    ends: dict[int, None] = {}
    seen: set[int] = set()
    waiting = [(ordinal, False) for ordinal in _owners(generation, key, None)]
    waiting += [(ordinal, True) for ordinal in _successors(generation, key, None)]
    while waiting and len(seen) < LONGEST_CHAIN:
        ordinal, follows = waiting.pop(0)
        if ordinal in seen:
            continue
        seen.add(ordinal)
        part = generation.part(ordinal)
        later = set(_later(generation, part)) - {ordinal}
        waiting += [(one, True) for one in sorted(later)]
        if follows and not later:
            ends[ordinal] = None
    return tuple(ends)


def _later(generation: Generation, part: StoredPart) -> Iterator[int]:
    """The parts that replace a part: those it names, and those that name it."""
    for one in part.interchange:
        if one.kind == "superseded_by":
            yield from _owners(generation, number_key(one.number), one.brand)
    yield from _successors(generation, number_key(part.part_number), part.brand)


def _owners(generation: Generation, key: str, brand: str | None) -> list[int]:
    """Parts whose own number it is, of a brand if one is given."""
    found = [match.ordinal for match in generation.number_lookup(key) if match.kind == "part_number"]
    return [one for one in found if brand is None or _same(generation.part(one).brand, brand)]


def _successors(generation: Generation, key: str, brand: str | None) -> list[int]:
    """Parts that say they supersede a number."""
    found = (match.ordinal for match in generation.number_lookup(key) if match.kind == "interchange")
    return [one for one in found if any(_supersedes(edge, key, brand) for edge in generation.part(one).interchange)]


def _supersedes(edge: Interchange, key: str, brand: str | None) -> bool:
    same_brand = brand is None or edge.brand is None or _same(edge.brand, brand)
    return edge.kind == "supersedes" and number_key(edge.number) == key and same_brand


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def owner(generation: Generation, number: str, brand: str | None, but: str) -> str | None:
    """The part id whose own number it is, another than `but`; the first, where no brand says which."""
    ids = (generation.part_id(one) for one in _owners(generation, number_key(number), brand))
    return next((one for one in ids if one != but), None)


def replacing(generation: Generation, part: StoredPart) -> Iterable[StoredPart]:
    """Parts that say they supersede a part."""
    found = _successors(generation, number_key(part.part_number), part.brand)
    return (other for one in found if (other := generation.part(one)).part_id != part.part_id)


def replaced_notice(generation: Generation, typed: str, ends: Sequence[int]) -> Notice:
    """Says that a number was replaced, and by what."""
    parts = [generation.part(one) for one in ends[:MOST_OFFERED]]
    names = ", ".join(f"{part.brand} {part.part_number}" for part in parts)
    text = {"en": f"{typed} was replaced by {names}.", "zh": f"{typed} 已被 {names} 替代。"}
    return Notice("superseded", "q", text)


def near_numbers(generation: Generation, query: str, number: NumberMention) -> list[Suggestion]:
    """Numbers of the catalogue one character away from one that it does not have; offered, never put in its place."""
    variants = sorted(_variants(number.key))
    known = [key for key in generation.likely_numbers(variants, hash_strings(variants)) if key != number.key]
    found: list[Suggestion] = []
    for key in known:
        matches = generation.number_lookup(key)
        if matches:
            parts = {match.ordinal for match in matches}
            written = next(
                text for _, text in numbers_of(generation.part(matches[0].ordinal)) if number_key(text) == key
            )
            found.append(Suggestion(query.replace(number.text, written, 1), "correction", len(parts)))
    return sorted(found, key=lambda one: (-one.total, one.text))[:MOST_OFFERED]


def _variants(key: str) -> set[str]:
    """Every key with one character changed, missing, added, or two neighbours swapped."""
    cuts = [(key[:at], key[at:]) for at in range(len(key) + 1)]
    found = {head + sign + tail[1:] for head, tail in cuts if tail for sign in SIGNS}
    found |= {head + tail[1:] for head, tail in cuts if tail}
    found |= {head + sign + tail for head, tail in cuts for sign in SIGNS}
    found |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    return found
