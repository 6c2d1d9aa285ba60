"""A trained model as plain arrays, and what it says about one customer, in numpy alone.

A customer is described by his latest acts (at most `MAX_HISTORY`); nothing about him is stored in the model, so an
event counts in the very next request and erasing him is erasing his events.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.choice_taste import EVIDENCE, TasteSpace
from ranking.content import Content
from ranking.features import Coded, Coding, NameRows, code_of, level_of
from ranking.fold_in import fold_in
from ranking.interactions import ACTIONS, STRENGTH, Action
from ranking.neighbours import Neighbours, summed
from ranking.profile import MAX_HISTORY, Candidates, Past, Profile
from ranking.replacement import Replacement
from ranking.sessions import SessionNeighbours
from ranking.taste import lift
from ranking.type_demand import TypeDemand

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

RECENCY = 0.6  # weight of each older item when the next one is guessed (benchmarks/public.py, Amazon Beauty)
FEATURES = ("taste", "brand", "own", "walk", "factors", "content")
BY_NAME = [0, 1, 5]  # features that add up over the names of a part: brand, quality, price level
SQUASH = 4.0  # utilities seldom leave -4..4; 2 to 6 differ by 1 % (benchmarks/personalisation.py), tanh keeps order


@dataclass(frozen=True, slots=True)
class Model:
    """Everything needed to serve. Rows of `factors` are parts, then names (`NameRows`).

    `factors` are whitened (`fold_in.whitened`), those of ALS are `factors` · `basis`; `confidence` turns an act's
    weight into ALS confidence.
    `blend` weighs `FEATURES` into a utility. `popularity` is 0..1, 0.5 a part like any other; `brand_rates` (types ×
    brands) shares out the demand of a type. `together[s, t]` is the log-lift of type t in baskets that hold type s,
    `alongside[s, t]` the share of those baskets that hold t; `type_walk` is the log-lift over whole histories,
    `type_next` over what a person took in the weeks *after* s. `next` are directed transitions from part to part.
    `sessions` are past visits, for visitors nobody knows; `type_demand`, `replacement` and `content` speak for
    themselves.
    """

    version: str
    coding: Coding
    part_ids: tuple[str, ...]
    items: Coded
    popularity: Singles
    brand_rates: Singles
    space: TasteSpace
    factors: Singles
    basis: Singles
    confidence: float
    half_life: float
    walk: Neighbours
    next: Neighbours
    sessions: SessionNeighbours
    type_demand: TypeDemand
    replacement: Replacement
    content: Content
    blend: Floats
    together: Singles
    alongside: Singles
    type_walk: Singles
    type_next: Singles
    index: Mapping[str, int]
    codes: tuple[Mapping[str, int], ...]
    names: NameRows = field(init=False)
    _item_names: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Work out the rows of names of every part, and last those of an unknown one (-1)."""
        names = NameRows.of(self.coding)
        nothing = np.array([names.starts], np.int32).T - 1
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "_item_names", np.concatenate((names.rows(self.items), nothing), 1))

    def profile(self, past: Sequence[Past]) -> Profile:
        """What the latest `MAX_HISTORY` acts say (any order; unknown actions and impressions are skipped)."""
        acts = [act for act in past if ACTIONS.get(act.action, Action.IMPRESSION) and math.isfinite(act.days_ago)]
        acts = sorted(acts, key=attrgetter("days_ago"))[:MAX_HISTORY]
        items = code_of([act.part_id for act in acts], self.index)
        new = [acts[row] for row in np.flatnonzero(items < 0).tolist()]
        names = ([act.part_type for act in new], [act.brand for act in new], [act.quality for act in new])
        coded = self._coded(items, *names, np.array([act.price for act in new]))
        actions = tuple([ACTIONS[act.action] for act in acts])
        days = np.array([max(act.days_ago, 0.0) for act in acts])
        return self.profile_of(items, coded, actions, days)

    def profile_of(self, items: Ints, coded: Coded, actions: tuple[Action, ...], days_ago: Floats) -> Profile:
        """As `profile`, from acts already coded (`items` -1 = a part the model does not know), `days_ago` >= 0."""
        codes, decay = np.array(actions, np.intp), np.exp2(days_ago / -self.half_life)
        weight = STRENGTH.take(codes) * decay
        known = items >= 0
        own = summed(items, weight) if known.all() else summed(items[known], weight[known])
        names = self.names.rows(coded)
        vector = self.fold_in(*own, names, weight)
        evidence = EVIDENCE.take(codes) * decay
        taste = self.space.taste(np.add.reduce(self.space.vectors.take(names, 0)), coded.part_type, evidence)
        named = np.zeros((self.names.size, len(BY_NAME)))
        if taste is not None:
            named[:, 0] = self.space.vectors @ taste
        named[1 : 1 + self.names.brands, 1] = lift(coded.brand, coded.part_type, weight, self.brand_rates)
        if vector is not None:
            named[:, 2] = self.factors[len(self.part_ids) :] @ vector
        return Profile(items, coded, weight, actions, days_ago, *own, *self.walk.summed(*own), named, vector)

    def score(self, profile: Profile, candidates: Candidates) -> Floats:
        """How much this customer prefers each candidate to what is usual, -1..1; all 0 for an empty profile."""
        if profile.empty:
            return np.zeros(len(candidates.part_ids))
        items = self.numbers(candidates.part_ids) if candidates.items is None else candidates.items
        return self._preference(profile, items, *self._described(items, candidates))

    def preference(self, profile: Profile, items: Ints) -> Floats:
        """As `score`, of parts the model knows, by number."""
        return self._preference(profile, items, *self._known(items))

    def features(self, profile: Profile, items: Ints) -> Floats:
        """Parts the model knows, by number, × `FEATURES`; all 0 where nothing is known."""
        return self._features(profile, items, *self._known(items))

    def numbers(self, part_ids: Sequence[str]) -> Ints:
        """The model's number of each part, -1 where it knows none."""
        return code_of(part_ids, self.index)

    def popularity_of(self, items: Ints) -> Floats:
        """0..1, where 0.5 is a part like any other; parts the model does not know (-1) get just that."""
        if not len(self.popularity):
            return np.full(len(items), 0.5)
        return np.where(items >= 0, self.popularity[items].astype(np.float64), 0.5)

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

    def next_types(self, profile: Profile) -> Floats:
        """Where others went on to, by part type: the mean of `next_items` and `session_items` as shares.

        Sums to 1, or to 0 where nobody touched the same parts.
        """
        found = [self._shares_of_types(*pair) for pair in (self.next_items(profile), self.session_items(profile))]
        total = found[0] + found[1]
        return np.asarray(total / max(float(total.sum()), 1e-12), np.float64)

    def _shares_of_types(self, items: Ints, score: Floats) -> Floats:
        types = self.items.part_type.take(items)
        total = np.bincount(np.maximum(types, 0), score * (types >= 0), len(self.coding.part_types))
        return np.asarray(total / max(float(total.sum()), 1e-12), np.float64)

    def fold_in(self, own_items: Ints, own: Floats, names: Ints, weight: Floats) -> Singles | None:
        """A customer's whitened factors, the exact ALS solution for his acts; None without a part or name known.

        `own` is the weight on each of the distinct `own_items`, `weight` that of each act with its `names`.
        """
        often = np.bincount(names.ravel(), np.tile(weight, 3), self.names.size)
        often[np.array(self.names.starts) - 1] = 0.0
        touched = np.flatnonzero(often)
        rows: NDArray[np.intp] = np.concatenate((own_items, touched + len(self.part_ids)), dtype=np.intp)
        if not len(rows) or not self.factors.size:
            return None
        extra = np.maximum(np.concatenate((own, often[touched])), 1e-6) * self.confidence
        return fold_in(self.factors.take(rows, 0), extra.astype(np.float32))

    def _preference(self, profile: Profile, items: Ints, names: Ints, factors: Singles) -> Floats:
        return np.tanh(self._features(profile, items, names, factors) @ self.blend / SQUASH)

    def _features(self, profile: Profile, items: Ints, names: Ints, factors: Singles) -> Floats:
        out = np.zeros((len(items), len(FEATURES)))
        if profile.empty or not len(items):
            return out
        out[:, BY_NAME] = np.add.reduce(profile.named.take(names, 0))
        out[:, 2] = _looked_up(items, profile.own_items, np.log1p(profile.own))
        out[:, 3] = _looked_up(items, profile.walk_items, np.log1p(profile.walk))
        if profile.vector is not None:
            out[:, 4] = factors @ profile.vector
        return out

    def _known(self, items: Ints) -> tuple[Ints, Singles]:
        """Names (3 × items) and factors; of an unknown part (-1) no names, and factors that mean nothing."""
        return self._item_names.take(items, 1), self.factors.take(items, 0)

    def _described(self, items: Ints, candidates: Candidates) -> tuple[Ints, Singles]:
        """Names and factors of candidates; of parts the model does not know what is said of them, and their content."""
        names, factors = self._known(items)
        new = np.flatnonzero(items < 0)
        if len(new):
            at = new.tolist()
            columns = (candidates.part_types, candidates.brands, candidates.qualities)
            types, brands, qualities = ([column[row] for row in at] for column in columns)
            coded = self._named_codes(types, brands, qualities, np.asarray(candidates.price)[new])
            traits = None if candidates.traits is None else [candidates.traits[row] for row in at]
            names[:, new], factors[new] = self.names.rows(coded), self.content.factors(coded, traits)
        return names, factors

    def _coded(
        self,
        items: Ints,
        part_types: Sequence[str],
        brands: Sequence[str],
        qualities: Sequence[str],
        price: NDArray[np.floating],
    ) -> Coded:
        """The trained codes of parts the model knows; of the others what their names and prices, one each, say."""
        if not len(self.part_ids):
            return self._named_codes(part_types, brands, qualities, price)
        coded = self.items.take(items)
        if len(part_types):
            new = items < 0
            found = self._named_codes(part_types, brands, qualities, price)
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
    place = np.minimum(known.searchsorted(items), len(known) - 1)
    return np.asarray(values.take(place) * (known.take(place) == items), np.float64)
