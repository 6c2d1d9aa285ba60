"""The vehicle words of a vehicle table: makes, models, nicknames, engines, trims, and the values each model has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from fitment_rules.model import key_of
from indexers.store import Store
from indexers.text import is_han, join_atoms, phrase_key
from search_service.understanding.intent import Scalar
from search_service.understanding.lexicon import Lexicon, Sense, split_key
from search_service.understanding.mapped import Table, put_table
from search_service.understanding.words import MakeRow

Row: TypeAlias = "tuple[str, str, Mapping[str, Mapping[str, str]], Sequence[str], Mapping[str, Any]]"
Pair: TypeAlias = "tuple[str, str]"

EXACT = 0.97  # the model's own name or alias
BEGINNING = 0.85  # the first words of longer model names: "f150" for "F150 Pickup 2WD"
KEPT = ("engine", "trim", "displacement_l", "transmission", "drive", "fuel", "aspiration")
_NOTHING: Mapping[str, frozenset[Scalar]] = {}
_CODE = re.compile(r"(?=.*\d)(?=.*[a-z])[a-z0-9.]{3,}")
_LITRES = re.compile(r"([0-9]{1,2}(?:[.,][0-9]{1,3})?)\s*(?:l|升|lit(?:er|re)s?)?")
_NOT_MANUAL = (
    "auto", "cvt", "dct", "dsg", "at", "amt", "variable", "dual", "自动", "手自一体", "双离合", "无级", "ecvt",
    "single", "单速", "固定齿比",
)  # fmt: skip


@dataclass(frozen=True)
class KnownVehicles:
    """What a vehicle table has: its makes and models, the codes that name one, and the values of its rows."""

    makes: tuple[str, ...]
    models: Mapping[str, tuple[str, ...]]  # make → its models, in the table's order
    codes: Mapping[str, tuple[tuple[str, Scalar], ...]]  # phrase key → (attribute, value) of engines and trims
    trimmed: Mapping[str, tuple[Pair, ...]]  # phrase key of a trim's code → the models that have it
    values: Mapping[str, Mapping[str, frozenset[Scalar]]]  # `whose(make, model)` → attribute → values of its rows

    def of_models(self, makes: Sequence[str], models: Sequence[str]) -> list[Pair]:
        """The (make, model) pairs of the table that a mention of makes and models covers; none of a kind is all."""
        wanted = set(models)
        return [
            (make, model)
            for make in (makes or self.makes)
            for model in self.models.get(make, ())
            if not wanted or model in wanted
        ]

    def values_of(self, makes: Sequence[str], models: Sequence[str], attribute: str) -> frozenset[Scalar]:
        """Every value of an attribute that rows of these makes and models have; none of a kind is all."""
        owners = self.of_models(makes, models) if models else [(make, "") for make in makes] or [("", "")]
        found = (self.values.get(whose(*owner), _NOTHING).get(attribute, frozenset()) for owner in owners)
        return frozenset().union(*found)

    def save(self, store: Store, name: str) -> None:
        """Write it for `load`."""
        store.put_json(f"{name}.models", self.models)
        put_table(store, f"{name}.codes", self.codes)
        put_table(store, f"{name}.trimmed", self.trimmed)
        put_table(store, f"{name}.values", self.values)

    @classmethod
    def load(cls, store: Store, name: str) -> KnownVehicles:
        """What `save` wrote."""
        models = store.json(f"{name}.models", dict[str, tuple[str, ...]])
        return cls(
            makes=tuple(models),
            models=models,
            codes=Table(store, f"{name}.codes", tuple[tuple[str, str | int | float | bool], ...]),
            trimmed=Table(store, f"{name}.trimmed", tuple[tuple[str, str], ...]),
            values=Table(store, f"{name}.values", dict[str, frozenset[str | int | float | bool]]),
        )


@dataclass(frozen=True)
class VehicleLexicon:
    """Built once from the distinct makes and models of a table; rows beyond them cost only their attributes."""

    lexicon: Lexicon
    known: KnownVehicles
    names: Mapping[Pair, tuple[str, ...]] = field(default_factory=dict)  # shown names, for suggestions

    @classmethod
    def build(cls, rows: Iterable[Row], makes: Iterable[MakeRow] = ()) -> VehicleLexicon:
        """`rows` are `(make, model, names, aliases, attributes)` as in the vehicle table, in any number.

        `makes` adds the names and nicknames of the configuration to makes and models that the table has.
        """
        return _Builder(makes).build(rows)


def whose(make: str, model: str) -> str:
    """The key of a model's values; without a model of all of the make's, without a make of all."""
    return f"{make}\n{model}"


class _Builder:
    """Collects distinct makes, models and values, then links the configuration's names to them."""

    def __init__(self, makes: Iterable[MakeRow]) -> None:
        self._known: dict[str, MakeRow] = {}
        for row in makes:
            for name in (row.make, *row.names):
                self._known.setdefault(_compact(name), row)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._pairs: dict[Pair, set[str]] = {}
        self._values: dict[Pair, dict[str, set[Scalar]]] = {}

    def build(self, rows: Iterable[Row]) -> VehicleLexicon:
        for make, model, names, aliases, attributes in rows:
            pair = (make, model)
            known = self._pairs.get(pair)
            if known is None:
                known = self._pairs[pair] = {model}
                self._values[pair] = defaultdict(set)
                self._names[make].add(make)
            if names or aliases:
                self._take_names(make, known, names, aliases)
            self._take_values(pair, attributes)
        return self._finish()

    def _take_names(
        self, make: str, known: set[str], names: Mapping[str, Mapping[str, str]], aliases: Sequence[str]
    ) -> None:
        known.update(aliases)
        for each in names.values():
            if make_name := each.get("make"):
                self._names[make].add(make_name)
            known.update(value for key, value in each.items() if key in ("model", "series") and value)

    def _take_values(self, pair: Pair, attributes: Mapping[str, Any]) -> None:
        kept = self._values[pair]
        for name in KEPT:
            value = attributes.get(name)
            if value is not None and value != "":
                if isinstance(value, (list, tuple)):
                    kept[name].update(value)
                else:
                    kept[name].add(value)

    def _finish(self) -> VehicleLexicon:
        models: dict[str, list[str]] = defaultdict(list)
        for make, model in self._pairs:
            models[make].append(model)
        lexicon = Lexicon()
        for make, owned in models.items():
            row = self._row_of(make)
            for name in (*self._names[make], *((row.make, *row.names) if row else ())):
                _add(lexicon, name, Sense("make", make, EXACT))
            self._add_models(lexicon, make, owned, row)
        values = {pair: {name: frozenset(found) for name, found in kept.items()} for pair, kept in self._values.items()}
        listed = {make: tuple(found) for make, found in models.items()}
        ordered = [(make, model) for make, found in listed.items() for model in found]
        return VehicleLexicon(
            lexicon=lexicon,
            known=KnownVehicles(
                makes=tuple(listed),
                models=listed,
                codes=_codes(values),
                trimmed=_trimmed(values, ordered),
                values=_together(values),
            ),
            names={pair: tuple(sorted(names)) for pair, names in self._pairs.items()},
        )

    def _row_of(self, make: str) -> MakeRow | None:
        return next((row for name in (make, *self._names[make]) if (row := self._known.get(_compact(name)))), None)

    def _add_models(self, lexicon: Lexicon, make: str, owned: Sequence[str], row: MakeRow | None) -> None:
        keys: dict[str, set[str]] = defaultdict(set)
        for model in owned:
            for name in self._pairs[make, model]:
                for form in _model_forms(name, make):
                    keys[form].add(model)
        if row is not None:
            self._add_known(keys, make, owned, row)
        beginnings: dict[str, set[str]] = defaultdict(set)
        for form, found in keys.items():
            forms = split_key(form)
            for size in range(1, len(forms)):
                beginnings[join_atoms(forms[:size])].update(found)
        for form, found in keys.items():
            lexicon.add_atoms(split_key(form), [Sense("model", model, EXACT, make) for model in sorted(found)])
        for form, found in beginnings.items():
            if form not in keys and not _weak_beginning(form):
                lexicon.add_atoms(split_key(form), [Sense("model", model, BEGINNING, make) for model in sorted(found)])

    def _add_known(self, keys: dict[str, set[str]], make: str, owned: Sequence[str], row: MakeRow) -> None:
        """Link the configuration's model names: to the model itself, else to the models that begin with its name."""
        by_name = {_compact(name): model for model in owned for name in self._pairs[make, model]}
        starts = [(phrase_key(name), model) for model in owned for name in self._pairs[make, model]]
        for known, names in row.models.items():
            called = (known, *names)
            found = {by_name[form] for form in map(_compact, called) if form in by_name}
            begun = _beginnings(called)
            found = found or {model for start, model in starts if start.startswith(begun)}
            for name in called if found else ():
                for form in _model_forms(name, make):
                    keys[form].update(found)
            for start, model in starts:
                for form in _with_rest(start, called, make):
                    keys[form].add(model)


