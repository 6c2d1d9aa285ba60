"""Relevance over the sample catalogue: our judged queries against plain BM25 of the same index, stage by stage.

    python -m benchmarks.relevance               the report half, as a table
    python -m benchmarks.relevance --write       the same, into docs/relevance.md
    python -m benchmarks.relevance --half tune --show typo     what misses, to work on

The queries are written by hand (`tests/quality/queries`), in two halves: `tune` to work on, `report` only to measure.
Part numbers are taken from the sample by rule, since the sample is made from its seed.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.plain_bm25 import plain_bm25
from indexers.inputs import Inputs
from indexers.progress import Silent
from indexers.rows import RowKind
from search_service import pipeline
from search_service.app import engine_of, open_runtime, vocabulary_of
from search_service.evaluating import JudgedQuery, evaluate, read_queries
from search_service.indexing import index
from search_service.live.factory import open_live
from search_service.parameters import Parameters
from search_service.request import read_search
from search_service.runtime import Runtime
from search_service.sample.writer import write_sample
from search_service.settings import Settings, load

ROOT = Path(__file__).resolve().parent.parent
QUERIES = ROOT / "tests" / "quality" / "queries"
PAGE = ROOT / "docs" / "relevance.md"
TODAY = datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)
NUMBER_STEP = 211  # every so manieth part of the sample is asked for by number
DEPTH = 3

# What is taken away, by public parameters of a search: the rest of the stages stays.
STAGES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("full search", {}),
    ("without correction, pinyin, initials", {"verbatim": "1"}),
    ("without part types as filters", {"ignore": "part_type"}),
    ("without the vehicle in the text", {"ignore": "vehicle"}),
    ("without places", {"ignore": "position"}),
    ("words alone", {"verbatim": "1", "ignore": ["part_type", "vehicle", "position", "correction"]}),
)


def main() -> None:
    """Build the sample, ask, print or write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--half", choices=("tune", "report"), default="report")
    options.add_argument("--parts", type=int, default=20_000)
    options.add_argument("--show", metavar="CLASS", help="print the queries of a class that miss")
    options.add_argument("--write", action="store_true", help="write the tables into docs/relevance.md")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runtime = sample_runtime(Path(folder), chosen.parts)
        asked = judged(Path(folder), chosen.half)
        if chosen.show:
            print("\n".join(missed(runtime, [query for query in asked if query.class_ == chosen.show])))
        tables = "\n\n".join((classes_table(runtime, asked), stages_table(runtime, asked)))
        runtime.close()
    print(tables)
    if chosen.write:
        write(tables)


def sample_runtime(folder: Path, parts: int) -> Runtime:
    """The seeded sample, made and indexed under `folder`, ready to be asked."""
    summary = write_sample(folder / "sample", parts=parts, events=0, today=TODAY.date())
    settings = load({"data_dir": folder / "data", "log_level": "error"})
    _build(settings, summary.files)
    return open_runtime(settings)


def _build(settings: Settings, files: Mapping[str, Path]) -> None:
    engine, live = engine_of(settings), open_live(settings)
    kinds = (RowKind.VEHICLES, RowKind.PARTS, RowKind.APPLICATIONS)
    inputs = Inputs({kind: [files[kind.value]] for kind in kinds})
    index(settings, engine, live, vocabulary_of(settings), inputs, Silent(), now=TODAY)
    live.close()
    engine.close()


def judged(folder: Path, half: str) -> list[JudgedQuery]:
    """The written queries of a half, and those for part numbers of the sample made under `folder`."""
    numbers = list(number_queries(folder / "sample" / "parts.jsonl"))
    return [*read_queries(QUERIES / f"{half}.jsonl"), *numbers[half == "report" :: 2]]


