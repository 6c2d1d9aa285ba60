"""Hardened, streaming XML: the elements of one name as bytes, all others of interest as small trees.

Memory does not grow with the file. A DOCTYPE is refused, so that no entity is ever declared and nothing is fetched;
depth, the size of a tag, of an attribute and of a record are limited. One parser refuses what is not well-formed, with
its line; because of that, records can be found by searching for their tags. It sees every byte but for records that
the reader knows to be well-formed as they stand, by having read others that are spelled alike.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from indexers.errors import UnreadableSource
from indexers.sources.lines import open_binary

CHUNK_BYTES = 1 << 18
MOST_DEPTH = 32
MOST_TAG_BYTES = 1 << 18
"""Bytes of one tag, comment or the like."""
MOST_ATTRIBUTE = 1 << 14
"""Characters of one attribute's value."""
MOST_RECORD_BYTES = 16 << 20
"""Bytes of one record (an App is some hundreds, a PIES Item some thousands)."""

_APART = re.compile(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>|<\?.*?\?>", re.DOTALL)
_MARKED = re.compile(rb"<[!?]")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ATTRIBUTES = rb"""((?:[^<>"']|"[^"<]*"|'[^'<]*')*+)"""
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Record(NamedTuple):
    """An element of the wanted name: what stands in its start tag, and between its tags (UTF-8)."""

    attributes: bytes
    content: bytes


@dataclass(slots=True)
class Node:
    """An element as a tree, without prefixes; `text` is all of its own text, blanks collapsed."""

    name: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of the element itself, blanks collapsed."""
        return " ".join("".join(self.pieces).split())

    def all(self, name: str) -> list[Node]:
        """Children of a name."""
        return [child for child in self.children if child.name == name]

    def each(self, group: str, name: str) -> Iterator[Node]:
        """Children of a name below children of another."""
        return (child for one in self.children if one.name == group for child in one.children if child.name == name)

    def first(self, *names: str) -> Node | None:
        """The first child of one of the names."""
        return next((child for child in self.children if child.name in names), None)

    def said(self, *names: str) -> str:
        """The text of the first child of one of the names, `""` without one."""
        found = self.first(*names)
        return "" if found is None else found.text

    def xml(self) -> str:
        """The element again."""
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        inner = escape(self.text) + "".join(child.xml() for child in self.children)
        return f"<{self.name}{attributes}>{inner}</{self.name}>" if inner else f"<{self.name}{attributes}/>"


class XmlFile:
    """One file, read once from start to end. Every fault of it is an `UnreadableSource` with the line."""

    def __init__(self, file: Path, root: str, record: str, trees: Sequence[str] = (), *, whole: bool = False) -> None:
        """`root` is the name the root element must have, `record` that of the records, `trees` of others wanted.

        With `whole` every byte is checked before anything of it is given out.
        """
        self.file = file
        self._again = partial(XmlFile, file, root, record, trees, whole=True)
        self._whole = whole
        self._checked = True
        self.root = Node("", {})
        self._wanted = root
        self._record = record
        self._trees = _Trees(frozenset(trees))
        self._checker = expat.ParserCreate("utf-8")
        self._checker.StartDoctypeDeclHandler = self._refuse_doctype
        self._checker.StartElementHandler = self._root
        self._fed = 0
        self._prefix = b""
        name = record.encode()
        self._end = b"</" + name + b">"
        self._odd, self._close = re.compile(b"</" + name + rb"\s"), re.compile(b"</" + name + rb"\s*>")
        self._open = re.compile(b"<" + name + rb"(?=[\s/>])")
        self._start = re.compile(b"<" + name + rb"(?=[\s/>])" + _ATTRIBUTES + b">")

    def pieces(self) -> Iterator[list[bytes]]:
        """The file cut behind every record: what a piece holds, `items` says. Pieces in lists, as they were read.

        A piece for which `items` is not asked must be one record, and well-formed.
        """
        try:
            with open_binary(self.file) as stream:
                yield from self._cut(stream)
        except expat.ExpatError as error:
            raise self._fault(expat.ErrorString(error.code), error.lineno) from None
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise self._fault(str(error)) from error

    def items(self, piece: bytes) -> Iterator[Record | Node]:
        """What stands in a piece: trees that end in it, and the record that ends with it."""
        if not self._checked:
            try:
                self._check(piece + self._end)
            except expat.ExpatError as error:
                raise self._fault(expat.ErrorString(error.code)) from None
        found = self._start.search(piece)
        while found is not None:
            yield from self._trees_of(piece[: found.start()])
            empty = found[1].endswith(b"/")
            yield Record(found[1].rstrip(b"/"), b"" if empty else piece[found.end() :])
            piece = piece[found.end() :] if empty else b""
            found = self._start.search(piece)
        yield from self._trees_of(piece)

    def __iter__(self) -> Iterator[Record | Node]:
        """Records and trees, in the file's order."""
        return (item for pieces in self.pieces() for piece in pieces for item in self.items(piece))

    def _trees_of(self, data: bytes) -> list[Node]:
        if not data or data.isspace():
            return []
        try:
            return self._trees.feed(data)
        except expat.ExpatError as error:
            raise self._fault(expat.ErrorString(error.code)) from None
        except TooDeep as error:
            raise self._fault(str(error)) from None

    def _cut(self, stream: BinaryIO) -> Iterator[list[bytes]]:
        """Pieces, of which the checker sees all but those that `items` is not asked for.

        A chunk that holds more than plain tags is checked at once; the first `seen` bytes of `rest` are checked too.
        """
        rest, seen = b"", 0
        for number, chunk in enumerate(_utf8(stream)):
            data = rest + chunk
            if not number or self._whole or self._prefix or _MARKED.search(data) or self._odd.search(data):
                self._check(data[seen:])
                data, later = _plain(data)
                pieces, done, rest = self._split(data)
                rest += later
                seen = len(rest)
                yield [*pieces, done]
            else:
                pieces, done, rest = self._split(data)
                ended = bool(pieces)
                yield from self._unchecked(pieces, done, seen)
                seen = 0 if ended else max(seen - len(done), 0)
            if len(rest) > MOST_RECORD_BYTES:
                raise self._fault(f"an element of more than {MOST_RECORD_BYTES >> 20} MiB")
        self._check(rest[seen:])
        self._checker.Parse(b"", True)
        yield [rest]

    def _split(self, data: bytes) -> tuple[list[bytes], bytes, bytes]:
        """Pieces that end with a record, what follows them and is no part of one, and what may be."""
        if self._prefix:
            data = re.sub(rb"(</?)" + self._prefix, rb"\1", data)
        *pieces, rest = self._close.split(data) if self._odd.search(data) else data.split(self._end)
        return pieces, *self._without_open(rest)

    def _unchecked(self, pieces: list[bytes], done: bytes, seen: int) -> Iterator[list[bytes]]:
        """The pieces, to be checked as they are asked for, but for the first, of which some bytes were before."""
        if pieces:
            if seen:
                self._check((pieces[0] + self._end)[seen:])
                yield pieces[:1]
                pieces, seen = pieces[1:], 0
            self._checked = False
            yield pieces
            self._checked = True
        self._check(done[seen:])
        yield [done]

    def _without_open(self, rest: bytes) -> tuple[bytes, bytes]:
        """What cannot belong to a record that goes on in the next chunk, and the rest."""
        opened = self._open.search(rest)
        at = opened.start() if opened else max(rest.rfind(b"<"), 0)
        return rest[:at], rest[at:]

    def _check(self, chunk: bytes) -> None:
        self._checker.Parse(chunk, False)
        self._fed += len(chunk)
        if self._fed - self._checker.CurrentByteIndex > MOST_TAG_BYTES + len(chunk):
            raise self._fault(f"a tag of more than {MOST_TAG_BYTES >> 10} KiB", self._checker.CurrentLineNumber)

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        prefix, colon, local = name.rpartition(":")
        self._prefix = (prefix + colon).encode()
        self.root = Node(local, attributes)
        self._checker.StartElementHandler = None
        if local != self._wanted:
            raise self._fault(f"the root element is {local}, not {self._wanted}", self._checker.CurrentLineNumber)

    def _refuse_doctype(self, *_: object) -> None:
        raise self._fault("a DOCTYPE is refused", self._checker.CurrentLineNumber)

    def _fault(self, reason: str, line: int | None = None) -> UnreadableSource:
        """The fault; where bytes were passed over, and lines with them, the whole file is read to find its own."""
        if not self._whole:
            for _ in self._again():
                """Raises what is wrong."""
        at = self._checker.CurrentLineNumber if line is None else line
        return UnreadableSource(str(self.file), f"line {at}: {reason}")


def tree_of(attributes: bytes, content: bytes) -> Node:
    """A record as a tree. Raises `ValueError` where it is too deep or an attribute is too long."""
    trees = _Trees(frozenset(("R",)))
    try:
        found = list(trees.feed(b"<R" + attributes + b">" + content + b"</R>"))
    except (expat.ExpatError, TooDeep) as error:
        raise ValueError(str(error)) from None
    finally:
        trees.close()
    return found[0]


class TooDeep(Exception):
    """A document beyond the limits of depth or attribute length."""


class _Trees:
    """A parser that keeps the elements of some names, and of everything else only how deep it is."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self._depth = 0
        self._open: list[Node] = []
        self._done: list[Node] = []
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def close(self) -> None:
        """Let go of the parser, which else holds on to its handlers until the collector runs."""
        self._parser.StartElementHandler = self._parser.EndElementHandler = self._parser.CharacterDataHandler = None

    def feed(self, data: bytes) -> list[Node]:
        """Trees that end in this piece."""
        self._parser.Parse(data, False)
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise TooDeep(f"elements nested deeper than {MOST_DEPTH}")
        if any(len(value) > MOST_ATTRIBUTE for value in attributes.values()):
            raise TooDeep(f"an attribute of more than {MOST_ATTRIBUTE} characters")
        local = name.rpartition(":")[2]
        if self._open or local in self._wanted:
            self._open.append(Node(local, {key.rpartition(":")[2]: value for key, value in attributes.items()}))

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._open:
            node = self._open.pop()
            if self._open:
                self._open[-1].children.append(node)
            else:
                self._done.append(node)

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].pieces.append(text)


def _plain(data: bytes) -> tuple[bytes, bytes]:
    """Without comments and instructions, CDATA as escaped text; and what an unfinished one leaves for later."""
    if b"<!" not in data and b"<?" not in data:
        return data, b""
    data = _APART.sub(lambda found: escape((found[1] or b"").decode("utf-8", "surrogateescape")).encode(
        "utf-8", "surrogateescape"), data)  # fmt: skip
    at = min((place for place in (data.find(b"<!"), data.find(b"<?")) if place >= 0), default=len(data))
    return data[:at], data[at:]


def _utf8(stream: BinaryIO) -> Iterator[bytes]:
    """The stream in pieces, as UTF-8 whatever its declaration says it is."""
    first = stream.read(CHUNK_BYTES)
    bom = next(((mark, name) for mark, name in _BOMS if first.startswith(mark)), None)
    declared = _ENCODING.match(first)
    name = bom[1] if bom else declared[1].decode() if declared else "utf-8"
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        raise UnicodeDecodeError(name, b"", 0, 0, "is no encoding known here") from None
    if bom and codec == "utf-8":
        first = first[len(bom[0]) :]
    decoder = None if codec in ("utf-8", "ascii") else codecs.getincrementaldecoder(codec)()
    while first:
        yield first if decoder is None else decoder.decode(first).encode()
        first = stream.read(CHUNK_BYTES)