def _beginnings(names: Sequence[str]) -> tuple[str, ...]:
    """What a longer model name of the series begins with: a whole word, or two Chinese characters and more."""
    keys = [key for key in map(phrase_key, names) if key]
    return (*(f"{key} " for key in keys), *(key for key in keys if len(key) > 1 and is_han(key)))


def _with_rest(key: str, called: Sequence[str], make: str) -> Iterable[str]:
    """What a longer name of the series is called in its other names: "Han EV" is 汉EV, 途观L is a "Tiguan L"."""
    for known in map(phrase_key, called):
        rest = key[len(known) :].strip()
        parted = bool(rest) and (is_han(known or " ") or key[len(known) : len(known) + 1] == " ")
        if parted and key.startswith(known) and not is_han(rest):
            yield from (form for name in called for form in _model_forms(f"{name} {rest}", make))


def _add(lexicon: Lexicon, name: str, sense: Sense) -> None:
    """Add a name in its spaced and, if it has more than one Latin word, its joined spelling."""
    key = lexicon.add(name, sense)
    if key and _compact(name) != key:
        lexicon.add(_compact(name), sense)


@lru_cache(maxsize=1 << 14)
def _compact(name: str) -> str:
    """The phrase key without blanks: what "CR-V", "CR V" and "crv" have in common."""
    return phrase_key(name).replace(" ", "")


