"""What the sample generator refuses.

SampleError
├── NoVehicles    a vehicle table without a row that has an id, a make and a model
└── TooFewParts   fewer parts than one a part type
"""

from __future__ import annotations


class SampleError(Exception):
    """Base of everything the sample generator raises."""


class NoVehicles(SampleError):
    """The vehicle table given holds no usable row."""


class TooFewParts(SampleError):
    """Fewer parts asked for than there are part types."""

    def __init__(self, parts: int, least: int) -> None:
        super().__init__(f"{parts} parts asked for; at least {least} are needed, one for every part type")
        self.parts = parts
        self.least = least
