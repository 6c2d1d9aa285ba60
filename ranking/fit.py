"""From a log to a model's arrays: demand, base rates, factors, walk, types together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.als import fit_als, random_walk
from ranking.choice_taste import EVIDENCE, TasteSpace
from ranking.choice_taste_fit import learn_space
from ranking.choices import DEFAULT_BLEND
from ranking.content import Content, mixed
from ranking.content_ridge import learn_content
from ranking.demand import attraction, demand, popularity
from ranking.features import Coded, Coding, ItemFeatures, NameRows, code_of, learn_coding, level_of
from ranking.fold_in import whitened
from ranking.interactions import Log
from ranking.model import Model
from ranking.neighbours import Neighbours
from ranking.replacement import learn_replacement
from ranking.sequences import Sequences
from ranking.sessions import SessionNeighbours
from ranking.taste import brand_rates
from ranking.together import history_lift, in_baskets, next_lift
from ranking.trained import Settings, Shop
from ranking.transitions import transitions
from ranking.type_demand import learn_type_demand

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

MOST_PEOPLE = 50_000  # who acted last; factors of parts are learnt from their acts, everybody else's are folded in
MORE_ITERATIONS = 4  # of ALS, from the factors of an earlier window
MOST_STEPS = 1_000_000  # the latest acts; each is followed by up to five, so that more would take gigabytes
MOST_SESSIONS = 100_000  # the latest; what people went on to years ago says less than it costs


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The parts of a training run, coded once for all windows."""

    part_ids: tuple[str, ...]
    coding: Coding
    items: Coded
    traits: tuple[tuple[str, ...], ...] | None = None

    @classmethod
    def of(cls, features: ItemFeatures) -> Catalogue:
        """Code `features`. Of a repeated part id the last row counts."""
        coding = learn_coding(features)
        types, brands, qualities = coding.codes()
        part_type = code_of(features.part_types, types)
        items = Coded(
            part_type,
            code_of(features.brands, brands),
            code_of(features.qualities, qualities),
            level_of(part_type, features.price, coding.edges),
        )
        last = np.fromiter({part_id: row for row, part_id in enumerate(features.part_ids)}.values(), np.int64)
        traits = None if features.traits is None else tuple(tuple(features.traits[row]) for row in last.tolist())
        return cls(tuple(features.part_ids[row] for row in last.tolist()), coding, items.take(last), traits)

    @property
    def index(self) -> dict[str, int]:
        """Part id → item number."""
        return {part_id: number for number, part_id in enumerate(self.part_ids)}


def fit_model(
    catalogue: Catalogue,
    log: Log,
    now: float,
    settings: Settings,
    seed: int,
    blend: Floats | None = None,
    earlier: Model | None = None,
    shop: Shop | None = None,
) -> Model:
    """Fit everything but the blend on `log` as of `now` (days). Raises `TrainingError` if nobody did anything.

    `earlier` is a model of an earlier window of the same catalogue; factors and taste begin from it, in fewer rounds.
    """
    size, types, kind = len(catalogue.part_ids), len(catalogue.coding.part_types), catalogue.items.part_type
    shop = shop or Shop()
    wanted = demand(log, size, now, settings.half_life)
    factors, basis, content = _factors(catalogue, log, now, settings, seed, earlier)
    together, alongside = in_baskets(log, kind, types)
    arrays: dict[str, NDArray[Any]] = {
        "popularity": popularity(attraction(log, catalogue.items, now, settings.half_life)),
        "factors": factors,
        "basis": basis,
        "together": together,
        "alongside": alongside,
        "type_walk": history_lift(log, kind, types),
        "type_next": next_lift(log, kind, types),
        "blend": DEFAULT_BLEND.copy() if blend is None else blend,
    }
    return Model(
        version=_version(arrays, catalogue),
        coding=catalogue.coding,
        part_ids=catalogue.part_ids,
        items=catalogue.items,
        brand_rates=brand_rates(catalogue.coding, catalogue.items, wanted),
        space=_space(catalogue, log, now, settings, wanted, earlier),
        confidence=settings.confidence,
        half_life=settings.half_life,
        walk=_walk(log, size, settings),
        next=_next(log, size, settings),
        sessions=_sessions(log, size),
        type_demand=learn_type_demand(log, kind, types, now, settings.half_life, shop.chains),
        replacement=learn_replacement(log, kind, catalogue.coding.part_types, shop.interval_days),
        content=content,
        index=catalogue.index,
        codes=catalogue.coding.codes(),
        **arrays,
    )


