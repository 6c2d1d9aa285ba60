"""The chain of decoders and the answer of `/v1/vin`, but for the candidates, which are the vehicle table's business."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from fitment_rules.vin import Problem, Region, Severity, VinReport, corrections, inspect, twins
from fitment_rules.vin.characters import LENGTH
from search_service.decoders.port import Critic, DecodedField, Decoder
from search_service.decoders.wmi import WmiTable

DISPUTED: Final = 0.9  # a field that a later decoder contradicts, by no mere guess, no longer excludes vehicles
SHOWN: Final = 64
LOG = logging.getLogger("partfit.decoders")


@dataclass(frozen=True, slots=True)
class VinAnswer:
    """What is known of a VIN. `fields` holds one entry an attribute; `degraded` names decoders that failed."""

    report: VinReport
    problems: tuple[Problem, ...]
    suggestions: tuple[str, ...]
    maker: str
    country: str | None
    model_years: tuple[int, ...]
    fields: tuple[DecodedField, ...]
    degraded: tuple[str, ...]

    def field(self, attribute: str) -> DecodedField | None:
        """The field of that name, if some decoder gave it."""
        return next((found for found in self.fields if found.attribute == attribute), None)

    def as_json(self) -> dict[str, Any]:
        """The contract's answer without `candidates`. It holds the VIN in full."""
        report = self.report
        return {
            "vin": report.vin,
            "valid": report.valid,
            "problems": [asdict(problem) for problem in self.problems],
            "suggestions": list(self.suggestions),
            "region": report.region.value,
            "country": self.country,
            "wmi": report.wmi,
            "maker": self.maker,
            "model_years": list(self.model_years),
            "fields": [asdict(found) for found in self.fields],
            "partial": report.partial,
            "degraded": list(self.degraded),
        }


def vin_answer(vin: str, *, decoders: Sequence[Decoder], table: WmiTable, this_year: int) -> VinAnswer:
    """Read `vin` as typed and ask every decoder in turn; for each attribute the first to name it is believed.

    `model_years` are the candidates of position 10, the one a decoder names first; only its region's rule, never a
    decoder, leaves one out. Never raises for what is in the VIN.
    """
    chain = _Chain(decoders)
    report = inspect(vin, this_year=this_year, heavy=table.heavy)
    if report.region is Region.NORTH_AMERICA and chain.defies_decade_rule(report):
        report = inspect(vin, this_year=this_year, heavy={report.vin[:3]})
    fields = chain.fields(report)
    maker = table.maker_of(report.wmi)
    named = maker is not None or any(found.attribute == "make" for found in fields)
    criticism = chain.criticism(report) or (() if named else _unlisted(report))
    return VinAnswer(
        report=report,
        problems=report.problems + criticism,
        suggestions=_suggestions(chain, report, table, doubted=bool(criticism), named=named),
        maker=maker.name if maker else "",
        country=table.country_of(report.vin),
        model_years=_ordered_years(report.model_years, fields),
        fields=fields,
        degraded=tuple(chain.failed),
    )


def merge(decoded: Sequence[DecodedField]) -> tuple[DecodedField, ...]:
    """One field an attribute: the first; if a later one names other values altogether, it counts as disputed."""
    merged: dict[str, DecodedField] = {}
    for found in decoded:
        first = merged.setdefault(found.attribute, found)
        if found.confidence >= DISPUTED and not _values(first) & _values(found):
            confidence = min(first.confidence, DISPUTED)
            merged[found.attribute] = DecodedField(first.attribute, first.value, confidence, first.source)
    return tuple(merged.values())


class _Chain:
    """The decoders, and which of them failed while this VIN was read."""

    def __init__(self, decoders: Sequence[Decoder]) -> None:
        self._decoders = decoders
        self.failed: dict[str, None] = {}

    def fields(self, report: VinReport) -> tuple[DecodedField, ...]:
        decoded: list[DecodedField] = []
        for decoder in self._decoders:
            try:
                decoded.extend(decoder.decode(report))
            except Exception as error:
                self._fail(decoder.name, error)
        return merge(decoded)

    def criticism(self, report: VinReport) -> tuple[Problem, ...]:
        found: list[Problem] = []
        for critic in self._critics():
            try:
                found.extend(critic.criticise(report))
            except Exception as error:
                self._fail(critic.name, error)
        return tuple(found)

    def defies_decade_rule(self, report: VinReport) -> bool:
        for critic in self._critics():
            try:
                if critic.defies_decade_rule(report):
                    return True
            except Exception as error:
                self._fail(critic.name, error)
        return False

    def ranked(self, vins: tuple[str, ...]) -> tuple[str, ...]:
        for critic in self._critics():
            try:
                ranks = dict(zip(vins, critic.plausibility(vins), strict=True))
                vins = tuple(sorted(vins, key=lambda vin: -ranks[vin]))
            except Exception as error:
                self._fail(critic.name, error)
        return vins

    def registered(self, vins: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `vins` whose maker a critic knows."""
        for critic in self._critics():
            try:
                return tuple(vin for vin, rank in zip(vins, critic.plausibility(vins), strict=True) if rank)
            except Exception as error:
                self._fail(critic.name, error)
        return ()

    def likelier(self, vin: str, others: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `others` that a critic finds more plausible than `vin`."""
        for critic in self._critics():
            try:
                own, *ranks = critic.plausibility((vin, *others))
                return tuple(other for other, rank in zip(others, ranks, strict=True) if rank > own)
            except Exception as error:
                self._fail(critic.name, error)
        return ()

    def _critics(self) -> list[Any]:
        return [decoder for decoder in self._decoders if isinstance(decoder, Critic)]

    def _fail(self, name: str, error: Exception) -> None:
        LOG.warning("VIN decoder %s failed: %s", name, type(error).__name__)  # its text may hold the VIN
        self.failed[name] = None


def _values(found: DecodedField) -> set[object]:
    values: Collection[object] = found.value if isinstance(found.value, tuple) else (found.value,)
    return {value.casefold() if isinstance(value, str) else value for value in values}


def _unlisted(report: VinReport) -> tuple[Problem, ...]:
    """A whole VIN whose maker is in no table: a warning, since tables are never complete."""
    if len(report.vin) != LENGTH:
        return ()
    message = "no maker is listed under the first three characters: please compare them"
    return (Problem("unknown_maker", 1, message, "未收录前三位对应的厂商，请核对这几位字符", Severity.WARNING),)


def _suggestions(chain: _Chain, report: VinReport, table: WmiTable, *, doubted: bool, named: bool) -> tuple[str, ...]:
    """Corrections by plausibility; for a VIN that passes but is doubted, its twins that a decoder knows better.

    Where the maker is in no table the region itself may be mistyped: corrections to a listed maker come first.
    """
    if not named and len(report.vin) == LENGTH:
        others = twins(report.vin) if report.check_passes else corrections(report.vin, any_character=True)
        registered = set(chain.registered(others))
        listed = tuple(vin for vin in others if vin in registered or table.maker_of(vin[:3]))
        return tuple(dict.fromkeys((*chain.ranked(listed), *report.suggestions)))[:SHOWN]
    if doubted and report.valid and report.check_passes:
        return chain.likelier(report.vin, twins(report.vin))[:SHOWN]
    return chain.ranked(report.suggestions)[:SHOWN]


def _ordered_years(years: tuple[int, ...], fields: Sequence[DecodedField]) -> tuple[int, ...]:
    named = next((found.value for found in fields if found.attribute == "year"), None)
    return tuple(sorted(years, key=lambda year: year != named))
