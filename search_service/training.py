"""What `partfit train` does around training: the log and the catalogue in, a published model out, if it is better."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexers.generation import Generation
from ranking import artifact
from ranking.errors import ArtifactError
from ranking.features import ItemFeatures
from ranking.incumbent import Incumbent
from ranking.jobs import Jobs
from ranking.train import train as fit
from ranking.trained import Report, Shop
from search_service.live.port import LiveStore
from search_service.models import Models
from search_service.vehicle_groups import vehicle_chains

UNIX_DAY = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class TrainOutcome:
    """What came of a training; `version` is `None` if the model did not pass its gate."""

    version: str | None
    report: Report
    events: int


def train(
    generation: Generation,
    live: LiveStore,
    models: Models,
    *,
    now: datetime.datetime,
    jobs: Jobs,
    seed: int = 7,
    progress: Callable[[str], None] = lambda step: None,
) -> TrainOutcome:
    """Train on every kept event and query up to `now`; publish if the gate lets it. Raises `TrainingError`."""
    known = Shop(vehicle_chains(generation.vehicles), jobs.interval_days)
    trained = fit(
        documents(live), features(generation), now=now, seed=seed, progress=progress, shop=known,
        incumbent=_in_service(models),
    )  # fmt: skip
    version = models.publish(trained) if trained.report.passes else None
    return TrainOutcome(version, trained.report, trained.events)


def _in_service(models: Models) -> Incumbent | None:
    """The model in service; one that cannot be read (damaged, of another format) is none to be compared with."""
    try:
        version = models.current()
        model = models.load(version) if version is not None else None
        return (
            None if version is None or model is None else Incumbent(model, artifact.seen_until(models.folder, version))
        )
    except ArtifactError:
        return None


def documents(live: LiveStore) -> Iterator[dict[str, Any]]:
    """Events and queries as UBI documents."""
    for event in live.events():
        yield event.document()
    for query in live.queries():
        yield {
            "query_id": query.query_id,
            "user_query": query.user_query,
            "timestamp": query.timestamp,
            "user_id": query.user_id,
            "session_id": query.session_id,
            "query_attributes": query.query_attributes,
            "client_id": query.client_id,
            "query_response_hit_ids": list(query.query_response_hit_ids),
        }


def features(generation: Generation) -> ItemFeatures:
    """The catalogue's parts as the models see them."""
    ordinals = generation.live_ordinals()
    listed = generation.column("listed")[ordinals].astype(np.float64)
    return ItemFeatures(
        part_ids=[generation.part_id(int(one)) for one in ordinals],
        part_types=_words(generation, "part_type", ordinals),
        brands=_words(generation, "brand", ordinals),
        qualities=_words(generation, "quality", ordinals),
        price=generation.column("price")[ordinals].astype(np.float64),
        added=np.where(listed > 0, listed - UNIX_DAY, np.nan),
        traits=[_traits(generation, int(one)) for one in ordinals],
    )


def _traits(generation: Generation, ordinal: int) -> tuple[str, ...]:
    """Position and attributes as texts: what factors of parts nobody touched are guessed from."""
    part = generation.part(ordinal)
    said = [f"{name}={value}" for name, value in part.attributes.items() if isinstance(value, str | bool)]
    return (*(f"position={place}" for place in generation.part_position(ordinal)), *said)


def _words(generation: Generation, column: str, ordinals: Any) -> list[str]:
    names = generation.words[column]
    return ["" if code < 0 else names[code] for code in generation.column(column)[ordinals].tolist()]
