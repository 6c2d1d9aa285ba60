"""The curated table of jobs and service intervals: what is done together, and when it is due again.

It is the prior of `bought_together` and `next_service`: data move the weights, the table makes the first day useful.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


class Interval(Struct, frozen=True, forbid_unknown_fields=True):
    """After how long a part type is due again; whichever comes first."""

    months: Annotated[float, Meta(gt=0, le=240)]
    km: Annotated[float | None, Meta(description="Kilometres; None where only time counts.")] = None


Factor = Annotated[float, Meta(gt=0, le=10)]


class JobsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """Jobs, service intervals and seasons."""

    jobs: tuple[Job, ...] = ()
    intervals: dict[str, Interval] = {}
    seasons: Annotated[
        dict[str, Annotated[tuple[Factor, ...], Meta(min_length=12, max_length=12)]],
        Meta(description="Part type id to the factor on its demand from January to December, northern half."),
    ] = {}


@dataclass(frozen=True, slots=True)
class Jobs:
    """The table, ready to ask. `together[s][t]` is the greatest share over the jobs that hold both s and t."""

    together: Mapping[str, Mapping[str, float]]
    intervals: Mapping[str, Interval]
    seasons: Mapping[str, tuple[float, ...]]

    @classmethod
    def none(cls) -> Jobs:
        """No table: the data alone."""
        return cls({}, {}, {})

    @property
    def interval_days(self) -> dict[str, float]:
        """Part type id to the days after which it is due again."""
        return {name: one.months * MONTH_DAYS for name, one in self.intervals.items()}


def load_jobs(source: bytes | Path) -> Jobs:
    """Read and check a table (YAML). Raises `PolicyError` with the problem's path and line."""
    raw, lines = read_yaml(source if isinstance(source, bytes) else source.read_bytes())
    try:
        file = msgspec.convert(raw or {}, JobsFile)
    except msgspec.ValidationError as error:
        text, _, at = str(error).partition(" - at `$")
        steps = at.rstrip("`").lstrip(".")
        line = lines.near(("jobs",)) if steps.startswith("jobs") else lines.near(("intervals",))
        raise PolicyError((Problem(steps, line, text),)) from None
    for index, job in enumerate(file.jobs):
        if any(other.id == job.id for other in file.jobs[:index]):
            path = ("jobs", index, "id")
            raise PolicyError((Problem(show(path), lines.near(path), f"job id {job.id!r} is used more than once"),))
    return Jobs(_together(file.jobs), file.intervals, file.seasons)


def jobs_schema() -> dict[str, Any]:
    """JSON Schema of the table; kept in `config/schemas/jobs.schema.json`."""
    schema = msgspec.json.schema(JobsFile)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "PartFit jobs", **schema}


def _together(jobs: tuple[Job, ...]) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    for job in jobs:
        for source in job.part_types:
            targets = out.setdefault(source, {})
            for target, share in job.part_types.items():
                if target != source:
                    targets[target] = max(targets.get(target, 0.0), share)
    return out
