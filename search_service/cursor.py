"""Where the next page begins: what is left of the ranked pool, then the engine's own order.

A cursor is signed and names the versions that made the first page, so later pages never rank again and never mix two
generations. Ranked rows travel as (ordinal, score) in their final order.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from indexers.engine.plan import After, Hit
from search_service.errors import ForgedToken, Invalid
from search_service.tokens import open_sealed, seal

PURPOSE = "cursor"
_ROW = struct.Struct("<IBd")


class Ranked(NamedTuple):
    """One row of the ranked pool, in final order. `band` is an index into the bands of the mode."""

    ordinal: int
    band: int
    score: float


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one search.

    `rest` is left of the pool. `after` is where the engine goes on once it is empty (`None`: nothing is left there).
    `joined` are ordinals that joined the pool by name, which the engine must leave out. `ceilings` is the lowest score
    shown so far in each band index. `shown` counts items of earlier pages.
    """

    generation: str
    policy: str
    model: str | None
    request: str
    rest: tuple[Ranked, ...]
    after: After | None
    joined: tuple[int, ...] = ()
    ceilings: dict[int, float] = field(default_factory=dict)
    shown: int = 0
    query_id: str = ""


def fingerprint(parts: Sequence[object]) -> str:
    """What identifies a search but for its page: a cursor goes with the very search that issued it."""
    return hashlib.sha256(msgspec.json.encode([repr(part) for part in parts])).hexdigest()[:16]


def write_cursor(cursor: Cursor, key: str) -> str:
    """The cursor as a signed text."""
    after = cursor.after
    hit = after.hit if after else None
    return seal(
        {
            "g": cursor.generation,
            "p": cursor.policy,
            "m": cursor.model,
            "q": cursor.request,
            "i": cursor.query_id,
            "r": _pack(cursor.rest),
            "a": [after.band, after.skip, hit.ordinal if hit else None, hit.score if hit else None] if after else None,
            "j": list(cursor.joined),
            "c": {str(band): score for band, score in cursor.ceilings.items()},
            "n": cursor.shown,
        },
        key,
        PURPOSE,
    )


def read_cursor(text: str, key: str) -> Cursor:
    """The cursor a text holds. Raises `ForgedToken` for any text we did not write."""
    try:
        data = open_sealed(text, key, PURPOSE)
        after = data["a"]
        hit = Hit(int(after[2]), float(after[3])) if after and after[2] is not None else None
        return Cursor(
            generation=data["g"],
            policy=data["p"],
            model=data["m"],
            request=data["q"],
            query_id=data["i"],
            rest=_unpack(data["r"]),
            after=After(str(after[0]), int(after[1]), hit) if after else None,
            joined=tuple(data["j"]),
            ceilings={int(band): float(score) for band, score in data["c"].items()},
            shown=int(data["n"]),
        )
    except (KeyError, TypeError, ValueError, binascii.Error, struct.error):
        raise ForgedToken(PURPOSE) from None


def check_cursor(cursor: Cursor, generations: Sequence[str], request: str) -> None:
    """Raise `Invalid` if the cursor's generation is no longer kept, or it belongs to another search."""
    if cursor.generation not in generations:
        raise Invalid.of("cursor", "its generation is no longer kept; search again without it")
    if cursor.request != request:
        raise Invalid.of("cursor", "belongs to another search; send it with the parameters that it came from")


def _pack(rows: Sequence[Ranked]) -> str:
    return base64.b64encode(b"".join([_ROW.pack(*row) for row in rows])).decode()


def _unpack(text: str) -> tuple[Ranked, ...]:
    return tuple(Ranked(*values) for values in _ROW.iter_unpack(base64.b64decode(text)))
