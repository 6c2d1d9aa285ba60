"""What slips, pinyin and initials cost: names of the vocabulary, spoilt at random, must still name their part type.

    python -m benchmarks.misspelling                 2,000 names of each language, a fixed seed
    python -m benchmarks.misspelling --show          with the names that were missed

Success@3 (initials: @5) of the understanding alone, without a catalogue, over names as they are and over the same
names with one slip of each kind; `kept` is the ratio.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pypinyin import lazy_pinyin

from indexers.text import is_han
from search_service.understanding.understanding import Understanding
from search_service.understanding.vehicles import VehicleLexicon
from search_service.understanding.vocabulary import load_vocabulary
from search_service.understanding.words import load_words

Spoil = Callable[[str, random.Random], str]

SHORTEST_ENGLISH, SHORTEST_CHINESE = 5, 3
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@dataclass(frozen=True)
class Name:
    """A name and the part types it may mean."""

    text: str
    types: frozenset[str]


def neighbours() -> dict[str, str]:
    """Letter → the letters beside it on a keyboard."""
    found: dict[str, str] = defaultdict(str)
    for row, keys in enumerate(KEYS):
        for at, key in enumerate(keys):
            beside = keys[max(0, at - 1) : at] + keys[at + 1 : at + 2]
            below = KEYS[row + 1][max(0, at - 1) : at + 1] if row + 1 < len(KEYS) else ""
            found[key] += beside + below
            for other in below:
                found[other] += key
    return found


BESIDE = neighbours()


def dropped(name: str, rng: random.Random) -> str:
    """One sign less."""
    at = rng.randrange(len(name))
    return name[:at] + name[at + 1 :]


def doubled(name: str, rng: random.Random) -> str:
    """One sign twice."""
    at = rng.randrange(len(name))
    return name[: at + 1] + name[at:]


def swapped(name: str, rng: random.Random) -> str:
    """Two neighbours in the other order."""
    at = rng.randrange(len(name) - 1)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def mistyped(name: str, rng: random.Random) -> str:
    """One letter replaced by a neighbour on the keyboard."""
    at = rng.choice([at for at, sign in enumerate(name) if sign in BESIDE])
    return name[:at] + rng.choice(BESIDE[name[at]]) + name[at + 1 :]


class Homophones:
    """Replaces one character by another that sounds the same."""

    def __init__(self) -> None:
        syllables = load_words().syllables
        by_sound: dict[str, list[str]] = defaultdict(list)
        for sign, sounds in syllables.items():
            by_sound[sounds[0]].append(sign)
        self._alike = {sign: [one for one in by_sound[sounds[0]] if one != sign] for sign, sounds in syllables.items()}

    def __call__(self, name: str, rng: random.Random) -> str:
        at = rng.choice([at for at, sign in enumerate(name) if self._alike.get(sign)] or [0])
        return name[:at] + rng.choice(self._alike.get(name[at]) or [name[at]]) + name[at + 1 :]


def pinyin(name: str, rng: random.Random) -> str:
    """The whole name in pinyin, with or without blanks."""
    return rng.choice(["", " "]).join(lazy_pinyin(name)).replace("ü", "v")


def initials(name: str, rng: random.Random) -> str:
    """First letters of the pinyin."""
    return "".join(sound[0] for sound in lazy_pinyin(name))


def success(understanding: Understanding, asked: Iterable[tuple[str, Name]], depth: int) -> tuple[float, list[str]]:
    """The share of (query, name) with a right type in the first `depth`, and those without."""
    total, missed = 0, []
    for query, name in asked:
        total += 1
        found = [reading.id for reading in understanding.parse(query).part_types[:depth]]
        if not name.types & set(found):
            missed.append(f"{query} ({name.text}) -> {found}")
    return (1 - len(missed) / total if total else 1.0), missed


def names(wanted: Callable[[str], bool]) -> list[Name]:
    """Every distinct name of the vocabulary that is `wanted`, in file order."""
    vocabulary = load_vocabulary()
    types: dict[str, set[str]] = defaultdict(set)
    for part_type in vocabulary.part_types.values():
        for name in part_type.names:
            types[name.text.lower()].add(part_type.id)
    return [Name(text, frozenset(found)) for text, found in types.items() if wanted(text)]


def english(text: str) -> bool:
    """An English name long enough for a slip to be one."""
    return text.isascii() and len(text) >= SHORTEST_ENGLISH and any(map(str.isalpha, text))


def chinese(text: str) -> bool:
    """A name of Chinese characters only, long enough for a slip to be one."""
    return len(text) >= SHORTEST_CHINESE and all(map(is_han, text))


def shown_chinese(text: str) -> bool:
    """A Chinese name of three to six characters, as people abbreviate."""
    return chinese(text) and len(text) <= 6


KINDS: tuple[tuple[str, Callable[[str], bool], Spoil, int], ...] = (
    ("English, letter dropped", english, dropped, 3),
    ("English, letter doubled", english, doubled, 3),
    ("English, letters swapped", english, swapped, 3),
    ("English, neighbouring key", english, mistyped, 3),
    ("Chinese, homophone", chinese, Homophones(), 3),
    ("Chinese, character doubled", chinese, doubled, 3),
    ("Chinese, characters swapped", chinese, swapped, 3),
    ("Chinese, dropped of four or more", lambda text: chinese(text) and len(text) >= 4, dropped, 3),
    ("pinyin", chinese, pinyin, 3),
    ("initials, first five", shown_chinese, initials, 5),
)


def drawn(wanted: Callable[[str], bool], count: int, seed: int) -> list[Name]:
    """At most `count` names, the same for the same seed."""
    every = names(wanted)
    return random.Random(seed).sample(every, min(count, len(every)))


def measure(understanding: Understanding, count: int, seed: int = 7) -> dict[str, tuple[float, float, list[str]]]:
    """Kind of slip → success of the names as they are, of the spoilt ones, and what was missed."""
    found = {}
    for kind, wanted, spoil, depth in KINDS:
        rng = random.Random(seed)
        chosen = drawn(wanted, count, seed)
        clean, _ = success(understanding, ((name.text, name) for name in chosen), depth)
        spoilt, missed = success(understanding, ((spoil(name.text, rng), name) for name in chosen), depth)
        found[kind] = (clean, spoilt, missed)
    return found


def one_slip(found: dict[str, tuple[float, float, list[str]]], language: str) -> float:
    """What slips of a language keep of the clean success, all kinds together."""
    rows = [row for kind, row in found.items() if kind.startswith(language)]
    return sum(row[1] for row in rows) / sum(row[0] for row in rows)


def bare_understanding() -> Understanding:
    """Without a catalogue; one car, so that names of cars are no help."""
    rows = [("Toyota", "Corolla", {"zh": {"make": "丰田", "model": "卡罗拉"}}, (), {})]
    return Understanding(load_vocabulary(), VehicleLexicon.build(rows))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--names", type=int, default=2000)
    options.add_argument("--show", action="store_true")
    chosen = options.parse_args(arguments)
    found = measure(bare_understanding(), chosen.names)
    for kind, (clean, spoilt, missed) in found.items():
        print(f"{kind:34} clean {clean:.3f}  spoilt {spoilt:.3f}  kept {spoilt / clean:.3f}")
        if chosen.show:
            print("\n".join(f"    {one}" for one in missed))
    print(f"one slip kept: English {one_slip(found, 'English'):.3f}, Chinese {one_slip(found, 'Chinese'):.3f}")


if __name__ == "__main__":
    main()
