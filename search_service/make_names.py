"""Makes as a VIN decoder calls them, in the names of the operator's table: "VW", "ŠKODA", "MERCEDES BENZ"."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from fitment_rules.model import Scalar, key_of
from fitment_rules.vehicles import VehicleTable
from search_service.decoders import DecodedField, VinAnswer
from search_service.understanding.words import MakeRow


@dataclass(frozen=True, slots=True)
class MakeNames:
    """Bare name (`bare`) → the bare names of the same make, itself among them."""

    groups: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, rows: Iterable[MakeRow]) -> MakeNames:
        """From the makes of the configuration."""
        found: dict[str, frozenset[str]] = {}
        for row in rows:
            names = frozenset(map(bare, (row.make, *row.names)))
            found.update(dict.fromkeys(names, names))
        return cls(found)

    def as_the_table_says(self, decoded: VinAnswer, table: VehicleTable) -> VinAnswer:
        """The answer with makes renamed that the table has under another name of the same make."""
        fields = tuple(self._renamed(one, table) if one.attribute == "make" else one for one in decoded.fields)
        return replace(decoded, fields=fields)

    def _renamed(self, field: DecodedField, table: VehicleTable) -> DecodedField:
        values = field.value if isinstance(field.value, tuple) else (field.value,)
        named = tuple(dict.fromkeys(name for value in values for name in self._in_table(value, table)))
        return replace(field, value=named[0] if len(named) == 1 else named)

    def _in_table(self, value: Scalar, table: VehicleTable) -> tuple[Scalar, ...]:
        if table.uses("make", key_of(value)):
            return (value,)
        same = self.groups.get(bare(str(value)), frozenset((bare(str(value)),)))
        makes = (table.rows[rows[0]].make for rows in table.rows_by_make.values())
        return tuple(make for make in makes if bare(make) in same) or (value,)


@lru_cache(maxsize=4096)
def bare(name: str) -> str:
    """Letters and digits of a name alone, without case or accents."""
    apart = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in apart if char.isalnum())
