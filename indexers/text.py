"""The one text analysis, for documents and for queries. Pure; no engine needs an analyser of its own.

`atoms` cuts text into its smallest readable pieces: one Chinese character, or one Latin/digit token in its compared
form. `Analysis` turns text into the tokens that are indexed and searched. `number_key` is the comparable form of a
part number.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

from indexers.traditional import SIMPLIFIED, TRADITIONAL

RULES = 3
"""Counts what these rules make of a text: an update of an index made under others documents every part again."""

LONGEST_NUMBER = 6  # pieces a part number may be written in: "0 986 494 240" has four
SHORTEST_KEY = 4  # characters; shorter keys ("H7", "3") are sizes and model names far more often than numbers

_PUNCTUATION = {ord(mark): "-" for mark in "‐‑‒–—―−"} | {
    ord("’"): "'", ord("‘"): "'", ord("“"): '"', ord("”"): '"', ord("″"): '"', ord("′"): "'",
}  # fmt: skip
_BEFORE_FOLD = _PUNCTUATION | {ord("×"): "x"}
_SIMPLIFY = str.maketrans(TRADITIONAL, SIMPLIFIED)
_ACCENTED = re.compile(r"[\u00c0-\u024f]")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇"
_PIECE = re.compile(rf"([{_HAN}]+)|([a-z0-9]+(?:[.'/-][a-z0-9]+)*)|([^\W_]+)")
_WORD = re.compile(r"[a-z0-9]+")
_KEY_DROPPED = re.compile(r"[\W_]+")
_NUMBER_PIECE = re.compile(r"[A-Za-z0-9]+")
_NUMBER_GAP = re.compile(r"[ ._/\-]{1,3}")

_UNITS = {
    "英寸": "in", "寸": "in", "inches": "in", "inch": "in", '"': "in", "毫米": "mm", "安时": "ah", "安": "ah",
    "伏特": "v", "伏": "v", "升": "l", "litres": "l", "litre": "l", "liters": "l", "liter": "l", "瓦": "w",
}  # fmt: skip
_SPACED_UNITS = ("ah", "amps", "amp", "v", "w", "mm", "cm", "l", "ml", "kw", "cca", "nm", "kg", "hp", "psi")
_UNIT = re.compile(
    r"(?<=\d) ?(英寸|寸|inch(?:es)?\b|\"|毫米|安(?!全)时?|伏特?|升|lit(?:re|er)s?\b|瓦)"
    rf"|(?<=\d) ((?:{'|'.join(_SPACED_UNITS)})\b)"
)
_LONGEST_WORD = 32  # letters; longer runs are no words, and stemming costs time per letter
_DIGIT = re.compile(r"\d")
_SIZE_HINT = re.compile(r"\d{3}[ /-]?\d\d[ /-]{0,2}z?r? ?\d\d|\d[ -]?w[ -]?\d|dot[ -]\d|r ?-? ?\d|\.\d t\b")
_FINE_HINT = re.compile(
    r"\d ?[x*孔] ?(?:p ?)?\d|/(?:2|4|8|16)[ i-]|g ?-?1[1-3][+ pe]|-\d\d ?[°度]|134a|1234yf|热值|heat range"
    r"|/(?:gf|s[g-p]|c[d-k]|b\d|h[bi]?r?\d|90|88)"
)
_VOLT_AMPERE = re.compile(r"(?<=\dv)(?=\d{1,3}ah)")
_TURBO_GAP = re.compile(r"(?<=\d\.\d) (?=t\b)")
_OIL_GRADE = re.compile(r"\b(\d{1,2})[ -]?w[ -]?(\d{2})\b")
_TYRE = re.compile(r"(?<![\d.])(\d{3})[ /-]?(\d{2})[ /-]{0,2}z?r ?(\d{2}(?:\.5)?)(?!\d)")
_TYRE_DIGITS = re.compile(r"(?<![\d.])([1-3]\d5)[ /]?([2-8][05])[ /]?(1[2-9]|2[0-4])(?![\d.])")
_DOT = re.compile(r"\bdot[ -](?=\d)")
_REFRIGERANT = re.compile(r"\br ?-? ?(134a|1234yf|12|410a)\b")
_TYRE_AROUND = re.compile(r"(?<=\blt)(?=\d{3}/)|(?<=\bp)(?=\d{3}/\d\dr)|(?<=\d/\d\dr\d\d)(?=[a-z])")
_BARE_REFRIGERANT = re.compile(r"\b(?:h?[cf][cf]c?|hfo)? ?-? ?(?<![\dr])(134a|1234yf)\b")
_INCH_THREAD = re.compile(r"\b(\d{1,2}/(?:2|4|8|16))(?: ?-|in ?-?) ?(12|14|16|18|20|24)(?: ?-? ?(?:unf?|unc|npt))?\b")
_METRIC_THREAD = re.compile(r"\bm ?(\d{1,2}) ?[x*] ?(?:p ?)?(\d(?:\.\d+)?)\b")
_BOLT_CIRCLE = re.compile(r"\b([3-8]) ?[x*孔] ?(1\d{2}(?:\.\d+)?|9[58](?:\.\d+)?)\b")
_COOLANT_CLASS = re.compile(r"\bg ?-?(1[1-3])(?: ?(\+\+|\+|plus\b|evo\b))?")
_COOLANT_CLASSES = {"+": "plus", "++": "plusplus", "plus": "plus", "evo": "evo"}
_FREEZING = re.compile(r"(?<![\d.])-(\d{2}) ?(?:°c?|度)")
_HEAT_RANGE = re.compile(r"(?:热值|heat range) ?(\d{1,2})\b")
_OIL_CLASSES = re.compile(r"\b([ac][1-7])/(?=b[1-7]\b)|\b(s[g-p]|c[d-k](?:-?4)?)/(?=(?:s[g-p]|c[d-k]|gf)\b)")
_BULB_NAMES = re.compile(r"\b(90\d\d|88[01])/(?=h[bi]?r?\d)|\b(hb\d|h\d{1,2})/(?=90\d\d\b|88[01]\b)")
_RIM = re.compile(r"(?<![^ ])\d{3}/\d\d(r\d\d)(?![^ ])")
_YEARS = re.compile(r"(?:19|20)\d\d[-/](?:19|20)?\d\d")
_DECIMAL = re.compile(r"\d+\.\d+[a-z]{0,4}")
_WHOLE = re.compile(r"(?:m\d{1,2}|[3-8])x\d+\.\d+|\d{1,2}/\d{1,2}-\d\dun|dot\d\.\d|\d{1,2}r2\d\.5|\d{1,2}\.\d0r\d\d")
_SHORT_CODE = re.compile(r"[a-z]{1,3}\d{1,2}[a-z]?|\d{1,2}")

_SPELLING = {
    "tyre": "tire", "centre": "center", "colour": "color", "aluminium": "aluminum", "carburettor": "carburetor",
    "calliper": "caliper", "stabiliser": "stabilizer", "disk": "disc", "grey": "gray", "moulding": "molding",
    "convertor": "converter", "labour": "labor", "armour": "armor", "halfshaft": "half-shaft", "lense": "lens",
    "lenses": "lens", "lining": "lining",
    "overheating": "overheat",
}  # fmt: skip
_UNSTEMMED = frozenset(
    {"lens", "lining", "gas", "chassis", "abs", "glass", "bus", "plus", "diesel", "mercedes", "lexus", "prius"}
)
_stem = snowballstemmer.stemmer("english").stemWord


def fold(text: str) -> str:
    """NFKC, half width, lower case, simplified characters, plain dashes and quotes, no accents on Latin letters."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text.translate(_BEFORE_FOLD)).casefold().translate(_PUNCTUATION)
    if _ACCENTED.search(folded):
        marked = unicodedata.normalize("NFD", folded)
        folded = unicodedata.normalize("NFC", "".join(mark for mark in marked if not unicodedata.combining(mark)))
    return folded.translate(_SIMPLIFY)


