"""What holds of the text analysis for every text."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from indexers.text import Analysis, analyse, atoms, fold, join_units, number_key, phrase_key, scan

ANALYSIS = Analysis(["刹车片", "机油滤清器", "减震器"])
TEXTS = st.text(
    alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("刹车片機油滤清器 abc5w-40/R18.'\"")), max_size=80
)


@given(TEXTS)
def test_tokens_are_searchable(text: str) -> None:
    """A token is never empty and holds no blank, so that space-joined tokens come apart again as they were."""
    tokens = ANALYSIS(text)
    assert " ".join(tokens).split() == tokens


@given(TEXTS)
def test_the_analysis_does_not_see_case_or_width(text: str) -> None:
    """Folding first changes nothing."""
    assert analyse(fold(text)) == analyse(text)


@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    """`fold` is idempotent."""
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_atoms_lie_in_the_text_in_order(text: str) -> None:
    """Atoms name their own place, ascend, and never overlap; their forms are those of `atoms`."""
    folded = join_units(fold(text))
    found = scan(folded)
    assert [atom.form for atom in found] == atoms(folded)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert all(folded[atom.start : atom.end] == atom.surface for atom in found)


@given(st.from_regex(r"[A-Za-z0-9]{1,6}([ ./-][A-Za-z0-9]{1,6}){0,4}", fullmatch=True))
def test_a_number_key_depends_on_letters_and_digits_only(number: str) -> None:
    """Any punctuation, none, or lower case: the same key."""
    bare = "".join(sign for sign in number if sign.isalnum())
    assert number_key(number) == number_key(bare.lower()) == bare.upper()


@given(TEXTS, st.sampled_from([" ", "  ", "\t"]))
def test_outer_blanks_do_not_count(text: str, blank: str) -> None:
    """Blanks around a phrase are not part of its key."""
    assert phrase_key(blank + text + blank) == phrase_key(text)
