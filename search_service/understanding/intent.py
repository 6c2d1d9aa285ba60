"""What was understood of one text, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Scalar: TypeAlias = "str | int | float"
Kind: TypeAlias = Literal["part_type", "symptom", "brand", "vehicle", "spec", "position", "quality", "number", "word"]
CorrectionKind: TypeAlias = Literal["typo", "homophone", "look_alike", "pinyin", "initials", "joined", "transposed"]

# A part-type reading filters the answer from here on; below it only offers itself. On the judged set
# (`tests/quality/understanding_queries.jsonl`) 0.75 lets 88 % of the queries filter, none wrongly, and hides one
# of several judged meanings in 3; at 0.70 it hides one in 8, at 0.90 only 79 % of the queries filter.
# `tests/quality/test_understanding_judged.py` holds the share of wrong filters under 2 %.
FILTER_CONFIDENCE = 0.75


@dataclass(frozen=True, slots=True)
class TypeReading:
    """A part type that the text may mean. `confidence` in (0, 1]; `because` names the word, for people."""

    id: str
    confidence: float
    because: str

    @property
    def filters(self) -> bool:
        """True if sure enough to act as a filter."""
        return self.confidence >= FILTER_CONFIDENCE


@dataclass(frozen=True, slots=True)
class VehicleMention:
    """A vehicle found in the text; values are spelt as in the vehicle table.

    `makes` and `models` hold any-of alternatives and may each be empty; `years` is inclusive, `None` if none was said.
    `attributes` maps a standard attribute to any-of values. `text` is what was read as the vehicle.
    """

    makes: tuple[str, ...]
    models: tuple[str, ...]
    years: tuple[int, int] | None
    attributes: Mapping[str, tuple[Scalar, ...]]
    confidence: float
    text: str

    @property
    def make(self) -> str | None:
        """The make, if there is just one."""
        return self.makes[0] if len(self.makes) == 1 else None

    @property
    def model(self) -> str | None:
        """The model, if there is just one."""
        return self.models[0] if len(self.models) == 1 else None

    @property
    def year(self) -> int | None:
        """The model year, if it is one year."""
        return self.years[0] if self.years and self.years[0] == self.years[1] else None

    def parameters(self) -> dict[str, list[str]]:
        """The same as vehicle parameters of the public interface, each a list of any-of values."""
        given: dict[str, list[str]] = {}
        if self.makes:
            given["make"] = list(self.makes)
        if self.models:
            given["model"] = list(self.models)
        if self.years:
            given["year"] = [str(year) for year in range(self.years[0], self.years[1] + 1)]
        for name, values in self.attributes.items():
            given["engine" if name == "engine" else f"attr.{name}"] = [str(value) for value in values]
        return given


@dataclass(frozen=True, slots=True)
class NumberMention:
    """A part number in the text: its key (`indexers.text.number_key`), as typed, and whether the catalogue has it."""

    key: str
    text: str
    known: bool


@dataclass(frozen=True, slots=True)
class SpecMention:
    """A size or grade: kind (`oil_grade`, `tyre_size`, ...) and value in joined form (`5w40`, `225/55r18`).

    `text` is what was typed, `written` how people write it (`5W-40`). `same` are tokens that name it, `value` among
    them; `attributes` are `name=value` of parts that have it.
    """

    kind: str
    value: str
    text: str
    written: str
    same: tuple[str, ...]
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SymptomMention:
    """A complaint and what usually causes it: part type id → weight in (0, 1]."""

    id: str
    name: Mapping[str, str]
    part_types: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Correction:
    """A word read as another one. Both as people write them."""

    original: str
    corrected: str
    kind: CorrectionKind


@dataclass(frozen=True, slots=True)
class Group:
    """One thing the text says, for text retrieval: any of `tokens` (analysed) satisfies it.

    `needed` is true where nothing else than the text can find it: unknown words, part types too unsure to filter, and
    sizes that say what is wanted (5w40). `weights` stand beside `tokens`, in (0, 1], where the alternatives are not
    equally likely (the causes of a symptom); empty means equally. A part of one of `types` satisfies the group as
    well, with the weight beside it, and so does one with one of `attributes` (`name=value`).
    """

    kind: Kind
    text: str
    tokens: tuple[str, ...]
    needed: bool
    weights: tuple[float, ...] = ()
    types: tuple[str, ...] = ()
    type_weights: tuple[float, ...] = ()
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the text. `use` holds the request parameters that select it."""

    confidence: float
    text: str
    part_types: tuple[TypeReading, ...] = ()
    vehicle: VehicleMention | None = None
    use: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueryIntent:
    """Everything made of one text. `text` is safe to show and to log: a VIN in it is shortened; `vin` is not.

    `part_types` fall by confidence. `positions` are canonical places, () = none said. `quality` holds the catalogue's
    values, any of. `rest` are words nobody understood, corrected ones not among them; `unlisted` names of cars that the
    vehicle table does not have.
    """

    text: str
    vin: str | None = None
    part_types: tuple[TypeReading, ...] = ()
    vehicle: VehicleMention | None = None
    positions: tuple[str, ...] = ()
    part_number: NumberMention | None = None
    specs: tuple[SpecMention, ...] = ()
    brand: str | None = None
    quality: tuple[str, ...] = ()
    symptom: SymptomMention | None = None
    corrections: tuple[Correction, ...] = ()
    rest: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    readings: tuple[Reading, ...] = ()

    @property
    def filter_types(self) -> tuple[str, ...]:
        """Ids of the part types that act as a filter (any of); empty if none is sure enough."""
        return tuple(reading.id for reading in self.part_types if reading.filters)
