"""Taste of one customer: the arithmetic that serves against the model written out."""

from __future__ import annotations

import numpy as np
import pytest

from ranking.choice_taste import TasteSpace


def space(seed: int = 0) -> TasteSpace:
    """Three types with four, four and two cells in three directions."""
    random = np.random.default_rng(seed)
    cells = random.normal(size=(3, 4, 3)).astype(np.float32)
    shares = random.random((3, 4)).astype(np.float32)
    shares[2, 2:] = 0.0
    return TasteSpace.of(np.zeros((0, 3), np.float32), cells, shares / shares.sum(1, keepdims=True))


def test_taste_is_two_newton_steps_of_the_mixed_logit() -> None:
    """Gradient and curvature of log prior + evidence × log choice, summed act by act, from the prior's mean."""
    ours = space()
    types = np.array([0, 2, 0, 1], np.int32)
    chosen = np.stack([ours.cells[0, 1], ours.cells[2, 0], ours.cells[0, 1], ours.cells[1, 3]])
    evidence = np.array([1.0, 0.5, 0.25, 2.0])
    mean = np.zeros(3)
    for _ in range(2):
        slope, curve = -mean, np.eye(3)
        for kind, vector, weight in zip(types, chosen, evidence, strict=True):
            odds = ours.shares[kind] * np.exp(ours.cells[kind] @ mean)
            chance = odds / odds.sum()
            middle = chance @ ours.cells[kind]
            slope = slope + weight * (vector - middle)
            spread = (ours.cells[kind] * chance[:, None]).T @ ours.cells[kind] - np.outer(middle, middle)
            curve = curve + weight * spread
        mean = mean + np.linalg.solve(curve, slope)
    assert ours.taste(chosen, types, evidence) == pytest.approx(mean, abs=1e-4)


@pytest.mark.parametrize(("types", "evidence"), [([-1, -1], [1.0, 1.0]), ([0, 1], [0.0, 0.0]), ([], [])])
def test_without_evidence_there_is_no_taste(types: list[int], evidence: list[float]) -> None:
    """Unknown types, acts that say nothing, and no acts."""
    chosen = np.zeros((len(types), 3), np.float32)
    assert space().taste(chosen, np.array(types, np.int32), np.array(evidence)) is None
