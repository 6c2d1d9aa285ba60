"""Which slots a part must have so that together they are true for every candidate.

Candidates that every slot treats alike form a **group**: a part covers it with any of the slots true for it. All work
is done on the distinct bit sets of the slots, since many slots share one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TypeAlias

Slots: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""Ascending slots of field `slots`, and of `note_slots`."""


def covering_groups(full: int, plain: Mapping[int, int], noted: Mapping[int, int]) -> list[Slots]:
    """For each group the slots true for it but not for all candidates (`full`), without groups that others imply.

    `plain` and `noted` give for each slot the candidates it is true for. No groups if some candidate is covered by no
    such slot.
    """
    masks, slots = _distinct(full, plain, noted)
    if reduce(or_, masks, 0) != full:
        return []
    return [_merged(slots[number] for number in members) for members in _least(_members(full, masks))]


def split(full: int, masks: Iterable[int]) -> tuple[list[int], list[int]]:
    """The coarsest split of the candidates such that each mask holds all of a group or none; the group of each bit.

    Partition refinement (Paige and Tarjan, 1987): a mask looks only at groups it touches, and of a group that it cuts
    the smaller half moves.
    """
    groups, group_of = [full] if full else [], [0] * full.bit_length()
    for mask in masks:
        for number in _touched(mask, groups, group_of):
            inside = groups[number] & mask
            if outside := groups[number] ^ inside:
                moved, groups[number] = sorted((inside, outside), key=int.bit_count)
                for bit in _bits(moved):
                    group_of[bit] = len(groups)
                groups.append(moved)
    return groups, group_of


def _distinct(
    full: int, plain: Mapping[int, int], noted: Mapping[int, int]
) -> tuple[list[int], list[tuple[list[int], list[int]]]]:
    """The sets of candidates, neither empty nor full, that slots are true for, and the slots of each."""
    held: dict[int, tuple[list[int], list[int]]] = {}
    for field, some in enumerate((plain, noted)):
        for slot, true in some.items():
            if true and true != full:
                held.setdefault(true, ([], []))[field].append(slot)
    return list(held), list(held.values())


def _members(full: int, masks: Sequence[int]) -> list[list[int]]:
    """For each group the numbers of the masks that hold it."""
    groups, group_of = split(full, masks)
    members: list[list[int]] = [[] for _ in groups]
    for one, mask in enumerate(masks):
        for number in _touched(mask, groups, group_of):
            members[number].append(one)
    return members


def _least(members: Iterable[Sequence[int]]) -> Iterator[Sequence[int]]:
    """Those that include no other; found under their first member, which an including one has too."""
    kept: dict[int, list[frozenset[int]]] = {}
    for some in sorted(members, key=len):
        held = frozenset(some)
        if not any(fewer <= held for member in some for fewer in kept.get(member, ())):
            kept.setdefault(some[0], []).append(held)
            yield some


def _touched(mask: int, groups: Sequence[int], group_of: Sequence[int]) -> Iterator[int]:
    """Numbers of the groups that share a candidate with `mask`; the one last given may be cut in between."""
    while mask:
        number = group_of[_low(mask)]
        mask &= ~groups[number]
        yield number


def _low(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _bits(bits: int) -> Iterator[int]:
    while bits:
        yield _low(bits)
        bits &= bits - 1


def _merged(some: Iterable[tuple[list[int], list[int]]]) -> Slots:
    plain: list[int] = []
    noted: list[int] = []
    for one in some:
        plain += one[0]
        noted += one[1]
    return tuple(sorted(plain)), tuple(sorted(noted))
