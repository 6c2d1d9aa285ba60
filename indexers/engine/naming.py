"""Names of generations that every engine can hold: as a folder and as an OpenSearch index."""

from __future__ import annotations

import re

from indexers.engine.errors import EngineRejected

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


def checked(generation: str) -> str:
    """The name itself: 1-100 of `a-z 0-9 _ -`, starting with a letter or digit. Else raises `EngineRejected`."""
    if not _NAME.fullmatch(generation):
        raise EngineRejected(f"{generation!r} is no generation name: use a-z, 0-9, '-' and '_' only, at most 100")
    return generation
