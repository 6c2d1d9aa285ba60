"""Which rows a page shows, in final order, and where the next one begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from indexers import schema
from indexers.engine.plan import After, AnyOf, Hit, Page
from search_service.cursor import Cursor, Ranked
from search_service.near import verdict_of
from search_service.part_numbers import LIVING, worth
from search_service.pool import Ordering, RankedPool, rank_hits
from search_service.retrieval import MODES, UNBANDED, all_of
from search_service.stages.state import Found, Search, Shown

MOST_JOINED = 50
"""Parts that firing pins and boosts may bring into the pool by name."""


def first_page(search: Search, found: Found, identity: str) -> Shown:
    """The first page: the pool, ranked, and what is left of it for the next."""
    bands = _bands(search, found)
    numbered = {name: index for index, name in enumerate(bands)}
    hits = _by_number(search, found, _banded(found.page, numbered))
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


def later_page(search: Search, found: Found, cursor: Cursor) -> Shown:
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
    return _banded(page, numbered)


def _banded(page: Page, numbered: Mapping[str, int]) -> list[tuple[int, Hit]]:
    """Hits with the index of their band, rings of a band being one."""
    places = ((numbered[verdict_of(name)], some) for name, some in page.hits.items())
    return [(band, hit) for band, some in places for hit in some]


def _after(found: Found, pool_size: int) -> After | None:
    """Where the engine goes on once the pool is empty; `None` if the pool holds everything."""
    if sum(len(some) for some in found.page.hits.values()) < pool_size:
        return None
    name, some = [(name, some) for name, some in found.page.hits.items() if some][-1]
    return After(name, len(some), some[-1])


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


def _bands(search: Search, found: Found) -> tuple[str, ...]:
    return tuple(verdict.value for verdict in MODES[search.request.fitment]) if found.fit else (UNBANDED,)


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
