"""Session neighbours: what people went on to who had looked at the same things, for visitors nobody knows.

Past sessions that share items with the present one are weighed by what they share, the latest items most (V-SKNN,
Ludewig and Jannach 2018), and each of their items by how near it stands to the last shared one (STAN, Garg et al.
2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.neighbours import summed

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How neighbours are taken: the latest `recent` sessions with a shared item, of them the `most` most alike.

    `own_decay` is the number of places after which an item of the present session counts 1/e; `near_decay` the number
    of places from the shared item after which an item of a neighbour does; `rarity` weighs items by their rareness.
    """

    recent: int = 5000
    most: int = 1500
    own_decay: float = 2.0
    near_decay: float = 3.0
    rarity: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionNeighbours:
    """Past sessions in time order: session i is `items[starts[i]:starts[i + 1]]`, oldest item first.

    `entries[entry_starts[j]:entry_starts[j + 1]]` are the places in `items` that hold item j, ascending.
    """

    starts: NDArray[np.int64]
    items: Ints
    owner: Ints
    entry_starts: NDArray[np.int64]
    entries: Ints
    settings: SessionSettings

    @classmethod
    def of(
        cls, starts: NDArray[np.int64], items: Ints, size: int, settings: SessionSettings | None = None
    ) -> SessionNeighbours:
        """From sessions in time order over items below `size`."""
        owner = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))
        entries = np.argsort(items, kind="stable").astype(np.int32)
        entry_starts = np.concatenate(([0], np.cumsum(np.bincount(items, minlength=size)))).astype(np.int64)
        return cls(starts, items, owner, entry_starts, entries, settings or SessionSettings())

    def next_items(self, session: Ints) -> tuple[Ints, Floats]:
        """Items (ascending) and their scores > 0 for a session, oldest item first; unknown items are -1. Maybe none."""
        found, likeness, shared = self._neighbours(session)
        if not len(found):
            return np.zeros(0, np.int32), np.zeros(0)
        lengths = (self.starts[found + 1] - self.starts[found]).astype(np.int64)
        place = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        entry = np.repeat(self.starts[found], lengths) + place
        distance = np.abs(entry - np.repeat(shared, lengths))
        weight = np.repeat(likeness, lengths) * np.exp(-distance / self.settings.near_decay)
        weight[distance == 0] = 0.0
        items, score = summed(self.items[entry], weight)
        if self.settings.rarity:
            often = self.entry_starts[items + 1] - self.entry_starts[items]
            score *= np.log((len(self.starts) + 1.0) / often) ** self.settings.rarity
        kept = score > 0
        return items[kept], score[kept]

    def _neighbours(self, session: Ints) -> tuple[Ints, Floats, NDArray[np.int64]]:
        """Sessions, how alike each is, and the place of the shared item that the present session touched last."""
        latest = session[::-1]
        latest = latest[(latest >= 0) & (latest < len(self.entry_starts) - 1)]
        items, age = np.unique(latest, return_index=True)
        if not len(items):
            return np.zeros(0, np.int32), np.zeros(0), np.zeros(0, np.int64)
        order = np.argsort(-age, kind="stable")
        spans = [self._entries(int(item)) for item in items[order]]
        entry = np.concatenate(spans)
        weight = np.repeat(np.exp(-age[order] / self.settings.own_decay), [len(span) for span in spans])
        found, place = np.unique(self.owner[entry], return_inverse=True)
        likeness = np.bincount(place, weight, len(found))
        shared = np.zeros(len(found), np.int64)
        shared[place] = entry  # later, that is more recent, items overwrite
        latest_ones = slice(-self.settings.recent, None)
        found, shared = found[latest_ones].astype(np.int32), shared[latest_ones]
        lengths = self.starts[found + 1] - self.starts[found]
        alike: Floats = likeness[latest_ones].astype(np.float64) / np.sqrt(lengths)
        if len(found) > self.settings.most:
            best = np.argpartition(-alike, self.settings.most)[: self.settings.most]
            found, alike, shared = found[best], alike[best], shared[best]
        return found, alike, shared

    def _entries(self, item: int) -> Ints:
        first, last = int(self.entry_starts[item]), int(self.entry_starts[item + 1])
        return self.entries[max(first, last - 2 * self.settings.recent) : last]
