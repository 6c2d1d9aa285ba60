"""Seeded, synthetic ready documents and plans for measuring engines; shaped like a catalogue, no real data.

40 makes x 20 models x 25 years are 20,000 base vehicles; each has `SLOTS_A_BASE` slots numbered consecutively, ordered
by make, model, year, so that every node's slots are one run. A part has one type, a brand, a bilingual title and
`slots_a_part` slots at distinct base vehicles.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from indexers.engine.plan import TextGroup, TextQuery, TextTerm
from indexers.engine.port import Document

MAKES, MODELS, YEARS, SLOTS_A_BASE = 40, 20, 25, 60
BASES = MAKES * MODELS * YEARS
PART_TYPES, BRANDS, WORDS = 150, 60, 4000
QUALITIES = ("oe", "aftermarket", "remanufactured")
POSITIONS = ("front", "rear", "front left", "front right", "rear left", "rear right")


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One base vehicle by its number `0..BASES-1`, and the runs of slots of its year, model and make."""

    base: int

    @property
    def base_run(self) -> tuple[int, int]:
        """Slots of this make, model and year (closed)."""
        return self.base * SLOTS_A_BASE, (self.base + 1) * SLOTS_A_BASE - 1

    @property
    def model(self) -> int:
        """Dense number of the model."""
        return self.base // YEARS

    @property
    def make(self) -> int:
        """Dense number of the make."""
        return self.model // MODELS

    @property
    def model_run(self) -> tuple[int, int]:
        """Slots of every year of the model (closed)."""
        return self.model * YEARS * SLOTS_A_BASE, (self.model + 1) * YEARS * SLOTS_A_BASE - 1

    @property
    def model_node(self) -> int:
        """Node id of the model in `touches` and `covers`."""
        return MAKES + self.model

    @property
    def make_node(self) -> int:
        """Node id of the make in `touches` and `covers`."""
        return self.make


def type_words(part_type: int) -> tuple[str, str, str]:
    """Head word, shared by ten types; own word; Chinese-like bigram of the type."""
    return f"head{part_type // 10}", f"own{part_type}", f"二{part_type}"


def documents(count: int, seed: int = 7, slots_a_part: int = 25) -> Iterator[Document]:
    """`count` documents with ordinals `0..count-1`; the same for the same arguments."""
    rng = random.Random(seed)
    weights = [1.0 / (1 + index) ** 0.7 for index in range(WORDS)]
    pool = rng.choices(range(WORDS), weights, k=100_000)
    for ordinal in range(count):
        yield _document(ordinal, rng, pool, slots_a_part)


def _document(ordinal: int, rng: random.Random, pool: list[int], slots_a_part: int) -> Document:
    part_type, brand = rng.randrange(PART_TYPES), rng.randrange(BRANDS)
    head, own, han = type_words(part_type)
    words = [f"w{pool[rng.randrange(100_000)]}" for _ in range(14)]
    slots, touched, covered = _fitment(rng, slots_a_part)
    group = rng.random()
    return {
        "ord": ordinal,
        "title": " ".join([f"brand{brand}", head, own, han, *words[: rng.randrange(2, 8)]]),
        "type_names": f"{head} {own} {han} syn{part_type}",
        "body": " ".join([f"brand{brand}", *words]),
        "number_exact": [f"P{ordinal:08d}", f"OE{rng.randrange(10**7):07d}"],
        "brand": [f"B{brand:03d}"],
        "part_type": [f"T{part_type:04d}"],
        "category": [f"C{part_type // 10:03d}", f"C{part_type // 50:03d}x"],
        "position": [POSITIONS[rng.randrange(6)]],
        "quality": [QUALITIES[rng.randrange(3)]],
        "attribute": [f"width={rng.randrange(50)}"],
        "stocked": [f"S{rng.randrange(50)}"],
        "fitment": ["universal"] if group < 0.02 else ["none"] if group < 0.04 else ["applications"],
        "slots": slots if group >= 0.04 else [],
        "touches": touched,
        "covers": covered,
        "price": round(rng.uniform(5, 900), 2),
        "listed": float(730_000 + rng.randrange(3000)),
        "rank": round(rng.random(), 6),
    }


def _fitment(rng: random.Random, slots_a_part: int) -> tuple[list[int], list[int], list[int]]:
    bases = [rng.randrange(BASES) for _ in range(slots_a_part)]
    slots = [base * SLOTS_A_BASE + rng.randrange(SLOTS_A_BASE) for base in bases]
    models = {base // YEARS for base in bases}
    nodes = sorted({MAKES + model for model in models} | {model // MODELS for model in models})
    return slots, nodes, [node for node in nodes if rng.random() < 0.6]


def text_of(part_type: int) -> TextQuery:
    """A two-word query for one part type, as understanding would ask it: three fields a word, one synonym."""
    head, own, han = type_words(part_type)
    first = _alternatives(head)
    second = _alternatives(own) + _alternatives(han, 0.8)
    return TextQuery((TextGroup(first), TextGroup(second)), required=2)


def _alternatives(token: str, weight: float = 1.0) -> tuple[TextTerm, ...]:
    fields = (("title", 2.0), ("type_names", 1.5), ("body", 0.5))
    return tuple(TextTerm(field, token, boost * weight) for field, boost in fields)
