"""Whether one set of conditions contains another: whatever meets the narrow one meets the wide one."""

from __future__ import annotations

from collections.abc import Collection

from fitment_rules.conditions import AnyOf, Built, Condition, Years
from fitment_rules.model import Window


def contains(wide: Collection[Condition], narrow: Collection[Condition]) -> bool:
    """True if it follows from the conditions themselves; false may also mean that it does not show."""
    return all(any(_within(one, other) for one in narrow) for other in wide)


def _within(narrow: Condition, wide: Condition) -> bool:
    match narrow, wide:
        case AnyOf(name, keys), AnyOf(other, more):
            return name == other and keys <= more
        case (Years(few), Years(many)) | (Built(few), Built(many)):
            return _inside(few, many)
        case _:
            return narrow == wide


def _inside(few: Window, many: Window) -> bool:
    starts = many.start is None or (few.start is not None and few.start >= many.start)
    ends = many.end is None or (few.end is not None and few.end <= many.end)
    return starts and ends
