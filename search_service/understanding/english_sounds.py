"""English words by sound: what is left of "sillinder" and "cylinder" when spelling is taken away."""

from __future__ import annotations

import re
from collections.abc import Mapping

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
    """Words by sound. Of several that sound alike the commonest is meant; `words` maps each to how common it is."""

    def __init__(self, words: Mapping[str, int]) -> None:
        best: dict[str, str] = {}
        for word, count in words.items():
            key = sound_of(word)
            if len(key) >= SHORTEST_KEY and (key not in best or words[best[key]] < count):
                best[key] = word
        self._words = best

    def alike(self, word: str) -> str | None:
        """The word that sounds the same and begins with the same sound, `None` if there is none."""
        return self._words.get(sound_of(word))
