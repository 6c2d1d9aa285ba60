"""From a file's bytes to a checked `PolicyFile`: every fault found is reported with its path and line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from ranking.errors import PolicyError, Problem
from ranking.policy_file import (
    Banner,
    Boost,
    Bury,
    Effect,
    Hide,
    PolicyFile,
    QueryMatch,
    Redirect,
    Rule,
    Synonyms,
    Thresholds,
    Weights,
)  # fmt: skip
from ranking.strict_yaml import Lines, Path, read_yaml, show

T = TypeVar("T")
EFFECTS = ("boost", "bury", "pin", "hide", "synonyms", "redirect", "banner")
MAX_REPEATS = 3  # over 256 characters, 3 nested scans are at most some milliseconds
_AT = re.compile(r"\s*- at `\$([^`]*)`$")
_FIELD = re.compile(r"(?:unknown|required) field `([^`]*)`")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")
_LINK = re.compile(r"^(https?://[^\s]+|/(?![/\\])[^\s]*)$")
_ESCAPED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")


def parse_policy(data: bytes) -> PolicyFile:
    """Read and check a YAML (or JSON) configuration. Raises `PolicyError` with all problems, sorted by line."""
    raw, lines = read_yaml(data)
    if raw is None:
        raw = {}
    if not isinstance(raw, dict):
        raise PolicyError((Problem("", lines.near(()), "the file must be a mapping of weights, thresholds, rules"),))
    problems: list[Problem] = []
    file, indices = _structure(raw, lines, problems)
    for path, message in _faults(file, indices):
        problems.append(Problem(show(path), lines.near(path), message))
    if problems:
        raise PolicyError(tuple(sorted(problems, key=lambda p: (p.line or 0, p.path))))
    return file


def _structure(raw: dict[str, Any], lines: Lines, problems: list[Problem]) -> tuple[PolicyFile, list[int]]:
    for key in raw.keys() - {"weights", "thresholds", "rules"}:
        problems.append(Problem(key, lines.near((key,)), "unknown key; known: weights, thresholds, rules"))
    rules = raw.get("rules") or []
    if not isinstance(rules, list):
        problems.append(Problem("rules", lines.near(("rules",)), "expected a list of rules"))
        rules = []
    read = [(i, _convert(rule, Rule, ("rules", i), lines, problems)) for i, rule in enumerate(rules)]
    weights = _convert(raw.get("weights") or {}, Weights, ("weights",), lines, problems)
    thresholds = _convert(raw.get("thresholds") or {}, Thresholds, ("thresholds",), lines, problems)
    kept = tuple(rule for _, rule in read if rule is not None)
    return PolicyFile(weights or Weights(), thresholds or Thresholds(), kept), [i for i, rule in read if rule]


def _convert(raw: Any, type_: type[T], path: Path, lines: Lines, problems: list[Problem]) -> T | None:
    try:
        return msgspec.convert(raw, type_)
    except msgspec.ValidationError as error:
        problems.append(_problem(str(error), path, lines))
        return None


def _problem(text: str, base: Path, lines: Lines) -> Problem:
    at = _AT.search(text)
    steps = _STEP.findall(at.group(1)) if at else []
    path = base + tuple(name or int(index) for name, index in steps)
    message = _AT.sub("", text)
    if named := _FIELD.search(message):
        path = (*path, named.group(1))
    if path and path[-1] == "effect":
        message = f"{message}; known effects: {', '.join(EFFECTS)}"
    return Problem(show(path), lines.near(path), message)


def _faults(file: PolicyFile, indices: list[int]) -> Iterator[tuple[Path, str]]:
    repeated = {rule_id for rule_id, n in Counter(rule.id for rule in file.rules).items() if n > 1}
    for index, rule in zip(indices, file.rules, strict=True):
        if rule.id in repeated:
            yield ("rules", index, "id"), f"rule id {rule.id!r} is used more than once"
        yield from _rule_faults(rule, ("rules", index))


def _rule_faults(rule: Rule, path: Path) -> Iterator[tuple[Path, str]]:
    when = rule.when
    if when.from_ and when.to and when.from_ > when.to:
        yield (*path, "when", "from"), f"{when.from_} is after to: {when.to}; the rule could never fire"
    if when.query is not None:
        yield from _query_faults(when.query, (*path, "when", "query"))
    for index, effect in enumerate(rule.effects):
        yield from _effect_faults(effect, (*path, "effects", index))


def _query_faults(query: QueryMatch, path: Path) -> Iterator[tuple[Path, str]]:
    if not (query.equals or query.contains or query.regex is not None):
        yield path, "give at least one of equals, contains, regex"
    for key, words in (("equals", query.equals), ("contains", query.contains)):
        for index, word in enumerate(words):
            if not word.strip():
                yield (*path, key, index), "must not be blank"
    if query.regex is not None and (fault := regex_fault(query.regex)):
        yield (*path, "regex"), fault


def regex_fault(pattern: str) -> str | None:
    """Why `pattern` is refused, or None. Refused are also patterns whose worst case would hold up a request."""
    if not pattern or len(pattern) > 500:
        return "a regular expression has 1 to 500 characters"
    try:
        re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        return f"no valid regular expression: {error}"
    bare = _ESCAPED.sub("x", pattern)
    if re.search(r"\)(?:[*+]|\{)", bare):
        return "a repeated group can take exponential time; write the repetition out"
    if len(re.findall(r"[*+]|\{\d*,", bare)) > MAX_REPEATS:
        return f"more than {MAX_REPEATS} open repeats (*, +, {{n,}}) can take too long on long texts"
    return None


def _effect_faults(effect: Effect, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(effect, Boost | Bury | Hide):
        items = effect.items
        if not (items.part_ids or items.brand or items.part_type or items.quality):
            yield (*path, "items"), "names no parts; give part_ids, brand, part_type or quality"
    if isinstance(effect, Synonyms):
        yield from _synonym_faults(effect, path)
    links = {"url": effect.url} if isinstance(effect, Redirect) else {}
    if isinstance(effect, Banner):
        links = {"link": effect.link or "/", "image": effect.image or "/"}
    for key, link in links.items():
        if not _LINK.match(link):
            yield (*path, key), f"{link!r} is neither http(s)://... nor /path"


def _synonym_faults(effect: Synonyms, path: Path) -> Iterator[tuple[Path, str]]:
    for index, pair in enumerate(effect.pairs):
        if not pair.from_.strip() or not all(word.strip() for word in pair.to):
            yield (*path, "pairs", index), "words must not be blank"
        elif any(word.casefold() == pair.from_.casefold() for word in pair.to):
            yield (*path, "pairs", index), f"{pair.from_!r} is rewritten to itself"
