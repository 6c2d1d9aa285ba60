"""A trained model as plain arrays, and what it says about one customer, in numpy alone.

A customer is described by his latest acts (at most `MAX_HISTORY`); nothing about him is stored in the model, so an
event counts in the very next request and erasing him is erasing his events.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranking.choice_taste import EVIDENCE, TasteSpace
from ranking.features import LEVELS, Coded, Coding, code_of, level_of
from ranking.interactions import ACTIONS, STRENGTH, Action
from ranking.taste import lift

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

MAX_HISTORY = 50
FEATURES = ("taste", "brand", "own", "walk", "factors", "content")
SQUASH = 4.0  # utilities seldom leave -4..4; 2 to 6 differ by 1 % (benchmarks/personalisation.py), tanh keeps order


@dataclass(frozen=True, slots=True)
class Past:
    """One act of a customer. Names and price matter only for parts the model does not know (listed since)."""

    part_id: str
    action: str
    days_ago: float
    part_type: str = ""
    brand: str = ""
    quality: str = ""
    price: float = math.nan


@dataclass(frozen=True, slots=True)
class Candidates:
    """Parts to be scored, as parallel columns; names as in the parts file, price NaN unknown."""

    part_ids: Sequence[str]
    part_types: Sequence[str]
    brands: Sequence[str]
    qualities: Sequence[str]
    price: ArrayLike


@dataclass(frozen=True, slots=True)
class Profile:
    """What is remembered of a customer for one request. `weight` is strength × decay; newest first.

    `own_items` ascend, with `own` the weight of his acts on each; so do `walk_items`, the parts next to those, with
    their summed strength. `brand` is his lift of every brand; `vector` is his fold-in (None when
    the model has no factors or he did nothing the model knows); `taste` likewise in the directions of `TasteSpace`.
    """

    items: Ints
    coded: Coded
    weight: Floats
    actions: tuple[Action, ...]
    days_ago: Floats
    brand: Floats
    own_items: Ints
    own: Floats
    walk_items: Ints
    walk: Floats
    vector: Singles | None
    taste: Singles | None

    @property
    def empty(self) -> bool:
        """True for a customer without a usable act: every score is 0 and popularity decides."""
        return not len(self.items)


@dataclass(frozen=True, slots=True)
class Model:
    """Everything needed to serve. Rows of `factors` are parts, then brands, qualities and price levels.

    `gram` is FᵀF + λI over `factors` F, `inverse` its inverse; `confidence` turns an act's weight into ALS confidence.
    `blend` weighs `FEATURES` into a utility. `popularity` is 0..1, 0.5 a part like any other; `demand` the decayed
    strength of all acts on a part; `brand_rates` (types × brands) shares it out. `type_popularity` sums to 1.
    `together[s, t]`
    is the log-lift of type t in baskets that hold type s; `type_walk` is the same over whole histories.
    """

    version: str
    coding: Coding
    part_ids: tuple[str, ...]
    items: Coded
    popularity: Singles
    demand: Singles
    brand_rates: Singles
    space: TasteSpace
    factors: Singles
    gram: Singles
    inverse: Singles
    confidence: float
    half_life: float
    walk_starts: NDArray[np.int64]
    walk_items: Ints
    walk_strength: Singles
    blend: Floats
    type_popularity: Singles
    together: Singles
    type_walk: Singles
    index: Mapping[str, int] = field(default_factory=dict)
    codes: tuple[Mapping[str, int], ...] = ()

    def profile(self, past: Sequence[Past]) -> Profile:
        """What the latest `MAX_HISTORY` acts say (any order; unknown actions and impressions are skipped)."""
        acts = [act for act in past if ACTIONS.get(act.action, Action.IMPRESSION) and math.isfinite(act.days_ago)]
        acts = sorted(acts, key=lambda act: act.days_ago)[:MAX_HISTORY]
        items = code_of([act.part_id for act in acts], self.index)
        columns = (
            [act.part_type for act in acts],
            [act.brand for act in acts],
            [act.quality for act in acts],
            np.array([act.price for act in acts]),
        )
        coded = self._coded(items, *columns)
        actions = tuple(ACTIONS[act.action] for act in acts)
        days = np.array([max(act.days_ago, 0.0) for act in acts])
        weight = STRENGTH[np.array(actions, np.int64)] * np.exp2(-days / self.half_life)
        return self.profile_of(items, coded, weight, actions, days)

    def profile_of(
        self, items: Ints, coded: Coded, weight: Floats, actions: tuple[Action, ...], days_ago: Floats
    ) -> Profile:
        """As `profile`, from acts already coded (`items` -1 = a part the model does not know)."""
        known = items >= 0
        return Profile(
            items,
            coded,
            weight,
            actions,
            days_ago,
            lift(coded.brand, coded.part_type, weight, self.brand_rates),
            *_summed(items[known], weight[known]),
            *self._walk(items[known], weight[known]),
            self.fold_in(items, coded, weight),
            self._taste(coded, actions, days_ago),
        )

    def score(self, profile: Profile, candidates: Candidates) -> Floats:
        """How much this customer prefers each candidate to what is usual, -1..1; all 0 for an empty profile."""
        if profile.empty:
            return np.zeros(len(candidates.part_ids))
        items = code_of(candidates.part_ids, self.index)
        coded = self._coded(
            items, candidates.part_types, candidates.brands, candidates.qualities, np.asarray(candidates.price)
        )
        return np.tanh(self.features(profile, items, coded) @ self.blend / SQUASH)

    def popularity_of(self, part_ids: Sequence[str]) -> Floats:
        """0..1, where 0.5 is a part like any other; parts the model does not know get just that."""
        items = code_of(part_ids, self.index)
        return np.where(items >= 0, self.popularity[np.maximum(items, 0)].astype(np.float64), 0.5)

    def walk_of(self, item: int) -> tuple[Ints, Singles]:
        """Parts next to one part and the strength of each, 1 = usual."""
        first, last = int(self.walk_starts[item]), int(self.walk_starts[item + 1])
        return self.walk_items[first:last], self.walk_strength[first:last]

    def features(self, profile: Profile, items: Ints, coded: Coded) -> Floats:
        """Candidates × `FEATURES`, all 0 where nothing is known."""
        out = np.zeros((len(items), len(FEATURES)))
        if profile.empty or not len(items):
            return out
        if profile.taste is not None:
            out[:, 0] = self._named(self.space.vectors @ profile.taste, coded)
        out[:, 1] = _at(profile.brand, coded.brand)
        out[:, 2] = np.log1p(_looked_up(items, profile.own_items, profile.own))
        out[:, 3] = np.log1p(_looked_up(items, profile.walk_items, profile.walk))
        if profile.vector is not None:
            known = np.maximum(items, 0)
            out[:, 4] = np.where(items >= 0, self.factors[known] @ profile.vector, 0.0)
            out[:, 5] = self._named(self.factors[len(self.part_ids) :] @ profile.vector, coded)
        return out

    def fold_in(self, items: Ints, coded: Coded, weight: Floats) -> Singles | None:
        """The customer's factors, the exact ALS solution for his acts: by Woodbury for few of them, else directly."""
        rows, counts = self._rows(items, coded, weight)
        if not len(rows) or not self.factors.size:
            return None
        touched = self.factors[rows]
        extra = (counts * self.confidence).astype(np.float32)
        target = (1 + extra) @ touched
        if 2 * len(rows) > len(target):
            vector: Singles = np.linalg.solve(self.gram + (touched.T * extra) @ touched, target)
            return vector
        spread = touched @ self.inverse
        core = spread @ touched.T
        core[np.diag_indices(len(rows))] += 1 / extra
        first = self.inverse @ target
        return np.asarray(first - np.linalg.solve(core, touched @ first) @ spread, np.float32)

    def _taste(self, coded: Coded, actions: tuple[Action, ...], days_ago: Floats) -> Singles | None:
        evidence = EVIDENCE[np.array(actions, np.int64)] * np.exp2(-days_ago / self.half_life)
        chosen = self.space.of(coded, len(self.coding.brands), len(self.coding.qualities))
        return self.space.taste(chosen, coded.part_type, evidence)

    def _named(self, values: Singles, coded: Coded) -> Floats:
        """Sum of the values of a part's brand, quality and price level; `values` holds them one after the other."""
        brands, names = len(self.coding.brands), len(self.coding.brands) + len(self.coding.qualities)
        found = _at(values[:brands], coded.brand) + _at(values[brands:names], coded.quality)
        return found + _at(values[names:], coded.level)

    def _rows(self, items: Ints, coded: Coded, weight: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Rows of `factors` the acts touch and the weight on each: the part, its brand, quality and price level."""
        base = len(self.part_ids)
        columns = (items, coded.brand, coded.quality, coded.level)
        sizes = (0, base, base + len(self.coding.brands), base + len(self.coding.brands) + len(self.coding.qualities))
        rows = [column.astype(np.int64) + start for column, start in zip(columns, sizes, strict=True)]
        known = [column >= 0 for column in columns]
        every = np.concatenate([row[mask] for row, mask in zip(rows, known, strict=True)])
        weights = np.concatenate([weight[mask] for mask in known])
        unique, inverse = np.unique(every, return_inverse=True)
        counts = np.asarray(np.bincount(inverse, weights, len(unique)), np.float64)
        return unique, np.maximum(counts, 1e-6)

    def _walk(self, items: Ints, weight: Floats) -> tuple[Ints, Floats]:
        if not len(items):
            return _summed(items, weight)
        spans = [slice(*span) for span in zip(self.walk_starts[items], self.walk_starts[items + 1], strict=True)]
        lengths = self.walk_starts[items + 1] - self.walk_starts[items]
        strength = np.concatenate([self.walk_strength[span] for span in spans]) * np.repeat(weight, lengths)
        return _summed(np.concatenate([self.walk_items[span] for span in spans]), strength)

    def _coded(
        self,
        items: Ints,
        part_types: Sequence[str],
        brands: Sequence[str],
        qualities: Sequence[str],
        price: NDArray[np.floating],
    ) -> Coded:
        """The trained codes of parts the model knows; of the others what their names and prices say."""
        if not len(self.part_ids):
            return self._named_codes(part_types, brands, qualities, price)
        coded = self.items.take(np.maximum(items, 0))
        new = np.flatnonzero(items < 0)
        if len(new):
            types, makers, grades = ([names[row] for row in new.tolist()] for names in (part_types, brands, qualities))
            found = self._named_codes(types, makers, grades, price[new])
            for column, values in zip(_columns(coded), _columns(found), strict=True):
                column[new] = values
        return coded

    def _named_codes(
        self, part_types: Sequence[str], brands: Sequence[str], qualities: Sequence[str], price: NDArray[np.floating]
    ) -> Coded:
        types = code_of(part_types, self.codes[0])
        level = level_of(types, price, self.coding.edges)
        return Coded(types, code_of(brands, self.codes[1]), code_of(qualities, self.codes[2]), level)


def _columns(coded: Coded) -> tuple[Ints, Ints, Ints, Ints]:
    return coded.part_type, coded.brand, coded.quality, coded.level


def _summed(items: Ints, weight: Floats) -> tuple[Ints, Floats]:
    """Distinct items, ascending, and the sum of the weights on each."""
    unique, inverse = np.unique(items, return_inverse=True)
    return unique, np.asarray(np.bincount(inverse, weight, len(unique)), np.float64)


def _looked_up(items: Ints, known: Ints, values: Floats) -> Floats:
    """Value of each item among the ascending `known`, 0 where it is not."""
    if not len(known):
        return np.zeros(len(items))
    place = np.minimum(np.searchsorted(known, items), len(known) - 1)
    return np.where(known[place] == items, values[place], 0.0)


def _at(values: NDArray[np.floating], codes: Ints) -> Floats:
    if not len(values):
        return np.zeros(len(codes))
    return np.where(codes >= 0, values[np.maximum(codes, 0)], 0.0).astype(np.float64)


__all__ = ["FEATURES", "LEVELS", "MAX_HISTORY", "Candidates", "Model", "Past", "Profile"]
