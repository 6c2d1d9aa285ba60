"""The operator's own pattern tables as a decoder: the first to be believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fitment_rules.model import Scalar
from fitment_rules.vin import VinReport
from search_service.decoders.pattern_rows import PatternRow, RowError, read_rows
from search_service.decoders.port import DecodedField, FieldValue
from search_service.decoders.wmi import check_failed

CHECK_FAILED_CONFIDENCE: Final = 0.85


@dataclass(frozen=True, slots=True)
class PatternDecoder:
    """Decodes by the operator's rows. For an attribute the most specific rows win; where they differ, one of these."""

    rows: Mapping[str, tuple[PatternRow, ...]]
    name: str = "patterns"

    def decode(self, report: VinReport) -> tuple[DecodedField, ...]:
        """Attributes of the matching rows, and the model year where they leave one of several."""
        keys = dict.fromkeys((report.wmi, report.wmi[:3]))
        matching = [row for key in keys for row in self.rows.get(key, ()) if row.matches(report)]
        named = dict.fromkeys(attribute for row in matching for attribute in row.values)
        fields = [self._field(attribute, matching, report) for attribute in named]
        return (*fields, *self._year(matching, report))

    def _field(self, attribute: str, matching: list[PatternRow], report: VinReport) -> DecodedField:
        rows = [row for row in matching if attribute in row.values]
        best = max(row.weight for row in rows)
        winners = [row for row in rows if row.weight == best]
        values = tuple(dict.fromkeys(value for row in winners for value in _as_tuple(row.values[attribute])))
        confidence = _confidence(winners, report)
        return DecodedField(attribute, values[0] if len(values) == 1 else values, confidence, self.name)

    def _year(self, matching: list[PatternRow], report: VinReport) -> tuple[DecodedField, ...]:
        years = [year for year in report.model_years if any(row.covers(year) for row in matching)]
        if len(report.model_years) < 2 or len(years) != 1 or any("year" in row.values for row in matching):
            return ()
        return (DecodedField("year", years[0], _confidence(matching, report), self.name),)


def read_patterns(lines: Iterable[str], file: str) -> tuple[PatternDecoder, tuple[RowError, ...]]:
    """The decoder of one table, and the rows left out. Raises `TableUnreadable`, as `read_rows` does."""
    rows, errors = read_rows(lines, file)
    return PatternDecoder(rows), errors


def _as_tuple(value: FieldValue) -> tuple[Scalar, ...]:
    return value if isinstance(value, tuple) else (value,)


def _confidence(rows: list[PatternRow], report: VinReport) -> float:
    confidence = min(row.confidence for row in rows)
    return min(confidence, CHECK_FAILED_CONFIDENCE) if check_failed(report) else confidence
