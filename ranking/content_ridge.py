"""Fits `ranking.content` to trained factors by weighted ridge regression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from ranking.content import OWN_ACTS, Content, cells
from ranking.features import LEVELS, Coded, Coding

Singles: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]

MOST_TRAITS = 1000  # the commonest; rarer ones would be learnt from a handful of parts
FEWEST_PARTS = 5  # of a trait to be kept
RIDGE = 5.0  # in parts: pull of each row towards zero


def learn_content(
    coding: Coding, items: Coded, traits: Sequence[Sequence[str]] | None, factors: Singles, acts: Floats
) -> Content:
    """Fit to the `factors` of the parts with acts, one row a part; each weighs n / (n + `OWN_ACTS`)."""
    names = _common(traits)
    sizes = (len(coding.part_types), len(coding.brands), len(coding.qualities))
    rows = {name: row for row, name in enumerate(names)}
    known = np.flatnonzero(acts > 0)
    some = None if traits is None else [traits[row] for row in known.tolist()]
    design = _design(items.take(known), sizes, rows, some)
    weight = acts[known] / (acts[known] + OWN_ACTS)
    weighted = design.multiply(weight[:, None]).tocsr()
    left = (weighted.T @ design).toarray() + RIDGE * np.eye(design.shape[1])
    found = np.linalg.solve(left, weighted.T @ factors[known].astype(np.float64))
    return Content.of(names, found.astype(np.float32), sizes)


def _common(traits: Sequence[Sequence[str]] | None) -> tuple[str, ...]:
    counts = Counter(name for one in traits or () for name in set(one))
    often = [name for name, count in counts.most_common(MOST_TRAITS) if count >= FEWEST_PARTS]
    return tuple(sorted(often))


def _design(
    parts: Coded,
    sizes: tuple[int, int, int],
    trait_row: Mapping[str, int],
    traits: Sequence[Sequence[str]] | None,
) -> Any:
    row, column = (np.concatenate(one) for one in cells(parts, sizes, trait_row, traits))
    shape = (len(parts.part_type), sum(sizes) + LEVELS + len(trait_row))
    return csr_matrix((np.ones(len(row)), (row, column)), shape=shape)
