"""From wished part types to parts: found under the vehicle's filters, ranked as in search, then spread out.

Verdict bands follow each other. Inside a band the types take turns in the order they are wished for, so that no type
and no brand crowds the rest out.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexers import schema
from indexers.engine.plan import AnyOf, Everything, Filter, Hit, Order, SearchPlan
from ranking.ranker import Ranking
from search_service.car_shelf import CarShelf
from search_service.cursor import Ranked
from search_service.pool import RankedPool
from search_service.runtime import Serving
from search_service.shelf import LARGEST, OF_TYPE, Shelf, is_new, shelf_of
from search_service.wishing import Wish

POOL = 200
"""Parts of the wished types that are ranked where nothing is remembered."""

MOST_OF_TYPE = 2
BRAND_SHARE = 1 / 3
"""Share of a list that one brand may have while there are others."""

EXPLORED_FROM = 3
"""Items a list needs to have a place for a new part."""

EXPLORED_PLACE = 5
"""The place (from 0) of the new part: one of a list, so that it costs at most the item it pushes out."""

LIKELIHOOD = 0.2
"""Difference in score that makes a new part e times as likely to be drawn."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows in the order shown, how they were scored, and the new part among them that chance put there."""

    rows: tuple[Ranked, ...]
    ranking: Ranking
    pool_row: dict[int, int]
    explored: int | None


