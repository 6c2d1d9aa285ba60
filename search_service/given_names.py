"""Makes and models as callers name them, in the names of the operator's table: 丰田, "VW", 福克斯."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from fitment_rules.model import Key, Scalar, key_of
from fitment_rules.vehicles import Given, VehicleTable
from search_service.understanding.understanding import Understanding
from search_service.vehicle_query import VehicleRequest


def as_the_table_calls(request: VehicleRequest, table: VehicleTable, words: Understanding) -> VehicleRequest:
    """The request with makes and models that no row calls so under the names the text would be read by.

    A name that `words` does not know either stays as given, and contradicts every row.
    """
    if not any(_foreign(one, table) for one in request.given):
        return request
    named = tuple(_make(one, table, words) if one.attribute == "make" else one for one in request.given)
    makes = frozenset(key for one in named if one.attribute == "make" for key in one.keys)
    return replace(
        request,
        given=tuple(_model(one, table, words, makes) if one.attribute == "model" else one for one in named),
    )


def _foreign(one: Given, table: VehicleTable) -> bool:
    return one.attribute in ("make", "model") and any(not table.uses(one.attribute, key) for key in one.keys)


def _make(one: Given, table: VehicleTable, words: Understanding) -> Given:
    return _renamed(one, table, {value: words.makes_called(str(value)) for value in one.shown})


def _model(one: Given, table: VehicleTable, words: Understanding, makes: frozenset[Key]) -> Given:
    found = {value: words.models_called(str(value)) for value in one.shown}
    owned = {
        value: {name for make, name in pairs if not makes or key_of(make) in makes} for value, pairs in found.items()
    }
    return _renamed(one, table, owned)


def _renamed(one: Given, table: VehicleTable, names: Mapping[Scalar, Collection[str]]) -> Given:
    keys = {
        key
        for value in one.shown
        for key in ({key_of(value)} if table.uses(one.attribute, key_of(value)) else _keys(value, names[value]))
    }
    return replace(one, keys=frozenset(keys))


def _keys(value: Scalar, names: Collection[str]) -> set[Key]:
    return set(map(key_of, names)) or {key_of(value)}
