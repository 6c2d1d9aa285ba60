"""Public protocols over small files: what is read, what is masked, and figures equal to ir-measures."""

from __future__ import annotations

from pathlib import Path

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, nDCG
from ir_measures import R as Recall

from benchmarks.protocols import Task, judged, read_baskets, read_histories, top
from benchmarks.public import main
from ranking.evaluate import ndcg, recall, reciprocal_rank
from ranking.next_item import (
    Blend,
    Factors,
    FactorSettings,
    NextItem,
    OwnFrequency,
    Popularity,
    Sessions,
    Walk,
    WalkSettings,
)
from ranking.sequences import Sequences
from ranking.sessions import SessionSettings

RANDOM = np.random.default_rng(5)
ROWS = [(10 * (user % 3) + RANDOM.permutation(10)[:6]).tolist() for user in range(60)]
TRAIN = Sequences.of([row[:-2] for row in ROWS], 30)
TASK = Task(TRAIN, TRAIN, Sequences.of([row[-2:] for row in ROWS], 30))
SMALL = FactorSettings(factors=8, regularization=1.0, iterations=3)
MODELS = {
    "walk": Walk.fit(TRAIN, WalkSettings(recency=0.6, transition=0.5)),
    "factors": Factors.fit(TRAIN, SMALL),
    "sessions": Sessions.fit(TRAIN, SessionSettings()),
    "own": OwnFrequency.fit(TRAIN),
    "blend": Blend([(1.0, Walk.fit(TRAIN, WalkSettings())), (0.5, Factors.fit(TRAIN, SMALL))]),
}


def mean_ndcg(model: NextItem, task: Task = TASK) -> float:
    return float(ndcg(judged(top(model, task, 10), task.wanted), 10).mean())


@pytest.mark.parametrize("name", ["walk", "factors", "sessions", "blend"])
def test_models_find_what_popularity_cannot(name: str) -> None:
    """Three tastes of ten items each: every model puts the rest of a person's ten first, popularity does not."""
    assert mean_ndcg(MODELS[name]) > 1.5 * mean_ndcg(Popularity.fit(TRAIN))


@pytest.mark.parametrize("name", MODELS)
def test_what_a_person_has_is_not_offered_when_masked(name: str) -> None:
    """Of thirty items the lists hold those that are not in the history, each once."""
    found = top(MODELS[name], TASK, 10)
    for row, listed in enumerate(found.tolist()):
        assert len(set(listed)) == 10
        assert not set(listed) & set(ROWS[row][:-2])


def test_a_history_without_a_usable_item_gets_what_is_popular() -> None:
    """No score above nought: the rest is ordered by how often training holds it."""
    train = Sequences.of([[0, 1], [1, 2], [1, 2]], 5)
    task = Task(train, Sequences.of([[]], 5), Sequences.of([[0]], 5))
    assert top(Walk.fit(train, WalkSettings()), task, 3).tolist() == [[1, 2, 0]]


def test_own_frequency_comes_before_everybodys() -> None:
    """Bought twice before bought once, then what others buy most."""
    train = Sequences.of([[3, 4, 4], [0, 1], [1, 0], [1, 2]], 5)
    task = Task(train, Sequences.of([[3, 4, 4]], 5), Sequences.of([[4]], 5), mask=False)
    assert top(OwnFrequency.fit(train), task, 4).tolist() == [[4, 3, 1, 0]]


def test_figures_equal_ir_measures() -> None:
    """Recall, NDCG and reciprocal rank of lists as the protocols judge them, to 1e-6."""
    found = top(MODELS["walk"], TASK, 20)
    ours = judged(found, TASK.wanted)
    runs = [
        ir_measures.ScoredDoc(str(row), str(item), float(-place))
        for row, items in enumerate(found.tolist())
        for place, item in enumerate(items)
    ]
    qrels = [ir_measures.Qrel(str(row), str(item), 1) for row, wanted in enumerate(ROWS) for item in wanted[-2:]]
    for measure, values in ((nDCG @ 20, ndcg(ours, 20)), (Recall @ 20, recall(ours, 20)), (RR, reciprocal_rank(ours))):
        theirs = {one.query_id: one.value for one in ir_measures.iter_calc([measure], qrels, runs)}
        assert values == pytest.approx([theirs[str(row)] for row in range(len(ROWS))], abs=1e-6)


def test_files_are_read_by_line(tmp_path: Path) -> None:
    """Users may have no items, lines of one user are joined, baskets keep their order."""
    histories, baskets = tmp_path / "h.txt", tmp_path / "b.txt"
    histories.write_text("u1 a b\nu2\n\nu1 c\n")
    baskets.write_text("u1: a b | c\nu2: a\n")
    assert read_histories(histories) == {"u1": ["a", "b", "c"], "u2": []}
    assert read_baskets(baskets) == {"u1": [["a", "b"], ["c"]], "u2": [["a"]]}


@pytest.mark.parametrize(
    ("name", "data"), [("b.txt", b"u1 a b"), ("x.gz", b"no gzip"), ("b.txt", b"\xff\xfe"), ("", b"")]
)
def test_a_file_that_is_none_is_said(name: str, data: bytes, tmp_path: Path) -> None:
    """The message names the file, and the line where there is one."""
    path = tmp_path / name if name else tmp_path / "missing"
    if name:
        path.write_bytes(data)
    with pytest.raises(SystemExit, match=path.name):
        read_baskets(path)


def test_every_command_prints_its_claim_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Figure, interval, baseline, ratio, seed and data hash, for all four kinds of data."""
    lines, half = [f"u{n} " + " ".join(map(str, row)) for n, row in enumerate(ROWS)], tmp_path / "half.txt"
    (tmp_path / "all.txt").write_text("\n".join(lines))
    half.write_text("\n".join(" ".join(line.split()[:-2]) for line in lines))
    (tmp_path / "rest.txt").write_text("\n".join(" ".join([line.split()[0], *line.split()[-2:]]) for line in lines))
    (tmp_path / "baskets.txt").write_text("\n".join(f"u{n}: 1 2 | 3 {n} | 1 {n % 7}" for n in range(60)))
    whole, rest = str(tmp_path / "all.txt"), str(tmp_path / "rest.txt")
    commands = (["split", str(half), rest], ["leave-one-out", whole], ["baskets", str(tmp_path / "baskets.txt")],
                ["sessions", whole, rest])  # fmt: skip
    for command in commands:
        assert main(command) == 0
        printed = capsys.readouterr().out
        assert all(word in printed for word in ("sha256", "seed 1", "baseline", "ratio", "@", "CPU-seconds"))
