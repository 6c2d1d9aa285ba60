"""The parts of each slot, turned round from the applications of each part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexers import slot_parts
from indexers.columns import ragged, starts_of
from indexers.store import Store


@pytest.mark.parametrize("rows_at_once", [1, 3, 1000])
def test_every_slot_names_the_parts_that_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int
) -> None:
    """However few rows are turned round together; parts without rows and slots without parts are no trouble."""
    chance = np.random.default_rng(1)
    rows_of, slots_of = chance.integers(0, 4, 40), chance.integers(0, 5, 12)
    rule = chance.integers(0, len(slots_of), int(rows_of.sum())).astype(np.int32)
    members = chance.integers(0, 18, int(slots_of.sum())).astype(np.int32)
    store, starts = Store(tmp_path), starts_of(slots_of)
    for name, column in (
        ("rows.starts", starts_of(rows_of)), ("rows.rule", rule),
        ("rule_slots.starts", starts), ("rule_slots.members", members),
    ):  # fmt: skip
        store.put(name, column)
    monkeypatch.setattr(slot_parts, "ROWS_AT_ONCE", rows_at_once)
    slot_parts.write_slot_parts(store, 20)
    expected: list[list[int]] = [[] for _ in range(20)]
    for part, rules in enumerate(np.split(rule, np.cumsum(rows_of)[:-1])):
        for slot in members[ragged(starts[rules], slots_of[rules])].tolist():
            expected[slot].append(part)
    ends, parts = store.get(slot_parts.STARTS), store.get(slot_parts.MEMBERS)
    assert [parts[ends[slot] : ends[slot + 1]].tolist() for slot in range(20)] == expected
