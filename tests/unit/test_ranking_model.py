"""Serving arithmetic against the library it replaces, and what strange input does to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from benchmarks.ranking_shop import NOW, Shop, make_shop
from ranking.als import fit_als, random_walk
from ranking.demand import demand
from ranking.errors import TrainingError
from ranking.fit import Catalogue, fit_model
from ranking.fold_in import whitened
from ranking.interactions import DAY_SECONDS, read_log
from ranking.model import Model
from ranking.profile import MAX_HISTORY, Candidates, Past
from ranking.trained import Settings

NAN = math.nan


@pytest.fixture(scope="module")
def shop() -> Shop:
    return make_shop(parts=120, types=4, users=40, queries=400)


@pytest.fixture(scope="module")
def model(shop: Shop) -> Model:
    catalogue = Catalogue.of(shop.items)
    log = read_log(shop.events, catalogue.index)
    return fit_model(catalogue, log, NOW.timestamp() / DAY_SECONDS, Settings(factors=16), seed=1)


def some(shop: Shop, count: int = 20) -> Candidates:
    items = shop.items
    return Candidates(
        items.part_ids[:count], items.part_types[:count], items.brands[:count], items.qualities[:count],
        np.asarray(items.price)[:count],
    )  # fmt: skip


def test_fold_in_equals_the_library(model: Model) -> None:
    """The customer's factors are those `recalculate_user` solves for, in the whitened basis, to 1e-4."""
    items = np.array([3, 5, 8], np.int32)
    coded, weight = model.items.take(items), np.array([1.0, 2.5, 5.0])
    names = model.names.rows(coded)
    often = np.bincount(names.ravel(), np.tile(weight, 3))
    rows = np.concatenate((items, np.flatnonzero(often) + len(model.part_ids)))
    counts = np.concatenate((weight, often[often > 0]))
    confidence = (1.0 + counts * model.confidence).astype(np.float32)
    matrix = csr_matrix((confidence, (np.zeros(len(rows), np.int32), rows)), shape=(1, len(model.factors)))
    with threadpool_limits(1, "blas"):
        theirs = AlternatingLeastSquares(factors=16, regularization=Settings().regularization, num_threads=1)
        theirs.item_factors = model.factors @ model.basis
        expected = theirs.recalculate_user(0, matrix)
    assert model.fold_in(items, weight, names, weight) == pytest.approx(model.basis @ np.ravel(expected), abs=1e-4)


def test_whitened_factors_keep_their_products() -> None:
    """W·B are the factors given, WᵀW + λ(BBᵀ)⁻¹ = I, and a product with a customer is the same in both bases."""
    random = np.random.default_rng(5)
    factors, customer = random.normal(size=(40, 6)).astype(np.float32), random.normal(size=6)
    white, basis = whitened(factors, 0.5)
    assert white @ basis == pytest.approx(factors, abs=1e-5)
    assert white.T @ white + 0.5 * np.linalg.inv(basis @ basis.T) == pytest.approx(np.eye(6), abs=1e-5)
    assert white @ (basis @ customer) == pytest.approx(factors @ customer, abs=1e-4)


def test_the_walk_equals_its_textbook_form() -> None:
    """Through the library's kernel, RP3beta is P_ui · P_iu damped by popularity, up to one scale."""
    random = np.random.default_rng(0)
    dense = (random.random((30, 12)) < 0.3).astype(np.float64)
    user, item = (ids.astype(np.int32) for ids in np.nonzero(dense))
    found = random_walk(user, item, (30, 12), neighbours=12)
    count, degree = dense.sum(0), np.maximum(dense.sum(1), 1)
    expected = count[:, None] ** -0.8 * ((dense / degree[:, None] ** 0.8).T @ dense) * count**-0.2
    np.fill_diagonal(expected, 0)
    ours = np.zeros((12, 12))
    for row in range(12):
        span = slice(found.starts[row], found.starts[row + 1])
        ours[row, found.items[span]] = found.strength[span]
    assert ours / ours.sum() == pytest.approx(expected / expected.sum(), abs=1e-6)


