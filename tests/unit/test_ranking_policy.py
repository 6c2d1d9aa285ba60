"""The merchandiser's configuration: what is accepted, what is refused and where, when rules fire."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from ranking.errors import PolicyError
from ranking.policy import Context, Policy, banners_of, load_policy, redirect_of
from ranking.policy_file import json_schema

CONFIG = Path(__file__).parents[2] / "config"
TODAY = datetime.date(2026, 11, 23)


def context(**given: object) -> Context:
    return Context(today=TODAY, **given)  # type: ignore[arg-type]


def rules(text: str) -> Policy:
    return load_policy(f"rules: [{text}]".encode())


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_policy(text.encode())
    return [str(problem) for problem in caught.value.problems]


def fired(policy: Policy, **given: object) -> list[str]:
    return [firing.rule_id for firing in policy.firing(context(**given))]


HIDE = "effects: [{effect: hide, items: {brand: [X]}}]"


def test_the_example_configuration_passes_its_own_check() -> None:
    """The file shipped in `config/` loads and holds every effect."""
    policy = load_policy(CONFIG / "merchandising.yaml")
    effects = {type(effect).__name__ for rule in policy.file.rules for effect in rule.effects}
    assert effects == {"Boost", "Bury", "Pin", "Hide", "Synonyms", "Redirect", "Banner"}


def test_the_exported_schema_is_current() -> None:
    """`config/schemas/merchandising.schema.json` is what the types say."""
    written = json.loads((CONFIG / "schemas/merchandising.schema.json").read_text())
    assert written == json.loads(json.dumps(json_schema()))


def test_every_key_of_the_schema_is_described() -> None:
    """Each property of each object has a description or is another documented object."""
    defs = json_schema()["$defs"]
    bare = {
        f"{name}.{key}"
        for name, definition in defs.items()
        for key, value in definition.get("properties", {}).items()
        if not ({"description", "$ref", "anyOf", "enum", "const"} & value.keys() or "items" in value)
    }
    assert bare <= {"Rule.enabled", "Rule.when"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("weights:\n  txt: 1", "line 2: weights.txt: Object contains unknown field `txt`"),
        ("weights:\n  text: -1", "line 2: weights.text: Expected `float` >= 0.0"),
        ("weights:\n  text: .nan", "line 2: weights.text: Expected `float` >= 0.0"),
        ("rulez: []", "line 1: rulez: unknown key; known: weights, thresholds, rules"),
        ("rules:\n- id: a", "line 2: rules[0].effects: Object missing required field `effects`"),
        (f"rules:\n- id: a\n  {HIDE}\n- id: a\n  {HIDE}", "line 2: rules[0].id: rule id 'a' is used more than once"),
        ("weights: {text: 1}\nweights: {}", "line 2: weights: key is given twice"),
        ("a: &x [1]\nb: *x", "line 1: b: aliases are not allowed; write the value out"),
        ("- a", "line 1: file: the file must be a mapping of weights, thresholds, rules"),
        ("weights: [", "line 1: file: expected the node content, but found '<stream end>'"),
    ],
)
def test_a_fault_is_named_with_line_and_path(text: str, expected: str) -> None:
    """The first problem says where it is and what is wrong."""
    assert problems(text)[0] == expected


@pytest.mark.parametrize(
    ("when", "effect", "message"),
    [
        ("{from: 2026-12-01, to: 2026-11-01}", "{effect: hide, items: {brand: [X]}}", "is after to"),
        ("{query: {regex: '('}}", "{effect: hide, items: {brand: [X]}}", "no valid regular expression"),
        ("{query: {regex: '(a+)+b'}}", "{effect: hide, items: {brand: [X]}}", "exponential"),
        ("{query: {regex: '.*a.*b.*c.*d'}}", "{effect: hide, items: {brand: [X]}}", "open repeats"),
        ("{query: {}}", "{effect: hide, items: {brand: [X]}}", "at least one of equals"),
        ("{}", "{effect: hide, items: {}}", "names no parts"),
        ("{}", "{effect: boots, items: {brand: [X]}}", "known effects: boost, bury"),
        ("{}", "{effect: boost, weight: 0, items: {brand: [X]}}", "> 0"),
        ("{}", "{effect: pin, part_ids: [X], position: 0}", ">= 1"),
        ("{}", "{effect: redirect, url: 'javascript:alert(1)'}", "neither http"),
        ("{}", "{effect: redirect, url: '//evil.example'}", "neither http"),
        ("{}", "{effect: banner, text: {en: x}, link: 'data:x'}", "neither http"),
        ("{}", "{effect: synonyms, pairs: [{from: a, to: [A]}]}", "rewritten to itself"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(when: str, effect: str, message: str) -> None:
    """Each of these is one problem, under the rule's path."""
    (problem,) = problems(f"rules: [{{id: a, when: {when}, effects: [{effect}]}}]")
    assert message in problem
    assert "rules[0]" in problem


