"""Searching one generation with tantivy: exact counts and facets, hits in a total order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tantivy
from tantivy import DocAddress, Query
from tantivy import Order as Direction

from indexers.engine.embedded.faults import translated
from indexers.engine.embedded.queries import Queries
from indexers.engine.errors import EngineUnavailable
from indexers.engine.plan import Between, Facet, Filter, Hit, Not, Order, Page, SearchPlan
from indexers.engine.shapes import (
    ABSENT_LAST,
    ORDER_FIELDS,
    Range,
    Tally,
    band_filters,
    bands_asked,
    conjuncts,
    layers,
    range_label,
    starts_with,
    tallies,
    top_values,
)
from indexers.schema import ORD

LUCENE_FACTOR = 2.2
"""k1 + 1, which tantivy keeps in BM25 and Lucene dropped: scores divided by it agree to 3e-7."""
SCORE_DIGITS = 4
"""Equal documents may differ in the last bits of the sum; scores are equal from this decimal on."""
ALL_VALUES = 1_000_000
"""Buckets asked per segment: above any field's cardinality, so that counts are exact."""


class EmbeddedReader:
    """Implements `Reader`. The searcher is fixed when opened: a published generation is never written."""

    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._searcher: tantivy.Searcher | None = index.searcher()

    def count(self) -> int:
        """Number of live documents."""
        return self._open().num_docs

    def close(self) -> None:
        """Let go of the files; an answer under way is finished."""
        self._searcher = None

    def search(self, plan: SearchPlan) -> Page:
        """Run a plan: one pass a band (hits and count together), one for each other distinct filter."""
        with translated("search"):
            return _Search(self._open(), Queries(self._schema, plan.text), plan).page()

    def _open(self) -> tantivy.Searcher:
        if self._searcher is None:
            raise EngineUnavailable("the reader is closed")
        return self._searcher


