"""Words that only this catalogue has: the names of its own part types, and what stands in its titles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from indexers.text import is_han, phrase_key
from indexers.title_words import TitleWord
from search_service.understanding.lexicon import Lexicon, Sense

OWN_TYPE = 0.9  # the name of a part type that the vocabulary lacks but the catalogue has: it filters
BESIDE = 0.7  # what a word of titles says of the part type it stands beside: below the filter, whatever its share
SHORTEST = 4  # letters of a Latin word of titles that is taken for spelt right


@dataclass(frozen=True, slots=True)
class Learnt:
    """What one generation teaches: ids of part types outside the vocabulary, and the words of its titles."""

    types: tuple[str, ...] = ()
    words: Mapping[str, TitleWord] = field(default_factory=dict)

    def add_to(self, lexicon: Lexicon) -> None:
        """Give the lexicon the words it does not have; a word with any other meaning keeps just that."""
        for type_id in self.types:
            name = type_id.replace("_", " ")
            if phrase_key(name) not in lexicon.senses:
                lexicon.add(name, Sense("type", type_id, OWN_TYPE))
        for word, told in self.words.items():
            if told.part_types and phrase_key(word) not in lexicon.senses:
                for type_id, share in told.part_types.items():
                    lexicon.add(word, Sense("type", type_id, round(BESIDE * share, 4)))

    def spellings(self) -> Iterator[str]:
        """Latin words of titles that typing errors may be errors of."""
        return (word for word in self.words if len(word) >= SHORTEST and not is_han(word))
