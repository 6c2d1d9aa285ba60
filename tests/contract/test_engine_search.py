"""What both engines must agree on: which documents match, how many, and in which order."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pytest

from indexers.engine.errors import EngineRejected
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

ALL = Band("all", Everything())


def ordinals(page: Page, band: str = "all") -> list[int]:
    return [hit.ordinal for hit in page.hits[band]]


def matched(reader: Reader, one: Filter) -> list[int]:
    """Ordinals a filter matches, checked against its exact count."""
    plan = SearchPlan(one, (ALL,), limit=1000, counts=(Count("all", one), Count("apart", AllOf((one, Not(Nothing()))))))
    page = reader.search(plan)
    found = ordinals(page)
    assert page.counts == {"all": len(found), "apart": len(found)}
    return found


def text(*groups: Sequence[tuple[str, str]], required: int | None = None, boost: float = 1.0) -> TextQuery:
    made = tuple(TextGroup(tuple(TextTerm(field, token, boost) for field, token in group)) for group in groups)
    return TextQuery(made, len(made) if required is None else required)


MEANINGS: tuple[tuple[Filter, list[int]], ...] = (
    (Everything(), [0, 1, 2, 3]),
    (Nothing(), []),
    (AnyOf("brand", ("ACME",)), [0, 1]),
    (AnyOf("brand", ("acme",)), []),
    (AnyOf("brand", ("ACME", "Bolt & Co")), [0, 1, 2]),
    (AnyOf("brand", ()), []),
    (AnyOf("slots", (7,)), [0, 1]),
    (AnyOf("slots", (8, 100, 9)), [1, 2, 3]),
    (AnyOf("slots", ()), []),
    (AnyOf("ord", (3, 1, 77)), [1, 3]),
    (Runs("slots", ((7, 9),)), [0, 1, 2]),
    (Runs("slots", ((0, 6), (9, 9), (100, 2_000_000_000))), [1, 2, 3]),
    (Runs("slots", ((10, 99),)), []),
    (Runs("slots", ()), []),
    (Between("price", 10.0, 20.0), [0, 1]),
    (Between("price", None, 10.0), [0]),
    (Between("price", 20.0, None), [1, 2]),
    (Between("price", None, None), [0, 1, 2]),
    (Prefix("number_exact", "BP1"), [0, 1]),
    (Prefix("number_exact", "BP1.*"), []),
    (Prefix("number_exact", "A+(B"), [2]),
    (Not(AnyOf("brand", ("ACME",))), [2, 3]),
    (Not(Nothing()), [0, 1, 2, 3]),
    (Not(Everything()), []),
    (AllOf(()), [0, 1, 2, 3]),
    (AllOf((AnyOf("brand", ("ACME",)), Not(AnyOf("slots", (8,))))), [0]),
    (AllOf((AllOf((AnyOf("slots", (7,)),)), Everything())), [0, 1]),
    (AllOf((Not(AnyOf("slots", (7,))), Not(AnyOf("slots", (100,))))), [2]),
    (OneOf(()), []),
    (OneOf((AnyOf("slots", (100,)), Between("price", None, 10.0))), [0, 3]),
    (OneOf((Not(AnyOf("slots", (7, 9, 100))), AnyOf("ord", (3,)))), [3]),
    (Not(AllOf((AnyOf("brand", ("ACME",)), AnyOf("slots", (8,))))), [0, 2, 3]),
    (Not(Not(AnyOf("slots", (9,)))), [1, 2]),
)


def test_a_filter_matches_exactly_its_documents(build: Build) -> None:
    """Every filter means what its docstring says, alone and negated."""
    reader = build(
        [
            {"ord": 0, "brand": ["ACME"], "slots": [7], "price": 10.0, "number_exact": ["BP10", "X"]},
            {"ord": 1, "brand": ["ACME"], "slots": [7, 8, 9], "price": 20.0, "number_exact": ["BP11"]},
            {"ord": 2, "brand": ["Bolt & Co"], "slots": [9], "price": 30.5, "number_exact": ["A+(B)C"]},
            {"ord": 3, "slots": [100]},
        ]
    )
    for one, expected in MEANINGS:
        assert matched(reader, one) == expected, one
        assert matched(reader, Not(one)) == sorted(set(range(4)) - set(expected)), one


def test_a_disjunction_of_thousands_of_scattered_ids_matches(build: Build) -> None:
    """Neither engine's clause limit shows: 20,000 values that are no run, and 3,000 runs."""
    reader = build({"ord": ordinal, "slots": [ordinal * 10]} for ordinal in range(12))
    scattered = tuple(range(0, 60_000, 3))
    assert matched(reader, AnyOf("slots", scattered)) == [0, 3, 6, 9]
    runs = tuple((start, start + 5) for start in range(30, 60_030, 20))
    assert matched(reader, Runs("slots", runs)) == [3, 5, 7, 9, 11]


