"""Sample data of our own making: a catalogue, its vehicles, a shop and a year of visits, all from one seed."""

from search_service.sample.demo import TryRequest, own_try_requests, try_requests
from search_service.sample.errors import NoVehicles, SampleError, TooFewParts
from search_service.sample.writer import SampleSummary, write_sample

__all__ = [
    "NoVehicles",
    "SampleError",
    "SampleSummary",
    "TooFewParts",
    "TryRequest",
    "own_try_requests",
    "try_requests",
    "write_sample",
]
