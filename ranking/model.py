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
from ranking.features import LEVELS, UNKNOWN, Coded, Coding, code_of, level_of
from ranking.interactions import ACTIONS, STRENGTH, Action
from ranking.taste import BaseRates, lift, lift_in_type

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

MAX_HISTORY = 50
FEATURES = ("taste", "brand", "brand_in_type", "quality", "level", "own", "walk", "factors", "content")
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

    `walk_items` ascend, with `walk` their summed strengths from the parts he knows; `vector` is his fold-in (None when
    the model has no factors or he did nothing the model knows); `taste` likewise in the directions of `TasteSpace`.
    """

    items: Ints
    coded: Coded
    weight: Floats
    actions: tuple[Action, ...]
    days_ago: Floats
    brand: Floats
    quality: Floats
    level: Floats
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

    `inverse` is (FᵀF + λI)⁻¹ over `factors` F; `confidence` turns an act's weight into ALS confidence. `blend` weighs
    `FEATURES` into a utility. `popularity` is 0..1, 0.5 a part like any other; `demand` the decayed
    strength of all acts on a part. `type_popularity` sums to 1. `together[s, t]`
    is the log-lift of type t in baskets that hold type s; `type_walk` is the same over whole histories.
    """

    version: str
    coding: Coding
    part_ids: tuple[str, ...]
    items: Coded
    popularity: Singles
    demand: Singles
    rates: BaseRates
    space: TasteSpace
    factors: Singles
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
        coded = self._coded(
            items,
            [act.part_type for act in acts],
            [act.brand for act in acts],
            [act.quality for act in acts],
            [act.price for act in acts],
        )
        actions = tuple(ACTIONS[act.action] for act in acts)
        days = np.array([max(act.days_ago, 0.0) for act in acts])
        weight = STRENGTH[np.array(actions, np.int64)] * np.exp2(-days / self.half_life)
        return self.profile_of(items, coded, weight, actions, days)

    def profile_of(
        self, items: Ints, coded: Coded, weight: Floats, actions: tuple[Action, ...], days_ago: Floats
    ) -> Profile:
        """As `profile`, from acts already coded (`items` -1 = a part the model does not know)."""
        walk_items, walk = self._walk(items, weight)
        return Profile(
            items,
            coded,
            weight,
            actions,
            days_ago,
            lift(coded.brand, coded.part_type, weight, self.rates.brand),
            lift(coded.quality, coded.part_type, weight, self.rates.quality),
            lift(coded.level, coded.part_type, weight, self.rates.level),
            walk_items,
            walk,
            self.fold_in(items, coded, weight),
            self._taste(coded, actions, days_ago),
        )

    def score(self, profile: Profile, candidates: Candidates) -> Floats:
        """How much this customer prefers each candidate to what is usual, -1..1; all 0 for an empty profile."""
        if profile.empty:
            return np.zeros(len(candidates.part_ids))
        items = code_of(candidates.part_ids, self.index)
        coded = self._coded(
            items, candidates.part_types, candidates.brands, candidates.qualities, candidates.price
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
        own = profile.coded
        if profile.taste is not None:
            out[:, 0] = self._vectors(coded) @ profile.taste
        out[:, 1] = _at(profile.brand, coded.brand)
        out[:, 2] = lift_in_type(
            own.brand, own.part_type, profile.weight, self.rates.brand, coded.brand, coded.part_type
        )
        out[:, 3] = _at(profile.quality, coded.quality)
        out[:, 4] = _at(profile.level, coded.level)
        known = items >= 0
        out[:, 5] = np.log1p(((items[:, None] == profile.items) & known[:, None]) @ profile.weight)
        out[:, 6] = np.log1p(self._walked(profile, items))
        if profile.vector is not None:
            out[:, 7], out[:, 8] = self._factored(profile.vector, items, coded)
        return out

    def fold_in(self, items: Ints, coded: Coded, weight: Floats) -> Singles | None:
        """The customer's factors: the exact ALS solution for his acts, by Woodbury on the cached inverse."""
        rows, counts = self._rows(items, coded, weight)
        if not len(rows) or not self.factors.size:
            return None
        touched = self.factors[rows]
        extra = counts * self.confidence
        target = (1.0 + extra).astype(np.float32) @ touched
        spread = touched @ self.inverse
        core = spread @ touched.T
        core[np.diag_indices(len(rows))] += (1.0 / extra).astype(np.float32)
        first = self.inverse @ target
        correction = np.linalg.solve(core.astype(np.float64), (touched @ first).astype(np.float64))
        vector: Singles = first - correction.astype(np.float32) @ spread
        return vector

    def _taste(self, coded: Coded, actions: tuple[Action, ...], days_ago: Floats) -> Singles | None:
        evidence = EVIDENCE[np.array(actions, np.int64)] * np.exp2(-days_ago / self.half_life)
        return self.space.taste(self._vectors(coded), coded.part_type, evidence)

    def _vectors(self, coded: Coded) -> Singles:
        return self.space.of(coded, len(self.coding.brands), len(self.coding.qualities))

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

    def _factored(self, vector: Singles, items: Ints, coded: Coded) -> tuple[Floats, Floats]:
        base = len(self.part_ids)
        part = np.where(items >= 0, self.factors[np.maximum(items, 0)] @ vector, 0.0)
        names = self.factors[base:] @ vector
        brands, qualities = len(self.coding.brands), len(self.coding.qualities)
        content = _at(names[:brands], coded.brand) + _at(names[brands : brands + qualities], coded.quality)
        return part.astype(np.float64), content + _at(names[brands + qualities :], coded.level)

    def _walk(self, items: Ints, weight: Floats) -> tuple[Ints, Floats]:
        known = items >= 0
        spans = [(int(self.walk_starts[i]), int(self.walk_starts[i + 1])) for i in items[known].tolist()]
        if not spans:
            return np.zeros(0, np.int32), np.zeros(0)
        found = np.concatenate([self.walk_items[a:b] for a, b in spans])
        strength = np.concatenate(
            [self.walk_strength[a:b] * w for (a, b), w in zip(spans, weight[known].tolist(), strict=True)]
        )
        unique, inverse = np.unique(found, return_inverse=True)
        return unique, np.asarray(np.bincount(inverse, strength, len(unique)), np.float64)

    def _walked(self, profile: Profile, items: Ints) -> Floats:
        if not len(profile.walk_items):
            return np.zeros(len(items))
        place = np.minimum(np.searchsorted(profile.walk_items, items), len(profile.walk_items) - 1)
        return np.where(profile.walk_items[place] == items, profile.walk[place], 0.0)

    def _coded(
        self,
        items: Ints,
        part_types: Sequence[str],
        brands: Sequence[str],
        qualities: Sequence[str],
        price: ArrayLike,
    ) -> Coded:
        """Codes by name; a part the model knows keeps its trained codes where the caller gave no name or price."""
        types = code_of(part_types, self.codes[0])
        coded = Coded(
            types,
            code_of(brands, self.codes[1]),
            code_of(qualities, self.codes[2]),
            level_of(types, price, self.coding.edges),
        )
        return Coded(
            *(
                np.where((given == UNKNOWN) & (items >= 0), trained[np.maximum(items, 0)], given).astype(np.int32)
                if len(trained)
                else given
                for given, trained in zip(_columns(coded), _columns(self.items), strict=True)
            )
        )


def _columns(coded: Coded) -> tuple[Ints, Ints, Ints, Ints]:
    return coded.part_type, coded.brand, coded.quality, coded.level


def _at(values: NDArray[np.floating], codes: Ints) -> Floats:
    if not len(values):
        return np.zeros(len(codes))
    return np.where(codes >= 0, values[np.maximum(codes, 0)], 0.0).astype(np.float64)


__all__ = ["FEATURES", "LEVELS", "MAX_HISTORY", "Candidates", "Model", "Past", "Profile"]
