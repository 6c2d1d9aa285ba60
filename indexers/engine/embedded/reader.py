"""Searching one generation with tantivy: exact counts and facets, hits in a total order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tantivy

from indexers.engine.embedded.faults import translated
from indexers.engine.embedded.hits import Finder
from indexers.engine.embedded.queries import Queries
from indexers.engine.errors import EngineUnavailable
from indexers.engine.plan import Facet, Filter, Hit, Order, Page, SearchPlan
from indexers.engine.shapes import (
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


class EmbeddedReader:
    """Implements `Reader`. The searcher is fixed when opened: a published generation is never written."""

    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._searcher: tantivy.Searcher | None = index.searcher()
        self._cardinalities: dict[str, int] = {}

    def count(self) -> int:
        """Number of live documents."""
        return self._open().num_docs

    def close(self) -> None:
        """Let go of the files; an answer under way is finished."""
        self._searcher = None

    def search(self, plan: SearchPlan) -> Page:
        """Run a plan: one pass a band (hits and count together), one for each other distinct filter."""
        with translated("search"):
            return _Search(self._open(), Queries(self._schema, plan.text), plan, self._cardinality).page()

    def _cardinality(self, field: str) -> int:
        """Distinct values of a keyword field in the generation: as many buckets make counts exact."""
        if field not in self._cardinalities:
            self._cardinalities[field] = len(self._open().terms_with_prefix(field, ""))
        return self._cardinalities[field]

    def _open(self) -> tantivy.Searcher:
        if self._searcher is None:
            raise EngineUnavailable("the reader is closed")
        return self._searcher


class _Search:
    """One plan on one searcher."""

    def __init__(
        self, searcher: tantivy.Searcher, queries: Queries, plan: SearchPlan, cardinality: Callable[[str], int]
    ) -> None:
        self._searcher = searcher
        self._cardinality = cardinality
        self._queries = queries
        self._plan = plan
        self._finder = Finder(searcher, queries)
        self._filters = band_filters(plan)
        self._totals: dict[frozenset[Filter], int] = {}

    def page(self) -> Page:
        page = Page(hits={band.name: [] for band in self._plan.bands}, counts={}, facets={})
        asked = bands_asked(self._plan)
        if asked:
            page.hits.update(self._hits(asked))
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

    def _hits(self, asked: Sequence[str]) -> dict[str, list[Hit]]:
        skip = self._plan.after.skip if self._plan.after is not None else 0
        if self._plan.order is Order.SCORE and self._queries.scores:
            return self._scored(asked, skip)
        hits: dict[str, list[Hit]] = {}
        wanted = self._plan.limit
        for name in asked:
            if wanted <= 0:
                break
            hits[name] = self._ordered(self._filters[name], skip, wanted)
            wanted -= len(hits[name])
            skip = 0
        return hits

    def _ordered(self, filters: tuple[Filter, ...], skip: int, wanted: int) -> list[Hit]:
        if self._plan.order is Order.SCORE:
            hits, total = self._finder.by_ordinal(filters, skip, wanted)
        else:
            hits, total = self._finder.by_number(filters, self._plan.order, skip, wanted)
        self._totals[frozenset(filters)] = total
        return hits

    def _scored(self, asked: Sequence[str], skip: int) -> dict[str, list[Hit]]:
        own = {band.name: band.filter for band in self._plan.bands}
        bands = [own[name] for name in asked]
        broad = self._finder.is_broad(list(own.values()))
        own_filter = conjuncts((self._plan.filter,))
        scored = self._finder.by_score(own_filter, bands, broad, skip, self._plan.limit)
        if scored.matching is not None:
            self._totals[frozenset(own_filter)] = scored.matching
        for name, total in zip(asked, scored.totals or (), strict=False):
            self._totals[frozenset(self._filters[name])] = total
        return dict(zip(asked, scored.hits, strict=True))

    def _tally(self, tally: Tally, page: Page) -> None:
        if not tally.facets:
            page.counts.update(dict.fromkeys(tally.counts, self._finder.count(tally.filter)))
            return
        asked: dict[str, Any] = {"total": {"value_count": {"field": ORD.name}}} if tally.counts else {}
        for number, facet in enumerate(tally.facets):
            asked.update(_aggregations(number, facet, self._cardinality))
        answer = self._searcher.aggregate(self._queries.matching(tally.filter), asked)
        page.counts.update({name: int(answer["total"]["value"]) for name in tally.counts})
        for number, facet in enumerate(tally.facets):
            page.facets[facet.name] = _facet_counts(number, facet, answer)


def _aggregations(number: int, facet: Facet, cardinality: Callable[[str], int]) -> dict[str, Any]:
    """One terms aggregation, or range aggregations in layers, since tantivy refuses overlapping ranges in one."""
    if facet.ranges is None:
        values = max(1, cardinality(facet.field))
        terms = {"field": facet.field, "size": values, "segment_size": values}
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
