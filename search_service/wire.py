"""The answers of the API as they go out: structs that encode to the contract's JSON, field for field.

Names, order and meaning are the contract's. `Raw` holds JSON that is copied as it was stored.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Raw, Struct, UnsetType, field


def _array(items: dict[str, str]) -> Meta:
    """The schema of a list that is written beforehand."""
    return Meta(extra_json_schema={"type": "array", "items": items})


Words = dict[str, str]
Scalars = list[str | int | float | bool]


class Notice(Struct, gc=False):
    """Something the caller should know; `field` names the parameter it is about."""

    code: str
    field: str | None
    text: Words


class ConditionOut(Struct, gc=False):
    """One condition of a reason."""

    attribute: str
    asks: dict[str, Any]
    has: Scalars
    result: str


class SourceOut(Struct, gc=False):
    """Where an application was read."""

    file: str
    row: int | None
    date: str | None


class ReasonOut(Struct, gc=False):
    """One application as seen by the vehicle query. Written by `fit_out`; here for the schema."""

    application_id: str
    result: str
    vehicle_ids: list[str]
    source: SourceOut
    conditions: list[ConditionOut]


NOTHING = Raw(b"[]")


def _nothing() -> Raw:
    """No default that a schema would have to show."""
    return NOTHING


class OptionOut(Struct, gc=False):
    """An answer to a question, and what it makes."""

    value: str | int | float | bool
    label: Words
    fits: int
    needs_info: int
    does_not_fit: int


class QuestionOut(Struct, gc=False):
    """What to ask; the answer goes back as `attr.ATTRIBUTE` (or `vehicle_id`), "don't know" as `unknown=ATTRIBUTE`."""

    attribute: str
    text: Words
    hint: Words
    options: list[OptionOut]


class NoteOut(Struct, gc=False):
    """A note that changes no verdict."""

    text: str
    lang: str
    kind: str


class CandidateCounts(Struct, gc=False):
    """Vehicle rows by outcome."""

    match: int
    unknown: int
    mismatch: int


class FitOut(Struct, gc=False):
    """The verdict for one part, explained. `verdict` is null without a vehicle."""

    verdict: str | None
    candidates: CandidateCounts | None = None
    position: list[str] = []
    quantity: int | None = None
    reasons: Annotated[Raw, _array({"$ref": "#/components/schemas/ReasonOut"})] = field(default_factory=_nothing)
    questions: list[QuestionOut] = []
    notes: list[NoteOut] = []
    conflicts_with: Annotated[Raw, _array({"type": "string"})] = field(default_factory=_nothing)


class TypeOut(Struct, gc=False):
    """A part type."""

    id: str
    name: Words


class ReadType(Struct, gc=False):
    """A part type read from the text."""

    id: str
    name: Words
    confidence: float
    because: str


class Understood(Struct, gc=False):
    """What was made of the text; `text` never holds a whole VIN."""

    text: str
    part_types: list[ReadType] = []
    vehicle: dict[str, Any] | None = None
    positions: list[str] = []
    part_number: str | None = None
    specs: list[Any] = []
    brand: str | None = None
    quality: str | None = None
    corrections: list[dict[str, Any]] = []
    symptom: Any = None
    rest: list[str] = []


class ReadingOut(Struct, gc=False):
    """Another way to read the text, and the parameters that select it."""

    confidence: float
    part_types: list[ReadType]
    vehicle: dict[str, Any] | None
    use: dict[str, Any]


class KnownValue(Struct, gc=False):
    """What is known of the vehicle, and who said it."""

    value: Any
    source: str
    confidence: float


class VehicleOut(Struct, gc=False):
    """The vehicle query as resolved."""

    candidates: int
    vehicle_ids: list[str]
    known: dict[str, KnownValue]
    question: QuestionOut | None = None


class StoreStock(Struct, gc=False):
    """One store's stock of a part."""

    store_id: str
    quantity: int
    distance_km: float | None
    install: bool
    name: Words = {}


class Availability(Struct, gc=False):
    """`online` null is unknown."""

    online: int | None
    stores: list[StoreStock] = []


class PromotionOut(Struct, gc=False):
    """The promotion that applies to a part for this caller now."""

    promotion_id: str
    kind: str
    label: str
    price_after: dict[str, Any] | None
    to: str | None


class ContributionOut(Struct, gc=False):
    """One addend of a score."""

    signal: str
    value: float
    weight: float
    contribution: float


class RuleOut(Struct, gc=False):
    """A merchandising rule that touched an item."""

    rule_id: str
    effect: str


class Because(Struct, gc=False):
    """Why an item is recommended."""

    kind: str
    text: Words
    part_id: str | None = None


class Explanation(Struct, gc=False):
    """Why an item has its score; contributions sum to it. `because` is what the customer did, if that lifts it."""

    contributions: list[ContributionOut]
    rules: list[RuleOut]
    because: list[Because] = []


class Item(Struct, gc=False):
    """One part of a result."""

    part_id: str
    brand: str
    part_number: str
    part_type: TypeOut
    position: list[str]
    title: str
    price: dict[str, Any] | None
    image: str | None
    quality: str | None
    fit: FitOut
    availability: Availability
    promotion: PromotionOut | None
    matched: list[str]
    score: float
    explanation: Explanation | None = None
    because: list[Because] | UnsetType = UNSET


class FacetValue(Struct, gc=False):
    """One value of a facet."""

    value: str
    label: str
    count: int
    selected: bool


class Relaxed(Struct, gc=False):
    """A step that was taken to find something."""

    step: str
    what: str
    text: Words


