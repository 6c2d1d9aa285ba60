"""Other things to look for where a search found nothing: part types that stand beside those that were read."""

from __future__ import annotations

import itertools

from indexers import schema
from indexers.engine.plan import AnyOf, Count, Everything, Filter, SearchPlan
from indexers.engine.port import Reader
from indexers.vocabulary import Vocabulary
from search_service.retrieval import all_of
from search_service.saying import type_name
from search_service.understanding.intent import QueryIntent
from search_service.wire import Suggestion

MOST_ASKED, MOST_RELATED = 12, 4


def related(reader: Reader, vocabulary: Vocabulary, intent: QueryIntent, shown: Filter, lang: str) -> list[Suggestion]:
    """Part types of the same categories that have parts under the filter `shown`, the commonest types first."""
    read = {one.id for one in intent.part_types}
    categories = {vocabulary.part_types[one].category for one in read if one in vocabulary.part_types}
    beside = (one.id for one in vocabulary.part_types.values() if one.category in categories and one.id not in read)
    asked = list(itertools.islice(beside, MOST_ASKED))
    if not asked:
        return []
    counts = tuple(Count(one, all_of(shown, AnyOf(schema.PART_TYPE.name, (one,)))) for one in asked)
    found = reader.search(SearchPlan(Everything(), (), 0, counts=counts)).counts
    known = [Suggestion(type_name(one, vocabulary)[lang], "related", found[one]) for one in asked if found[one]]
    return known[:MOST_RELATED]