@lru_cache(maxsize=1 << 14)
def _model_forms(name: str, make: str) -> tuple[str, ...]:
    """Phrase keys for a model's name: as written, joined, and without the make it may begin with."""
    key = phrase_key(name)
    forms = [key, key.replace(" ", "")]
    start = _compact(make)
    if forms[1].startswith(start) and len(forms[1]) > len(start):
        forms.append(forms[1][len(start) :])
    return tuple(dict.fromkeys(form for form in forms if form))


def _weak_beginning(form: str) -> bool:
    """True for beginnings that say nothing alone: Chinese characters cut out of a name, one or two letters, digits."""
    return any(map(is_han, form)) or len(form) < 3 or form.isdigit()


def _codes(values: Mapping[Pair, Mapping[str, frozenset[Scalar]]]) -> dict[str, tuple[tuple[str, Scalar], ...]]:
    """Engine codes and trim codes (with a digit and a letter) that can be named alone: `1zrfe`, `320li`."""
    found: dict[str, set[tuple[str, Scalar]]] = defaultdict(set)
    for kept in values.values():
        for name in ("engine", "trim"):
            for value in kept.get(name, ()):
                key = phrase_key(str(value))
                if _CODE.fullmatch(key):
                    found[key].add((name, value))
    return {key: tuple(sorted(each, key=str)) for key, each in found.items()}


def _trimmed(
    values: Mapping[Pair, Mapping[str, frozenset[Scalar]]], pairs: Iterable[Pair]
) -> dict[str, tuple[Pair, ...]]:
    """Models by the codes of their trims, each once, in the order of `pairs`."""
    found: dict[str, dict[Pair, None]] = defaultdict(dict)
    for pair in pairs:
        for value in values[pair].get("trim", ()):
            key = phrase_key(str(value))
            if _CODE.fullmatch(key):
                found[key][pair] = None
    return {key: tuple(owners) for key, owners in found.items()}


def _together(values: Mapping[Pair, Mapping[str, frozenset[Scalar]]]) -> dict[str, dict[str, frozenset[Scalar]]]:
    """Values by `whose`: of each model, of each make, and of all."""
    gathered: dict[str, dict[str, set[Scalar]]] = defaultdict(lambda: defaultdict(set))
    for (make, model), kept in values.items():
        for name, found in kept.items():
            for owner in (whose(make, model), whose(make, ""), whose("", "")):
                gathered[owner][name] |= found
    return {owner: {name: frozenset(found) for name, found in kept.items()} for owner, kept in gathered.items()}


def transmissions(said: str, values: Iterable[Scalar]) -> frozenset[Scalar]:
    """Those of the table's transmission `values` that `said` ("manual", "automatic", "cvt", "dct") covers.

    "Automatic" is everything that is not shifted by hand, as buyers mean it.
    """
    return frozenset(value for value in values if _is_transmission(said, str(value).casefold()))


@lru_cache(maxsize=4096)
def _is_transmission(said: str, value: str) -> bool:
    automatic = any(sign in value for sign in _NOT_MANUAL)
    if said == "manual":
        return not automatic and ("manual" in value or "mt" in value or "手动" in value)
    if said == "automatic":
        return automatic
    marks = {"cvt": ("cvt", "variable", "无级"), "dct": ("dct", "dsg", "dual", "双离合", "am")}[said]
    return any(mark in value for mark in marks)


@lru_cache(maxsize=4096)
def _is_fuel(said: str, value: str) -> bool:
    marks = {
        "diesel": ("diesel", "柴油"),
        "petrol": ("petrol", "gasoline", "汽油", "unleaded"),
        "hybrid": ("hybrid", "混动", "混合", "hev"),
        "electric": ("electric", "电动", "bev", "纯电"),
    }[said]
    return any(mark in value for mark in marks)


def fuels(said: str, values: Iterable[Scalar]) -> frozenset[Scalar]:
    """Those of the table's fuel `values` that `said` ("diesel", "petrol", "hybrid", "electric") covers."""
    return frozenset(value for value in values if _is_fuel(said, str(value).casefold()))


def displacements(litres: float, values: Iterable[Scalar]) -> frozenset[Scalar]:
    """Those of the table's displacement `values` that are so many litres: 1.6, or "1.60" and "1.6 L" as cells are."""
    return frozenset(value for value in values if _is_displacement(litres, str(key_of(value))))


@lru_cache(maxsize=4096)
def _is_displacement(said: float, value: str) -> bool:
    match = _LITRES.fullmatch(value)
    return match is not None and float(match[1].replace(",", ".")) == said


def drives(values: Iterable[Scalar]) -> frozenset[Scalar]:
    """Those of the table's drive `values` with all wheels driven."""
    return frozenset(
        value for value in values if any(mark in str(value).casefold() for mark in ("4wd", "awd", "四驱", "4x4"))
    )
