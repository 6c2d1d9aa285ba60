"""Plan algebra both engines share: flat conjunctions, runs of integers, equal filters recognised as equal.

Nothing here touches an engine. Simplifying never changes what a filter matches.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from indexers.engine.errors import EngineRejected
from indexers.engine.plan import AllOf, Count, Everything, Facet, Filter, Order, SearchPlan

ORDER_FIELDS = {
    Order.RANK: ("rank", True),
    Order.PRICE_ASC: ("price", False),
    Order.PRICE_DESC: ("price", True),
    Order.NEWEST: ("listed", True),
}
"""Field and whether it falls, for every order but `SCORE`."""

ABSENT_LAST = 1.7976931348623157e308
"""Sort value of a document without the field when the order rises; negated when it falls: absent is always last."""

_SPECIAL = frozenset(r"\.+*?()|[]{}^$")


def conjuncts(filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """The members of a conjunction, nested ones flattened, `Everything` and repeats dropped, in the order given."""
    flat: dict[Filter, None] = {}
    for one in filters:
        match one:
            case Everything():
                continue
            case AllOf(inner):
                flat.update(dict.fromkeys(conjuncts(inner)))
            case _:
                flat[one] = None
    return tuple(flat)


def runs_of(values: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Distinct integers as closed, disjoint, ascending runs of consecutive ones."""
    runs: list[tuple[int, int]] = []
    for value in sorted(set(values)):
        if runs and value == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], value)
        else:
            runs.append((value, value))
    return tuple(runs)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts and facets over one filter (as conjuncts), so that an engine can make them in one pass."""

    filter: tuple[Filter, ...]
    counts: tuple[str, ...]
    facets: tuple[Facet, ...]


def band_filters(plan: SearchPlan) -> dict[str, tuple[Filter, ...]]:
    """Conjuncts of every band, the plan's own filter included."""
    return {band.name: conjuncts((plan.filter, band.filter)) for band in plan.bands}


def tallies(counts: Sequence[Count], facets: Sequence[Facet]) -> list[Tally]:
    """Group by equal filter; equality is that of the conjuncts as sets."""
    groups: dict[frozenset[Filter], tuple[tuple[Filter, ...], list[str], list[Facet]]] = {}
    for count in counts:
        members = conjuncts((count.filter,))
        groups.setdefault(frozenset(members), (members, [], []))[1].append(count.name)
    for facet in facets:
        members = conjuncts((facet.filter,))
        groups.setdefault(frozenset(members), (members, [], []))[2].append(facet)
    return [Tally(members, tuple(names), tuple(shown)) for members, names, shown in groups.values()]


def bands_asked(plan: SearchPlan) -> tuple[str, ...]:
    """Names of the bands that may give hits: from `after`'s band on, none with `limit` 0."""
    names = tuple(band.name for band in plan.bands)
    if plan.limit <= 0:
        return ()
    if plan.after is None:
        return names
    if plan.after.band not in names:
        raise EngineRejected(f"after names the band {plan.after.band!r}, the plan has {names}")
    return names[names.index(plan.after.band) :]


Range: TypeAlias = "tuple[float | None, float | None]"


def layers(ranges: Sequence[Range]) -> list[list[int]]:
    """Places of the ranges, split into the fewest greedy groups in which no two overlap, each in ascending order."""
    made: list[list[int]] = []
    for place in sorted(range(len(ranges)), key=lambda place: _or(ranges[place][0], -math.inf)):
        low = _or(ranges[place][0], -math.inf)
        fitting = (group for group in made if _or(ranges[group[-1]][1], math.inf) <= low)
        group = next(fitting, None)
        if group is None:
            made.append([place])
        else:
            group.append(place)
    return made


def _or(value: float | None, other: float) -> float:
    return other if value is None else value


def range_label(low: float | None, high: float | None) -> str:
    """How a range facet's value is written: `100..200`, an open end is empty."""
    return f"{_number(low)}..{_number(high)}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if abs(value) < 1e6 else repr(value)


def top_values(counts: Iterable[tuple[str, int]], size: int) -> list[tuple[str, int]]:
    """At most `size` values with a count above 0, by falling count, then value."""
    ordered = sorted((pair for pair in counts if pair[1] > 0), key=lambda pair: (-pair[1], pair[0]))
    return ordered[:size]


def starts_with(prefix: str) -> str:
    """A regular expression, in the syntax common to both engines, for whole values that start with `prefix`."""
    return "".join(f"\\{char}" if char in _SPECIAL else char for char in prefix) + ".*"
