"""Vehicle parameters → candidates: what the caller said, what the VIN says, what the text says, and who said it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fitment_rules.candidates import CandidateSet, contradict, meet, resolve
from fitment_rules.conditions import serial_key
from fitment_rules.errors import InvalidRow
from fitment_rules.model import OPEN, Scalar, Window, day_window, key_of
from fitment_rules.vehicles import Given, VehicleQuery, VehicleTable, given
from search_service.decoders import DecodedField, VinAnswer
from search_service.decoders.pattern_rows import BUILT, built_window
from search_service.parameters import Parameters
from search_service.privacy import scrub, scrub_tree
from search_service.wire import KnownValue, Notice

LONGEST_VIN = 32
YEAR_FROM, YEAR_TO = 1885, 2100
SAFE_YEAR_REGIONS = ("north_america", "china", "asia")
"""Regions whose makers keep to the year code at position 10 (`docs/decisions/0012`); elsewhere it excludes nothing."""


NO_VEHICLE = Given("vehicle_id", frozenset())
"""Contradicts every row."""


@dataclass(frozen=True, slots=True)
class VehicleRequest:
    """What the caller said of the vehicle, read but not resolved. `said` names the parameters given."""

    vin: str | None = None
    vehicle_ids: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()
    built: Window = OPEN
    built_text: str | None = None
    vin_serial: str | None = None
    answers: Mapping[str, bool] = field(default_factory=dict)
    dont_know: frozenset[str] = frozenset()

    @property
    def names_vehicle(self) -> bool:
        """True if anything but `unknown` was given."""
        return bool(
            self.vin or self.vehicle_ids or self.given or self.vin_serial or self.answers or not self.built.open
        )

    @property
    def said(self) -> tuple[str, ...]:
        """Names of the parameters that were given, for notices."""
        names = [one.attribute for one in self.given]
        names += ["vin"] * bool(self.vin) + ["vehicle_id"] * bool(self.vehicle_ids)
        names += ["built"] * (not self.built.open) + ["vin_serial"] * bool(self.vin_serial)
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class ResolvedVehicle:
    """A vehicle request against the table. `candidates` is never empty; `None` is no vehicle, or none found.

    `count` is the number of vehicle rows (0: none found, and a notice says why).
    """

    request: VehicleRequest
    query: VehicleQuery
    candidates: CandidateSet | None
    count: int
    known: Mapping[str, KnownValue]
    notices: tuple[Notice, ...] = ()
    degraded: tuple[str, ...] = ()
    decoded: tuple[DecodedField, ...] = ()


def read_vehicle(parameters: Parameters) -> VehicleRequest:
    """Read every vehicle parameter; faults are noted on `parameters`."""
    attributes = parameters.named("attr")
    for name in ("make", "model", "year", "engine"):
        values = parameters.all(name)
        if values:
            attributes[name] = [*attributes.get(name, []), *values]
    vin = parameters.text("vin")
    if vin is not None and len(vin) > LONGEST_VIN:
        parameters.fault("vin", f"is longer than {LONGEST_VIN} characters")
    ids = [*parameters.texts("vehicle_id"), *map(str, attributes.pop("vehicle_id", []))]
    answers = _answers(parameters, attributes)
    built_text = _one(parameters, attributes, "built")
    return VehicleRequest(
        vin=vin,
        vehicle_ids=tuple(dict.fromkeys(ids)),
        built=_built(parameters, built_text),
        built_text=built_text,
        vin_serial=_serial(_one(parameters, attributes, "vin_serial")),
        answers=answers,
        given=tuple(_given(parameters, name, values) for name, values in attributes.items()),
        dont_know=frozenset(name.removeprefix("attr.") for name in parameters.texts("unknown")),
    )


def with_text(request: VehicleRequest, mentioned: Mapping[str, Sequence[Scalar]]) -> VehicleRequest:
    """The request with what a text said of attributes that the caller left open."""
    said = set(request.said)
    more = tuple(
        given(name, *values, source="text") for name, values in mentioned.items() if values and name not in said
    )
    return replace(request, given=(*request.given, *more))


def resolve_vehicle(
    table: VehicleTable,
    request: VehicleRequest,
    decoded: VinAnswer | None,
    confidence: float,
    candidates_of: Callable[[VehicleQuery], CandidateSet] | None = None,
    spelled: Callable[[Given], Given] = lambda said: said,
) -> ResolvedVehicle:
    """Resolve a request that names a vehicle. `decoded` is the VIN's answer where one was given and could be asked.

    `candidates_of` stands in for `resolve` over the table, for callers that remember what they resolved; `spelled`
    says what a VIN's decoder told in the spellings of the table.
    Raises `UnknownVehicle` for a vehicle id that the table does not hold.
    """
    from_vin = _safe_fields(table, decoded, confidence, spelled) if decoded else ()
    told = decoded.report.serial if decoded else None
    if told and request.vin_serial and serial_key(told) != serial_key(request.vin_serial):
        from_vin = (*from_vin, NO_VEHICLE)
    built = meet(request.built, _built_by_vin(table, decoded, confidence)) if decoded else request.built
    serial = _serial(told or request.vin_serial)
    query = VehicleQuery((*request.given, *from_vin), request.vehicle_ids, built, serial, dict(request.answers))
    candidates = candidates_of(query) if candidates_of else resolve(table, query)
    fields = decoded.fields if decoded else ()
    known = _known(request, fields)
    notices = list(_vin_notices(decoded))
    if not len(candidates):
        notices.append(_not_found(table, request, query, decoded))
    degraded = tuple(f"vin_decoder:{name}" for name in decoded.degraded) if decoded else ()
    found = candidates if len(candidates) else None
    return ResolvedVehicle(request, query, found, len(candidates.rows), known, tuple(notices), degraded, fields)


def _safe_fields(
    table: VehicleTable, decoded: VinAnswer, confidence: float, spelled: Callable[[Given], Given]
) -> tuple[Given, ...]:
    if not decoded.fields and not decoded.report.valid and not decoded.report.partial:
        return (NO_VEHICLE,)
    safe = []
    for one in decoded.fields:
        values = one.value if isinstance(one.value, tuple) else (one.value,)
        if one.confidence < confidence or one.attribute == "year":
            continue
        said = spelled(given(one.attribute, *values, source="vin"))
        used = frozenset(key for key in said.keys if table.uses(one.attribute, key))
        if used:
            safe.append(replace(said, keys=used))
    year = decoded.field("year")
    if year is not None and year.confidence >= confidence:
        safe.append(given("year", *(year.value if isinstance(year.value, tuple) else (year.value,)), source="vin"))
    elif decoded.model_years and decoded.report.region.value in SAFE_YEAR_REGIONS:
        safe.append(given("year", *decoded.model_years, source="vin"))
    return tuple(safe)


def _built_by_vin(table: VehicleTable, decoded: VinAnswer, confidence: float) -> Window:
    """The build date a pattern table gives; open where it is not sure or every row's own window contradicts it."""
    found = decoded.field(BUILT)
    if found is None or found.confidence < confidence:
        return OPEN
    window = built_window(found.value)
    return OPEN if table.built_windows and all(contradict(one, window) for one in table.built_windows) else window


