"""Documents of a case, and an engine of plain loops that answers plans over them: neither tantivy nor OpenSearch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, assert_never

import numpy as np

from fitment_rules.places import places
from indexers.coverage import Folding, cover, uniform
from indexers.engine.plan import (
    AllOf,
    AnyOf,
    Between,
    Everything,
    Filter,
    Not,
    Nothing,
    OneOf,
    Prefix,
    Runs,
    SearchPlan,
)
from indexers.schema import ANYWHERE
from indexers.slots import Interned, Slots, Words
from tests.oracle.catalogues import Case
from tests.oracle.kernel import Compiled
from tests.oracle.oracle import Part

Document = Mapping[str, Any]
LOW = 0xFFFFFFFF


def documents(case: Case, made: Compiled) -> list[Document]:
    """One document a part, with the folded nodes of the indexer's own coverage; the order is the parts'."""
    folded = _folded(case, made)
    return [_document(case, made, part, folded[number]) for number, part in enumerate(case.parts)]


def matches(one: Filter, document: Document) -> bool:
    """A filter over one document."""
    match one:
        case Everything():
            return True
        case Nothing():
            return False
        case AnyOf(name, values):
            return bool(set(values) & set(document.get(name, ())))
        case Runs(name, runs):
            return any(low <= value <= high for value in document.get(name, ()) for low, high in runs)
        case Between(name, low, high):
            values = document.get(name, ())
            return any((low is None or value >= low) and (high is None or value <= high) for value in values)
        case Prefix(name, prefix):
            return any(str(value).startswith(prefix) for value in document.get(name, ()))
        case AllOf(filters):
            return all(matches(inner, document) for inner in filters)
        case OneOf(filters):
            return any(matches(inner, document) for inner in filters)
        case Not(inner):
            return not matches(inner, document)
        case _:
            assert_never(one)


def answer(plan: SearchPlan, found: Sequence[Document]) -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """Counts and facets of a plan without text, by name."""
    counts = {count.name: sum(matches(count.filter, one) for one in found) for count in plan.counts}
    facets: dict[str, dict[str, int]] = {}
    for facet in plan.facets:
        values: Counter[str] = Counter()
        for one in found:
            if matches(facet.filter, one):
                values.update(set(one.get(facet.field, ())))
        facets[facet.name] = dict(values)
    return counts, facets


def _document(case: Case, made: Compiled, part: Part, folded: Mapping[str, Sequence[int]]) -> Document:
    own = places(part.position)
    slots = made.of_part[part.part_id]
    at = [places(rule.position or part.position) for rule in case.applications if rule.part_id == part.part_id]
    said = {*own, *(place for one in at for place in (one or (ANYWHERE,)))}
    has = bool(at)
    words = (("applications", has), ("none", not has), ("quarantined", part.quarantined), ("universal", part.universal))
    return {
        **part.columns,
        "fitment": [word for word, true in words if true],
        "place": sorted(said) or [ANYWHERE],
        "own_place": list(own) or [ANYWHERE],
        "slots": slots.plain,
        "note_slots": slots.noted,
        **folded,
    }


def _folded(case: Case, made: Compiled) -> list[dict[str, Sequence[int]]]:
    slots, words = _columns(made)
    folding = Folding(cover(made.table, slots, words), slots.position, words.positions.values)
    pairs = [(number, slot) for number, part in enumerate(case.parts) for slot in made.of_part[part.part_id].plain]
    part = np.array([number for number, _ in pairs], np.int64)
    slot = np.array([slot for _, slot in pairs], np.int64)
    shared, mixed = uniform(len(case.parts), part, slot, slots.position)
    touches = _lists(len(case.parts), folding.touches(part, slot, mixed))
    covers = _lists(len(case.parts), folding.covers(part, slot, mixed))
    return [
        {
            "touches": touches[number],
            "covers": covers[number],
            "uniform_position": [] if shared[number] < 0 else [int(shared[number])],
        }
        for number in range(len(case.parts))
    ]


def _columns(made: Compiled) -> tuple[Slots, Words]:
    table = made.slots
    count = len(table.conjunction)
    node = np.array([table.node_of(slot) for slot in range(count)], np.int32)
    columns = [np.array(column, np.int32) for column in (table.conjunction, table.position, table.noted)]
    words = Words(Interned.of(list(table.conjunctions)), Interned.of(list(table.positions)), Interned.of([()]))
    return Slots(node, columns[0], columns[1], columns[2], count), words


def _lists(count: int, keys: Iterable[int]) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(count)]
    for key in keys:
        found[int(key) >> 32].append(int(key) & LOW)
    return found
