"""Synonyms as query-time rewriting: one pass over the text, longest words first, never over their own output."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ranking.policy_file import Synonym
from ranking.words import key, word_pattern

MAX_EXPANSIONS = 8  # alternatives searched beside the text; more slow the engine down and blur the result


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What became of the customer's text.

    `text` is to be understood in place of what was typed; `expansions` are whole texts to be searched as well (two-way
    pairs and further `to` words); `rule_ids` are the rules that changed something, in file order.
    """

    text: str
    expansions: tuple[str, ...] = ()
    rule_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    rule_id: str
    order: int
    to: tuple[str, ...]
    two_way: bool


class Rewriter:
    """The pairs of the firing rules, compiled. For words that several pairs rewrite the first pair wins."""

    def __init__(self, pairs: Sequence[tuple[str, Synonym]]) -> None:
        self._entries: dict[str, _Entry] = {}
        for order, (rule_id, pair) in enumerate(pairs):
            self._entries.setdefault(key(pair.from_), _Entry(rule_id, order, pair.to, pair.two_way))
            if pair.two_way:
                for word in pair.to:
                    others = (pair.from_, *(other for other in pair.to if other != word))
                    self._entries.setdefault(key(word), _Entry(rule_id, order, others, True))
        longest_first = sorted(self._entries, key=lambda word: (-len(word), word))
        self._pattern = re.compile("|".join(map(word_pattern, longest_first)), re.IGNORECASE)

    def apply(self, query: str) -> Rewriting:
        """Rewrite `query` (compared in NFKC, without case); text without a pair comes back as it was typed."""
        text = " ".join(unicodedata.normalize("NFKC", query).split())
        found = [(match, self._entries[key(match.group())]) for match in self._pattern.finditer(text)]
        if not found:
            return Rewriting(query)
        chosen = [match.group() if entry.two_way else entry.to[0] for match, entry in found]
        main = _splice(text, found, chosen)
        texts: dict[str, None] = {}
        for index, (_, entry) in enumerate(found):
            for word in entry.to if entry.two_way else entry.to[1:]:
                texts[_splice(text, found, [*chosen[:index], word, *chosen[index + 1 :]])] = None
        texts.pop(main, None)
        fired = dict.fromkeys(entry.rule_id for _, entry in sorted(found, key=lambda pair: pair[1].order))
        return Rewriting(main, tuple(texts)[:MAX_EXPANSIONS], tuple(fired))


def _splice(text: str, found: list[tuple[re.Match[str], _Entry]], words: list[str]) -> str:
    pieces, end = [], 0
    for (match, _), word in zip(found, words, strict=True):
        pieces += [text[end : match.start()], word]
        end = match.end()
    return "".join([*pieces, text[end:]])
