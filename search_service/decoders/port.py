"""What a VIN decoder is: a report in, fields with confidence and source out, never one flat truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from fitment_rules.model import Scalar
from fitment_rules.vin import Problem, VinReport

FieldValue: TypeAlias = "Scalar | tuple[Scalar, ...]"


@dataclass(frozen=True, slots=True)
class DecodedField:
    """One thing a decoder says of the vehicle.

    `attribute` is `make`, `model`, `year` or an attribute of the vehicle table; a tuple as `value` means one of
    these. `confidence` is in [0, 1]: from 0.95 on it may exclude vehicles, below it only orders them.
    """

    attribute: str
    value: FieldValue
    confidence: float
    source: str


class Decoder(Protocol):
    """A plug-in. It may raise anything; the chain then goes on without it and names it as degraded."""

    @property
    def name(self) -> str:
        """Short, stable, unique in its chain: the `source` of its fields."""
        ...

    def decode(self, report: VinReport) -> tuple[DecodedField, ...]:
        """Every field it can name for a whole or partial VIN, at most one an attribute; `()` if it knows nothing."""
        ...


@runtime_checkable
class Critic(Protocol):
    """A decoder that also knows what real VINs of a maker look like."""

    def criticise(self, report: VinReport) -> tuple[Problem, ...]:
        """What it finds odd; never an error, since its data may be old."""
        ...

    def plausibility(self, vins: tuple[str, ...]) -> tuple[int, ...]:
        """A rank for each VIN, higher is likelier to exist; 0 for those it knows nothing about."""
        ...

    def defies_decade_rule(self, report: VinReport) -> bool:
        """True if position 7 is known not to choose the decade, because this is no light vehicle or by the data."""
        ...
