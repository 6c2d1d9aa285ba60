"""Answered queries as UBI documents, so that shops only need to send clicks, carts and purchases."""

from __future__ import annotations

from collections.abc import Sequence

from ranking.ranker import Ranking
from ranking.signals import SIGNALS
from search_service.live.model import Query, wire_time
from search_service.request import Person
from search_service.runtime import Runtime

APPLICATION = "search"


def features_of(ranking: Ranking, rows: Sequence[int]) -> dict[str, object]:
    """What each hit was ranked by: `signals` names the columns of `features`, one row a hit, of the pool's `rows`."""
    used = [column for column, weight in enumerate(ranking.weights.tolist()) if weight]
    values = ranking.values[list(rows)][:, used].round(4).tolist() if rows else []
    return {"signals": [SIGNALS[column] for column in used], "features": values}


def log_query(
    runtime: Runtime, query_id: str, text: str, person: Person, hits: tuple[str, ...], attributes: dict[str, object]
) -> None:
    """Keep an answered query soon; nothing waits for it, and a full queue drops it. `text` holds no VIN."""
    now = runtime.now()
    kept = person if person.personalised else Person()
    runtime.live.log(
        Query(
            query_id=query_id,
            user_query=text,
            timestamp=wire_time(now),
            at=now,
            application=APPLICATION,
            session_id=kept.session_id,
            client_id=kept.client_id,
            user_id=kept.user_id,
            query_attributes=attributes,
            query_response_hit_ids=hits,
        )
    )
