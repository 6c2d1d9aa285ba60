"""From strict to loose: what of a text may be let go, one thing at a time, when nothing is found with all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from indexers.generation import Generation
from indexers.vocabulary import Vocabulary
from search_service.text_query import about
from search_service.understanding.intent import QueryIntent
from search_service.wanted import Applied

SHORTEST_BEGINNING = 6
"""Characters of a part number that are enough to look for numbers it begins with."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing let go: its name in the answer, what it was, and the reading without it."""

    name: str
    what: str
    without: Callable[[Applied], Applied]


Rung = tuple[tuple[Step, ...], Applied]
"""Steps taken together and the reading they leave."""


def rungs(applied: Applied, intent: QueryIntent, vocabulary: Vocabulary, generation: Generation) -> Iterator[Rung]:
    """Looser readings, strictest first: each thing let go alone, then more and more of them together.

    Alone first, so that an answer blames only what stood in the way.
    """
    steps = list(_steps(applied, intent, generation))
    for step in steps:
        yield (step,), step.without(applied)
    reading = applied
    for size, step in enumerate(steps, 1):
        reading = step.without(reading)
        if size > 1:
            yield tuple(steps[:size]), reading
    for wider in _wider(applied, intent, vocabulary):
        yield (wider,), wider.without(applied)


def _steps(applied: Applied, intent: QueryIntent, generation: Generation) -> Iterator[Step]:
    words = ", ".join(group.text for group in applied.groups if group.text)
    if applied.number_start:
        known = _beginning(applied.number_start, generation)
        if known:
            yield Step("shorter_number", known, lambda one: replace(one, number=known, number_start=None))
        if applied.part_types or applied.groups:
            yield Step("dropped_number", applied.number_start, lambda one: replace(one, number_start=None))
    if applied.required > 1:
        yield Step("any_word", words, lambda one: replace(one, required=1))
    if applied.quality:
        yield Step("dropped_quality", ", ".join(applied.quality), lambda one: replace(one, quality=()))
    if applied.brand:
        yield Step("dropped_brand", applied.brand, lambda one: replace(one, brand=None))
    if applied.positions:
        yield Step("dropped_position", ", ".join(applied.positions), lambda one: replace(one, positions=()))
    types = applied.part_types or tuple(one.id for one in intent.part_types)
    if applied.groups and types:
        yield Step("dropped_word", words, lambda one: replace(one, groups=(), required=0, part_types=types))


def _beginning(number: str, generation: Generation) -> str | None:
    """The longest part number of the catalogue that `number` begins with: typed with something behind it.

    One character more is a slip, and that is offered (`part_numbers.near_numbers`), not searched for.
    """
    for size in range(len(number) - 2, SHORTEST_BEGINNING - 1, -1):
        if generation.number_lookup(number[:size]):
            return number[:size]
    return None


def _wider(applied: Applied, intent: QueryIntent, vocabulary: Vocabulary) -> Iterator[Step]:
    """The categories of what was read, then those above them, for a shop that has nothing of the kind itself."""
    known = () if applied.number else [one.id for one in intent.part_types if one.id in vocabulary.part_types]
    paths = [vocabulary.ancestors(one) for one in known]
    for level in (1, 2):
        categories = tuple(dict.fromkeys(path[-level] for path in paths if len(path) >= level))
        if categories:
            names = (vocabulary.categories[one].name for one in categories)
            shown = ", ".join(f"{name.en} / {name.zh}" for name in names)
            bare = Applied(categories=categories, groups=about(intent.groups, ()))
            yield Step("wider_category", shown, lambda _, bare=bare: bare)  # type: ignore[misc]


def told(steps: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    """Steps as (name, what), for the answer."""
    return tuple((step.name, step.what) for step in steps)
