"""Random plans on both engines against a few lines of Python that say what a plan means."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from indexers.engine.plan import (
    After,
    AllOf,
    AnyOf,
    Band,
    Between,
    Count,
    Everything,
    Facet,
    Filter,
    Hit,
    Not,
    Nothing,
    OneOf,
    Order,
    Page,
    Prefix,
    Runs,
    SearchPlan,
    TextGroup,
    TextQuery,
    TextTerm,
)
from indexers.engine.port import Document, Reader

Build = Callable[[Iterable[Document]], Reader]
Row = dict[str, Any]

BRANDS = ("ACME", "Bolt & Co", 'quote"s', "刹车", "a:b", "x*")
TOKENS = tuple("abcdefgh")
FIELDS = ("title", "type_names", "body")


def make_document(rng: random.Random, ordinal: int) -> Row:
    row: Row = {
        "ord": ordinal,
        "brand": rng.sample(BRANDS, rng.randrange(3)),
        "slots": rng.sample(range(60), rng.randrange(8)),
        "touches": rng.sample(range(6), 2),
        "rank": rng.randrange(4) / 4,
        "listed": float(rng.randrange(5)),
        **{field: " ".join(rng.choices(TOKENS, k=rng.randrange(4))) for field in FIELDS},
    }
    if rng.random() < 0.8:
        row["price"] = rng.randrange(-2, 12) / 2
    return row


def make_filter(rng: random.Random, depth: int = 3) -> Filter:
    kind = rng.randrange(9 if depth else 6)
    if kind == 0:
        return AnyOf("brand", tuple(rng.sample(BRANDS, rng.randrange(3))))
    if kind == 1:
        return AnyOf("slots", tuple(rng.sample(range(70), rng.randrange(12))))
    if kind == 2:
        ends = sorted(rng.sample(range(70), 4))
        return Runs("slots", ((ends[0], ends[1]), (ends[1] + 1, ends[2])) if ends[2] > ends[1] else ())
    if kind == 3:
        low, high = sorted(rng.choices((None, -0.5, 0.0, 2.5, 6.0), k=2), key=lambda end: (end is None, end))
        return Between("price", low, high)
    if kind == 4:
        return Prefix("brand", rng.choice(BRANDS)[: rng.randrange(1, 4)])
    if kind == 5:
        return rng.choice((Everything(), Nothing(), AnyOf("touches", (rng.randrange(7),))))
    if kind == 6:
        return Not(make_filter(rng, depth - 1))
    members = tuple(make_filter(rng, depth - 1) for _ in range(rng.randrange(4)))
    return AllOf(members) if kind == 7 else OneOf(members)


def make_text(rng: random.Random) -> TextQuery | None:
    if rng.random() < 0.3:
        return None
    groups = []
    for _ in range(rng.randrange(1, 4)):
        tokens = rng.sample(TOKENS, rng.randrange(1, 3))
        fields = FIELDS if rng.random() < 0.6 else rng.sample(FIELDS, rng.randrange(1, 3))
        groups.append(TextGroup(tuple(TextTerm(field, token, 2.0) for token in tokens for field in fields)))
    return TextQuery(tuple(groups), rng.randrange(len(groups) + 1))


def holds(row: Row, one: Filter) -> bool:
    match one:
        case Everything():
            return True
        case Nothing():
            return False
        case AnyOf(field, values):
            return bool(set(row[field]) & set(values))
        case Runs(field, runs):
            return any(low <= value <= high for value in row[field] for low, high in runs)
        case Between(field, low, high):
            value = row.get(field)
            return value is not None and (low is None or low <= value) and (high is None or value <= high)
        case Prefix(field, prefix):
            return any(value.startswith(prefix) for value in row[field])
        case AllOf(members):
            return all(holds(row, member) for member in members)
        case OneOf(members):
            return any(holds(row, member) for member in members)
        case Not(member):
            return not holds(row, member)


def says(row: Row, text: TextQuery | None) -> bool:
    if text is None:
        return True
    found = sum(any(term.token in row[term.field].split() for term in group.terms) for group in text.groups)
    return found >= text.required


def sort_key(row: Row, order: Order) -> tuple[float, int]:
    field, sign = {
        Order.RANK: ("rank", -1),
        Order.PRICE_ASC: ("price", 1),
        Order.PRICE_DESC: ("price", -1),
        Order.NEWEST: ("listed", -1),
    }[order]
    return (sign * row[field] if field in row else float("inf"), row["ord"])


def all_hits(page: Page) -> list[int]:
    return [hit.ordinal for hits in page.hits.values() for hit in hits]


@pytest.mark.parametrize("seed", range(3))
def test_any_plan_gives_what_it_says(build: Build, seed: int) -> None:
    """Hits of every band, counts and facets of 30 random plans a catalogue equal those found by looking at each row."""
    rng = random.Random(seed)
    rows = [make_document(rng, ordinal) for ordinal in range(150)]
    reader = build(rows)
    for _ in range(30):
        text, own, split, apart = make_text(rng), make_filter(rng), make_filter(rng), make_filter(rng)
        bands = (Band("in", split), Band("out", Not(split)))
        order, limit = rng.choice(list(Order)), rng.choice((0, 5, 40, 200))
        plan = SearchPlan(
            own,
            bands,
            limit,
            text=text,
            order=order,
            counts=(Count("in", AllOf((own, split))), Count("out", AllOf((own, Not(split)))), Count("apart", apart)),
            facets=(Facet("brand", "brand", apart), Facet("price", "price", own, ranges=((None, 1.0), (0.0, 3.0)))),
        )
        page = reader.search(plan)
        matching = [row for row in rows if says(row, text)]
        inside = [row for row in matching if holds(row, own)]
        banded = {"in": [r for r in inside if holds(r, split)], "out": [r for r in inside if not holds(r, split)]}
        beside = [row for row in matching if holds(row, apart)]
        assert page.counts == {**{name: len(found) for name, found in banded.items()}, "apart": len(beside)}, plan
        brands = Counter(brand for row in beside for brand in row["brand"])
        assert page.facets["brand"] == sorted(brands.items(), key=lambda pair: (-pair[1], pair[0])), plan
        prices = [row["price"] for row in inside if "price" in row]
        low, middle = sum(price < 1.0 for price in prices), sum(0.0 <= price < 3.0 for price in prices)
        assert page.facets["price"] == [("..1", low), ("0..3", middle)], plan
        wanted = [min(limit, len(banded["in"])), 0]
        wanted[1] = min(limit - wanted[0], len(banded["out"]))
        for (name, found), count in zip(banded.items(), wanted, strict=True):
            hits = page.hits[name]
            assert len(hits) == count, plan
            assert {hit.ordinal for hit in hits} <= {row["ord"] for row in found}, plan
            if order is not Order.SCORE:
                ordered = sorted(found, key=lambda row: sort_key(row, order))
                assert [hit.ordinal for hit in hits] == [row["ord"] for row in ordered[:count]], plan
            elif text is None:
                assert [hit.ordinal for hit in hits] == [row["ord"] for row in found[:count]], plan
            else:
                assert hits == sorted(hits, key=lambda hit: (-hit.score, hit.ordinal)), plan


@pytest.mark.parametrize("seed", range(1))
def test_any_plan_pages_without_repeats_or_gaps(build: Build, seed: int) -> None:
    """Whatever the text, bands, order and page size, the pages put together are the one long page."""
    rng = random.Random(100 + seed)
    reader = build(make_document(rng, ordinal) for ordinal in range(120))
    for _ in range(8):
        split = make_filter(rng)
        bands = (Band("in", split), Band("out", Not(split)))
        base = SearchPlan(Everything(), bands, 500, text=make_text(rng), order=rng.choice(list(Order)))
        whole = reader.search(base)
        size = rng.choice((7, 11, 50))
        gathered: list[tuple[str, Hit]] = []
        after: After | None = None
        while True:
            plan = SearchPlan(base.filter, bands, size, text=base.text, order=base.order, after=after)
            page = reader.search(plan)
            gathered += [(band.name, hit) for band in bands for hit in page.hits[band.name]]
            if len(all_hits(page)) < size:
                break
            band, hit = gathered[-1]
            after = After(band, sum(name == band for name, _ in gathered), rng.choice((hit, None)))
        assert [hit.ordinal for _, hit in gathered] == all_hits(whole), base
