"""The part-type vocabulary: what things are called, in both languages, and where each type stands in the tree.

Rows are read from a folder (`part_types.jsonl`, `categories.jsonl`, `ambiguous.jsonl`, `reviews.jsonl`); an operator's
own folder with files of the same names adds to them without a release. Every row is strict: an unknown key or register
is an error.
The order of the part types is that of completion: the most asked for stand first.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

import msgspec

from indexers.collector import uncollected
from indexers.text import RULES, Analysis, atoms, fold, is_han, join_atoms, join_units, phrase_key

Language: TypeAlias = Literal["en", "zh"]
Register: TypeAlias = Literal[
    "formal", "common", "colloquial", "us", "gb", "abbreviation", "cantonese", "taiwan", "north", "slang"
]
Place: TypeAlias = Literal["front", "rear", "left", "right", "upper", "lower", "inner", "outer"]
Review: TypeAlias = Literal["draft", "reviewed"]
Judgement: TypeAlias = Literal["draft", "reviewed", "rejected"]

# How sure a name of each register is of its part type, before ambiguity. Abbreviations and slang collide with other
# words; the judged set in tests/quality holds the filter threshold (0.75) that these are set against.
REGISTER_CONFIDENCE: Mapping[Register, float] = {
    "formal": 0.98, "common": 0.97, "colloquial": 0.95, "us": 0.96, "gb": 0.96, "abbreviation": 0.9,
    "cantonese": 0.95, "taiwan": 0.95, "north": 0.95, "slang": 0.85,
}  # fmt: skip
SHARED_CONFIDENCE = 0.6  # a name of two or more types without a row in ambiguous.jsonl: below every filter threshold
WHOLE_WORDS = ("set", "kit", "assembly", "assy", "总成", "套装", "套件", "组件")


class VocabularyError(ValueError):
    """A vocabulary file is not what its schema says; the message names the file and the line."""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name as shown to people, in both languages."""

    en: str
    zh: str


class CategoryRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One node of the category tree; `parent` `None` is a root."""

    id: str
    name: Text
    parent: str | None = None


class PartTypeRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `part_types.jsonl`.

    `names` maps language to register to names; `前杠@front` says the name carries a place. A later row with an id
    already read adds its names; its other fields, where given, replace. `note` tells what the type is mistaken for.
    `provenance` says who vouches for the row, `review` whether its names were looked at; `reviews.jsonl` says so name
    by name.
    """

    id: str
    category: str | None = None
    name: Text | None = None
    positions: tuple[Place, ...] | None = None
    names: dict[Language, dict[Register, tuple[str, ...]]] = {}
    note: str | None = None
    provenance: str = "own"
    review: Review = "draft"


class AmbiguousRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word with several meanings: part type id → confidence. It replaces what the names alone would say."""

    word: str
    readings: dict[str, float]
    note: str = ""


class Name(msgspec.Struct, frozen=True):
    """One way to call a part type. `place` is `None` unless the name itself says where the part goes.

    `folded` is the text as it is compared (folded, its sizes joined), `key` its phrase key: asked for again and again.
    """

    text: str
    lang: Language
    register: Register
    place: Place | None
    folded: str
    key: str

    @classmethod
    def of(cls, text: str, lang: Language, register: Register, place: Place | None = None) -> Name:
        """The name with its compared forms."""
        folded = join_units(fold(text))
        return cls(text, lang, register, place, folded, join_atoms(atoms(folded)))


class ReviewRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of `reviews.jsonl`: what somebody who looked at a name of a part type says of it.

    A rejected name is none: neither its part type's nor a reading of an ambiguous word. `by` says who or what looked.
    """

    word: str
    part_type: str
    state: Judgement
    by: str
    note: str = ""


class PartType(msgspec.Struct, frozen=True):
    """What a part is. `positions` are the places it can go (empty: none); `names` starts with the shown ones.

    `note` tells what it is mistaken for; `review` is the state of names that no review names (`Vocabulary.review_of`).
    """

    id: str
    category: str
    name: Text
    positions: tuple[Place, ...]
    names: tuple[Name, ...]
    note: str = ""
    review: Review = "draft"


