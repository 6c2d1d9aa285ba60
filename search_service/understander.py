"""The understanding that goes with a generation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import msgspec

from indexers.generation import Generation
from indexers.generation_files import TITLE_WORDS
from indexers.vocabulary import Vocabulary
from search_service.understanding.kept import fingerprint, kept
from search_service.understanding.known import Known
from search_service.understanding.learnt import Learnt
from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.words import Words


@dataclass(frozen=True)
class Understander:
    """Understands with one vocabulary and one set of word files."""

    vocabulary: Vocabulary
    words: Words

    def understanding(self, generation: Generation) -> Understanding:
        """Of texts asked of this generation."""
        return Understanding(
            self.vocabulary,
            brands=generation.words["brand"],
            numbers=lambda key: bool(generation.number_lookup(key)),
            words=self.words,
            learnt=self._learnt(generation),
            known=self.prepare(generation),
        )

    def prepare(self, generation: Generation) -> Known:
        """What it looks texts up in, kept in the generation's folder from now on."""
        name = f"{self._fingerprint}-{self._content(generation)}"
        return kept(generation.folder, name, self.words, lambda: self._made(generation))

    def _made(self, generation: Generation) -> Known:
        rows = ((row.make, row.model, row.names, row.aliases, row.attributes) for row in generation.vehicles.rows)
        vehicles = VehicleLexicon.build(rows, self.words.makes)
        brands = tuple(dict.fromkeys(generation.words["brand"]))
        return Known.build(self.vocabulary, self.words, vehicles, brands, self._learnt(generation))

    def _content(self, generation: Generation) -> str:
        """Changes with what the generation brings: vehicles, brands, its own part types, words of titles."""
        files = generation.manifest.files
        brought = (
            files["vehicles.blob"], files[f"{TITLE_WORDS}.json"], generation.words["brand"],
            generation.own_types(self.vocabulary),
        )  # fmt: skip
        return hashlib.sha256(msgspec.json.encode(brought)).hexdigest()[:16]

    def _learnt(self, generation: Generation) -> Learnt:
        return Learnt(generation.own_types(self.vocabulary), generation.title_words)

    @cached_property
    def _fingerprint(self) -> str:
        return fingerprint(self.vocabulary, self.words)
