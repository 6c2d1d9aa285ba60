"""The generations on this machine: built aside, published by moving one pointer, kept for rollback, pruned.

In the data folder: `generations/NAME/` a complete generation, `generations/.building-NAME/` one being built (or left
behind by a build that was killed; the next build removes it), `generations/CURRENT` the name of the published one.

An engine that keeps folders itself (OpenSearch) holds all of that for every host; the data folder is then a cache,
filled when a generation is opened, and the pointer in the cluster is the one that counts.

A generation that was in service goes `LEAVING` seconds after it was replaced, with the next build: workers answer from
it until they have noticed and opened the new one.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import itertools
import math
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from indexers.engine.errors import EngineTimeout, EngineUnavailable, GenerationMissing
from indexers.engine.port import Engine
from indexers.errors import NoGeneration, UnknownGeneration
from indexers.generation import Generation
from indexers.generation_files import Manifest
from indexers.store import MANIFEST, Store, sync

BUILDING = ".building-"
POINTER, LEFT = "CURRENT", ".LEFT"

LEAVING = 300.0
"""Seconds that a generation stays after it was replaced. Workers look twice a second and open a million parts in one
(`docs/benchmarks.md`); on a cluster a host first fetches some gigabytes of files."""

FETCHING = ".fetching-"


class Folders(Protocol):
    """Named folders kept in the cluster, for every host, and which of them is published.

    `engine.folders` holds generations, `engine.models` trained models; either folder has a `manifest.json`.
    """

    def put(self, generation: str, folder: Path) -> None:
        """Store the folder; it counts as there once everything is."""
        ...

    def fetch(self, generation: str, folder: Path) -> None:
        """Write its files into an empty folder. Raises `GenerationMissing`."""
        ...

    def manifests(self) -> Mapping[str, str]:
        """Manifests (JSON text) of complete folders, by name."""
        ...

    def drop(self, generation: str) -> None:
        """Delete a folder; none there is no error."""
        ...

    def current(self) -> str | None:
        """The published generation."""
        ...

    def left(self) -> Mapping[str, float]:
        """When those that were published before were replaced, as `publish` was told."""
        ...

    def publish(self, generation: str, left: Mapping[str, float] = ...) -> None:
        """Move the pointer, and keep with it when others were replaced (seconds since 1970)."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A complete generation."""

    name: str
    created: str
    current: bool
    manifest: Manifest


