"""The contract's rows as typed structs: what a line of each kind of input file holds.

The structs are strict (`forbid_unknown_fields`): a row with a column they do not know, or with a value of another
type than usual, takes the careful way (`indexers.careful`), which keeps extra columns as attributes and explains what
is wrong with the rest. `RawApplication` leaves the parts that repeat between rows undecoded.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeAlias

from msgspec import Meta, Raw, Struct, field

Text: TypeAlias = Annotated[str, Meta(min_length=1)]
Scalar: TypeAlias = str | int | float | bool
Values: TypeAlias = str | int | float | bool | list[str | int | float | bool]
Places: TypeAlias = str | list[str] | None
Words: TypeAlias = dict[str, str]
Count: TypeAlias = Annotated[int, Meta(ge=0)]

ABSENT = Raw()
"""The one value of a raw field that a line does not have; compare by identity."""


class RowKind(StrEnum):
    """The kinds of input rows."""

    VEHICLES = "vehicles"
    PARTS = "parts"
    APPLICATIONS = "applications"
    STORES = "stores"
    STOCK = "stock"
    PROMOTIONS = "promotions"
    USERS = "users"


class Action(StrEnum):
    """`A` adds or replaces by id, `D` deletes."""

    ADD = "A"
    DELETE = "D"


class VehicleRow(Struct, forbid_unknown_fields=True, gc=False):
    """One vehicle configuration. `year` stands for `year_from = year_to`; nothing else has a default meaning."""

    vehicle_id: Text
    make: Text
    model: Text
    action: Action = Action.ADD
    year: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    built_from: str | None = None
    built_to: str | None = None
    names: dict[str, dict[str, str]] | None = None
    aliases: list[str] | None = None
    ids: dict[str, Values | None] | None = None
    attributes: dict[str, Values | None] | None = None


class Number(Struct, forbid_unknown_fields=True, gc=False):
    """An OE number."""

    number: Text
    brand: str | None = None


class Interchange(Struct, forbid_unknown_fields=True, gc=False):
    """A number of somebody else's. `kind`: oe, equivalent, supersedes, superseded_by, trade."""

    number: Text
    brand: str | None = None
    kind: str | None = None
    grade: str | None = None
    source: str | None = None


class Price(Struct, forbid_unknown_fields=True, gc=False):
    """An amount in the currency's main unit."""

    amount: Annotated[float, Meta(ge=0)]
    currency: str | None = None


class TypeName(Struct, gc=False):
    """A part type as stored: the vocabulary's id (or the words themselves outside it) and its names by language."""

    id: str
    name: Words


class PartRow(Struct, forbid_unknown_fields=True, gc=False):
    """One sellable item as read."""

    part_id: Text
    brand: Text
    part_number: Text
    part_type: Text
    title: Words
    action: Action = Action.ADD
    position: Places = None
    description: Words | None = None
    attributes: dict[str, Values | None] | None = None
    oe_numbers: list[Number] | None = None
    interchange: list[Interchange] | None = None
    gtin: str | None = None
    price: Price | None = None
    universal: bool | None = None
    quality: str | None = None
    image: str | None = None
    listed_at: str | None = None


class StoredPart(Struct, gc=False):
    """One sellable item as stored and served: every key present, `part_type` with its names."""

    part_id: str
    brand: str
    part_number: str
    part_type: TypeName
    position: list[str]
    title: Words
    description: Words
    attributes: dict[str, Values | None]
    oe_numbers: list[Number]
    interchange: list[Interchange]
    gtin: str | None
    price: Price | None
    universal: bool
    quality: str | None
    image: str | None
    listed_at: str | None


class VehicleSelector(Struct, forbid_unknown_fields=True, gc=False):
    """The `vehicle` of an application; what is absent or empty means any."""

    make: Values | None = None
    model: Values | None = None
    years: tuple[int | None, int | None] | None = None


class NoteRow(Struct, forbid_unknown_fields=True, gc=False):
    """A note as read; an absent kind is not reviewed yet."""

    text: Text
    lang: str | None = None
    kind: str | None = None


class SourceRow(Struct, forbid_unknown_fields=True, gc=False):
    """Where a row was first written."""

    file: str | None = None
    row: Annotated[int, Meta(ge=0, lt=1 << 31)] | None = None
    date: str | None = None


class RawApplication(Struct, forbid_unknown_fields=True, gc=False):
    """One application, its repeating parts undecoded."""

    part_id: Text
    application_id: str | None = None
    action: Action = Action.ADD
    vehicle: Raw = ABSENT
    vehicle_ids: Raw = ABSENT
    where: Raw = ABSENT
    except_: Raw = field(name="except", default=ABSENT)
    built_from: str | None = None
    built_to: str | None = None
    vin_serial_from: str | None = None
    vin_serial_to: str | None = None
    position: Raw = ABSENT
    quantity: Count | None = None
    notes: Raw = ABSENT
    source: SourceRow | None = None
    attributes: Raw = ABSENT


class ApplicationRow(Struct, forbid_unknown_fields=True, gc=False):
    """One application, decoded: the same fields as `RawApplication`."""

    part_id: Text
    application_id: str | None = None
    action: Action = Action.ADD
    vehicle: VehicleSelector | None = None
    vehicle_ids: list[str] | None = None
    where: dict[str, Values | None] | None = None
    except_: list[dict[str, Values | None]] | None = field(name="except", default=None)
    built_from: str | None = None
    built_to: str | None = None
    vin_serial_from: str | None = None
    vin_serial_to: str | None = None
    position: Places = None
    quantity: Count | None = None
    notes: list[NoteRow] | None = None
    source: SourceRow | None = None
    attributes: dict[str, object] | None = None


class StoreRow(Struct, forbid_unknown_fields=True, gc=False):
    """A shop; latitude and longitude in degrees."""

    store_id: Text
    name: Words | None = None
    action: Action = Action.ADD
    city: str | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    services: list[str] | None = None
    hours: dict[str, object] | None = None
    attributes: dict[str, object] | None = None


class StockRow(Struct, forbid_unknown_fields=True, gc=False):
    """How many of a part a store has; `store_id` `online` is the web warehouse."""

    part_id: Text
    store_id: Text
    quantity: Count = 0
    action: Action = Action.ADD
    updated_at: str | None = None
    attributes: dict[str, object] | None = None


class PromotionRow(Struct, forbid_unknown_fields=True, gc=False):
    """An offer on listed parts or on what `match` describes."""

    promotion_id: Text
    kind: Text
    action: Action = Action.ADD
    value: float | None = None
    part_ids: list[str] | None = None
    match: dict[str, object] | None = None
    from_: str | None = field(name="from", default=None)
    to: str | None = None
    stores: list[str] | None = None
    member_levels: list[str] | None = None
    label: str | dict[str, str] | None = None
    attributes: dict[str, object] | None = None


class UserRow(Struct, forbid_unknown_fields=True, gc=False):
    """A customer's member level and garage (vehicle ids)."""

    user_id: Text
    action: Action = Action.ADD
    member_level: str | None = None
    garage: list[str] | None = None
    attributes: dict[str, object] | None = None


Row: TypeAlias = VehicleRow | PartRow | ApplicationRow | StoreRow | StockRow | PromotionRow | UserRow

ROW_TYPES: dict[RowKind, type[Row]] = {
    RowKind.VEHICLES: VehicleRow,
    RowKind.PARTS: PartRow,
    RowKind.APPLICATIONS: ApplicationRow,
    RowKind.STORES: StoreRow,
    RowKind.STOCK: StockRow,
    RowKind.PROMOTIONS: PromotionRow,
    RowKind.USERS: UserRow,
}
