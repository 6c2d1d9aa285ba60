"""The model in service against its successor, on choices that neither has seen.

The model in service may know other parts and other names, so it is asked as it serves: by ids and names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.choices import Choice
from ranking.fit import Catalogue
from ranking.interactions import Action, Log
from ranking.model import Model
from ranking.profile import Candidates, Past

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Incumbent:
    """The model in service and the day (since 1970) up to which it has seen events."""

    model: Model
    until: float


def personal_of(incumbent: Model, catalogue: Catalogue, log: Log, choice: Choice) -> tuple[Floats, Floats]:
    """(personal signal, popularity) of a choice's items by the model in service."""
    profile = incumbent.profile(_past(catalogue, log, choice))
    ids = [catalogue.part_ids[item] for item in choice.items.tolist()]
    types, brands, qualities = _names(catalogue, choice.items)
    known = incumbent.numbers(ids)
    candidates = Candidates(ids, types, brands, qualities, np.full(len(ids), np.nan), items=known)
    return incumbent.score(profile, candidates), incumbent.popularity_of(known)


def _past(catalogue: Catalogue, log: Log, choice: Choice) -> list[Past]:
    rows = choice.history
    items = log.item[rows]
    ids = [catalogue.part_ids[item] for item in items.tolist()]
    actions = [Action(code).name.lower() for code in log.action[rows].tolist()]
    days = np.maximum(choice.time - log.time[rows], 0.0).tolist()
    return [Past(*row) for row in zip(ids, actions, days, *_names(catalogue, items), strict=True)]


def _names(catalogue: Catalogue, items: Ints) -> tuple[list[str], list[str], list[str]]:
    coded, coding = catalogue.items.take(items), catalogue.coding
    columns = (
        (coding.part_types, coded.part_type),
        (coding.brands, coded.brand),
        (coding.qualities, coded.quality),
    )
    found = [[names[code] if code >= 0 else "" for code in codes.tolist()] for names, codes in columns]
    return found[0], found[1], found[2]
