"""What is asked of an engine, in words of neither engine: filters, text, bands, counts, facets, pages.

A plan is a value: frozen, comparable, and complete. Field names are those of `indexers.schema`; tokens are already
analysed (`indexers.text`), so an engine only looks terms up.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


@dataclass(frozen=True, slots=True)
class Everything:
    """Matches every document."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Matches no document."""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field holds at least one of `values` (keywords or integers, by the field's type). Empty matches nothing."""

    field: str
    values: tuple[str, ...] | tuple[int, ...]
    _hash: int = attribute(init=False, repr=False, compare=False, default=0)

    def __hash__(self) -> int:
        return self._hash or _keep(self, (self.field, self.values))


@dataclass(frozen=True, slots=True)
class Runs:
    """The integer field holds a value inside one of the closed `runs`, which are disjoint and ascend."""

    field: str
    runs: tuple[tuple[int, int], ...]
    _hash: int = attribute(init=False, repr=False, compare=False, default=0)

    def __hash__(self) -> int:
        return self._hash or _keep(self, (self.field, self.runs))


@dataclass(frozen=True, slots=True)
class Between:
    """The number field lies in `[low, high]`; `None` is open, both `None` means the field has a value at all."""

    field: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Prefix:
    """The keyword field holds a value that starts with `prefix` (not empty)."""

    field: str
    prefix: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every filter matches. Empty matches everything."""

    filters: tuple[Filter, ...]
    _hash: int = attribute(init=False, repr=False, compare=False, default=0)

    def __hash__(self) -> int:
        return self._hash or _keep(self, ("all", self.filters))


@dataclass(frozen=True, slots=True)
class OneOf:
    """At least one filter matches. Empty matches nothing."""

    filters: tuple[Filter, ...]
    _hash: int = attribute(init=False, repr=False, compare=False, default=0)

    def __hash__(self) -> int:
        return self._hash or _keep(self, ("one", self.filters))


@dataclass(frozen=True, slots=True)
class Not:
    """The filter does not match."""

    filter: Filter
    _hash: int = attribute(init=False, repr=False, compare=False, default=0)

    def __hash__(self) -> int:
        return self._hash or _keep(self, ("not", self.filter))


Filter: TypeAlias = "Everything | Nothing | AnyOf | Runs | Between | Prefix | AllOf | OneOf | Not"


def _keep(node: object, content: tuple[object, ...]) -> int:
    """Hash a filter once: plans hold the same trees many times over, and engines look them up by value."""
    made = hash(content) or 1
    object.__setattr__(node, "_hash", made)
    return made


@dataclass(frozen=True, slots=True)
class TextTerm:
    """One analysed token in one text field, with the weight its BM25 score is multiplied by.

    In a keyword field it is a whole value, and scores `boost` itself, however common it is.
    """

    field: str
    token: str
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class TextGroup:
    """Alternatives for one thing the customer said; the group matches if any does and scores as their best."""

    terms: tuple[TextTerm, ...]


@dataclass(frozen=True, slots=True)
class TextQuery:
    """Groups of which at least `required` must match (0 = they only score); scores of groups add up.

    `more` are groups beside them that only score.
    """

    groups: tuple[TextGroup, ...]
    required: int
    more: tuple[TextGroup, ...] = ()


class Order(StrEnum):
    """How hits of one band follow each other. Every order is made total by the ascending part ordinal.

    Documents without the number that is sorted by come last, whichever way the order goes. `SCORE` without a text is
    the ascending ordinal.
    """

    SCORE = "score"
    RANK = "rank"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Band:
    """A named slice of the result; bands are disjoint by construction and returned in the order given."""

    name: str
    filter: Filter


@dataclass(frozen=True, slots=True)
class Facet:
    """Counts of `field` over everything that matches the text and `filter` (which stands in place of the plan's own).

    `ranges` given: counts per half-open number range `[low, high)`; else counts per keyword value, exact for every
    value the engine returns, at most `size` of them by falling count, then value. `prefix` counts only values that
    start with it. A range is named `low..high`, an open end is empty (`100..200`, `900..`); ranges come in the order
    given, also those that count nothing.
    """

    name: str
    field: str
    filter: Filter
    size: int = 100
    ranges: tuple[tuple[float | None, float | None], ...] | None = None
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """An exact count of documents that match the text and `filter` (which stands in place of the plan's own)."""

    name: str
    filter: Filter


@dataclass(frozen=True, slots=True)
class After:
    """A position inside one band: `skip` hits of it were already given, the last of them was `hit`.

    Engines use whichever is cheaper; both name the same place, because a published generation is never written.
    """

    band: str
    skip: int
    hit: Hit | None = None


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """Hits are those of `filter` ∧ `text`, band by band, up to `limit` over all bands.

    A band is asked only when the bands before it did not fill `limit`. `after` continues inside its band. With
    `limit` 0 only counts and facets are made.
    """

    filter: Filter
    bands: tuple[Band, ...]
    limit: int
    text: TextQuery | None = None
    order: Order = Order.SCORE
    counts: tuple[Count, ...] = ()
    facets: tuple[Facet, ...] = ()
    after: After | None = None


class Hit(Struct, frozen=True, gc=False):
    """One document: its part ordinal and what the order sorted by (BM25 for `SCORE`, the field's value otherwise).

    A struct, because hundreds are made a search.
    """

    ordinal: int
    score: float


@dataclass(slots=True)
class Page:
    """Hits per band in order, the counts and facets by name. `partial` names what an engine could not reach.

    Every band of the plan has a list, empty if it was not asked.
    """

    hits: dict[str, list[Hit]]
    counts: dict[str, int]
    facets: dict[str, list[tuple[str, int]]]
    partial: tuple[str, ...] = ()
