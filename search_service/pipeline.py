"""One search, from request to answer: understand, resolve, plan, retrieve, rank, fill the page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from fitment_rules.judge import Asked
from indexers import schema
from indexers.engine.plan import After, AnyOf, Count, Everything, Filter, Hit, Not, Order, Page, SearchPlan
from indexers.rows import StoredPart
from ranking.policy import Context, Firing, Policy, banners_of, redirect_of
from ranking.recommend import liked_for
from search_service.alternatives import with_alternatives
from search_service.asking import Asking, ask
from search_service.contradictions import contradictions
from search_service.cursor import Cursor, Ranked, check_cursor, fingerprint, read_cursor, write_cursor
from search_service.facets import facet_values
from search_service.fits import UNASKED, JudgedPart
from search_service.items import Counter, counter_for
from search_service.ladder import rungs, told
from search_service.near import by_distance, verdict_of
from search_service.part_numbers import LIVING, kinds_begun, kinds_matched, near_numbers, replaced_notice, worth
from search_service.personal import Personal, personal_for
from search_service.pool import Ordering, RankedPool, rank_hits
from search_service.query_log import features_of, log_query
from search_service.related import related
from search_service.request import SearchRequest
from search_service.retrieval import (
    ALL_MATCHING,
    MODES,
    UNBANDED,
    FitFilters,
    all_of,
    fit_filters,
    make_plan,
    returned,
)
from search_service.runtime import Runtime, Serving
from search_service.saying import corrections_out, readings_out, relaxed_out, understood_out
from search_service.understanding.intent import QueryIntent
from search_service.unlisted_notices import unlisted_notices
from search_service.vehicle_query import with_text
from search_service.wanted import Applied, Reach, applied_from, asked_places, want
from search_service.wire import (
    Apart,
    Because,
    ContributionOut,
    Explanation,
    FacetValue,
    FitOut,
    Item,
    Notice,
    RuleOut,
    SearchAnswer,
    Suggestion,
)
from search_service.wishing import because_out

MOST_JOINED = 50
"""Parts that firing pins and boosts may bring into the pool by name."""

APART_SHOWN = 3


ORDERS = {
    "price_asc": Order.PRICE_ASC,
    "price_desc": Order.PRICE_DESC,
    "newest": Order.NEWEST,
    "distance": Order.RANK,
}


@dataclass(frozen=True, slots=True)
class Search:
    """One search under way: everything that is fixed before the engine is asked."""

    runtime: Runtime
    serving: Serving
    request: SearchRequest
    policy: Policy
    firings: tuple[Firing, ...]
    intent: QueryIntent
    asking: Asking
    personal: Personal
    counter: Counter
    reach: Reach
    hidden: tuple[Filter, ...]
    context: Context
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What the engine found for one reading of the text."""

    applied: Applied
    asked: Asked | None
    fit: FitFilters | None
    plan: SearchPlan
    page: Page
    relaxed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The rows of this page in final order, how they were ranked, and where the next page begins."""

    rows: tuple[Ranked, ...]
    pool: RankedPool | None
    cursor: Cursor | None


def answer(runtime: Runtime, request: SearchRequest, *, log: bool = True) -> SearchAnswer:
    """Answer a search. Raises what `errors.FOREIGN` and `errors.Problem` name. `log=False` keeps it out of the log."""
    cursor = read_cursor(request.cursor, runtime.stamp_key) if request.cursor else None
    identity = _identity(request)
    if cursor is not None:
        check_cursor(cursor, runtime.kept(), identity)
    serving = runtime.serving(cursor.generation if cursor else None)
    policy = runtime.policy(cursor.policy if cursor else request.policy_version)
    search = _understand(runtime, serving, policy, request)
    found = _retrieve(search, first=cursor is None)
    shown = _continued(search, found, cursor) if cursor else _ranked(search, found, identity)
    result = _answer(search, found, shown, cursor)
    if log and cursor is None:
        _log(search, result, shown)
    return result


def plan_of(runtime: Runtime, request: SearchRequest) -> SearchPlan:
    """The plan a first page asks of the engine: for benchmarks and for looking at."""
    search = _understand(runtime, runtime.serving(), runtime.policy(request.policy_version), request)
    return _retrieve(search, first=True).plan


def why(runtime: Runtime, request: SearchRequest, part_id: str) -> dict[str, object]:
    """Where a part stands in a search and, if it is not shown, the stage at which it left."""
    serving = runtime.serving()
    ordinal = serving.generation.ordinal(part_id)
    if ordinal is None:
        return {"shown": False, "rank": None, "stage": "unknown_part", "fit": None, "rules": [], "nearest_change": None}
    search = _understand(runtime, serving, runtime.policy(request.policy_version), request)
    found = _retrieve(search, first=True)
    pool = _ranked(search, found, "").pool
    order = [row.ordinal for row in pool.rows] if pool else []
    rank = order.index(ordinal) + 1 if ordinal in order else None
    fit = UNASKED
    if found.asked is not None:
        fit = serving.fits.answer(found.asked, serving.fits.judge(found.asked, ordinal))
    stage, change = ("rank", None) if rank is not None else _left(search, found, ordinal)
    rules = []
    if pool is not None and rank is not None:
        rules = [RuleOut(rule, effect) for rule, effect in pool.ranking.rules.get(pool.pool_row[ordinal], ())]
    shown = rank is not None and rank <= request.size
    return {"shown": shown, "rank": rank, "stage": stage, "fit": fit, "rules": rules, "nearest_change": change}


def _left(search: Search, found: Found, ordinal: int) -> tuple[str, str | None]:
    """The first stage that a part does not pass, and what would let it pass."""
    only = AnyOf(schema.ORD.name, (ordinal,))
    bare = replace(search, request=replace(search.request, filters={}), hidden=())

    def passes(of: Search, applied: Applied) -> bool:
        wanted = want(of.request, applied, of.reach, of.hidden)
        count = Count("one", all_of(wanted.filter(), only))
        return bool(
            search.serving.reader.search(SearchPlan(only, (), 0, text=wanted.text, counts=(count,))).counts["one"]
        )

    if not passes(bare, found.applied):
        return "text", "its words or its part type do not match the text"
    if not passes(replace(search, hidden=()), found.applied):
        return "filter", "remove a filter"
    if not passes(search, found.applied):
        return "rule", "a hide rule of the policy names it"
    if found.fit is not None and not any(hit.ordinal == ordinal for some in found.page.hits.values() for hit in some):
        return "verdict", "see fit: its verdict is not returned in this mode, or its band comes later"
    return "rank", "it is ranked behind the pool; see its explanation on a later page"


def _identity(request: SearchRequest) -> str:
    return fingerprint([replace(request, cursor=None, size=0, facets=(), explain=False)])


def _understand(runtime: Runtime, serving: Serving, policy: Policy, request: SearchRequest) -> Search:
    person = personal_for(runtime, serving, request.person)
    live = runtime.view.snapshot()
    today = runtime.today()
    context = Context(
        query=request.q,
        store=request.place.store,
        member_level=person.person.member_level,
        lang=request.lang,
        today=today,
    )
    intent = _read(serving, policy, context, request)
    asking, notices = _vehicle(runtime, serving, request, intent)
    context = replace(
        context,
        part_types=tuple(one.id for one in intent.part_types if one.filters),
        brands=(intent.brand,) if intent.brand else (),
        makes=intent.vehicle.makes if intent.vehicle else (),
    )
    return Search(
        runtime=runtime,
        serving=serving,
        request=request,
        policy=policy,
        firings=policy.firing(context),
        intent=intent,
        asking=asking,
        personal=person,
        counter=counter_for(live, person.person, request.place, request.lang, runtime.now()),
        reach=Reach(
            serving.generation,
            runtime.vocabulary,
            live,
            runtime.view,
            serving.brands,
            serving.stock_sequence,
            serving.outside,
        ),
        hidden=tuple(Not(serving.policy_filter(items)) for items in policy.hidden(context)),
        context=context,
        notices=notices,
    )


def _read(serving: Serving, policy: Policy, context: Context, request: SearchRequest) -> QueryIntent:
    """The text as the policy's synonyms have it, together with the other wordings of its two-way pairs."""
    if not request.q or request.verbatim:
        return serving.understanding.parse(request.q, ignore=request.ignore, verbatim=request.verbatim)
    rewriting = policy.rewrite(context)
    main, *others = (
        serving.understanding.parse(text, ignore=request.ignore) for text in (rewriting.text, *rewriting.expansions)
    )
    return with_alternatives(main, others)


