"""Where an application hangs, and what is left to be asked there.

An application is (the vehicles it names) × (one conjunction of conditions). It hangs at the narrowest nodes that it
names: rows, base vehicles, models, makes, or the root. Its model years become base vehicles where they can; they stay
a condition where the years span many base vehicles, or where a model has rows of unknown year (whose year a base
vehicle could not ask for).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fitment_rules.conditions import AnyOf, Built, Condition, Except, NoteAsked, Serial, Years, any_of
from fitment_rules.errors import InvalidApplication
from fitment_rules.model import OPEN, Application, Key, Result, Scalar, Window, key_of
from fitment_rules.places import PLACES
from fitment_rules.vehicles import ROOT, Level, VehicleTable

MOST_BASES = 64
"""An application of one model whose years span more base vehicles than this hangs at the model."""

IDENTIFIERS = ("BaseVehicle", "EquipmentBase")
"""Attributes that name base vehicles by an id of a reference database; see `place_identifiers`."""

NODE_STRIDE = 1024
"""Values of the fields `touches` and `covers` are `node * NODE_STRIDE + x`; see `touch_id` and `cover_id`."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The nodes an application hangs at (ascending, distinct), and the conditions its vehicle selector leaves."""

    nodes: tuple[int, ...]
    conditions: tuple[Condition, ...] = ()


def touch_id(node: int, position: int | None = None) -> int:
    """Value of `touches`: some candidate under the node could match some application of the part.

    With a position id (index into the generation's positions): some application *of that very position*. Only parts
    whose applications differ in position carry those; a part whose slots all share one position has its id in
    `uniform_position` instead, and its plain values hold for it.
    """
    return node * NODE_STRIDE + (0 if position is None else position + 1)


def cover_id(node: int, place: int | None = None) -> int:
    """Value of `covers`: every candidate under the node is matched by what the rows alone know.

    With a place id (index into `places.PLACES`): matched by applications that agree with that place being asked.
    Only parts whose applications differ in position carry those, one for each place of `PLACES` that holds.
    """
    if place is not None and not 0 <= place < len(PLACES):
        raise ValueError(f"no place {place}")
    return node * NODE_STRIDE + (0 if place is None else place + 1)


def validate(application: Application) -> None:
    """Raise `InvalidApplication` for a row without meaning."""
    named = bool(application.make or application.model or not application.years.open)
    if application.vehicle_ids and named:
        raise InvalidApplication("vehicle", None, "give vehicle_ids or vehicle, not both")
    years = application.years
    if years.start is not None and years.end is not None and years.start > years.end:
        raise InvalidApplication("vehicle.years", [years.start, years.end], "the first year is after the last")
    start, end = application.vin_serial_from, application.vin_serial_to
    if start is not None and Serial(start, None).result(end) is Result.MISMATCH:
        raise InvalidApplication("vin_serial_from", start, f"it is after vin_serial_to, {end}")
    if any(not members for members in application.except_):
        raise InvalidApplication("except", {}, "an empty exception would exclude every vehicle")
    if any(not values for values in application.where.values()):
        raise InvalidApplication("where", None, "an attribute with no value can never match")


def place_selector(
    table: VehicleTable, make: Sequence[Scalar] = (), model: Sequence[Scalar] = (), years: Window = OPEN
) -> Placement:
    """Nodes for a `vehicle` selector. No node at all means that the table has no such vehicle."""
    left: tuple[Condition, ...] = () if years.open else (Years(years),)
    makes = frozenset(map(key_of, make))
    if not model:
        if not make:
            return Placement((table.node_ids[ROOT],), left)
        found = [(Level.MAKE.value, key) for key in makes]
        return Placement(tuple(sorted(table.node_ids[node] for node in found if node in table.node_ids)), left)
    pairs = _pairs(table, makes, frozenset(map(key_of, model)))
    if years.open:
        return Placement(_ids(table, [(Level.MODEL.value, *pair) for pair in pairs]))
    if all(_expands(table, pair, years) for pair in pairs):
        bases = [(Level.BASE.value, *pair, year) for pair in pairs for year in _base_years(table, pair, years)]
        return Placement(_ids(table, bases))
    reached = [pair for pair in pairs if _has_unknown_year(table, pair) or _base_years(table, pair, years)]
    return Placement(_ids(table, [(Level.MODEL.value, *pair) for pair in reached]), left)


