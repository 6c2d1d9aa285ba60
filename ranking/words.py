"""How names and query words are compared."""

from __future__ import annotations

import re
import unicodedata


def key(text: str) -> str:
    """Comparable form of a name: NFKC, case-folded, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def word_pattern(word: str) -> str:
    """Pattern that finds `word`: Latin letters and digits only as whole words, Chinese anywhere."""
    left = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", word, re.IGNORECASE) else ""
    right = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", word, re.IGNORECASE) else ""
    return left + re.escape(word) + right
