"""The document fields as a tantivy schema, and documents in the form the schema takes."""

from __future__ import annotations

import tantivy

from indexers.engine.errors import EngineRejected
from indexers.engine.port import Document
from indexers.schema import FIELDS, Field, Kind

KINDS = {field.name: field.kind for field in FIELDS}
_NUMBERS = tuple(field.name for field in FIELDS if field.kind is Kind.NUMBER)
_NAMES = frozenset(KINDS)
TEXT_FIELDS = frozenset(field.name for field in FIELDS if field.kind is Kind.TEXT)
ALL_WORDS = "all_words"
"""The tokens of every text field together, never scored: counting a text reads one list a token instead of three."""


def build_schema() -> tantivy.Schema:
    """The schema of every generation.

    Both tokenisers used are built in, so nothing has to be registered when an index is opened. `ord` is a signed
    integer, because deleting by term finds nothing on unsigned fields.
    """
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        _add_field(builder, field)
    builder.add_text_field(ALL_WORDS, tokenizer_name="whitespace", index_option="basic")
    return builder.build()


def _add_field(builder: tantivy.SchemaBuilder, field: Field) -> None:
    match field.kind:
        case Kind.KEY:
            builder.add_integer_field(field.name, indexed=True, fast=True)
        case Kind.TEXT:
            builder.add_text_field(field.name, tokenizer_name="whitespace", index_option="freq")
        case Kind.KEYWORD:
            builder.add_text_field(field.name, tokenizer_name="raw", index_option="basic", fast=field.counted)
        case Kind.IDS:
            builder.add_integer_field(field.name, indexed=True)
        case Kind.NUMBER:
            builder.add_float_field(field.name, fast=True)


def to_tantivy(document: Document, schema: tantivy.Schema) -> tantivy.Document:
    """A document of ours as one of tantivy's. Raises `EngineRejected` for an unknown field or a value of wrong type."""
    values = dict(document)
    if not values.keys() <= _NAMES:
        raise EngineRejected(f"unknown fields {sorted(values.keys() - _NAMES)} in document {values.get('ord')!r}")
    for name in _NUMBERS:
        if name in values:
            values[name] = float(values[name])  # type: ignore[arg-type]
    values[ALL_WORDS] = [values[name] for name in TEXT_FIELDS if name in values]  # type: ignore[assignment]
    try:
        return tantivy.Document.from_dict(values, schema)
    except (ValueError, OverflowError) as error:
        raise EngineRejected(f"document {values.get('ord')!r}: {error}") from error


def ordinal_of(document: Document) -> int:
    """The document's identity. Raises `EngineRejected` if it is missing, negative or no integer."""
    ordinal = document.get("ord")
    if not isinstance(ordinal, int) or isinstance(ordinal, bool) or ordinal < 0:
        raise EngineRejected(f"ord must be an integer from 0, not {ordinal!r}")
    return ordinal