@dataclass(frozen=True, slots=True)
class Chooser:
    """`plan` makes the plan under vehicle, place and policy; `ranked` orders (band, hit) pairs, bands numbered.

    `memo` and `key` are where a shelf is remembered; no key: the filters are of this request only. `columns` makes the
    shelf without the engine, where it can.
    """

    serving: Serving
    plan: Callable[[Filter, Order, int], SearchPlan]
    ranked: Callable[[Sequence[tuple[int, Hit]]], RankedPool]
    memo: dict[object, Any]
    key: tuple[object, ...] | None
    seed: str
    today: int
    columns: Callable[[], CarShelf | None]

    def choose(self, wish: Wish, size: int) -> Chosen:
        """At most `size` parts."""
        hits, fresh = self._hits(wish, size)
        pool = self.ranked(_merged(hits, fresh if size >= EXPLORED_FROM else []))
        rows = self._spread(pool.rows, list(wish.types), size)
        explored = self._explored(pool.rows, rows) if fresh else None
        if explored is not None:
            rows = self._with_new(rows, explored, len(wish.types) != 1)[:size]
        rows.sort(key=lambda row: row.band)
        return Chosen(tuple(rows), pool.ranking, dict(pool.pool_row), explored.ordinal if explored else None)

    def _hits(self, wish: Wish, size: int) -> tuple[list[tuple[int, Hit]], list[tuple[int, Hit]]]:
        """Parts of the wished types, of others if they are few and the wish is open; and new parts among them."""
        if self.key is None:
            return self._search(_of(wish.types), Order.RANK, POOL), []
        shelf = self._remembered(self.key)
        if isinstance(shelf, Shelf) and not shelf.whole:
            self._complete(shelf, wish.types)
        hits = shelf.of(wish.types)
        if not wish.open:
            return hits, []
        if len(hits) < size:
            hits += shelf.of(name for name in shelf.types() if name not in wish.types and name not in wish.held)
        types = self._types(hit.ordinal for _, hit in shelf.fresh)
        return hits, [pair for pair, name in zip(shelf.fresh, types, strict=True) if name in wish.types]

    def _remembered(self, key: tuple[object, ...]) -> Shelf | CarShelf:
        found: Shelf | CarShelf | None = self.memo.get(key)
        if found is None:
            found = self.memo[key] = self.columns() or self._shelf()
        return found

    def _shelf(self) -> Shelf:
        hits = self._search(Everything(), Order.RANK, LARGEST)
        if len(hits) >= LARGEST:
            hits = _merged(hits, self._search(Everything(), Order.NEWEST, OF_TYPE * OF_TYPE))
        return shelf_of(self.serving, hits, self.today)

    def _complete(self, shelf: Shelf, types: Iterable[str]) -> None:
        """Add types that did not come up yet, all in one search; those that the others crowd out in another one."""
        while missing := [name for name in types if name not in shelf.by_type]:
            hits = self._search(_of(missing), Order.RANK, LARGEST)
            shelf.add(self.serving, hits)
            if len(hits) < LARGEST:
                shelf.by_type.update((name, []) for name in missing if name not in shelf.by_type)

    def _search(self, only: Filter, order: Order, limit: int) -> list[tuple[int, Hit]]:
        page = self.serving.reader.search(self.plan(only, order, limit))
        return [(band, hit) for band, some in enumerate(page.hits.values()) for hit in some]

    def _spread(self, rows: Sequence[Ranked], types: Sequence[str], size: int) -> list[Ranked]:
        """By band, then in turns of one part a type; brands over their share fill up a list that stays short."""
        wished = {name: place for place, name in enumerate(types)}
        turn: dict[tuple[int, str], int] = {}
        order = []
        for place, (row, name) in enumerate(zip(rows, self._types(row.ordinal for row in rows), strict=True)):
            turn[row.band, name] = turn.get((row.band, name), -1) + 1
            order.append((row.band, turn[row.band, name], wished.get(name, len(wished)), place))
        turns = [rows[place] for *_, place in sorted(order)]
        of_type = MOST_OF_TYPE if len(wished) != 1 else size
        return self._capped(turns, of_type, max(2, round(size * BRAND_SHARE)), size)

    def _capped(self, rows: Sequence[Ranked], of_type: int, of_brand: int, size: int) -> list[Ranked]:
        """The first `size` rows with so many of a type and a brand at most; what lacks then, of any brand."""
        types, brands = Counter[str](), Counter[str]()
        taken: list[Ranked] = []
        left: list[tuple[Ranked, str]] = []
        for row in rows:
            kind, brand = (self.serving.word(name, row.ordinal) for name in ("part_type", "brand"))
            if types[kind] >= of_type:
                continue
            if brands[brand] >= of_brand:
                left.append((row, kind))
                continue
            types[kind] += 1
            brands[brand] += 1
            taken.append(row)
            if len(taken) == size:
                return taken
        for row, kind in left:
            if types[kind] < of_type and len(taken) < size:
                types[kind] += 1
                taken.append(row)
        return taken

    def _explored(self, rows: Sequence[Ranked], shown: Sequence[Ranked]) -> Ranked | None:
        """A part nobody could judge yet, drawn by chance, better scores likelier; `None` if one is shown already."""
        place = min(EXPLORED_PLACE, len(shown) - 1)
        if len(shown) < EXPLORED_FROM or self._new(shown[: place + 1]):
            return None
        known = {row.ordinal for row in shown}
        new = self._new([row for row in rows if row.band == shown[place].band and row.ordinal not in known])
        weights = np.exp(np.array([row.score for row in new]) / LIKELIHOOD).tolist()
        return random.Random(self.seed).choices(new, weights)[0] if new else None

    def _with_new(self, rows: list[Ranked], explored: Ranked, capped: bool) -> list[Ranked]:
        """The list with the new part at its place; the last one of its type leaves if there are too many then."""
        place = min(EXPLORED_PLACE, len(rows) - 1)
        kind = self.serving.word("part_type", explored.ordinal)
        same = [row for row in rows if self.serving.word("part_type", row.ordinal) == kind]
        if capped and len(same) >= MOST_OF_TYPE:
            rows = [row for row in rows if row is not same[-1]]
        return [*rows[:place], explored, *rows[place:]]

    def _new(self, rows: Sequence[Ranked]) -> list[Ranked]:
        found = is_new(self.serving, np.fromiter((row.ordinal for row in rows), np.int64), self.today)
        return [row for row, new in zip(rows, found.tolist(), strict=True) if new]

    def _types(self, ordinals: Iterable[int]) -> list[str]:
        return self.serving.words_of("part_type", np.fromiter(ordinals, np.int64))


def _of(types: Iterable[str]) -> Filter:
    return AnyOf(schema.PART_TYPE.name, tuple(types))


def _merged(one: Sequence[tuple[int, Hit]], other: Sequence[tuple[int, Hit]]) -> list[tuple[int, Hit]]:
    known = {hit.ordinal for _, hit in one}
    return [*one, *(pair for pair in other if pair[1].ordinal not in known)]
