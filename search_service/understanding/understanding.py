"""Text to `QueryIntent`: one pass over the words, each step a reader of its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property

from indexers.text import Atom, fold, join_units, number_key, number_spans, phrase_key, scan
from indexers.vocabulary import Vocabulary
from search_service.privacy import scrub
from search_service.understanding.carried_places import possible
from search_service.understanding.correct import Fix
from search_service.understanding.draft import Draft, Said, written
from search_service.understanding.grouping import groups_of, other_readings, unread
from search_service.understanding.intent import Correction, QueryIntent, TypeReading
from search_service.understanding.known import Known
from search_service.understanding.learnt import Learnt
from search_service.understanding.lexicon import models_apart
from search_service.understanding.numbers import bare_year, take_number, take_vins, take_years
from search_service.understanding.sizes import SizeReader
from search_service.understanding.suggest import Completion
from search_service.understanding.type_reading import IS_FOR, TypeReader, places
from search_service.understanding.vehicle_reading import VEHICLE_CONFIDENCE, VehicleReader
from search_service.understanding.vehicles import EXACT, Pair, VehicleLexicon
from search_service.understanding.words import Words, load_words

LINE = 0.6  # how sure a brand alone says what is wanted
LONGEST_TEXT = 256  # characters; the service refuses longer ones, here they are cut
_PIECE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9./*+×-]*[A-Za-z0-9+])?")
_GLUED = re.compile(r"(?<![A-Za-z0-9./-])([A-Za-z]{2,})(\d{2,4})([A-Za-z]*)(?![A-Za-z0-9./-])")


def no_number(key: str) -> bool:
    """For a catalogue without part numbers."""
    return False


class Understanding:
    """Understands queries against one vocabulary, one vehicle table and one catalogue. Immutable after building.

    `brands` are the catalogue's brand names; `numbers` says whether a key (`indexers.text.number_key`) is a part
    number of the catalogue; `known` is what `Known.build` makes of the rest, for who has it already.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        vehicles: VehicleLexicon | None = None,
        brands: Iterable[str] = (),
        numbers: Callable[[str], bool] = no_number,
        words: Words | None = None,
        learnt: Learnt | None = None,
        *,
        known: Known | None = None,
    ) -> None:
        learnt = learnt or Learnt()
        brands = tuple(dict.fromkeys(brands))
        self._words = words or load_words()
        self._vocabulary = vocabulary
        self._numbers = numbers
        self._brands = frozenset(brands)
        self._titles = learnt.words
        self.known = known or Known.build(vocabulary, self._words, vehicles or VehicleLexicon.build(()), brands, learnt)
        self._lexicon = self.known.lexicon
        self._vehicles = self.known.vehicles
        self._corrector = self.known.corrector
        self._sizes = SizeReader(self._words)
        self._types = TypeReader(vocabulary, self._words, self._corrector.phonetics, self.known.type_names)
        self._vehicle = VehicleReader(self._vehicles, (phrase_key(word) for word in self._words.common.shy))

    def makes_called(self, name: str) -> frozenset[str]:
        """The table's makes with this name or nickname."""
        senses = self._lexicon.senses.get(phrase_key(name), ())
        return frozenset(sense.value for sense in senses if sense.kind == "make")

    def models_called(self, name: str) -> frozenset[Pair]:
        """The table's (make, model) pairs with just this name or nickname, also behind that of their make."""
        senses = self._lexicon.senses.get(phrase_key(name), ())
        return frozenset(
            (sense.detail, sense.value) for sense in senses if sense.kind == "model" and sense.confidence >= EXACT
        )

    def parse(self, text: str, *, ignore: Collection[str] = frozenset(), verbatim: bool = False) -> QueryIntent:
        """Understand `text` (over-long text is cut). Never raises.

        `ignore` may name `vehicle`, `part_type`, `position`, `correction`: what the caller does not want read.
        `verbatim` takes every word as typed.
        """
        plain = unicodedata.normalize("NFKC", text[:LONGEST_TEXT])
        plain, vin = take_vins(plain, self._numbers)
        shown = " ".join(scrub(text[:LONGEST_TEXT]).split())
        plain = self._apart(plain)
        taken, unlikely = self._other_meanings(plain)
        plain, number = take_number(plain, self._numbers, taken, unlikely)
        folded, years = take_years(fold(plain))
        draft = Draft(shown, years=years, number=number)
        self._cut(draft, join_units(folded), correct=not verbatim and "correction" not in ignore)
        return self._intent(draft, vin, frozenset(ignore), verbatim)

    def complete(self, prefix: str, limit: int = 8) -> Completion:
        """What a text being typed may become: part types, query texts and vehicles, the likeliest first."""
        return self.known.prefixes.complete(prefix, limit)

    def _apart(self, plain: str) -> str:
        """Words glued to a year (civic2016brakepads), and makes to a code of theirs (bmw320li), set apart by blanks."""
        if not _GLUED.search(plain):
            return plain
        return _GLUED.sub(
            lambda match: match.group() if self._numbers(number_key(match.group())) else self._cut_apart(match), plain
        )

    def _cut_apart(self, match: re.Match[str]) -> str:
        letters, digits, rest = match.groups()
        if len(letters) > 3 and bare_year(digits) is not None and (not rest or len(rest) > 2):
            return f"{letters} {digits} {rest}"
        senses = self._lexicon.senses.get(letters.lower(), ())
        known = self._means_something((digits + rest).lower())
        makes = any(sense.kind == "make" for sense in senses)
        return f"{letters} {digits}{rest}" if makes and known else match.group()

    def _other_meanings(self, plain: str) -> tuple[frozenset[str], frozenset[str]]:
        """Number keys of single tokens that are sizes, years, models or engines first; and those that may be a size."""
        if not any(sign.isdigit() for sign in plain):
            return frozenset(), frozenset()
        found: set[str] = set()
        perhaps: set[str] = set()
        for piece in _PIECE.findall(plain):
            folded = fold(piece)
            whole = scan(join_units(folded))
            for atom in (*scan(folded), *whole):
                if any(sign.isdigit() for sign in atom.form) and self._means_something(join_units(atom.form)):
                    found.add(number_key(atom.surface))
            sizes = [self._sizes.means_size(atom.form, beside=True) for atom in whole if len(atom.form) > 1]
            if any(sizes) and all(sizes):
                perhaps.update(span.key for span in number_spans(piece))
        return frozenset(found), frozenset(perhaps)

    def _means_something(self, form: str) -> bool:
        known = form in self._lexicon.senses or form in self._vehicles.codes
        year = form.isdigit() and len(form) == 4 and form[:2] in ("19", "20")
        return known or year or self._sizes.means_size(form)

    def _cut(self, draft: Draft, folded: str, correct: bool) -> None:
        """Cut into words, correct the unknown ones, and cut again."""
        found: Sequence[Atom] = scan(folded)
        cut = self._lexicon.segment(found)
        factors = [1.0] * len(found)
        fixes = self._corrector.fixes(found, cut) if correct else []
        if fixes:
            draft.corrections = [_correction(folded, found, fix) for fix in fixes]
            found, factors = _mended(found, fixes)
            cut = self._lexicon.segment(found)
        draft.said = written(folded, found, models_apart(self._lexicon, found, cut), factors)
        _doubt_single(draft.said)

    def _intent(self, draft: Draft, vin: str | None, ignore: frozenset[str], verbatim: bool) -> QueryIntent:
        sized = self._sizes.read(draft)
        mention = self._vehicle.read(draft, sized)
        vehicle = mention if mention and mention.confidence >= VEHICLE_CONFIDENCE and "vehicle" not in ignore else None
        self._sizes.keep(draft)
        self._take_words(draft)
        unlisted = self._take_unlisted(draft)
        types = self._types.read(draft, verbatim) or self._line_of(draft.brand)
        intent = QueryIntent(
            text=draft.text,
            vin=vin if "vehicle" not in ignore else None,
            part_types=() if "part_type" in ignore else types,
            vehicle=vehicle,
            positions=() if "position" in ignore else _positions(draft, self._vocabulary),
            part_number=draft.number,
            specs=tuple(draft.specs),
            brand=draft.brand,
            quality=draft.quality,
            symptom=draft.symptom,
            corrections=tuple(draft.corrections),
        )
        return replace(
            intent,
            rest=unread(draft),
            unlisted=unlisted,
            groups=groups_of(draft, intent, self._vocabulary),
            readings=other_readings(draft, intent, mention, self._vocabulary),
        )

    @cached_property
    def _words_of_parts(self) -> frozenset[str]:
        """Latin words of part names: in "air滤芯" air is no Lucid."""
        return frozenset(word for key in self._vocabulary.meanings if key.isascii() for word in key.split(" "))

    def _take_unlisted(self, draft: Draft) -> tuple[str, ...]:
        """Cars that the table does not have: names of the configuration, and words behind "for" that no title has."""
        found: list[str] = []
        behind = False
        for word in draft.said:
            unknown = not word.use and not word.segment.senses and word.segment.key.isalpha()
            behind = word.segment.key in IS_FOR or (behind and unknown)
            key = word.segment.key
            elsewhere = key in self._corrector.real and key not in self._words_of_parts
            if unknown and (elsewhere or (behind and not word.han and key not in self._titles)):
                word.use = "car"
                found.append(word.surface)
        return tuple(found)

    def _line_of(self, brand: str | None) -> tuple[TypeReading, ...]:
        """What a brand is known for, where the catalogue does not have it: never sure enough to filter."""
        if brand is None or brand in self._brands:
            return ()
        types = self._words.brand_lines.get(brand, ())
        return tuple(TypeReading(one, round(LINE * 0.9**rank, 4), f"brand {brand}") for rank, one in enumerate(types))

    def _take_words(self, draft: Draft) -> None:
        """Brand and quality, where the vehicle did not take the word."""
        for word in draft.said:
            for sense in word.segment.senses if not word.use and not word.segment.has("type") else ():
                if sense.kind == "brand" and draft.brand is None:
                    draft.brand, word.use = sense.value, "brand"
                elif sense.kind == "quality" and not draft.quality:
                    draft.quality, word.use = tuple(sense.value.split("|")), "quality"
        sizes = {spec.value for spec in draft.specs}
        for word in draft.said:
            if not word.use and word.segment.key in sizes:
                word.use = "spec"