def _factors(
    catalogue: Catalogue, log: Log, now: float, settings: Settings, seed: int, earlier: Model | None
) -> tuple[Singles, Singles, Content]:
    """Factors of parts (few acts: mixed with content), brands, qualities and price levels, whitened; the basis of those
    of ALS; and what content says, whitened too."""
    acts = _latest_people(log, MOST_PEOPLE)
    found = _als(catalogue, acts, now, settings, seed, earlier)
    size = len(catalogue.part_ids)
    often = np.asarray(np.bincount(acts.item, minlength=size), np.float64)
    content = learn_content(catalogue.coding, catalogue.items, catalogue.traits, found[:size], often)
    found[:size] = mixed(found[:size], content.factors(catalogue.items, catalogue.traits), often)
    factors, basis = whitened(found, settings.regularization)
    return factors, basis, replace(content, rows=(content.rows @ np.linalg.inv(basis)).astype(np.float32))


def _latest_people(log: Log, most: int) -> Log:
    """All acts of the `most` people who acted last, renumbered without gaps."""
    rows = np.flatnonzero(log.acts)
    users, from_end = np.unique(log.user[rows][::-1], return_index=True)  # rows ascend by time
    kept = users[np.sort(np.argsort(from_end, kind="stable")[:most])]
    place = np.full(len(log.users), -1, np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    acts = log.take(rows[place[log.user[rows]] >= 0])
    return replace(acts, user=place[acts.user], users=[log.users[user] for user in kept.tolist()])


def _als(catalogue: Catalogue, acts: Log, now: float, settings: Settings, seed: int, earlier: Model | None) -> Singles:
    """ALS over parts, brands, qualities and price levels as one catalogue of columns."""
    item, items, coding = acts.item, catalogue.items, catalogue.coding
    size = len(catalogue.part_ids)
    columns = (item, items.brand[item], items.quality[item], items.level[item])
    names = NameRows.of(coding)
    starts = (0, *(size + start for start in names.starts))
    weight = np.maximum(acts.weights(now, settings.half_life) * settings.confidence, 1e-4)
    known = [column >= 0 for column in columns]
    return fit_als(
        np.concatenate([acts.user[mask] for mask in known]),
        np.concatenate([column[mask] + start for column, start, mask in zip(columns, starts, known, strict=True)]),
        np.concatenate([weight[mask] for mask in known]),
        (len(acts.users), size + names.size),
        factors=settings.factors,
        regularization=settings.regularization,
        iterations=settings.iterations if earlier is None else min(settings.iterations, MORE_ITERATIONS),
        seed=seed,
        start=None if earlier is None else earlier.factors @ earlier.basis,
    )


def _space(
    catalogue: Catalogue, log: Log, now: float, settings: Settings, wanted: Floats, earlier: Model | None
) -> TasteSpace:
    acts = np.flatnonzero(log.acts)
    age = np.maximum(now - log.time[acts], 0.0)
    evidence = np.maximum(EVIDENCE[log.action[acts]] * np.exp2(-age / settings.half_life), 1e-9)
    begin = earlier.space if earlier is not None else None
    return learn_space(catalogue.coding, catalogue.items, wanted, log.user[acts], log.item[acts], evidence, begin)


def _walk(log: Log, size: int, settings: Settings) -> Neighbours:
    acts = log.acts
    return random_walk(log.user[acts], log.item[acts], (len(log.users), size), neighbours=settings.neighbours)


def _next(log: Log, size: int, settings: Settings) -> Neighbours:
    """Directed transitions between parts in the latest acts, 1 = usual."""
    acts = np.flatnonzero(log.acts)[-MOST_STEPS:]
    histories = Sequences.of_columns(log.user[acts], log.item[acts], log.time[acts], size)
    found = transitions(histories, most=settings.neighbours)
    mean = float(found.strength.mean()) if len(found.strength) else 1.0
    return Neighbours(found.starts, found.items, found.strength / np.float32(mean))


def _sessions(log: Log, size: int) -> SessionNeighbours:
    """The latest sessions with two acts or more, in the order in which they ended."""
    rows = np.flatnonzero(log.acts & (log.session >= 0))
    often = np.bincount(log.session[rows])
    ended = np.zeros(len(often))
    ended[log.session[rows]] = log.time[rows]  # rows ascend by time: the last one stays
    kept = np.argsort(ended, kind="stable")
    kept = kept[often[kept] > 1][-MOST_SESSIONS:]
    place = np.full(len(often), -1, np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    rows = rows[place[log.session[rows]] >= 0]
    found = Sequences.of_columns(place[log.session[rows]], log.item[rows], log.time[rows], size)
    return SessionNeighbours.of(found.starts, found.items, size)


def _version(arrays: dict[str, NDArray[Any]], catalogue: Catalogue) -> str:
    """Twelve hexadecimal digits over everything the model says."""
    digest = hashlib.sha256("\n".join(catalogue.part_ids).encode())
    for name in sorted(arrays):
        digest.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return f"m-{digest.hexdigest()[:12]}"
