"""Sealed texts come back as they were, and no other text is taken for one."""

from __future__ import annotations

import base64
import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_service.errors import ForgedToken
from search_service.tokens import Sealer, open_sealed, seal, user_token, user_token_holds

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=3),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abc"), JSON, max_size=5))
def test_what_was_sealed_is_opened(payload: dict[str, object]) -> None:
    """Any JSON object, short or long, in URL-safe characters."""
    text = seal(payload, "key")
    assert open_sealed(text, "key") == payload
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_long_payloads_are_shortened() -> None:
    """A cursor with 300 ordinals stays far below the longest URL a proxy takes."""
    assert len(seal({"rest": list(range(300))}, "key")) < 1500


def test_another_key_or_purpose_opens_nothing() -> None:
    """A cursor is no stamp, and another server's stamp is a forgery."""
    text = seal({"a": 1}, "key", "cursor")
    with pytest.raises(ForgedToken, match="stamp"):
        open_sealed(text, "key", "stamp")
    with pytest.raises(ForgedToken, match="cursor"):
        open_sealed(text, "other", "cursor")


@given(st.integers(0, 60), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_character_is_noticed(place: int, char: str) -> None:
    """Wherever it is changed, the text is refused or means the same."""
    text = seal({"part_id": "ACME:1"}, "key")
    changed = text[: place % len(text)] + char + text[place % len(text) + 1 :]
    try:
        assert open_sealed(changed, "key") == {"part_id": "ACME:1"}
    except ForgedToken:
        assert changed != text


@given(st.dictionaries(st.text("abc"), JSON, max_size=5), st.dictionaries(st.text("xyz"), JSON, max_size=3))
def test_texts_that_begin_alike(head: dict[str, object], tail: dict[str, object]) -> None:
    """A head and its tail come back as one object; another key, another purpose or another's tail opens nothing."""
    sealer = Sealer(head, "key", "stamp")
    text, other = (sealer.seal(msgspec.json.encode(one)) for one in (tail, {**tail, "p": 1}))
    assert open_sealed(text, "key", "stamp") == head | tail
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    forged = text.rpartition(".")[0] + "." + other.rpartition(".")[2]
    for wrong, key, purpose in ((text, "other", "stamp"), (text, "key", "cursor"), (forged, "key", "stamp")):
        with pytest.raises(ForgedToken):
            open_sealed(wrong, key, purpose)


@pytest.mark.parametrize("key", ["k", "k" * 64, "密" * 40])
def test_signature_of_two_parts(key: str) -> None:
    """It is the keyed BLAKE2b of purpose and text, of keys that are too long their SHA-256."""
    text, _, signature = Sealer({"a": 1}, key, "stamp").seal(b'{"p":1}').rpartition(".")
    secret = key.encode() if len(key.encode()) <= 64 else hashlib.sha256(key.encode()).digest()
    expected = hashlib.blake2b(b"stamp\0" + text.encode(), key=secret, digest_size=16).digest()
    assert base64.urlsafe_b64decode(signature + "==") == expected


@given(st.integers(0, 200), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_character_of_two_parts_is_noticed(place: int, char: str) -> None:
    """Wherever it is changed, the text is refused or means the same."""
    text = Sealer({"ids": ["v1"]}, "key", "stamp").seal(b'{"p":"ACME:1"}')
    changed = text[: place % len(text)] + char + text[place % len(text) + 1 :]
    try:
        assert open_sealed(changed, "key") == {"ids": ["v1"], "p": "ACME:1"}
    except ForgedToken:
        assert changed != text


@given(st.text() | st.text("abc."))
def test_any_text_is_refused_politely(text: str) -> None:
    """Nothing but `ForgedToken` comes out of rubbish."""
    with pytest.raises(ForgedToken):
        open_sealed(text, "key")


def test_a_user_token_proves_one_user() -> None:
    """The hex HMAC of the id under the key, nothing else."""
    token = user_token("u1", "key")
    assert user_token_holds("u1", token, "key")
    assert user_token_holds("u1", token.upper(), "key")
    assert not user_token_holds("u2", token, "key")
    assert not user_token_holds("u1", token, "other")
    assert not user_token_holds("u1", None, "key")
    assert not user_token_holds("u1", "密", "key")
