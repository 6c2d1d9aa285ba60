"""What answering one attribute would make of rules: the candidates it leaves, and conditions on it judged anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fitment_rules.builds import Builds
from fitment_rules.conditions import Condition, Conditions, Masks, names_of
from fitment_rules.fit import outcome
from fitment_rules.judge import Asked
from fitment_rules.model import Key, Scalar, key_of


class Rule:
    """What is open of a rule, looked through once for every rule of which the same is. Equal by identity.

    `names` are the attributes that all its conditions ask: an answer to one that is met leaves fewer candidates too.
    """

    __slots__ = ("_splits", "conditions", "names", "typed")

    def __init__(self, asked: Asked, conditions: Conditions, names: frozenset[str]) -> None:
        self.conditions = conditions
        self.names = names
        self.typed = {one.attribute: _typed(asked, one) for one in conditions.typed}
        """By attribute, the candidates about which an answer that is typed would tell more; and those that meet what
        others surely do not, so that it would tell them apart."""
        self._splits: dict[str, tuple[tuple[Condition, ...], Masks]] = {}

    def split(self, asked: Asked, attribute: str) -> tuple[tuple[Condition, ...], Masks]:
        """The conditions on an attribute, and the outcome of the others."""
        found = self._splits.get(attribute)
        if found is None:
            on = tuple(one for one in self.conditions if attribute in names_of(one))
            true = possible = asked.candidates.full
            for condition in self.conditions:
                if condition not in on:
                    one = outcome(asked, condition)
                    true &= one[0]
                    possible &= one[1]
            found = self._splits[attribute] = (on, (true, possible))
        return found


class Told(NamedTuple):
    """The rules of a part by what an attribute has to do with them: the outcome of those without it, and the others."""

    masks: Masks
    asking: tuple[tuple[Rule, Masks], ...]


def told_by(rules: Iterable[tuple[Rule, Masks]], attribute: str) -> Told:
    """Part rules and their outcomes."""
    true = possible = 0
    asking = []
    for pair in rules:
        if attribute in pair[0].names:
            asking.append(pair)
        else:
            true |= pair[1][0]
            possible |= pair[1][1]
    return Told((true, possible), tuple(asking))


class Answered:
    """The candidates as they would be with one attribute answered; judges conditions on that attribute anew."""

    def __init__(self, asked: Asked, attribute: str, value: Scalar) -> None:
        self.asked = asked
        self.attribute = attribute
        self.key = key_of(value)
        self.full = asked.candidates.full
        self.left = 0
        """Candidates that the answer does not contradict."""
        self.narrows = attribute.startswith("note:")
        """True if the answer makes more known than which candidates are left."""
        self._known: dict[Rule, Masks] = {}
        if self.narrows:
            self.left = self.full
            return
        for keys, mask in asked.candidates.values(attribute):
            if keys is None or self.key in keys:
                self.left |= mask
                self.narrows |= keys is None or len(keys) > 1

    @property
    def vin_serial(self) -> str | None:
        """As before."""
        return self.asked.candidates.vin_serial

    @property
    def answers(self) -> Mapping[str, bool]:
        """As before, and the note if it was a note that was answered."""
        given = self.asked.candidates.answers
        if not self.attribute.startswith("note:"):
            return given
        return {**given, self.attribute.removeprefix("note:"): self.key == "yes"}

    def values(self, attribute: str) -> Sequence[tuple[frozenset[Key] | None, int]]:
        """As before, the answered attribute now being the answer wherever it could be."""
        if attribute != self.attribute:
            return self.asked.candidates.values(attribute)
        return ((frozenset((self.key,)), self.left),)

    def holding(self, attribute: str, keys: frozenset[Key]) -> Iterable[tuple[frozenset[Key] | None, int]]:
        """As before, the answered attribute now being the answer wherever it could be."""
        if attribute != self.attribute:
            return self.asked.candidates.holding(attribute, keys)
        return self.values(attribute)

    def built(self) -> Builds:
        """As before."""
        return self.asked.candidates.built()

    def masks(self, told: Told) -> Masks:
        """(true, possible) over the candidates left, of a part whose rules are told by the attribute."""
        left, (true, possible) = self.left, told.masks
        for rule, masks in told.asking:
            if masks[1] & left:
                one = self._known.get(rule) or self._judge(rule)
                true |= one[0]
                possible |= one[1]
        return true & left, possible & left

    def _judge(self, rule: Rule) -> Masks:
        """Its place needs no look: what could match is placed."""
        anew, (true, possible) = rule.split(self.asked, self.attribute)
        for condition in anew:
            one = condition.masks(self)
            true &= one[0]
            possible &= one[1]
        self._known[rule] = (true, possible)
        return true, possible


def _typed(asked: Asked, condition: Condition) -> tuple[int, int]:
    true, possible = outcome(asked, condition)
    return possible & ~true, true if possible != asked.candidates.full else 0
