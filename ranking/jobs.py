"""The curated table of jobs and service intervals: what is done together, and when it is due again.

It is the prior of `bought_together` and `next_service`: data move the weights, the table makes the first day useful.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from ranking.errors import PolicyError, Problem
from ranking.strict_yaml import read_yaml, show

Share = Annotated[float, Meta(gt=0, le=1)]
MONTH_DAYS = 30.44


class Job(Struct, frozen=True, forbid_unknown_fields=True):
    """One job in the workshop."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    name: Annotated[dict[str, str], Meta(min_length=1, description="By language.")]
    part_types: Annotated[
        dict[str, Share], Meta(min_length=2, description="Part type id to the share of such jobs that need it, 0..1.")
    ]
    rate: Annotated[float, Meta(gt=0, le=1000, description="How often it is done, against the other jobs.")] = 1.0


class Interval(Struct, frozen=True, forbid_unknown_fields=True):
    """After how long a part type is due again; whichever comes first."""

    months: Annotated[float, Meta(gt=0, le=240)]
    km: Annotated[Annotated[float, Meta(gt=0)] | None, Meta(description="Kilometres; None where only time counts.")] = (
        None
    )
    wears: Annotated[
        bool, Meta(description="It wears by distance: where kilometres are known, months do not count.")
    ] = False


Factor = Annotated[float, Meta(gt=0, le=10)]


class JobsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """Jobs, what kits contain, service intervals and seasons."""

    jobs: tuple[Job, ...] = ()
    contains: Annotated[
        dict[str, Annotated[tuple[str, ...], Meta(min_length=1)]],
        Meta(description="Part type id of a kit to those of what it holds; neither is offered with the other."),
    ] = {}
    intervals: dict[str, Interval] = {}
    seasons: Annotated[
        dict[str, Annotated[tuple[Factor, ...], Meta(min_length=12, max_length=12)]],
        Meta(description="Part type id to the factor on its demand from January to December, northern half."),
    ] = {}


@dataclass(frozen=True, slots=True)
class Jobs:
    """The table, ready to ask.

    `together[s][t]`, 0..1, is the chance that the job somebody needs s for needs t as well. `contains[kit]` are the
    part types a kit holds: who has one does not need the other.
    """

    together: Mapping[str, Mapping[str, float]]
    intervals: Mapping[str, Interval]
    seasons: Mapping[str, tuple[float, ...]]
    contains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def none(cls) -> Jobs:
        """No table: the data alone."""
        return cls({}, {}, {})

    @property
    def interval_days(self) -> dict[str, float]:
        """Part type id to the days after which it is due again."""
        return {name: one.months * MONTH_DAYS for name, one in self.intervals.items()}


def load_jobs(source: bytes | Path, known: Collection[str] | None = None) -> Jobs:
    """Read and check a table (YAML). Raises `PolicyError` with the problem's path and line.

    `known` are the part types of the vocabulary, which `contains` must keep to; None leaves that unchecked.
    """
    raw, lines = read_yaml(source if isinstance(source, bytes) else source.read_bytes())
    try:
        file = msgspec.convert(raw or {}, JobsFile)
    except msgspec.ValidationError as error:
        text, _, at = str(error).partition(" - at `$")
        steps = at.rstrip("`").lstrip(".")
        section = next((name for name in ("jobs", "contains") if steps.startswith(name)), "intervals")
        line = lines.near((section,))
        raise PolicyError((Problem(steps, line, text),)) from None
    for index, job in enumerate(file.jobs):
        if any(other.id == job.id for other in file.jobs[:index]):
            path = ("jobs", index, "id")
            raise PolicyError((Problem(show(path), lines.near(path), f"job id {job.id!r} is used more than once"),))
    for kit, parts in file.contains.items():
        strange = [name for name in (kit, *parts) if known is not None and name not in known]
        text = f"part type {strange[0]!r} is not in the vocabulary" if strange else f"{kit!r} cannot contain itself"
        if strange or kit in parts:
            raise PolicyError((Problem(show(("contains", kit)), lines.near(("contains", kit)), text),))
    return Jobs(_together(file.jobs), file.intervals, file.seasons, file.contains)


def jobs_schema() -> dict[str, Any]:
    """JSON Schema of the table; kept in `config/schemas/jobs.schema.json`."""
    schema = msgspec.json.schema(JobsFile)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "PartFit jobs", **schema}


def _together(jobs: tuple[Job, ...]) -> dict[str, dict[str, float]]:
    """The shares of the targets over the jobs of a source, each job by the chance that the source is for it: its rate
    times the source's share in it (Bayes)."""
    calls: dict[str, float] = {}
    for job in jobs:
        for source, share in job.part_types.items():
            calls[source] = calls.get(source, 0.0) + job.rate * share
    out: dict[str, dict[str, float]] = {}
    for job in jobs:
        for source, own in job.part_types.items():
            chance, targets = job.rate * own / calls[source], out.setdefault(source, {})
            for target, share in job.part_types.items():
                if target != source:
                    targets[target] = targets.get(target, 0.0) + chance * share
    return out
