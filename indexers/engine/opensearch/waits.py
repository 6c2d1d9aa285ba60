"""How long to wait before asking a busy cluster again."""

from __future__ import annotations

import random
from collections.abc import Iterator

TRIES = 8
FIRST_WAIT, LONGEST_WAIT = 0.2, 15.0


def waits(random_source: random.Random) -> Iterator[float]:
    """Seconds before each of `TRIES` tries: none, then doubling, capped, with full jitter above one half."""
    yield 0.0
    for attempt in range(TRIES - 1):
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0**attempt)
        yield longest * (0.5 + random_source.random() / 2)
