"""Files and request bodies into the live state, row by row: a bad row goes to quarantine and stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from indexers.errors import BadRow
from indexers.quarantine import Quarantined
from indexers.rows import RowKind
from indexers.sources.blocks import Piece
from indexers.sources.files import pieces_of
from indexers.sources.lines import cut
from search_service.live.model import Event, PriceRow, StockRow
from search_service.live.port import Kind, LiveStore
from search_service.live.rows import Change, Document, read_change
from search_service.privacy import scrub

BATCH = 2000  # rows of one transaction: short enough that other writers never wait long
NOT_ROWS = frozenset({"events", "prices"})  # kinds that come as JSON Lines only


class Line(NamedTuple):
    """One row as JSON, and where it stood."""

    file: str
    number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the rows. `removed` counts rows that a complete load took away."""

    read: int
    accepted: int
    quarantined: int
    removed: int = 0

    @property
    def bad_share(self) -> float:
        """Quarantined over read, 0 for nothing read."""
        return self.quarantined / self.read if self.read else 0.0


def file_lines(kind: str, files: Iterable[Path]) -> Iterator[Line]:
    """Rows of JSON Lines or CSV files, gzipped or not. Raises `UnreadableSource`."""
    for file in files:
        for piece in _pieces(kind, file):
            for block in piece.blocks():
                rows = block.data.splitlines()
                yield from (Line(str(file), block.line_of(i), row) for i, row in enumerate(rows) if row.strip())


def body_lines(body: bytes, name: str = "body") -> Iterator[Line]:
    """Rows of an NDJSON request body; the lines count from 1."""
    return (Line(name, number, row) for number, row in enumerate(body.splitlines(), 1) if row.strip())


def load(
    store: LiveStore,
    kind: Kind | str,
    lines: Iterable[Line],
    *,
    now: int,
    quarantine: Callable[[Quarantined], None],
    complete: bool = False,
    bad_share: float = 1.0,
) -> Loaded:
    """Apply rows of one kind (`stock`, `prices`, `stores`, `promotions`, `users`, `events`) in their order.

    `complete` takes away whatever no row of a complete file names, unless more than the share `bad_share` of its rows
    is bad: then they are only added, and the caller sees it in `Loaded.bad_share`.
    """
    counts = {"read": 0, "bad": 0}
    seen: set[int] = set()
    changes = _changes(str(kind), lines, now, quarantine, counts)
    while batch := list(islice(changes, BATCH)):
        write(store, str(kind), batch)
        if complete:
            seen.update(hash(_identity(change)) for change in batch)
    loaded = Loaded(counts["read"], counts["read"] - counts["bad"], counts["bad"])
    if not complete or loaded.bad_share > bad_share:
        return loaded
    return Loaded(loaded.read, loaded.accepted, loaded.quarantined, _remove_others(store, str(kind), seen, now))


def write(store: LiveStore, kind: str, changes: Sequence[Change]) -> None:
    """Apply changes of one kind at once; of several for one id the last counts."""
    if kind == "events":
        store.append(change for change in changes if isinstance(change, Event))
    elif kind == Kind.STOCK:
        store.put_stock([change for change in changes if isinstance(change, StockRow)])
    elif kind == Kind.PRICES:
        store.put_prices([change for change in changes if isinstance(change, PriceRow)])
    else:
        store.put(Kind(kind), {change.key: change.body for change in changes if isinstance(change, Document)})


def _changes(
    kind: str, lines: Iterable[Line], now: int, quarantine: Callable[[Quarantined], None], counts: dict[str, int]
) -> Iterator[Change]:
    for line in lines:
        counts["read"] += 1
        try:
            yield read_change(kind, line.data, now)
        except BadRow as bad:
            counts["bad"] += 1
            value = scrub(bad.value) if isinstance(bad.value, str) else bad.value
            quarantine(Quarantined(kind, line.file, line.number, bad.field, value, scrub(bad.reason)))


def _identity(change: Change) -> object:
    match change:
        case StockRow():
            return (change.part_id, change.store_id)
        case PriceRow():
            return change.part_id
        case Document():
            return change.key
        case Event():
            return change.key


def _remove_others(store: LiveStore, kind: str, seen: set[int], now: int) -> int:
    """Take back what is there and not among `seen` hashes."""
    others = _others(store, kind, seen, now)
    removed = 0
    while batch := list(islice(others, BATCH)):
        write(store, kind, batch)
        removed += len(batch)
    return removed


def _others(store: LiveStore, kind: str, seen: set[int], now: int) -> Iterator[Change]:
    if kind == Kind.STOCK:
        rows = [row for row in store.stock_since(0) if row.quantity is not None]
        yield from (
            StockRow(row.part_id, row.store_id, None, now)
            for row in rows
            if hash((row.part_id, row.store_id)) not in seen
        )
    elif kind == Kind.PRICES:
        prices = [row for row in store.prices_since(0) if row.price is not None]
        yield from (PriceRow(row.part_id, None) for row in prices if hash(row.part_id) not in seen)
    elif kind != "events":
        keys = [key for key, _ in store.items(Kind(kind))]
        yield from (Document(key, None) for key in keys if hash(key) not in seen)


def _pieces(kind: str, file: Path) -> Sequence[Piece]:
    if kind in NOT_ROWS:
        return cut(RowKind.USERS, file, 1)
    return pieces_of(RowKind(kind), [file])