def _vehicle(
    runtime: Runtime, serving: Serving, request: SearchRequest, intent: QueryIntent
) -> tuple[Asking, tuple[Notice, ...]]:
    """The vehicle of the parameters; what the text adds counts as far as it does not contradict them."""
    said = request.vehicle
    if intent.vin and not said.vin and "vehicle" not in request.ignore:
        said = replace(said, vin=intent.vin)
    mention = intent.vehicle
    if mention is None or mention.confidence < runtime.settings.reading_confidence or "vehicle" in request.ignore:
        return ask(runtime, serving, said), ()
    both = ask(runtime, serving, with_text(said, serving.mentioned(mention)))
    if both.asked is not None or not said.names_vehicle:
        return both, ()
    text = f"The text names another vehicle ({mention.text}); searched for the one given."
    notice = Notice(
        "vehicle_text_ignored",
        "q",
        {"en": text, "zh": f"文字中的车型（{mention.text}）与所选车辆不符，已按所选车辆搜索。"},
    )
    return ask(runtime, serving, said), (notice,)


def _retrieve(search: Search, *, first: bool) -> Found:
    """The strictest reading that finds something; `relaxed` names the looser steps that were taken.

    A reading of nothing is no answer to a text: it would be the whole catalogue.
    """
    strict = _search(search, _applied(search), first)
    if strict.page.counts[ALL_MATCHING]:
        number = strict.applied.number_start
        return replace(strict, relaxed=(("number_beginning", number),)) if number else strict
    for steps, reading in rungs(strict.applied, search.intent, search.reach.vocabulary, search.reach.generation):
        if reading == Applied() and search.asking.asked is None:
            continue
        looser = _search(search, reading, first)
        if looser.page.counts[ALL_MATCHING]:
            return replace(looser, relaxed=told(steps))
    return strict


