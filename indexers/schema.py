"""The fields of a part's document, for both engines. One keyword never serves two meanings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a field is indexed."""

    KEY = "key"  # the one integer identity
    TEXT = "text"  # space-joined tokens, BM25-scored
    KEYWORD = "keyword"  # exact strings, several a document
    IDS = "ids"  # integers that are only filtered by
    NUMBER = "number"  # one float, sortable, range-filtered


@dataclass(frozen=True, slots=True)
class Field:
    """A field; `counted` keywords can be faceted on."""

    name: str
    kind: Kind
    counted: bool = False


ANYWHERE = "*"
"""Value of `place` and `own_place` for a position that names no axis."""

UNREAD = "?"
"""Value of `read_type` for a part whose type and title name no part type of the vocabulary: words alone find it."""

ORD = Field("ord", Kind.KEY)
TITLE = Field("title", Kind.TEXT)  # titles in every language
TYPE_NAMES = Field("type_names", Kind.TEXT)  # every name of the part type, or its own words outside the vocabulary
BODY = Field("body", Kind.TEXT)  # description, attributes, brand words
NUMBER_EXACT = Field("number_exact", Kind.KEYWORD)  # part, OE, interchange numbers and GTIN, `indexers.text.number_key`
BRAND = Field("brand", Kind.KEYWORD, counted=True)
PART_TYPE = Field("part_type", Kind.KEYWORD, counted=True)  # id
READ_TYPE = Field("read_type", Kind.KEYWORD)  # of a part whose type is outside the vocabulary: types its title names
CATEGORY = Field("category", Kind.KEYWORD, counted=True)  # ids of every ancestor
POSITION = Field("position", Kind.KEYWORD, counted=True)  # canonical places, of the part and of its applications
PLACE = Field("place", Kind.KEYWORD)  # places of the part and of its applications; ANYWHERE where one covers all
OWN_PLACE = Field("own_place", Kind.KEYWORD)  # places of the part itself; ANYWHERE without one
QUALITY = Field("quality", Kind.KEYWORD, counted=True)
ATTRIBUTE = Field("attribute", Kind.KEYWORD, counted=True)  # `name=key`
STOCKED = Field("stocked", Kind.KEYWORD)  # store ids with stock when the generation was built
FITMENT = Field("fitment", Kind.KEYWORD)  # none | applications | quarantined | universal (several may hold)
SLOTS = Field("slots", Kind.IDS)
NOTE_SLOTS = Field("note_slots", Kind.IDS)
TOUCHES = Field("touches", Kind.IDS)  # fitment_rules.compile.touch_id
COVERS = Field("covers", Kind.IDS)  # fitment_rules.compile.cover_id
UNIFORM_POSITION = Field("uniform_position", Kind.IDS)  # position id that all slots of the part share, if they do
PRICE = Field("price", Kind.NUMBER)
LISTED = Field("listed", Kind.NUMBER)  # days since 0001-01-01; absent = 0
RANK = Field("rank", Kind.NUMBER)  # query-independent order: popularity when built

FIELDS = (
    ORD, TITLE, TYPE_NAMES, BODY, NUMBER_EXACT, BRAND, PART_TYPE, READ_TYPE, CATEGORY, POSITION, PLACE, OWN_PLACE,
    QUALITY, ATTRIBUTE, STOCKED,
    FITMENT, SLOTS, NOTE_SLOTS, TOUCHES, COVERS,
    UNIFORM_POSITION, PRICE, LISTED, RANK,
)  # fmt: skip
