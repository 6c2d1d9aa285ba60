"""A model learns tastes that were planted, and nothing from a log without any."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmarks.ranking_shop import NOW, QUALITIES, Shop, make_shop
from ranking.profile import Candidates, Past
from ranking.train import train
from ranking.trained import TrainedModel

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop()


@pytest.fixture(scope="module")
def trained(shop: Shop) -> TrainedModel:
    return train(shop.events, shop.items, now=NOW, seed=1)


def test_personalised_order_beats_the_same_order_without_it(trained: TrainedModel) -> None:
    """Held-out NDCG@10 rises by a tenth at least, with an interval above 1, and the gate opens."""
    assert trained.report.ratio.value > 1.10
    assert trained.report.ratio.low > 1.0
    assert trained.report.passes


def test_people_without_history_lose_nothing(trained: TrainedModel) -> None:
    """For them both orders are the same order."""
    assert not trained.report.cold_ratio.n or trained.report.cold_ratio.value == 1.0


def test_the_planted_brand_and_quality_score_highest(shop: Shop, trained: TrainedModel) -> None:
    """For eight customers in ten the liked brand scores above the nine others, on parts not seen before."""
    brands = sorted(set(shop.items.brands))
    same = ["?"] * len(brands)
    new = Candidates(same, ["type0"] * len(brands), brands, same, [float("nan")] * len(brands))
    hits = []
    for user in range(60):
        past = _past(shop, f"u{user}")
        scores = trained.model.score(trained.model.profile(past), new)
        hits.append(brands[int(scores.argmax())] == shop.favourite[user])
    assert np.mean(hits) > 0.8


def test_tastes_that_are_not_there_are_not_learnt() -> None:
    """With every customer's acts given to somebody at random, the gain vanishes: at most 4 % either way."""
    shop = make_shop(seed=3)
    random = np.random.default_rng(0)
    owner = {event["query_id"]: f"u{random.integers(120)}" for event in shop.events}
    mixed = [event | {"user_id": owner[event["query_id"]]} for event in shop.events]
    report = train(mixed, shop.items, now=NOW, seed=1).report
    assert report.ratio.value == pytest.approx(1.0, abs=0.04)


def test_the_same_log_and_seed_give_the_same_model(shop: Shop, trained: TrainedModel) -> None:
    """Bit for bit, also with the events in another order of arrival."""
    again = train(list(shop.events)[::-1], shop.items, now=NOW, seed=1)
    assert again.report.ratio.value == pytest.approx(trained.report.ratio.value, abs=0.02)
    assert train(shop.events, shop.items, now=NOW, seed=1).model.version == trained.model.version


def test_events_after_now_are_not_read(shop: Shop) -> None:
    """A clock ahead of ours adds nothing."""
    model = train(shop.events[:1000], shop.items, now=NOW, seed=1)
    future = [event | {"timestamp": "2027-01-01T00:00:00.000Z", "query_id": "late"} for event in shop.events[:50]]
    assert train([*shop.events[:1000], *future], shop.items, now=NOW, seed=1).model.version == model.model.version


def test_a_purchase_changes_the_very_next_score(shop: Shop, trained: TrainedModel) -> None:
    """Nothing about a customer is stored: his events are his profile."""
    model, parts = trained.model, shop.items
    row = parts.brands.index("brand3")
    columns = (parts.part_ids, parts.part_types, parts.brands, parts.qualities)
    candidates = Candidates(*(column[:50] for column in columns), price=np.asarray(parts.price)[:50])
    before = model.score(model.profile([]), candidates)
    after = model.score(model.profile([Past(parts.part_ids[row], "purchase", 0.0)]), candidates)
    liked = np.array([brand == "brand3" for brand in candidates.brands])
    assert not before.any()
    assert after[liked].mean() > after[~liked].mean()


def test_qualities_are_learnt_too(shop: Shop, trained: TrainedModel) -> None:
    """For most customers the liked quality scores above the mean of the others, all else alike."""
    better = []
    for user in range(60):
        new = Candidates(["N"] * 4, ["type0"] * 4, ["?"] * 4, QUALITIES, [float("nan")] * 4)
        scores = trained.model.score(trained.model.profile(_past(shop, f"u{user}")), new)
        liked = QUALITIES.index(shop.quality[user])
        better.append(scores[liked] > np.delete(scores, liked).mean())
    assert np.mean(better) > 0.75


def test_a_log_without_impressions_is_judged_against_the_parts_of_the_type(shop: Shop) -> None:
    """Files often hold clicks and purchases only; taste still shows, and the gate still has something to judge."""
    acts = [event for event in shop.events if "action_name" in event]
    report = train(acts, shop.items, now=NOW, seed=1).report
    assert report.held_out > 100
    assert report.ratio.low > 1.0


@pytest.mark.parametrize("count", [1, 2, 30])
def test_a_handful_of_events_still_makes_a_model(shop: Shop, count: int) -> None:
    """The first day of a shop: nothing to judge by, default weights, popularity of what little there is."""
    acts = [event for event in shop.events if "action_name" in event][:count]
    trained = train(acts, shop.items, now=NOW, seed=1)
    assert trained.report.passes
    assert trained.events == count


def test_the_report_is_about_the_held_out_window_only(trained: TrainedModel) -> None:
    """About fifteen hundredths of the queries with an act are judged."""
    assert 0.05 < trained.report.held_out / 2400 < 0.16
    assert dataclasses.asdict(trained.report)["ours"]["ndcg@10"] > trained.report.base["ndcg@10"]


def _past(shop: Shop, user: str) -> list[Past]:
    mine = [event for event in shop.events if event["user_id"] == user and "action_name" in event]
    return [
        Past(event["event_attributes"]["object"]["object_id"], event["action_name"], float(age))
        for age, event in enumerate(reversed(mine))
    ]
