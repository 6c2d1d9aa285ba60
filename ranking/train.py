"""Train on a closed window, weigh the blend on the next, judge on the last, and only then fit on everything.

|---------------- fit ----------------|--- blend ---|--- held out ---|  now
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ranking.choices import FEWEST_CHOICES, Choice, assumed_choices, choices, fit_blend
from ranking.demand import attraction
from ranking.errors import TrainingError
from ranking.evaluate import Interval
from ranking.features import ItemFeatures
from ranking.fit import Catalogue, fit_model
from ranking.incumbent import Incumbent
from ranking.interactions import DAY_SECONDS, Log, read_log
from ranking.judging import against, judge_model
from ranking.model import Model
from ranking.policy import Policy
from ranking.trained import Report, Settings, Shop, TrainedModel

Floats: TypeAlias = NDArray[np.float64]


def train(
    events: Iterable[Mapping[str, Any]],
    items: ItemFeatures,
    *,
    now: datetime.datetime,
    seed: int,
    progress: Callable[[str], None] = lambda step: None,
    settings: Settings | None = None,
    policy: Policy | None = None,
    shop: Shop | None = None,
    incumbent: Incumbent | None = None,
) -> TrainedModel:
    """Train from UBI events (and query documents, for impressions) up to `now`. Same input and seed, same model.

    Raises `TrainingError` if no event names a known part.
    """
    settings = settings or Settings()
    catalogue = Catalogue.of(items)
    today = now.timestamp() / DAY_SECONDS
    progress("reading events")
    log = read_log(events, catalogue.index, until=today)
    if not log.acts.any():
        raise TrainingError(f"no event acts on a known part; left out: {dict(log.dropped)}")
    with threadpool_limits(1, "blas"):  # many small systems: more threads only wait for each other
        return _trained(catalogue, log, today, settings, seed, progress, policy or Policy.default(), shop, incumbent)


def _trained(
    catalogue: Catalogue,
    log: Log,
    today: float,
    settings: Settings,
    seed: int,
    progress: Callable[[str], None],
    policy: Policy,
    shop: Shop | None,
    incumbent: Incumbent | None,
) -> TrainedModel:
    split = _split(log, settings, incumbent)
    progress("fitting on the first window")
    first, blend, used = _blend(catalogue, log, split, settings, seed)
    progress("judging on the held-out window")
    second, report = _judged(catalogue, log, split, settings, seed, blend, policy, first, incumbent)
    progress("fitting on everything")
    model = fit_model(catalogue, log, today, settings, seed, blend, second or first, shop)
    window = (float(log.time.min()), float(log.time.max()))
    return TrainedModel(model, report, window, len(log), len(log.users), dict(log.dropped), used, settings)


@dataclass(frozen=True, slots=True)
class _Split:
    blend_from: float
    held_from: float
    end: float


def _split(log: Log, settings: Settings, incumbent: Incumbent | None = None) -> _Split:
    """Windows by time, not by count, so that a burst at the end does not shrink them to hours.

    Where the model in service has seen a part of the held-out window and enough has come since, only that is held out:
    the two are compared on what neither has seen, and the new one may learn what the old one knew.
    """
    start, end = float(log.time.min()), float(log.time.max())
    length = (end - start) * settings.held_out
    since = end - length
    if incumbent is not None and since < incumbent.until < end:
        new = np.unique(log.query[log.acts & (log.time >= incumbent.until)])
        since = incumbent.until if len(new) >= FEWEST_CHOICES else since
    return _Split(since - length, since, end)


def _before(log: Log, time: float) -> Log:
    return log.take(np.flatnonzero(log.time < time))


def _sets(catalogue: Catalogue, log: Log, since: float, until: float, seed: int) -> list[Choice]:
    """Some of the choices as shown, or as assumed where the log holds no impressions at all."""
    if log.acts.all():
        return list(assumed_choices(log, catalogue.items, since, until, seed))
    return list(choices(log, since, until, seed))


def _blend(
    catalogue: Catalogue, log: Log, split: _Split, settings: Settings, seed: int
) -> tuple[Model | None, Floats | None, int]:
    early = _before(log, split.blend_from)
    if not early.acts.any():
        return None, None, 0
    model = fit_model(catalogue, early, split.blend_from, settings, seed)
    appeal = np.log(attraction(early, catalogue.items, split.blend_from, settings.half_life))
    blend, used = fit_blend(model, log, _sets(catalogue, log, split.blend_from, split.held_from, seed), appeal)
    return model, blend, used


def _judged(
    catalogue: Catalogue,
    log: Log,
    split: _Split,
    settings: Settings,
    seed: int,
    blend: Floats | None,
    policy: Policy,
    earlier: Model | None,
    incumbent: Incumbent | None,
) -> tuple[Model | None, Report]:
    early = _before(log, split.held_from)
    sets = _sets(catalogue, log, split.held_from, split.end + 1.0, seed) if early.acts.any() else []
    if not sets:
        nothing = Interval(float("nan"), float("nan"), float("nan"), 0)
        return None, Report(0, nothing, nothing, {}, {})
    model = fit_model(catalogue, early, split.held_from, settings, seed, blend, earlier)
    report = judge_model(model, log, sets, policy, seed=seed)
    if incumbent is None or incumbent.until > split.held_from or len(sets) < FEWEST_CHOICES:
        return model, report
    return model, replace(report, against_former=against(incumbent, model, catalogue, log, sets, policy, seed))


def held_out(catalogue: Catalogue, log: Log, settings: Settings, seed: int) -> tuple[Model, list[Choice]]:
    """The model the gate would judge, which saw nothing of the last window, and the choices of that window."""
    with threadpool_limits(1, "blas"):
        split = _split(log, settings)
        first, blend, _ = _blend(catalogue, log, split, settings, seed)
        early = _before(log, split.held_from)
        model = fit_model(catalogue, early, split.held_from, settings, seed, blend, first)
    return model, _sets(catalogue, log, split.held_from, split.end + 1.0, seed)
