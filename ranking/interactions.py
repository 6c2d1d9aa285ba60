"""UBI events as columns: who did what to which part, when, after which query, and what was shown for it.

Deduplication: within one query a (person, part, action) counts once; without a query once in `REPEAT_MINUTES`.
"""

from __future__ import annotations

import datetime
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int32]
Floats: TypeAlias = NDArray[np.float64]

REPEAT_MINUTES = 30.0  # a reload or a double click, not a second wish
DAY_SECONDS = 86_400.0


class Action(IntEnum):
    """What a person did, by how much it says; impressions only say what was seen."""

    IMPRESSION = 0
    VIEW = 1
    CLICK = 2
    ADD_TO_CART = 3
    PURCHASE = 4


ACTIONS: Mapping[str, Action] = {action.name.lower(): action for action in Action} | {"watch": Action.VIEW}
# Strength of an action: a purchase says about as much as twenty views. Order fixed by UBI's funnel, sizes by hand.
STRENGTH = np.array([0.0, 0.25, 1.0, 2.5, 5.0])


@dataclass(slots=True)
class Log:
    """Deduplicated events by ascending time, one row each.

    `user`, `vehicle`, `region` index the lists of the same names in plural, `query` and `session` are numbered from 0
    (-1 = none, `user` never); `item` is the number the caller's mapping gave; `time` is in days since 1970-01-01 UTC;
    `ordinal` is the place shown, from 1, 0 unknown.
    `dropped` counts events that were left out, by reason. A query without words is still a query.
    """

    user: Ints
    item: Ints
    action: Ints
    time: Floats
    query: Ints
    session: Ints
    ordinal: Ints
    vehicle: Ints
    region: Ints
    users: list[str]
    vehicles: list[str]
    regions: list[str]
    dropped: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.user)

    def take(self, rows: NDArray[Any]) -> Log:
        """The rows given (a mask or indices), in that order, with the same numbering."""
        return Log(
            self.user[rows], self.item[rows], self.action[rows], self.time[rows], self.query[rows],
            self.session[rows], self.ordinal[rows], self.vehicle[rows], self.region[rows],
            self.users, self.vehicles, self.regions, self.dropped,
        )  # fmt: skip

    @property
    def acts(self) -> NDArray[np.bool_]:
        """Rows that are more than an impression."""
        return self.action > Action.IMPRESSION

    def weights(self, now: float, half_life: float) -> Floats:
        """Strength of each row's action, halved every `half_life` days before `now`; never above the strength."""
        return STRENGTH[self.action] * np.exp2(-np.maximum(now - self.time, 0.0) / half_life)


def person(event: Mapping[str, Any]) -> str | None:
    """Whom an event belongs to: the user, else the device, else the session; prefixes keep the three apart."""
    for name, prefix in (("user_id", "u:"), ("client_id", "c:"), ("session_id", "s:")):
        value = event.get(name)
        if value:
            return f"{prefix}{value}"
    return None


def days_of(timestamp: str) -> float:
    """ISO 8601 date-time (without a zone: UTC) as days since 1970-01-01 UTC. Raises `ValueError`."""
    moment = datetime.datetime.fromisoformat(timestamp)
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp() / DAY_SECONDS


