"""The word files beside the vocabulary: places, quality, sizes, brands, makes, symptoms, stop words. Strict."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from search_service.resources import config_folder
from search_service.understanding.errors import InvalidWords


class QualityRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that all mean one of the catalogue's quality `values`."""

    values: tuple[str, ...]
    words: tuple[str, ...]


class SpecRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of size: the pattern of its joined token and the part types it is about, with confidence."""

    kind: str
    pattern: str
    part_types: dict[str, float]


class WordsRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`words.yaml`: stop words, qualifiers, look-alikes, heads, contexts, vehicle names that are everyday words."""

    stop: tuple[str, ...]
    qualifier: tuple[str, ...]
    look_alike: tuple[str, ...]
    head: tuple[str, ...]
    context: tuple[str, ...]
    shy: tuple[str, ...]


class BrandRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part brand and what else it is called."""

    brand: str
    aliases: tuple[str, ...] = ()


class MakeRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A vehicle make, its names and nicknames, and those of its models."""

    make: str
    names: tuple[str, ...] = ()
    models: dict[str, tuple[str, ...]] = {}


class SymptomRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A complaint: one word of every group of `all` must be said. `part_types` maps causes to weights in (0, 1]."""

    id: str
    name: dict[str, str]
    all: tuple[tuple[str, ...], ...]
    part_types: dict[str, float]


@dataclass(frozen=True)
class Words:
    """Everything said in queries that is no part type and no row of the vehicle table."""

    positions: Mapping[str, tuple[str, ...]]
    quality: tuple[QualityRow, ...]
    specs: tuple[SpecRow, ...]
    common: WordsRow
    brands: tuple[BrandRow, ...]
    brand_lines: Mapping[str, tuple[str, ...]]  # brand → part types it is known for, the first thing first
    makes: tuple[MakeRow, ...]
    symptoms: tuple[SymptomRow, ...]
    syllables: Mapping[str, tuple[str, ...]]  # Chinese character → toneless readings, the commonest first

    @cached_property
    def spec_patterns(self) -> tuple[tuple[SpecRow, re.Pattern[str]], ...]:
        """The sizes with their compiled patterns, in file order: the first that matches a token wins."""
        return tuple((row, re.compile(row.pattern)) for row in self.specs)


Value = TypeVar("Value")


def word_schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of each word file (of one line, for JSON Lines), by the file's stem; kept in `config/schemas/`."""
    kinds: dict[str, Any] = {
        "positions": dict[str, tuple[str, ...]],
        "quality": tuple[QualityRow, ...],
        "specs": tuple[SpecRow, ...],
        "words": WordsRow,
        "brands": BrandRow,
        "brand_lines": dict[str, tuple[str, ...]],
        "makes": MakeRow,
        "symptoms": SymptomRow,
    }
    return {name: msgspec.json.schema(kind) for name, kind in kinds.items()}


def load_words(folder: Path | None = None) -> Words:
    """Read the word files of `folder` (default: the shipped `config/`). Raises `InvalidWords`."""
    home = folder or config_folder()
    return Words(
        positions=_yaml(home / "positions.yaml", dict[str, tuple[str, ...]]),
        quality=_yaml(home / "quality.yaml", tuple[QualityRow, ...]),
        specs=_yaml(home / "specs.yaml", tuple[SpecRow, ...]),
        common=_yaml(home / "words.yaml", WordsRow),
        brands=_lines(home / "brands.jsonl", BrandRow),
        brand_lines=_yaml(home / "brand_lines.yaml", dict[str, tuple[str, ...]]),
        makes=_lines(home / "makes.jsonl", MakeRow),
        symptoms=_lines(home / "symptoms.jsonl", SymptomRow),
        syllables=read_syllables(home / "tables" / "pinyin.txt"),
    )


def _yaml(path: Path, kind: type[Value]) -> Value:
    """Every scalar is read as text (`no` and `on` are words here), then converted to the type asked for."""
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), Loader=loader), kind, strict=False)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise InvalidWords(path.name, str(error)) from error


def _lines(path: Path, kind: type[Value]) -> tuple[Value, ...]:
    decoder = msgspec.json.Decoder(kind)
    found: list[Value] = []
    try:
        lines = [raw for raw in path.read_bytes().splitlines() if raw.strip()]
        for raw in lines:
            found.append(decoder.decode(raw))
    except (OSError, msgspec.MsgspecError) as error:
        raise InvalidWords(path.name, f"row {len(found) + 1}: {error}") from error
    return tuple(found)


def read_syllables(path: Path) -> dict[str, tuple[str, ...]]:
    """Character → readings, from lines `syllable<TAB>characters<TAB>characters that have it as another reading`."""
    first: dict[str, str] = {}
    other: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        syllable, main, rest = line.split("\t")
        first.update(dict.fromkeys(main, syllable))
        for character in rest:
            other.setdefault(character, []).append(syllable)
    characters = first.keys() | other.keys()
    main_first = {sign: [first[sign]] if sign in first else [] for sign in characters}
    return {sign: tuple(dict.fromkeys(main_first[sign] + other.get(sign, []))) for sign in characters}
