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
from ranking.content import Content
from ranking.features import LEVELS, Coded, Coding, code_of, level_of
from ranking.interactions import ACTIONS, STRENGTH, Action
from ranking.neighbours import Neighbours, summed
from ranking.replacement import Replacement
from ranking.sessions import SessionNeighbours
from ranking.taste import lift
from ranking.type_demand import TypeDemand

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

MAX_HISTORY = 50
RECENCY = 0.6  # weight of each older item when the next one is guessed (benchmarks/public.py, Amazon Beauty)
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
    """Parts to be scored, as parallel columns; names as in the parts file, price NaN unknown.

    `traits` (as in `ItemFeatures`) matter only for parts the model does not know.
    """

    part_ids: Sequence[str]
    part_types: Sequence[str]
    brands: Sequence[str]
    qualities: Sequence[str]
    price: ArrayLike
    traits: Sequence[Sequence[str]] | None = None


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
    `together[s, t]` is the log-lift of type t in baskets that hold type s; `type_walk` is the same over whole
    histories, `type_next` over what a person took in the weeks *after* s. `next` are directed transitions from part to
    part. `sessions` are past visits, for visitors nobody knows; `type_demand`, `replacement` and `content` speak for
    themselves.
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
    walk: Neighbours
    next: Neighbours
    sessions: SessionNeighbours
    type_demand: TypeDemand
    replacement: Replacement
    content: Content
    blend: Floats
    type_popularity: Singles
    together: Singles
    type_walk: Singles
    type_next: Singles
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
            *summed(items[known], weight[known]),
            *self.walk.summed(*summed(items[known], weight[known])),
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
        return np.tanh(self.features(profile, items, coded, candidates.traits) @ self.blend / SQUASH)

    def popularity_of(self, part_ids: Sequence[str]) -> Floats:
        """0..1, where 0.5 is a part like any other; parts the model does not know get just that."""
        items = code_of(part_ids, self.index)
        return np.where(items >= 0, self.popularity[np.maximum(items, 0)].astype(np.float64), 0.5)

    def next_items(self, profile: Profile) -> tuple[Ints, Floats]:
        """Parts likely next for a customer (ascending item numbers) with scores > 0: walk and directed transitions.

        Each older act weighs `RECENCY` of the newer. Empty without an act on a part the model knows.
        """
        recency = RECENCY ** np.arange(len(profile.items), dtype=np.float64)
        known = profile.items >= 0
        items, weight = summed(profile.items[known], recency[known])
        walked, followed = self.walk.summed(items, weight), self.next.summed(items, weight)
        return summed(np.concatenate((walked[0], followed[0])), np.concatenate((walked[1], followed[1])))

    def session_items(self, profile: Profile) -> tuple[Ints, Floats]:
        """Parts that visitors went on to who touched the same parts (ascending) with scores > 0; maybe none."""
        return self.sessions.next_items(profile.items[::-1])

    def wanted_types(
        self, profile: Profile, chain: Sequence[str] = (), region: str | None = None, week: int | None = None
    ) -> Floats:
        """The chance that each part type is wanted now: vehicle, place and week, and what was bought how long ago.

        See `TypeDemand.wanted` for `chain`, `region` and `week`. Sums to 1, or to 0 if no type is known.
        """
        odds = self.type_demand.wanted(chain, region, week)
        bought, days = self.last_bought(profile)
        odds[bought] *= self.replacement.interest(bought, days)
        return np.asarray(odds / max(float(odds.sum()), 1e-12), np.float64)

    def last_bought(self, profile: Profile) -> tuple[Ints, Floats]:
        """Part types the customer bought (codes, ascending) and the days since the last time."""
        rows = [row for row, action in enumerate(profile.actions) if action is Action.PURCHASE]
        kinds, days = profile.coded.part_type[rows], profile.days_ago[rows]
        kinds, days = kinds[kinds >= 0], days[kinds >= 0]
        found, first = np.unique(kinds, return_index=True)  # newest first, so the first is the latest
        return found, days[first]

    def item_factors(self, items: Ints, coded: Coded, traits: Sequence[Sequence[str]] | None = None) -> Singles:
        """Factors of parts, one row each; of those the model does not know (-1) what their content says."""
        if not len(self.part_ids):
            return self.content.factors(coded, traits)
        out = self.factors[np.maximum(items, 0)]
        new = np.flatnonzero(items < 0)
        if len(new):
            some = None if traits is None else [traits[row] for row in new.tolist()]
            out[new] = self.content.factors(coded.take(new), some)
        return out

    def features(
        self, profile: Profile, items: Ints, coded: Coded, traits: Sequence[Sequence[str]] | None = None
    ) -> Floats:
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
            out[:, 4] = self.item_factors(items, coded, traits) @ profile.vector
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
