"""Facts of the kind "this maker lists no part of that type for these vehicles".

Suppliers write them as applications of a part number such as `N/A`. They are no parts and no fitment; they are kept
with the generation, by application id, so that a customer can be told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

UNSOLD: Final = frozenset(
    {
        "",
        "-",
        "--",
        "null",
        "not serviced",
        "na",
        "n/a",
        "n.a.",
        "nr",
        "n/r",
        "n.r.",
        "#n/a",
        "nla",
        "none",
        "no part",
        "not listed",
        "not available",
        "not required",
        "discontinued",
    }
)
"""Part numbers, in lower case, that say there is none."""

FILE = "unlisted"
"""Its file in a generation's folder."""


class Unlisted(Struct, frozen=True, gc=False):
    """One such fact; its records are as rules have them. `part_number` is what stood in the number's place."""

    application_id: str
    brand: str
    part_type: str
    selector: str
    condition: str
    part_number: str = ""
    notes: str = "[]"
    position: str = "[]"
    detail: str = "{}"


def says_none(part_id: str) -> bool:
    """True if the part number in a part id (`BRAND:NUMBER`) is no number but says that there is none."""
    return part_id.rpartition(":")[2].strip().lower() in UNSOLD


def merged(
    before: Iterable[Unlisted], brands: Iterable[str], gone: Iterable[str], found: Iterable[Unlisted]
) -> list[Unlisted]:
    """What holds after a delivery: facts of the brands it replaces and of application ids it ends are gone."""
    replaced, ended = set(brands), set(gone)
    kept = {one.application_id: one for one in before if one.brand not in replaced}
    for application_id in ended:
        kept.pop(application_id, None)
    kept |= {one.application_id: one for one in found}
    return sorted(kept.values(), key=lambda one: one.application_id)