@pytest.mark.parametrize(
    ("user", "item", "weight"),
    [([0], [5], [1.0]), ([0], [-1], [1.0]), ([9], [0], [1.0]), ([0], [0], [NAN]), ([0], [0], [0.0]), ([], [], [])],
)
def test_the_library_never_sees_ids_or_weights_that_crash_it(
    user: list[int], item: list[int], weight: list[float]
) -> None:
    """Ids outside the matrix, weights that are no positive numbers, and nothing at all are refused before the fit."""
    columns = np.array(user, np.int32), np.array(item, np.int32), np.array(weight)
    with pytest.raises(TrainingError):
        fit_als(*columns, (2, 3), factors=2, regularization=1.0, iterations=1, seed=0)


def test_untouched_items_have_zero_factors() -> None:
    """A part nobody touched says nothing, rather than its random start."""
    one = np.array([0], np.int32)
    factors = fit_als(one, one, np.array([1.0]), (1, 3), factors=2, regularization=0.1, iterations=2, seed=0)
    assert factors[0].any()
    assert not factors[1:].any()


def test_nobody_known_means_no_scores(shop: Shop, model: Model) -> None:
    """An empty history, or one of impressions only, scores every candidate 0."""
    for past in ([], [Past("P000001", "impression", 1.0)], [Past("P000001", "click", NAN)]):
        assert model.profile(past).empty
        assert not model.score(model.profile(past), some(shop)).any()


def test_scores_stay_finite_and_bounded_whatever_comes_in(shop: Shop, model: Model) -> None:
    """Unknown parts, names, prices, huge and negative ages, repeated and endless histories: -1..1 throughout."""
    past = [
        Past("nowhere", "purchase", -5.0, "no type", "no brand", "no quality", -1.0),
        Past("P000001", "purchase", 1e9),
        Past("P000002", "watch", 0.0),
        *[Past("P000003", "add_to_cart", float(age)) for age in range(500)],
    ]
    profile = model.profile(past)
    names = (["P000001", "?", "?"], ["", "type1", "x"], ["", "brand1", ""], ["", "oe", ""])
    strange = Candidates(*names, price=[NAN, 0.0, np.inf])
    for candidates in (some(shop), strange):
        scores = model.score(profile, candidates)
        assert np.isfinite(scores).all()
        assert (np.abs(scores) <= 1).all()
    assert len(profile.items) == MAX_HISTORY


def test_no_candidates_no_scores(model: Model) -> None:
    """An empty pool is answered by an empty column."""
    assert model.score(model.profile([Past("P000001", "click", 0.0)]), Candidates([], [], [], [], [])).shape == (0,)


def test_a_score_does_not_depend_on_its_neighbours(shop: Shop, model: Model) -> None:
    """Scored alone or among others, in any order, a part gets the same score."""
    profile = model.profile([Past("P000001", "click", 0.0), Past("P000007", "purchase", 3.0)])
    together = model.score(profile, some(shop, 20))
    alone = model.score(profile, some(shop, 1))
    assert together[0] == pytest.approx(alone[0], abs=1e-6)


def test_unknown_parts_are_as_popular_as_any(model: Model) -> None:
    """A new part starts in the middle, not at the bottom."""
    assert model.popularity_of(model.numbers(["nowhere"])).tolist() == [0.5]
    known = model.popularity_of(model.numbers(model.part_ids))
    assert ((known > 0) & (known < 1)).all()


def test_the_popular_part_is_the_one_taken_more_often_than_its_place_explains(model: Model, shop: Shop) -> None:
    """Over all parts, popularity rises with acts for a given number of impressions."""
    log = read_log(shop.events, model.index)
    acts = demand(log, len(model.part_ids), NOW.timestamp() / DAY_SECONDS, model.half_life)
    assert np.corrcoef(acts, model.popularity)[0, 1] > 0.5