class Generations:
    """The registry of one data folder and one engine."""

    def __init__(
        self, data_folder: Path, engine: Engine, keep: int = 3, clock: Callable[[], float] = time.time
    ) -> None:
        """`keep` published generations stay, the current one always. `clock` gives seconds since 1970."""
        self._root = data_folder / "generations"
        self._engine = engine
        self._keep = keep
        self._clock = clock
        self._folders: Folders | None = getattr(engine, "folders", None)

    def current(self) -> str | None:
        """The published generation's name; `None` if nothing was published. Cheap: one small file or document.

        While a cluster that holds the pointer does not answer, the one known last counts.
        """
        if self._folders is not None:
            with contextlib.suppress(EngineUnavailable, EngineTimeout):
                return self._folders.current()
        return self._local_current()

    def _local_current(self) -> str | None:
        try:
            return (self._root / POINTER).read_text().strip() or None
        except FileNotFoundError:
            return None

    def open(self, name: str | None = None) -> Generation:
        """Open the named generation, or the published one. Raises `NoGeneration`, `UnknownGeneration`."""
        wanted = name or self.current()
        if wanted is None:
            raise NoGeneration
        if not self._folder(wanted).is_dir():
            self._fetch(wanted)
        return Generation(self._folder(wanted))

    def list(self) -> list[Listed]:
        """Complete generations, the newest first."""
        current = self.current()
        manifests: dict[str, Manifest] = {}
        for name, text in (self._folders.manifests() if self._folders else {}).items():
            manifests[name] = msgspec.json.decode(text, type=Manifest)
        for folder in self._root.iterdir() if self._root.is_dir() and self._folders is None else ():
            if folder.is_dir() and not folder.name.startswith("."):
                manifests[folder.name] = Store(folder).json(MANIFEST, Manifest)
        found = [Listed(name, one.created, name == current, one) for name, one in manifests.items()]
        return sorted(found, key=lambda one: (one.created, one.name), reverse=True)

    @contextlib.contextmanager
    def building(self, now: datetime.datetime) -> Iterator[tuple[str, Path]]:
        """A new name and its folder aside. One build at a time: others wait. What is not published is removed."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._sweep()
            name = self._new_name(now)
            folder = self._root / f"{BUILDING}{name}"
            folder.mkdir()
            try:
                yield name, folder
            finally:
                if folder.exists():
                    self._drop(name)
                    shutil.rmtree(folder)

    def complete(self, name: str) -> None:
        """The folder aside becomes a generation that can be published: all of it is on disk before it has its name."""
        aside = self._root / f"{BUILDING}{name}"
        for path in (*aside.iterdir(), aside):
            sync(path)
        if self._folders is not None:
            self._folders.put(name, aside)
        aside.rename(self._folder(name))

    def publish(self, name: str) -> None:
        """Move the pointer; readers see the old or the new generation, never anything between."""
        known = self._folder(name).is_dir() if self._folders is None else name in self._folders.manifests()
        if not known:
            raise UnknownGeneration(name)
        self._root.mkdir(parents=True, exist_ok=True)
        left = self._leaving(name)
        if self._folders is not None:
            self._folders.publish(name, left)
        else:
            self._write(LEFT, msgspec.json.encode(left))
        self._write(POINTER, f"{name}\n".encode())

    def rollback(self, name: str | None = None) -> str:
        """Publish the named generation, or the one before the current; returns its name."""
        if name is None:
            name = self._before_current()
        self.publish(name)
        return name

    def prune(self) -> Sequence[str]:
        """Drop generations beyond the last `keep`; returns their names.

        The current one is never dropped, and none that was current within the last `LEAVING` seconds.
        """
        dropped, left, now = [], self._left(), self._clock()
        for one in self.list()[self._keep :]:
            if not one.current and now - left.get(one.name, -math.inf) >= LEAVING:
                self._drop(one.name)
                shutil.rmtree(self._folder(one.name), ignore_errors=not self._folder(one.name).exists())
                dropped.append(one.name)
        self.forget_dropped()
        return dropped

    def forget_dropped(self) -> None:
        """Remove the folders here of generations that another host dropped from the cluster. Raises `EngineError`."""
        if self._folders is None or not self._root.is_dir():
            return
        here = [one for one in self._root.iterdir() if one.is_dir() and not one.name.startswith(".")]
        held = self._folders.manifests()  # after looking here: a folder gets its name once the cluster has it
        for folder in here:
            if folder.name not in held:
                shutil.rmtree(folder, ignore_errors=True)

    def _leaving(self, entering: str) -> dict[str, float]:
        """When generations were replaced that may still be in use, with the current one, which is now."""
        now, current = self._clock(), self.current()
        left = {name: at for name, at in self._left().items() if now - at < LEAVING}
        return left if current in (None, entering) else {**left, current: now}

    def _left(self) -> Mapping[str, float]:
        if self._folders is not None:
            return self._folders.left()
        try:
            return msgspec.json.decode((self._root / LEFT).read_bytes(), type=dict[str, float])
        except FileNotFoundError:
            return {}

    def _write(self, file: str, data: bytes) -> None:
        """Replace a small file of the registry, durably."""
        aside = self._root / f".new-{file}"
        with aside.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(self._root / file)
        sync(self._root)

    def _before_current(self) -> str:
        names = [one.name for one in self.list()]
        current = self.current()
        if current is None:
            raise NoGeneration
        older = names[names.index(current) + 1 :] if current in names else names
        if not older:
            raise UnknownGeneration("the one before the current")
        return older[0]

    def _folder(self, name: str) -> Path:
        if not name or "/" in name or name.startswith("."):
            raise UnknownGeneration(name)
        return self._root / name

    def created(self, now: datetime.datetime) -> str:
        """The time a new generation is listed under: now, but later than every other's, whatever the clock says."""
        last = max((datetime.datetime.fromisoformat(one.created) for one in self.list()), default=None)
        at = now.astimezone(datetime.UTC)
        return (at if last is None or at > last else last + datetime.timedelta(microseconds=1)).isoformat()

    def _new_name(self, now: datetime.datetime) -> str:
        """The time, for people, and four random digits, for builds elsewhere on the same cluster."""
        stem = now.astimezone(datetime.UTC).strftime("g%Y%m%d%H%M%S")
        taken = {*self._engine.generations(), *(folder.name for folder in self._root.iterdir())}
        names = (f"{stem}-{secrets.token_hex(2)}" for _ in itertools.count())
        return next(name for name in names if name not in taken)

    def _sweep(self) -> None:
        for folder in self._root.glob(f"{BUILDING}*"):
            self._drop(folder.name.removeprefix(BUILDING))
            shutil.rmtree(folder)

    def _drop(self, name: str) -> None:
        if self._folders is not None:
            self._folders.drop(name)
        self._engine.drop(name)

    def _fetch(self, name: str) -> None:
        if self._folders is None:
            raise UnknownGeneration(name)
        try:
            fetch_folder(self._folders, name, self._folder(name))
        except GenerationMissing:
            raise UnknownGeneration(name) from None


def fetch_folder(folders: Folders, name: str, target: Path) -> None:
    """Fill a cache folder. Raises `GenerationMissing`. Of several processes at it the first to finish counts."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=FETCHING, dir=target.parent))
    try:
        folders.fetch(name, aside)
        _rename_unless_there(aside, target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _rename_unless_there(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir():
            raise
