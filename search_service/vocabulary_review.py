"""`partfit vocabulary`: suggestions from the log to a file, and reviewed lines from a file into the configuration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from indexers.generation import Generation
from indexers.vocabulary import PartTypeRow, Vocabulary, VocabularyError, load_vocabulary, read_rows
from search_service.errors import Invalid
from search_service.live.port import LiveStore
from search_service.mining import WordSuggestion, suggest_words
from search_service.resources import config_folder

FILE = "part_types.jsonl"
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

    All or none: the vocabulary with them must load. Raises `Invalid`.
    """
    if folder is None:
        raise Invalid.of("PARTFIT_CONFIG_DIR", "is not set: there is no folder of your own to add words to")
    target = folder / FILE
    before = target.read_bytes() if target.exists() else b""
    try:
        rows = [msgspec.structs.replace(row, review="reviewed") for row in read_rows(file, PartTypeRow)]
        added = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        separator = b"\n" if before and not before.endswith(b"\n") else b""
        target.write_bytes(before + separator + added)
        load_vocabulary(config_folder(), folder)
    except VocabularyError as error:
        _restore(target, before)
        raise Invalid.of(file.name, str(error)) from None
    return len(rows)


def _restore(target: Path, before: bytes) -> None:
    if before:
        target.write_bytes(before)
    else:
        target.unlink(missing_ok=True)
