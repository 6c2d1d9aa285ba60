"""The words by which notes are read (`config/notes.yaml`, an operator's own file of that name instead)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec
import yaml

from fitment_rules.model import NoteKind
from indexers.errors import UnreadableSource

FILE = "notes.yaml"


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class of values of an attribute: how notes say it, and words by which values of a vehicle table are known.

    `also` names classes that it includes, `unsure` classes of which it cannot be told whether it means them too, `over`
    classes that are less exact: a value known by words of both is of this one (`Automatic (variable gear ratios)`).
    """

    says: list[str]
    values: list[str]
    also: list[str] = []
    unsure: list[str] = []
    over: list[str] = []


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    attributes: dict[str, dict[str, Meaning]] = {}
    measures: dict[str, list[str]] = {}
    cues: dict[str, dict[float, list[str]]] = {}


@dataclass(frozen=True)
class NoteLexicon:
    """`attributes` hold meanings by attribute and class, `measures` words by what is measured."""

    attributes: Mapping[str, Mapping[str, Meaning]] = field(default_factory=dict)
    measures: Mapping[str, list[str]] = field(default_factory=dict)
    cues: tuple[tuple[float, NoteKind, re.Pattern[str]], ...] = ()

    @cached_property
    def said(self) -> dict[str, tuple[str, str]]:
        """A phrase → attribute and class."""
        return {
            words: (attribute, name)
            for attribute, classes in self.attributes.items()
            for name, meaning in classes.items()
            for words in meaning.says
        }

    @cached_property
    def measured(self) -> dict[str, str]:
        """A word → what it measures."""
        return {word: name for name, words in self.measures.items() for word in words}


def load_note_lexicon(folder: Path) -> NoteLexicon:
    """Read the folder's file. Raises `UnreadableSource` that says what is wrong with it."""
    file = folder / FILE
    try:
        told = msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), _File)
        cues = [
            (weight, NoteKind(kind), re.compile(pattern))
            for kind, weights in told.cues.items()
            for weight, patterns in weights.items()
            for pattern in patterns
        ]
    except (OSError, ValueError, yaml.YAMLError, re.error) as error:
        raise UnreadableSource(str(file), str(error)) from None
    return NoteLexicon(told.attributes, told.measures, tuple(sorted(cues, key=_strength)))


def _strength(cue: tuple[float, NoteKind, re.Pattern[str]]) -> tuple[float, bool]:
    return -cue[0], cue[1] is not NoteKind.CONDITION
