"""Filters and text as OpenSearch query bodies. Filters never score; texts score with BM25 and nothing else.

A server allows 1,024 clauses in a whole query and 65,536 values in a `terms` query, so runs beyond the `WIDE_RUNS`
widest are written out as values, and values beyond 65,536 as several `terms` queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, TypeAlias

from indexers.engine.errors import EngineRejected
from indexers.engine.opensearch.mapping import KINDS
from indexers.engine.plan import (
    AllOf,
    AnyOf,
    Between,
    Everything,
    Filter,
    Not,
    Nothing,
    OneOf,
    Prefix,
    Runs,
    TextGroup,
    TextQuery,
    TextTerm,
)
from indexers.engine.shapes import conjuncts, runs_of
from indexers.schema import Kind

Body: TypeAlias = "dict[str, Any]"

MAX_TERMS = 65_536
WIDE_RUNS = 24
NARROW = 4
"""Runs up to this wide are values of one `terms` query."""


def scored(filters: Sequence[Filter], text: TextQuery | None, weight: float = 1.0) -> Body:
    """Documents of every filter and of the text, with the text's score times `weight` (0 without a text)."""
    clauses = _clauses(filters)
    if text is None or not (text.groups or text.required):
        return {"bool": clauses or {"filter": [{"match_all": {}}]}}
    groups = [_group(group, weight) for group in text.groups]
    more = [_group(group, weight) for group in text.more]
    if text.required > len(groups):
        return {"match_none": {}}
    if text.required == len(groups):
        clauses["must"] = groups
        clauses |= {"should": more, "minimum_should_match": 0} if more else {}
    elif more:
        least = {"bool": {"should": groups, "minimum_should_match": text.required}}
        clauses |= {"must": [least], "should": more, "minimum_should_match": 0}
    else:
        clauses["should"] = groups
        clauses["minimum_should_match"] = text.required
        clauses.setdefault("filter", [{"match_all": {}}])
    return {"bool": clauses}


def matching(filters: Sequence[Filter], text: TextQuery | None) -> Body:
    """The same documents without scores."""
    if text is None or not text.required:
        return filtered(filters)
    return {"bool": {"filter": [scored(filters, text)]}}


def filtered(filters: Sequence[Filter]) -> Body:
    """Documents that every filter matches; none given matches all."""
    clauses = _clauses(filters)
    return {"bool": clauses} if clauses else {"match_all": {}}


def _clauses(filters: Sequence[Filter]) -> Body:
    must: list[Body] = []
    must_not: list[Body] = []
    for one in conjuncts(filters):
        if isinstance(one, Not):
            must_not.append(_translated(one.filter))
        else:
            must.append(_translated(one))
    named = {"filter": must, "must_not": must_not}
    return {name: members for name, members in named.items() if members}


def _translated(one: Filter) -> Body:
    match one:
        case Everything():
            return {"match_all": {}}
        case Nothing():
            return {"match_none": {}}
        case AnyOf(field, values):
            return _any_of(field, values)
        case Runs(field, runs):
            return _runs(field, runs)
        case Between(field, low, high):
            return _between(field, low, high)
        case Prefix(field, prefix):
            return {"prefix": {_checked(field): {"value": prefix}}}
        case AllOf(filters):
            return filtered(filters)
        case OneOf(filters):
            return _disjunction([_translated(member) for member in filters])
        case Not():
            return filtered((one,))


def _any_of(field: str, values: Sequence[str] | Sequence[int]) -> Body:
    if KINDS.get(field) in (Kind.IDS, Kind.KEY):
        return _runs(field, runs_of(int(value) for value in values))
    return _disjunction(_terms(_checked(field), [str(value) for value in dict.fromkeys(values)]))


def _runs(field: str, runs: Sequence[tuple[int, int]]) -> Body:
    widest = sorted((run for run in runs if run[1] - run[0] >= NARROW), key=lambda run: run[0] - run[1])[:WIDE_RUNS]
    ranges = set(widest)
    values = chain.from_iterable(range(low, high + 1) for low, high in runs if (low, high) not in ranges)
    bounds = [{"range": {_checked(field): {"gte": low, "lte": high}}} for low, high in sorted(ranges)]
    return _disjunction([*bounds, *_terms(_checked(field), list(values))])


def _terms(field: str, values: Sequence[str | int]) -> Iterable[Body]:
    if len(values) == 1:
        return [{"term": {field: {"value": values[0]}}}]
    return [{"terms": {field: values[start : start + MAX_TERMS]}} for start in range(0, len(values), MAX_TERMS)]


def _between(field: str, low: float | None, high: float | None) -> Body:
    if KINDS.get(field) is not Kind.NUMBER:
        raise EngineRejected(f"field {field!r} is no number")
    bounds = {name: value for name, value in (("gte", low), ("lte", high)) if value is not None}
    return {"range": {field: bounds}} if bounds else {"exists": {"field": field}}


def _group(group: TextGroup, weight: float) -> Body:
    terms = [_term(term, weight) for term in group.terms]
    if not terms:
        return {"match_none": {}}
    return terms[0] if len(terms) == 1 else {"dis_max": {"queries": terms}}


def _term(term: TextTerm, weight: float) -> Body:
    if KINDS.get(term.field) is Kind.KEYWORD:
        return {"constant_score": {"filter": {"term": {term.field: term.token}}, "boost": term.boost * weight}}
    return {"term": {_checked(term.field): {"value": term.token, "boost": term.boost * weight}}}


def _checked(field: str) -> str:
    """OpenSearch matches nothing on a field it does not know; that would hide a defect."""
    if field not in KINDS:
        raise EngineRejected(f"unknown field {field!r}")
    return field


def _disjunction(members: Iterable[Body]) -> Body:
    found = list(members)
    if not found:
        return {"match_none": {}}
    return found[0] if len(found) == 1 else {"bool": {"should": found, "minimum_should_match": 1}}