class Meaning(msgspec.Struct, frozen=True):
    """One reading of a word: the part type, how sure, and the place the word carries."""

    type_id: str
    confidence: float
    place: Place | None
    name: Name


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Part types, categories and the words for them. Immutable; `version` changes with any of it or the analysis."""

    part_types: Mapping[str, PartType]
    categories: Mapping[str, CategoryRow]
    meanings: Mapping[str, tuple[Meaning, ...]]  # phrase key → readings, the likeliest first
    shown: Mapping[str, str]  # phrase key of a shown name → the one type that is shown so
    reviews: Mapping[tuple[str, str], ReviewRow]  # (type id, phrase key) → the last review of that name
    version: str
    analysis: Analysis

    def analyse(self, text: str) -> list[str]:
        """The tokens of `text` as indexed and searched, with the vocabulary's own words."""
        return self.analysis(text)

    def review_of(self, type_id: str, name: str) -> Judgement:
        """What was said of a name of the part type: in `reviews.jsonl`, else for the whole row."""
        row = self.reviews.get((type_id, phrase_key(name)))
        return row.state if row else self.part_types[type_id].review

    def type_of(self, name: str) -> PartType | None:
        """The part type with this id or unambiguous name, in any case or script; `None` if there is no single one.

        A name under which one type is shown counts as its own, also where people use the word for others (喇叭).
        """
        known = self.part_types.get(name) or self.part_types.get(name.strip().lower())
        if known is not None:
            return known
        key = phrase_key(name)
        return self._single(key) or self._single(phrase_key(_bare(name))) or self.part_types.get(outside_id(name))

    def _single(self, key: str) -> PartType | None:
        types = {meaning.type_id for meaning in self.meanings.get(key, ())}
        if key in self.shown:
            types = {self.shown[key]}
        return self.part_types[types.pop()] if len(types) == 1 else None

    def id_of(self, name: str) -> str:
        """The id under which a part type of the data is indexed: the vocabulary's, else `outside_id`."""
        found = self.type_of(name)
        return found.id if found else outside_id(name)

    def ancestors(self, type_id: str) -> tuple[str, ...]:
        """Category ids above the part type, the root first; empty for a type outside the vocabulary."""
        part_type = self.part_types.get(type_id)
        return self._path(part_type.category) if part_type else ()

    def _path(self, category: str) -> tuple[str, ...]:
        above = self.categories[category].parent
        return (*self._path(above), category) if above else (category,)

    def name_of(self, type_id: str, lang: Language, outside: str | None = None) -> str:
        """The name shown for an id; for one outside the vocabulary `outside`, or the id itself."""
        part_type = self.part_types.get(type_id)
        if part_type is None:
            return outside or type_id
        return part_type.name.zh if lang == "zh" else part_type.name.en

    def names_text(self, name: str) -> str:
        """Every name of the part type, blank-separated, for the `type_names` field; outside the vocabulary the name."""
        part_type = self.type_of(name)
        return " ".join(each.text for each in part_type.names) if part_type else name


def outside_id(name: str) -> str:
    """Id of a part type that the vocabulary does not have: its words folded and joined by `_` (`cup_holder_light`)."""
    words = [piece if piece.isalnum() else "_" for piece in fold(name)]
    return "_".join(part for part in "".join(words).split("_") if part) or "unnamed"


def _bare(name: str) -> str:
    """The name without a last word that only says how it is sold: set, kit, assembly, 总成."""
    folded = fold(name).strip()
    for word in WHOLE_WORDS:
        if folded.endswith(word) and len(folded) > len(word) + 1:
            return folded[: -len(word)].strip()
    return folded


Row = TypeVar("Row", CategoryRow, PartTypeRow, AmbiguousRow, ReviewRow)