def _known(request: VehicleRequest, fields: Iterable[DecodedField]) -> dict[str, KnownValue]:
    known: dict[str, KnownValue] = {}
    for one in fields:
        value = list(one.value) if isinstance(one.value, tuple) else one.value
        known[one.attribute] = KnownValue(value, "vin", one.confidence)
    for said in request.given:
        value = said.shown[0] if len(said.shown) == 1 else list(said.shown)
        known[said.attribute] = KnownValue(scrub_tree(value), said.source, 1.0)
    if request.vehicle_ids:
        ids = list(request.vehicle_ids)
        known["vehicle_id"] = KnownValue(ids[0] if len(ids) == 1 else ids, "caller", 1.0)
    if request.built_text:
        known["built"] = KnownValue(request.built_text, "caller", 1.0)
    if request.vin_serial:
        known["vin_serial"] = KnownValue(request.vin_serial, "caller", 1.0)
    for note, answer in request.answers.items():
        known[f"note:{note}"] = KnownValue("yes" if answer else "no", "caller", 1.0)
    return known


def _vin_notices(decoded: VinAnswer | None) -> Iterable[Notice]:
    for problem in decoded.problems if decoded else ():
        if str(problem.severity) != "note":
            text = f"VIN: {problem.message}"
            yield Notice("vin_problem", "vin", {"en": text, "zh": f"车架号（VIN）：{problem.message_zh}"})


def _not_found(table: VehicleTable, request: VehicleRequest, query: VehicleQuery, decoded: VinAnswer | None) -> Notice:
    names = ", ".join(request.said)
    if decoded is not None and len(request.said) == 1:
        return _notice(
            "vin_unresolved",
            "vin",
            "This VIN matches no vehicle of the shop's table. Choose the vehicle by make, model and year.",
            "此车架号未匹配到车型，请按品牌、车系、年款选择。",
        )
    wrong = next((one for one in query.given if not len(resolve(table, VehicleQuery((one,))))), None)
    if wrong is None or decoded is not None:
        english = f"No vehicle is all of this at once: {names}. Remove or change one of them."
        chinese = f"以下条件互相矛盾：{names}。请修改其中之一。"
        return _notice("vehicle_contradiction", request.said[0], english, chinese)
    value = ", ".join(map(str, wrong.shown))
    return _notice(
        "vehicle_not_found",
        wrong.attribute,
        f"No vehicle with {wrong.attribute} {value!r} is in the table. Check the spelling or leave it out.",
        f"车型库中没有 {wrong.attribute} 为“{value}”的车辆，请检查或去掉该条件。",
    )


def _notice(code: str, field_name: str, english: str, chinese: str) -> Notice:
    return Notice(code, field_name, {"en": scrub(english), "zh": scrub(chinese)})


def _given(parameters: Parameters, name: str, values: Sequence[Scalar]) -> Given:
    if name == "year":
        for value in values:
            key = key_of(value)
            if not isinstance(key, int) or not YEAR_FROM <= key <= YEAR_TO:
                parameters.fault("year", f"{value!r} is no model year from {YEAR_FROM} to {YEAR_TO}")
        values = [key_of(value) for value in values]
    return given(name, *values)


def _one(parameters: Parameters, attributes: dict[str, list[Scalar]], name: str) -> str | None:
    values = attributes.pop(name, [])
    if len(values) > 1:
        parameters.fault(f"attr.{name}", "may be given once")
    return str(values[0]) if values else None


def _built(parameters: Parameters, text: str | None) -> Window:
    if text is None:
        return OPEN
    try:
        return day_window(text)
    except InvalidRow as error:
        parameters.fault("attr.built", error.reason)
        return OPEN


def _serial(text: str | None) -> str | None:
    return serial_key(text) if text else None


def _answers(parameters: Parameters, attributes: dict[str, list[Scalar]]) -> dict[str, bool]:
    answers = {}
    for name in [name for name in attributes if name.startswith("note:")]:
        value = _one(parameters, attributes, name)
        said = "" if value is None else value.strip().casefold()
        if said not in ("yes", "no"):
            parameters.fault(f"attr.{name}", f"{value!r} is neither yes nor no")
        answers[name.removeprefix("note:")] = said == "yes"
    return answers
