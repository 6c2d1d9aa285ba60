"""The words for vehicle attributes and their values, in both languages, and how hard each is to know."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from fitment_rules.candidates import CandidateSet
from fitment_rules.model import Key, Scalar
from fitment_rules.questions import Option, Question
from search_service.wire import OptionOut, QuestionOut, Words


class AttributeWords(msgspec.Struct, forbid_unknown_fields=True):
    """How one attribute is named and asked; `effort` is 1 for what anybody knows, higher for what few do."""

    label_en: str
    label_zh: str
    en: str
    zh: str
    hint_en: str
    hint_zh: str
    effort: float


class AttributeFile(msgspec.Struct, forbid_unknown_fields=True):
    """The file `attributes.yaml`: attributes by name, and Chinese words for common values."""

    version: int
    attributes: dict[str, AttributeWords]
    values: dict[str, str]


class AttributeTexts:
    """Questions and labels, ready to answer with."""

    def __init__(self, file: AttributeFile) -> None:
        self._attributes = file.attributes
        self._values = {name.casefold(): word for name, word in file.values.items()}

    @classmethod
    def load(cls, folder: Path) -> AttributeTexts:
        """Read `attributes.yaml` of a configuration folder. Raises `msgspec.ValidationError` naming what is wrong."""
        return cls(msgspec.yaml.decode((folder / "attributes.yaml").read_bytes(), type=AttributeFile))

    @cached_property
    def effort(self) -> Mapping[str, float]:
        """Attribute → effort, for `fitment_rules.questions.best_questions`."""
        return {name: words.effort for name, words in self._attributes.items()}

    def label(self, attribute: str, lang: str) -> str:
        """The name of an attribute; its own where none is written down."""
        words = self._attributes.get(attribute.partition(":")[0])
        return attribute if words is None else words.label_zh if lang == "zh" else words.label_en

    def value(self, value: Scalar) -> Words:
        """A value in both languages; the value itself where none is written down."""
        text = str(value)
        return {"en": text, "zh": self._values.get(text.casefold(), text)}

    def question(self, question: Question) -> QuestionOut:
        """A question as it goes out."""
        words = self._attributes.get(question.attribute.partition(":")[0])
        text = {"en": f"Which {question.attribute} has it?", "zh": f"{question.attribute} 是什么？"}
        hint = {"en": "", "zh": ""}
        if words is not None:
            text, hint = {"en": words.en, "zh": words.zh}, {"en": words.hint_en, "zh": words.hint_zh}
        if question.note is not None:
            text = {"en": f"{text['en']} “{question.note}”", "zh": f"{text['zh']}“{question.note}”"}
        options = [
            OptionOut(one.value, self.value(one.value), one.fits, one.needs_info, one.does_not_fit)
            for one in question.options
        ]
        return QuestionOut(question.attribute, text, hint, options)

    def plain_question(self, attribute: str, candidates: CandidateSet) -> QuestionOut:
        """An attribute asked to tell vehicles apart; options count the rows that say so."""
        spelled = candidates.spelled(attribute)
        rows: dict[Key, set[str]] = {key: set() for key in spelled}
        for keys, mask in candidates.values(attribute):
            for key in keys or ():
                rows[key].update(candidates.vehicle_ids_of(mask))
        options = tuple(Option(spelled[key], len(rows[key]), 0, 0) for key in spelled)
        return self.question(Question(attribute, options, 0.0))
