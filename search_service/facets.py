"""Facet counts as they go out: labels in the caller's language, what is selected, in a useful order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fitment_rules.model import Scalar, key_of
from indexers.vocabulary import Vocabulary
from search_service.wire import FacetValue

MOST_VALUES = 50
_ENDS = {
    "front": "前", "rear": "后", "left": "左", "right": "右",
    "upper": "上", "lower": "下", "inner": "内", "outer": "外",
}  # fmt: skip
_QUALITIES = {
    "oe": ("OE", "原厂件"),
    "oem": ("OEM", "配套件"),
    "aftermarket": ("Aftermarket", "副厂"),
    "remanufactured": ("Remanufactured", "再制造"),
    "used": ("Used", "拆车件"),
    "economy": ("Economy", "经济"),
}


def facet_values(
    name: str,
    counts: Sequence[tuple[str, int]],
    selected: Mapping[str, Sequence[Scalar]],
    vocabulary: Vocabulary,
    lang: str,
) -> list[FacetValue]:
    """One facet. Price ranges keep their order; other values fall by count. Chosen values are always shown."""
    chosen = {key_of(value) for value in selected.get(name, ())}
    if name.startswith("attr."):
        prefix = f"{name.removeprefix('attr.')}="
        counts = [(value.removeprefix(prefix), count) for value, count in counts if value.startswith(prefix)]
    if name == "price":
        counts = [(_inclusive(value), count) for value, count in counts]
    found = [
        FacetValue(value, _label(name, value, vocabulary, lang), count, key_of(value) in chosen)
        for value, count in counts
        if count or key_of(value) in chosen
    ]
    return [one for index, one in enumerate(found) if index < MOST_VALUES or one.selected]


def _inclusive(text: str) -> str:
    """A half-open range as the inclusive one a price filter takes: `100..200` is 100 to 199.99."""
    low, _, high = text.partition("..")
    return f"{low}..{float(high) - 0.01:.2f}" if high else text


def place_label(place: str, lang: str) -> str:
    """A canonical place for people: `front left` is 左前 in Chinese."""
    if lang != "zh":
        return place.capitalize()
    ends = [_ENDS[end] for end in place.split() if end in _ENDS]
    return "".join(reversed(ends[:2])) + "".join(ends[2:])


def _label(name: str, value: str, vocabulary: Vocabulary, lang: str) -> str:
    match name:
        case "part_type":
            found = vocabulary.part_types.get(value)
            return value if found is None else found.name.zh if lang == "zh" else found.name.en
        case "category":
            row = vocabulary.categories.get(value)
            return value if row is None else row.name.zh if lang == "zh" else row.name.en
        case "position":
            return place_label(value, lang)
        case "quality":
            return _QUALITIES.get(value.casefold(), (value, value))[lang == "zh"]
        case "price":
            low, _, high = value.partition("..")
            top = f"{float(high) + 0.01:g}" if high else ""
            return f"< {top}" if not low else f"≥ {low}" if not high else f"{low}–{top}"
        case _:
            return value
