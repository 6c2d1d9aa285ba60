"""A note as clauses, each with what it is about and whether it is denied."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_OUTER = " .,;:!()[]*-。"
_SPLIT = re.compile(r"\s*(?:;|,|、|&|\+| and |并且|且)\s*")
_DENIED = re.compile(
    r"(?:w/o|without|exc(?:\.|:|ept(?: for)?|luding|l\.?)?|not for(?: use with)?|not with|non"
    r"|不带|不适用于?|不含|不配|无(?!级)|非|除了?)(?:[ -]|(?<=[^a-z])|(?=[^a-z]))"
)
_AFFIRMED = re.compile(
    r"(?:w/|with(?: the)?|for use with|for use on|for|fits|on|仅?适用于?|仅限于?|仅|限|带有?|配备?|搭载|装有)"
    r"(?: |(?<=[^a-z]))"
)
_SUBJECT = re.compile(r"(?:for )?(?:all )?(?:vehicles|models|cars|engines?)(?: only)? ")
_ENDING = re.compile(
    r"(?: (?:only|models?|vehicles?|cars?|equipped)|(?:的?(?:车型|车辆|版本|版)|的车|专用|除外|之外|以外|外))+$"
)
_EXCLUDED = re.compile(r"(?:除外|之外|以外|外)$")


class Clause(NamedTuple):
    """`about` is what is left without the words that affirm or deny it; `bare` if there were none."""

    about: str
    denied: bool
    bare: bool


def folded(text: str) -> str:
    """A note as it is matched: one width, one case, single blanks, nothing around it."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_OUTER)


def clauses_of(text: str) -> list[str]:
    """A folded note cut where conditions are added to each other."""
    return [one.strip(_OUTER) for one in _SPLIT.split(text) if one.strip(_OUTER)]


def without_subject(clause: str) -> str:
    """The clause without a first word that only says that it is about vehicles."""
    return _SUBJECT.sub("", clause, count=1) if _SUBJECT.match(clause) else clause


def clause_of(text: str) -> Clause:
    """One clause taken apart."""
    text = without_subject(text)
    denied = _DENIED.match(text)
    affirmed = None if denied else _AFFIRMED.match(text)
    start = denied or affirmed
    about = text[start.end() :] if start else text
    excluded = bool(_EXCLUDED.search(about))
    about = _ENDING.sub("", about).strip(_OUTER)
    only = text.endswith((" only", "专用"))
    return Clause(about, bool(denied) or excluded, start is None and not excluded and not only)
