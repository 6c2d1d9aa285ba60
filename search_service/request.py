"""A search request, read from parameters and checked; nothing here looks anything up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fitment_rules.model import Scalar
from fitment_rules.places import names_place
from search_service.parameters import Parameters
from search_service.privacy import scrub_id
from search_service.settings import Settings
from search_service.vehicle_query import VehicleRequest, read_vehicle

SORTS = ("relevance", "price_asc", "price_desc", "newest", "distance")
FITMENT_MODES = ("default", "strict", "all")
IGNORABLE = ("vehicle", "part_type", "position", "correction")
FACETS = ("brand", "part_type", "position", "quality", "price")
MORE_FACETS = ("category",)
FILTERS = ("brand", "part_type", "category", "position", "quality", "price", "available")
LANGUAGES = ("en", "zh")
LONGEST_ID = 100


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, as far as the request says and may say.

    Ids are as they are kept: a VIN in one is shortened. `signed_id` is the user's as it was sent, which a token signs.
    """

    user_id: str | None = None
    session_id: str | None = None
    client_id: str | None = None
    user_token: str | None = None
    signed_id: str | None = None
    member_level: str | None = None
    personalised: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """From where: a chosen store, a point in degrees, or neither."""

    store: str | None = None
    lat: float | None = None
    lon: float | None = None

    @property
    def known(self) -> bool:
        """True if distances can be told."""
        return self.store is not None or (self.lat is not None and self.lon is not None)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Everything of `/v1/search`. `filters` maps a field to its values as given; `attr.NAME` filters likewise."""

    q: str
    vehicle: VehicleRequest
    person: Person
    place: Place
    filters: Mapping[str, tuple[Scalar, ...]]
    sort: str = "relevance"
    size: int = 24
    cursor: str | None = None
    fitment: str = "default"
    facets: tuple[str, ...] = FACETS
    explain: bool = False
    lang: str = "en"
    verbatim: bool = False
    ignore: frozenset[str] = frozenset()
    policy_version: str | None = None


def read_search(parameters: Parameters, settings: Settings) -> SearchRequest:
    """Read every parameter of a search. Raises `Invalid` with every fault at once."""
    place = read_place(parameters)
    request = SearchRequest(
        q=read_text(parameters, settings),
        vehicle=read_vehicle(parameters),
        person=read_person(parameters),
        place=place,
        filters=_filters(parameters),
        sort=parameters.choice("sort", SORTS, "relevance"),
        size=parameters.integer("size", 24, 1, settings.max_page_size),
        cursor=_cursor(parameters),
        fitment=parameters.choice("fitment", FITMENT_MODES, "default"),
        facets=_facets(parameters),
        explain=parameters.flag("explain", False),
        lang=read_lang(parameters),
        verbatim=parameters.flag("verbatim", False),
        ignore=_ignored(parameters),
        policy_version=parameters.text("policy_version"),
    )
    if request.sort == "distance" and not place.known:
        parameters.fault("sort", "'distance' needs a place: give store, or lat and lon")
    parameters.finish()
    return request


def read_text(parameters: Parameters, settings: Settings) -> str:
    """The query text; longer than the limit is a fault."""
    text = parameters.text("q") or ""
    if len(text) > settings.max_query_chars:
        parameters.fault("q", f"has {len(text)} characters, at most {settings.max_query_chars} are read; shorten it")
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return text.strip()


def read_ids(parameters: Parameters) -> dict[str, str | None]:
    """`user_id`, `session_id` and `client_id` as they were sent; over-long ones are faults."""
    ids: dict[str, str | None] = {}
    for name in ("user_id", "session_id", "client_id"):
        value = parameters.text(name)
        if value is not None and len(value) > LONGEST_ID:
            parameters.fault(name, f"is longer than {LONGEST_ID} characters")
        ids[name] = value
    return ids


def read_person(parameters: Parameters) -> Person:
    """User, session and client; over-long ids are faults."""
    ids = read_ids(parameters)
    return Person(
        **{name: value and scrub_id(value) for name, value in ids.items()},
        signed_id=ids["user_id"],
        user_token=parameters.text("user_token"),
        member_level=parameters.text("member_level"),
        personalised=parameters.flag("personalised", True),
    )


def read_place(parameters: Parameters) -> Place:
    """Store and point; a latitude without a longitude is a fault."""
    lat, lon = parameters.number("lat", -90, 90), parameters.number("lon", -180, 180)
    if (lat is None) != (lon is None) and not parameters.faults:
        parameters.fault("lat" if lat is None else "lon", "lat and lon go together")
    return Place(parameters.text("store"), lat, lon)


def read_lang(parameters: Parameters) -> str:
    """`en` or `zh`."""
    return parameters.choice("lang", LANGUAGES, "en")


def _filters(parameters: Parameters) -> dict[str, tuple[Scalar, ...]]:
    found: dict[str, tuple[Scalar, ...]] = {}
    for name, values in parameters.named("filter").items():
        if name not in FILTERS and not (name.startswith("attr.") and name != "attr."):
            parameters.fault(f"filter.{name}", f"no such filter; there are {', '.join(FILTERS)} and attr.NAME")
        found[name] = tuple(dict.fromkeys(values))
    for value in found.get("price", ()):
        if price_range(str(value)) is None:
            parameters.fault("filter.price", f"{value!r} is no range such as 100..200, 100.. or ..200")
    for value in found.get("position", ()):
        if not names_place(str(value)):
            parameters.fault("filter.position", f"{value!r} names no place; write ends such as front or rear left")
    return found


def price_range(text: str) -> tuple[float | None, float | None] | None:
    """`100..200` as numbers, either end may be absent, a single number is itself; `None` if it is no range."""
    low, dots, high = text.partition("..")
    try:
        bounds = (float(low) if low.strip() else None, float(high) if high.strip() else None)
    except ValueError:
        return None
    if not dots:
        bounds = (bounds[0], bounds[0])
    known = [bound for bound in bounds if bound is not None]
    finite = all(0 <= bound <= 1e12 for bound in known)
    return bounds if known and finite and known == sorted(known) else None


def _facets(parameters: Parameters) -> tuple[str, ...]:
    values = parameters.texts("facets")
    if not values:
        if "facets" in parameters:
            return ()
        return FACETS
    names = [name.strip() for value in values for name in value.split(",") if name.strip()]
    for name in names:
        if name not in FACETS + MORE_FACETS and not (name.startswith("attr.") and name != "attr."):
            parameters.fault("facets", f"{name!r} is none of {', '.join(FACETS + MORE_FACETS)}, attr.NAME")
    return tuple(dict.fromkeys(names))


def _ignored(parameters: Parameters) -> frozenset[str]:
    values = parameters.texts("ignore")
    for value in values:
        if value not in IGNORABLE:
            parameters.fault("ignore", f"{value!r} is none of {', '.join(IGNORABLE)}")
    return frozenset(values)


def _cursor(parameters: Parameters) -> str | None:
    values = parameters.long_texts("cursor")
    if len(values) > 1:
        parameters.fault("cursor", "may be given once")
    return values[0] if values else None