def read_rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    """Rows of one JSON Lines file; a missing file has none. Raises `VocabularyError` with file and line."""
    if not path.exists():
        return
    decoder = msgspec.json.Decoder(kind)
    for line, raw in enumerate(path.read_bytes().splitlines(), start=1):
        if raw.strip():
            try:
                yield decoder.decode(raw)
            except msgspec.MsgspecError as error:
                raise VocabularyError(f"{path.name} line {line}: {error}") from error


def load_vocabulary(folder: Path, extra: Path | None = None) -> Vocabulary:
    """Read the vocabulary of `folder`, extended by the operator's `extra`. Raises `VocabularyError`.

    Files that were read last and have not changed are not read again.
    """
    folders = (folder,) if extra is None else (folder, extra)
    return _read(folders, _version(folders))


@lru_cache(maxsize=2)
@uncollected()
def _read(folders: Sequence[Path], version: str) -> Vocabulary:
    categories = {row.id: row for each in folders for row in read_rows(each / "categories.jsonl", CategoryRow)}
    rows = [row for each in folders for row in read_rows(each / "part_types.jsonl", PartTypeRow)]
    part_types = _part_types(rows)
    ambiguous = [row for each in folders for row in read_rows(each / "ambiguous.jsonl", AmbiguousRow)]
    _check(part_types, categories, ambiguous)
    reviews = _reviews(row for each in folders for row in read_rows(each / "reviews.jsonl", ReviewRow))
    part_types, ambiguous = _without_rejected(part_types, ambiguous, reviews)
    return Vocabulary(
        part_types=part_types,
        categories=categories,
        meanings=_meanings(part_types, ambiguous),
        shown=_shown(part_types),
        reviews=reviews,
        version=version,
        analysis=Analysis(_han_words(part_types)),
    )


def _part_types(rows: Iterable[PartTypeRow]) -> dict[str, PartType]:
    part_types: dict[str, PartType] = {}
    for row in rows:
        before = part_types.get(row.id)
        shown = row.name or (before.name if before else None)
        category = row.category or (before.category if before else None)
        if shown is None or category is None:
            raise VocabularyError(f"part type {row.id!r} is new and has no name or no category")
        positions = row.positions if row.positions is not None else (before.positions if before else ())
        names = (*_shown_names(shown), *(before.names if before else ()), *_names(row))
        distinct = {(name.lang, name.key): name for name in reversed(names)}
        note = row.note or (before.note if before else "")
        review = before.review if before else row.review
        part_types[row.id] = PartType(
            row.id, category, shown, positions, tuple(reversed(distinct.values())), note, review
        )
    return part_types


def _shown_names(shown: Text) -> tuple[Name, Name]:
    return Name.of(shown.en, "en", "formal"), Name.of(shown.zh, "zh", "formal")


def _names(row: PartTypeRow) -> Iterator[Name]:
    for lang, registers in row.names.items():
        for register, texts in registers.items():
            for text in texts:
                word, _, place = text.partition("@")
                yield Name.of(word, lang, register, msgspec.convert(place, Place) if place else None)


def _check(
    part_types: Mapping[str, PartType], categories: Mapping[str, CategoryRow], ambiguous: Sequence[AmbiguousRow]
) -> None:
    for part_type in part_types.values():
        if part_type.category not in categories:
            raise VocabularyError(f"part type {part_type.id!r} names the unknown category {part_type.category!r}")
    for category in categories.values():
        if category.parent is not None and category.parent not in categories:
            raise VocabularyError(f"category {category.id!r} names the unknown parent {category.parent!r}")
    for row in ambiguous:
        for type_id in row.readings:
            if type_id not in part_types:
                raise VocabularyError(f"ambiguous word {row.word!r} names the unknown part type {type_id!r}")


def _reviews(rows: Iterable[ReviewRow]) -> dict[tuple[str, str], ReviewRow]:
    return {(row.part_type, phrase_key(row.word)): row for row in rows}