def test_a_conjunction_of_many_groups_of_runs_matches(build: Build) -> None:
    """Eighty groups, as many candidates judged apart make, are one plan."""
    reader = build({"ord": ordinal, "slots": list(range(ordinal, 900, 7))} for ordinal in range(7))
    groups = tuple(Runs("slots", ((start, start + 2), (start + 500, start + 506))) for start in range(0, 320, 4))
    assert matched(reader, AllOf(groups)) == [0, 1, 2, 3, 4, 5, 6]
    assert matched(reader, AllOf((*groups, Runs("slots", ((0, 2), (899, 899)))))) == [0, 1, 2, 3]


def test_a_token_matches_whole_and_only_in_its_field(build: Build) -> None:
    """Text is split at blanks and nothing else happens to it: analysis is ours."""
    reader = build(
        [
            {"ord": 0, "title": "刹车 刹车片 brake pad", "body": "disc"},
            {"ord": 1, "title": "Brake 5w40", "body": "brake"},
            {"ord": 2, "title": "brakes", "body": ""},
        ]
    )

    def found(field: str, token: str) -> list[int]:
        return ordinals(reader.search(SearchPlan(Everything(), (ALL,), 10, text=text([(field, token)]))))

    assert found("title", "brake") == [0]
    assert found("body", "brake") == [1]
    assert found("title", "刹车片") == [0]
    assert found("title", "车") == []
    assert found("title", "Brake") == [1]
    assert found("title", "5w40") == [1]


def test_as_many_groups_match_as_are_required(build: Build) -> None:
    """`required` counts groups, not terms; 0 lets everything pass and only scores."""
    reader = build(
        [
            {"ord": 0, "title": "a b c"},
            {"ord": 1, "title": "a a2"},
            {"ord": 2, "title": "x"},
        ]
    )
    groups = ([("title", "a"), ("title", "a2")], [("title", "b")], [("title", "c")])

    def found(required: int) -> list[int]:
        plan = SearchPlan(
            Everything(), (ALL,), 10, text=text(*groups, required=required), counts=(Count("n", Everything()),)
        )
        page = reader.search(plan)
        assert page.counts["n"] == len(page.hits["all"])
        return ordinals(page)

    assert found(3) == [0]
    assert found(2) == [0]
    assert sorted(found(1)) == [0, 1]
    assert found(0) == [0, 1, 2]
    assert found(4) == []


@pytest.mark.parametrize("required", [1, 2])
def test_more_groups_only_score(build: Build, required: int) -> None:
    """What is wished for beside what is required lifts, and leaves nothing out."""
    reader = build(
        [
            {"ord": 0, "title": "a b", "attribute": ["grade=sn"]},
            {"ord": 1, "title": "a b", "attribute": ["grade=sp"]},
            {"ord": 2, "title": "x", "attribute": ["grade=sp"]},
        ]
    )
    wished = (TextGroup((TextTerm("attribute", "grade=sp"),)),)
    asked = replace(text([("title", "a")], [("title", "b")], required=required), more=wished)
    page = reader.search(SearchPlan(Everything(), (ALL,), 10, text=asked, counts=(Count("n", Everything()),)))
    assert ordinals(page) == [1, 0]
    assert page.counts["n"] == 2


