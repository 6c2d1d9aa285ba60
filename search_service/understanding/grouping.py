"""What is left for text retrieval, and the other ways to read the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from indexers.text import is_han
from indexers.vocabulary import Vocabulary
from search_service.understanding.draft import Draft, Said
from search_service.understanding.intent import (
    Group,
    Kind,
    QueryIntent,
    Reading,
    SpecMention,
    TypeReading,
    VehicleMention,
)

MOST_READINGS = 6
AS_TYPED = 0.3  # what is left for a corrected text having been meant as typed


def groups_of(draft: Draft, intent: QueryIntent, vocabulary: Vocabulary) -> tuple[Group, ...]:
    """One group for each thing said, in text order; stop words and what a filter already says are not needed, nor is
    any word of a complaint: its causes are."""
    groups: list[Group] = []
    run: list[Said] = []
    for word in [*draft.said, None]:
        if word is not None and _unknown(word) and word.han and (not run or word.glued):
            run.append(word)
            continue
        groups.extend(_run_groups(run))
        run = [word] if word is not None and _unknown(word) and word.han else []
        if word is not None and not run and not _silent(word):
            groups.extend(_word_groups(word, draft, intent, vocabulary))
    groups.extend(_size_group(spec, draft) for spec in draft.specs if not any(_is(word, spec) for word in draft.said))
    if intent.symptom is not None and not intent.filter_types:
        groups = [replace(group, needed=False) for group in groups]
    if intent.filter_types or any(group.needed for group in groups):
        return tuple(groups)
    if intent.part_types:
        groups.append(_any_type(draft, intent))
    elif intent.part_number is None:
        kinds = ("word", "symptom", "vehicle") if intent.vehicle is None else ("word", "symptom")
        groups = [replace(group, needed=True) if group.kind in kinds else group for group in groups]
    return tuple(groups)


def _any_type(draft: Draft, intent: QueryIntent) -> Group:
    """Where no word itself must be found (a symptom, a size, initials), the part must be of one of the readings."""
    said = " ".join(word.surface for word in draft.said if word.use in ("symptom", "spec", "part_type"))
    return _either("symptom" if intent.symptom else "part_type", said, (), intent.part_types)


def unread(draft: Draft) -> tuple[str, ...]:
    """Words nobody understood, as typed; neighbouring Chinese characters stay together."""
    words: list[str] = []
    open_run = False
    for word in draft.said:
        if not _unknown(word):
            open_run = False
        elif open_run and word.han and word.glued:
            words[-1] += word.surface
        else:
            words.append(word.surface)
            open_run = word.han
    return tuple(words)


def _unknown(word: Said) -> bool:
    return not word.use and not word.segment.senses


def _silent(word: Said) -> bool:
    """Stop words, and lone place characters that nothing took."""
    return not word.use and word.segment.has("stop")


def _run_groups(run: Sequence[Said]) -> Iterator[Group]:
    """Unknown Chinese text: every pair of neighbours, or the lone character."""
    text = "".join(word.forms[0] for word in run)
    for pair in [text[at : at + 2] for at in range(len(text) - 1)] or ([text] if text else []):
        yield Group("word", pair, (pair,), True)


def _word_groups(word: Said, draft: Draft, intent: QueryIntent, vocabulary: Vocabulary) -> Iterator[Group]:
    kind = _kind(word)
    if kind == "part_type":
        yield from _type_groups(word, intent, vocabulary)
        return
    spec = next((one for one in draft.specs if one.value == word.segment.key), None) if kind == "spec" else None
    if spec is not None:
        yield _size_group(spec, draft)
        return
    unknown = not word.use and not word.segment.senses and not _count(word)
    needed = unknown or word.segment.key in draft.telling
    for token in _tokens(word, vocabulary):
        yield Group(kind, word.surface, (token,), needed)


def _size_group(spec: SpecMention, draft: Draft) -> Group:
    """A part that says the size, in its words or its numbers."""
    return Group("spec", spec.text, spec.same, spec.value in draft.telling, attributes=spec.attributes)


def _is(word: Said, spec: SpecMention) -> bool:
    return word.segment.key == spec.value


def _count(word: Said) -> bool:
    """A bare number of up to two digits: how many, or how long, of something else."""
    return word.segment.key.isdigit() and len(word.segment.key) <= 2


def _kind(word: Said) -> Kind:
    match word.use:
        case "vehicle" | "brand" | "spec" | "position" | "quality" | "symptom" | "part_type":
            return word.use
        case "car":
            return "vehicle"
        case _:
            return "word"


def _type_groups(word: Said, intent: QueryIntent, vocabulary: Vocabulary) -> Iterator[Group]:
    """A sure part type is filtered by, so its words only score, as do those of a part that is only complained of; an
    unsure one must be found under some name."""
    said = {sense.value for sense in word.segment.senses if sense.kind == "type"}
    complained_of = intent.symptom is not None and not intent.filter_types
    if said & set(intent.filter_types) or not said or word.aside or complained_of:
        for token in _tokens(word, vocabulary):
            yield Group("part_type", word.surface, (token,), False)
        return
    tokens = _tokens(word, vocabulary)
    alone = tokens if len(tokens) == 1 else ()
    yield _either("part_type", word.surface, alone, [one for one in intent.part_types if one.id in said])
    for token in () if alone else tokens:
        yield Group("part_type", word.surface, (token,), False)


def _either(kind: Kind, text: str, tokens: Sequence[str], readings: Sequence[TypeReading]) -> Group:
    """Parts with one of `tokens`, or of a part type read, by its share of the likeliest one's confidence."""
    if not readings:
        return Group(kind, text, tuple(tokens), True)
    shares = tuple(round(one.confidence / readings[0].confidence, 4) for one in readings)
    return Group(kind, text, tuple(tokens), True, types=tuple(one.id for one in readings), type_weights=shares)


