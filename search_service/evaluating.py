"""`partfit evaluate`: judged queries through the live search path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ranking.evaluate import Judged, mean_interval, measures
from search_service import pipeline
from search_service.errors import Invalid
from search_service.parameters import Parameters
from search_service.request import read_search
from search_service.runtime import Runtime
from search_service.wire import SearchAnswer

DEPTH = 10
SEED = 1
SHOWN_AS_FITTING = ("fits", "universal")


class JudgedQuery(msgspec.Struct):
    """One line of a judged query file; `relevant` grades parts, `part_types` (ids or names) every part of a type."""

    query_id: str
    q: str
    vehicle: dict[str, Any] = {}
    lang: str = "en"
    class_: str = msgspec.field(name="class", default="all")
    relevant: dict[str, float] = {}
    part_types: dict[str, float] = {}
    must_not_fit: list[str] = []


class _Row(msgspec.Struct):
    """What one query got: grades in the order shown, ideal grades, whether nothing came, wrong fits of those shown."""

    name: str
    grades: list[float]
    ideal: list[float]
    zero: bool
    wrong: int
    fitting: int


def evaluate(runtime: Runtime, queries: Iterable[JudgedQuery], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The contract's report: all queries together, and by class. `more` are search parameters for every query.

    `intervals` are 95 % by bootstrap over all queries, drawn with `seed`; `generation` and `model` say what was asked.
    """
    serving = runtime.serving()
    rows = [_run(runtime, query, more or {}) for query in queries]
    names = sorted({row.name for row in rows})
    return {
        "generation": serving.generation.name,
        "model": serving.model_version,
        "seed": SEED,
        "intervals": _intervals(rows),
        "all": _measured(rows),
        "classes": {name: _measured([row for row in rows if row.name == name]) for name in names},
    }


def read_queries(file: Path) -> Iterator[JudgedQuery]:
    """Judged queries of a JSON Lines file. Raises `Invalid` naming the line that is none."""
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=JudgedQuery)
            except msgspec.MsgspecError as error:
                raise Invalid.of(f"{file.name} line {number}", str(error)) from None


def _run(runtime: Runtime, query: JudgedQuery, more: Mapping[str, Any]) -> _Row:
    given = {"q": query.q, "lang": query.lang, "size": DEPTH, "facets": "", **query.vehicle, **more}
    request = read_search(Parameters.from_object(given, "query"), runtime.settings)
    answer = pipeline.answer(runtime, request, log=False)
    types = {runtime.vocabulary.id_of(name): grade for name, grade in query.part_types.items()}
    query = msgspec.structs.replace(query, part_types=types)
    grades = [_grade(query, item.part_id, item.part_type.id) for item in answer.items]
    fitting = [item.part_id for item in answer.items if item.fit.verdict in SHOWN_AS_FITTING]
    wrong = sum(part_id in query.must_not_fit for part_id in fitting)
    return _Row(query.class_, grades, _ideal(query, answer, grades), not answer.items, wrong, len(fitting))


def _grade(query: JudgedQuery, part_id: str, part_type: str) -> float:
    return max(query.relevant.get(part_id, 0.0), query.part_types.get(part_type, 0.0))


def _ideal(query: JudgedQuery, answer: SearchAnswer, grades: list[float]) -> list[float]:
    """The best ten that could have been shown: judged parts, and of judged types as many as the answer has."""
    best = sorted(query.relevant.values(), reverse=True)
    if query.part_types:
        known = set(query.relevant)
        others = [g for item, g in zip(answer.items, grades, strict=True) if g and item.part_id not in known]
        best = sorted([*best, *others], reverse=True)
        top = max(query.part_types.values())
        best = sorted([*best, *[top] * max(0, min(DEPTH, answer.total) - len(best))], reverse=True)
    return best[:DEPTH]


def _judged(rows: list[_Row]) -> Judged:
    found = np.zeros((len(rows), DEPTH))
    ideal = np.zeros((len(rows), DEPTH))
    for index, row in enumerate(rows):
        found[index, : len(row.grades)] = row.grades
        ideal[index, : len(row.ideal)] = row.ideal
    return Judged(found, ideal)


def _intervals(rows: list[_Row]) -> dict[str, list[float]]:
    if not rows:
        return {}
    found = {name: mean_interval(values, seed=SEED) for name, values in measures(_judged(rows)).items()}
    return {name: [one.low, one.high] for name, one in found.items()}


def _measured(rows: list[_Row]) -> dict[str, float]:
    if not rows:
        return {"queries": 0}
    values = {name: float(column.mean()) for name, column in measures(_judged(rows)).items()}
    shown = sum(row.fitting for row in rows)
    return {
        "queries": len(rows),
        "ndcg@10": values["ndcg@10"],
        "mrr": values["mrr"],
        "recall@10": values["recall@10"],
        "map": values["map"],
        "success@3": values["success@3"],
        "zero_result_rate": sum(row.zero for row in rows) / len(rows),
        "wrong_fit_rate": sum(row.wrong for row in rows) / shown if shown else 0.0,
    }
