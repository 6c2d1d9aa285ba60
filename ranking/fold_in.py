"""A customer's ALS factors from his acts, exactly, without training: what `implicit` calls `recalculate_user`."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]


def whitened(factors: Singles, regularization: float) -> tuple[Singles, Singles]:
    """Factors W (rows × factors) with WᵀW + λ(BBᵀ)⁻¹ = I, and the basis B by which W · B are the `factors` given.

    B is the transposed Cholesky factor of the Gram matrix FᵀF + λI over all factors F, λ = `regularization` > 0.
    Products with a customer's factors stay what they are where his are B · x for x in the former basis.
    """
    gram: Floats = factors.astype(np.float64).T @ factors + regularization * np.eye(factors.shape[1])
    basis = np.linalg.cholesky(gram).T
    return (factors @ np.linalg.inv(basis)).astype(np.float32), basis.astype(np.float32)


def fold_in(touched: Singles, extra: Singles) -> Singles:
    """Solve (I + TᵀCT) x = Tᵀ(1 + c) for the whitened factors `touched` T (rows × factors), confidences `extra` c > 0.

    The exact ALS solution (Hu, Koren, Volinsky 2008) as a system of as many unknowns as rows: x = Tᵀ(TTᵀ + C⁻¹)⁻¹(1 +
    1/c), the identity of kernel ridge regression.
    """
    inverse = 1 / extra
    core = touched @ touched.T
    core.flat[:: len(core) + 1] += inverse
    solved: Singles = np.linalg.solve(core, 1 + inverse) @ touched
    return solved
