"""Users, stores, promotions and pointers as values over the documents of a `LiveStore`."""

from __future__ import annotations

import msgspec

from search_service.live.model import Promotion, Store, User
from search_service.live.port import Kind, LiveStore

_user = msgspec.json.Decoder(User)
_store = msgspec.json.Decoder(Store)
_promotion = msgspec.json.Decoder(Promotion)


def user_of(store: LiveStore, user_id: str) -> User | None:
    """The customer, None if the shop never told of him."""
    body = store.get(Kind.USERS, user_id)
    return None if body is None else _user.decode(body)


def put_user(store: LiveStore, user: User) -> None:
    """Add or replace a customer."""
    store.put(Kind.USERS, {user.user_id: msgspec.json.encode(user)})


def stores_of(store: LiveStore) -> dict[str, Store]:
    """Every shop by id."""
    return {key: _store.decode(body) for key, body in store.items(Kind.STORES)}


def promotions_of(store: LiveStore) -> list[Promotion]:
    """Every promotion, in time or not, by id."""
    return [_promotion.decode(body) for _, body in store.items(Kind.PROMOTIONS)]


def pointer(store: LiveStore, name: str) -> str | None:
    """What a named pointer (the published model, say) points at; None if it was never set."""
    body = store.get(Kind.POINTERS, name)
    return None if body is None else body.decode()


def move_pointer(store: LiveStore, name: str, to: str) -> None:
    """Point at `to`, wherever it pointed before."""
    store.put(Kind.POINTERS, {name: to.encode()})


def move_pointer_from(store: LiveStore, name: str, was: str | None, to: str) -> bool:
    """Point at `to` only if it points at `was` (None: nowhere) now; False, and nothing moved, if it does not."""
    return store.swap(Kind.POINTERS, name, None if was is None else was.encode(), to.encode())
