"""Models on disk: one folder a version with `arrays.npz` and `manifest.json`, and a pointer file that moves at once."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

import msgspec

from ranking.errors import ArtifactError
from ranking.model import Model
from ranking.packing import Manifest, pack, unpack
from ranking.trained import TrainedModel

KEEP = 3
ARRAYS, MANIFEST, POINTER = "arrays.npz", "manifest.json", "current"
_VERSION = re.compile(r"m-[0-9a-f]{12}")


def publish(folder: Path, trained: TrainedModel, keep: int = KEEP) -> str:
    """Write a model aside, then move the pointer to it; older ones beyond `keep` go. Returns its version.

    A process that dies at any moment leaves the former model in service.
    """
    manifest, data = pack(trained)
    folder.mkdir(parents=True, exist_ok=True)
    version = trained.model.version
    if not (folder / version).exists():
        aside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
        _write(aside / ARRAYS, data)
        _write(aside / MANIFEST, manifest)
        os.replace(aside, folder / version)
    os.utime(folder / version)
    point(folder, version)
    _prune(folder, version, keep)
    return version


def point(folder: Path, version: str) -> None:
    """Put a version into service. Raises `ArtifactError` if it is not there."""
    if not _VERSION.fullmatch(version) or not (folder / version / MANIFEST).is_file():
        raise ArtifactError(folder, f"no model {version!r}")
    aside = folder / f".{POINTER}-{os.getpid()}"
    _write(aside, version.encode())
    os.replace(aside, folder / POINTER)


def current(folder: Path) -> str | None:
    """The version in service, None before the first. Cheap: ask it on every request if need be."""
    try:
        text = (folder / POINTER).read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ArtifactError(folder / POINTER, f"unreadable: {error}") from None
    if not _VERSION.fullmatch(text):
        raise ArtifactError(folder / POINTER, f"names no version: {text[:40]!r}")
    return text


def load(folder: Path, version: str | None = None) -> Model | None:
    """The model in service (or `version`), None before the first. Raises `ArtifactError` if it cannot be trusted."""
    version = version or current(folder)
    if version is None:
        return None
    where = folder / version
    try:
        return unpack((where / MANIFEST).read_bytes(), (where / ARRAYS).read_bytes(), where)
    except OSError as error:
        raise ArtifactError(where, f"unreadable: {error}") from None


def seen_until(folder: Path, version: str) -> float:
    """The day (since 1970) of the last event a version was trained on. Raises `ArtifactError`."""
    where = folder / version
    try:
        return msgspec.json.decode((where / MANIFEST).read_bytes(), type=Manifest).window[1]
    except (OSError, msgspec.MsgspecError) as error:
        raise ArtifactError(where, f"manifest: {error}") from None


def versions(folder: Path) -> list[str]:
    """Every complete version held, newest first."""
    held = [path for path in folder.glob("m-*") if (path / MANIFEST).is_file()]
    return [path.name for path in sorted(held, key=lambda path: (-path.stat().st_mtime_ns, path.name))]


def _prune(folder: Path, serving: str, keep: int) -> None:
    for version in [name for name in versions(folder) if name != serving][max(keep - 1, 0) :]:
        shutil.rmtree(folder / version, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
