"""Everything that texts are looked up in: what follows from vocabulary, word files, vehicle table and catalogue."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from indexers.collector import uncollected
from indexers.store import Store
from indexers.text import phrase_key
from indexers.vocabulary import Vocabulary
from search_service.understanding.carried_places import CarriedPlaces
from search_service.understanding.correct import Corrector
from search_service.understanding.learnt import Learnt
from search_service.understanding.lexicon import Lexicon, Sense, split_key
from search_service.understanding.suggest import Prefixes
from search_service.understanding.type_names import TypeNames
from search_service.understanding.vehicle_reading import WORDS
from search_service.understanding.vehicles import KnownVehicles, VehicleLexicon
from search_service.understanding.words import Words


@dataclass(frozen=True)
class Known:
    """The look-ups of one understanding: built, or read from the files that `save` wrote."""

    lexicon: Lexicon
    vehicles: KnownVehicles
    corrector: Corrector
    type_names: TypeNames
    open_prefixes: Callable[[], Prefixes]

    @cached_property
    def prefixes(self) -> Prefixes:
        """What completions are looked up in; made when asked for."""
        return self.open_prefixes()

    @classmethod
    @uncollected()
    def build(
        cls, vocabulary: Vocabulary, words: Words, vehicles: VehicleLexicon, brands: Sequence[str], learnt: Learnt
    ) -> Known:
        """`brands` are the catalogue's, each once."""
        lexicon = Lexicon()
        lexicon.update(_part_words(vocabulary, words))
        lexicon.update(_other_words(words, brands))
        lexicon.update(vehicles.lexicon)
        learnt.add_to(lexicon)
        nicknames = (name for row in words.makes for each in row.models.values() for name in each)
        makes = [*vehicles.known.makes, *_named(vehicles, (name for row in words.makes for name in row.names)), *brands]
        models = [*(name for found in vehicles.names.values() for name in found), *_named(vehicles, nicknames)]
        return cls(
            lexicon,
            vehicles.known,
            Corrector.build(vocabulary, words, lexicon, makes, models, learnt),
            _type_names(vocabulary, words),
            lambda: Prefixes.build(vocabulary, vehicles, words),
        )

    def save(self, store: Store) -> None:
        """Write it for `load`."""
        self.lexicon.save(store, "lexicon")
        self.vehicles.save(store, "vehicles")
        self.corrector.save(store, "corrector")
        self.type_names.save(store, "type_names")
        self.prefixes.save(store, "prefixes")

    @classmethod
    def load(cls, store: Store, words: Words) -> Known:
        """What `save` wrote, memory-mapped. Raises `OSError`, `ValueError` for files that are missing or broken.

        All files are opened now: those of a worker with other words may take their place at any time.
        """
        lexicon = Lexicon.load(store, "lexicon")
        prefixes = Prefixes.load(store, "prefixes")
        return cls(
            lexicon,
            KnownVehicles.load(store, "vehicles"),
            Corrector.load(store, "corrector", words, lexicon),
            TypeNames.load(store, "type_names"),
            lambda: prefixes,
        )


@lru_cache(maxsize=1)
def _type_names(vocabulary: Vocabulary, words: Words) -> TypeNames:
    """Remembered, as all that follows from the words alone: a process that makes look-ups makes them for several."""
    return TypeNames.build(vocabulary, words.common.context)


@lru_cache(maxsize=1)
def _part_words(vocabulary: Vocabulary, words: Words) -> Lexicon:
    lexicon = Lexicon()
    places = {phrase_key(word): place for place, found in words.positions.items() for word in found}
    carried = CarriedPlaces(vocabulary, places, words.common.placeless)
    for key, meanings in vocabulary.meanings.items():
        senses = [Sense("type", one.type_id, one.confidence, carried.of(key, one.type_id)) for one in meanings]
        lexicon.add_atoms(split_key(key), senses)
    return lexicon


def _other_words(words: Words, brands: Collection[str]) -> Lexicon:
    lexicon = Lexicon()
    for place, names in words.positions.items():
        for name in names:
            lexicon.add(name, Sense("position", place))
    for row in words.quality:
        for name in row.words:
            lexicon.add(name, Sense("quality", "|".join(row.values)))
    spelt = {phrase_key(brand): brand for brand in brands}
    for brand in brands:
        lexicon.add(brand, Sense("brand", brand))
    for brand in words.brand_lines:
        if phrase_key(brand) not in spelt:
            lexicon.add(brand, Sense("brand", brand))
    for each in words.brands:
        known = next((spelt[key] for name in (each.brand, *each.aliases) if (key := phrase_key(name)) in spelt), None)
        for name in (each.brand, *each.aliases):
            lexicon.add(name, Sense("brand", known or each.brand))
    for symptom in words.symptoms:
        for at, group in enumerate(symptom.all):
            for name in group:
                lexicon.add(name, Sense("symptom", symptom.id, detail=str(at)))
    for name in (*words.common.qualifier, *WORDS):
        lexicon.add(name, Sense("qualifier", name))
    for name in words.common.stop:
        lexicon.add(name, Sense("stop", name))
    return lexicon


def _named(vehicles: VehicleLexicon, names: Iterable[str]) -> list[str]:
    """Those of the configuration's names that the vehicle table has a vehicle for."""
    return [name for name in names if phrase_key(name) in vehicles.lexicon.senses]
