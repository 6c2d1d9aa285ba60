"""JSON strings of very many texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

_ESCAPED = re.compile(rb'[\x00-\x1f"\\]')
_encode = msgspec.json.Encoder().encode


def quoted(texts: Sequence[bytes]) -> list[bytes]:
    """Each text (UTF-8) as a JSON string; all are looked through at once for what has to be escaped (RFC 8259, 7)."""
    if _ESCAPED.search(b"".join(texts)) is None:
        return [b'"%b"' % text for text in texts]
    return [_encode(text.decode()) for text in texts]
