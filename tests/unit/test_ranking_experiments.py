"""Assignment of people to arms."""

from __future__ import annotations

from collections import Counter

import pytest

from ranking.experiments import Arm, Experiment

HALVES = Experiment("order", (Arm("a", 0.5), Arm("b", 0.5)))


def test_a_person_stays_in_his_arm() -> None:
    """The same user gets the same arm in every session and on every worker."""
    assert {HALVES.arm_of("u1", f"s{i}") for i in range(50)} == {HALVES.arm_of("u1")}


def test_shares_are_kept() -> None:
    """Ten thousand people split 20 : 30, half of them outside, within three standard deviations."""
    experiment = Experiment("e", (Arm("a", 0.2), Arm("b", 0.3)))
    counts = Counter(experiment.arm_of(f"u{i}") for i in range(10_000))
    assert counts["a"] == pytest.approx(2000, abs=120)
    assert counts["b"] == pytest.approx(3000, abs=140)


def test_experiments_are_independent() -> None:
    """Knowing the arm in one says nothing about the arm in another."""
    other = Experiment("price", HALVES.arms)
    same = sum(HALVES.arm_of(f"u{i}") == other.arm_of(f"u{i}") for i in range(10_000))
    assert same == pytest.approx(5000, abs=160)


def test_another_arm_at_the_end_moves_nobody() -> None:
    """People of the first arm keep it."""
    one, two = Experiment("e", (Arm("a", 0.3),)), Experiment("e", (Arm("a", 0.3), Arm("b", 0.7)))
    people = [f"u{i}" for i in range(1000)]
    assert all(two.arm_of(who) == "a" for who in people if one.arm_of(who) == "a")


def test_nobody_has_no_arm() -> None:
    """Without user and session there is nothing to hash."""
    assert HALVES.arm_of(None) is None


@pytest.mark.parametrize("arms", [(Arm("a", 0.7), Arm("b", 0.7)), (Arm("a", -0.1),), (Arm("a", 0.1), Arm("a", 0.1))])
def test_shares_that_cannot_be_are_refused(arms: tuple[Arm, ...]) -> None:
    """More than everybody, less than nobody, or two arms of one name."""
    with pytest.raises(ValueError, match="experiment 'e'"):
        Experiment("e", arms)
