"""The examples of docs/vocabulary.md, loaded as an operator's folder."""

from __future__ import annotations

import re
from pathlib import Path

from search_service.understanding.vocabulary import load_vocabulary
from search_service.understanding.words import load_words

DOC = (Path(__file__).resolve().parents[2] / "docs" / "vocabulary.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Code blocks of one language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", DOC, re.DOTALL)


def test_the_examples_of_vocabulary_rows_load(tmp_path: Path) -> None:
    """A new type, one more name, an ambiguous word, reviews."""
    new, more, ambiguous, reviews = blocks("json")
    part_types = " ".join(new.split()) + "\n" + more
    for name, text in (("part_types", part_types), ("ambiguous", ambiguous), ("reviews", reviews)):
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    own = load_vocabulary(extra=tmp_path)
    assert own.id_of("小黄鸭") == own.id_of("dash duck") == "duck"
    assert own.id_of("迫力皮") == "brake_pad"
    assert {meaning.type_id for meaning in own.meanings["分泵"]} == {"wheel_cylinder", "clutch_slave_cylinder"}
    assert [meaning.type_id for meaning in own.meanings["羊角"]] == ["knuckle"]
    assert own.review_of("subframe", "元宝梁") == "reviewed"


def test_the_example_of_a_size_loads(tmp_path: Path) -> None:
    """The size of the page is one the code reads."""
    (size,) = blocks("yaml")
    (tmp_path / "specs.yaml").write_text(size, encoding="utf-8")
    assert load_words(extra=tmp_path).specs[0].attributes == {"length_mm": (25.0, 25.4), "length_in": (1.0,)}