def _applied(search: Search) -> Applied:
    confidence = search.runtime.settings.reading_confidence
    return applied_from(search.intent, search.request, confidence, search.reach)


def _search(search: Search, applied: Applied, first: bool, limit: int | None = None) -> Found:
    request, broad = search.request, search.runtime.settings.broad_candidates
    asked, fit, unplaced = search.asking.asked, None, None
    if asked is not None:
        placed = asked_places(request, applied)
        if placed:
            unplaced = fit_filters(asked, broad)
            asked = search.serving.asked(asked.candidates, placed)
        fit = fit_filters(asked, broad)
    wanted = want(request, applied, search.reach, search.hidden)
    plan = make_plan(
        wanted,
        fit,
        request.fitment,
        limit=limit if limit is not None else search.runtime.settings.pool_size if first else 0,
        order=_order(request, applied),
        facets=request.facets if limit is None else (),
        unplaced=unplaced,
    )
    if request.sort == "distance":
        plan = by_distance(plan, list(search.counter.distances), search.reach)
    return Found(applied, asked, fit, plan, search.serving.reader.search(plan))


def _order(request: SearchRequest, applied: Applied) -> Order:
    return ORDERS.get(request.sort, Order.SCORE if applied.groups or applied.more else Order.RANK)


def _ordering(search: Search, found: Found) -> Ordering:
    personal = search.personal
    return Ordering(
        policy=search.policy,
        firings=search.firings,
        sort=search.request.sort,  # type: ignore[arg-type]
        profile=personal.profile,
        type_confidence={one.id: one.confidence for one in search.intent.part_types},
        today=search.runtime.today(),
        by_text=bool(found.applied.groups or found.applied.more) or found.applied.number is not None,
    )


def _bands(search: Search, found: Found) -> tuple[str, ...]:
    return tuple(verdict.value for verdict in MODES[search.request.fitment]) if found.fit else (UNBANDED,)


def _ranked(search: Search, found: Found, identity: str) -> Shown:
    """The first page: the pool, ranked, and what is left of it for the next."""
    bands = _bands(search, found)
    numbered = {name: index for index, name in enumerate(bands)}
    hits = [(numbered[verdict_of(name)], hit) for name, some in found.page.hits.items() for hit in some]
    hits = _by_number(search, found, hits)
    joined = _joined(search, found, numbered)
    known = {hit.ordinal for _, hit in joined}
    pool = rank_hits(
        search.serving,
        search.counter,
        [one for one in hits if one[1].ordinal not in known] + joined,
        _ordering(search, found),
    )
    size = search.request.size
    rows, rest = pool.rows[:size], pool.rows[size:]
    after = _after(found, search.runtime.settings.pool_size)
    if not rest and after is None:
        return Shown(rows, pool, None)
    cursor = Cursor(
        generation=search.serving.generation.name,
        policy=search.policy.version,
        model=search.serving.model_version,
        request=identity,
        rest=rest,
        after=after,
        joined=tuple(sorted(known)),
        ceilings=_ceilings({}, rows),
        shown=len(rows),
    )
    return Shown(rows, pool, cursor)