def join_units(folded: str) -> str:
    """Write sizes in one way, so that each is one token: `5w40`, `225/55r18`, `60ah`, `1.8t`, `dot4`, `r134a`."""
    if not _DIGIT.search(folded):
        return folded
    joined = _VOLT_AMPERE.sub(" ", _UNIT.sub(_unit, folded))
    if _SIZE_HINT.search(joined):
        joined = _TYRE_DIGITS.sub(r"\1/\2r\3", _TYRE.sub(r"\1/\2r\3", joined))
        joined = _OIL_GRADE.sub(r"\1w\2", joined)
        joined = _REFRIGERANT.sub(r"r\1", _DOT.sub("dot", joined))
        joined = _TYRE_AROUND.sub(" ", _TURBO_GAP.sub("", joined))
    return _fine_sizes(joined) if _FINE_HINT.search(joined) else joined


def _fine_sizes(joined: str) -> str:
    """Sizes with signs that are no part of a token: `3/4-16un`, `m20x1.5`, `5x114.3`, `g12plus`, `minus35c`."""
    joined = _METRIC_THREAD.sub(r"m\1x\2", _BOLT_CIRCLE.sub(r"\1x\2", joined))
    joined = _INCH_THREAD.sub(r"\1-\2un", joined)
    joined = _BULB_NAMES.sub(r"\1\2 ", _OIL_CLASSES.sub(r"\1\2 ", joined))
    joined = _COOLANT_CLASS.sub(lambda match: f"g{match[1]}{_COOLANT_CLASSES.get(match[2] or '', '')}", joined)
    joined = _BARE_REFRIGERANT.sub(r" r\1", _FREEZING.sub(r" minus\1c", joined))
    return _HEAT_RANGE.sub(r" heatrange\1 ", joined)


