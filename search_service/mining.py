"""Words for the vocabulary, from what people did after a search that did not understand them.

A word nobody knew means what the person found next: the part he clicked, or the part type of the text he typed instead.
Suggestions are for people to review; nothing here changes the vocabulary.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from indexers.text import fold, is_han
from search_service.live.model import Event, Query

AGAIN_MS = 10 * 60_000
"""A text typed by the same person within ten minutes stands in place of the one before."""

LEAST_PEOPLE = 2
LEAST_SHARE = 0.6
"""Of the people who went on to something, those who went on to the suggested part type."""

CLICKED, TYPED = 1.0, 0.5
"""What a click and a retyped text say of the word before; for one person the stronger counts once."""

ACTIONS = frozenset({"click", "add_to_cart", "purchase"})
LONGEST, SHORTEST = 40, 2
MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class WordSuggestion:
    """A word, what it probably means, how many people say so, their share of the weight, and texts it was in."""

    word: str
    type_id: str
    people: int
    share: float
    examples: tuple[str, ...]

    def row(self) -> dict[str, Any]:
        """The suggestion as a line of the operator's `part_types.jsonl`, still to be reviewed."""
        lang = "zh" if any(map(is_han, self.word)) else "en"
        return {
            "id": self.type_id, "names": {lang: {"colloquial": [self.word]}}, "provenance": "log", "review": "draft",
            "note": f"{self.people} people, share {self.share:.2f}, in: {' | '.join(self.examples)}",
        }  # fmt: skip


def suggest_words(
    queries: Iterable[Query], events: Iterable[Event], type_of: Callable[[str], str | None]
) -> list[WordSuggestion]:
    """Suggestions by falling number of people. `queries` and `events` ascend in time; `type_of` names a part's type."""
    asked = list(queries)
    clicked = _clicked(events, type_of)
    followed = _followed(asked)
    weights: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    examples: dict[str, dict[str, None]] = defaultdict(dict)
    for query in asked:
        for word in _words(query):
            examples[word].setdefault(query.user_query)
            for type_id, weight in _meant(query, clicked, followed):
                person = weights[word][type_id]
                person[_person(query)] = max(person.get(_person(query), 0.0), weight)
    found = [_suggestion(word, types, tuple(examples[word])) for word, types in weights.items()]
    kept = [one for one in found if one.people >= LEAST_PEOPLE and one.share >= LEAST_SHARE]
    return sorted(kept, key=lambda one: (-one.people, -one.share, one.word))


def _words(query: Query) -> Iterator[str]:
    """Words of the query that nobody knew; the whole text where it found nothing and no part was read."""
    told = [fold(str(word)).strip() for word in query.query_attributes.get("unknown", ())]
    if not told and not query.query_attributes.get("total") and not query.query_attributes.get("part_types"):
        told = [fold(query.user_query).strip()]
    return (word for word in dict.fromkeys(told) if SHORTEST <= len(word) <= LONGEST and not _coded(word))


def _coded(word: str) -> bool:
    return any(sign.isdigit() for sign in word)


def _meant(query: Query, clicked: dict[str, set[str]], followed: dict[str, Query]) -> Iterator[tuple[str, float]]:
    for type_id in clicked.get(query.query_id, ()):
        yield type_id, CLICKED
    instead = followed.get(query.query_id)
    if instead is None:
        return
    for type_id in clicked.get(instead.query_id, ()):
        yield type_id, CLICKED
    for type_id in instead.query_attributes.get("part_types", ())[:1]:
        yield str(type_id), TYPED


def _clicked(events: Iterable[Event], type_of: Callable[[str], str | None]) -> dict[str, set[str]]:
    """Query id → part types that were clicked, put into the cart or bought from its answer."""
    found: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.action in ACTIONS and event.query_id and event.object_id:
            type_id = type_of(event.object_id)
            if type_id:
                found[event.query_id].add(type_id)
    return found


def _followed(asked: Sequence[Query]) -> dict[str, Query]:
    """Query id → what the same person typed next, within ten minutes."""
    last: dict[str, Query] = {}
    found: dict[str, Query] = {}
    for query in asked:
        before = last.get(_person(query))
        if before is not None and query.at - before.at <= AGAIN_MS and before.user_query != query.user_query:
            found[before.query_id] = query
        last[_person(query)] = query
    return found


def _person(query: Query) -> str:
    """Session before user before device; a query of nobody is its own person."""
    return query.session_id or query.user_id or query.client_id or query.query_id


def _suggestion(word: str, types: dict[str, dict[str, float]], examples: tuple[str, ...]) -> WordSuggestion:
    sums = {type_id: sum(people.values()) for type_id, people in types.items()}
    best = max(sums, key=lambda type_id: (sums[type_id], type_id))
    share = round(sums[best] / sum(sums.values()), 4)
    return WordSuggestion(word, best, len(types[best]), share, examples[:MOST_EXAMPLES])
