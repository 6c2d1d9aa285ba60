"""What bounds the cost of a training: people, choices, and the factors a later fit begins from."""

from __future__ import annotations

import numpy as np
import pytest

from ranking import choices as choice_sets
from ranking.als import fit_als
from ranking.errors import TrainingError
from ranking.fit import _latest_people
from ranking.interactions import Log, read_log


def log_of(*acts: tuple[str, int]) -> Log:
    """Each act, of a user on part `p` at a minute, follows its own query that showed `p` and `q`."""
    events: list[dict[str, object]] = []
    for user, minute in acts:
        common = {"user_id": user, "query_id": f"q{minute}"}
        events.append(common | {"query_response_hit_ids": ["p", "q"], "timestamp": f"2026-01-01T00:{minute:02}:00Z"})
        act = {"action_name": "click", "event_attributes": {"object": {"object_id": "p"}}}
        events.append(common | act | {"timestamp": f"2026-01-01T00:{minute:02}:30Z"})
    return read_log(events, {"p": 0, "q": 1})


def test_all_acts_of_those_who_acted_last_are_kept_and_no_impression() -> None:
    """Of three people two are kept, with their early acts, numbered from 0."""
    kept = _latest_people(log_of(("a", 1), ("b", 2), ("c", 3), ("a", 4)), 2)
    assert (kept.users, kept.user.tolist(), kept.acts.all()) == (["u:a", "u:c"], [0, 1, 0], True)


def test_some_choices_are_drawn_by_seed_in_time_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seed draws the same two of four choices; without a seed there are all."""
    monkeypatch.setattr(choice_sets, "MOST_CHOICES", 2)
    log = log_of(("a", 1), ("b", 2), ("c", 3), ("a", 4))
    drawn = [[choice.time for choice in choice_sets.choices(log, 0.0, 1e6, 1)] for _ in range(2)]
    assert drawn[0] == drawn[1] == sorted(drawn[0])
    assert (len(drawn[0]), len(list(choice_sets.choices(log, 0.0, 1e6)))) == (2, 4)


def test_a_start_of_another_shape_never_reaches_the_library() -> None:
    """It would be read beyond its end."""
    one = np.zeros(1, np.int32)
    with pytest.raises(TrainingError, match="shape"):
        fit_als(
            one, one, np.ones(1), (1, 3), factors=2, regularization=0.1, iterations=1, seed=0,
            start=np.zeros((2, 2), np.float32),
        )  # fmt: skip
