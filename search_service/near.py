"""`sort=distance`: each verdict band split by the nearest store that has the part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexers.engine.plan import Band, Filter, Not, SearchPlan
from search_service.retrieval import all_of
from search_service.wanted import Reach, available

MOST_RINGS = 60
"""Stores told apart by distance; parts held only by stores further off follow in one last ring."""

RING = "/"


def by_distance(plan: SearchPlan, stores: Sequence[str], reach: Reach) -> SearchPlan:
    """The plan with every band in rings: parts at the nearest store, at the next, …, nowhere near."""
    held = [available(reach, (store,)) for store in stores[:MOST_RINGS]]
    bands = tuple(
        Band(f"{band.name}{RING}{ring}", all_of(band.filter, _ring(held, ring)))
        for band in plan.bands
        for ring in range(len(held) + 1)
    )
    return replace(plan, bands=bands)


def verdict_of(band: str) -> str:
    """The verdict of a band, ring or not."""
    return band.partition(RING)[0]


def _ring(held: Sequence[Filter], ring: int) -> Filter:
    nearer = tuple(Not(one) for one in held[:ring])
    return all_of(*held[ring : ring + 1], *nearer)
