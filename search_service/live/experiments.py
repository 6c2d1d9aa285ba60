"""Policies tried against each other: which arms run since when, kept in the live store for every worker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from ranking.experiments import Arm, Experiment
from search_service.live.errors import StaleWrite
from search_service.live.port import Kind, LiveStore

RUNNING = "experiment"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
NONE = b""
"""What the pointer holds while nothing runs, after something did."""


class TrialArm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An arm, its share of people (0..1), and the policy it shows; None is whatever is published."""

    name: str
    share: float
    policy_version: str | None = None


class Trial(msgspec.Struct, frozen=True):
    """One experiment. Times are milliseconds since 1970; `ended` is None while it runs."""

    name: str
    arms: tuple[TrialArm, ...]
    started: int
    ended: int | None = None

    def arm_of(self, user_id: str | None, session_id: str | None) -> TrialArm | None:
        """The arm of a user (else of a session); None for people outside the experiment and for the unknown."""
        name = _drawn(self.name, self.arms).arm_of(user_id, session_id)
        return next((arm for arm in self.arms if arm.name == name), None)


class Experiments:
    """One runs at a time: two would each show a whole policy. `clock` gives milliseconds since 1970."""

    def __init__(self, store: LiveStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    def running(self) -> Trial | None:
        """The experiment that runs, if one does."""
        name = self._store.get(Kind.POINTERS, RUNNING)
        return self._get(name.decode()) if name else None

    def all(self) -> list[Trial]:
        """Every experiment, the newest first."""
        found = (_decode(body) for _, body in self._store.items(Kind.EXPERIMENTS))
        return sorted(found, key=lambda trial: -trial.started)

    def start(self, name: str, arms: tuple[TrialArm, ...]) -> Trial:
        """Run an experiment from now on. Raises `ValueError` where name or arms do not do, or one runs already."""
        faults = "; ".join(_faults(name, arms))
        if faults:
            raise ValueError(faults)
        _drawn(name, arms)
        pointed = self._store.get(Kind.POINTERS, RUNNING)
        if pointed:
            raise ValueError(f"experiment {pointed.decode()!r} runs; end it first")
        trial = Trial(name, arms, self._clock())
        if not self._store.swap(Kind.EXPERIMENTS, name, None, msgspec.json.encode(trial)):
            raise ValueError(f"experiment {name!r} ran before; people would keep its arms: choose a new name")
        if not self._store.swap(Kind.POINTERS, RUNNING, pointed, name.encode()):
            self._store.put(Kind.EXPERIMENTS, {name: None})
            raise StaleWrite("another experiment was started just now")
        return trial

    def end(self, name: str) -> Trial | None:
        """End an experiment, for which it is shown no more; None if there is none of this name.

        One whose end was broken off is ended by asking again.
        """
        trial = self._get(name)
        if trial is None:
            return None
        if trial.ended is None:
            trial = msgspec.structs.replace(trial, ended=self._clock())
            self._store.put(Kind.EXPERIMENTS, {name: msgspec.json.encode(trial)})
        self._store.swap(Kind.POINTERS, RUNNING, name.encode(), NONE)
        return trial

    def _get(self, name: str) -> Trial | None:
        body = self._store.get(Kind.EXPERIMENTS, name)
        return None if body is None else _decode(body)


def _drawn(name: str, arms: tuple[TrialArm, ...]) -> Experiment:
    """How people are drawn. Raises `ValueError` for shares or names that do not do."""
    return Experiment(name, [Arm(arm.name, arm.share) for arm in arms])


def _faults(name: str, arms: tuple[TrialArm, ...]) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield "name: lower-case letters, digits, - and _, at most 64"
    if len(arms) < 2:
        yield "arms: at least two"
    if any(not arm.name for arm in arms):
        yield "arms: each needs a name"
    if any(arm.share <= 0 for arm in arms):
        yield "arms: each needs a share above 0"


def _decode(body: bytes) -> Trial:
    return msgspec.json.decode(body, type=Trial)