def place_identifiers(table: VehicleTable, asked: Mapping[str, Sequence[Scalar]]) -> tuple[int, ...] | None:
    """Nodes of exactly the vehicles whose `IDENTIFIERS` are certainly among those asked for, ascending.

    `None` where nodes cannot say that: some row has no such id, so that it could be any, or one of several.
    """
    rows = set(range(len(table.rows))) if not asked else None
    for attribute, values in asked.items():
        keys = frozenset(map(key_of, values))
        by_key, silent = table.rows_by_value(attribute)
        found = {row for key in keys for row in by_key.get(key, ())}
        if silent or not all(key_of(one) in keys for row in found for one in table.read(row, attribute)):
            return None
        rows = found if rows is None else rows & found
    return _nodes_of(table, rows or set())


def _nodes_of(table: VehicleTable, rows: set[int]) -> tuple[int, ...]:
    """The widest nodes that hold these rows and no others: models, base vehicles, or the rows themselves."""
    nodes = set()
    for row in rows:
        pair = (table.make_keys[row], table.model_keys[row])
        years = table.years_of(row) or ()
        if rows.issuperset(table.models[pair]):
            nodes.add(table.node_ids[Level.MODEL.value, *pair])
        elif (
            len(years) == 1
            and not _has_unknown_year(table, pair)
            and rows.issuperset(table.rows_of_base(pair, years[0]))
        ):
            nodes.add(table.node_ids[Level.BASE.value, *pair, years[0]])
        else:
            nodes.add(table.node_ids[Level.ROW.value, table.rows[row].vehicle_id])
    return tuple(sorted(nodes))