def _without_rejected(
    part_types: dict[str, PartType], ambiguous: list[AmbiguousRow], reviews: Mapping[tuple[str, str], ReviewRow]
) -> tuple[dict[str, PartType], list[AmbiguousRow]]:
    """The vocabulary without the names that were rejected. A name already gone may stay rejected."""
    keys: dict[str, set[str]] = defaultdict(set)
    for (type_id, key), row in reviews.items():
        known = part_types.get(type_id)
        if known is None:
            raise VocabularyError(f"reviews.jsonl: {row.word!r} names the unknown part type {type_id!r}")
        if row.state != "rejected" and not any(name.key == key for name in known.names):
            raise VocabularyError(f"reviews.jsonl: {type_id!r} has no name {row.word!r}")
        if row.state == "rejected" and key in (phrase_key(known.name.en), phrase_key(known.name.zh)):
            raise VocabularyError(f"reviews.jsonl: {row.word!r} is shown for {type_id!r}; give it another name first")
        keys[type_id].update([key] if row.state == "rejected" else ())
    kept = {type_id: _unnamed(part_type, keys.get(type_id, ())) for type_id, part_type in part_types.items()}
    return kept, [_unread(row, keys) for row in ambiguous]


def _unnamed(part_type: PartType, rejected: Collection[str]) -> PartType:
    if not rejected:
        return part_type
    names = tuple(name for name in part_type.names if name.key not in rejected)
    return msgspec.structs.replace(part_type, names=names)


def _unread(row: AmbiguousRow, rejected: Mapping[str, Collection[str]]) -> AmbiguousRow:
    gone = [type_id for type_id in row.readings if phrase_key(row.word) in rejected.get(type_id, ())]
    readings = {type_id: each for type_id, each in row.readings.items() if type_id not in gone}
    return msgspec.structs.replace(row, readings=readings) if gone else row


def _shown(part_types: Mapping[str, PartType]) -> dict[str, str]:
    keys = [(phrase_key(text), each.id) for each in part_types.values() for text in (each.name.en, each.name.zh)]
    counts = Counter(key for key, _ in keys)
    return {key: type_id for key, type_id in keys if counts[key] == 1}


def _meanings(part_types: Mapping[str, PartType], ambiguous: Iterable[AmbiguousRow]) -> dict[str, tuple[Meaning, ...]]:
    by_key: dict[str, dict[str, Meaning]] = defaultdict(dict)
    for part_type in part_types.values():
        for name in part_type.names:
            meaning = Meaning(part_type.id, REGISTER_CONFIDENCE[name.register], name.place, name)
            by_key[name.key].setdefault(part_type.id, meaning)
    for shared in by_key.values():
        if len(shared) > 1:
            for type_id, meaning in shared.items():
                shared[type_id] = Meaning(type_id, SHARED_CONFIDENCE / len(shared) * 2, meaning.place, meaning.name)
    for row in ambiguous:
        name = Name.of(row.word, "zh" if is_han(fold(row.word)) else "en", "common")
        by_key[name.key] = {
            type_id: Meaning(type_id, confidence, None, name) for type_id, confidence in row.readings.items()
        }
    return {
        key: tuple(sorted(found.values(), key=lambda meaning: (-meaning.confidence, meaning.type_id)))
        for key, found in by_key.items()
        if key
    }


def _han_words(part_types: Mapping[str, PartType]) -> set[str]:
    names = (name.folded for each in part_types.values() for name in each.names if name.lang == "zh")
    return {name for name in names if all(map(is_han, name))}


def _version(folders: Iterable[Path]) -> str:
    digest = hashlib.sha256(str(RULES).encode())
    for folder in folders:
        for name in ("categories.jsonl", "part_types.jsonl", "ambiguous.jsonl", "reviews.jsonl"):
            path = folder / name
            digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:12]


def row_schemas() -> dict[str, dict[str, object]]:
    """JSON Schema of one line of each file, by the file's stem; kept in `config/schemas/`."""
    kinds = {"part_types": PartTypeRow, "categories": CategoryRow, "ambiguous": AmbiguousRow, "reviews": ReviewRow}
    return {name: msgspec.json.schema(kind) for name, kind in kinds.items()}
