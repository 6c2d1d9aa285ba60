"""The word files beside the vocabulary: places, quality, sizes, brands, makes, symptoms, stop words. Strict."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
import yaml

from search_service.resources import config_folder
from search_service.understanding.errors import InvalidWords

Factors: TypeAlias = Annotated[tuple[float, ...], msgspec.Meta(min_length=1, max_length=2)]


class QualityRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that all mean one of the catalogue's quality `values`."""

    values: tuple[str, ...]
    words: tuple[str, ...]


class SpecRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of size: the pattern of its joined token and the part types it is about, with confidence.

    `beside` counts only beside such a part or another size of it. `needed` says whether it must be found or only
    orders; left out, it must if it is about a part. `written` is how people write it and `also` other tokens for it,
    both from the pattern's groups; `same` lists names of one thing. `attributes` maps numbers of parts
    to the factor, or the lowest and highest, that makes them of the pattern's first group.
    """

    kind: str
    pattern: str
    part_types: dict[str, float]
    written: str = ""
    also: tuple[str, ...] = ()
    same: tuple[tuple[str, ...], ...] = ()
    attributes: dict[str, Factors] = {}
    beside: bool = False
    needed: bool | None = None


class WordsRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`words.yaml`: stop words, qualifiers, look-alikes, heads, contexts, vehicle names that are everyday words,
    beginnings of Chinese part names whose place sign is none (后视镜)."""

    stop: tuple[str, ...] = ()
    qualifier: tuple[str, ...] = ()
    look_alike: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    shy: tuple[str, ...] = ()
    placeless: tuple[str, ...] = ()


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


@dataclass(frozen=True, eq=False)
class Words:
    """Everything said in queries that is no part type and no row of the vehicle table. `version` changes with any."""

    positions: Mapping[str, tuple[str, ...]]
    quality: tuple[QualityRow, ...]
    specs: tuple[SpecRow, ...]
    common: WordsRow
    brands: tuple[BrandRow, ...]
    brand_lines: Mapping[str, tuple[str, ...]]  # brand → part types it is known for, the first thing first
    makes: tuple[MakeRow, ...]
    symptoms: tuple[SymptomRow, ...]
    syllables: Mapping[str, tuple[str, ...]]  # Chinese character → toneless readings, the commonest first
    version: str

    @cached_property
    def spec_patterns(self) -> tuple[tuple[SpecRow, re.Pattern[str]], ...]:
        """The sizes with their compiled patterns, in file order."""
        return tuple((row, re.compile(row.pattern)) for row in self.specs)


Value = TypeVar("Value")

_REFERS = re.compile(r"\(\?P|\\[1-9]")
FILES = (
    "positions.yaml", "quality.yaml", "specs.yaml", "words.yaml", "brands.jsonl", "brand_lines.yaml", "makes.jsonl",
    "symptoms.jsonl",
)  # fmt: skip
PINYIN = "tables/pinyin.txt"


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


def load_words(folder: Path | None = None, extra: Path | None = None) -> Words:
    """Read the word files of `folder` (default: the shipped `config/`), extended by those of the operator's `extra`.

    Lists grow, a make's names and models join, a symptom with a known id and a brand's line replace; sizes of `extra`
    are tried first. Files that were read last and have not changed are not read again. Raises `InvalidWords`.
    """
    home = folder or config_folder()
    folders = (home,) if extra is None else (home, extra)
    return _together(folders, tuple(map(_version, folders)))


@lru_cache(maxsize=2)
def _together(folders: Sequence[Path], versions: Sequence[str]) -> Words:
    return reduce(_joined, map(_read, folders, versions))


def _read(home: Path, version: str) -> Words:
    """The word files of one folder; one that is missing has nothing."""
    return Words(
        positions=_yaml(home / "positions.yaml", dict[str, tuple[str, ...]], {}),
        quality=_yaml(home / "quality.yaml", tuple[QualityRow, ...], ()),
        specs=_checked(_yaml(home / "specs.yaml", tuple[SpecRow, ...], ())),
        common=_yaml(home / "words.yaml", WordsRow, WordsRow()),
        brands=_lines(home / "brands.jsonl", BrandRow),
        brand_lines=_yaml(home / "brand_lines.yaml", dict[str, tuple[str, ...]], {}),
        makes=_lines(home / "makes.jsonl", MakeRow),
        symptoms=_lines(home / "symptoms.jsonl", SymptomRow),
        syllables=read_syllables(home / PINYIN),
        version=version,
    )


