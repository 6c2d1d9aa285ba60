"""A customer erased, under his id as it was given and as it is kept."""

from __future__ import annotations

from search_service.live.port import Forgotten, LiveStore
from search_service.privacy import scrub_id


def forget(live: LiveStore, user_id: str) -> Forgotten:
    """Erase profile, events and queries. A VIN that stands as an id is kept shortened; what was kept whole goes too."""
    found = [live.forget(one) for one in dict.fromkeys((user_id, scrub_id(user_id)))]
    return Forgotten(
        sum(one.events for one in found), sum(one.queries for one in found), any(one.profile for one in found)
    )
