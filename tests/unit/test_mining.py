"""Words of the log become suggestions: what people went on to after a text that nobody understood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from search_service.errors import Invalid
from search_service.live.model import Event, Query
from search_service.mining import WordSuggestion, suggest_words
from search_service.understanding.vocabulary import load_vocabulary
from search_service.vocabulary_review import accept

TYPES = {"pad": "brake_pad", "disc": "brake_disc"}


def query(query_id: str, text: str, person: str, at: int = 0, **attributes: Any) -> Query:
    return Query(query_id, text, "", at, session_id=person, query_attributes=attributes)


def click(query_id: str, part_id: str) -> Event:
    return Event(query_id.encode().ljust(16), 1, "click", b"{}", query_id=query_id, object_id=part_id)


def found(queries: list[Query], events: list[Event]) -> list[tuple[str, str, int]]:
    return [(one.word, one.type_id, one.people) for one in suggest_words(queries, events, TYPES.get)]


def test_a_click_says_what_the_word_meant() -> None:
    """Two people who clicked brake pads after the same unknown word suggest it."""
    queries = [
        query("1", "front grippers", "a", unknown=["grippers"]),
        query("2", "Grippers", "b", unknown=["Grippers"]),
    ]
    assert found(queries, [click("1", "pad"), click("2", "pad")]) == [("grippers", "brake_pad", 2)]


def test_what_was_typed_instead_says_it_too() -> None:
    """A text that found nothing, retyped within ten minutes as something understood."""
    queries = [
        query("1", "grippers", "a", 0, total=0),
        query("2", "brake pads", "a", 60_000, part_types=["brake_pad"]),
        query("3", "grippers", "b", 0, total=0),
        query("4", "brake pads", "b", 60_000, part_types=["brake_pad"]),
    ]
    assert found(queries, []) == [("grippers", "brake_pad", 2)]


def test_an_hour_later_is_another_wish() -> None:
    """What the person typed much later says nothing."""
    queries = [
        query(f"{who}{at}", text, who, at, **more)
        for who in "ab"
        for at, text, more in ((0, "grippers", {"total": 0}), (3_600_000, "brake pads", {"part_types": ["brake_pad"]}))
    ]
    assert found(queries, []) == []


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([click("1", "pad")], "one person"),
        ([click("1", "pad"), click("2", "disc")], "no agreement"),
        ([], "nothing after it"),
    ],
)
def test_too_little_suggests_nothing(events: list[Event], why: str) -> None:
    """One person, people who disagree, and silence are no evidence."""
    queries = [query("1", "grippers", "a", unknown=["grippers"]), query("2", "grippers", "b", unknown=["grippers"])]
    assert found(queries, events) == [], why


def test_numbers_are_no_words() -> None:
    """A part number nobody has is not a name."""
    queries = [query("1", "AB-1234", "a", unknown=["ab-1234"]), query("2", "AB-1234", "b", unknown=["ab-1234"])]
    assert found(queries, [click("1", "pad"), click("2", "pad")]) == []


def test_a_reviewed_line_is_a_word_from_then_on(tmp_path: Path) -> None:
    """Accepting adds the line to the operator's own file as reviewed."""
    reviewed = tmp_path / "reviewed.jsonl"
    line = WordSuggestion("grippers", "brake_pad", 2, 1.0, ("front grippers",)).row()
    reviewed.write_bytes(msgspec.json.encode(line))
    config = tmp_path / "config"
    config.mkdir()
    assert accept(reviewed, config) == 1
    assert load_vocabulary(extra=config).type_of("grippers").id == "brake_pad"  # type: ignore[union-attr]
    assert '"review":"reviewed"' in (config / "part_types.jsonl").read_text(encoding="utf-8")
    assert load_vocabulary(extra=config).review_of("brake_pad", "grippers") == "reviewed"


def test_a_line_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    """A bad line is refused with its number, and the file stays as it was."""
    (tmp_path / "bad.jsonl").write_text('{"id": "brake_pad", "nmaes": {}}', encoding="utf-8")
    with pytest.raises(Invalid, match="line 1"):
        accept(tmp_path / "bad.jsonl", tmp_path)
    assert not (tmp_path / "part_types.jsonl").exists()
    assert not (tmp_path / "reviews.jsonl").exists()
