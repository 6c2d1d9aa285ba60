"""The vocabulary from its default place. The data class lives with the indexers, which also need it."""

from __future__ import annotations

from pathlib import Path

from indexers import vocabulary as source
from indexers.vocabulary import Meaning, Name, PartType, Vocabulary, VocabularyError, outside_id
from search_service.resources import config_folder

__all__ = ["Meaning", "Name", "PartType", "Vocabulary", "VocabularyError", "load_vocabulary", "outside_id"]


def load_vocabulary(folder: Path | None = None, extra: Path | None = None) -> Vocabulary:
    """The vocabulary of `folder` (default: the shipped `config/`), extended by the operator's folder `extra`."""
    return source.load_vocabulary(folder or config_folder(), extra)
