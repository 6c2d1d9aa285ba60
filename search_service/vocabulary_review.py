"""`partfit vocabulary`: suggestions from the log to a file, and reviewed lines from a file into the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from indexers.generation import Generation
from indexers.vocabulary import PartTypeRow, ReviewRow, Vocabulary, VocabularyError, load_vocabulary, read_rows
from search_service.errors import Invalid
from search_service.live.port import LiveStore
from search_service.mining import WordSuggestion, suggest_words
from search_service.resources import config_folder

FILE = "part_types.jsonl"
REVIEWS = "reviews.jsonl"
DAY_MS = 86_400_000


def suggestions(live: LiveStore, generation: Generation, vocabulary: Vocabulary, since: int) -> list[WordSuggestion]:
    """Words that people used since a time (milliseconds) and nobody knew, with what they probably mean."""
    return suggest_words(live.queries(since), live.events(since), type_finder(generation, vocabulary))


def type_finder(generation: Generation, vocabulary: Vocabulary) -> Callable[[str], str | None]:
    """Part id → part type id of a generation, if the vocabulary has it."""
    words, column = generation.words["part_type"], generation.column("part_type")

    def type_of(part_id: str) -> str | None:
        ordinal = generation.ordinal(part_id)
        type_id = None if ordinal is None or column[ordinal] < 0 else str(words[column[ordinal]])
        return type_id if type_id in vocabulary.part_types else None

    return type_of


def accept(file: Path, folder: Path | None) -> int:
    """Add the lines of a reviewed file to the operator's `part_types.jsonl`; returns how many.

    That their names were looked at goes into his `reviews.jsonl`. All or none: the vocabulary with them must load.
    Raises `Invalid`.
    """
    if folder is None:
        raise Invalid.of("PARTFIT_CONFIG_DIR", "is not set: there is no folder of your own to add words to")
    targets = {name: folder / name for name in (FILE, REVIEWS)}
    before = {path: path.read_bytes() if path.exists() else b"" for path in targets.values()}
    try:
        rows = [msgspec.structs.replace(row, review="reviewed") for row in read_rows(file, PartTypeRow)]
        _append(targets[FILE], rows)
        _append(targets[REVIEWS], [review for row in rows for review in _reviews_of(row)])
        load_vocabulary(config_folder(), folder)
    except VocabularyError as error:
        for path, content in before.items():
            _restore(path, content)
        raise Invalid.of(file.name, str(error)) from None
    return len(rows)


def _reviews_of(row: PartTypeRow) -> Iterator[ReviewRow]:
    for registers in row.names.values():
        for texts in registers.values():
            for text in texts:
                yield ReviewRow(text.partition("@")[0], row.id, "reviewed", "partfit vocabulary accept")


def _append(path: Path, rows: Iterable[PartTypeRow | ReviewRow]) -> None:
    before = path.read_bytes() if path.exists() else b""
    separator = b"\n" if before and not before.endswith(b"\n") else b""
    path.write_bytes(before + separator + b"".join(msgspec.json.encode(row) + b"\n" for row in rows))


def _restore(target: Path, before: bytes) -> None:
    if before:
        target.write_bytes(before)
    else:
        target.unlink(missing_ok=True)
