"""One immutable version of the merchandiser's configuration, and what it does to one request."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec

from ranking.policy_check import parse_policy
from ranking.policy_file import (
    Banner,
    Boost,
    Bury,
    Effect,
    Hide,
    Items,
    Pin,
    PolicyFile,
    QueryMatch,
    Redirect,
    Rule,
    Synonyms,
    Thresholds,
    Weights,
    When,
)  # fmt: skip
from ranking.rewriting import Rewriter, Rewriting
from ranking.selecting import Selector
from ranking.words import key, word_pattern

Test: TypeAlias = "Callable[[Context, str], bool]"


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may ask about one request. Empty means not known, and then a rule that asks for it stays silent.

    `part_types` takes ids and names alike; everything but `query` and `today` compares without case.
    """

    today: datetime.date
    query: str = ""
    part_types: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    store: str | None = None
    member_level: str | None = None
    lang: str | None = None
    makes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Firing:
    """One effect of one rule that applies to the request, in file order."""

    rule_id: str
    effect: Effect
    selector: Selector | None = None

    @property
    def name(self) -> str:
        """`boost`, `bury`, `pin`, `hide`, `synonyms`, `redirect` or `banner`."""
        return type(self.effect).__name__.lower()


class Policy:
    """A checked configuration, compiled. Never changes; a new version is a new object."""

    def __init__(self, file: PolicyFile) -> None:
        self.file = file
        self.version = content_version(file)
        self._rules = tuple((_tests(rule.when), _firings(rule)) for rule in file.rules if rule.enabled)

    @classmethod
    def default(cls) -> Policy:
        """The policy of an operator who wrote none: default weights, no rules."""
        return cls(PolicyFile())

    @property
    def weights(self) -> Weights:
        """Weight of each signal."""
        return self.file.weights

    @property
    def thresholds(self) -> Thresholds:
        """Constants of the signals' curves."""
        return self.file.thresholds

    def firing(self, context: Context) -> tuple[Firing, ...]:
        """Every effect that applies, in file order, synonyms included."""
        text = key(context.query)
        fired = (firings for tests, firings in self._rules if all(test(context, text) for test in tests))
        return tuple(firing for firings in fired for firing in firings)

    def rewrite(self, context: Context) -> Rewriting:
        """`context.query` with the synonyms of firing rules applied. Ask before the text is understood."""
        fired = tuple(f for f in self.firing(context) if isinstance(f.effect, Synonyms))
        pairs = [(f.rule_id, pair) for f in fired if isinstance(f.effect, Synonyms) for pair in f.effect.pairs]
        return Rewriter(pairs).apply(context.query) if pairs else Rewriting(context.query)

    def hidden(self, context: Context) -> tuple[Items, ...]:
        """Selectors of parts nobody may see. Turn them into an engine filter, so that totals and facets agree."""
        return tuple(f.effect.items for f in self.firing(context) if isinstance(f.effect, Hide))

    def named(self, context: Context) -> tuple[str, ...]:
        """Parts that firing pins and boosts name, without repeats; they join the pool under the same filters."""
        names: dict[str, None] = {}
        for fired in self.firing(context):
            if isinstance(fired.effect, Pin):
                names.update(dict.fromkeys(fired.effect.part_ids))
            elif isinstance(fired.effect, Boost):
                names.update(dict.fromkeys(fired.effect.items.part_ids))
        return tuple(names)


def redirect_of(firings: Iterable[Firing]) -> str | None:
    """Address of the first redirect that fires, or None."""
    return next((f.effect.url for f in firings if isinstance(f.effect, Redirect)), None)


def banners_of(firings: Iterable[Firing]) -> tuple[tuple[str, Banner], ...]:
    """(rule id, banner) of every banner that fires, in file order."""
    return tuple((f.rule_id, f.effect) for f in firings if isinstance(f.effect, Banner))


def load_policy(source: bytes | Path) -> Policy:
    """Read and check a configuration. Raises `PolicyError` with every problem; `OSError` if the file is unreadable."""
    return Policy(parse_policy(source if isinstance(source, bytes) else source.read_bytes()))


def content_version(file: PolicyFile) -> str:
    """Twelve hexadecimal digits over what the file means: comments, key order and spelled-out defaults do not count."""
    bare = _without_defaults(msgspec.to_builtins(file), msgspec.to_builtins(PolicyFile()))
    return hashlib.sha256(msgspec.json.encode(bare, order="sorted")).hexdigest()[:12]


def _without_defaults(value: object, default: object) -> object:
    if isinstance(value, dict) and isinstance(default, dict):
        pairs = ((key, item, default.get(key)) for key, item in value.items())
        return {key: _without_defaults(item, base) for key, item, base in pairs if item != base}
    return value


def _firings(rule: Rule) -> tuple[Firing, ...]:
    return tuple(
        Firing(rule.id, effect, Selector(effect.items) if isinstance(effect, Boost | Bury | Hide) else None)
        for effect in rule.effects
    )


def _tests(when: When) -> tuple[Test, ...]:
    tests: list[Test] = []
    if when.from_ is not None or when.to is not None:
        tests.append(_dates(when.from_ or datetime.date.min, when.to or datetime.date.max))
    for words, values in (
        (when.store, lambda c: (c.store,)),
        (when.member_level, lambda c: (c.member_level,)),
        (when.lang, lambda c: (c.lang,)),
        (when.make, lambda c: c.makes),
        (when.brand, lambda c: c.brands),
        (when.part_type, lambda c: c.part_types),
    ):
        if words:
            tests.append(_one_of(frozenset(map(key, words)), values))
    if when.query is not None:
        tests.append(_query(when.query))
    return tuple(tests)


def _dates(first: datetime.date, last: datetime.date) -> Test:
    return lambda context, _: first <= context.today <= last


def _one_of(wanted: frozenset[str], values: Callable[[Context], tuple[str | None, ...]]) -> Test:
    return lambda context, _: any(value is not None and key(value) in wanted for value in values(context))


def _query(match: QueryMatch) -> Test:
    equals = frozenset(map(key, match.equals))
    parts = [word_pattern(key(word)) for word in match.contains]
    contains = re.compile("|".join(parts)) if parts else None
    regex = re.compile(match.regex, re.IGNORECASE) if match.regex is not None else None

    def test(context: Context, text: str) -> bool:
        if text in equals or (contains is not None and contains.search(text) is not None):
            return True
        return regex is not None and regex.search(text) is not None

    return test


__all__ = [
    "Banner", "Boost", "Bury", "Context", "Firing", "Hide", "Items", "Pin", "Policy", "Rule", "banners_of",
    "content_version", "load_policy", "redirect_of",
]  # fmt: skip
