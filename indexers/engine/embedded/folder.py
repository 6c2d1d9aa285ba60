"""A generation as a folder: tantivy's files and a marker that says they are all there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

COMPLETE = "complete"
_COPIED = ("meta.json", ".managed.json")
_LEFT_BEHIND = (COMPLETE, ".tantivy-writer.lock", ".tantivy-meta.lock")


def is_complete(folder: Path) -> bool:
    """True once the writer's block was left normally."""
    return (folder / COMPLETE).is_file()


def mark_complete(folder: Path) -> None:
    """Write the marker and force it, and the folder's entries, to disk."""
    with (folder / COMPLETE).open("wb") as marker:
        marker.flush()
        os.fsync(marker.fileno())
    entries = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(entries)
    finally:
        os.close(entries)


def discard(folder: Path) -> None:
    """Delete a generation; the marker goes first, so that a half-deleted one is not taken for complete."""
    (folder / COMPLETE).unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)


def clone(source: Path, target: Path) -> None:
    """Fill the empty `target` with hard links to segment files, which tantivy never rewrites, and copies of the rest.

    Across file systems segment files are copied.
    """
    for entry in sorted(source.iterdir()):
        if entry.name in _LEFT_BEHIND:
            continue
        if entry.name in _COPIED:
            shutil.copyfile(entry, target / entry.name)
        else:
            _link(entry, target / entry.name)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
