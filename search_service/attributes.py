"""The words for vehicle attributes and their values, in both languages, and how hard each is to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from fitment_rules.candidates import CandidateSet
from fitment_rules.model import Key, Scalar, Vehicle, key_of
from fitment_rules.questions import Option, Question
from fitment_rules.vehicles import VehicleTable
from indexers.sources.vcdb import NAMED as STANDARD_NAMES
from search_service.wire import OptionOut, QuestionOut, Words

TELLING = ("displacement_l", "engine", "fuel", "power_kw", "transmission", "drive", "body", "trim")
"""What tells one vehicle of a model from another, in the order of its description."""


ID_TO_STANDARD = {"EngineBase": "engine", **{element: standard for standard, (element, _) in STANDARD_NAMES.items()}}
"""An attribute of ACES ids → the standard attribute whose words its names are."""


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
    """The file `attributes.yaml`: attributes by name, Chinese words for common values, and by attribute the spellings
    of one meaning."""

    version: int
    attributes: dict[str, AttributeWords]
    values: dict[str, str]
    spellings: dict[str, list[list[str]]] = {}


class AttributeTexts:
    """Questions and labels, ready to answer with."""

    def __init__(self, file: AttributeFile) -> None:
        self._attributes = file.attributes
        self._values = {name.casefold(): word for name, word in file.values.items()}
        self._spelled: dict[tuple[str, Key], Words] = {}
        for attribute, groups in file.spellings.items():
            for group in groups:
                self._tell(attribute, group)
        self._alike = {
            (attribute, key): keys
            for attribute, groups in file.spellings.items()
            for keys in (frozenset(map(key_of, group)) for group in groups)
            for key in keys
        }

    def _tell(self, attribute: str, group: Sequence[str]) -> None:
        """The first English and Chinese spelling of one meaning, or what `values` call it, for all of them."""
        english, chinese = (next((one for one in group if one.isascii() is latin), None) for latin in (True, False))
        for one in group:
            known = self._values.get(one.casefold()) or chinese or one
            self._spelled[attribute, key_of(one)] = {"en": english or one, "zh": known}

    @classmethod
    def load(cls, folder: Path) -> AttributeTexts:
        """Read `attributes.yaml` of a configuration folder. Raises `msgspec.ValidationError` naming what is wrong."""
        return cls(msgspec.yaml.decode((folder / "attributes.yaml").read_bytes(), type=AttributeFile))

    @cached_property
    def effort(self) -> Mapping[str, float]:
        """Attribute → effort, for `fitment_rules.questions.best_questions`."""
        return {name: words.effort for name, words in self._attributes.items()}

    def words(self, attribute: str) -> AttributeWords | None:
        """The words of an attribute, or of the kind of a note; `None` where none are written down."""
        return self._attributes.get(attribute.partition(":")[0])

    def label(self, attribute: str, lang: str) -> str:
        """The name of an attribute; its own where none is written down."""
        words = self.words(attribute)
        return attribute if words is None else words.label_zh if lang == "zh" else words.label_en

    def value(self, value: Scalar) -> Words:
        """A value in both languages; the value itself where none is written down."""
        text = str(value)
        return {"en": text, "zh": self._values.get(text.casefold(), text)}

    def alike(self, attribute: str, key: Key) -> frozenset[Key]:
        """Every spelling of what a value of an attribute means, itself among them."""
        return self._alike.get((attribute, key)) or frozenset((key,))

    def question(self, question: Question, labels: Sequence[Words]) -> QuestionOut:
        """A question as it goes out; `labels` are the words for the values of its options."""
        words = self.words(question.attribute)
        text = {"en": f"Which {question.attribute} has it?", "zh": f"{question.attribute} 是什么？"}
        hint = {"en": "", "zh": ""}
        if words is not None:
            text, hint = {"en": words.en, "zh": words.zh}, {"en": words.hint_en, "zh": words.hint_zh}
        if question.note is not None:
            text = {"en": f"{text['en']} “{question.note}”", "zh": f"{text['zh']}“{question.note}”"}
        options = [
            OptionOut(value, label, fits, needs_info, does_not_fit)
            for (value, fits, needs_info, does_not_fit), label in zip(question.options, labels, strict=True)
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
        labels = self.labels(attribute, [one.value for one in options], candidates)
        return self.question(Question(attribute, options, 0.0), labels)

    def labels(self, attribute: str, values: Sequence[Scalar], candidates: CandidateSet) -> list[Words]:
        """Words for values: the table's own names first; a vehicle is described, and told by its id from its twins."""
        table = candidates.table
        if attribute == "vehicle_id":
            told = [self.described(table.rows[table.row_of(str(value))]) for value in values]
            twins = Counter(one["en"] for one in told)
            return [
                one if twins[one["en"]] == 1 else {lang: f"{text} ({value})" for lang, text in one.items()}
                for one, value in zip(told, values, strict=True)
            ]
        names: dict[Key, Mapping[str, Mapping[str, str]]] = {}
        if attribute in ("make", "model"):
            keys = table.make_keys if attribute == "make" else table.model_keys
            for row in candidates.rows:
                names.setdefault(keys[row], table.rows[row].names)
        return [self._named(table, attribute, value, names.get(key_of(value), {})) for value in values]

    def value_of(self, table: VehicleTable, attribute: str, value: Scalar) -> Words:
        """The same of an attribute of a table, which may know what an id is called."""
        named = table.value_names.get(attribute, {}).get(str(value), value)
        spelled = self._spelled.get((ID_TO_STANDARD.get(attribute, attribute), key_of(named)))
        own = "en" if str(named).isascii() else "zh"
        return self.value(named) if spelled is None else {**spelled, own: str(named)}

    def _named(
        self, table: VehicleTable, attribute: str, value: Scalar, names: Mapping[str, Mapping[str, str]]
    ) -> Words:
        words = self.value_of(table, attribute, value)
        return {lang: names.get(lang, {}).get(attribute) or word for lang, word in words.items()}

    def described(self, vehicle: Vehicle) -> Words:
        """What is known of a vehicle row, in the order people say it."""
        years = "–".join(dict.fromkeys(str(end or "") for end in (vehicle.years.start, vehicle.years.end)))
        said = [vehicle.attributes[name] for name in TELLING if vehicle.attributes.get(name) not in (None, "", ())]
        values = [one[0] if isinstance(one, tuple) else one for one in said]
        parts = {lang: [self.value(one)[lang] for one in values] for lang in ("en", "zh")}
        return {
            lang: " ".join(
                (vehicle.names.get(lang, {}).get("make") or vehicle.make,
                 vehicle.names.get(lang, {}).get("model") or vehicle.model, years, *some)
            ).strip()
            for lang, some in parts.items()
        }  # fmt: skip
