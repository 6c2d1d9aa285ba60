"""A trained model with what is known about it. Holds no training code, so that serving never loads the trainer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ranking.evaluate import Interval
from ranking.model import Model

TOLERANCE = 0.995  # held-out NDCG@10 over that of popularity, below which a model is not published


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is trained; times in days.

    `confidence` multiplies an act's decayed strength into ALS confidence. `held_out` is the share of the log's span, at
    its end, that is kept for the gate; as much again before it fits the blend.
    """

    factors: int = 64
    iterations: int = 12
    regularization: float = 10.0
    confidence: float = 10.0
    half_life: float = 365.0
    neighbours: int = 50
    held_out: float = 0.15


@dataclass(frozen=True, slots=True)
class Shop:
    """What a shop knows beside parts and events; all of it may be missing.

    `chains` are the groups of each vehicle id, narrowest first (`type_demand.chain_of`); `interval_days` says after how
    long a part type is due by the table of jobs.
    """

    chains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    interval_days: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """How a model did on held-out choices against the same order without the personal signal (popularity).

    `ratio` is NDCG@10 with over without, for people with a history, with a 95 % interval over people; `cold_ratio` the
    same for people without. `ours` and `base` hold the means of `evaluate.MEASURES` over all held-out choices.
    `against_former` is NDCG@10 over that of the model in service, None where there is none or too little that is new to
    both.
    """

    held_out: int
    ratio: Interval
    cold_ratio: Interval
    ours: Mapping[str, float]
    base: Mapping[str, float]
    against_former: Interval | None = None

    @property
    def passes(self) -> bool:
        """The gate: not worse than popularity nor than the model in service, or nothing to judge by."""
        if not self.held_out:
            return True
        if self.against_former is not None and self.against_former.value < 1.0:
            return False
        return self.ours["ndcg@10"] >= TOLERANCE * self.base["ndcg@10"]


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model of the whole log with the report of its twin that had not seen the held-out window."""

    model: Model
    report: Report
    window: tuple[float, float]
    events: int
    users: int
    dropped: Mapping[str, int]
    blend_choices: int
    settings: Settings = field(default_factory=Settings)
