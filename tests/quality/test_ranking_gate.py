"""A new model is published only if it beats popularity and the model in service on what neither has seen."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from benchmarks.ranking_shop import NOW, Shop, make_shop
from ranking.evaluate import Interval, ndcg
from ranking.fit import Catalogue
from ranking.incumbent import Incumbent
from ranking.interactions import read_log
from ranking.judging import gains_by, graded, replay
from ranking.policy import Policy
from ranking.train import held_out, train
from ranking.trained import Settings, TrainedModel

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


def until(shop: Shop, share: float) -> list[dict[str, Any]]:
    return list(shop.events[: int(len(shop.events) * share)])


@pytest.fixture(scope="module")
def former(shop: Shop) -> TrainedModel:
    return train(until(shop, 0.8), shop.items, now=NOW, seed=1)


def test_a_successor_that_knows_more_is_published(shop: Shop, former: TrainedModel) -> None:
    """Trained on what the one in service knew and more, and judged on what neither has seen, it is not worse."""
    report = train(shop.events, shop.items, now=NOW, seed=1, incumbent=Incumbent(former.model, former.window[1])).report
    assert report.against_former is not None
    assert report.against_former.value >= 1.0
    assert report.against_former.n == report.held_out
    assert report.passes


def test_a_successor_that_is_worse_stays_out(former: TrainedModel) -> None:
    """One in a hundred is enough, however much better than popularity it is."""
    worse = Interval(0.99, 0.98, 1.01, 300)
    assert former.report.passes
    assert not dataclasses.replace(former.report, against_former=worse).passes


def test_a_model_is_as_good_as_itself(shop: Shop) -> None:
    """Asked by ids and names, the model in service orders every choice as it does by its own numbers."""
    catalogue = Catalogue.of(shop.items)
    log = read_log(shop.events, catalogue.index)
    model, sets = held_out(catalogue, log, Settings(), 1)
    ours, _ = replay(model, log, sets, Policy.default())
    theirs = gains_by(Incumbent(model, 0.0), catalogue, log, sets, Policy.default())
    assert theirs == pytest.approx(ndcg(graded(sets, ours)), abs=1e-12)


def test_without_new_events_there_is_nothing_to_compare(shop: Shop, former: TrainedModel) -> None:
    """Retrained on the same log, the model in service has seen every held-out choice: popularity alone decides."""
    same = train(until(shop, 0.8), shop.items, now=NOW, seed=1, incumbent=Incumbent(former.model, former.window[1]))
    assert same.report.against_former is None
    assert same.report.passes
    assert same.model.version == former.model.version


def test_parts_the_model_in_service_does_not_know_are_no_obstacle(shop: Shop, former: TrainedModel) -> None:
    """Numbers differ between catalogues; the comparison goes by ids and names."""
    items = shop.items
    columns = [list(reversed(column)) for column in (items.part_ids, items.part_types, items.brands, items.qualities)]
    renamed = dataclasses.replace(
        items, part_ids=["NEW", *columns[0]], part_types=["type0", *columns[1]], brands=["brand0", *columns[2]],
        qualities=["oe", *columns[3]], price=[9.0, *list(np.asarray(items.price))[::-1]],
    )  # fmt: skip
    report = train(shop.events, renamed, now=NOW, seed=1, incumbent=Incumbent(former.model, former.window[1])).report
    assert report.against_former is not None
    assert report.against_former.value == pytest.approx(1.0, abs=0.05)