def _by_number(search: Search, found: Found, hits: list[tuple[int, Hit]]) -> list[tuple[int, Hit]]:
    """Hits of a part number score by whose number it is: the part's own before OE before interchange."""
    if found.applied.number is None:
        return hits
    generation, key = search.serving.generation, found.applied.number
    typed = search.intent.part_number.text if search.intent.part_number else key
    scores = {
        match.ordinal: worth(generation.part(match.ordinal), key, typed) for match in generation.number_lookup(key)
    }
    scores |= dict.fromkeys(found.applied.living, LIVING)
    return [(band, Hit(hit.ordinal, scores.get(hit.ordinal, 0.0))) for band, hit in hits]


def _joined(search: Search, found: Found, numbered: dict[str, int]) -> list[tuple[int, Hit]]:
    """Parts that pins and boosts name, under the same filters and in their own bands."""
    names = search.policy.named(search.context)[:MOST_JOINED]
    ordinals = [int(one) for one in search.serving.generation.ordinals(names) if one >= 0]
    if not ordinals:
        return []
    only = AnyOf(schema.ORD.name, tuple(dict.fromkeys(ordinals)))
    plan = replace(
        found.plan, filter=all_of(found.plan.filter, only), limit=MOST_JOINED, counts=(), facets=(), after=None
    )
    page = search.serving.reader.search(plan)
    return [(numbered[verdict_of(name)], hit) for name, some in page.hits.items() for hit in some]


def _after(found: Found, pool_size: int) -> After | None:
    """Where the engine goes on once the pool is empty; `None` if the pool holds everything."""
    if sum(len(some) for some in found.page.hits.values()) < pool_size:
        return None
    name, some = [(name, some) for name, some in found.page.hits.items() if some][-1]
    return After(name, len(some), some[-1])


def _continued(search: Search, found: Found, cursor: Cursor) -> Shown:
    """A later page: the rest of the pool, then engine order; each band stays below what it has shown."""
    size = search.request.size
    rows, rest, after, pool = cursor.rest[:size], cursor.rest[size:], cursor.after, None
    ceilings = _ceilings(cursor.ceilings, rows)
    if len(rows) < size and after is not None:
        rows, after, pool = _beyond(search, found, cursor, rows, ceilings)
        ceilings = _ceilings(ceilings, rows)
    if not rest and after is None:
        return Shown(rows, pool, None)
    return Shown(rows, pool, replace(cursor, rest=rest, after=after, ceilings=ceilings, shown=cursor.shown + len(rows)))


def _beyond(
    search: Search, found: Found, cursor: Cursor, rows: tuple[Ranked, ...], ceilings: dict[int, float]
) -> tuple[tuple[Ranked, ...], After | None, RankedPool]:
    wanted = search.request.size - len(rows)
    plan = replace(found.plan, limit=wanted, counts=(), facets=(), after=cursor.after)
    page = search.serving.reader.search(plan)
    numbered = {name: index for index, name in enumerate(_bands(search, found))}
    joined = set(cursor.joined)
    hits = [(name, hit) for name, some in page.hits.items() for hit in some]
    fresh = [(numbered[verdict_of(name)], hit) for name, hit in hits if hit.ordinal not in joined]
    pool = rank_hits(search.serving, search.counter, fresh, _ordering(search, found), ceilings)
    if len(hits) < wanted:
        return (*rows, *pool.rows), None, pool
    name, last = hits[-1]
    before = cursor.after.skip if cursor.after and cursor.after.band == name else 0
    in_band = sum(band == name for band, _ in hits)
    return (*rows, *pool.rows), After(name, before + in_band, last), pool


def _ceilings(known: dict[int, float], rows: Sequence[Ranked]) -> dict[int, float]:
    found = dict(known)
    for row in rows:
        found[row.band] = min(found.get(row.band, row.score), row.score)
    return found


