"""What comes next: transitions, session neighbours, and factors of what nobody touched."""

from __future__ import annotations

import numpy as np
import pytest

from ranking.content import OWN_ACTS, mixed
from ranking.content_ridge import learn_content
from ranking.features import Coded, ItemFeatures, code_of, learn_coding
from ranking.neighbours import Neighbours
from ranking.sequences import Sequences
from ranking.sessions import SessionNeighbours
from ranking.transitions import transitions


def row(found: Neighbours, item: int) -> dict[int, float]:
    items, strength = found.of(item)
    return dict(zip(items.tolist(), strength.tolist(), strict=True))


def test_transitions_are_directed_and_fade_with_distance() -> None:
    """In 0 → 1 → 2 the next of 0 is 1, then 2 by the decay; nothing follows 2."""
    found = transitions(Sequences.of([[0, 1, 2]], 3), decay=0.5, damping=0.0)
    assert row(found, 0) == {1: 1.0, 2: 0.5}
    assert row(found, 2) == {}


def test_what_follows_everything_says_little() -> None:
    """Popular targets are damped by their count."""
    found = transitions(Sequences.of([[0, 1], [0, 2], [3, 2], [4, 2], [5, 2]], 6), damping=1.0)
    assert row(found, 0) == {1: 1.0, 2: 0.25}


def test_an_item_does_not_follow_itself_and_only_the_strongest_are_kept() -> None:
    """A repeated item is no transition; `most` cuts the weakest."""
    found = transitions(Sequences.of([[0, 0, 1], [0, 1], [0, 2]], 3), damping=0.0, most=1)
    assert row(found, 0).keys() == {1}


def test_sequences_refuse_items_that_are_none() -> None:
    """Numbers outside the catalogue never reach a matrix."""
    with pytest.raises(ValueError, match="outside"):
        Sequences.of([[0, 7]], 3)
    with pytest.raises(ValueError, match="outside"):
        Sequences.of([[-1]], 3)


def test_columns_become_histories_in_time_order_without_immediate_repeats() -> None:
    """A view and a click on the same part are one step."""
    owner, item = np.array([0, 0, 0, 2], np.int32), np.array([5, 3, 3, 1], np.int32)
    found = Sequences.of_columns(owner, item, np.array([2.0, 1.0, 1.5, 0.0]), 6)
    assert [found[row].tolist() for row in range(len(found))] == [[3, 5], [1]]


SESSIONS = Sequences.of([[0, 1, 2], [0, 1, 3], [4, 5]], 7)


def scores(session: list[int]) -> dict[int, float]:
    neighbours = SessionNeighbours.of(SESSIONS.starts, SESSIONS.items, SESSIONS.size)
    items, score = neighbours.next_items(np.array(session, np.int32))
    return dict(zip(items.tolist(), score.tolist(), strict=True))


def test_a_visitor_gets_what_others_went_on_to() -> None:
    """After 0 and 1 others took 2 or 3, never 5; after 4 they took 5."""
    assert {2, 3} <= scores([0, 1]).keys()
    assert 5 not in scores([0, 1])
    assert scores([4]).keys() == {5}


def test_the_latest_item_of_a_session_counts_most() -> None:
    """Coming from 0 to 4 the visitor is offered what follows 4 first."""
    found = scores([0, 4])
    assert max(found, key=lambda item: found[item]) == 5


@pytest.mark.parametrize("session", [[], [-1], [6], [99], [-1, 99]])
def test_unknown_items_have_no_neighbours(session: list[int]) -> None:
    """Empty, unknown and never seen items give nothing and raise nothing."""
    assert scores(session) == {}


def test_a_part_nobody_touched_gets_the_factors_of_its_like() -> None:
    """Type and position decide: a new front pad is expected where the other front pads are."""
    count = 40
    types = ["pad", "oil"] * (count // 2)
    traits = [(f"position={'front' if n % 4 < 2 else 'rear'}",) for n in range(count)]
    items = ItemFeatures([f"P{n}" for n in range(count)], types, ["b"] * count, ["oe"] * count, [1.0] * count)
    coding = learn_coding(items)
    codes = code_of(types, coding.codes()[0])
    nought = np.zeros(count, np.int32)
    factors = np.stack([codes * 2.0 - 1, [n % 4 < 2 for n in range(count)]], 1).astype(np.float32)
    content = learn_content(coding, Coded(codes, nought, nought, nought), traits, factors, np.full(count, 50.0))
    one = np.zeros(1, np.int32)
    pad = Coded(code_of(["pad"], coding.codes()[0]), one, one, one)
    front, rear = (content.factors(pad, [(f"position={place}",)])[0] for place in ("front", "rear"))
    assert front[0] == pytest.approx(1.0, abs=0.3)
    assert front[1] - rear[1] > 0.5


def test_factors_are_mixed_by_the_acts_behind_them() -> None:
    """Nothing of its own without acts, half at `OWN_ACTS`."""
    own, content = np.ones((2, 1), np.float32), np.zeros((2, 1), np.float32)
    assert mixed(own, content, np.array([0.0, OWN_ACTS])).ravel().tolist() == [0.0, 0.5]