def forget_words() -> None:
    """Let go of the words remembered."""
    token_form.cache_clear()
    _latin_forms.cache_clear()


def _unit(match: re.Match[str]) -> str:
    spaced = match.group(2)
    return "a" if spaced in ("amp", "amps") else spaced or _UNITS[match.group(1)]


@lru_cache(maxsize=1 << 16)
def token_form(token: str) -> str:
    """The compared form of one lower-case Latin word: its stem, in one spelling. Codes with digits stay as they are."""
    if not 4 <= len(token) <= _LONGEST_WORD or not token.isalpha() or not token.isascii():
        return token
    if token in _UNSTEMMED:
        return token
    spelt = _SPELLING.get(token) or _SPELLING.get(token[:-1] if token.endswith("s") else token, token)
    return spelt if spelt in _UNSTEMMED else str(_stem(spelt))


@lru_cache(maxsize=1 << 15)
def _latin_forms(piece: str) -> tuple[str, ...]:
    """Tokens of one run of letters, digits and inner punctuation. Years and words split, codes join."""
    if piece.isalnum():
        return (token_form(piece),)
    if "'" in piece:
        piece = piece.removesuffix("'s").replace("'", "")
        return _latin_forms(piece)
    parts = re.split(r"[./-]", piece)
    if all(part.isalpha() for part in parts):
        initials = all(len(part) == 1 for part in parts)
        return ("".join(parts),) if initials else tuple(token_form(part) for part in parts)
    if _DECIMAL.fullmatch(piece) or _TYRE.fullmatch(piece) or _WHOLE.fullmatch(piece):
        return (piece,)
    if _YEARS.fullmatch(piece):
        return tuple(parts)
    if "/" in piece and all(_SHORT_CODE.fullmatch(part) for part in parts):
        return tuple(parts)
    return ("".join(parts),)


class Atom(NamedTuple):
    """The smallest readable piece of a text: one Chinese character or one Latin token.

    `form` is compared, `surface` is the folded text it came from, `start` and `end` its place in that text.
    """

    form: str
    surface: str
    start: int
    end: int


def scan(folded: str) -> list[Atom]:
    """The atoms of folded, unit-joined text in order."""
    found: list[Atom] = []
    for match in _PIECE.finditer(folded):
        start, end = match.span()
        if match.group(1):
            found.extend(Atom(sign, sign, at, at + 1) for at, sign in enumerate(match.group(1), start))
        elif match.group(2):
            found.extend(_latin_atoms(match.group(2), start))
        else:
            found.append(Atom(match.group(), match.group(), start, end))
    return found


def _latin_atoms(piece: str, start: int) -> list[Atom]:
    forms = _latin_forms(piece)
    if len(forms) == 1:
        return [Atom(forms[0], piece, start, start + len(piece))]
    spans = [match.span() for match in _WORD.finditer(piece)]
    return [Atom(form, piece[a:b], start + a, start + b) for form, (a, b) in zip(forms, spans, strict=False)]


def atoms(folded: str) -> list[str]:
    """The compared forms of the atoms of folded, unit-joined text in order."""
    found: list[str] = []
    for han, latin, other in _PIECE.findall(folded):
        if han:
            found.extend(han)
        elif latin:
            found.extend(_latin_forms(latin))
        else:
            found.append(other)
    return found


def is_han(text: str) -> bool:
    """True if the first character is Chinese. `text` must not be empty."""
    return "\u3400" <= text[0] <= "\u9fff" or text[0] == "〇" or "\uf900" <= text[0] <= "\ufaff"


