"""Text that we hand out and trust again when it comes back: stamps, cursors; and the proof of a user's identity.

A sealed text is `BODY.SIGNATURE`, both base64url: the body is JSON (deflated if long), the signature HMAC-SHA-256 over
the purpose and the body, so that a cursor is never accepted as a stamp. It is signed, not secret.

Many texts sealed at once begin alike: `HEAD.TAIL.SIGNATURE`, two objects that make one, the head encoded and hashed
once for all. Their signature, over purpose and text, is BLAKE2b with the key (RFC 7693, section 2.9) of 128 bits: half
the hashing of an HMAC.
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
_URL_SAFE = bytes.maketrans(b"+/", b"-_")

SHORT = 16
"""Bytes of a signature of which very many are sent at once."""

_PLAIN, _DEFLATED = b"j", b"z"


def seal(payload: Mapping[str, Any], key: str, purpose: str = "stamp") -> str:
    """`payload` (JSON values) as a signed, URL-safe text; deflated if its JSON has `DEFLATE_FROM` bytes or more."""
    data = msgspec.json.encode(dict(payload))
    body = _DEFLATED + zlib.compress(data, 1) if len(data) >= DEFLATE_FROM else _PLAIN + data
    return f"{_text(body)}.{_text(_sign(body, key, purpose))}"


class Sealer:
    """Seals objects that share their first members."""

    def __init__(self, head: Mapping[str, Any], key: str, purpose: str) -> None:
        data = msgspec.json.encode(dict(head))
        deflated = _DEFLATED + zlib.compress(data, 9)
        self._head = _base64(deflated if len(deflated) <= len(data) else _PLAIN + data) + b"."
        self._begun = _blake2b(self._head, key, purpose)

    def seal(self, tail: bytes) -> str:
        """The head with the members of `tail`, a JSON object, as a signed, URL-safe text."""
        text = _base64(tail)
        signed = self._begun.copy()
        signed.update(text)
        return (b"%b%b.%b" % (self._head, text, _base64(signed.digest()))).decode()


def _blake2b(text: bytes, key: str, purpose: str) -> hashlib.blake2b:
    """The keyed hash of a text for a purpose, as far as it goes; keys longer than BLAKE2b takes are hashed before."""
    secret = key.encode()
    if len(secret) > hashlib.blake2b.MAX_KEY_SIZE:
        secret = hashlib.sha256(secret).digest()
    return hashlib.blake2b(purpose.encode() + b"\0" + text, key=secret, digest_size=SHORT)


def open_sealed(text: str, key: str, purpose: str = "stamp") -> dict[str, Any]:
    """The payload of a text made by `seal` or a `Sealer` with the same key and purpose.

    Raises `ForgedToken` for any other text.
    """
    if text.count(".") == 2:
        return _open_parts(text.strip(), key, purpose)
    body_text, _, signature_text = text.strip().partition(".")
    try:
        body, signature = _bytes(body_text), _bytes(signature_text)
    except (binascii.Error, ValueError):
        raise ForgedToken(purpose) from None
    if not hmac.compare_digest(signature, _sign(body, key, purpose)):
        raise ForgedToken(purpose)
    return _object(body)


def _open_parts(text: str, key: str, purpose: str) -> dict[str, Any]:
    signed, _, signature_text = text.rpartition(".")
    head, _, tail = signed.partition(".")
    try:
        body, more, signature = _bytes(head), _bytes(tail), _bytes(signature_text)
    except (binascii.Error, ValueError):
        raise ForgedToken(purpose) from None
    if not hmac.compare_digest(signature, _blake2b(signed.encode(), key, purpose).digest()):
        raise ForgedToken(purpose)
    return _object(body) | msgspec.json.decode(more, type=dict[str, Any])


def _object(body: bytes) -> dict[str, Any]:
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
    return _base64(data).decode()


def _base64(data: bytes) -> bytes:
    return binascii.b2a_base64(data, newline=False).translate(_URL_SAFE, b"=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
