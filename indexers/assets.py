"""Pictures and documents that ACES deliveries describe, kept as they were written: nothing here narrows fitment.

An `Asset` row says for which vehicles a picture is good, a `DigitalFileInformation` where its file is. Element names
are those until 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

FILE: Final = "assets"
"""Its file in a generation's folder; one built before there were any has none."""

ROW, INFORMATION = "Asset", "DigitalFileInformation"


class Asset(Struct, frozen=True, gc=False):
    """One of them. `key` names it inside its brand and kind; `xml` is `""` where the delivery takes it away."""

    brand: str
    kind: str
    key: str
    xml: str


def merged(before: Iterable[Asset], brands: Iterable[str], found: Iterable[Asset]) -> list[Asset]:
    """What holds after a delivery that replaces all of `brands`, in order of appearance."""
    replaced = set(brands)
    kept = {(one.kind, one.brand, one.key): one for one in before if one.brand not in replaced}
    for one in found:
        kept[one.kind, one.brand, one.key] = one
    return [one for one in kept.values() if one.xml]
