"""Versions of the merchandiser's policy: immutable texts, one published, and the way back.

A draft is a version that was never published. Publishing and rolling back each add an entry to the history; the
pointer `policy` holds the number of the entry in force.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

import msgspec

from search_service.live.errors import PolicyMissing, StaleWrite
from search_service.live.model import PolicyVersion, Publication, wire_time
from search_service.live.port import Kind, LiveStore

IN_FORCE = "policy"
Choice: TypeAlias = "Callable[[Publication | None], tuple[str, int | None]]"  # entry in force -> version, way back
_NAME = re.compile(r"p([1-9][0-9]{0,8})")
DEFAULT = ""
"""The text of a policy that changes nothing."""
TRIES = 20  # writers that may come between before giving up
_version = msgspec.json.Decoder(PolicyVersion)
_publication = msgspec.json.Decoder(Publication)


class Policies:
    """Policy versions `p1`, `p2`, … in a live store; `clock` gives milliseconds since 1970."""

    def __init__(self, store: LiveStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    def create(self, body: str, source: str, note: str = "") -> PolicyVersion:
        """Keep a text as a new draft. `source` is file, command or console."""
        number = 0
        for _ in range(TRIES):
            # A number that was taken is passed over at once: on a cluster a list lags behind what was just written.
            number = max(number, _last_number(self._store, Kind.POLICIES)) + 1
            version = PolicyVersion(f"p{number}", body, wire_time(self._clock()), source, note)
            if self._store.swap(Kind.POLICIES, _key(number), None, msgspec.json.encode(version)):
                return version
        raise StaleWrite(f"{TRIES} other writers came first")

    def get(self, version: str) -> PolicyVersion:
        """One version. Raises `PolicyMissing`."""
        named = _NAME.fullmatch(version)
        body = self._store.get(Kind.POLICIES, _key(int(named[1]))) if named else None
        if body is None:
            raise PolicyMissing(version)
        return _version.decode(body)

    def versions(self) -> list[PolicyVersion]:
        """Every version, oldest first."""
        return [_version.decode(body) for _, body in self._store.items(Kind.POLICIES)]

    def publish(self, version: str, source: str) -> Publication:
        """Put a version into force. Raises `PolicyMissing`."""
        self.get(version)
        return self._enter(lambda now: (version, None if now is None else now.number), source, "publish")

    def rollback(self, source: str = "command") -> Publication:
        """Put the version before the present one into force; again and again goes further back.

        Before the first was the default, which is published as an empty policy. Raises `PolicyMissing` when nothing
        was published, or the default is in force again.
        """
        now = self._now()
        if now is None or now.goes_back_to is not None:
            return self._enter(self._before, source, "rollback")
        if self.get(now.version).body == DEFAULT:
            raise PolicyMissing(None)
        default = self.create(DEFAULT, source, "what was in force before the first version").version
        return self._enter(lambda _: (default, None), source, "rollback")

    def published(self) -> PolicyVersion | None:
        """The version in force, None before the first was published."""
        now = self._now()
        return None if now is None else self.get(now.version)

    def history(self) -> list[Publication]:
        """Every publication and rollback, oldest first."""
        return [_publication.decode(body) for _, body in self._store.items(Kind.HISTORY)]

    def _enter(self, choose: Choice, source: str, action: str) -> Publication:
        number = 0
        for _ in range(TRIES):
            pointed = self._store.get(Kind.POINTERS, IN_FORCE)
            version, back = choose(None if pointed is None else self._entry(int(pointed)))
            number = max(number, _last_number(self._store, Kind.HISTORY)) + 1
            entry = Publication(number, version, wire_time(self._clock()), source, action, back)
            if self._store.swap(Kind.HISTORY, _key(number), None, msgspec.json.encode(entry)):
                if self._store.swap(Kind.POINTERS, IN_FORCE, pointed, str(number).encode()):
                    return entry
                self._store.put(Kind.HISTORY, {_key(number): None})
        raise StaleWrite(f"{TRIES} other writers came first")

    def _before(self, now: Publication | None) -> tuple[str, int | None]:
        if now is None or now.goes_back_to is None:
            raise PolicyMissing(None)
        before = self._entry(now.goes_back_to)
        return before.version, before.goes_back_to

    def _now(self) -> Publication | None:
        pointed = self._store.get(Kind.POINTERS, IN_FORCE)
        return None if pointed is None else self._entry(int(pointed))

    def _entry(self, number: int) -> Publication:
        body = self._store.get(Kind.HISTORY, _key(number))
        if body is None:
            raise PolicyMissing(None)
        return _publication.decode(body)


def _key(number: int) -> str:
    return f"{number:09d}"


def _last_number(store: LiveStore, kind: Kind) -> int:
    return max((int(key) for key, _ in store.items(kind)), default=0)
