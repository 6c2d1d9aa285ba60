"""From the words of a text to part types with confidence: names, word order, sizes, symptoms, initials."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from indexers.text import is_han, join_atoms, phrase_key
from indexers.vocabulary import Vocabulary
from search_service.understanding.carried_places import AXES
from search_service.understanding.correct import FACTOR
from search_service.understanding.draft import Draft, Said
from search_service.understanding.intent import FILTER_CONFIDENCE, Correction, SymptomMention, TypeReading
from search_service.understanding.lexicon import Sense
from search_service.understanding.phonetics import Phonetics
from search_service.understanding.type_names import LONGEST_BAG, TypeNames
from search_service.understanding.words import Words

# A part name before a head word ("oil filter bracket", 水泵垫) describes that head: 0.98 × 0.7 falls below the filter,
# the reading stays on offer. A word nobody knows behind it is more often a car or a brand that the shop does not have:
# 0.98 × 0.85 still filters.
MODIFIER = 0.7
BEFORE_UNKNOWN = 0.85
ASIDE = 0.5  # a part that only comes with another: 大灯带电机, "control arm with ball joint"
PLACE_SAID = 0.5  # what a place leaves of the doubt in a part that has places, and of the confidence in one without
CAUSE = 0.78  # of a cause's weight: a complaint shows all its causes, the likeliest first, and filters by none
LIKENESS = 0.4  # how sure a name that only resembles the text is at most
COMPLETED = 0.9  # a vague word made clear by another
COMES_WITH = frozenset(
    map(phrase_key, ("with", "w", "incl", "including", "includes", "under", "behind", "带", "含", "附", "附带", "包含"))
)
IS_FOR = frozenset(map(phrase_key, ("for", "fits", "fit", "适用", "适用于", "适配", "用于")))
MOST_TYPES = 8
MOST_WORDS = 16  # words of a text in which an order or a clarifying word is looked for
FEWEST_INITIALS, MOST_INITIALS = 3, 6
FEWEST_ALONE = 2  # two letters are initials only if they are all that was typed: nothing else could be found by them


class TypeReader:
    """Reads part types against one vocabulary."""

    def __init__(self, vocabulary: Vocabulary, words: Words, phonetics: Phonetics, names: TypeNames) -> None:
        self._vocabulary = vocabulary
        self._symptoms = {row.id: row for row in words.symptoms}
        self._heads = frozenset(phrase_key(word) for word in words.common.head)
        self._phonetics = phonetics
        self._names = names

    def read(self, draft: Draft, verbatim: bool) -> tuple[TypeReading, ...]:
        """Readings by falling confidence. Writes the symptom into the draft and marks the words that name parts."""
        _set_aside(draft.said)
        draft.symptom, subjects = self._symptom(draft)
        named = self._put_together(draft)
        sure = [each for each in named.values() if each.confidence >= FILTER_CONFIDENCE and each.id not in subjects]
        readings = {each.id: each for each in sure} or named
        if draft.symptom is not None and not sure:
            others = {key: each for key, each in readings.items() if key not in subjects}
            joined = _joined(others, draft.symptom.part_types, f"symptom {draft.symptom.name['en']}")
            readings = {
                key: replace(each, confidence=round(CAUSE * each.confidence, 4)) for key, each in joined.items()
            }
        if not sure and draft.spec_types:
            readings = _joined(readings, draft.spec_types, "size " + draft.specs[0].text)
        if not readings and not verbatim:
            readings = self._by_initials(draft) or self._by_likeness(draft)
        readings = self._placed(draft, readings)
        ordered = sorted(readings.values(), key=lambda each: (-each.confidence, each.id))
        return tuple(ordered[:MOST_TYPES])

    def _put_together(self, draft: Draft) -> dict[str, TypeReading]:
        """Names in other order or completed by another word, and beside them what other words surely name."""
        found = self._reordered(draft) or self._completed(draft)
        if not found:
            return self._named(draft)
        taken = [word for word in draft.said if word.use == "part_type"]
        others = self._named(draft, taken)
        return {key: each for key, each in others.items() if each.filters} | found

    def _named(self, draft: Draft, taken: Sequence[Said] = ()) -> dict[str, TypeReading]:
        """What each name says; two vague words that agree support each other (pads + brake → brake pad)."""
        found: dict[str, TypeReading] = {}
        for at, word in enumerate(draft.said):
            if (word.use and word.use != "part_type") or word in taken:
                continue
            scale = word.factor * self._described(draft.said, at) * (ASIDE if word.aside else 1.0)
            if word.segment.key in self._names.contexts and _names_part(draft.said, word):
                scale *= MODIFIER
            for sense in word.segment.senses:
                if sense.kind == "type":
                    word.use = "part_type"
                    _agree(found, sense.value, sense.confidence * scale, word.surface)
        return found

    def _by_likeness(self, draft: Draft) -> dict[str, TypeReading]:
        """What shares half of its pieces with the words nobody took: offered, and far from sure."""
        forms = [form for word in draft.said if not word.use and not word.segment.has("stop") for form in word.forms]
        return {
            one.type_id: TypeReading(one.type_id, round(LIKENESS * one.share, 4), f"resembles {one.name}")
            for one in self._names.resembling.alike(forms)
        }

    def _placed(self, draft: Draft, readings: dict[str, TypeReading]) -> dict[str, TypeReading]:
        """A place said speaks for what has such places: a 左大灯 is a lamp, not its bulb."""
        said = {
            end
            for word in draft.said
            if not word.use
            for sense in word.segment.senses
            if sense.kind == "position"
            for end in sense.value.split()
        }
        likelier = {key for key in readings if self._has_place(key, said)}
        if not said or not likelier or len(likelier) == len(readings):
            return readings
        return {
            key: replace(each, confidence=round(_towards(each.confidence, key in likelier), 4))
            for key, each in readings.items()
        }

    def _has_place(self, type_id: str, ends: Collection[str]) -> bool:
        known = self._vocabulary.part_types.get(type_id)
        return known is None or not set(known.positions).isdisjoint(ends)

    def _described(self, said: Sequence[Said], at: int) -> float:
        """What the next word leaves of this name: all, unless it is a head that the name only describes."""
        if at + 1 >= len(said):
            return 1.0
        word, after = said[at], said[at + 1]
        if after.use or (word.han and not after.glued) or word.han != after.han:
            return 1.0
        if not after.segment.senses:
            head = self._heads.intersection(_beginnings(said, at + 1))
            return MODIFIER if head else BEFORE_UNKNOWN if after.forms[0].isalpha() else 1.0
        if self._heads_compound(word, after):
            return MODIFIER
        vague = 0 < _best(after.segment.senses) < FILTER_CONFIDENCE <= _best(word.segment.senses)
        return MODIFIER if vague and not _share(word.segment.senses, after.segment.senses) else 1.0

    def _heads_compound(self, word: Said, after: Said) -> bool:
        """True if `after` surely names a component, and `word` says whose it is: 轮速传感器线束, "injector o-ring"."""
        sure = min(_best(word.segment.senses), _best(after.segment.senses)) >= FILTER_CONFIDENCE
        if not sure or after.listed or _share(word.segment.senses, after.segment.senses):
            return False
        key = after.segment.key
        if after.han:
            return len(key) > 1 and any(key.endswith(head) for head in self._heads if is_han(head))
        return after.forms[-1] in self._heads

    def _reordered(self, draft: Draft) -> dict[str, TypeReading]:
        """A name whose words stand in another order: "filter oil", 滤芯机油."""
        words = _open_words(draft.said)
        for size in range(min(LONGEST_BAG, len(words)), 1, -1):
            for window in (words[at : at + size] for at in range(len(words) - size + 1)):
                key = self._other_order(window)
                if key is None:
                    continue
                found: dict[str, TypeReading] = {}
                for word in window:
                    word.use = "part_type"
                factor = min(word.factor for word in window)
                for sense in self._vocabulary.meanings[key]:
                    _agree(found, sense.type_id, sense.confidence * factor, " ".join(each.surface for each in window))
                return found
        return {}

    def _other_order(self, window: Sequence[Said]) -> str | None:
        if not any(word.segment.has("type") for word in window) or any(word.listed for word in window[1:]):
            return None
        if window[-1].segment.has("position") and not window[-1].segment.has("type"):
            return None
        forms = [form for word in window for form in word.forms]
        if any(is_han(form) for form in forms):
            key = join_atoms([form for word in reversed(window) for form in word.forms])
            placed = any(word.segment.has("position") for word in window)
            return key if len(window) == 2 and not placed and key in self._vocabulary.meanings else None
        return self._names.bags.get(" ".join(sorted(forms)))

    def _completed(self, draft: Draft) -> dict[str, TypeReading]:
        """A vague head word that another word makes clear, in either language: 机油filter, "clutch 分泵"."""
        words = _open_words(draft.said)
        for head in words:
            if not 0 < _best(head.segment.senses) < FILTER_CONFIDENCE:
                continue
            for other in words:
                clear = [] if other is head else self._named_with(head, other.segment.key) or self._across(head, other)
                if clear:
                    head.use = other.use = "part_type"
                    return {each.id: each for each in clear}
            for run in _unknown_runs(words):
                clear = self._named_with(head, "".join(word.segment.key for word in run))
                if clear:
                    for word in (head, *run):
                        word.use = "part_type"
                    return {each.id: each for each in clear}
        return {}

    def _named_with(self, head: Said, key: str) -> list[TypeReading]:
        """Readings of `head` that have a name with `key` in it. The word itself must not be one: a pad is no brake."""
        found = [
            sense
            for sense in head.segment.senses
            if sense.kind == "type" and self._in_names(sense.value, key) and not self._means(key, sense.value)
        ]
        return [
            TypeReading(sense.value, round(COMPLETED * head.factor * 0.9**rank, 4), head.surface)
            for rank, sense in enumerate(found)
        ]

    def _across(self, head: Said, other: Said) -> list[TypeReading]:
        """The one part type with an English name that `other` begins and a Chinese one that `head` ends: map传感器."""
        if head.han == other.han or not head.han:
            return []
        ending = self._names.endings.get(head.segment.key, frozenset())
        found = [one for one in ending if self._in_names(one, other.segment.key)]
        confidence = round(COMPLETED * head.factor * other.factor, 4)
        return [TypeReading(found[0], confidence, f"{other.surface} {head.surface}")] if len(found) == 1 else []

    def _in_names(self, type_id: str, key: str) -> bool:
        begun = self._names.pieces
        return type_id in begun.get(key, ()) or type_id in begun.get(key.replace(" ", ""), ())

    def _means(self, key: str, type_id: str) -> bool:
        return any(meaning.type_id == type_id for meaning in self._vocabulary.meanings.get(key, ()))

    def _symptom(self, draft: Draft) -> tuple[SymptomMention | None, frozenset[str]]:
        """The complaint of which every group was said, of several the one with most words; and the part types that
        only name what is complained of (方向盘 in 方向盘抖动), or where (发动机 in 发动机故障灯亮)."""
        groups: dict[str, set[str]] = defaultdict(set)
        for word in draft.said:
            for sense in word.segment.senses:
                if sense.kind == "symptom":
                    groups[sense.value].add(sense.detail)
        whole = [
            (len(said), symptom) for symptom, said in groups.items() if len(said) == len(self._symptoms[symptom].all)
        ]
        if not whole:
            return None, frozenset()
        row = self._symptoms[max(whole, key=lambda each: (each[0], each[1]))[1]]
        subjects: set[str] = set()
        for word in draft.said:
            own = any(sense.kind == "symptom" and sense.value == row.id for sense in word.segment.senses)
            if own or word.segment.has("symptom") or word.segment.key in self._names.contexts:
                types = {sense.value for sense in word.segment.senses if sense.kind == "type"}
                subjects |= types
                word.use = word.use or ("" if types or not own else "symptom")
        return SymptomMention(row.id, row.name, row.part_types), frozenset(subjects)

    def _by_initials(self, draft: Draft) -> dict[str, TypeReading]:
        """Initials of Chinese names, when nothing else names a part: scp → 刹车片 and others, none of them sure."""
        for word in draft.said:
            letters = word.surface
            if word.use or word.segment.senses or not letters.isascii() or not letters.isalpha():
                continue
            fewest = FEWEST_ALONE if len(draft.said) == 1 else FEWEST_INITIALS
            if not fewest <= len(letters) <= MOST_INITIALS:
                continue
            found: dict[str, TypeReading] = {}
            for rank, name in enumerate(self._phonetics.initialled(letters)):
                for meaning in self._vocabulary.meanings.get(name, ())[:1]:
                    confidence = meaning.confidence * FACTOR["initials"] * 0.9**rank
                    found.setdefault(meaning.type_id, TypeReading(meaning.type_id, round(confidence, 4), letters))
            if found:
                word.use = "part_type"
                first = next(iter(found.values()))
                draft.corrections.append(Correction(letters, self._vocabulary.name_of(first.id, "zh"), "initials"))
                return found
        return {}


def _open_words(said: Sequence[Said]) -> list[Said]:
    """Words that nothing took yet and that may name what is wanted."""
    return [word for word in said if not (word.use or word.aside or word.segment.has("stop"))][:MOST_WORDS]


def _unknown_runs(words: Sequence[Said]) -> Iterator[list[Said]]:
    """Neighbouring Chinese characters that nobody knows, as one word each: 空气 in 空气filter."""
    run: list[Said] = []
    for word in [*words, None]:
        unknown = word is not None and word.single_han and not word.segment.senses
        if run and not (unknown and word is not None and word.glued):
            yield run
            run = []
        if unknown and word is not None:
            run.append(word)


def _set_aside(said: Sequence[Said]) -> None:
    """Mark what comes with the part and is not it: all behind "with", up to the car or to "for"."""
    aside = False
    for at, word in enumerate(said):
        if word.segment.key in COMES_WITH and at > 0:
            aside, word.use = True, word.use or "aside"
        elif word.segment.key in IS_FOR or word.segment.has("make") or word.segment.has("model"):
            aside = False
        word.aside = aside


def _names_part(said: Sequence[Said], besides: Said) -> bool:
    """True if a word other than `besides` surely names a part."""
    return any(word is not besides and _best(word.segment.senses) >= FILTER_CONFIDENCE for word in said)


def _beginnings(said: Sequence[Said], at: int) -> list[str]:
    """The unknown word at `at` alone and, in Chinese, with up to two unknown ones behind it."""
    text = said[at].segment.key
    found = [text]
    for word in said[at + 1 : at + 3] if said[at].han else ():
        if word.segment.senses or not word.glued:
            break
        text += word.segment.key
        found.append(text)
    return found


def _agree(found: dict[str, TypeReading], type_id: str, confidence: float, surface: str) -> None:
    """Independent evidence adds up as 1 − (1 − a)(1 − b)."""
    known = found.get(type_id)
    if known is None:
        found[type_id] = TypeReading(type_id, round(min(confidence, 0.99), 4), surface)
    else:
        both = 1 - (1 - known.confidence) * (1 - confidence)
        found[type_id] = TypeReading(type_id, round(min(both, 0.99), 4), f"{known.because} + {surface}")


def _joined(readings: Mapping[str, TypeReading], causes: Mapping[str, float], because: str) -> dict[str, TypeReading]:
    """`readings` with those of a symptom or size; the word only names the thing complained of, so causes come first."""
    found = {type_id: TypeReading(type_id, weight, because) for type_id, weight in causes.items()}
    for type_id, reading in readings.items():
        if type_id in found:
            _agree(found, type_id, reading.confidence, reading.because)
        else:
            found[type_id] = TypeReading(type_id, round(reading.confidence * MODIFIER, 4), reading.because)
    return found


def _towards(confidence: float, likelier: bool) -> float:
    """A doubt less by half, or a confidence less by half."""
    return 1 - (1 - confidence) * PLACE_SAID if likelier else confidence * PLACE_SAID


def _best(senses: Iterable[Sense]) -> float:
    return max((sense.confidence for sense in senses if sense.kind == "type"), default=0.0)


def _share(some: Iterable[Sense], others: Iterable[Sense]) -> bool:
    ids = {sense.value for sense in some if sense.kind == "type"}
    return any(sense.kind == "type" and sense.value in ids for sense in others)


def places(groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Canonical places from runs of neighbouring place words.

    One run is one place as long as no axis repeats ("front left"); runs on different axes narrow each other, an axis
    named twice gives a place for each ("front and rear").
    """
    clusters = [cluster for group in groups for cluster in _clusters(group)]
    if len({tuple(sorted(cluster)) for cluster in clusters}) == 1 and len(clusters) > 1 and len(clusters[0]) > 1:
        return tuple(dict.fromkeys(_place(cluster.values()) for cluster in clusters))
    values: dict[int, list[str]] = defaultdict(list)
    for cluster in clusters:
        for axis, value in cluster.items():
            if value not in values[axis]:
                values[axis].append(value)
    if not values:
        return ()
    return tuple(_place(each) for each in itertools.product(*(values[axis] for axis in sorted(values))))


def _clusters(group: Sequence[str]) -> list[dict[int, str]]:
    clusters: list[dict[int, str]] = [{}]
    for place in group:
        for value in place.split():
            if AXES[value] in clusters[-1] and clusters[-1][AXES[value]] != value:
                clusters.append({})
            clusters[-1][AXES[value]] = value
    return clusters


def _place(values: Iterable[str]) -> str:
    return " ".join(sorted(values, key=AXES.__getitem__))