class _Search:
    """One plan on one searcher."""

    def __init__(self, searcher: tantivy.Searcher, queries: Queries, plan: SearchPlan) -> None:
        self._searcher = searcher
        self._queries = queries
        self._plan = plan
        self._totals: dict[frozenset[Filter], int] = {}

    def page(self) -> Page:
        hits = self._hits()
        page = Page(hits=hits, counts={}, facets={})
        left = []
        for count in self._plan.counts:
            total = self._totals.get(frozenset(conjuncts((count.filter,))))
            if total is None:
                left.append(count)
            else:
                page.counts[count.name] = total
        for tally in tallies(left, self._plan.facets):
            self._tally(tally, page)
        return page

    def _hits(self) -> dict[str, list[Hit]]:
        hits: dict[str, list[Hit]] = {band.name: [] for band in self._plan.bands}
        filters = band_filters(self._plan)
        wanted = self._plan.limit
        for name in bands_asked(self._plan):
            if wanted <= 0:
                break
            after = self._plan.after
            skip = after.skip if after is not None and after.band == name else 0
            hits[name] = self._band(filters[name], skip, wanted)
            wanted -= len(hits[name])
        return hits

    def _band(self, filters: tuple[Filter, ...], skip: int, wanted: int) -> list[Hit]:
        if self._plan.order is not Order.SCORE:
            found, total = self._by_number(filters, skip + wanted)
        elif self._queries.scores:
            found, total = self._by_score(filters, skip + wanted)
        else:
            found, total = self._by_ordinal(filters, skip, wanted)
            skip = 0
        self._totals[frozenset(filters)] = total
        return found[skip : skip + wanted]

    def _by_score(self, filters: tuple[Filter, ...], wanted: int) -> tuple[list[Hit], int]:
        """The first `wanted` by falling score, then ordinal.

        tantivy breaks ties by segment, so a tie at the cut is fetched whole before it is put in order.
        """
        query = self._queries.scored(filters)
        fetch = wanted + wanted // 2 + 20
        while True:
            found, total = self._top(query, fetch)
            scores = np.round(np.array([score for score, _ in found]) / LUCENE_FACTOR, SCORE_DIGITS)
            if total <= fetch or scores[-1] < scores[wanted - 1]:
                break
            fetch *= 4
        if total > wanted:
            scores = scores[scores >= scores[wanted - 1]]
        ordinals = self._ordinals(found[: len(scores)])
        order = np.lexsort((np.array(ordinals), -scores))[:wanted].tolist()
        kept = scores.tolist()
        return [Hit(ordinals[row], kept[row]) for row in order], total

    def _by_ordinal(self, filters: tuple[Filter, ...], skip: int, wanted: int) -> tuple[list[Hit], int]:
        result = self._searcher.search(
            self._queries.matching(filters), wanted, offset=skip, order_by_field=ORD.name, order=Direction.Asc
        )
        return [Hit(ordinal, 0.0) for ordinal, _ in result.hits], _total(result)

    def _by_number(self, filters: tuple[Filter, ...], wanted: int) -> tuple[list[Hit], int]:
        """The first `wanted` by a number field, absent values last; a tie at the cut is asked again by ordinal."""
        field, falls = ORDER_FIELDS[self._plan.order]
        direction = Direction.Desc if falls else Direction.Asc
        found, total = self._top(self._queries.matching(filters), wanted, field, direction)
        absent = -ABSENT_LAST if falls else ABSENT_LAST
        ordinals = self._ordinals(found)
        hits = [Hit(o, absent if key is None else key) for o, (key, _) in zip(ordinals, found, strict=True)]
        if total > wanted and found:
            hits = self._with_tie(hits, found[-1][0], field, filters, wanted)
        hits.sort(key=lambda hit: (-hit.score if falls else hit.score, hit.ordinal))
        return hits, total

    def _with_tie(
        self, hits: list[Hit], value: float | None, field: str, filters: tuple[Filter, ...], wanted: int
    ) -> list[Hit]:
        last = hits[-1].score
        before = [hit for hit in hits if hit.score != last]
        tie = Not(Between(field, None, None)) if value is None else Between(field, value, value)
        members, _ = self._by_ordinal((*filters, tie), 0, wanted - len(before))
        return [*before, *(Hit(hit.ordinal, last) for hit in members)]

    def _top(
        self, query: Query, limit: int, field: str | None = None, direction: Direction = Direction.Desc
    ) -> tuple[list[tuple[Any, DocAddress]], int]:
        limit = max(1, min(limit, self._searcher.num_docs))
        result = self._searcher.search(query, limit, order_by_field=field, order=direction)
        return result.hits, _total(result)

    def _ordinals(self, found: Sequence[tuple[Any, DocAddress]]) -> list[int]:
        addresses = [address for _, address in found]
        return [int(value) for value in self._searcher.fast_field_values(ORD.name, addresses)]  # type: ignore[arg-type]

    def _tally(self, tally: Tally, page: Page) -> None:
        query = self._queries.matching(tally.filter)
        if not tally.facets:
            total = self._searcher.search(query, 1, order_by_field=ORD.name, order=Direction.Asc)
            page.counts.update(dict.fromkeys(tally.counts, _total(total)))
            return
        asked: dict[str, Any] = {"total": {"value_count": {"field": ORD.name}}} if tally.counts else {}
        for number, facet in enumerate(tally.facets):
            asked.update(_aggregations(number, facet))
        answer = self._searcher.aggregate(query, asked)
        page.counts.update({name: int(answer["total"]["value"]) for name in tally.counts})
        for number, facet in enumerate(tally.facets):
            page.facets[facet.name] = _facet_counts(number, facet, answer)


def _total(result: tantivy.SearchResult) -> int:
    return int(result.count)  # type: ignore[attr-defined]


def _aggregations(number: int, facet: Facet) -> dict[str, Any]:
    """One terms aggregation, or range aggregations in layers, since tantivy refuses overlapping ranges in one."""
    if facet.ranges is None:
        terms = {"field": facet.field, "size": ALL_VALUES, "segment_size": ALL_VALUES}
        only = {"include": starts_with(facet.prefix)} if facet.prefix else {}
        return {f"{number}": {"terms": terms | only}}
    return {
        f"{number}.{layer}": {"range": {"field": facet.field, "ranges": [_bounds(p, facet.ranges[p]) for p in places]}}
        for layer, places in enumerate(layers(facet.ranges))
    }


def _bounds(place: int, ends: Range) -> dict[str, Any]:
    bounds = {"from": ends[0], "to": ends[1], "key": str(place)}
    return {name: value for name, value in bounds.items() if value is not None}


def _facet_counts(number: int, facet: Facet, answer: dict[str, Any]) -> list[tuple[str, int]]:
    if facet.ranges is None:
        buckets = answer[f"{number}"]["buckets"]
        return top_values(((bucket["key"], bucket["doc_count"]) for bucket in buckets), facet.size)
    counts = {
        bucket["key"]: bucket["doc_count"]
        for layer in range(len(layers(facet.ranges)))
        for bucket in answer[f"{number}.{layer}"]["buckets"]
    }
    return [(range_label(*ends), counts.get(str(place), 0)) for place, ends in enumerate(facet.ranges)]