def _answer(search: Search, found: Found, shown: Shown, cursor: Cursor | None) -> SearchAnswer:
    runtime, serving = search.runtime, search.serving
    query_id = cursor.query_id if cursor else uuid.uuid4().hex
    judged = _judged(search, found, shown.rows)
    question = None
    if found.asked is not None and judged:
        best = serving.fits.page_question(found.asked, judged, search.asking.dont_know)
        question = runtime.texts.question(best, found.asked.candidates) if best else None
    items = _items(search, found, shown, judged)
    bands, excluded, total = _totals(search, found)
    result = SearchAnswer(
        query_id=query_id,
        generation=serving.generation.name,
        policy_version=search.policy.version,
        model_version=serving.model_version,
        arm=None,
        degraded=[*search.personal.degraded, *search.asking.degraded, *found.page.partial, *runtime.degraded()],
        understood=understood_out(search.intent, runtime.vocabulary),
        readings=readings_out(search.intent, runtime.vocabulary),
        vehicle=search.asking.vehicle_out(question),
        total=total,
        bands=bands,
        excluded=excluded,
        items=items,
        facets=_facets(search, found),
        relaxed=relaxed_out(found.relaxed),
        apart=[] if total or cursor else _apart(search, found),
        suggestions=_suggestions(search, found, total) if cursor is None else [],
        notices=[*search.notices, *search.asking.notices, *_notices(search, found)],
        redirect=redirect_of(search.firings),
        banners=[{"rule_id": rule, **msgspec.to_builtins(banner)} for rule, banner in banners_of(search.firings)],
        cursor=write_cursor(replace(shown.cursor, query_id=query_id), runtime.stamp_key) if shown.cursor else None,
    )
    return result


def _judged(search: Search, found: Found, rows: Sequence[Ranked]) -> list[JudgedPart]:
    if found.asked is None:
        return []
    return search.serving.fits.judge_all(found.asked, [row.ordinal for row in rows])


def _items(search: Search, found: Found, shown: Shown, judged: Sequence[JudgedPart]) -> list[Item]:
    fits = [UNASKED] * len(shown.rows)
    if found.asked is not None:
        fits = search.serving.fits.answer_all(found.asked, judged, search.asking.dont_know, questions_each=1)
    return [_item(search, found, shown, row, fit) for row, fit in zip(shown.rows, fits, strict=True)]


def _item(search: Search, found: Found, shown: Shown, row: Ranked, fit: FitOut) -> Item:
    part = search.serving.generation.part(row.ordinal)
    item = search.counter.item(part, fit, row.score, _matched(found.applied, part, row.ordinal))
    if search.request.explain:
        item.explanation = _explanation(shown, row)
        item.explanation.because = _because(search, item)
    return item


def _because(search: Search, item: Item) -> list[Because]:
    """What the customer did that lifts this item, if his taste lifts it at all."""
    lifted = item.explanation and any(
        one.signal == "personal" and one.contribution > 0 for one in item.explanation.contributions
    )
    reason = liked_for(search.personal.history, item.part_id, item.brand, item.part_type.id) if lifted else None
    return because_out(search.serving, reason, fits=False) if reason else []


def _matched(applied: Applied, part: StoredPart, ordinal: int) -> list[str]:
    """What of the text a part was found by; of a number whose it is, or what it replaced."""
    matched = ["part_type"] if part.part_type.id in applied.part_types else []
    if applied.number:
        matched += kinds_matched(part, applied.number) or (["supersedes"] if ordinal in applied.living else [])
    elif applied.number_start:
        matched += kinds_begun(part, applied.number_start)
    matched += ["brand"] if applied.brand else []
    return matched + (["title"] if applied.groups else [])


def _explanation(shown: Shown, row: Ranked) -> Explanation:
    pool = shown.pool
    at = pool.pool_row.get(row.ordinal) if pool else None
    if pool is None or at is None:
        return Explanation([ContributionOut("first_page", row.score, 1.0, row.score)], [])
    contributions = [
        ContributionOut(c.signal, c.value, c.weight, c.contribution) for c in pool.ranking.contributions(at)
    ]
    return Explanation(contributions, [RuleOut(rule, effect) for rule, effect in pool.ranking.rules.get(at, ())])


def _totals(search: Search, found: Found) -> tuple[dict[str, int], dict[str, int], int]:
    """`bands` of the mode, `excluded` the other verdicts, and the total that can be returned."""
    counts = found.page.counts
    if found.fit is None:
        return {}, {}, counts[ALL_MATCHING]
    told = {name: count for name, count in counts.items() if name != ALL_MATCHING}
    told["does_not_fit"] = counts[ALL_MATCHING] - sum(told.values())
    mode = [verdict.value for verdict in MODES[search.request.fitment]]
    bands = {name: told[name] for name in mode}
    return bands, {name: count for name, count in told.items() if name not in bands}, sum(bands.values())


def _facets(search: Search, found: Found) -> dict[str, list[FacetValue]]:
    request, vocabulary = search.request, search.runtime.vocabulary
    return {
        name: facet_values(name, counts, request.filters, vocabulary, request.lang)
        for name, counts in found.page.facets.items()
    }


