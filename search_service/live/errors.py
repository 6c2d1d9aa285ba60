"""What the live state raises; driver exceptions stop at its adapters.

LiveError
├── LiveUnavailable   the store cannot be opened or does not answer
├── LiveBusy          more is queued for writing than the store takes; try again in `retry_after` seconds
├── PolicyMissing     no policy version of that name, or nothing to go back to
└── StaleWrite        another writer changed the record first
"""

from __future__ import annotations


class LiveError(Exception):
    """Base of everything the live state raises."""


class LiveUnavailable(LiveError):
    """The store cannot be opened, is closed, or does not answer."""


class LiveBusy(LiveError):
    """The write queue is full."""

    def __init__(self, waiting: int, retry_after: int = 1) -> None:
        super().__init__(f"{waiting} items wait to be written")
        self.waiting = waiting
        self.retry_after = retry_after


class PolicyMissing(LiveError):
    """There is no such policy version (`version` None: there is no earlier one to go back to)."""

    def __init__(self, version: str | None) -> None:
        super().__init__(f"no policy version {version!r}" if version else "no earlier policy version to go back to")
        self.version = version


class StaleWrite(LiveError):
    """The record was changed by another writer between reading and writing."""
