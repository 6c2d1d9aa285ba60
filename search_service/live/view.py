"""The copy of the live state that requests read: one immutable snapshot a worker, replaced when the store changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from search_service.live.columns import StockColumns
from search_service.live.errors import LiveError
from search_service.live.model import ONLINE, Price, Store
from search_service.live.places import Places
from search_service.live.port import Kind, LiveStore
from search_service.live.promotions import PromotionBook
from search_service.live.records import promotions_of, stores_of

T = TypeVar("T")
LOAD_ROWS = 200_000  # rows turned into columns at once while loading: bounds the memory of the first load
SEQUENCES_KEPT = 4  # generations in use at a time: the present one and those that cursors still name
MERGE_PRICES = 1000  # changed prices kept apart before the whole table is copied


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices set live; a small newer table over a large older one, so that a change copies little."""

    settled: Mapping[str, Price] = field(default_factory=dict)
    newer: Mapping[str, Price | None] = field(default_factory=dict)

    def get(self, part_id: str) -> Price | None:
        """The live price of a part, None if its generation's price holds."""
        return self.newer[part_id] if part_id in self.newer else self.settled.get(part_id)

    def with_changes(self, changes: Mapping[str, Price | None]) -> Prices:
        """Prices after changes; None takes a price back."""
        newer = {**self.newer, **changes}
        if len(newer) <= MERGE_PRICES:
            return Prices(self.settled, newer)
        merged = {**self.settled, **newer}
        return Prices({part_id: price for part_id, price in merged.items() if price is not None})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The live state of one moment. `stale` is True while the store does not answer: what is here may be old.

    `versions` are the change counters it was read at; compare `versions[Kind.POINTERS]` to notice new policies.
    """

    versions: Mapping[str, int] = field(default_factory=dict)
    columns: StockColumns = field(default_factory=StockColumns.empty)
    prices: Prices = Prices()
    stores: Mapping[str, Store] = field(default_factory=dict)
    places: Places = field(default_factory=lambda: Places.of({}))
    promotions: PromotionBook = field(default_factory=PromotionBook)
    stale: bool = True

    @property
    def stock_sequence(self) -> int:
        """The last stock write this snapshot knows of."""
        return self.versions.get(Kind.STOCK, 0)

    @property
    def price_sequence(self) -> int:
        """The last price write this snapshot knows of."""
        return self.versions.get(Kind.PRICES, 0)

    def stock(self, part_id: str) -> dict[str, int]:
        """Known quantities of a part by store id, `online` among them."""
        return self.columns.of(part_id)

    def quantities(self, part_ids: Sequence[str], store: str = ONLINE) -> NDArray[np.float64]:
        """Quantity of each part at one store, NaN where unknown."""
        return self.columns.at_store(part_ids, store)

    def available(self, part_ids: Sequence[str], store: str | None = None) -> NDArray[np.bool_]:
        """Whether each part is in stock at `store`, or anywhere (the web warehouse included) without one."""
        if store is None:
            return self.columns.anywhere(part_ids)
        return np.nan_to_num(self.columns.at_store(part_ids, store)) > 0

    def price(self, part_id: str) -> Price | None:
        """The live price, None if the price of the part's generation holds."""
        return self.prices.get(part_id)


class LiveView:
    """Follows one store. `snapshot()` looks for changes at most every `interval` seconds.

    With `background` a thread does the looking, for stores where a look is a network call; `close` ends it.
    """

    def __init__(
        self,
        store: LiveStore,
        interval: float = 0.2,
        clock: Callable[[], float] = time.monotonic,
        background: bool = False,
    ) -> None:
        self._store = store
        self._interval = interval
        self._clock = clock
        self._lock = threading.Lock()
        self._snapshot = Snapshot()
        self._changed: dict[int, tuple[int, frozenset[str]]] = {}
        self._repriced: dict[int, tuple[int, Mapping[str, Price | None]]] = {}
        self._closing = threading.Event()
        self.refresh()
        self._thread = threading.Thread(target=self._follow, name="live-view", daemon=True) if background else None
        if self._thread is not None:
            self._thread.start()

    def snapshot(self) -> Snapshot:
        """The state to answer one request from."""
        if self._thread is None and self._clock() - self._looked >= self._interval:
            self.refresh()
        return self._snapshot

    def refresh(self) -> Snapshot:
        """Look now; call it after a write of one's own. A store that does not answer leaves a stale snapshot."""
        with self._lock:
            self._looked = self._clock()
            try:
                versions = self._store.versions()
                if self._snapshot.stale or versions != self._snapshot.versions:
                    self._snapshot = self._read(self._snapshot, versions)
            except LiveError:
                self._snapshot = replace(self._snapshot, stale=True)
            return self._snapshot

    def changed_since(self, sequence: int) -> frozenset[str]:
        """Parts that came into or went out of stock somewhere after a stock sequence: their folded stock is old."""
        upto = self._snapshot.stock_sequence
        known, parts = self._changed.get(sequence, (sequence, frozenset[str]()))
        if upto > known:
            parts = parts.union(self._store.flipped_since(known))
            self._changed = _latest(self._changed, sequence, (upto, parts))
        return parts

    def repriced_since(self, sequence: int) -> Mapping[str, Price | None]:
        """Prices set (or taken back: None) after a price sequence: their folded price is old."""
        upto = self._snapshot.price_sequence
        known, prices = self._repriced.get(sequence, (sequence, {}))
        if upto > known:
            prices = {**prices, **{row.part_id: row.price for row in self._store.prices_since(known)}}
            self._repriced = _latest(self._repriced, sequence, (upto, prices))
        return prices

    def close(self) -> None:
        """End the following thread; the store stays open."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _follow(self) -> None:
        while not self._closing.wait(self._interval):
            self.refresh()

    def _read(self, old: Snapshot, versions: Mapping[str, int]) -> Snapshot:
        def moved(kind: Kind) -> bool:
            return versions.get(kind, 0) != old.versions.get(kind, 0)

        stores = stores_of(self._store) if moved(Kind.STORES) else old.stores
        promotions = PromotionBook.of(promotions_of(self._store)) if moved(Kind.PROMOTIONS) else old.promotions
        return Snapshot(
            versions=dict(versions),
            columns=self._read_stock(old) if moved(Kind.STOCK) else old.columns,
            prices=self._read_prices(old) if moved(Kind.PRICES) else old.prices,
            stores=stores,
            places=Places.of(stores) if moved(Kind.STORES) else old.places,
            promotions=promotions,
            stale=False,
        )

    def _read_stock(self, old: Snapshot) -> StockColumns:
        columns, batch = old.columns, []
        for row in self._store.stock_since(old.stock_sequence):
            batch.append((row.part_id, row.store_id, row.quantity))
            if len(batch) >= LOAD_ROWS:
                columns, batch = columns.with_changes(batch), []
        return columns.with_changes(batch)

    def _read_prices(self, old: Snapshot) -> Prices:
        changes = {row.part_id: row.price for row in self._store.prices_since(old.price_sequence)}
        return old.prices.with_changes(changes)


def _latest(kept: Mapping[int, T], sequence: int, value: T) -> dict[int, T]:
    """`kept` with one more entry, the oldest entries dropped."""
    others = [item for item in kept.items() if item[0] != sequence]
    return dict([*others[-(SEQUENCES_KEPT - 1) :], (sequence, value)])
