"""One search under way, as its stages hand it on."""

from __future__ import annotations

from dataclasses import dataclass

from fitment_rules.judge import Asked
from indexers.engine.plan import Filter, Page, SearchPlan
from ranking.policy import Context, Firing, Policy
from search_service.asking import Asking
from search_service.cursor import Cursor, Ranked
from search_service.items import Counter
from search_service.personal import Personal
from search_service.pool import RankedPool
from search_service.request import SearchRequest
from search_service.retrieval import FitFilters
from search_service.runtime import Runtime, Serving
from search_service.understanding.intent import QueryIntent
from search_service.wanted import Applied, Reach
from search_service.wire import Notice


@dataclass(frozen=True, slots=True)
class Tried:
    """The experiment that shows this person its policy, and the person's arm; None for those outside."""

    experiment: str | None = None
    arm: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """One search under way: everything that is fixed before the engine is asked."""

    runtime: Runtime
    serving: Serving
    request: SearchRequest
    policy: Policy
    tried: Tried
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
