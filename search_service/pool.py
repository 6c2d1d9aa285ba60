"""From engine hits to a ranked pool: the columns the ranker weighs, gathered from files, model and live state."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from indexers.engine.plan import Hit
from ranking.policy import Firing, Policy
from ranking.profile import Candidates, Past, Profile
from ranking.ranker import Ranking, Sort, rank
from ranking.signals import Floats, Pool
from search_service.cursor import Ranked
from search_service.items import Counter
from search_service.live.model import Event
from search_service.runtime import Serving

Ints: TypeAlias = NDArray[np.int64]

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Ordering:
    """What orders a pool besides its columns."""

    policy: Policy
    firings: tuple[Firing, ...]
    sort: Sort
    profile: Profile | None
    type_confidence: Mapping[str, float]
    today: datetime.date
    by_text: bool


@dataclass(frozen=True, slots=True)
class RankedPool:
    """A pool in final order. `pool_row` maps an ordinal to its row in `ranking`."""

    rows: tuple[Ranked, ...]
    ranking: Ranking
    pool_row: Mapping[int, int]


def rank_hits(
    serving: Serving,
    counter: Counter,
    hits: Sequence[tuple[int, Hit]],
    ordering: Ordering,
    ceilings: Mapping[int, float] | None = None,
) -> RankedPool:
    """Rank hits, given as (band index, hit). Inside bands only; ties by part id."""
    ordinals, bands, texts = _columns(hits)
    pool = _pool(serving, counter, ordinals, bands, texts, ordering)
    ranking = rank(
        pool,
        ordering.policy,
        ordering.firings,
        sort=ordering.sort,
        personalised=ordering.profile is not None,
        ceilings=ceilings,
    )
    order = ranking.order
    shown = (column[order].tolist() for column in (ordinals, bands, ranking.score))
    rows = tuple(map(Ranked._make, zip(*shown, strict=True)))
    return RankedPool(rows, ranking, dict(zip(ordinals[order].tolist(), order.tolist(), strict=True)))


def past_of(events: Sequence[Event], serving: Serving, now: int) -> list[Past]:
    """A person's latest events as the model reads them; impressions and events without a part are skipped."""
    found = []
    for event in events:
        if event.object_id is None or event.action == "impression":
            continue
        days = max(0.0, (now - event.at) / DAY_MS)
        ordinal = serving.generation.ordinal(event.object_id)
        if ordinal is None:
            found.append(Past(event.object_id, event.action, days))
        else:
            found.append(_past(event, serving, ordinal, days))
    return found


def _past(event: Event, serving: Serving, ordinal: int, days: float) -> Past:
    return Past(
        part_id=str(event.object_id),
        action=event.action,
        days_ago=days,
        part_type=serving.word("part_type", ordinal),
        brand=serving.word("brand", ordinal),
        quality=serving.word("quality", ordinal),
        price=float(serving.generation.column("price")[ordinal]),
    )


def _columns(hits: Sequence[tuple[int, Hit]]) -> tuple[Ints, Ints, Floats]:
    """Ordinals, band indices and text scores."""
    found = [(hit.ordinal, band, hit.score) for band, hit in hits]
    ordinals, bands, texts = zip(*found, strict=True) if found else ((), (), ())
    return np.array(ordinals, np.int64), np.array(bands, np.int64), np.array(texts, np.float64)


def _pool(serving: Serving, counter: Counter, ordinals: Ints, bands: Ints, texts: Floats, ordering: Ordering) -> Pool:
    generation, live = serving.generation, counter.live
    part_ids = generation.part_ids(ordinals.tolist())
    types, brands, qualities = (serving.words_of(name, ordinals) for name in ("part_type", "brand", "quality"))
    price = generation.column("price")[ordinals].astype(np.float64)
    for row, part_id in enumerate(part_ids) if live.price_sequence else ():
        changed = live.price(part_id)
        if changed is not None:
            price[row] = changed.amount
    pool = Pool(
        part_ids=part_ids,
        band=bands,
        text=texts if ordering.by_text else None,
        part_type=[ordering.type_confidence.get(one, 0.0) for one in types],
        price=price,
        available=_available(counter, part_ids),
        distance_km=_distances(counter, part_ids),
        promotion=_promoted(counter, part_ids),
        age_days=_ages(generation.column("listed")[ordinals], ordering.today),
        brands=brands,
        part_types=types,
        qualities=qualities,
    )
    model = serving.model
    if model is not None:
        items = serving.model_items(ordinals)
        pool.popularity = model.popularity_of(items)
        if ordering.profile is not None:
            candidates = Candidates(part_ids, types, brands, qualities, price, items=items)
            pool.personal = model.score(ordering.profile, candidates)
    return pool


def _available(counter: Counter, part_ids: Sequence[str]) -> Floats:
    """Stock at the chosen store, else the most that one place has; NaN where nobody told."""
    if counter.store is not None:
        return counter.live.quantities(part_ids, counter.store)
    return counter.live.columns.most(part_ids)


def _distances(counter: Counter, part_ids: Sequence[str]) -> Floats | None:
    return counter.live.columns.nearest(part_ids, counter.distances) if counter.distances else None


def _promoted(counter: Counter, part_ids: Sequence[str]) -> list[float] | None:
    book = counter.live.promotions
    return [float(part_id in book.by_part) for part_id in part_ids] if book.by_part else None


def _ages(listed: Floats, today: datetime.date) -> Floats:
    """Days since listing; a part without a date is of unknown age."""
    return np.where(listed > 0, np.maximum(today.toordinal() - listed, 0.0), np.nan)
