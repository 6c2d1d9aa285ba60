"""What a phrase means for the values that a vehicle table has.

A phrase is understood only if every value of the attribute can be told apart: a value that no class knows, or one of
which the phrase might or might not speak, leaves it open. So a condition made from words never excludes a vehicle
whose value was merely spelled in an unexpected way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from fitment_rules.model import Key, Scalar
from fitment_rules.vehicles import VehicleTable
from indexers.notes.lexicon import Meaning, NoteLexicon

NEAR, EDGE = 0.05, 0.005
"""Litres by which a displacement may differ from the one a note names; a value this close to that edge is unclear."""

MOST_VALUES = 2_000
"""Values of an attribute up to which its own words are looked for in notes."""

_LITRES = re.compile(r"(\d{1,2}\.\d)[ -]?(?:l|liters?|litres?|升)(?:[ -](?:engines?|eng))?(?:发动机)?")
_COUNTED = re.compile(
    r"(\d{1,2})[ -]?(?:(?P<cylinders>cyl\.?|cylinders?|缸)|(?P<doors>doors?|dr|门)"
    r"|(?P<seats>seats?|seaters?|passengers?|座))(?: engines?)?(?:发动机)?"
)
_SIZE = re.compile(r"(\d{1,3}(?:\.\d+)?) ?(mm|毫米|inch(?:es)?|in|\"|寸)\.? ?(?:的)?(?:diameter )?(.+)")
_WORDS = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z0-9é][a-z0-9é/-]*")
_COUNT = re.compile(r"^\d+-?|(?:-s)?\d+$")
"""Gears in the name of a gearbox: `7dct`, `am-s6`."""


class Meant(NamedTuple):
    """An attribute and the values meant; `known` if some vehicle of the table has the attribute."""

    attribute: str
    values: tuple[Scalar, ...]
    known: bool


class Meanings:
    """Phrases against one vehicle table."""

    def __init__(self, lexicon: NoteLexicon, table: VehicleTable) -> None:
        self._lexicon = lexicon
        self._table = table
        self._classes: dict[str, dict[Key, str] | None] = {}

    def of(self, phrase: str) -> Meant | None:
        """What a folded phrase means; `None` if it is not understood whole."""
        said = self._lexicon.said.get(phrase)
        if said is not None:
            return self._class(*said)
        return self._litres(phrase) or self._counted(phrase) or self._size(phrase) or self._own(phrase)

    def _class(self, attribute: str, name: str) -> Meant | None:
        keys = self._table.keys_used(attribute)
        if not keys:
            return Meant(attribute, (name,), known=False)
        classes = self._classified(attribute)
        if classes is None:
            return None
        meaning = self._lexicon.attributes[attribute][name]
        if any(classes[key] in meaning.unsure for key in keys):
            return None
        meant = (name, *meaning.also)
        found = sorted((key for key in keys if classes[key] in meant), key=str)
        return Meant(attribute, tuple(found) or (name,), known=True)

    def _classified(self, attribute: str) -> dict[Key, str] | None:
        """The class of every value; `None` if one has none, or two."""
        if attribute not in self._classes:
            found: dict[Key, str] = {}
            for key in self._table.keys_used(attribute):
                names = _classes(self._lexicon.attributes[attribute], str(key))
                if len(names) == 1:
                    found[key] = names.pop()
            whole = len(found) == len(self._table.keys_used(attribute))
            self._classes[attribute] = found if whole else None
        return self._classes[attribute]

    def _litres(self, phrase: str) -> Meant | None:
        match = _LITRES.fullmatch(phrase)
        if match is None:
            return None
        wanted, keys = float(match[1]), self._table.keys_used("displacement_l")
        if any(isinstance(key, str) or abs(abs(key - wanted) - NEAR) < EDGE for key in keys):
            return None
        near = sorted(key for key in keys if not isinstance(key, str) and abs(key - wanted) < NEAR)
        return Meant("displacement_l", (*near,) or (wanted,), bool(keys))

    def _counted(self, phrase: str) -> Meant | None:
        """Cylinders, doors or seats; `4 door` is unclear where the table counts a fifth, the tailgate."""
        match = _COUNTED.fullmatch(phrase)
        if match is None:
            return None
        attribute = next(name for name, words in match.groupdict().items() if words)
        keys = self._table.keys_used(attribute)
        count = int(match[1])
        tailgate = attribute == "doors" and count % 2 == 0 and count + 1 in keys
        if tailgate or any(isinstance(key, str) for key in keys):
            return None
        return Meant(attribute, (count,), bool(keys))

    def _size(self, phrase: str) -> Meant | None:
        """A size of something that the table holds a size of: `300mm rotor` where vehicles have `rotor_mm`."""
        match = _SIZE.fullmatch(phrase)
        name = match and self._lexicon.measured.get(match[3].strip())
        if match is None or name is None:
            return None
        unit = "mm" if match[2] in ("mm", "毫米") else "in"
        held = [one for one in self._attributes if {name, unit} <= set(_WORDS.findall(one.replace("_", " ")))]
        if len(held) != 1 or any(isinstance(key, str) for key in self._table.keys_used(held[0])):
            return None
        return Meant(held[0], (float(match[1]),), known=True)

    def _own(self, phrase: str) -> Meant | None:
        """An attribute of the table with one of its values (`sport suspension`), or one that is yes or no (`ABS`)."""
        return self._phrases.get(phrase)

    @cached_property
    def _phrases(self) -> dict[str, Meant]:
        found: dict[str, Meant | None] = {}
        for attribute in self._attributes:
            keys = self._table.keys_used(attribute)
            name = attribute.replace("_", " ")
            yes = [key for key in keys if key in ("yes", "true", "y", 1)]
            if yes and all(key in ("yes", "true", "y", 1, "no", "false", "n", 0) for key in keys):
                _put(found, name, Meant(attribute, tuple(yes), known=True))
            elif len(keys) <= MOST_VALUES:
                for key in keys:
                    if isinstance(key, str) and not _inside_another(key, keys):
                        for phrase in (f"{key} {name}", f"{name} {key}"):
                            _put(found, phrase, Meant(attribute, (key,), known=True))
        return {phrase: meant for phrase, meant in found.items() if meant is not None}

    @cached_property
    def _attributes(self) -> list[str]:
        """The table's own attributes that the lexicon does not know."""
        names = {name.casefold(): name for row in self._table.rows for name in row.attributes}
        return sorted(name for name in names.values() if name not in self._lexicon.attributes)


def _classes(meanings: Mapping[str, Meaning], value: str) -> set[str]:
    """The classes whose words a value holds, without those that another of them is more exact than."""
    words = _LATIN.findall(value)
    latin = f" {' '.join(words)} {' '.join(_COUNT.sub('', word) for word in words)} "
    names = {
        name
        for name, meaning in meanings.items()
        if any(f" {one} " in latin if one.isascii() else one in value for one in meaning.values)
    }
    return names - {less for name in names for less in meanings[name].over}


def _inside_another(key: str, keys: Iterable[Key]) -> bool:
    """A value that other values only add words to may be meant with them or without."""
    return any(other != key and isinstance(other, str) and key in other for other in keys)


def _put(found: dict[str, Meant | None], phrase: str, meant: Meant) -> None:
    found[phrase] = None if phrase in found else meant