def join_atoms(pieces: Iterable[str]) -> str:
    """Atoms as one look-up key: a blank stands only between two Latin tokens."""
    key: list[str] = []
    latin_before = False
    for piece in pieces:
        latin = not is_han(piece)
        if latin and latin_before:
            key.append(" ")
        key.append(piece)
        latin_before = latin
    return "".join(key)


def phrase_key(text: str) -> str:
    """What two spellings of one name have in common: case, width, script, plural and blanks in Chinese are gone."""
    return join_atoms(atoms(join_units(fold(text))))


class Analysis:
    """Text to index tokens, with the Chinese words of a lexicon.

    `words` are folded Chinese words; those of three characters and more become tokens of their own by maximum
    matching, beside every character and every pair of neighbours. Without words the analysis still agrees with itself.
    """

    def __init__(self, words: Collection[str] = ()) -> None:
        self._words = frozenset(word for word in words if len(word) > 2)
        self._longest = max(map(len, self._words), default=0)
        self._han = lru_cache(maxsize=1 << 15)(self._han_tokens)

    def __call__(self, text: str) -> list[str]:
        """Tokens in text order, repeats kept (BM25 counts them). Empty for text without letters and digits."""
        tokens: list[str] = []
        for han, latin, other in _PIECE.findall(join_units(fold(text))):
            if han:
                tokens.extend(self._han(han))
            elif latin:
                tokens.extend(_latin_forms(latin))
            else:
                tokens.append(other)
        return tokens

    def __reduce__(self) -> tuple[type[Analysis], tuple[frozenset[str]]]:
        """Another process gets the words and remembers for itself."""
        return Analysis, (self._words,)

    def _han_tokens(self, run: str) -> tuple[str, ...]:
        pairs = [run[at : at + 2] for at in range(len(run) - 1)]
        return (*run, *pairs, *self._longest_words(run))

    def _longest_words(self, run: str) -> list[str]:
        """Words of the lexicon in `run`, the longest at each place first, not overlapping."""
        found: list[str] = []
        at = 0
        while at <= len(run) - 3:
            for end in range(min(len(run), at + self._longest), at + 2, -1):
                if run[at:end] in self._words:
                    found.append(run[at:end])
                    at = end - 1
                    break
            at += 1
        return found


_PLAIN = Analysis()


def analyse(text: str, analysis: Analysis = _PLAIN) -> list[str]:
    """Tokens of `text`; with a vocabulary's `analysis` also its words (`Vocabulary.analyse` is the short way)."""
    return analysis(text)


def rims(tokens: str) -> list[str]:
    """The rims (`r16`) of the tyre sizes among blank-separated tokens: a tyre is also asked for by its rim."""
    return list(dict.fromkeys(_RIM.findall(tokens))) if "/" in tokens else []


def number_key(text: str) -> str:
    """Comparable form of a part number: upper case, letters and digits only. O and 0, I and 1 stay apart.

    Empty if nothing is left.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _KEY_DROPPED.sub("", text).upper()


class NumberSpan(NamedTuple):
    """A stretch of text that may be a part number, and its key."""

    key: str
    start: int
    end: int


def number_spans(text: str, shortest: int = SHORTEST_KEY) -> list[NumberSpan]:
    """Every stretch of NFKC `text` that may be a part number, longest run of pieces first, then from the left.

    A run is up to six Latin pieces with nothing but blanks and number punctuation between; its key has a digit and at
    least `shortest` characters.
    """
    pieces = [(match.start(), match.end()) for match in _NUMBER_PIECE.finditer(text)]
    joined = [bool(_NUMBER_GAP.fullmatch(text, a[1], b[0])) for a, b in itertools.pairwise(pieces)]
    found: list[NumberSpan] = []
    for size in range(min(LONGEST_NUMBER, len(pieces)), 0, -1):
        for at in range(len(pieces) - size + 1):
            start, end = pieces[at][0], pieces[at + size - 1][1]
            if all(joined[at : at + size - 1]) and _DIGIT.search(text, start, end):
                key = number_key(text[start:end])
                if len(key) >= shortest:
                    found.append(NumberSpan(key, start, end))
    return found


def number_keys_in(text: str) -> list[str]:
    """The distinct keys of `number_spans`, in its order."""
    return list(dict.fromkeys(span.key for span in number_spans(unicodedata.normalize("NFKC", text))))
