"""Filters and text as tantivy queries. Filters never score; texts score with BM25 and nothing else.

Encoding of ids, measured beside a two-word text on 1,000,000 documents with 25 of 1,200,000 slots each: a run of
consecutive ids is a range over the inverted index (2 ids 0.03 ms, 60 ids 0.12 against 0.56 as terms, 20 runs of 5
0.48 against 0.81); scattered ids are a disjunction of terms (30 ids 0.24 ms, 300 ids 3.7), which a term set, a walk
over the dictionary, undercuts only from some thousands on (10,000 ids 0.22 s against 0.37).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import tantivy
from tantivy import FieldType, Occur, Query

from indexers.engine.embedded.schema import ALL_WORDS, KINDS, TEXT_FIELDS
from indexers.engine.errors import EngineRejected
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
from indexers.engine.shapes import conjuncts, runs_of, starts_with
from indexers.schema import Kind

TERM_SET_FROM = 6_000
FEW_TERMS, FEW_IDS, BROAD = 8, 1_000, 20
"""Bands of more than one in `BROAD` documents are broad: looking documents up in them beats reading them (make and
model nodes of a million parts: 2.5 ms against 10). Up to `FEW_TERMS` terms are looked up to know; up to `FEW_IDS` slots
are taken not to be broad."""
LUCENE_FACTOR = 2.2
"""k1 + 1, which tantivy keeps in BM25 and Lucene dropped: scores divided by it agree to 3e-7."""


class Queries:
    """Translates the filters and the text of one plan; a filter object used in several places is translated once."""

    def __init__(self, schema: tantivy.Schema, text: TextQuery | None) -> None:
        self._schema = schema
        self._made: dict[int, tuple[Filter, Query]] = {}
        self._text = text if text is not None and (text.groups or text.required) else None
        self._matched: Query | None = None

    @property
    def scores(self) -> bool:
        """True if hits can differ in score."""
        return self._text is not None and bool(self._text.groups)

    def banded(self, filters: Sequence[Filter], bands: Sequence[Filter], step: float, broad: bool) -> Query:
        """Documents of every filter and of the text, scored so that bands never mix: in one pass over the text.

        To the text's score (0 without a text) the last band adds `step`, each one before it `step` more. Documents of
        no band are left out, which reads every document of every band; or, if `broad`, kept with nothing added, which
        only looks the text's documents up in them.
        """
        lifts = [
            Query.const_score_query(self.of(band), step * (len(bands) - place)) for place, band in enumerate(bands)
        ]
        required = [Query.const_score_query(self.filtered(filters), 0.0)] if filters else []
        if not broad:
            required.append(_disjunction(lifts))
        query = self._with_text(required)
        for lift in lifts if broad else ():
            query = Query.boolean_query([(Occur.Must, query), (Occur.Should, lift)])
        return query

    def _with_text(self, required: list[Query]) -> Query:
        if self._text is None:
            return _conjunction(required or [Query.const_score_query(Query.all_query(), 0.0)])
        scored = self._text_query(self._text, self._scored_group)
        if self._text.required:
            more = [(Occur.Should, self._scored_group(group)) for group in self._text.more]
            return Query.boolean_query([*((Occur.Must, one) for one in (scored, *required)), *more])
        musts = required or [Query.const_score_query(Query.all_query(), 0.0)]
        return Query.boolean_query([*((Occur.Must, one) for one in musts), (Occur.Should, scored)])

    def at_most(self, searcher: tantivy.Searcher, one: Filter) -> int:
        """A rough upper bound of how many documents a filter matches, from what is cheap to know."""
        everything = searcher.num_docs
        match one:
            case Nothing():
                return 0
            case AnyOf(field, values) if len(values) <= FEW_TERMS:
                return min(everything, sum(searcher.doc_freq(field, value) for value in values))
            case AllOf(filters):
                return min((self.at_most(searcher, member) for member in filters), default=everything)
            case OneOf(filters):
                return min(everything, sum(self.at_most(searcher, member) for member in filters))
            case Runs(_, runs) if sum(high - low + 1 for low, high in runs) <= FEW_IDS:
                return everything // (10 * BROAD)
            case AnyOf(_, values) if len(values) <= FEW_IDS:
                return everything // (10 * BROAD)
            case _:
                return everything

    def ceiling(self, documents: int) -> float:
        """A power of two above every score the text can reach among so many documents.

        A group scores at most as its heaviest term: boost x idf x (k1 + 1), with idf at most ln(1 + N).
        """
        groups = (*self._text.groups, *self._text.more) if self._text is not None else ()
        boosts = sum(max((term.boost for term in group.terms), default=0.0) for group in groups)
        return 2.0 ** math.ceil(math.log2(1 + boosts * math.log(2 + documents) * LUCENE_FACTOR))

    def matching(self, filters: Sequence[Filter]) -> Query:
        """Documents of every filter and of the text, none of them scored: for counts, facets and orders by number."""
        if self._text is None or not self._text.required:
            return self.filtered(filters)
        if self._matched is None:
            self._matched = self._text_query(self._text, self._matching_group)
        members = [self._matched, *([self.filtered(filters)] if filters else [])]
        return Query.const_score_query(_conjunction(members), 0.0)

    def filtered(self, filters: Sequence[Filter]) -> Query:
        """Documents that every filter matches; none given matches all."""
        members: list[tuple[Occur, Query]] = []
        for one in conjuncts(filters):
            if isinstance(one, Not):
                members.append((Occur.MustNot, self.of(one.filter)))
            else:
                members.append((Occur.Must, self.of(one)))
        if len(members) == 1 and members[0][0] == Occur.Must:
            return members[0][1]
        if all(occur == Occur.MustNot for occur, _ in members):
            members.append((Occur.Must, Query.all_query()))
        return Query.boolean_query(members)

    def of(self, one: Filter) -> Query:
        """One filter as a query; uses of the same object share one translation, looked up without hashing it."""
        made = self._made.get(id(one))
        if made is None:
            made = self._made[id(one)] = (one, self._translated(one))
        return made[1]

    def _translated(self, one: Filter) -> Query:
        match one:
            case Everything():
                return Query.all_query()
            case Nothing():
                return Query.empty_query()
            case AnyOf(field, values):
                return self._any_of(field, values)
            case Runs(field, runs):
                return _disjunction(self._runs(field, runs))
            case Between(field, low, high):
                return self.between(field, low, high)
            case Prefix(field, prefix):
                return self._prefix(field, prefix)
            case AllOf(filters):
                return self.filtered(filters)
            case OneOf(filters):
                return _disjunction([self.of(member) for member in filters])
            case Not():
                return self.filtered((one,))

    def _any_of(self, field: str, values: Sequence[str] | Sequence[int]) -> Query:
        if _kind(field) in (Kind.IDS, Kind.KEY):
            runs = runs_of(int(value) for value in values)
            if len(runs) >= TERM_SET_FROM:
                return Query.term_set_query(self._schema, field, [int(value) for value in values])
            return _disjunction(self._runs(field, runs))
        return _disjunction([self._term(field, str(value)) for value in dict.fromkeys(values)])

    def _runs(self, field: str, runs: Iterable[tuple[int, int]]) -> list[Query]:
        return [self._term(field, low) if low == high else self._range(field, low, high) for low, high in runs]

    def _term(self, field: str, value: str | int) -> Query:
        return Query.term_query(self._schema, field, value, "basic")

    def _range(self, field: str, low: int, high: int) -> Query:
        return Query.range_query(self._schema, field, FieldType.Integer, low, high, use_inverted_index=True)

    def between(self, field: str, low: float | None, high: float | None) -> Query:
        """Documents whose number lies in the closed range; both ends open: that have one."""
        if _kind(field) is not Kind.NUMBER:
            raise EngineRejected(f"field {field!r} is no number")
        if low is None and high is None:
            return Query.exists_query(field)
        return Query.range_query(self._schema, field, FieldType.Float, low, high)

    def _prefix(self, field: str, prefix: str) -> Query:
        return Query.regex_query(self._schema, field, starts_with(prefix))

    def _text_query(self, text: TextQuery, translate: Callable[[TextGroup], Query]) -> Query:
        groups = [translate(group) for group in text.groups]
        if text.required > len(groups):
            return Query.empty_query()
        if text.required == len(groups):
            return _conjunction(groups)
        should = [(Occur.Should, group) for group in groups]
        return Query.boolean_query(should, minimum_number_should_match=text.required or 1)

    def _scored_group(self, group: TextGroup) -> Query:
        terms = [self._scored_term(term) for term in group.terms]
        if not terms:
            return Query.empty_query()
        return terms[0] if len(terms) == 1 else Query.disjunction_max_query(terms)

    def _scored_term(self, term: TextTerm) -> Query:
        if _kind(term.field) is Kind.KEYWORD:
            return Query.const_score_query(self._term(term.field, term.token), term.boost * LUCENE_FACTOR)
        return Query.boost_query(Query.term_query(self._schema, term.field, term.token, "freq"), term.boost)

    def _matching_group(self, group: TextGroup) -> Query:
        """A token asked in every text field is one term of the field that holds them all."""
        fields: dict[str, set[str]] = {}
        for term in group.terms:
            fields.setdefault(term.token, set()).add(term.field)
        terms = []
        for token, asked in fields.items():
            names = (ALL_WORDS,) if asked == TEXT_FIELDS else sorted(asked)
            terms += [self._term(name, token) for name in names]
        return _disjunction(terms)


def _kind(field: str) -> Kind:
    try:
        return KINDS[field]
    except KeyError:
        raise EngineRejected(f"unknown field {field!r}") from None


def _conjunction(members: Sequence[Query]) -> Query:
    return members[0] if len(members) == 1 else Query.boolean_query([(Occur.Must, one) for one in members])


def _disjunction(members: Sequence[Query]) -> Query:
    if not members:
        return Query.empty_query()
    return members[0] if len(members) == 1 else Query.boolean_query([(Occur.Should, one) for one in members])
