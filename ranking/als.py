"""The only door to `implicit`: triples in, plain float32 arrays out.

Each guard answers a fault of implicit 0.7.3: ids beyond the matrix read foreign memory, int64 index pointers fail deep
inside, a second fit continues from old factors, default threads make a small fit wait on a busy machine, its own
loader trusts any file. Nothing of the library leaves this module, and nothing of it serves.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from implicit._nearest_neighbours import all_pairs_knn
from implicit.cpu.als import AlternatingLeastSquares
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ranking.errors import TrainingError
from ranking.neighbours import Neighbours

Ints: TypeAlias = NDArray[np.int32]
Singles: TypeAlias = NDArray[np.float32]


def fit_als(
    user: Ints,
    item: Ints,
    confidence: NDArray[Any],
    shape: tuple[int, int],
    *,
    factors: int,
    regularization: float,
    iterations: int,
    seed: int,
    start: Singles | None = None,
) -> Singles:
    """Item factors (items × factors) of implicit-feedback ALS (Hu, Koren, Volinsky 2008), one thread, one BLAS thread.

    `confidence` > 0 is added to the 1 that unseen cells have; repeated (user, item) pairs add up. Items nobody touched
    get zero factors. `start` are item factors to begin from, of the result's shape. Raises `TrainingError` on ids
    outside `shape`, weights that are no positive numbers, a `start` of another shape, or no cells.
    """
    matrix = _matrix(user, item, confidence, shape)
    matrix.data += 1.0
    if start is not None and start.shape != (shape[1], factors):
        raise TrainingError(f"factors of shape {start.shape} begin no fit of {shape[1]} items and {factors} factors")
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=factors,
            regularization=regularization,
            alpha=1.0,
            iterations=iterations,
            num_threads=1,
            random_state=seed,
        )
        if start is not None:
            model.item_factors = np.array(start, np.float32, order="C")
        model.fit(matrix, show_progress=False)
    out = np.array(model.item_factors, np.float32, order="C")
    out[np.bincount(matrix.indices, minlength=shape[1]) == 0] = 0.0
    if not np.isfinite(out).all():
        raise TrainingError("ALS diverged: factors are not finite")
    return out


def random_walk(
    user: Ints,
    item: Ints,
    shape: tuple[int, int],
    *,
    popularity_damping: float = 0.2,
    user_damping: float = 0.8,
    neighbours: int = 50,
) -> Neighbours:
    """Item-to-item walk of three steps with popularity damping (RP3beta; Paudel et al. 2017), strongest neighbours.

    Computed with the library's all-pairs kernel: cells d_u^(-a/2) * p_i^(-b), diagonal dropped, row i times p_i^(b-a),
    with d, p the user and item counts, a = `user_damping`, b = `popularity_damping`. Rows are then scaled by the mean
    of the kept strengths of all rows, so that 1 is a usual neighbour. Raises `TrainingError` as `fit_als` does.
    """
    matrix = _matrix(user, item, np.ones(len(user)), shape)
    matrix.data[:] = 1.0
    degree = np.diff(matrix.indptr).astype(np.float64)
    count = np.bincount(matrix.indices, minlength=shape[1]).astype(np.float64)
    rows = np.repeat(np.maximum(degree, 1.0) ** (-user_damping / 2), np.diff(matrix.indptr))
    weighted = csr_matrix(
        (rows * count[matrix.indices] ** -popularity_damping, matrix.indices, matrix.indptr), shape=shape
    )
    with threadpool_limits(1, "blas"):
        found = all_pairs_knn(weighted, neighbours + 1, show_progress=False, num_threads=1).tocsr()
    found.setdiag(0.0)
    found.eliminate_zeros()
    found.sort_indices()
    scale = np.maximum(count, 1.0) ** (popularity_damping - user_damping)
    strength = found.data * np.repeat(scale, np.diff(found.indptr))
    mean = float(strength.mean()) if len(strength) else 1.0
    strengths = (strength / mean).astype(np.float32)
    return Neighbours(found.indptr.astype(np.int64), found.indices.astype(np.int32), strengths)


def _matrix(user: Ints, item: Ints, weight: NDArray[Any], shape: tuple[int, int]) -> Any:
    """A checked CSR matrix, float32 with 32-bit indices, as the library's native code expects it."""
    if not len(user) or not len(user) == len(item) == len(weight):
        raise TrainingError(f"{len(user)} users, {len(item)} items and {len(weight)} weights make no matrix")
    for name, ids, size in (("user", user, shape[0]), ("item", item, shape[1])):
        if int(ids.min()) < 0 or int(ids.max()) >= size:
            raise TrainingError(f"{name} ids run from {ids.min()} to {ids.max()}, outside 0..{size - 1}")
    if not (np.isfinite(weight).all() and (weight > 0).all()):
        raise TrainingError("weights must be positive finite numbers")
    matrix = csr_matrix((weight.astype(np.float32), (user, item)), shape=shape)
    matrix.sum_duplicates()
    matrix.indptr = matrix.indptr.astype(np.int32)
    matrix.indices = matrix.indices.astype(np.int32)
    return matrix