def number_queries(parts: Path) -> Iterator[JudgedQuery]:
    """Part and original numbers as printed and as people type them; right is what has the number."""
    with parts.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    holders: dict[str, list[str]] = {}
    for row in rows:
        for each in row.get("oe_numbers", ()):
            holders.setdefault(each["number"], []).append(row["part_id"])
    for at, row in enumerate(itertools.islice(rows, 0, None, NUMBER_STEP)):
        number = row["part_number"]
        typed = (number, number.lower(), re.sub(r"[ .-]", "", number), re.sub(r"[.-]", " ", number))[at % 4]
        yield _number(f"number-{at:03d}", typed, [row["part_id"]])
        if row.get("oe_numbers"):
            original = row["oe_numbers"][0]["number"]
            typed = (original, original.replace(" ", "").replace("-", ""), original.lower())[at % 3]
            yield _number(f"original-{at:03d}", typed, holders[original])


def _number(query_id: str, q: str, part_ids: Sequence[str]) -> JudgedQuery:
    return JudgedQuery(query_id=query_id, q=q, class_="part_number", relevant=dict.fromkeys(part_ids, 3.0))


def missed(runtime: Runtime, asked: Sequence[JudgedQuery]) -> Iterator[str]:
    """Queries without a right part in the first three, and what came instead."""
    for query in asked:
        if not evaluate(runtime, [query])["all"]["success@3"]:
            given = Parameters.from_object({"q": query.q, "lang": query.lang, "size": DEPTH, "facets": ""}, "query")
            answer = pipeline.answer(runtime, read_search(given, runtime.settings), log=False)
            shown = [item.part_type.id for item in answer.items]
            read = [(one.id, one.confidence) for one in answer.understood.part_types]
            yield f"{query.q!r}: wants {[*query.part_types]}, shows {shown}, read {read}"


def classes_table(runtime: Runtime, asked: Sequence[JudgedQuery]) -> str:
    """Success@3, NDCG@10 and zero results of each class, beside success@3 of plain BM25."""
    ours, plain = evaluate(runtime, asked), bm25_success(runtime, asked)
    lines = [
        "| class | queries | plain BM25 success@3 | success@3 | NDCG@10 | zero results |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, row in (*ours["classes"].items(), ("**all**", ours["all"])):
        lines.append(
            f"| {name} | {row['queries']} | {plain[name]:.3f} | {row['success@3']:.3f} | {row['ndcg@10']:.3f} "
            f"| {row['zero_result_rate']:.3f} |"
        )
    return "\n".join(lines)


def bm25_success(runtime: Runtime, asked: Sequence[JudgedQuery]) -> dict[str, float]:
    """Success@3 of plain BM25 by class, and of all."""
    hits: dict[str, list[bool]] = {}
    generation, serving = runtime.serving().generation, runtime.serving()
    for query in asked:
        best = plain_bm25(runtime, query.q, DEPTH)
        right = any(
            generation.part_id(one) in query.relevant or serving.word("part_type", one) in query.part_types
            for one in best
        )
        for name in (query.class_, "**all**"):
            hits.setdefault(name, []).append(right)
    return {name: sum(found) / len(found) for name, found in hits.items()}


def stages_table(runtime: Runtime, asked: Sequence[JudgedQuery]) -> str:
    """What is left of the figures with one stage taken away."""
    lines = ["| | success@3 | NDCG@10 | zero results |", "|---|--:|--:|--:|"]
    for name, more in STAGES:
        row = evaluate(runtime, asked, more)["all"]
        lines.append(f"| {name} | {row['success@3']:.3f} | {row['ndcg@10']:.3f} | {row['zero_result_rate']:.3f} |")
    plain = bm25_success(runtime, asked)["**all**"]
    return "\n".join([*lines, f"| plain BM25 | {plain:.3f} | | |"])


def write(tables: str) -> None:
    """Replace what stands between the marks of the page."""
    before, mark, rest = PAGE.read_text(encoding="utf-8").partition("<!-- measured -->\n")
    _, end, after = rest.partition("<!-- end -->")
    PAGE.write_text(f"{before}{mark}{tables}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
