"""English words by sound: what is left of "sillinder" and "cylinder" when spelling is taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping

from indexers.store import Store
from search_service.understanding.mapped import Table, put_table

SHORTEST_KEY = 4  # sounds; fewer are shared by too many words

_SAME = (
    (re.compile(r"ph"), "f"), (re.compile(r"tch|ch|sh"), "S"), (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"ck|c|q"), "k"), (re.compile(r"x"), "ks"), (re.compile(r"z"), "s"),
    (re.compile(r"gh|(?<=.)[hw]"), ""),
)  # fmt: skip
_VOWELS = re.compile(r"(?<=.)[aeiouy]+")
_TWICE = re.compile(r"(.)\1+")


def sound_of(word: str) -> str:
    """The consonants of a lower-case word as they sound, doubles once; a first vowel stays as `a`."""
    for pattern, sound in _SAME:
        word = pattern.sub(sound, word)
    skeleton = _VOWELS.sub("", "a" + word[1:] if word[:1] in "aeiouy" else word)
    return _TWICE.sub(r"\1", skeleton)


class EnglishSounds:
    """Words by sound."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    @classmethod
    def build(cls, words: Mapping[str, int]) -> EnglishSounds:
        """Of several words that sound alike the commonest is meant; `words` maps each to how common it is."""
        best: dict[str, str] = {}
        for word, count in words.items():
            key = sound_of(word)
            if len(key) >= SHORTEST_KEY and (key not in best or words[best[key]] < count):
                best[key] = word
        return cls(best)

    def save(self, store: Store, name: str) -> None:
        """Write it for `load`."""
        put_table(store, name, self._words)

    @classmethod
    def load(cls, store: Store, name: str) -> EnglishSounds:
        """What `save` wrote."""
        return cls(Table[str](store, name, str))

    def alike(self, word: str) -> str | None:
        """The word that sounds the same and begins with the same sound, `None` if there is none."""
        return self._words.get(sound_of(word))
