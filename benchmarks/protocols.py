"""Public protocols of recommendation: reading plain text files, ranking all items, and judging lists.

Formats, a line a person or session, plain or gzip, items being any words:
`histories`   user item item …                    (a user's items, in time order where order matters)
`baskets`     user: item item | item | item item  (a user's baskets in time order)
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ranking.evaluate import Judged
from ranking.next_item import NextItem
from ranking.sequences import Sequences

BATCH = 500  # histories scored at a time: 500 × 41,000 items are 160 MB
Ints: TypeAlias = NDArray[np.int32]
Names: TypeAlias = list[list[str]]


@dataclass(frozen=True, slots=True)
class Task:
    """What to predict: for each history the items in `wanted`; with `mask` what is in the history is not offered."""

    train: Sequences
    histories: Sequences
    wanted: Sequences
    mask: bool = True


def lines_of(path: Path) -> list[str]:
    """Lines that hold anything. Raises `SystemExit` for a file that is not there or not text."""
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SystemExit(f"{path}: {error}") from None
    return [line for line in map(str.strip, text.splitlines()) if line]


def digest(*paths: Path) -> str:
    """Twelve hexadecimal digits of the SHA-256 of the files, one after the other."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()[:12]


def read_histories(path: Path) -> dict[str, list[str]]:
    """User → items of a `histories` file; lines of one user are joined. A user may have no items."""
    out: dict[str, list[str]] = {}
    for line in lines_of(path):
        user, *items = line.split()
        out.setdefault(user.rstrip(":"), []).extend(items)
    return out


def read_baskets(path: Path) -> dict[str, Names]:
    """User → baskets of a `baskets` file. Raises `SystemExit` with the line that is none."""
    out: dict[str, Names] = {}
    for number, line in enumerate(lines_of(path), 1):
        user, colon, rest = line.partition(":")
        if not colon:
            raise SystemExit(f"{path}, line {number}: expected `user: item item | item …`, found {line[:60]!r}")
        out.setdefault(user.strip(), []).extend(basket.split() for basket in rest.split("|") if basket.split())
    return out


def numbered(*groups: Iterable[Sequence[str]]) -> tuple[int, list[list[list[int]]]]:
    """Items as numbers, the same in all groups; how many there are."""
    codes: dict[str, int] = {}
    out = [[[codes.setdefault(name, len(codes)) for name in names] for names in group] for group in groups]
    return max(len(codes), 1), out


def top(model: NextItem, task: Task, k: int) -> Ints:
    """Histories × k: the best items of each, ties by how often the training data hold them."""
    return np.concatenate([best(model.scores(some), task, some, k) for some in batches(task)])


def batches(task: Task) -> Iterator[Sequences]:
    """The histories, `BATCH` at a time."""
    for start in range(0, len(task.histories), BATCH):
        yield part(task.histories, start, start + BATCH)


def best(scores: NDArray[np.float32], task: Task, histories: Sequences, k: int) -> Ints:
    """The k best of each row, falling; of equal scores the item that the training data hold more often."""
    often = task.train.popularity()
    rest = ((often / (1.0 + often.max()) - 1.0) * 1e-30).astype(np.float32)  # below every score, by popularity
    ranked = np.where(scores > 0, scores, rest)
    if task.mask:
        ranked[histories.owner, histories.items] = -np.inf
    k = min(k, scores.shape[1])
    found = np.argpartition(-ranked, k - 1, axis=1)[:, :k]
    order = np.lexsort((-often[found], -np.take_along_axis(ranked, found, 1)), axis=1)
    return np.take_along_axis(found, order, 1).astype(np.int32)


def judged(found: Ints, wanted: Sequences) -> Judged:
    """Grade 1 for each wanted item; `found` is as of `top`."""
    size = wanted.size
    pairs = np.unique(wanted.owner.astype(np.int64) * size + wanted.items)
    cells = np.arange(len(found))[:, None] * size + found
    grades = np.isin(cells, pairs).astype(np.float64)
    counts = np.bincount(pairs // size, minlength=len(found))
    ideal = (np.arange(int(counts.max(initial=1))) < counts[:, None]).astype(np.float64)
    return Judged(grades, ideal)


def part(sequences: Sequences, first: int, last: int) -> Sequences:
    """Persons `first` to `last` (exclusive)."""
    starts = sequences.starts[first : last + 1]
    return Sequences(starts - starts[0], sequences.items[starts[0] : starts[-1]], sequences.size)


def subset(sequences: Sequences, rows: NDArray[np.int64]) -> Sequences:
    """The persons given, in that order."""
    return Sequences.of([sequences[row] for row in rows.tolist()], sequences.size)
