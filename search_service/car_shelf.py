"""The shelf of one vehicle without asking the engine: its parts are columns, looked at as types are wished for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from fitment_rules.judge import Asked
from fitment_rules.model import Verdict
from indexers.columns import Int64s
from indexers.engine.plan import Hit
from ranking.policy_file import Items
from ranking.signals import Floats
from search_service.fitting import Fitting, among, fitting
from search_service.runtime import Serving
from search_service.shelf import MOST_NEW, is_new, of_brand, of_type


class CarShelf:
    """As `shelf.Shelf`; (band, hit) pairs are made of the types asked for, once."""

    def __init__(self, serving: Serving, bands: Sequence[Int64s], new: Sequence[Int64s]) -> None:
        """`bands` are disjoint ordinals, the best verdict first; `new` those of each that nobody could judge yet."""
        self._serving = serving
        self._ordinals, self._bands = _joined(bands)
        self._codes = serving.generation.column("part_type")[self._ordinals]
        self._known: dict[str, list[tuple[int, Hit]]] = {}
        self.fresh = self._newest(new)

    def of(self, types: Iterable[str]) -> list[tuple[int, Hit]]:
        """The parts of some types, best rank first in ascending bands."""
        types = tuple(types)
        self._know([name for name in types if name not in self._known])
        return [pair for name in types for pair in self._known[name]]

    def types(self) -> Iterable[str]:
        """The types there are parts of."""
        words = self._serving.generation.words["part_type"]
        return [words[code] if code >= 0 else "" for code in np.unique(self._codes).tolist()]

    def _know(self, types: Sequence[str]) -> None:
        if not types:
            return
        found: dict[str, list[tuple[int, Hit]]] = {name: [] for name in types}
        rows = np.flatnonzero(np.isin(self._codes, self._serving.codes_of("part_type", types)))
        if "" in found:
            rows = np.union1d(rows, np.flatnonzero(self._codes < 0))
        rank = self._serving.generation.column("rank")[self._ordinals[rows]]
        order = np.lexsort((self._ordinals[rows], -rank, self._bands[rows]))
        kept = order[of_type(self._serving, self._ordinals[rows[order]])]
        ordinals = self._ordinals[rows[kept]]
        pairs = _pairs(self._bands[rows[kept]], ordinals, rank[kept])
        for name, pair in zip(self._serving.words_of("part_type", ordinals), pairs, strict=True):
            found[name].append(pair)
        self._known.update(found)

    def _newest(self, new: Sequence[Int64s]) -> tuple[tuple[int, Hit], ...]:
        ordinals, bands = _joined(new)
        columns = self._serving.generation.column
        rank, listed = columns("rank")[ordinals], columns("listed")[ordinals]
        newest = np.lexsort((ordinals, -rank, bands, -listed))[:MOST_NEW]
        return tuple(_pairs(bands[newest], ordinals[newest], rank[newest]))


class Universal(NamedTuple):
    """The universal parts nobody hides: `every` in rank order, which of them can come up, which are new."""

    every: Int64s
    shown: Int64s
    new: Int64s

    def without(self, serving: Serving, others: Int64s) -> Universal:
        """But for `others`, which ascend."""
        if not among(self.shown, others).any() and not among(self.new, others).any():
            return self
        every = self.every[~among(self.every, others)]
        return Universal(every, every[of_brand(serving, every)], self.new[~among(self.new, others)])


def car_shelf(
    serving: Serving, asked: Asked, verdicts: Sequence[Verdict], hidden: Sequence[Items], today: int
) -> CarShelf | None:
    """The shelf of a vehicle with parts of some verdicts (*fits*, *universal*, *needs info*), best first.

    `hidden` are parts nobody may see. `None` where the engine has to find the parts.
    """
    found = fitting(serving.generation, asked)
    if found is None:
        return None
    universal = _universal(serving, hidden, today).without(serving, found.fits)
    bands, new = [], []
    for verdict in verdicts:
        if verdict is Verdict.UNIVERSAL:
            bands.append(universal.shown)
            new.append(universal.new)
            continue
        parts = found.fits if verdict is Verdict.FITS else _open(serving, found)
        parts = _visible(serving, parts, hidden)
        bands.append(parts)
        new.append(parts[is_new(serving, parts, today)])
    return CarShelf(serving, bands, new)


def _open(serving: Serving, found: Fitting) -> Int64s:
    return found.open[~among(found.open, serving.generation.universal_ordinals())]


def _universal(serving: Serving, hidden: Sequence[Items], today: int) -> Universal:
    """Found once a day for a policy; `Serving` is made anew with a generation or model."""
    key = ("universal", tuple(hidden), today)
    found: Universal | None = serving.memo.get(key)
    if found is None:
        parts = _visible(serving, serving.generation.universal_ordinals(), hidden)
        parts = parts[np.argsort(-serving.generation.column("rank")[parts], kind="stable")]
        new = parts[is_new(serving, parts, today)]
        found = serving.memo[key] = Universal(parts, parts[of_brand(serving, parts)], new)
    return found


def _visible(serving: Serving, ordinals: Int64s, hidden: Sequence[Items]) -> Int64s:
    for items in hidden:
        ordinals = ordinals[~serving.selected(items, ordinals)]
    return ordinals


def _joined(bands: Sequence[Int64s]) -> tuple[Int64s, Int64s]:
    return np.concatenate(bands), np.repeat(np.arange(len(bands)), [len(one) for one in bands])


def _pairs(bands: Int64s, ordinals: Int64s, rank: Floats) -> list[tuple[int, Hit]]:
    return [
        (band, Hit(ordinal, score))
        for band, ordinal, score in zip(bands.tolist(), ordinals.tolist(), rank.tolist(), strict=True)
    ]
