"""Numbers of distinct tuples: as sorting them whole would give, however few rows are looked at together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexers.numbering import Made, number_tuples
from indexers.scratch import Scratch


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_numbers_are_those_of_sorting_whole(
    seed: int, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexers.scratch.ROWS_AT_ONCE", rows)
    monkeypatch.setattr("indexers.scratch.ROWS_IN_MEMORY", rows + 3)
    rng = np.random.default_rng(seed)
    length = int(rng.integers(0, 400))
    tops = rng.choice([0, 3, 50, 2**31 - 2], int(rng.integers(1, 5)))
    given = [rng.integers(-1, top, length, endpoint=True).astype(np.int32) for top in tops]
    lazy = [Made(length, int(top), one.__getitem__) for top, one in zip(tops, given, strict=True)]
    tuples = list(zip(*(one.tolist() for one in given), strict=True))
    wanted = {one: number for number, one in enumerate(sorted(set(tuples)))}
    for each in (given, lazy):
        for scratch in (Scratch(None), Scratch(tmp_path)):
            numbers, firsts = number_tuples(each, scratch)
            assert numbers.tolist() == [wanted[one] for one in tuples]
            assert firsts.tolist() == [tuples.index(one) for one in wanted]


def test_scratch_holds_what_was_written_and_leaves_nothing_to_be_seen(tmp_path: Path) -> None:
    pieces = [np.arange(first, first + 50_000) for first in range(0, 200_000, 50_000)]
    column = Scratch(tmp_path).joined(200_000, np.int64, pieces)
    assert (column == np.arange(200_000)).all()
    assert list(tmp_path.iterdir()) == []
