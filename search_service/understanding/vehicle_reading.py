"""From the vehicle words of a text to one mention, with the doubtful ones kept as other readings."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from search_service.understanding.draft import Draft, Said
from search_service.understanding.intent import Scalar, VehicleMention
from search_service.understanding.lexicon import Sense
from search_service.understanding.numbers import bare_year, short_years
from search_service.understanding.vehicles import EXACT, KnownVehicles, displacements, drives, fuels, transmissions

VEHICLE_CONFIDENCE = 0.75  # from here on a vehicle in the text acts as vehicle parameters
ALONE = 0.93  # a model without its make: names are rarely shared between makes
SHY = 0.4  # an everyday word that is also a model, without its make
PLAIN = 0.8  # such a word where nothing speaks against the car
CODED = 0.9  # found by its engine or trim code
MOST_MODELS = 200

_GENERATION = re.compile(r"[a-z]{1,2}\d{1,3}[a-z]?")
_DISPLACEMENT = re.compile(r"(\d\.\d)(l|t|tsi|tfsi|tdi|td|gdi|tgdi|i|d|vvti|vtec|mt|at)?")
_TURBO = frozenset({"t", "tsi", "tfsi", "tdi", "td", "tgdi"})
_TRANSMISSION = {
    "手动挡": "manual", "手动档": "manual", "手动": "manual", "manual": "manual", "mt": "manual", "手波": "manual",
    "自动挡": "automatic", "自动档": "automatic", "自动": "automatic", "automat": "automatic", "at": "automatic",
    "cvt": "cvt", "无级变速": "cvt", "无级": "cvt", "dct": "dct", "dsg": "dct", "双离合": "dct",
}  # fmt: skip
_FUEL = {
    "柴油": "diesel", "柴油版": "diesel", "diesel": "diesel", "汽油": "petrol", "汽油版": "petrol", "petrol": "petrol",
    "gasolin": "petrol", "混动": "hybrid", "双擎": "hybrid", "hybrid": "hybrid", "纯电": "electric", "电动": "electric",
}  # fmt: skip
_DRIVE = frozenset({"四驱", "4wd", "awd", "4x4", "四轮驱动"})
WORDS = tuple({*_TRANSMISSION, *_FUEL, *_DRIVE})


class VehicleReader:
    """Reads vehicles against one table's words. `shy` are names that are everyday words too (phrase keys)."""

    def __init__(self, vehicles: KnownVehicles, shy: Iterable[str]) -> None:
        self._vehicles = vehicles
        self._shy = frozenset(shy)

    def read(self, draft: Draft, sized: frozenset[str]) -> VehicleMention | None:
        """The vehicle said, below `VEHICLE_CONFIDENCE` if doubtful; marks the words it took.

        `sized` are keys of tokens that are sizes, which a short model name does not take without its make.
        """
        make_words = [word for word in draft.said if word.segment.has("make") and self._is_make(draft, word)]
        makes = _values(make_words, "make")
        model_word = self._model_word(draft, makes, sized)
        senses = self._senses(model_word, makes) if model_word else []
        if model_word is None and not makes:
            return self._by_code(draft)
        more = self._more_models(draft, model_word, makes, sized) if model_word else []
        used = [word for word in (*make_words, model_word, *more) if word is not None]
        plainly = model_word is not None and self._plainly(draft, model_word)
        confidence = min(word.factor for word in used) * self._confidence(model_word, senses, makes, plainly)
        senses = [*senses, *(sense for word in more for sense in self._senses(word, makes))]
        models = tuple(sorted({sense.value for sense in senses}))[:MOST_MODELS]
        makes = tuple(dict.fromkeys(sense.detail for sense in senses)) if senses else makes
        return self._mention(draft, used, makes, models, confidence)

    def _more_models(self, draft: Draft, first: Said, makes: tuple[str, ...], sized: frozenset[str]) -> list[Said]:
        """Further models of a list ("卡罗拉 雷凌", "A4L/Q5"): only full names that can be nothing else."""
        found = []
        for word in draft.said:
            senses = self._senses(word, makes)
            sure = bool(senses) and senses[0].confidence >= EXACT and word.factor == 1.0
            owned = not makes or any(sense.detail in makes for sense in senses)
            other = word.segment.has("type") or word.segment.has("brand") or word.segment.has("position")
            if sure and owned and word is not first and not other and not self._doubtful(word, sized):
                found.append(word)
        return found

    def _mention(
        self, draft: Draft, used: Sequence[Said], makes: tuple[str, ...], models: tuple[str, ...], confidence: float
    ) -> VehicleMention:
        if confidence >= VEHICLE_CONFIDENCE:
            for word in used:
                word.use = "vehicle"
            _take_generation(draft)
        attributes = self._attributes(draft, makes, models)
        years = draft.years or _bare_years(draft)
        text = " ".join(word.surface for word in draft.said if word.use == "vehicle" or word in used)
        return VehicleMention(makes, models, years, attributes, round(confidence, 4), text)

    def _is_make(self, draft: Draft, word: Said) -> bool:
        """A make that is also another word counts only beside one of its models or with nothing else it could be."""
        other = word.segment.has("type") or word.segment.key in self._shy
        if not other or not (word.segment.has("type") or len(draft.said) > 1) or self._plainly(draft, word):
            return True
        makes = {sense.value for sense in word.segment.senses if sense.kind == "make"}
        return any(
            sense.kind == "model" and sense.detail in makes for near in draft.said for sense in near.segment.senses
        )

    def _model_word(self, draft: Draft, makes: tuple[str, ...], sized: frozenset[str]) -> Said | None:
        """The most telling model word: one of a make said, longest first."""
        best: tuple[float, int, Said] | None = None
        for at, word in enumerate(draft.said):
            senses = self._senses(word, makes)
            if not senses or (makes and senses[0].detail not in makes and word.segment.has("type")):
                continue
            owned = bool(makes) and senses[0].detail in makes
            beside = owned and at > 0 and draft.said[at - 1].segment.has("make")
            if self._doubtful(word, sized) and not beside and not (word.han and self._plainly(draft, word)):
                named = owned or self._plainly(draft, word)
                if not named or word.segment.key in sized or bare_year(word.segment.key):
                    continue
            elif word.segment.has("type") and not owned:
                continue
            rank = (owned * 100.0 + beside * 50 + len(word.segment.key) * (1 + word.han), -at)
            if best is None or rank > best[:2]:
                best = (*rank, word)
        return best[2] if best else self._shy_word(draft, sized)

    def _shy_word(self, draft: Draft, sized: frozenset[str]) -> Said | None:
        for word in draft.said:
            named = any(sense.kind == "model" for sense in word.segment.senses) and not word.segment.has("type")
            long = len(word.segment.key) > 1 or (word.han and not word.glued)
            if named and word.segment.key not in sized and long:
                return None if bare_year(word.segment.key) or word.segment.key.isdigit() else word
        return None

    def _senses(self, word: Said, makes: tuple[str, ...]) -> list[Sense]:
        senses = [sense for sense in word.segment.senses if sense.kind == "model"]
        return [sense for sense in senses if sense.detail in makes] or senses

    def _doubtful(self, word: Said, sized: frozenset[str]) -> bool:
        key = word.segment.key
        plain = key.isalpha() and (len(key) == 1 or (key.isascii() and len(key) <= 2))
        return key in self._shy or plain or key.isdigit() or key in sized

    def _plainly(self, draft: Draft, word: Said) -> bool:
        """True for an everyday word that can only be a car here: a year is said, or in Chinese it stands beside a part
        that is sure, a lone sign at the beginning (海豚 刹车片, 秦 机滤), and every other word is understood."""
        if word.segment.key not in self._shy and not word.single_han:
            return False
        if any(word.segment.has(kind) for kind in ("type", "brand", "stop", "position", "quality", "qualifier")):
            return False
        if draft.years is not None and not word.single_han:
            return True
        others = [each for each in draft.said if each is not word]
        known = all(each.segment.senses or each.segment.key.isdigit() for each in others)
        named = any(each.segment.has("type") for each in others)
        glued = any(each.glued for each in draft.said[1:2])
        apart = not word.single_han or (word is draft.said[0] and not glued)
        return word.han and known and named and apart

    def _confidence(
        self, model_word: Said | None, senses: Sequence[Sense], makes: tuple[str, ...], plainly: bool
    ) -> float:
        if model_word is None:
            return 0.95
        best = max(sense.confidence for sense in senses)
        if makes and senses[0].detail in makes:
            return best
        if makes:
            return best * 0.6  # another make's model: said by one who knows better, or misread
        if self._doubtful(model_word, frozenset()):
            return PLAIN if plainly else SHY
        if model_word.factor < 1 and best < EXACT:
            return SHY  # a slip in a part of a name
        shared = len({sense.detail for sense in senses}) > 1
        return min(best, ALONE) * (0.85 if shared else 1.0)

    def _by_code(self, draft: Draft) -> VehicleMention | None:
        """A vehicle known only by its engine or trim code: "320li", "1zr-fe"."""
        for word in draft.said:
            codes = self._vehicles.codes.get(word.segment.key, ()) if not word.segment.senses else ()
            trims = frozenset(value for name, value in codes if name == "trim")
            engines = frozenset(value for name, value in codes if name == "engine")
            if engines:
                return self._mention(draft, [word], (), (), CODED)
            if trims:
                pairs = self._vehicles.trimmed[word.segment.key]
                makes = tuple(dict.fromkeys(make for make, _ in pairs))
                models = tuple(dict.fromkeys(model for _, model in pairs))[:MOST_MODELS]
                return self._mention(draft, [word], makes, models, CODED)
        turbo = [word for word in draft.said if _turbo(word.segment.key)]
        if turbo:
            return self._mention(draft, turbo[:1], (), (), CODED)
        if draft.years:
            return VehicleMention((), (), draft.years, {}, CODED, "")
        bare = _bare_years(draft)
        return VehicleMention((), (), bare, {}, SHY, "") if bare else None

    def _attributes(
        self, draft: Draft, makes: Sequence[str], models: Sequence[str]
    ) -> Mapping[str, tuple[Scalar, ...]]:
        """Values of standard attributes that were said and that a model covered has; others say nothing safe."""
        found: dict[str, tuple[Scalar, ...]] = {}
        for word in draft.said:
            if word.use and word.use != "vehicle":
                continue
            for name, values in self._said_values(word, partial(self._vehicles.values_of, makes, models)):
                if values and name not in found:
                    found[name] = tuple(sorted(values, key=str))
                    if not word.segment.has("type"):
                        word.use = "vehicle"
        return found

    def _said_values(
        self, word: Said, values_of: Callable[[str], frozenset[Scalar]]
    ) -> Iterable[tuple[str, frozenset[Scalar]]]:
        key = word.segment.key
        for name, value in self._vehicles.codes.get(key, ()):
            yield name, frozenset({value}) & values_of(name)
        if match := _DISPLACEMENT.fullmatch(key):
            yield "displacement_l", displacements(float(match[1]), values_of("displacement_l"))
            if match[2] in _TURBO:
                known = values_of("aspiration")
                yield "aspiration", frozenset(value for value in known if _is_turbo(str(value).casefold()))
        if key in _TRANSMISSION:
            yield "transmission", transmissions(_TRANSMISSION[key], values_of("transmission"))
        if key in _FUEL:
            yield "fuel", fuels(_FUEL[key], values_of("fuel"))
        if key in _DRIVE:
            yield "drive", drives(values_of("drive"))


def _values(words: Iterable[Said], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s.value for word in words for s in word.segment.senses if s.kind == kind))


def _turbo(key: str) -> bool:
    """True for an engine that only a car has: 1.5t, 2.0tsi. A litre may be of oil."""
    match = _DISPLACEMENT.fullmatch(key)
    return match is not None and match[2] in _TURBO


def _is_turbo(value: str) -> bool:
    return "turbo" in value or "涡轮" in value


def _take_generation(draft: Draft) -> None:
    """A code beside the car that no row has (F30, W205, MK7) says which generation, and nothing of the part."""
    sizes = {spec.value for spec in draft.specs}
    for before, word in itertools.pairwise(draft.said):
        free = before.use == "vehicle" and not word.use and not word.segment.senses and word.segment.key not in sizes
        if free and _GENERATION.fullmatch(word.segment.key):
            word.use = "vehicle"


def _bare_years(draft: Draft) -> tuple[int, int] | None:
    for word in draft.said:
        year = bare_year(word.segment.key)
        span = (year, year) if year is not None else short_years(word.surface)
        if not word.use and span is not None:
            word.use = "vehicle"
            return span
    return None
