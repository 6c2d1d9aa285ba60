"""A public auto-parts search benchmark: NDCG@10 of the full search against plain BM25 of the same engine.

    python -m benchmarks.inauto --data ../shared/data/inauto_round1_graded.jsonl.gz

Every judged document becomes a part (its text is the title, its part type is not known) and goes through the real
index build on the embedded engine. Whoever ranks sees all documents; those a query has no grade for count as grade 0.
Nothing in the product is fitted to these queries. Differences under 0.03 are noise: the grades are a language model's.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.plain_bm25 import plain_bm25
from indexers.inputs import Inputs
from indexers.progress import Silent
from indexers.rows import RowKind
from ranking.evaluate import judge, ndcg, ratio_interval
from search_service import pipeline
from search_service.app import engine_of, open_runtime, vocabulary_of
from search_service.indexing import index
from search_service.live.factory import open_live
from search_service.parameters import Parameters
from search_service.request import read_search
from search_service.runtime import Runtime
from search_service.settings import Settings, load

DATA = Path("../shared/data/inauto_round1_graded.jsonl.gz")
DEPTH = 10
UNKNOWN_TYPE = "part"

Row = dict[str, Any]
Ranker = Callable[[str], list[str]]


def main() -> None:
    """Index, ask, print a table by class of query."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--show", metavar="CLASS", help="print what each query of a class got")
    chosen = options.parse_args()
    if not chosen.data.exists():
        print(f"skipped: there is no {chosen.data}")
        return
    with gzip.open(chosen.data, "rt", encoding="utf-8") as lines:
        queries = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        settings = load({"data_dir": Path(folder), "log_level": "error"})
        build(settings, documents(queries))
        runtime = open_runtime(settings)
        report(queries, rankers(runtime), documents(queries), chosen.show)
        runtime.close()


def documents(queries: Sequence[Row]) -> dict[str, str]:
    """Every judged document by id."""
    return {key: text for row in queries for key, text in zip(row["candidate_ids"], row["candidate_docs"], strict=True)}


def build(settings: Settings, texts: Mapping[str, str]) -> None:
    """One part a document, through the build that `partfit index` runs."""
    file = settings.data_dir / "parts.jsonl"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        for number, (key, text) in enumerate(texts.items(), 1):
            row = {"part_id": key, "brand": "-", "part_number": f"D{number:06d}", "part_type": UNKNOWN_TYPE}
            out.write(json.dumps({**row, "title": {"en": text}}) + "\n")
    engine, live = engine_of(settings), open_live(settings)
    inputs = Inputs({RowKind.PARTS: [file]})
    now = datetime.datetime.now(datetime.UTC)
    index(settings, engine, live, vocabulary_of(settings), inputs, Silent(), now=now)
    live.close()
    engine.close()


def rankers(runtime: Runtime) -> dict[str, Ranker]:
    """Ways to rank, by name: a query's text to part ids, best first."""
    generation = runtime.serving().generation

    def bm25(text: str) -> list[str]:
        return [generation.part_id(one) for one in plain_bm25(runtime, text, DEPTH)]

    def full(text: str) -> list[str]:
        given = Parameters.from_object({"q": text, "size": DEPTH, "facets": ""}, "query")
        answer = pipeline.answer(runtime, read_search(given, runtime.settings), log=False)
        return [item.part_id for item in answer.items]

    return {"plain BM25": bm25, "full search": full}


def report(queries: Sequence[Row], ways: Mapping[str, Ranker], texts: Mapping[str, str], show: str | None) -> None:
    """NDCG@10 by class and over all, the ratio, and its 95 % interval over queries."""
    wanted = [dict(zip(row["candidate_ids"], row["grades"], strict=True)) for row in queries]
    runs = {name: [way(row["query"]) for row in queries] for name, way in ways.items()}
    scores = {name: ndcg(judge(run, wanted), DEPTH) for name, run in runs.items()}
    classes: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(queries):
        classes[row["query_type"]].append(at)
        classes["all"].append(at)
    for name, rows in sorted(classes.items()):
        base, ours = (scores[way][rows] for way in ways)
        ratio = ratio_interval(ours, base, seed=1)
        print(f"{name:18}{len(rows):4}  BM25 {np.mean(base):.3f}  full {np.mean(ours):.3f}  ratio {ratio}")
    for at in classes.get(show or "", ()):
        print(f"\n{queries[at]['query']}: BM25 {scores['plain BM25'][at]:.2f}, full {scores['full search'][at]:.2f}")
        for key in runs["full search"][at]:
            print(f"   {wanted[at].get(key, '-')}  {texts[key][:90]}")


if __name__ == "__main__":
    main()
