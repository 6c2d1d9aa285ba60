"""Parameters as they come: a query string or a JSON body, read by name, with every fault collected before answering.

Whatever is not read by name is an unknown parameter and a fault: a misspelt `vehicleid` must not return unfiltered
parts.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from rapidfuzz import fuzz
from rapidfuzz.process import extractOne

from fitment_rules.model import Scalar
from search_service.errors import FieldError, Invalid

ON = {"1", "true", "yes", "on"}
OFF = {"0", "false", "no", "off"}
LONGEST_VALUE = 512
VEHICLE = "vehicle_id"  # read wherever attributes of a vehicle are


def json_object(body: bytes) -> dict[str, Any]:
    """A body that must be a JSON object; nothing at all is an empty one, a byte order mark is passed over.

    Raises `Invalid`.
    """
    text = body.removeprefix(codecs.BOM_UTF8)
    try:
        decoded = msgspec.json.decode(text) if text.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid.of("body", f"no JSON: {error}") from None
    if not isinstance(decoded, dict):
        raise Invalid.of("body", "must be a JSON object")
    return decoded


class Parameters:
    """A multi-map of scalars that knows what has been read."""

    def __init__(self, pairs: Iterable[tuple[str, Scalar]]) -> None:
        self._values: dict[str, list[Scalar]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)
        self._read: set[str] = set()
        self.faults: list[FieldError] = []

    @classmethod
    def from_json(cls, body: bytes) -> Parameters:
        """From a JSON object whose values are scalars or lists of them; null is absent. Raises `Invalid`."""
        return cls.from_object(json_object(body), "body")

    @classmethod
    def from_object(cls, decoded: Any, where: str) -> Parameters:
        """From decoded JSON. Raises `Invalid`."""
        if not isinstance(decoded, Mapping):
            raise Invalid.of(where, "must be a JSON object of parameters")
        pairs: list[tuple[str, Scalar]] = []
        faults = []
        for name, value in decoded.items():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str | int | float | bool):
                    pairs.append((str(name), one))
                elif one is not None:
                    faults.append(FieldError(str(name), "must be a text, a number, a boolean, or a list of them"))
        if faults:
            raise Invalid(faults)
        return cls(pairs)

    def fault(self, name: str, message: str) -> None:
        """Note a fault; `finish` raises them all."""
        self.faults.append(FieldError(name, message))

    def all(self, name: str) -> list[Scalar]:
        """Every value of a parameter, empty texts left out."""
        self._read.add(name)
        given = self._values.get(name)
        if given is None:
            return []
        values = [value for value in given if value != ""]
        for value in values:
            if isinstance(value, str) and (len(value) > LONGEST_VALUE or "\x00" in value) and name != "q":
                self.fault(name, f"is longer than {LONGEST_VALUE} characters or holds a NUL")
                return []
        return values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def long_texts(self, name: str) -> list[str]:
        """Every value as text, however long: for what we issued ourselves."""
        self._read.add(name)
        return [_text(value) for value in self._values.get(name, ()) if value != ""]

    def texts(self, name: str) -> list[str]:
        """Every value as text."""
        return [_text(value) for value in self.all(name)]

    def text(self, name: str) -> str | None:
        """The one value as text; several are a fault."""
        if name not in self._values:
            self._read.add(name)
            return None
        values = [_text(value) for value in self.all(name)]
        if len(values) > 1:
            self.fault(name, "may be given once")
        return values[0] if values else None

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        """One of `allowed`."""
        value = self.text(name)
        if value is None or value in allowed:
            return default if value is None else value
        self.fault(name, f"{value!r} is none of {', '.join(allowed)}")
        return default

    def flag(self, name: str, default: bool) -> bool:
        """`1` or `0` (also true/false)."""
        value = self.text(name)
        if value is None:
            return default
        if value.lower() not in ON | OFF:
            self.fault(name, f"{value!r} is neither 0 nor 1")
        return value.lower() in ON

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number in `[low, high]`."""
        value = self.text(name)
        if value is None:
            return default
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            self.fault(name, f"{value!r} is no whole number from {low} to {high}")
            return default
        return number

    def number(self, name: str, low: float, high: float) -> float | None:
        """A number in `[low, high]`, or `None`."""
        value = self.text(name)
        if value is None:
            return None
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            self.fault(name, f"{value!r} is no number from {low:g} to {high:g}")
            return None
        return number

    def named(self, prefix: str) -> dict[str, list[Scalar]]:
        """Every parameter `PREFIX.NAME`, by NAME."""
        found = {name: self.all(name) for name in list(self._values) if name.startswith(f"{prefix}.")}
        if f"{prefix}." in found:
            self.fault(f"{prefix}.", "names nothing after the point")
            del found[f"{prefix}."]
        return {name[len(prefix) + 1 :]: values for name, values in found.items() if values}

    def finish(self) -> None:
        """Raise `Invalid` if a parameter was not read or a fault was noted."""
        unknown = [name for name in self._values if name not in self._read]
        faults = self.faults + [FieldError(name, _unknown(name, self._read)) for name in unknown]
        if faults:
            raise Invalid(faults)


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def _unknown(name: str, known: set[str]) -> str:
    near = extractOne(name, sorted(known), scorer=fuzz.ratio, score_cutoff=70)
    if near:
        return f"unknown parameter; did you mean {near[0]!r}?"
    return "unknown parameter" + (f"; an attribute of the vehicle is sent as 'attr.{name}'" if VEHICLE in known else "")