def read_log(
    events: Iterable[Mapping[str, Any]],
    items: Mapping[str, int],
    *,
    until: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> Log:
    """Read UBI events and, among them, UBI query documents, whose `query_response_hit_ids` are impressions.

    `items` maps part ids to numbers >= 0; other parts, unknown actions, nobody's events, bad times and events after
    `until` (days) are dropped and counted. `progress` is told the number read, every 10,000.
    """
    reader = _Reader(items, until)
    for count, event in enumerate(events, 1):
        reader.read(event)
        if progress is not None and count % 10_000 == 0:
            progress(count)
    return reader.log()


class _Reader:
    def __init__(self, items: Mapping[str, int], until: float | None) -> None:
        self._items = items
        self._until = until
        # Packed, because five million tuples would be a gigabyte. Queries and sessions are told apart by hashes, as so
        # many names would be another; Python hashes no text to -1.
        self._numbers = tuple(array(kind) for kind in "iiiqqiii")
        self._times = array("d")
        self._users: dict[str, int] = {}
        self._vehicles: dict[str, int] = {}
        self._regions: dict[str, int] = {}
        self._dropped: Counter[str] = Counter()

    def read(self, event: Mapping[str, Any]) -> None:
        who = person(event)
        if who is None:
            self._dropped["nobody"] += 1
            return
        try:
            time = days_of(event["timestamp"])
        except (KeyError, TypeError, ValueError):
            self._dropped["time"] += 1
            return
        if self._until is not None and time > self._until:
            self._dropped["later"] += 1
            return
        if (hits := event.get("query_response_hit_ids")) is not None:
            for ordinal, part_id in enumerate(hits, 1):
                self._add(event, who, time, Action.IMPRESSION, part_id, ordinal)
        else:
            self._read_action(event, who, time)

    def _read_action(self, event: Mapping[str, Any], who: str, time: float) -> None:
        name = event.get("action_name")
        action = ACTIONS.get(name) if isinstance(name, str) else None
        if action is None:
            self._dropped["action"] += 1
            return
        attributes = event.get("event_attributes") or {}
        thing = attributes.get("object") or {}
        ordinal = (attributes.get("position") or {}).get("ordinal")
        self._add(event, who, time, action, thing.get("object_id"), ordinal if isinstance(ordinal, int) else 0)

    def _add(
        self, event: Mapping[str, Any], who: str, time: float, action: Action, part_id: object, ordinal: int
    ) -> None:
        item = self._items.get(str(part_id))
        if item is None:
            self._dropped["part"] += 1
            return
        if action is Action.IMPRESSION and not 0 < ordinal < 1 << 15:
            self._dropped["place"] += 1
            return
        more = event.get("event_attributes") or event.get("query_attributes") or {}
        row = (
            _code(self._users, who),
            item,
            int(action),
            _hash(event.get("query_id")),
            _hash(event.get("session_id")),
            min(max(ordinal, 0), (1 << 15) - 1),
            _code(self._vehicles, more.get("vehicle_id") or _only(more.get("vehicle_ids"))),
            _code(self._regions, more.get("region") or more.get("store")),
        )
        for column, number in zip(self._numbers, row, strict=True):
            column.append(number)
        self._times.append(time)

    def log(self) -> Log:
        columns = [np.frombuffer(column, column.typecode) for column in self._numbers]
        user, item, action, queries, sessions, ordinal, vehicle, region = columns
        query, session, time = _numbered(queries), _numbered(sessions), np.frombuffer(self._times, np.float64)
        for column in (vehicle, region):
            _fill_from_query(column, query)
        log = Log(
            user, item, action, time, query, session, ordinal, vehicle, region,
            list(self._users), list(self._vehicles), list(self._regions), self._dropped,
        )  # fmt: skip
        kept = _first_of_repeats(log)
        self._dropped["repeat"] += len(log) - len(kept)
        return log.take(kept)


def _code(codes: dict[str, int], name: object) -> int:
    """The number of a name, a new one if it is new; -1 for no name."""
    return codes.setdefault(str(name), len(codes)) if name else -1


def _hash(name: object) -> int:
    return hash(str(name)) if name else -1


def _numbered(hashes: NDArray[np.int64]) -> Ints:
    """Numbers from 0 in the order in which the hashes first appear, which depends on no hash; -1 stays."""
    unique, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    known = np.flatnonzero(unique != -1)
    number = np.full(len(unique), -1, np.int32)
    number[known[np.argsort(first[known])]] = np.arange(len(known), dtype=np.int32)
    return number[inverse]


def _only(names: object) -> object:
    """The name in a list of one; several vehicles are none in particular."""
    return names[0] if isinstance(names, list) and len(names) == 1 else None


def _fill_from_query(column: Ints, query: Ints) -> None:
    """What an event does not say itself (-1), the query it followed may."""
    rows = np.flatnonzero(query >= 0)
    said = np.full(int(query.max(initial=-1)) + 1, -1, np.int32)
    np.maximum.at(said, query[rows], column[rows])
    rows = rows[column[rows] < 0]
    column[rows] = said[query[rows]]


def _first_of_repeats(log: Log) -> NDArray[np.int64]:
    """Rows by time, without those that repeat an earlier one."""
    by_time = np.lexsort((log.item, log.action, log.user, log.time))
    bucket = np.where(log.query >= 0, 0, np.floor(log.time * (1440.0 / REPEAT_MINUTES)).astype(np.int64))
    keys = [column[by_time] for column in (log.user, log.item, log.action, log.query, bucket)]
    grouped = np.lexsort((np.arange(len(log)), *keys))
    new = np.ones(len(log), bool)
    if len(log) > 1:
        new[1:] = np.any([key[grouped][1:] != key[grouped][:-1] for key in keys], axis=0)
    return by_time[np.sort(grouped[new])]
