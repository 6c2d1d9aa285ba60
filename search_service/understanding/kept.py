"""What an understanding looks texts up in, kept as files in the folder of the generation it was made for.

Whoever needs it first makes it: `partfit index` before a generation is published, else a worker. Everybody else maps
the same files, which costs neither time nor memory of its own. A change of a word file or of this code asks for files
of another name, and so makes them anew; a generation that brings nothing new shares those of another by hard links.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path
from zlib import crc32

from msgspec import MsgspecError

import indexers
from indexers.store import Store, sync
from indexers.vocabulary import Vocabulary
from search_service.understanding.known import Known
from search_service.understanding.words import Words

LOG = logging.getLogger("partfit.understanding")
FOLDER = "understanding"
"""In a generation's folder."""

ASIDE, LOCK = ".making-", ".lock"
SEAL = "seal"
"""CRC-32 of each file, by name: what a power cut, a full disk or a failing one took is noticed when they are opened.

36 MB (722 part types, 60,000 vehicles) take 8 ms of processor time; SHA-256 takes 21 to 27.
"""

READ_BYTES = 1 << 18
"""Of a file at once: stays in the cache, and none of a worker's memory is left taken."""

ANALYSIS = ("columns.py", "hashing.py", "store.py", "text.py", "title_words.py", "traditional.py", "vocabulary.py")
"""Modules of `indexers` that say what is in the files."""


def fingerprint(vocabulary: Vocabulary, words: Words) -> str:
    """Changes with the vocabulary, the word files, and the code that makes something of them."""
    digest = hashlib.sha256(f"{vocabulary.version} {words.version} {version('snowballstemmer')}".encode())
    home = Path(indexers.__file__).parent
    for path in (*(home / name for name in ANALYSIS), *sorted(Path(__file__).parent.glob("*.py"))):
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:16]


def kept(folder: Path, name: str, words: Words, make: Callable[[], Known]) -> Known:
    """The look-ups `name` of a generation's folder, linked from another generation's or made if they are not there yet.

    The name says all that they follow from (`fingerprint`, and what the generation brings). Where they cannot be
    written they are made for this process alone.
    """
    home = folder / FOLDER
    found = _read(home / name, words)
    if found is not None:
        return found
    try:
        with _alone(home):
            return _read(home / name, words) or _shared(home, name, words) or _made(home, name, words, make)
    except OSError as error:
        LOG.info("understanding not kept", extra={"fields": {"folder": str(home), "error": str(error)}})
        return make()


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process at a time: workers that start together wait for the one that makes. Raises `OSError`."""
    home.mkdir(exist_ok=True)
    with (home / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _made(home: Path, name: str, words: Words, make: Callable[[], Known]) -> Known:
    made = make()
    _put(home, name, partial(_write, made))
    return _read(home / name, words) or made


def _write(made: Known, aside: Path) -> None:
    store = Store(aside)
    made.save(store)
    store.put_json(SEAL, {path.name: _checksum(path) for path in aside.iterdir()})
    for path in aside.iterdir():
        sync(path)


def _read(folder: Path, words: Words) -> Known | None:
    if not folder.is_dir():
        return None
    store = Store(folder)
    try:
        for file, checksum in store.json(SEAL, dict[str, int]).items():
            if _checksum(folder / file) != checksum:
                raise ValueError(f"{file} is not as it was written")
        return Known.load(store, words)
    except (OSError, ValueError, MsgspecError) as error:
        LOG.warning("understanding not readable", extra={"fields": {"folder": str(folder), "error": str(error)}})
        return None


def _checksum(path: Path) -> int:
    found, buffer = 0, memoryview(bytearray(READ_BYTES))
    with path.open("rb", buffering=0) as stream:
        while count := stream.readinto(buffer):
            found = crc32(buffer[:count], found)
    return found


def _shared(home: Path, name: str, words: Words) -> Known | None:
    """Those of another generation, linked; `None` if none has them, or they cannot be linked."""
    others = (other for other in home.parents[1].glob(f"*/{FOLDER}/{name}") if other.parent != home)
    other = next(others, None)
    if other is None:
        return None
    with suppress(OSError):
        _put(home, name, partial(_link, other))
    return _read(home / name, words)


def _link(other: Path, aside: Path) -> None:
    for path in other.iterdir():
        os.link(path, aside / path.name)


def _put(home: Path, name: str, fill: Callable[[Path], None]) -> None:
    """Fill a folder aside, then rename it; others make room. Raises `OSError`."""
    aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=home))
    try:
        fill(aside)
        aside.chmod(0o755)
        sync(aside)
        for other in home.iterdir():
            if other != aside and other.is_dir():
                shutil.rmtree(other, ignore_errors=True)
        aside.rename(home / name)
        sync(home)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
