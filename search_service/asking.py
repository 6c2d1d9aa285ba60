"""One vehicle request against the generation in service: resolved, judged, and as it goes out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fitment_rules.judge import Asked
from search_service.given_names import as_the_table_calls, as_the_table_spells
from search_service.runtime import Runtime, Serving
from search_service.vehicle_query import ResolvedVehicle, VehicleRequest, resolve_vehicle
from search_service.wire import Notice, QuestionOut, VehicleOut

MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class Asking:
    """A resolved vehicle request and its judge; both `None` without a vehicle, the judge alone if none was found."""

    resolved: ResolvedVehicle | None
    asked: Asked | None

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the caller should know about the vehicle he gave."""
        return self.resolved.notices if self.resolved else ()

    @property
    def degraded(self) -> tuple[str, ...]:
        """Decoders that failed."""
        return self.resolved.degraded if self.resolved else ()

    @property
    def dont_know(self) -> frozenset[str]:
        """Attributes not to be asked again."""
        return self.resolved.request.dont_know if self.resolved else frozenset()

    def vehicle_out(self, question: QuestionOut | None = None) -> VehicleOut | None:
        """The vehicle as it goes out; `None` without one."""
        if self.resolved is None:
            return None
        candidates = self.resolved.candidates
        ids = list(candidates.vehicle_ids[:MOST_IDS]) if candidates else []
        return VehicleOut(self.resolved.count, ids, dict(self.resolved.known), question)


def ask(runtime: Runtime, serving: Serving, request: VehicleRequest, asked_places: tuple[str, ...] = ()) -> Asking:
    """Resolve and judge. Raises `UnknownVehicle` for an id that the table does not hold."""
    if not request.names_vehicle:
        return Asking(None, None)
    decoded = runtime.decode_vin(request.vin) if request.vin else None
    if decoded is not None:
        decoded = runtime.make_names.as_the_table_says(decoded, serving.generation.vehicles)
    table, confidence = serving.generation.vehicles, runtime.settings.vin_confidence
    request = as_the_table_calls(request, table, serving.understanding, runtime.texts)
    spelled = partial(as_the_table_spells, table=table, texts=runtime.texts)
    resolved = resolve_vehicle(table, request, decoded, confidence, serving.candidates, spelled)
    if resolved.candidates is None:
        return Asking(resolved, None)
    return Asking(resolved, serving.asked(resolved.candidates, asked_places))
