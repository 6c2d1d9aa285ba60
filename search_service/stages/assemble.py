"""The answer put together: totals, facets, question, notices and suggestions around the items."""

from __future__ import annotations

import uuid
from dataclasses import replace

import msgspec

from indexers.engine.plan import Everything
from ranking.policy import banners_of, redirect_of
from search_service.contradictions import contradictions
from search_service.cursor import Cursor, write_cursor
from search_service.facets import facet_values
from search_service.part_numbers import near_numbers, replaced_notice
from search_service.related import related
from search_service.retrieval import ALL_MATCHING, MODES, all_of, returned
from search_service.saying import corrections_out, readings_out, relaxed_out, understood_out
from search_service.stages.apart import apart_of
from search_service.stages.items import fitted, items_of
from search_service.stages.retrieve import reading_of, search_as
from search_service.stages.state import Found, Search, Shown
from search_service.unlisted_notices import unlisted_notices
from search_service.wire import FacetValue, Notice, SearchAnswer, Suggestion


def assemble(search: Search, found: Found, shown: Shown, cursor: Cursor | None) -> SearchAnswer:
    """The answer of one page; `cursor` is the one that asked for it, `None` on the first."""
    runtime, serving = search.runtime, search.serving
    query_id = cursor.query_id if cursor else uuid.uuid4().hex
    fits, question = fitted(search, found, shown.rows)
    bands, excluded, total = _totals(search, found)
    return SearchAnswer(
        query_id=query_id,
        generation=serving.generation.name,
        policy_version=search.policy.version,
        model_version=serving.model_version,
        arm=search.tried.arm,
        degraded=[*search.personal.degraded, *search.asking.degraded, *found.page.partial, *runtime.degraded()],
        understood=understood_out(search.intent, runtime.vocabulary),
        readings=readings_out(search.intent, runtime.vocabulary),
        vehicle=search.asking.vehicle_out(question),
        total=total,
        bands=bands,
        excluded=excluded,
        items=items_of(search, found, shown, fits),
        facets=_facets(search, found),
        relaxed=relaxed_out(found.relaxed),
        apart=[] if total or cursor else apart_of(search, found),
        suggestions=_suggestions(search, found, total) if cursor is None else [],
        notices=[*search.notices, *search.asking.notices, *_notices(search, found)],
        redirect=redirect_of(search.firings),
        banners=[{"rule_id": rule, **msgspec.to_builtins(banner)} for rule, banner in banners_of(search.firings)],
        cursor=write_cursor(replace(shown.cursor, query_id=query_id), runtime.stamp_key) if shown.cursor else None,
    )


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


def _suggestions(search: Search, found: Found, total: int) -> list[Suggestion]:
    """The text as corrected and as typed; where there is nothing, part types beside those that were read."""
    typed, beside = 0, list[Suggestion]()
    if not total:
        shown = all_of(*search.hidden, returned(found.fit, search.request.fitment) if found.fit else Everything())
        beside = related(search.serving.reader, search.reach.vocabulary, search.intent, shown, search.request.lang)
    if search.intent.corrections:
        verbatim = replace(search, intent=search.serving.understanding.parse(search.intent.text, verbatim=True))
        counts = search_as(verbatim, reading_of(verbatim), first=True, limit=0).page.counts
        typed = counts[ALL_MATCHING]
    number = search.intent.part_number
    near = [] if number is None or number.known else near_numbers(search.serving.generation, search.intent.text, number)
    return [*corrections_out(search.intent, total, typed), *near, *beside]
