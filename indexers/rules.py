"""What applications say, one record per distinct content, decoded piece by piece: few selectors, condition sets, notes
and sources make very many rules, so each piece is read once and shared by every rule that has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

import msgspec

from fitment_rules.compile import notes_asked
from fitment_rules.conditions import Condition, Conditions
from fitment_rules.model import Application, Note, Source
from indexers.columns import Array, Int64s, view
from indexers.generation_files import READ
from indexers.slots import condition_of, notes_of, requiring_of, selecting_of, selector_of
from indexers.store import Records, Store

PIECES_KEPT = 50_000
"""Decoded records of one kind that are remembered, about 1 kB each."""

NAMES = ("selector", "condition", "notes", "position", "detail")

T = TypeVar("T")


class Told(NamedTuple):
    """What a rule says beside its conditions; see `fitment_rules.fit.Told`."""

    position: tuple[str, ...]
    quantity: int | None
    notes: tuple[Note, ...]
    source: Source


class Rules:
    """Rules by id; the conditions of rules with the same content are the same objects. Safe under threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._interned: dict[Condition, Condition] = {}
        self._selector = self._pieces("selector", selector_of)
        self._condition = self._pieces("condition", condition_of)
        self._notes = self._pieces("notes", notes_of)
        self._position = self._pieces("position", _position_of)
        self._detail = self._pieces("detail", _detail_of)
        self._selected = self._pieces("selector", lambda record: self._shared(selecting_of(record)))
        self._required = self._pieces("condition", lambda record: self._shared(requiring_of(record)))
        self._noted = lru_cache(maxsize=PIECES_KEPT)(self._asked_by)
        self._told = lru_cache(maxsize=PIECES_KEPT)(self._gathered)

    def application(self, rule: int) -> Application:
        """What the rows of a rule mean; ids and source rows are the rows' own, `position` may be empty."""
        columns = self._columns
        return self._application(rule, columns["selector"][rule], columns["condition"][rule], columns["notes"][rule])

    def as_read(self, rule: int) -> Application:
        """The same as the rows said it: notes that were read as conditions are notes, without a reviewed kind."""
        found = self._reread.get(rule)
        return self.application(rule) if found is None else self._application(rule, *found)

    def _application(self, rule: int, selector_number: int, condition_number: int, notes: int) -> Application:
        columns = self._columns
        selector, condition = self._selector(selector_number), self._condition(condition_number)
        position = columns["position"][rule]
        source, quantity, _ = self._detail(columns["detail"][rule])
        return Application(
            "", "", selector.vehicle_ids, selector.make, selector.model, selector.years,
            condition.where, condition.except_, condition.built, condition.vin_serial_from, condition.vin_serial_to,
            position=() if position < 0 else self._position(position),
            quantity=quantity,
            notes=self._notes_of(notes),
            source=source,
        )  # fmt: skip

    def told(self, rule: int) -> Told:
        """What a rule says beside its conditions; one object for all that say the same."""
        columns = self._columns
        return self._told(columns["position"][rule], columns["detail"][rule], columns["notes"][rule])

    def _gathered(self, position: int, detail: int, notes: int) -> Told:
        source, quantity, _ = self._detail(detail)
        return Told(() if position < 0 else self._position(position), quantity, self._notes_of(notes), source)

    def said(self, rules: Int64s) -> Iterator[tuple[Told, tuple[Conditions, ...]]]:
        """`told` of many rules, and their conditions in groups: those of the selector, what is required, the notes."""
        said = {name: column[rules].tolist() for name, column in self._arrays.items()}
        notes = said["notes"]
        return zip(
            map(self._told, said["position"], said["detail"], notes),
            zip(
                map(self._selected, said["selector"]),
                map(self._required, said["condition"]),
                map(self._noted, notes),
                strict=True,
            ),
            strict=True,
        )

    def kept(self, rule: int) -> Mapping[str, Any]:
        """What its rows say that narrows nothing: labels, assets, ids of a delivery's own."""
        return self._detail(self._columns["detail"][rule])[2]

    def conditions(self, rule: int) -> tuple[Condition, ...]:
        """`every_condition` of its application."""
        columns = self._columns
        selected, required = self._selected(columns["selector"][rule]), self._required(columns["condition"][rule])
        return (*selected, *required, *self._noted(columns["notes"][rule]))

    def _shared(self, conditions: Iterable[Condition]) -> Conditions:
        if len(self._interned) > PIECES_KEPT:
            self._interned.clear()
        return Conditions(self._interned.setdefault(one, one) for one in conditions)

    def _asked_by(self, notes: int) -> Conditions:
        return self._shared(notes_asked(Application("", "", notes=self._notes_of(notes))))

    def _notes_of(self, number: int) -> tuple[Note, ...]:
        return () if number < 0 else self._notes(number)

    def _pieces(self, name: str, decode: Callable[[bytes], T]) -> Callable[[int], T]:
        return lru_cache(maxsize=PIECES_KEPT)(lambda number: decode(self._records[name][number]))

    @cached_property
    def _reread(self) -> dict[int, tuple[int, int, int]]:
        columns = (self._store.get(f"rules.read_{name}").tolist() for name in READ)
        return dict(zip(self._store.get("rules.reread").tolist(), zip(*columns, strict=True), strict=True))

    @cached_property
    def _columns(self) -> dict[str, Any]:
        return {name: view(column) for name, column in self._arrays.items()}

    @cached_property
    def _arrays(self) -> dict[str, Array]:
        return {name: self._store.get(f"rules.{name}") for name in NAMES}

    @cached_property
    def _records(self) -> dict[str, Records]:
        return {name: self._store.records(f"records.{name}") for name in NAMES}


def _position_of(record: bytes) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(record))


def _detail_of(record: bytes) -> tuple[Source, int | None, Mapping[str, Any]]:
    told = msgspec.json.decode(record)
    return Source(told["file"], None, told["date"]), told["quantity"], told.get("attributes") or {}
