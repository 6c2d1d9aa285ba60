"""Hits of bands in a total order. tantivy breaks ties by segment; here they are broken by ordinal, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import tantivy
from numpy.typing import NDArray
from tantivy import DocAddress, Query
from tantivy import Order as Direction

from indexers.engine.embedded.queries import BROAD, LUCENE_FACTOR, Queries
from indexers.engine.plan import Between, Filter, Hit, Not, Order
from indexers.engine.shapes import ABSENT_LAST, ORDER_FIELDS
from indexers.schema import ORD

Found: TypeAlias = "list[tuple[Any, DocAddress]]"
Floats: TypeAlias = "NDArray[np.float64]"

SCORE_DIGITS = 3
"""Equal documents may differ in the last bits of a sum, and bands take bits: scores are equal from this decimal on."""
FIRST_FETCH, WHOLE_TIE = 1_500, 10_000
"""Hits asked first, and at least asked when a tie runs past them: another scoring pass costs as much as 10,000 hits."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Hits of each band, and how many documents it has; `totals` is None if there were too many to see.

    `matching` counts the documents of text and filters, in a band or not; None if only those of bands were read.
    """

    hits: list[list[Hit]]
    totals: list[int] | None
    matching: int | None


class Finder:
    """Finds hits of one plan's text on one searcher."""

    def __init__(self, searcher: tantivy.Searcher, queries: Queries) -> None:
        self._searcher = searcher
        self._queries = queries

    def count(self, filters: Sequence[Filter]) -> int:
        """Documents of the text and the filters."""
        return total_of(self._searcher.search(self._queries.matching(filters), 1))

    def is_broad(self, bands: Sequence[Filter]) -> bool:
        """True if the bands may hold so many documents that they should not be read whole."""
        documents = self._searcher.num_docs
        return sum(self._queries.at_most(self._searcher, band) for band in bands) > documents // BROAD

    def by_score(
        self, filters: Sequence[Filter], bands: Sequence[Filter], broad: bool, skip: int, wanted: int
    ) -> Scored:
        """Hits in band order, `wanted` after the first `skip`; in a band by falling score, then ordinal.

        One pass scores all bands.
        """
        last = len(bands)
        step = self._queries.ceiling(self._searcher.num_docs)
        query = self._queries.banded(filters, bands, step, broad)
        needed, fetch = skip + wanted, max(FIRST_FETCH, 2 * (skip + wanted))
        while True:
            found, total = self._top(query, fetch)
            steps, scores = _split([score for score, _ in found], step)
            cut = needed - 1
            if total <= fetch or steps[cut] == 0 or steps[-1] < steps[cut] or scores[-1] < scores[cut]:
                break
            fetch = max(8 * fetch, WHOLE_TIE)
        wanted_rows = steps > 0
        if total > needed:
            wanted_rows &= (steps > steps[cut]) | ((steps == steps[cut]) & (scores >= scores[cut]))
        rows = int(np.count_nonzero(wanted_rows))
        ordinals = np.array(self._ordinals(found[:rows]), dtype=np.int64)
        order = np.lexsort((ordinals, -scores[:rows], -steps[:rows]))[skip:needed]
        hits = _by_band(last - steps[order], ordinals[order], scores[order], last)
        seen = total <= fetch or steps[-1] == 0
        totals = np.bincount(last - steps, minlength=last + 1)[:last].tolist() if seen else None
        return Scored(hits, totals, total if broad else None)

    def by_ordinal(self, filters: Sequence[Filter], skip: int, wanted: int) -> tuple[list[Hit], int]:
        """`wanted` hits after the first `skip` by ordinal, all with score 0; and how many match."""
        result = self._searcher.search(
            self._queries.matching(filters), wanted, offset=skip, order_by_field=ORD.name, order=Direction.Asc
        )
        return [Hit(ordinal, 0.0) for ordinal, _ in result.hits], total_of(result)

    def by_number(self, filters: Sequence[Filter], order: Order, skip: int, wanted: int) -> tuple[list[Hit], int]:
        """`wanted` hits after the first `skip` by a number field, absent values last; and how many match.

        A tie at the cut is asked again by ordinal, so its size does not matter.
        """
        field, falls = ORDER_FIELDS[order]
        needed = skip + wanted
        query = self._queries.matching(filters)
        found, total = self._top(query, needed, field, Direction.Desc if falls else Direction.Asc)
        absent = -ABSENT_LAST if falls else ABSENT_LAST
        pairs = zip(self._ordinals(found), found, strict=True)
        hits = [Hit(ordinal, absent if key is None else key) for ordinal, (key, _) in pairs]
        if total > needed:
            hits = self._with_tie(hits, found[-1][0], field, filters, needed)
        hits.sort(key=lambda hit: (-hit.score if falls else hit.score, hit.ordinal))
        return hits[skip:needed], total

    def _with_tie(
        self, hits: list[Hit], value: float | None, field: str, filters: Sequence[Filter], needed: int
    ) -> list[Hit]:
        last = hits[-1].score
        before = [hit for hit in hits if hit.score != last]
        tie = Not(Between(field, None, None)) if value is None else Between(field, value, value)
        members, _ = self.by_ordinal((*filters, tie), 0, needed - len(before))
        return [*before, *(Hit(hit.ordinal, last) for hit in members)]

    def _top(
        self, query: Query, limit: int, field: str | None = None, direction: Direction = Direction.Desc
    ) -> tuple[Found, int]:
        limit = max(1, min(limit, self._searcher.num_docs))
        result = self._searcher.search(query, limit, order_by_field=field, order=direction)
        return result.hits, total_of(result)

    def _ordinals(self, found: Found) -> list[int]:
        addresses = [address for _, address in found]
        return self._searcher.fast_field_values(ORD.name, addresses)  # type: ignore[return-value]


def total_of(result: tantivy.SearchResult) -> int:
    """How many documents the search matched."""
    return int(result.count)  # type: ignore[attr-defined]


def _split(raw: list[float], step: float) -> tuple[NDArray[np.int64], Floats]:
    """How many steps each raw score is lifted by, and the text's own score in Lucene's measure."""
    lifted = np.array(raw, dtype=np.float64)
    steps = np.floor(lifted / step)
    return steps.astype(np.int64), np.round((lifted - steps * step) / LUCENE_FACTOR, SCORE_DIGITS)


def _by_band(places: NDArray[np.int64], ordinals: NDArray[np.int64], scores: Floats, bands: int) -> list[list[Hit]]:
    hits: list[list[Hit]] = [[] for _ in range(bands)]
    for place, ordinal, score in zip(places.tolist(), ordinals.tolist(), scores.tolist(), strict=True):
        hits[place].append(Hit(ordinal, score))
    return hits
