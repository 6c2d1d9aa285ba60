"""What callers say of a vehicle in the words of the operator's table: 丰田, "VW", 福克斯; 双离合, petrol, 国六."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from fitment_rules.model import Key, Scalar, key_of
from fitment_rules.vehicles import Given, VehicleTable, given
from search_service.attributes import ID_TO_STANDARD, AttributeTexts
from search_service.understanding.understanding import Understanding
from search_service.vehicle_query import VehicleRequest

NAMED = ("make", "model")

ID_OF = {standard: element for element, standard in ID_TO_STANDARD.items()}
"""Standard attribute → the attribute that holds the ids of its values where the vehicle table is a VCdb."""


def as_the_table_calls(
    request: VehicleRequest, table: VehicleTable, words: Understanding, texts: AttributeTexts
) -> VehicleRequest:
    """The request with what no row calls so under the table's own names.

    Makes and models go by the names that a text would be read by, other values by the table's names of its ids and by
    the spellings of `attributes.yaml`. What nobody knows stays as given: a make or model of that kind contradicts every
    row, any other value those that say otherwise.
    """
    if not any(_foreign(one, table, texts) for one in request.given):
        return with_ids(request, table)
    named = tuple(_make(one, table, words) if one.attribute == "make" else one for one in request.given)
    makes = frozenset(key for one in named if one.attribute == "make" for key in one.keys)
    spelled = replace(
        request,
        given=tuple(
            _model(one, table, words, makes) if one.attribute == "model" else as_the_table_spells(one, table, texts)
            for one in named
        ),
    )
    return with_ids(spelled, table)


def with_ids(request: VehicleRequest, table: VehicleTable) -> VehicleRequest:
    """What was said by a name of the operator's VCdb said by its id too, and the other way round.

    Rows of a VCdb hold both (`engine` and `EngineBase`), and rules ask for either.
    """
    if not table.value_names:
        return request
    said = {one.attribute for one in request.given}
    more = [found for one in request.given if (found := _counterpart(one, table)) and found.attribute not in said]
    return replace(request, given=(*request.given, *more)) if more else request


def _counterpart(one: Given, table: VehicleTable) -> Given | None:
    """`None` unless every value said is a name, or an id that has one."""
    element, standard = ID_OF.get(one.attribute), ID_TO_STANDARD.get(one.attribute)
    names = table.value_names.get(element or one.attribute, {})
    if element is not None:
        found = [[number for number, name in names.items() if key_of(name) == key] for key in one.keys]
    elif standard is not None:
        found = [[name for number, name in names.items() if key_of(number) == key] for key in one.keys]
    else:
        return None
    if not all(found):
        return None
    return given(element or str(standard), *(value for some in found for value in some), source=one.source)


def _foreign(one: Given, table: VehicleTable, texts: AttributeTexts) -> bool:
    if one.attribute == "year":
        return False
    return any(not table.uses(one.attribute, key) or len(texts.alike(one.attribute, key)) > 1 for key in one.keys)


def as_the_table_spells(one: Given, table: VehicleTable, texts: AttributeTexts) -> Given:
    """A value in every spelling that the table has for it.

    One that the table has as given stays alone while rows lack the attribute: they take the caller's value, and
    several would be a value not known.
    """
    if one.attribute in (*NAMED, "year"):
        return one
    names = table.value_names.get(one.attribute, {})
    silent = table.rows_by_value(one.attribute)[1]
    keys: set[Key] = set()
    for key in one.keys:
        used = table.uses(one.attribute, key)
        meant = {key} if used and silent else set(texts.alike(one.attribute, key))
        meant |= set() if used else {key_of(number) for number, name in names.items() if key_of(name) == key}
        keys |= {other for other in meant if table.uses(one.attribute, other)} or {key}
    return replace(one, keys=frozenset(keys))


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