def place_rows(table: VehicleTable, vehicle_ids: Iterable[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Row nodes of listed vehicles, ascending, and the ids that the table does not hold."""
    nodes, unknown = set(), []
    for vehicle_id in vehicle_ids:
        if vehicle_id in table.row_ids:
            nodes.add(table.node_ids[Level.ROW.value, vehicle_id])
        else:
            unknown.append(vehicle_id)
    return tuple(sorted(nodes)), tuple(unknown)


def remaining(
    where: Mapping[str, Sequence[Scalar]] | None = None,
    except_: Iterable[Mapping[str, Sequence[Scalar]]] = (),
    built: Window = OPEN,
    serial_from: str | None = None,
    serial_to: str | None = None,
) -> tuple[Condition, ...]:
    """The conditions of everything but the vehicle selector, position and notes, in canonical order."""
    found: list[Condition] = [any_of(attribute, values) for attribute, values in (where or {}).items()]
    found += [Except(tuple(any_of(*member) for member in sorted(members.items()))) for members in except_]
    if not built.open:
        found.append(Built(built))
    if serial_from is not None or serial_to is not None:
        found.append(Serial(serial_from, serial_to))
    return conjunction(found)


def conjunction(*groups: Iterable[Condition]) -> tuple[Condition, ...]:
    """Several groups of conditions as one: distinct, in canonical order, hashable."""
    distinct = dict.fromkeys(condition for group in groups for condition in group)
    return tuple(sorted(distinct, key=_order)) if len(distinct) > 1 else tuple(distinct)


def place(table: VehicleTable, application: Application) -> tuple[Placement, tuple[NoteAsked, ...]]:
    """Nodes, conjunction and unanswered condition notes of one application: the plain way, for one row at a time."""
    if application.vehicle_ids:
        at = Placement(place_rows(table, application.vehicle_ids)[0])
    else:
        at = place_selector(table, application.make, application.model, application.years)
    named = {name: values for name, values in application.where.items() if name in IDENTIFIERS}
    at = narrowed(table, at, named)
    asked = replace(application, where={name: application.where[name] for name in application.where.keys() - named})
    return Placement(at.nodes, conjunction(at.conditions, _rest(asked))), notes_asked(application)


def narrowed(table: VehicleTable, placed: Placement, identifiers: Mapping[str, Sequence[Scalar]]) -> Placement:
    """A placement with what is asked of `IDENTIFIERS`: at their nodes where it names no others, else as conditions."""
    if not identifiers:
        return placed
    nodes = place_identifiers(table, identifiers) if placed.nodes == (table.node_ids[ROOT],) else None
    if nodes is None:
        return Placement(placed.nodes, conjunction(placed.conditions, remaining(identifiers)))
    return Placement(nodes, placed.conditions)


def notes_asked(application: Application) -> tuple[NoteAsked, ...]:
    """The condition notes of an application, distinct, by note id."""
    asked = {note.note_id: NoteAsked(note.note_id, note.text) for note in application.notes if note.is_condition}
    return tuple(asked[key] for key in sorted(asked))


def every_condition(application: Application) -> tuple[Condition, ...]:
    """All conditions as the row states them, the vehicle selector first, without the position: for reasons."""
    named = selecting(application.vehicle_ids, application.make, application.model, application.years)
    return (*named, *_rest(application), *notes_asked(application))


def selecting(
    vehicle_ids: Sequence[str], make: Sequence[Scalar], model: Sequence[Scalar], years: Window
) -> tuple[Condition, ...]:
    """The conditions of a vehicle selector alone."""
    said = (("vehicle_id", vehicle_ids), ("make", make), ("model", model))
    found: list[Condition] = [any_of(attribute, values) for attribute, values in said if values]
    if not years.open:
        found.append(Years(years))
    return tuple(found)


def encode_condition(condition: Condition) -> list[Any]:
    """A condition as JSON-able lists; `decode_condition` reads it back equal."""
    match condition:
        case AnyOf(attribute, keys, shown):
            return ["any_of", attribute, list(shown) or sorted(keys, key=str)]
        case Years(window):
            return ["years", window.start, window.end]
        case Built(window):
            return ["built", window.start, window.end]
        case Serial(start, end):
            return ["serial", start, end]
        case Except(members):
            return ["except", [encode_condition(member) for member in members]]
        case NoteAsked(note, text):
            return ["note", note, text]
        case _:
            raise TypeError(f"{condition} belongs to a question, not to a rule")


def decode_condition(encoded: Sequence[Any]) -> Condition:
    """The condition that `encode_condition` wrote."""
    match encoded:
        case ["any_of", attribute, values]:
            return any_of(attribute, values)
        case ["years", start, end]:
            return Years(Window(start, end))
        case ["built", start, end]:
            return Built(Window(start, end))
        case ["serial", start, end]:
            return Serial(start, end)
        case ["except", members]:
            return Except(tuple(any_of(member[1], member[2]) for member in members))
        case ["note", note, text]:
            return NoteAsked(note, text)
        case _:
            raise ValueError(f"no condition: {encoded!r}")


def _rest(application: Application) -> tuple[Condition, ...]:
    serials = (application.vin_serial_from, application.vin_serial_to)
    return remaining(application.where, application.except_, application.built, *serials)


def _order(condition: Condition) -> tuple[str, str, str]:
    match condition:
        case AnyOf():
            detail = str(_sorted_keys(condition))
        case Except(members):
            detail = str([_sorted_keys(member) for member in members])
        case _:
            detail = str(condition)
    return type(condition).__name__, condition.attribute, detail


def _sorted_keys(condition: AnyOf) -> list[str]:
    return sorted(map(str, condition.keys))


def _pairs(table: VehicleTable, makes: frozenset[Key], models: frozenset[Key]) -> list[tuple[Key, Key]]:
    if makes:
        return [pair for make in makes for model in models if (pair := (make, model)) in table.models]
    return [pair for pair in table.models if pair[1] in models]


def _ids(table: VehicleTable, nodes: Iterable[tuple[Key, ...]]) -> tuple[int, ...]:
    return tuple(sorted({table.node_ids[node] for node in nodes}))


def _expands(table: VehicleTable, pair: tuple[Key, Key], years: Window) -> bool:
    return not _has_unknown_year(table, pair) and len(_base_years(table, pair, years)) <= MOST_BASES


def _has_unknown_year(table: VehicleTable, pair: tuple[Key, Key]) -> bool:
    return table.model_years[pair][1]


def _base_years(table: VehicleTable, pair: tuple[Key, Key], years: Window) -> list[int]:
    start, end = years.start, years.end
    present = table.model_years[pair][0]
    return [year for year in present if (start is None or year >= start) and (end is None or year <= end)]