def test_every_bad_rule_is_reported_at_once() -> None:
    """One bad rule does not hide the next."""
    assert len(problems("rules:\n- {id: a}\n- {id: b, effects: []}\n- {id: c, effects: [{effect: x}]}")) == 3


def test_an_empty_file_is_the_default_policy() -> None:
    """No text, no rules, default weights; the version is that of the default."""
    assert load_policy(b"").version == Policy.default().version


def test_the_version_follows_the_meaning_not_the_writing() -> None:
    """Comments, order of keys and spelled-out defaults leave it, a weight or a rule changes it."""
    plain = load_policy(b"weights: {text: 2, price: 0.5}").version
    assert load_policy(b"# why\nweights:\n  price: 0.5\n  text: 2\n  popularity: 0.4\nrules: []").version == plain
    assert load_policy(b"weights: {text: 2, price: 0.6}").version != plain
    assert rules(f"{{id: a, {HIDE}}}").version != rules(f"{{id: b, {HIDE}}}").version


@pytest.mark.parametrize(
    ("when", "given", "fires"),
    [
        ("{}", {}, True),
        ("{query: {equals: [brake pads]}}", {"query": " Brake  PADS "}, True),
        ("{query: {equals: [brake pads]}}", {"query": "brake pads front"}, False),
        ("{query: {contains: [pad]}}", {"query": "front pad"}, True),
        ("{query: {contains: [pad]}}", {"query": "padded cover"}, False),
        ("{query: {contains: [刹车]}}", {"query": "卡罗拉刹车片"}, True),
        ("{query: {regex: '^w2[0-9]{2}'}}", {"query": "W211 brake"}, True),
        ("{part_type: [brake_pad]}", {"part_types": ("Brake_Pad", "brake_disc")}, True),
        ("{part_type: [brake_pad]}", {}, False),
        ("{brand: [acme]}", {"brands": ("ACME",)}, True),
        ("{store: [s1], lang: [zh]}", {"store": "s1", "lang": "zh"}, True),
        ("{store: [s1], lang: [zh]}", {"store": "s1", "lang": "en"}, False),
        ("{member_level: [gold]}", {"member_level": "gold"}, True),
        ("{make: [丰田, Toyota]}", {"makes": ("TOYOTA",)}, True),
        ("{from: 2026-11-23, to: 2026-11-23}", {}, True),
        ("{from: 2026-11-24}", {}, False),
        ("{to: 2026-11-22}", {}, False),
    ],
)
def test_a_rule_fires_when_all_it_asks_for_holds(when: str, given: dict[str, object], fires: bool) -> None:
    """Keys AND, values of one key OR; what is not known does not fire."""
    assert fired(rules(f"{{id: a, when: {when}, {HIDE}}}"), **given) == (["a"] if fires else [])


def test_a_disabled_rule_does_not_fire() -> None:
    """`enabled: false` keeps a rule in the file and out of the way."""
    assert fired(rules(f"{{id: a, enabled: false, {HIDE}}}")) == []


def test_hidden_and_named_parts_are_given_for_the_plan() -> None:
    """Hides come as selectors for a filter; parts that pins and boosts name come for the pool."""
    policy = rules(
        "{id: a, effects: [{effect: hide, items: {part_ids: [H]}}, {effect: pin, part_ids: [P, Q]}, "
        "{effect: boost, weight: 1, items: {part_ids: [Q, R]}}]}"
    )
    assert [items.part_ids for items in policy.hidden(context())] == [("H",)]
    assert policy.named(context()) == ("P", "Q", "R")


def test_the_first_redirect_wins_and_every_banner_is_shown() -> None:
    """File order decides between redirects; banners do not exclude each other."""
    policy = rules(
        "{id: a, effects: [{effect: redirect, url: /a}, {effect: banner, text: {en: A}}]}, "
        "{id: b, effects: [{effect: redirect, url: /b}, {effect: banner, text: {en: B}}]}"
    )
    firings = policy.firing(context())
    assert redirect_of(firings) == "/a"
    assert [rule_id for rule_id, _ in banners_of(firings)] == ["a", "b"]
    assert redirect_of(()) is None
