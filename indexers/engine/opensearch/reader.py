"""Searching one generation on a cluster: one `_msearch` for bands, counts and facets together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

from indexers.engine.errors import EngineRejected, EngineUnavailable, GenerationMissing
from indexers.engine.opensearch.cluster import Cluster, IndexMissing, by_status, to_json
from indexers.engine.opensearch.queries import matching, scored
from indexers.engine.plan import After, Facet, Filter, Hit, Order, Page, SearchPlan
from indexers.engine.shapes import (
    ABSENT_LAST,
    ORDER_FIELDS,
    Tally,
    band_filters,
    bands_asked,
    conjuncts,
    range_label,
    tallies,
)

ALL_VALUES = 65_535
"""Buckets asked from every shard; with more values than that a facet is refused, not answered inexactly."""


class OpenSearchReader:
    """Implements `Reader`. Holds no state but the index's name; the cluster's connections are the engine's."""

    def __init__(self, cluster: Cluster, generation: str, index: str) -> None:
        self._cluster = cluster
        self._generation = generation
        self._index = index
        self._closed = False

    def search(self, plan: SearchPlan) -> Page:
        """Run a plan in one round trip; bands that turn out not to be needed are cut from the answer."""
        request = self._request(plan)
        if not request.bodies:
            return request.page([])
        return request.page(self._ask(self._lines(request.bodies)))

    def wire(self, plan: SearchPlan) -> tuple[str, bytes]:
        """Path and body that `search` posts for a plan: for looking at, and for asking it without us."""
        return self._path, b"".join(to_json(line) + b"\n" for line in self._lines(self._request(plan).bodies))

    def _request(self, plan: SearchPlan) -> _Request:
        return _Request(plan, self._cluster.score_weight)

    @property
    def _path(self) -> str:
        return f"/{self._index}/_msearch"

    def count(self) -> int:
        """Number of live documents."""
        self._check_open()
        try:
            answer = self._cluster.call("POST", f"/{self._index}/_count")
        except IndexMissing as error:
            raise GenerationMissing(self._generation) from error
        return int(answer["count"])

    def close(self) -> None:
        """Later calls raise `EngineUnavailable`."""
        self._closed = True

    def _lines(self, bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        timeout = f"{max(1, int(self._cluster.access.search_timeout * 900))}ms"
        heads = repeat({"search_type": "dfs_query_then_fetch"})
        return [
            line for head, body in zip(heads, bodies, strict=False) for line in (head, {**body, "timeout": timeout})
        ]

    def _ask(self, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        self._check_open()
        try:
            answer = self._cluster.lines(self._path, lines, timeout=self._cluster.access.search_timeout)
            return [_checked(one) for one in answer["responses"]]
        except IndexMissing as error:
            raise GenerationMissing(self._generation) from error

    def _check_open(self) -> None:
        if self._closed:
            raise EngineUnavailable("the reader is closed")


class _Request:
    """The searches of one plan, and how their answers make its page: first a search a band, then one a tally."""

    def __init__(self, plan: SearchPlan, score_weight: float) -> None:
        self._plan = plan
        self._score_weight = score_weight
        filters = band_filters(plan)
        self._bands = bands_asked(plan)
        totals = {frozenset(filters[name]): place for place, name in enumerate(self._bands)}
        self._counted = {
            count.name: totals[members]
            for count in plan.counts
            if (members := frozenset(conjuncts((count.filter,)))) in totals
        }
        left = [count for count in plan.counts if count.name not in self._counted]
        self._tallies = tallies(left, plan.facets)
        self.bodies = [self._band_body(name, filters[name]) for name in self._bands]
        self.bodies += [_tally_body(tally, plan) for tally in self._tallies]

    def _band_body(self, name: str, filters: tuple[Filter, ...]) -> dict[str, Any]:
        plan = self._plan
        by_score = plan.order is Order.SCORE and plan.text is not None
        body: dict[str, Any] = {
            "query": scored(filters, plan.text, self._score_weight) if by_score else matching(filters, plan.text),
            "sort": _sort(plan.order, by_score),
            "size": plan.limit,
            "track_total_hits": True,
            "_source": False,
            "stored_fields": "_none_",
        }
        after = plan.after
        if after is not None and after.band == name and after.skip:
            body.update(_position(after, len(body["sort"])))
        return body

    def page(self, answers: Sequence[dict[str, Any]]) -> Page:
        """Put the answers, one for each of `bodies`, together."""
        page = Page(hits={band.name: [] for band in self._plan.bands}, counts={}, facets={})
        wanted = self._plan.limit
        for name, answer in zip(self._bands, answers, strict=False):
            page.hits[name] = _hits(answer)[:wanted]
            wanted -= len(page.hits[name])
        page.counts = {name: _total(answers[place]) for name, place in self._counted.items()}
        for tally, answer in zip(self._tallies, answers[len(self._bands) :], strict=True):
            page.counts.update(dict.fromkeys(tally.counts, _total(answer)))
            for number, facet in enumerate(tally.facets):
                page.facets[facet.name] = _facet_counts(facet, answer["aggregations"][str(number)])
        page.partial = _partial(answers)
        return page


def _sort(order: Order, by_score: bool) -> list[dict[str, Any]]:
    by_ordinal: dict[str, Any] = {"ord": {"order": "asc"}}
    if order is Order.SCORE:
        return [{"_score": {"order": "desc"}}, by_ordinal] if by_score else [by_ordinal]
    field, falls = ORDER_FIELDS[order]
    absent = -ABSENT_LAST if falls else ABSENT_LAST
    return [{field: {"order": "desc" if falls else "asc", "missing": absent}}, by_ordinal]


def _position(after: After, sorts: int) -> dict[str, Any]:
    """By the last hit, which costs nothing however deep; only without one by number, up to the server's window."""
    if after.hit is None:
        return {"from": after.skip}
    return {"search_after": [after.hit.score, after.hit.ordinal][2 - sorts :]}


def _tally_body(tally: Tally, plan: SearchPlan) -> dict[str, Any]:
    return {
        "query": matching(tally.filter, plan.text),
        "size": 0,
        "track_total_hits": True,
        "aggs": {str(number): _aggregation(facet) for number, facet in enumerate(tally.facets)},
    }


def _aggregation(facet: Facet) -> dict[str, Any]:
    if facet.ranges is not None:
        ranges = [
            {"key": str(place), **{end: value for end, value in (("from", low), ("to", high)) if value is not None}}
            for place, (low, high) in enumerate(facet.ranges)
        ]
        return {"range": {"field": facet.field, "ranges": ranges, "keyed": True}}
    order = [{"_count": "desc"}, {"_key": "asc"}]
    terms = {"field": facet.field, "size": facet.size, "shard_size": ALL_VALUES, "order": order}
    return {"terms": terms | ({"include": _starts_with(facet.prefix)} if facet.prefix else {})}


def _starts_with(prefix: str) -> str:
    """Lucene's regular expressions take a backslash before any character."""
    return "".join(char if char.isalnum() else f"\\{char}" for char in prefix) + ".*"


def _facet_counts(facet: Facet, answer: dict[str, Any]) -> list[tuple[str, int]]:
    buckets = answer["buckets"]
    if facet.ranges is not None:
        return [(range_label(*ends), buckets[str(place)]["doc_count"]) for place, ends in enumerate(facet.ranges)]
    if answer["doc_count_error_upper_bound"]:
        raise EngineRejected(f"facet {facet.name!r}: the field has too many values to be counted exactly")
    return [(bucket["key"], bucket["doc_count"]) for bucket in buckets]


def _hits(answer: dict[str, Any]) -> list[Hit]:
    return [
        Hit(hit["sort"][-1], float(hit["sort"][0]) if len(hit["sort"]) > 1 else 0.0) for hit in answer["hits"]["hits"]
    ]


def _total(answer: dict[str, Any]) -> int:
    return int(answer["hits"]["total"]["value"])


def _partial(answers: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    found = {
        "engine_timeout": any(answer["timed_out"] for answer in answers),
        "engine_shards": any(answer["_shards"]["failed"] for answer in answers),
    }
    return tuple(name for name, is_so in found.items() if is_so)


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    """One search's answer, unless it failed as a whole."""
    if "error" not in answer:
        return answer
    error = answer["error"]
    causes = error.get("root_cause") or [error]
    raise by_status(answer.get("status", 500), f"search: {causes[0].get('type')}: {causes[0].get('reason')}")
