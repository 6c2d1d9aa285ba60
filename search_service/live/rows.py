"""One line of an input file (contract: stores, stock, prices, promotions, users) as a change of the live state."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec

from indexers.careful import json_object, read_row, shown
from indexers.errors import BadRow
from indexers.rows import Action, RowKind
from indexers.rows import PromotionRow as PromotionLine
from indexers.rows import StockRow as StockLine
from indexers.rows import StoreRow as StoreLine
from indexers.rows import UserRow as UserLine
from search_service.live.model import Event, Price, PriceRow, Promotion, StockRow, Store, User
from search_service.live.port import Kind
from search_service.live.ubi import Rejected, event_of
from search_service.privacy import scrub_id, scrub_tree

PRICED = frozenset({"percent", "amount", "price"})
MATCHABLE = frozenset({"brand", "part_type", "category", "quality", "part_id"})
_strict_stock = msgspec.json.Decoder(StockLine)
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_DAY = datetime.timedelta(days=1)
_MILLISECOND = datetime.timedelta(milliseconds=1)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


class Document(msgspec.Struct, frozen=True):
    """A keyed document to write; None deletes."""

    key: str
    body: bytes | None


Change: TypeAlias = "StockRow | PriceRow | Document | Event"


def read_change(kind: Kind | str, line: bytes, now: int) -> Change:
    """What one JSON line changes; `now` stands in for a missing `updated_at`. Raises `BadRow`."""
    return READERS[str(kind)](line, now)


def _stock(line: bytes, now: int) -> StockRow:
    try:
        row = _strict_stock.decode(line)
    except (msgspec.MsgspecError, ValueError):
        careful = read_row(RowKind.STOCK, line)
        assert isinstance(careful, StockLine)
        row = careful
    gone = row.action is Action.DELETE
    if row.quantity >= 2**53:
        raise BadRow("quantity", row.quantity, "is no number of pieces")
    at = now if row.updated_at is None else _instant("updated_at", row.updated_at)
    return StockRow(row.part_id, row.store_id, None if gone else row.quantity, at)


def _store(line: bytes, now: int) -> Document:
    row = read_row(RowKind.STORES, line)
    assert isinstance(row, StoreLine)
    if row.action is Action.DELETE:
        return Document(row.store_id, None)
    if (row.lat is None) != (row.lon is None):
        raise BadRow("lat" if row.lat is None else "lon", None, "is required beside the other coordinate")
    store = Store(
        row.store_id, row.name or {}, row.city or "", row.lat, row.lon, tuple(row.services or ()), row.hours or {}
    )
    return Document(row.store_id, msgspec.json.encode(store))


def _user(line: bytes, now: int) -> Document:
    row = read_row(RowKind.USERS, line)
    assert isinstance(row, UserLine)
    user_id = scrub_id(row.user_id)
    if row.action is Action.DELETE:
        return Document(user_id, None)
    user = User(user_id, row.member_level, tuple(row.garage or ()), scrub_tree(row.attributes or {}))
    return Document(user_id, msgspec.json.encode(user))


def _promotion(line: bytes, now: int) -> Document:
    row = read_row(RowKind.PROMOTIONS, line)
    assert isinstance(row, PromotionLine)
    if row.action is Action.DELETE:
        return Document(row.promotion_id, None)
    return Document(row.promotion_id, msgspec.json.encode(_promotion_of(row)))


def _promotion_of(row: PromotionLine) -> Promotion:
    if (row.part_ids is None) == (row.match is None):
        raise BadRow("part_ids", row.part_ids, "give exactly one of part_ids and match")
    start = None if row.from_ is None else _instant("from", row.from_)
    end = None if row.to is None else _instant("to", row.to, last=True)
    if start is not None and end is not None and start > end:
        raise BadRow("from", row.from_, f"is after {row.to}")
    currency = (row.attributes or {}).get("currency")
    return Promotion(
        promotion_id=row.promotion_id,
        kind=row.kind,
        value=_reduction(row.kind, row.value),
        part_ids=tuple(row.part_ids or ()),
        match=_match(row.match or {}),
        start=start,
        end=end,
        stores=tuple(row.stores or ()),
        member_levels=tuple(row.member_levels or ()),
        label=_words(row.label),
        currency=str(currency).upper() if currency else None,
        to=row.to or "",
    )


def _reduction(kind: str, value: float | None) -> float | None:
    if kind not in PRICED:
        return value
    if value is None or not math.isfinite(value) or value < 0 or (kind == "percent" and value > 100):
        raise BadRow("value", value, "must be a share of 0 to 100" if kind == "percent" else "must not be negative")
    return value


def _match(match: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    for name in match:
        if name not in MATCHABLE:
            raise BadRow(f"match.{name}", shown(match[name]), f"is none of {', '.join(sorted(MATCHABLE))}")
    return {
        name: tuple(str(v) for v in (value if isinstance(value, list) else [value])) for name, value in match.items()
    }


def _words(label: str | Mapping[str, str] | None) -> dict[str, str]:
    if label is None:
        return {}
    return {"en": label, "zh": label} if isinstance(label, str) else dict(label)


def _price(line: bytes, now: int) -> PriceRow:
    """`{"part_id", "price": {"amount", "currency"}}`, or amount and currency at the top; D takes the price back."""
    row = json_object(line)
    part_id = row.get("part_id")
    if not isinstance(part_id, str) or not part_id.strip():
        raise BadRow("part_id", shown(part_id), "is required")
    if str(row.get("action", "A")).strip().upper() == "D":
        return PriceRow(part_id.strip(), None)
    price = row.get("price", row)
    if not isinstance(price, dict):
        price = {"amount": price, "currency": row.get("currency")}
    return PriceRow(part_id.strip(), Price(_amount(price.get("amount")), _currency(price.get("currency"))))


def _amount(value: Any) -> float:
    try:
        amount = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        amount = math.nan
    if not math.isfinite(amount) or amount < 0:
        raise BadRow("price.amount", shown(value), "must be a number from 0")
    return amount


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value.strip()):
        raise BadRow("price.currency", shown(value), "must be an ISO 4217 code such as CNY")
    return value.strip().upper()


def _event(line: bytes, now: int) -> Event:
    found = event_of(json_object(line), now)
    if isinstance(found, Rejected):
        raise BadRow(found.field, None, found.reason)
    return found


def _instant(field: str, text: str, last: bool = False) -> int:
    """A day or a date-time as milliseconds since 1970; UTC without a zone. `last` takes a day's last millisecond."""
    try:
        then = datetime.datetime.fromisoformat(text.strip())
        then = then.replace(tzinfo=datetime.UTC) if then.tzinfo is None else then
        if last and len(text.strip()) == len("2026-01-01"):
            then += _DAY - _MILLISECOND
        return (then - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        raise BadRow(field, text, "is no date (YYYY-MM-DD) or date-time (ISO 8601)") from None


READERS: Mapping[str, Callable[[bytes, int], Change]] = {
    "stock": _stock,
    "prices": _price,
    "stores": _store,
    "promotions": _promotion,
    "users": _user,
    "events": _event,
}
