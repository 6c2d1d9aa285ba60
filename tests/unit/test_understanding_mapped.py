"""Tables in files read as dictionaries."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.store import Store
from search_service.understanding.mapped import Table, put_table

TABLES = st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=3), max_size=3).map(tuple), max_size=30)


@given(table=TABLES, asked=st.text(st.characters(codec=None), max_size=8))
def test_a_table_is_the_dictionary_it_was_made_of(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, tuple[str, ...]], asked: str
) -> None:
    """Every key with its value, in ascending order, and no other key, whatever is asked."""
    store = Store(tmp_path_factory.mktemp("table"))
    put_table(store, "one", table)
    read: Table[tuple[str, ...]] = Table(store, "one", tuple[str, ...])
    assert list(read.items()) == sorted(table.items())
    assert len(read) == len(table)
    assert (read.get(asked), asked in read) == (table.get(asked), asked in table)


def test_keys_of_one_checksum_stay_apart(tmp_path: Path) -> None:
    """Which is meant is told by the key itself."""
    assert zlib.crc32(b"plumless") == zlib.crc32(b"buckeroo")
    put_table(Store(tmp_path), "one", {"plumless": 1, "buckeroo": 2})
    read: Table[int] = Table(Store(tmp_path), "one", int)
    assert (read["plumless"], read["buckeroo"]) == (1, 2)


def test_values_of_a_set_need_not_compare_with_each_other(tmp_path: Path) -> None:
    """An attribute of a vehicle table may be a number in one row and a text in another."""
    table = {"fiat": {"doors": frozenset((2.5, "n/a", 4))}}
    put_table(Store(tmp_path), "one", table)
    read: Table[dict[str, frozenset[str | float]]] = Table(
        Store(tmp_path), "one", dict[str, frozenset[str | int | float]]
    )
    assert dict(read) == table
