"""Who sees which arm: a hash of experiment and person, so that any worker answers the same without keeping a list."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm and its share of people, 0..1."""

    name: str
    share: float


@dataclass(frozen=True, slots=True)
class Experiment:
    """Arms in a fixed order; what their shares leave of 1 sees no arm. Adding an arm at the end moves nobody."""

    name: str
    arms: Sequence[Arm]

    def __post_init__(self) -> None:
        if any(not 0 <= arm.share <= 1 for arm in self.arms) or sum(arm.share for arm in self.arms) > 1 + 1e-9:
            raise ValueError(f"shares of experiment {self.name!r} must lie in 0..1 and sum to at most 1")
        if len({arm.name for arm in self.arms}) != len(self.arms):
            raise ValueError(f"arms of experiment {self.name!r} need different names")

    def arm_of(self, user_id: str | None, session_id: str | None = None) -> str | None:
        """The arm of a user (else of a session); None for people outside the experiment and for the unknown."""
        unit = f"u:{user_id}" if user_id else f"s:{session_id}" if session_id else None
        if unit is None:
            return None
        place, edge = bucket(self.name, unit), 0.0
        for arm in self.arms:
            edge += arm.share * BUCKETS
            if place < round(edge):
                return arm.name
        return None


def bucket(experiment: str, unit: str) -> int:
    """0..BUCKETS-1, evenly spread, independent between experiments."""
    digest = hashlib.blake2b(f"{len(experiment)}:{experiment}:{unit}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % BUCKETS
