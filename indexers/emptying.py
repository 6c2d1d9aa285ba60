"""Full deliveries without an App: what an export that failed looks like, and what would empty a brand."""

from __future__ import annotations

from indexers.assemble_applications import begins
from indexers.errors import EmptyDelivery
from indexers.generation import Generation
from indexers.sources.aces import Deliveries
from indexers.store import Store


def refuse_emptying(deliveries: Deliveries, base: Generation) -> None:
    """Raise `EmptyDelivery` if an update would take away all applications of a brand and bring none."""
    brought = {brand for one in deliveries.found if one.named.adds for brand in one.brands}
    for one in deliveries.found:
        for brand in sorted(one.brands - brought) if one.is_full and not one.named.adds else ():
            count = _applications(base, brand)
            if count:
                raise EmptyDelivery(str(one.file), brand, count)


def _applications(base: Generation, brand: str) -> int:
    """How many applications of the generation belong to a brand."""
    store = Store(base.folder)
    return int(begins(store.blob("rows.ids"), store.get("rows.id_length"), f"{brand}:".encode()).sum())
