"""The rows of a page as items: judged for the vehicle, with reasons, availability and why they stand there."""

from __future__ import annotations

from collections.abc import Sequence

from indexers.rows import StoredPart
from ranking.recommend import liked_for
from search_service.cursor import Ranked
from search_service.fits import UNASKED
from search_service.part_numbers import kinds_begun, kinds_matched
from search_service.stages.state import Found, Search, Shown
from search_service.wanted import Applied
from search_service.wire import Because, ContributionOut, Explanation, FitOut, Item, QuestionOut, RuleOut
from search_service.wishing import because_out


def fitted(search: Search, found: Found, rows: Sequence[Ranked]) -> tuple[list[FitOut], QuestionOut | None]:
    """The parts of a page judged for the vehicle, and the question that settles most of them; nothing without one."""
    if found.asked is None:
        return [UNASKED] * len(rows), None
    fits = search.serving.fits
    judged = fits.judge_all(found.asked, [row.ordinal for row in rows])
    return fits.answer_page(found.asked, judged, search.asking.dont_know)


def items_of(search: Search, found: Found, shown: Shown, fits: Sequence[FitOut]) -> list[Item]:
    """The rows as items, in their order."""
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