def _tokens(word: Said, vocabulary: Vocabulary) -> list[str]:
    """Index tokens of one word: Latin atoms one by one, a Chinese word as its own token or else by pairs."""
    if not word.han:
        return list(word.forms)
    text = "".join(word.forms)
    if not all(map(is_han, text)):
        return vocabulary.analyse(text)
    if len(text) <= 2 or text in vocabulary.analyse(text):
        return [text]
    return [text[at : at + 2] for at in range(len(text) - 1)]


def other_readings(
    draft: Draft, intent: QueryIntent, mention: VehicleMention | None, vocabulary: Vocabulary
) -> tuple[Reading, ...]:
    """Readings that were not acted on, by falling confidence, each with the parameters that select it."""
    found = [*_type_readings(intent, vocabulary), *_vehicle_readings(draft, intent, mention)]
    if intent.corrections:
        found.append(Reading(AS_TYPED, draft.text, use={"verbatim": "1"}))
    if intent.part_number is not None and not intent.part_number.known and intent.filter_types:
        found.append(Reading(AS_TYPED, intent.part_number.text, use={"q": intent.part_number.text}))
    found.sort(key=lambda reading: -reading.confidence)
    return tuple(found[:MOST_READINGS])


def _type_readings(intent: QueryIntent, vocabulary: Vocabulary) -> Iterator[Reading]:
    for reading in intent.part_types:
        if not reading.filters:
            name = vocabulary.name_of(reading.id, "zh" if any(map(is_han, intent.text)) else "en")
            yield Reading(reading.confidence, name, (reading,), use={"filter.part_type": reading.id})


def _vehicle_readings(draft: Draft, intent: QueryIntent, mention: VehicleMention | None) -> Iterator[Reading]:
    """A doubtful vehicle, and each make of a model that several makes have."""
    if mention is None or mention is intent.vehicle:
        return
    for make in mention.makes or ("",):
        use = {"make": make} if make else {}
        if mention.model:
            use["model"] = mention.model
        if use:
            yield Reading(mention.confidence, mention.text, vehicle=mention, use=use)