class Apart(Struct, gc=False):
    """Parts offered beside the result, never in it."""

    kind: str
    total: int
    items: list[Item]


class Suggestion(Struct, gc=False):
    """Another query to try."""

    text: str
    kind: str
    total: int


class SearchAnswer(Struct, gc=False):
    """The answer of `/v1/search`."""

    query_id: str
    generation: str
    policy_version: str
    model_version: str | None
    arm: str | None
    degraded: list[str]
    understood: Understood
    readings: list[ReadingOut]
    vehicle: VehicleOut | None
    total: int
    bands: dict[str, int]
    excluded: dict[str, int]
    items: list[Item]
    facets: dict[str, list[FacetValue]]
    relaxed: list[Relaxed]
    apart: list[Apart]
    suggestions: list[Suggestion]
    notices: list[Notice]
    redirect: str | None
    banners: list[Any]
    cursor: str | None


class OptionValue(Struct, gc=False):
    """One value of an attribute among the candidates."""

    value: str | int | float | bool
    label: str
    vehicles: int
    parts: int | UnsetType = UNSET


class OptionsAnswer(Struct, gc=False):
    """The answer of `/v1/vehicles/options`."""

    generation: str
    candidates: int
    options: dict[str, list[OptionValue]]
    unknown: dict[str, int]
    notices: list[Notice] = []


class CandidateOut(Struct, gc=False):
    """One vehicle a text or VIN could mean."""

    vehicle: dict[str, Any]
    confidence: float
    because: str


class ResolveAnswer(Struct, gc=False):
    """The answer of `/v1/vehicles/resolve`."""

    generation: str
    total: int
    candidates: list[CandidateOut]
    question: QuestionOut | None
    notices: list[Notice]


class CheckResult(Struct, gc=False):
    """One part of a fitment check."""

    part_id: str
    fit: FitOut | None
    stamp: str | None
    error: str | UnsetType = UNSET


class CheckAnswer(Struct, gc=False):
    """The answer of `/v1/fitment/check`."""

    generation: str
    degraded: list[str]
    vehicle: VehicleOut | None
    results: list[CheckResult]
    notices: list[Notice] = []


class VerifyAnswer(Struct, gc=False):
    """The answer of `/v1/fitment/verify`."""

    part_id: str
    issued_at: str
    generation: str
    then: str | None
    now: str | None
    still_true: bool
    changes: list[dict[str, Any]]


class PartTypeOut(Struct, gc=False):
    """A node of the category tree."""

    id: str
    name: str
    parent: str | None
    parts: int


class PartTypesAnswer(Struct, gc=False):
    """The answer of `/v1/part-types`."""

    generation: str
    items: list[PartTypeOut]
    notices: list[Notice] = []


class PartAnswer(Struct, gc=False):
    """The answer of `/v1/parts/{part_id}`."""

    generation: str
    part: Raw
    fit: FitOut
    availability: Availability
    promotion: PromotionOut | None
    price: dict[str, Any] | None = None
    vehicle: VehicleOut | None = None
    notices: list[Notice] = []
    degraded: list[str] = []


class ApplicationOut(Struct, gc=False):
    """An application as read."""

    application_id: str
    part_id: str
    vehicle_ids: list[str] | UnsetType = UNSET
    vehicle: dict[str, Any] | UnsetType = UNSET
    where: dict[str, Any] = {}
    except_: list[dict[str, Any]] = field(name="except", default=[])
    built_from: str | None = None
    built_to: str | None = None
    vin_serial_from: str | None = None
    vin_serial_to: str | None = None
    position: list[str] = []
    quantity: int | None = None
    notes: list[dict[str, Any]] = []
    source: SourceOut | None = None


class Paged(Struct, gc=False):
    """A page of anything that belongs to a part."""

    generation: str
    total: int
    items: list[Any]
    cursor: str | None


class FittedVehicle(Struct, gc=False):
    """A run of model years that a part fits, folded from its applications."""

    make: str | None
    model: str | None
    years: list[int | None]
    conditions: list[ConditionOut]
    verdict: str


class InterchangeAnswer(Struct, gc=False):
    """The answer of `/v1/parts/{part_id}/interchange`."""

    items: list[dict[str, Any]]


class SuggestAnswer(Struct, gc=False):
    """The answer of `/v1/suggest`."""

    query_id: str
    generation: str
    part_types: list[dict[str, Any]]
    queries: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    vehicles: list[dict[str, Any]]


class RecommendationsAnswer(Struct, gc=False):
    """The answer of `/v1/recommendations` and `/v1/parts/{part_id}/similar`."""

    query_id: str
    generation: str
    model_version: str | None
    kind: str
    vehicle: VehicleOut | None
    degraded: list[str]
    items: list[Item]
    notices: list[Notice] = []


class VinAnswer(Struct, gc=False):
    """The answer of `/v1/vin`: the only one that holds a VIN."""

    vin: str
    valid: bool
    problems: list[dict[str, Any]]
    suggestions: list[str]
    region: str | None
    wmi: str | None
    maker: str | None
    model_years: list[int]
    fields: list[dict[str, Any]]
    candidates: list[dict[str, Any]]
    generation: str | None = None
    degraded: list[str] = []


class EventsAnswer(Struct, gc=False):
    """The answer of `/v1/events`."""

    accepted: int
    rejected: list[dict[str, Any]]


class OptOutAnswer(Struct, gc=False):
    """The answer of `/v1/opt-out`."""

    opted_out: bool
