"""Text that we hand out and trust again when it comes back: stamps, cursors; and the proof of a user's identity.

A sealed text is `BODY.SIGNATURE`, both base64url: the body is JSON (deflated if long), the signature HMAC-SHA-256 over
the purpose and the body, so that a cursor is never accepted as a stamp. It is signed, not secret.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from search_service.errors import ForgedToken

DEFLATE_FROM = 400  # bytes of JSON from which deflating makes a typical cursor shorter
_PLAIN, _DEFLATED = b"j", b"z"


def seal(payload: Mapping[str, Any], key: str, purpose: str = "stamp", *, deflate_from: int = DEFLATE_FROM) -> str:
    """`payload` (JSON values) as a signed, URL-safe text; deflated if its JSON has `deflate_from` bytes or more."""
    data = msgspec.json.encode(dict(payload))
    body = _DEFLATED + zlib.compress(data, 1) if len(data) >= deflate_from else _PLAIN + data
    return f"{_text(body)}.{_text(_sign(body, key, purpose))}"


def open_sealed(text: str, key: str, purpose: str = "stamp") -> dict[str, Any]:
    """The payload of a text made by `seal` with the same key and purpose. Raises `ForgedToken` for any other text."""
    body_text, _, signature_text = text.strip().partition(".")
    try:
        body, signature = _bytes(body_text), _bytes(signature_text)
    except (binascii.Error, ValueError):
        raise ForgedToken(purpose) from None
    if not hmac.compare_digest(signature, _sign(body, key, purpose)):
        raise ForgedToken(purpose)
    data = zlib.decompress(body[1:]) if body[:1] == _DEFLATED else body[1:]
    return msgspec.json.decode(data, type=dict[str, Any])


def user_token(user_id: str, key: str) -> str:
    """What the shop's server gives a signed-in customer's browser: hex HMAC-SHA-256 of the user id under the key."""
    return hmac.new(key.encode(), user_id.encode(), hashlib.sha256).hexdigest()


def user_token_holds(user_id: str, token: str | None, key: str) -> bool:
    """True if `token` is `user_token(user_id, key)`. Takes the same time for every wrong token."""
    expected = user_token(user_id, key).encode()
    return token is not None and hmac.compare_digest(expected, token.strip().lower().encode())


def _sign(body: bytes, key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), purpose.encode() + b"\0" + body, "sha256")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
