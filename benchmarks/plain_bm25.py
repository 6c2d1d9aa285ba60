"""Plain BM25 of the engine in service: every token of the query, any of them, over the texts that search uses.

What `docs/relevance.md` compares with. It shares analysis (folding, stemming, Chinese words) with the full search and
nothing else: no part types, no vehicle, no correction. A part number is found where it is typed as one word.
"""

from __future__ import annotations

from indexers import schema
from indexers.engine.plan import Band, Everything, SearchPlan, TextGroup, TextQuery, TextTerm
from indexers.text import number_key
from search_service.runtime import Runtime

EVERY_TEXT = (schema.TITLE.name, schema.BODY.name)
"""Title and description; the names of the part type are the vocabulary's work and are left to the full search."""


def plain_bm25(runtime: Runtime, text: str, depth: int = 10) -> list[int]:
    """Ordinals of the best `depth` parts, best first."""
    tokens = dict.fromkeys(runtime.vocabulary.analyse(text))
    groups = [TextGroup(tuple(TextTerm(name, token) for name in EVERY_TEXT)) for token in tokens]
    keys = dict.fromkeys(filter(None, map(number_key, text.split())))
    groups += [TextGroup((TextTerm(schema.NUMBER_EXACT.name, key),)) for key in keys]
    if not groups:
        return []
    plan = SearchPlan(Everything(), (Band("all", Everything()),), depth, text=TextQuery(tuple(groups), 1))
    return [hit.ordinal for hit in runtime.serving().reader.search(plan).hits["all"]]
