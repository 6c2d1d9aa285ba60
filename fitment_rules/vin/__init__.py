"""Vehicle identification numbers: what the characters alone say, with no table, no clock and no I/O.

`inspect` is the whole of it. Who made the vehicle and what it is are the business of decoders outside the kernel.
"""

from fitment_rules.vin.characters import check_digit, normalise, passes_check
from fitment_rules.vin.corrections import corrections, twins
from fitment_rules.vin.inspect import Problem, Severity, VinReport, inspect, squish
from fitment_rules.vin.regions import Region, region_of
from fitment_rules.vin.years import candidate_years

__all__ = [
    "Problem",
    "Region",
    "Severity",
    "VinReport",
    "candidate_years",
    "check_digit",
    "corrections",
    "inspect",
    "normalise",
    "passes_check",
    "region_of",
    "squish",
    "twins",
]
