"""Which "this maker lists none" facts hold for a vehicle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fitment_rules.compile import every_condition, notes_asked
from fitment_rules.conditions import AnyOf, Condition
from fitment_rules.judge import Asked
from fitment_rules.model import Application, Key
from indexers.slots import condition_of, notes_of, selector_of
from indexers.unlisted import Unlisted


class UnlistedParts:
    """Finds the facts that hold for a vehicle."""

    def __init__(self, facts: Sequence[Unlisted]) -> None:
        self._facts: dict[tuple[str | None, Key | None], list[tuple[Unlisted, tuple[Condition, ...]]]] = {}
        for fact in facts:
            said = (selector_of(fact.selector.encode()), condition_of(fact.condition.encode()))
            noted = notes_asked(Application("", "", notes=notes_of(fact.notes.encode())))
            conditions = (*(one for application in said for one in every_condition(application)), *noted)
            first = next((one for one in conditions if isinstance(one, AnyOf)), None)
            keys: Iterable[tuple[str | None, Key | None]] = ((None, None),)
            if first is not None:
                keys = [(first.attribute, key) for key in first.keys]
            for one in keys:
                self._facts.setdefault(one, []).append((fact, conditions))
        self._attributes = {attribute for attribute, _ in self._facts if attribute is not None}

    def of(self, asked: Asked) -> list[Unlisted]:
        """Facts of which every condition holds for every candidate, by application id."""
        wanted: list[tuple[str | None, Key | None]] = [(None, None)]
        for attribute in self._attributes:
            groups = asked.candidates.values(attribute)
            wanted += [(attribute, key) for keys, _ in groups for key in keys or ()]
        full = asked.candidates.full
        found = {
            fact.application_id: fact
            for key in wanted
            for fact, conditions in self._facts.get(key, ())
            if all(asked.condition(one)[0] == full for one in conditions)
        }
        return [found[key] for key in sorted(found)]
