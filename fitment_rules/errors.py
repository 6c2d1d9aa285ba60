"""What the kernel refuses.

FitmentError
├── InvalidApplication   an application row that has no meaning (both ways of naming a vehicle, an empty range, …)
├── InvalidVehicle       a vehicle row that has no meaning (years reversed, no make, …)
└── UnknownVehicle       a vehicle id that the table does not hold
"""

from __future__ import annotations


class FitmentError(Exception):
    """Base of everything the kernel raises."""


class InvalidRow(FitmentError):
    """A row without meaning. `field` is the contract's field name, `value` what stood there."""

    def __init__(self, field: str, value: object, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.value = value
        self.reason = reason


class InvalidApplication(InvalidRow):
    """An application that names no vehicle, names it twice, or reverses a range."""


class InvalidVehicle(InvalidRow):
    """A vehicle without make or model, or with reversed years or build window."""


class UnknownVehicle(FitmentError):
    """A `vehicle_id` that the table does not hold."""

    def __init__(self, vehicle_id: str) -> None:
        super().__init__(f"unknown vehicle_id {vehicle_id!r}")
        self.vehicle_id = vehicle_id
