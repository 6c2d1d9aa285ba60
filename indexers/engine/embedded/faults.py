"""tantivy's failures as those of the port.

A Rust panic reaches Python as `PanicException`, which derives from `BaseException` and cannot be imported: it is known
by its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from indexers.engine.errors import EngineError, EngineRejected, EngineUnavailable

_IN_THE_FILES = (
    "failed to open",
    "directory",
    "lockfile",
    "lockbusy",
    "ioerror",
    "io error",
    "corrupt",
    "no such file",
)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what tantivy raises inside the block into `EngineUnavailable` (files, panics) or `EngineRejected`."""
    try:
        yield
    except EngineError:
        raise
    except OSError as error:
        raise EngineUnavailable(f"{doing}: {error}") from error
    except (ValueError, TypeError, OverflowError) as error:
        kind = EngineUnavailable if _about_files(error) else EngineRejected
        raise kind(f"{doing}: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise EngineUnavailable(f"{doing}: the index is damaged ({error})") from error


def _about_files(error: Exception) -> bool:
    text = str(error).lower()
    return any(word in text for word in _IN_THE_FILES)
