"""What rules say, as numbers that siblings are compared by: the vehicle asked for by attributes, and all the rest."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from fitment_rules.compile import notes_asked, remaining
from fitment_rules.conditions import Condition
from fitment_rules.model import Application, NoteKind
from indexers.columns import Array, Bools, Int32s, Int64s
from indexers.findings.context import Context, mixed
from indexers.numbering import number_tuples
from indexers.slots import condition_of, notes_of

IDENTITY = frozenset(
    {"make", "model", "year", "vehicle_id", "BaseVehicle", "EquipmentBase", "Make", "Model", "VehicleType", "Mfr",
     "EquipmentModel"}
)  # fmt: skip
"""Attributes that say which vehicle it is, not how it is equipped."""

_NAMES = tuple(f'"{name}":'.encode() for name in sorted(IDENTITY))
_ENCODE = msgspec.json.Encoder(order="deterministic").encode
_NOTES = msgspec.json.Decoder(list[tuple[str, str, str | None]])


class Contents:
    """The contents of a build's rules; content 0 asks for nothing beyond the vehicle."""

    def __init__(self, context: Context) -> None:
        self._context = context
        named, asked = self._split()
        rules = context.rules
        wanted = self._wanted()[rules["notes"] + 1]
        notes = np.where(wanted, rules["notes"], -1)
        self.where: Int32s = named[rules["condition"]]
        self.content, self._firsts = number_tuples([asked[rules["condition"]], notes])
        if not len(self._firsts) or asked[rules["condition"][self._firsts[0]]] or notes[self._firsts[0]] >= 0:
            self.content = self.content + np.int32(1)
            self._firsts = np.concatenate((np.full(1, -1), self._firsts))
        self._read: dict[int, tuple[Condition, ...]] = {}

    def said(self, content: int) -> tuple[Condition, ...]:
        """What a content asks beyond the vehicle."""
        if content not in self._read:
            self._read[content] = self._asked(content) if content else ()
        return self._read[content]

    def whole(self, rules: Array) -> Any:
        """Of each of these rules a hash of everything but quantity and source."""
        columns = self._context.rules
        return mixed([columns[name][rules] for name in ("selector", "condition", "notes", "effective")])

    @cached_property
    def years(self) -> Int64s:
        """By selector, a number of its model years; 0 is any."""
        numbers: dict[Any, int] = {(None, None): 0}
        found = []
        for record in self._context.records("selector"):
            years = (None, None) if record.startswith(b'{"ids"') else tuple(msgspec.json.decode(record)["years"])
            found.append(numbers.setdefault(years, len(numbers)))
        return np.array(found or [0], np.int64)

    def _asked(self, content: int) -> tuple[Condition, ...]:
        rule, columns = int(self._firsts[content]), self._context.rules
        condition, notes = int(columns["condition"][rule]), int(columns["notes"][rule])
        one = condition_of(self._context.records("condition")[condition])
        where = {name: values for name, values in one.where.items() if name not in IDENTITY}
        asked = remaining(where, one.except_, one.built, one.vin_serial_from, one.vin_serial_to)
        said = notes_of(self._context.records("notes")[notes]) if notes >= 0 else ()
        return (*asked, *notes_asked(Application("", "", notes=said)))

    def _split(self) -> tuple[Int32s, Int32s]:
        """By condition record: numbers of what says which vehicle it is, and of the rest (0 is nothing)."""
        named, asked = dict[bytes, int]({b"{}": 0}), dict[bytes, int]({b"{}": 0})
        pairs = [split_condition(record) for record in self._context.records("condition")] or [(b"{}", b"{}")]
        return (
            np.array([named.setdefault(one, len(named)) for one, _ in pairs], np.int32),
            np.array([asked.setdefault(rest, len(asked)) for _, rest in pairs], np.int32),
        )

    def _wanted(self) -> Bools:
        """By note record and one before them (no notes): some note is a condition."""
        asking = (None, NoteKind.CONDITION.value)
        records = self._context.records("notes")
        return np.array(
            [False, *(any(kind in asking for _, _, kind in _NOTES.decode(one)) for one in records)], np.bool_
        )


def split_condition(record: bytes) -> tuple[bytes, bytes]:
    """A condition record as what says which vehicle it is, and the rest, both canonical as the record is."""
    if not any(name in record for name in _NAMES):
        return b"{}", record
    data = msgspec.json.decode(record)
    where = data.pop("where", {})
    named = {name: values for name, values in where.items() if name in IDENTITY}
    rest = {name: values for name, values in where.items() if name not in IDENTITY}
    if rest:
        data["where"] = rest
    return _ENCODE(named), _ENCODE(data)