def _checked(rows: tuple[SpecRow, ...]) -> tuple[SpecRow, ...]:
    """Sizes whose pattern compiles and has the groups that `written`, `also` and `attributes` speak of."""
    for row in rows:
        try:
            groups = re.compile(row.pattern).groups
            for form in (row.written, *row.also):
                form.format(*range(groups))
        except (re.error, LookupError, ValueError) as error:
            raise InvalidWords("specs.yaml", f"{row.kind} {row.pattern!r}: {error}") from error
        if _REFERS.search(row.pattern):
            raise InvalidWords(
                "specs.yaml", f"{row.kind} {row.pattern!r}: groups go by number, and none refers to another"
            )
        if row.attributes and not groups:
            raise InvalidWords("specs.yaml", f"{row.kind} {row.pattern!r}: attributes need a group with the number")
    return rows


def _version(home: Path) -> str:
    """Digest of a folder's word files; empty if it has none."""
    there = [path for path in (home / name for name in (*FILES, PINYIN)) if path.exists()]
    digest = hashlib.sha256()
    for path in there:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12] if there else ""


def _joined(base: Words, more: Words) -> Words:
    places = dict.fromkeys((*base.positions, *more.positions))
    common = {name: getattr(base.common, name) + getattr(more.common, name) for name in WordsRow.__struct_fields__}
    return Words(
        positions={place: (*base.positions.get(place, ()), *more.positions.get(place, ())) for place in places},
        quality=(*base.quality, *more.quality),
        specs=(*more.specs, *base.specs),
        common=WordsRow(**common),
        brands=(*base.brands, *more.brands),
        brand_lines={**base.brand_lines, **more.brand_lines},
        makes=_joined_makes((*base.makes, *more.makes)),
        symptoms=tuple({row.id: row for row in (*base.symptoms, *more.symptoms)}.values()),
        syllables={**base.syllables, **more.syllables},
        version=f"{base.version}{more.version}",
    )


def _joined_makes(rows: Iterable[MakeRow]) -> tuple[MakeRow, ...]:
    """One row a make: its names, and those of each of its models, together."""
    found: dict[str, MakeRow] = {}
    for row in rows:
        known = found.get(row.make)
        if known is not None:
            models = dict.fromkeys((*known.models, *row.models))
            joined = {one: (*known.models.get(one, ()), *row.models.get(one, ())) for one in models}
            row = MakeRow(row.make, (*known.names, *row.names), joined)
        found[row.make] = row
    return tuple(found.values())


def _yaml(path: Path, kind: type[Value], nothing: Value) -> Value:
    """Every scalar is read as text (`no` and `on` are words here), then converted to the type asked for."""
    if not path.exists():
        return nothing
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return msgspec.convert(yaml.load(path.read_text(encoding="utf-8"), Loader=loader), kind, strict=False)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise InvalidWords(path.name, str(error)) from error


def _lines(path: Path, kind: type[Value]) -> tuple[Value, ...]:
    decoder = msgspec.json.Decoder(kind)
    found: list[Value] = []
    if not path.exists():
        return ()
    try:
        lines = [raw for raw in path.read_bytes().splitlines() if raw.strip()]
        for raw in lines:
            found.append(decoder.decode(raw))
    except (OSError, msgspec.MsgspecError) as error:
        raise InvalidWords(path.name, f"row {len(found) + 1}: {error}") from error
    return tuple(found)


def read_syllables(path: Path) -> dict[str, tuple[str, ...]]:
    """Character → readings, from lines `syllable<TAB>characters<TAB>characters that have it as another reading`."""
    if not path.exists():
        return {}
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    found: dict[str, tuple[str, ...]] = {sign: (syllable,) for syllable, main, _ in rows for sign in main}
    for syllable, _, rest in rows:
        for character in rest:
            known = found.get(character, ())
            if syllable not in known:
                found[character] = (*known, syllable)
    return found