def test_a_group_scores_as_its_best_alternative_and_groups_add_up(build: Build) -> None:
    """Alternatives are for one thing the customer said: naming it twice is worth no more than once."""
    documents: list[Document] = [
        {"ord": 0, "title": "pad 片"},
        {"ord": 1, "title": "pad zz"},
        {"ord": 2, "title": "other words"},
    ]
    reader = build(documents)

    def scores(query: TextQuery) -> dict[int, float]:
        hits = reader.search(SearchPlan(Everything(), (ALL,), 10, text=query)).hits["all"]
        return {hit.ordinal: hit.score for hit in hits}

    pad, han = scores(text([("title", "pad")])), scores(text([("title", "片")]))
    both = scores(text([("title", "pad"), ("title", "片")]))
    assert both[0] == pytest.approx(max(pad[0], han[0]), abs=2e-3)
    assert both[1] == pytest.approx(pad[1], abs=2e-3)
    assert scores(text([("title", "pad")], [("title", "片")]))[0] == pytest.approx(pad[0] + han[0], abs=2e-3)
    assert scores(text([("title", "pad")], boost=3.0))[0] == pytest.approx(3 * pad[0], abs=5e-3)


def test_scores_are_bm25_over_the_whole_generation(build: Build) -> None:
    """k1 1.2, b 0.75, statistics over all shards and segments: both engines give Lucene's number.

    Ten documents of two tokens, three with the word: ln(1 + 7.5 / 3.5) = 1.14513, over 1 + k1 at average length.
    """
    reader = build({"ord": n, "title": "pad x" if n < 3 else "y x"} for n in range(10))
    hits = reader.search(SearchPlan(Everything(), (ALL,), 10, text=text([("title", "pad")]))).hits["all"]
    assert [hit.score for hit in hits] == pytest.approx([1.14513 / 2.2] * 3, abs=1e-3)


def test_a_keyword_scores_its_weight_however_common_it_is(build: Build) -> None:
    """A value that most documents have and one that a single one has score alike: their boost."""
    reader = build({"ord": number, "part_type": "rare" if number == 7 else "common"} for number in range(8))
    both = TextGroup((TextTerm("part_type", "rare", 2.0), TextTerm("part_type", "common", 3.0)))
    page = reader.search(SearchPlan(Everything(), (ALL,), limit=8, text=TextQuery((both,), 1)))
    assert [hit.score for hit in page.hits["all"]] == pytest.approx([3.0] * 7 + [2.0])


def test_filters_never_score(build: Build) -> None:
    """The score of a hit is the text's alone, whatever filters and bands it passed."""
    reader = build({"ord": n, "title": "pad", "brand": ["A"], "slots": [n]} for n in range(4))
    query = text([("title", "pad")])
    plain = reader.search(SearchPlan(Everything(), (ALL,), 10, text=query)).hits["all"]
    narrow = AllOf((AnyOf("brand", ("A",)), Runs("slots", ((0, 2),)), Not(AnyOf("slots", (9,)))))
    filtered = reader.search(SearchPlan(narrow, (ALL,), 10, text=query)).hits["all"]
    assert filtered == plain[:3]


def test_equal_scores_are_ordered_by_ordinal(build: Build) -> None:
    """A tie at the cut is resolved over all segments and shards, not by where a document lies."""
    shuffled = random.Random(5).sample(range(300), 300)
    reader = build({"ord": n, "title": "pad", "body": "thick" if n % 2 else "thin"} for n in shuffled)
    expected = [*range(1, 300, 2), *range(0, 300, 2)]
    query = text([("title", "pad")], [("body", "thick")], required=1)
    for limit in (1, 7, 149, 150, 151, 299, 300):
        assert ordinals(reader.search(SearchPlan(Everything(), (ALL,), limit, text=query))) == expected[:limit]


def test_without_a_text_the_order_is_the_ordinal(build: Build) -> None:
    """`SCORE` with nothing to score is the ascending ordinal, whatever the order of writing."""
    reader = build({"ord": n} for n in (5, 3, 9, 1, 7, 0))
    assert ordinals(reader.search(SearchPlan(Everything(), (ALL,), 4))) == [0, 1, 3, 5]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.PRICE_ASC, [3, 1, 4, 0, 2, 5]),
        (Order.PRICE_DESC, [0, 1, 4, 3, 2, 5]),
        (Order.RANK, [2, 0, 1, 3, 4, 5]),
        (Order.NEWEST, [5, 4, 3, 2, 1, 0]),
    ],
)
def test_an_order_by_number_breaks_ties_by_ordinal_and_puts_absent_last(
    build: Build, order: Order, expected: list[int]
) -> None:
    """At every limit the first hits of the whole order are returned, ties at the cut included."""
    prices = {0: 9.0, 1: 5.0, 3: 1.0, 4: 5.0}
    reader = build(
        {
            "ord": n,
            "rank": 0.5 if n == 2 else 0.0,
            "listed": float(730_000 + n),
            **({"price": prices[n]} if n in prices else {}),
        }
        for n in (4, 2, 0, 5, 3, 1)
    )
    for limit in range(1, 7):
        assert ordinals(reader.search(SearchPlan(Everything(), (ALL,), limit, order=order))) == expected[:limit]