def _notices(search: Search, found: Found) -> list[Notice]:
    said = contradictions(search.request, search.intent, search.reach.vocabulary)
    if found.asked is not None:
        said = [*said, *unlisted_notices(search.serving, found.asked, found.applied.part_types)]
    number = search.intent.part_number
    if found.applied.living and number is not None:
        said = [*said, replaced_notice(search.serving.generation, number.text, found.applied.living)]
    if found.fit is None or not found.fit.withheld:
        return said
    return [
        *said,
        Notice(
            "vehicle_too_broad",
            None,
            {
                "en": "So many vehicles match that no part is said to fit them all; narrow the vehicle down.",
                "zh": "符合条件的车型过多，暂不判定“完全适配”，请进一步选择车型。",
            },
        ),
    ]


def _apart(search: Search, found: Found) -> list[Apart]:
    """Beside an answer without parts for this vehicle: what fits it but not the words, and the other way round."""
    if found.fit is None or found.asked is None:
        return []
    kinds = (("fits_other_words", _fitting(search, found)), ("words_other_vehicle", _of_other_vehicles(search, found)))
    return [_beside(search, kind, some) for kind, some in kinds if some is not None]


def _fitting(search: Search, found: Found) -> Found | None:
    """The strictest looser reading of which something fits the vehicle; at last anything that does."""
    reach = search.reach
    ladder = [reading for _, reading in rungs(found.applied, search.intent, reach.vocabulary, reach.generation)]
    for reading in (*ladder, Applied()):
        looser = _search(search, reading, first=True, limit=APART_SHOWN)
        if any(looser.page.hits.values()):
            return looser
    return None


def _of_other_vehicles(search: Search, found: Found) -> Found | None:
    if not found.page.counts[ALL_MATCHING]:
        return None
    wanted = want(search.request, found.applied, search.reach, search.hidden)
    plan = make_plan(wanted, None, "all", limit=APART_SHOWN, order=found.plan.order, facets=())
    return replace(found, plan=plan, page=search.serving.reader.search(plan))


def _beside(search: Search, kind: str, found: Found) -> Apart:
    rows = [Ranked(hit.ordinal, 0, 0.0) for some in found.page.hits.values() for hit in some]
    items = _items(search, found, Shown(tuple(rows), None, None), _judged(search, found, rows))
    counts = found.page.counts
    shown = MODES[search.request.fitment] if UNBANDED not in found.page.hits else ()
    total = sum(counts.get(verdict.value, 0) for verdict in shown) if shown else counts[ALL_MATCHING]
    return Apart(kind, total, items)


def _suggestions(search: Search, found: Found, total: int) -> list[Suggestion]:
    """The text as corrected and as typed; where there is nothing, part types beside those that were read."""
    typed, beside = 0, list[Suggestion]()
    if not total:
        shown = all_of(*search.hidden, returned(found.fit, search.request.fitment) if found.fit else Everything())
        beside = related(search.serving.reader, search.reach.vocabulary, search.intent, shown, search.request.lang)
    if search.intent.corrections:
        verbatim = replace(search, intent=search.serving.understanding.parse(search.intent.text, verbatim=True))
        counts = _search(verbatim, _applied(verbatim), first=True, limit=0).page.counts
        typed = counts[ALL_MATCHING]
    number = search.intent.part_number
    near = [] if number is None or number.known else near_numbers(search.serving.generation, search.intent.text, number)
    return [*corrections_out(search.intent, total, typed), *near, *beside]


def _log(search: Search, result: SearchAnswer, shown: Shown) -> None:
    attributes: dict[str, object] = {
        "fitment_mode": search.request.fitment,
        "policy_version": result.policy_version,
        "model_version": result.model_version,
        "generation": result.generation,
        "arm": result.arm,
        "store": search.request.place.store,
        "total": result.total,
        "part_types": [one.id for one in result.understood.part_types],
        "unknown": [*search.intent.rest, *search.intent.unlisted],
        "corrected": [f"{one.original} → {one.corrected}" for one in search.intent.corrections],
    }
    if result.vehicle:
        attributes["vehicle_ids"] = result.vehicle.vehicle_ids[:10]
    if shown.pool is not None:
        attributes |= features_of(shown.pool.ranking, [shown.pool.pool_row[row.ordinal] for row in shown.rows])
    hits = tuple(item.part_id for item in result.items)
    log_query(search.runtime, result.query_id, result.understood.text, search.personal.person, hits, attributes)
