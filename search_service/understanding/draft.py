"""What the steps of understanding write down before it becomes a `QueryIntent`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from indexers.text import Atom
from search_service.understanding.intent import Correction, NumberMention, SpecMention, SymptomMention
from search_service.understanding.lexicon import Segment

AND = frozenset({"and", "和", "与", "及", "以及", "跟", "或", "or"})


@dataclass(slots=True)
class Said:
    """One word of the cut with its place in the text: what was typed, how sure its reading is, and what became of it.

    `glued` says that no blank stands before it, `listed` that a sign or word of a list does (a comma, "and"). `use`
    names what took it ("" = nobody yet). `aside` says that it comes with the part and is not the part.
    """

    segment: Segment
    surface: str
    forms: tuple[str, ...]
    glued: bool
    factor: float = 1.0
    use: str = ""
    aside: bool = False
    listed: bool = False

    @property
    def han(self) -> bool:
        """True if the word is written in Chinese characters."""
        return not self.forms[0].isascii()

    @property
    def single_han(self) -> bool:
        """True for a lone Chinese character, which means something only beside something understood."""
        return len(self.forms) == 1 and self.han


@dataclass(slots=True)
class Draft:
    """The state of one parse. `telling` holds the sizes that say what is wanted (5w40), not only how much of it."""

    text: str
    said: list[Said] = field(default_factory=list)
    years: tuple[int, int] | None = None
    number: NumberMention | None = None
    specs: list[SpecMention] = field(default_factory=list)
    spec_types: dict[str, float] = field(default_factory=dict)
    telling: set[str] = field(default_factory=set)
    corrections: list[Correction] = field(default_factory=list)
    brand: str | None = None
    quality: tuple[str, ...] = ()
    symptom: SymptomMention | None = None


def written(text: str, found: Sequence[Atom], cut: Sequence[Segment], factors: Sequence[float]) -> list[Said]:
    """The words of a cut as drafts; `factors` holds for each atom how sure its correction is."""
    words: list[Said] = []
    before = -1
    for segment in cut:
        first, last = found[segment.start], found[segment.end - 1]
        forms = tuple(atom.form for atom in found[segment.start : segment.end])
        factor = min(factors[segment.start : segment.end])
        listed = bool(text[max(before, 0) : first.start].strip()) or bool(words and words[-1].segment.key in AND)
        words.append(Said(segment, text[first.start : last.end], forms, first.start == before, factor, listed=listed))
        before = last.end
    return words
