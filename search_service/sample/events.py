"""Visits as UBI 1.3.0 events in time order."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from search_service.sample.catalogue import place_en, place_zh
from search_service.sample.fitting import Fitting
from search_service.sample.jobs import PERIOD_DAYS
from search_service.sample.simulator import ACTIONS, REASONS, RETURNED, Visit
from search_service.sample.users import Users, user_id

SIGNED_IN = 0.88


class EventWriter:
    """Turns visits into event rows; `first_day` is the day of second 0."""

    def __init__(self, fitting: Fitting, users: Users, part_ids: Sequence[str], first_day: datetime.date) -> None:
        self._fitting = fitting
        self._users = users
        self._ids = part_ids
        self._days = [str(first_day + datetime.timedelta(days=day)) for day in range(PERIOD_DAYS)]

    def rows(self, visits: Sequence[Visit], baskets: Sequence[int], last_second: int) -> Iterator[dict[str, Any]]:
        """Events up to `last_second`, by time and then in the order in which they happened."""
        moments = [
            (visit.second + later, index, step)
            for index, visit in enumerate(visits)
            for step, (_, _, later) in enumerate(visit.events)
            if visit.second + later <= last_second
        ]
        moments.sort()
        texts = [self.text(visit) for visit in visits]
        for second, index, step in moments:
            yield self._row(visits[index], baskets[visits[index].number], step, second, texts[index])

    def _row(self, visit: Visit, basket: int, step: int, second: int, text: str) -> dict[str, Any]:
        action, place, _ = visit.events[step]
        known = {"user_id": user_id(visit.user)} if (visit.number * 37) % 100 < 100 * SIGNED_IN else {}
        attributes: dict[str, Any] = {
            "object": {
                "object_id": self._ids[visit.shown[place]], "object_id_field": "part_id", "object_id_type": "product",
            },
            "position": {"ordinal": place + 1},
            "vehicle_id": self._fitting.world.cars[self._users.car[visit.garage]].id,
        }  # fmt: skip
        if action == RETURNED:
            attributes["reason"] = REASONS[visit.number % len(REASONS)]
        return {
            "application": "partfit-sample", "action_name": ACTIONS[action], "query_id": query_id(visit),
            "client_id": f"c{visit.user + 1:05d}", "session_id": f"s{basket:07d}", **known,
            "timestamp": self.moment(second, visit.number % 1000), "user_query": text,
            "event_attributes": attributes,
        }  # fmt: skip

    def moment(self, second: int, millisecond: int = 0) -> str:
        """ISO 8601 with milliseconds and `Z`; `second` counts from the first day and lies inside the period."""
        day, clock = divmod(second, 86_400)
        return f"{self._days[day]}T{clock // 3600:02d}:{clock // 60 % 60:02d}:{clock % 60:02d}.{millisecond:03d}Z"

    def text(self, visit: Visit) -> str:
        """What was typed: mostly everyday words, with a place if one is wanted, now and then with the model's name."""
        kind = self._fitting.world.types[visit.kind]
        places = kind.places[visit.place] if visit.place >= 0 else ()
        car = self._fitting.world.cars[self._users.car[visit.garage]].row
        if not self._users.chinese[visit.user]:
            model = f"{car['model']} " if visit.number % 4 == 0 else ""
            return f"{model}{place_en(places)}{kind.en}".lower()
        words = (*kind.everyday, kind.zh)
        names = (car.get("names") or {}).get("zh") or {}
        model = f"{names.get('model', car['model'])} " if visit.number % 4 == 0 else ""
        return f"{model}{place_zh(places)}{words[visit.number % len(words)]}"


def query_id(visit: Visit) -> str:
    """The id that joins a query to its events."""
    return f"q{visit.number:08d}"


def truth_rows(
    writer: EventWriter, visits: Sequence[Visit], part_ids: Sequence[str], utilities: Iterator[np.ndarray[Any, Any]],
    fitting: Fitting,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """A row a visit: every part the user could have chosen, what he hiddenly thinks of each, and what he did."""
    for visit, utility in zip(visits, utilities, strict=True):
        chosen: dict[str, list[str]] = {}
        for action, place, _ in visit.events:
            chosen.setdefault(ACTIONS[action], []).append(part_ids[visit.shown[place]])
        yield {
            "query_id": query_id(visit), "user_id": user_id(visit.user), "timestamp": writer.moment(visit.second),
            "user_query": writer.text(visit), "part_type": fitting.world.types[visit.kind].id,
            "candidates": [part_ids[part] for part in visit.candidates.tolist()],
            "utilities": [round(value, 4) for value in utility.tolist()],
            "clicked": chosen.get("click", []), "purchased": chosen.get("purchase", []),
        }  # fmt: skip
