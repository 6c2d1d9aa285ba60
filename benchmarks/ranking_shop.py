"""A small shop with planted tastes, for tests and speed benchmarks of ranking. Shares no code with the models.

Every customer likes one brand and one quality much more than the rest; every query shows parts of one type in an order
of chance; what is liked is clicked, the earlier shown the likelier.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ranking.features import ItemFeatures

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
DAYS = 180
NOW = START + datetime.timedelta(days=DAYS + 1)
QUALITIES = ("oe", "oem", "aftermarket", "economy")


@dataclass(frozen=True)
class Shop:
    """The parts, and each customer's favourite brand and quality by number."""

    items: ItemFeatures
    favourite: tuple[str, ...]
    quality: tuple[str, ...]
    events: tuple[dict[str, Any], ...]


def make_shop(
    *, parts: int = 600, types: int = 12, brands: int = 10, users: int = 120, queries: int = 2400, seed: int = 0
) -> Shop:
    """The same arguments give the same shop. Events hold query documents (impressions), clicks and purchases."""
    random = np.random.default_rng(seed)
    kind, brand = random.integers(0, types, parts), random.integers(0, brands, parts)
    quality = random.integers(0, len(QUALITIES), parts)
    items = ItemFeatures(
        [f"P{number:06d}" for number in range(parts)],
        [f"type{number}" for number in kind],
        [f"brand{number}" for number in brand],
        [QUALITIES[number] for number in quality],
        np.exp(random.normal(4, 0.6, parts)),
    )
    likes, grade = random.integers(0, brands, users), random.integers(0, len(QUALITIES), users)
    of_kind = [np.flatnonzero(kind == number) for number in range(types)]

    def visits() -> Iterator[dict[str, Any]]:
        for number in range(queries):
            user = int(random.integers(users))
            shown = random.permutation(of_kind[int(random.integers(types))])[:12]
            liking = 2.5 * (brand[shown] == likes[user]) + 1.0 * (quality[shown] == grade[user])
            chance = 1 / (1 + np.exp(2.0 - liking)) / np.sqrt(np.arange(1, len(shown) + 1))
            taken = np.flatnonzero(random.random(len(shown)) < chance)
            yield from _visit(items, number, user, shown.tolist(), taken.tolist(), START, queries)

    return Shop(
        items,
        tuple(f"brand{number}" for number in likes),
        tuple(QUALITIES[number] for number in grade),
        tuple(visits()),
    )


def _visit(
    items: ItemFeatures, number: int, user: int, shown: list[int], taken: list[int], start: datetime.datetime, of: int
) -> Iterator[dict[str, Any]]:
    moment = start + datetime.timedelta(days=DAYS * number / of)
    common = {"query_id": f"q{number}", "user_id": f"u{user}", "session_id": f"s{number}", "user_query": "parts"}
    hits = [items.part_ids[row] for row in shown]
    yield common | {"timestamp": moment.isoformat(timespec="milliseconds"), "query_response_hit_ids": hits}
    for place in taken:
        attributes = {"object": {"object_id": hits[place]}, "position": {"ordinal": place + 1}}
        for seconds, action in ((10, "click"), (60, "purchase"))[: 1 + place % 2]:
            later = (moment + datetime.timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
            yield common | {"timestamp": later, "action_name": action, "event_attributes": attributes}
