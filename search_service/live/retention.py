"""When the committing thread of a log has to erase what is older than the operator keeps."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from search_service.live.errors import LiveError

FIRST = 60.0  # seconds after the start
INTERVAL = 3600.0  # seconds between two looks: far below the day in which retention is counted
DAY = 24 * 3600 * 1000  # milliseconds
LOG = logging.getLogger("partfit.live")


class Retention:
    """Keeps `days` (None: everything); `clock` gives seconds since 1970. The first look is soon after
    the start, so that a server that is restarted often erases too."""

    def __init__(self, days: int | None, clock: Callable[[], float] = time.time) -> None:
        self._days = days
        self._clock = clock
        self._next = clock() + FIRST

    def apply(self, expire: Callable[[int], int]) -> None:
        """Call `expire` with the oldest moment kept, in milliseconds, if it is time.

        A failure is logged and tried again after the interval: what was just committed stays accepted.
        """
        now = self._clock()
        if self._days is None or now < self._next:
            return
        self._next = now + INTERVAL
        try:
            erased = expire(int(now * 1000) - self._days * DAY)
        except LiveError as error:
            LOG.warning("retention failed", extra={"fields": {"error": str(error)}})
        else:
            LOG.info("retention", extra={"fields": {"erased": erased, "days": self._days}})