def _mended(found: Sequence[Atom], fixes: Sequence[Fix]) -> tuple[list[Atom], list[float]]:
    """The atoms with the fixes in place, and for each how sure it is. A mended atom keeps the place of the original."""
    mended: list[Atom] = []
    factors: list[float] = []
    at = 0
    for fix in fixes:
        mended.extend(found[at : fix.start])
        factors.extend([1.0] * (fix.start - at))
        start, end = found[fix.start].start, found[fix.end - 1].end
        for number, form in enumerate(fix.forms):
            last = number == len(fix.forms) - 1
            mended.append(Atom(form, form, start if number == 0 else end, end))
            factors.append(fix.factor if last or number >= 0 else 1.0)
        at = fix.end
    mended.extend(found[at:])
    factors.extend([1.0] * (len(found) - at))
    return mended, factors


def _correction(folded: str, found: Sequence[Atom], fix: Fix) -> Correction:
    return Correction(folded[found[fix.start].start : found[fix.end - 1].end], fix.corrected, fix.kind)


def _doubt_single(said: Sequence[Said]) -> None:
    """A lone Chinese place or stop character glued to an unknown one is part of a word nobody knows."""
    for at, word in enumerate(said):
        if word.single_han and word.segment.senses and not word.segment.has("type"):
            before = at > 0 and word.glued and not said[at - 1].segment.senses and said[at - 1].han
            after = at + 1 < len(said) and said[at + 1].glued and not said[at + 1].segment.senses and said[at + 1].han
            if before or after:
                word.segment = word.segment._replace(senses=())


def _positions(draft: Draft, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The places said, by themselves or inside a part's name (前减)."""
    groups: list[list[str]] = [[]]
    for at, word in enumerate(draft.said):
        place = next((s.value for s in word.segment.senses if s.kind == "position"), "")
        inside = [sense for sense in word.segment.senses if sense.kind == "type" and word.use == "part_type"]
        carried = max(inside, key=lambda sense: sense.confidence).detail if inside else ""
        if place and not word.use:
            word.use = "position"
            groups[-1].append("" if _called_so(draft.said[at : at + 2], place, vocabulary) else place)
        elif carried:
            groups.append([carried])
            groups.append([])
        else:
            groups.append([])
    return places([group for group in groups if group])


def _called_so(words: Sequence[Said], place: str, vocabulary: Vocabulary) -> bool:
    """True for a lone sign before a part without such places: an 外后视镜片 is a mirror's glass, not an outer one."""
    types = {sense.value for word in words[1:] if word.glued for sense in word.segment.senses if sense.kind == "type"}
    known = [vocabulary.part_types[each] for each in types if each in vocabulary.part_types]
    return words[0].single_han and bool(known) and not any(possible(place, each) for each in known)


__all__ = ["Understanding", "no_number"]