def test_a_hit_carries_what_it_was_sorted_by(build: Build) -> None:
    """The price where prices sort, so that a cursor can go on from it."""
    reader = build([{"ord": 0, "price": 3.25}, {"ord": 1, "price": 1.5}])
    page = reader.search(SearchPlan(Everything(), (ALL,), 5, order=Order.PRICE_ASC))
    assert page.hits["all"] == [Hit(1, 1.5), Hit(0, 3.25)]


def test_bands_follow_each_other_up_to_the_limit(build: Build) -> None:
    """A later band never comes before an earlier one, and gives only what the earlier left of the limit."""
    reader = build(
        {"ord": n, "fitment": [("universal", "applications")[n % 2]], "title": "pad pad" if n % 2 else "pad"}
        for n in range(10)
    )
    bands = (Band("odd", AnyOf("fitment", ("applications",))), Band("even", AnyOf("fitment", ("universal",))))
    counts = (Count("even", bands[1].filter), Count("odd", bands[0].filter), Count("none", Nothing()))
    plan = SearchPlan(Everything(), bands, 7, text=text([("title", "pad")]), counts=counts)
    page = reader.search(plan)
    assert ordinals(page, "odd") == [1, 3, 5, 7, 9]
    assert ordinals(page, "even") == [0, 2]
    assert page.counts == {"odd": 5, "even": 5, "none": 0}
    assert page.partial == ()
    short = reader.search(SearchPlan(Everything(), bands, 2))
    assert (ordinals(short, "odd"), ordinals(short, "even")) == ([1, 3], [])


def test_limit_zero_only_counts(build: Build) -> None:
    """Counts and facets without a single hit."""
    reader = build({"ord": n, "brand": ["A"]} for n in range(3))
    plan = SearchPlan(
        Everything(), (ALL,), 0, counts=(Count("n", Everything()),), facets=(Facet("brand", "brand", Everything()),)
    )
    assert reader.search(plan) == Page({"all": []}, {"n": 3}, {"brand": [("A", 3)]})


def test_a_count_and_a_facet_stand_in_place_of_the_plans_filter(build: Build) -> None:
    """A facet counts as if its own field were not filtered: it brings its filter along, and only the text stays."""
    reader = build(
        {"ord": n, "brand": ["ABC"[n % 3]], "quality": ["oe" if n < 4 else "other"], "title": "pad" if n else "disc"}
        for n in range(6)
    )
    chosen, oe = AnyOf("brand", ("A",)), AnyOf("quality", ("oe",))
    plan = SearchPlan(
        AllOf((chosen, oe)),
        (ALL,),
        10,
        text=text([("title", "pad")]),
        counts=(Count("both", AllOf((oe, chosen))), Count("oe", oe)),
        facets=(Facet("brand", "brand", oe), Facet("quality", "quality", chosen), Facet("again", "brand", Nothing())),
    )
    page = reader.search(plan)
    assert ordinals(page) == [3]
    assert page.counts == {"both": 1, "oe": 3}
    assert page.facets == {"brand": [("A", 1), ("B", 1), ("C", 1)], "quality": [("oe", 1)], "again": []}


