"""VIN decoders are plug-ins: the operator's pattern tables, vPIC for North America, the maker by WMI everywhere."""

from pathlib import Path

from search_service.decoders.answer import VinAnswer, vin_answer
from search_service.decoders.pattern_files import FollowedPatterns
from search_service.decoders.pattern_rows import RowError
from search_service.decoders.patterns import PatternDecoder, read_patterns
from search_service.decoders.port import DecodedField, Decoder
from search_service.decoders.vpic import UltravinDecoder
from search_service.decoders.wmi import PositionDecoder, WmiDecoder, WmiTable, read_wmi_table

__all__ = [
    "DecodedField",
    "Decoder",
    "FollowedPatterns",
    "PatternDecoder",
    "PositionDecoder",
    "RowError",
    "UltravinDecoder",
    "VinAnswer",
    "WmiDecoder",
    "WmiTable",
    "default_chain",
    "load_table",
    "read_patterns",
    "read_wmi_table",
    "vin_answer",
]


def load_table(config: Path) -> WmiTable:
    """The table of makers of a configuration folder (`wmi.csv`, `vin_countries.csv`)."""
    return read_wmi_table(config / "wmi.csv", config / "vin_countries.csv")


def default_chain(table: WmiTable, patterns: Decoder | None = None) -> tuple[Decoder, ...]:
    """The chain in order of trust: the operator's tables (if any), vPIC, the table of makers, position 10."""
    own = (patterns,) if patterns is not None else ()
    return (*own, UltravinDecoder(table.spellings), WmiDecoder(table), PositionDecoder())
