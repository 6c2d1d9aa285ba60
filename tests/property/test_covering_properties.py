"""Groups of candidates: a part has a slot of every group exactly if its slots together are true for all candidates."""

from __future__ import annotations

import time
from functools import reduce
from operator import or_
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fitment_rules.covering import covering_groups, split

FULL = 0b111111
MASKS = st.integers(0, FULL)


@given(st.dictionaries(st.integers(0, 20), MASKS), st.dictionaries(st.integers(0, 20), MASKS), st.data())
def test_groups_say_what_covers_all(plain: dict[int, int], noted: dict[int, int], data: st.DataObject) -> None:
    """Of slots true for some and not for all; no group is empty, and none implies another."""
    groups = covering_groups(FULL, plain, noted)
    partial = [{slot: true for slot, true in some.items() if true != FULL} for some in (plain, noted)]
    held = [data.draw(st.sets(st.sampled_from(sorted(some)))) if some else set() for some in partial]
    covered = reduce(or_, (some[slot] for some, slots in zip(partial, held, strict=True) for slot in slots), 0)
    met = [any(slots & set(one) for slots, one in zip(held, group, strict=True)) for group in groups]
    assert (bool(groups) and all(met)) == (covered == FULL)
    sets = [{(field, slot) for field, slots in enumerate(group) for slot in slots} for group in groups]
    assert all(sets)
    assert not any(one <= other for one in sets for other in sets if one is not other)


@given(st.lists(MASKS))
def test_a_split_is_the_coarsest(masks: list[int]) -> None:
    """Two candidates share a group exactly if the same masks hold them."""
    told = {1 << bit: tuple(mask >> bit & 1 for mask in masks) for bit in range(6)}
    wanted = {sum(bit for bit, signature in told.items() if signature == one) for one in told.values()}
    groups, group_of = split(FULL, masks)
    assert all(groups[number] >> bit & 1 for bit, number in enumerate(group_of))
    assert (set(groups), len(groups)) == (wanted, len(wanted))


def test_hundreds_of_vehicles_of_thousands_of_slots_take_no_seconds() -> None:
    """Many makes under one attribute, which is no whole node: each slot is true for a few neighbours."""
    draw = Random(1)
    slots = {slot: (1 << draw.randint(1, 40)) - 1 << draw.randint(0, 1950) for slot in range(20_000)}
    full = reduce(or_, slots.values())
    started = time.process_time()
    assert covering_groups(full, slots, {})
    assert time.process_time() - started < 2.0, "candidates × slots took minutes"
