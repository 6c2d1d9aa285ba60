"""Deliveries in XML, streamed and hardened: memory does not grow with the file, nothing is fetched or expanded."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from lxml import etree

from indexers.errors import UnreadableSource
from indexers.sources.lines import open_binary

Element = etree._Element


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Turns what goes wrong while a file is read into `UnreadableSource`, with its line where that is known."""
    try:
        yield
    except (OSError, EOFError, zlib.error, etree.XMLSyntaxError) as error:
        raise UnreadableSource(str(file), str(error)) from error


def elements(file: Path, root: str, names: Iterable[str]) -> Iterator[Element]:
    """Every element of these local names, whole, in the file's order, and then forgotten.

    A DOCTYPE is refused, so no entity is ever declared; lxml's own limits (`huge_tree=False`) bound depth and the
    length of texts. Raises `UnreadableSource` for another root than `root`, and lxml's errors for damaged XML.
    """
    with open_binary(file) as stream:
        context = etree.iterparse(
            stream, events=("end",), tag=tuple(f"{{*}}{name}" for name in names), resolve_entities=False,
            no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        checked = False
        for _, element in context:
            if not checked:
                _check(element.getroottree(), root, str(file))
                checked = True
            yield element
            _forget(element)
        if not checked and context.root is not None:
            _check(context.root.getroottree(), root, str(file))


def local(element: Element) -> str:
    """The name without its namespace."""
    return _local(element.tag)


def words(element: Element) -> str:
    """The text of an element and all below it, blanks collapsed."""
    if len(element):
        return " ".join("".join(str(piece) for piece in element.itertext()).split())
    return " ".join(element.text.split()) if element.text else ""


def text_of(element: Element, *names: str) -> str:
    """The words of the first child that has one of the names; empty without one."""
    for child in element:
        if local(child) in names:
            return words(child)
    return ""


@lru_cache(maxsize=4096)
def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _check(tree: etree._ElementTree, root: str, name: str) -> None:
    if tree.docinfo.doctype:  # type: ignore[attr-defined]
        raise UnreadableSource(name, "a DOCTYPE is refused")
    found = local(tree.getroot())
    if found != root:
        raise UnreadableSource(name, f"the root element is {found}, not {root}")


def _forget(element: Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
