"""Experiments over the live store, where a worker stops between two writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from search_service.live.errors import LiveUnavailable
from search_service.live.experiments import Experiments, TrialArm
from search_service.live.port import Kind
from search_service.live.sqlite import SqliteLive, open_sqlite

ARMS = (TrialArm("a", 0.5), TrialArm("b", 0.5))


def test_an_end_that_was_broken_off_can_be_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It then is shown no more, and the next one may start; its time of ending stays."""
    store, times = open_sqlite(tmp_path), iter(range(10))
    experiments = Experiments(store, lambda: next(times))
    experiments.start("one", ARMS)

    def stopped(*_: object) -> bool:
        raise LiveUnavailable("stopped")

    with monkeypatch.context() as patched:
        patched.setattr(SqliteLive, "swap", stopped)
        with pytest.raises(LiveUnavailable):
            experiments.end("one")
    assert store.get(Kind.POINTERS, "experiment") == b"one"
    ended = experiments.end("one")
    assert ended is not None
    assert ended.ended == 1
    assert experiments.running() is None
    assert experiments.start("two", ARMS).name == "two"
    store.close()
