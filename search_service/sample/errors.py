"""What the sample generator refuses.

SampleError
├── NoVehicles    a vehicle table without a row that has an id, a make and a model
└── TooFewParts   less than one part asked for
"""

from __future__ import annotations


class SampleError(Exception):
    """Base of everything the sample generator raises."""


class NoVehicles(SampleError):
    """The vehicle table given holds no usable row."""


class TooFewParts(SampleError):
    """Less than one part was asked for."""

    def __init__(self, parts: int) -> None:
        super().__init__(f"{parts} parts asked for; a sample has at least one")
        self.parts = parts
