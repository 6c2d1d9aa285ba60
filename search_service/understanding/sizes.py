"""Sizes and grades in the words of a text: which they are, what they are about, and what a part says that has them."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence

from search_service.understanding.draft import Draft, Said
from search_service.understanding.intent import SpecMention
from search_service.understanding.words import SpecRow, Words

LONGEST_MODEL = 2  # letters and digits of a model that is written like a grade: C3, A4
MOST_VALUES = 32  # attribute values that one size may stand for: 24 inches are 600 to 610 mm


class SizeReader:
    """Reads sizes by the patterns of `specs.yaml`."""

    def __init__(self, words: Words) -> None:
        self._patterns = words.spec_patterns
        self._any = re.compile("|".join(f"(?:{row.pattern})" for row, _ in self._patterns) or r"(?!)")

    def means_size(self, form: str, beside: bool = False) -> bool:
        """True if the token alone, or `beside` what it is of, is a size."""
        return any(beside or not row.beside for row in self._rows(form))

    def read(self, draft: Draft) -> frozenset[str]:
        """Write down the sizes said; returns the keys of their tokens."""
        named = {sense.value for word in draft.said for sense in word.segment.senses if sense.kind == "type"}
        tokens = list(_tokens(draft.said))
        sure = [row for form, _ in tokens for row in self._rows(form)[:1] if not row.beside]
        sized = {each for row in sure for each in row.part_types}
        for form, surface in tokens:
            rows = self._rows(form)
            chosen = [*_about(rows, named), *_about(rows, sized), *(row for row in rows if not row.beside)]
            if chosen and not any(form == spec.value for spec in draft.specs):
                draft.specs.append(self._mention(chosen[0], form, surface))
        return frozenset(spec.value for spec in draft.specs)

    def keep(self, draft: Draft) -> None:
        """Leave out the sizes that turned out to be the car's (1.6L, an Audi A3), and say what the others are about."""
        taken = {word.segment.key for word in draft.said if word.use == "vehicle"}
        draft.specs = [spec for spec in draft.specs if spec.value not in taken]
        for spec in draft.specs:
            row = next(row for row in self._rows(spec.value) if row.kind == spec.kind)
            for type_id, confidence in row.part_types.items():
                draft.spec_types[type_id] = max(confidence, draft.spec_types.get(type_id, 0.0))
            draft.telling.update([spec.value] if _needed(row) else ())

    def _rows(self, form: str) -> list[SpecRow]:
        """The kinds a token can be, in the order of the file."""
        if not self._any.fullmatch(form):
            return []
        return [row for row, pattern in self._patterns if pattern.fullmatch(form)]

    def _mention(self, row: SpecRow, value: str, surface: str) -> SpecMention:
        pattern = next(pattern for each, pattern in self._patterns if each is row)
        match = pattern.fullmatch(value)
        groups = [(group or "").upper() for group in match.groups()] if match else []
        written = row.written.format(*groups) if row.written else value.upper()
        named = next((names for names in row.same if value in names), ())
        same = dict.fromkeys((value, *named, *(form.format(*map(str.lower, groups)) for form in row.also)))
        return SpecMention(row.kind, value, surface, written, tuple(same), tuple(_values(row, groups)))


def _tokens(said: Sequence[Said]) -> Iterator[tuple[str, str]]:
    """Tokens that may be sizes, with what was typed: those with a digit, short ones that nothing else knows, and those
    inside a part's name (G12防冻液). What stands right behind a make is its model."""
    for at, word in enumerate(said):
        forms = word.forms if word.segment.has("type") else word.forms[:1] if len(word.forms) == 1 else ()
        behind_make = at > 0 and said[at - 1].segment.has("make")
        for form in forms:
            digits = any(map(str.isdigit, form))
            letters = form.isalpha() and (not word.segment.senses or word.segment.has("type"))
            if form.isascii() and (digits or letters) and not (behind_make and len(form) <= LONGEST_MODEL):
                yield form, word.surface if len(word.forms) == 1 else form


def _needed(row: SpecRow) -> bool:
    return bool(row.part_types) if row.needed is None else row.needed


def _about(rows: Sequence[SpecRow], types: Collection[str]) -> list[SpecRow]:
    return [row for row in rows if any(each in types for each in row.part_types)]


def _values(row: SpecRow, groups: Sequence[str]) -> Iterator[str]:
    """`name=value` for every number of a part that says this size; from the first group of the pattern."""
    size = float(groups[0]) if row.attributes and groups and re.fullmatch(r"\d+(?:\.\d+)?", groups[0]) else None
    if size is None:
        return
    for name, factors in row.attributes.items():
        low, high = size * factors[0], size * factors[-1]
        if low == high:
            yield f"{name}={low:.6g}"
            continue
        for number in range(round(low), min(round(high), math.floor(low) + MOST_VALUES) + 1):
            yield f"{name}={number}"