def test_facet_counts_are_exact_over_segments_and_shards(build: Build) -> None:
    """Every value returned has its true count, also where the top values of segments and shards differ."""
    rng = random.Random(11)
    values = [[f"v{min(int(rng.expovariate(0.02)), 199):03d}" for _ in range(rng.randrange(3))] for _ in range(900)]
    reader = build({"ord": n, "attribute": sorted(set(own))} for n, own in enumerate(values))
    truth: dict[str, int] = {}
    for own in values:
        for value in set(own):
            truth[value] = truth.get(value, 0) + 1
    expected = sorted(truth.items(), key=lambda pair: (-pair[1], pair[0]))
    for size in (1, 10, 57, 1000):
        plan = SearchPlan(Everything(), (), 0, facets=(Facet("a", "attribute", Everything(), size=size),))
        assert reader.search(plan).facets["a"] == expected[:size]


def test_a_facet_can_count_only_values_with_a_prefix(build: Build) -> None:
    """The attribute field holds `name=value`; the facet of one attribute asks for its name, taken literally."""
    reader = build([{"ord": 0, "attribute": ["w.(x)=1", "w.(x)=2", "wa(x)=3"]}, {"ord": 1, "attribute": ["w.(x)=2"]}])
    facet = Facet("w", "attribute", Everything(), prefix="w.(x)=")
    assert reader.search(SearchPlan(Everything(), (), 0, facets=(facet,))).facets["w"] == [
        ("w.(x)=2", 2),
        ("w.(x)=1", 1),
    ]


def test_range_facets_are_half_open_and_may_overlap(build: Build) -> None:
    """`[low, high)` each; documents without the number are in none."""
    reader = build([*({"ord": n, "price": float(n * 10)} for n in range(6)), {"ord": 6}])
    ranges = ((None, 10.0), (10.0, 30.0), (20.0, 40.0), (50.0, None), (100.0, 200.5), (None, None))
    plan = SearchPlan(Everything(), (), 0, facets=(Facet("price", "price", Everything(), ranges=ranges),))
    expected = [("..10", 1), ("10..30", 2), ("20..40", 2), ("50..", 1), ("100..200.5", 0), ("..", 6)]
    assert reader.search(plan).facets["price"] == expected


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("by_hit", [True, False])
def test_pages_go_on_without_repeats_or_gaps(build: Build, order: Order, by_hit: bool) -> None:
    """Pages of any size, put together, are the whole result over all bands, given the last hit or only the number."""
    rng = random.Random(3)
    reader = build(
        {
            "ord": n,
            "title": " ".join(["pad"] * rng.randrange(1, 4) + ["x"] * rng.randrange(2)),
            "price": float(rng.randrange(4)),
            "rank": rng.randrange(3) / 2,
            "listed": 1.0,
            "fitment": [rng.choice(("a", "b"))],
        }
        | ({} if n % 5 else {"price": 2.0})
        for n in rng.sample(range(60), 60)
    )
    bands = (Band("a", AnyOf("fitment", ("a",))), Band("b", AnyOf("fitment", ("b",))))
    query = text([("title", "pad")])
    whole = reader.search(SearchPlan(Everything(), bands, 100, text=query, order=order))
    expected = [*((("a", hit)) for hit in whole.hits["a"]), *(("b", hit) for hit in whole.hits["b"])]
    assert len(expected) == 60
    gathered: list[tuple[str, Hit]] = []
    after: After | None = None
    for _ in range(20):
        page = reader.search(SearchPlan(Everything(), bands, 7, text=query, order=order, after=after))
        fresh = [(band.name, hit) for band in bands for hit in page.hits[band.name]]
        gathered += fresh
        if len(fresh) < 7:
            break
        band, hit = gathered[-1]
        after = After(band, sum(name == band for name, _ in gathered), hit if by_hit else None)
    assert gathered == expected


def test_a_plan_that_names_an_unknown_field_is_refused(build: Build) -> None:
    """A misspelt field is a defect to be seen, never an empty result."""
    reader = build([{"ord": 0}])
    for one in (AnyOf("brandd", ("x",)), Runs("slot", ((1, 2),)), Between("brand", 1.0, 2.0), Prefix("nope", "x")):
        with pytest.raises(EngineRejected):
            reader.search(SearchPlan(one, (ALL,), 5))
    with pytest.raises(EngineRejected):
        reader.search(SearchPlan(Everything(), (ALL,), 5, text=text([("nope", "x")])))
    with pytest.raises(EngineRejected):
        reader.search(SearchPlan(Everything(), (ALL,), 5, after=After("other", 1)))
