"""The merchandiser's file as types: every key, its unit and meaning. The JSON Schema is exported from here.

Keys that are not listed are errors, so that a misspelt `bost` cannot silently do nothing.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct, field

Weight: TypeAlias = Annotated[float, Meta(ge=0, le=100)]
Push: TypeAlias = Annotated[
    float, Meta(gt=0, le=100, description="Added to (boost) or taken from (bury) the score, which is a sum of about 1.")
]
Word: TypeAlias = Annotated[str, Meta(min_length=1, max_length=256)]
Link: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2000)]
Words: TypeAlias = tuple[Word, ...]


class Weights(Struct, frozen=True, forbid_unknown_fields=True):
    """How much each signal counts. Values are scaled to 0..1 (`personal`: -1..1), so weights compare directly."""

    text: Annotated[Weight, Meta(description="How well the words match, relative to the best candidate.")] = 1.0
    part_type: Annotated[Weight, Meta(description="Confidence that this is the part type meant.")] = 0.8
    popularity: Annotated[Weight, Meta(description="Recent demand among parts of the same type.")] = 0.4
    personal: Annotated[Weight, Meta(description="The customer's own taste, learnt from his events.")] = 0.6
    availability: Annotated[Weight, Meta(description="In stock at the store asked for, or anywhere.")] = 0.3
    distance: Annotated[Weight, Meta(description="Nearness of the nearest store that has it.")] = 0.15
    price: Annotated[Weight, Meta(description="Cheapness relative to the median candidate.")] = 0.05
    promotion: Annotated[Weight, Meta(description="A promotion is running on it.")] = 0.1
    newness: Annotated[Weight, Meta(description="Recently listed.")] = 0.05


class Thresholds(Struct, frozen=True, forbid_unknown_fields=True):
    """Constants of the signals' curves."""

    distance_scale_km: Annotated[
        float, Meta(gt=0, le=20_000, description="Distance in km at which nearness has fallen to one half.")
    ] = 20.0
    newness_half_life_days: Annotated[
        float, Meta(gt=0, le=3650, description="Days after listing at which newness has fallen to one half.")
    ] = 45.0
    unknown_availability: Annotated[
        float, Meta(ge=0, le=1, description="Availability of a part whose stock nobody reported (0 none, 1 in stock).")
    ] = 0.5


class QueryMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer typed. Any one of the given ways is enough; case, width and outer blanks do not matter."""

    equals: Annotated[Words, Meta(description="The whole text is one of these.")] = ()
    contains: Annotated[Words, Meta(description="One of these stands in the text; Latin words as whole words.")] = ()
    regex: Annotated[
        str | None, Meta(description="A regular expression found in the text; no repeated groups, at most 3 repeats.")
    ] = None


class When(Struct, frozen=True, forbid_unknown_fields=True):
    """When a rule fires: every key given must hold; in a list one value is enough. No key at all: always."""

    query: Annotated[QueryMatch | None, Meta(description="The text typed.")] = None
    part_type: Annotated[Words, Meta(description="Part type understood or filtered by (id or name).")] = ()
    brand: Annotated[Words, Meta(description="Brand named in the text or filtered by.")] = ()
    store: Annotated[Words, Meta(description="Store the customer shops at (store_id).")] = ()
    member_level: Annotated[Words, Meta(description="The customer's member level.")] = ()
    lang: Annotated[Words, Meta(description="Language of the request: en, zh.")] = ()
    make: Annotated[Words, Meta(description="Make of the vehicle asked for.")] = ()
    from_: Annotated[datetime.date | None, Meta(description="First day, inclusive (YYYY-MM-DD).")] = field(
        name="from", default=None
    )
    to: Annotated[datetime.date | None, Meta(description="Last day, inclusive (YYYY-MM-DD).")] = None


class Items(Struct, frozen=True, forbid_unknown_fields=True):
    """Which parts an effect acts on: every key given must hold, in a list one value is enough. Not empty."""

    part_ids: Annotated[Words, Meta(description="These parts.")] = ()
    brand: Annotated[Words, Meta(description="Parts of these brands.")] = ()
    part_type: Annotated[Words, Meta(description="Parts of these types (id or name).")] = ()
    quality: Annotated[Words, Meta(description="Parts of these qualities, such as oe or aftermarket.")] = ()


class Boost(Struct, frozen=True, forbid_unknown_fields=True, tag_field="effect", tag="boost"):
    """Move parts up inside their verdict band."""

    weight: Push
    items: Items


class Bury(Struct, frozen=True, forbid_unknown_fields=True, tag_field="effect", tag="bury"):
    """Move parts down inside their verdict band."""

    weight: Push
    items: Items


class Pin(Struct, frozen=True, forbid_unknown_fields=True, tag_field="effect", tag="pin"):
    """Put parts at fixed places inside their own verdict band, never into another."""

    part_ids: Annotated[Words, Meta(min_length=1, max_length=100, description="In the order wanted.")]
    position: Annotated[
        int, Meta(ge=1, le=1000, description="Place of the first of them in its band, from 1; the next follow it.")
    ] = 1


class Hide(Struct, frozen=True, forbid_unknown_fields=True, tag_field="effect", tag="hide"):
    """Show these parts to nobody while the rule fires; they leave totals and facets too."""

    items: Items


class Synonym(Struct, frozen=True, forbid_unknown_fields=True):
    """One rewriting of query words."""

    from_: Annotated[str, Meta(min_length=1, max_length=100, description="Words as customers type them.")] = field(
        name="from"
    )
    to: Annotated[Words, Meta(min_length=1, max_length=20, description="Words the catalogue uses.")]
    two_way: Annotated[
        bool, Meta(description="Both are searched, whichever was typed. Otherwise `to` replaces `from`.")
    ] = False


class Synonyms(Struct, frozen=True, forbid_unknown_fields=True, tag_field="effect", tag="synonyms"):
    """Rewrite query words before they are understood. Applied in one pass, longest first, never to its own output."""

    pairs: Annotated[tuple[Synonym, ...], Meta(min_length=1, max_length=10_000)]


class Redirect(Struct, frozen=True, forbid_unknown_fields=True, tag_field="effect", tag="redirect"):
    """Tell the shop to open a page instead of the results."""

    url: Annotated[Link, Meta(description="https://..., http://... or /path.")]


class Banner(Struct, frozen=True, forbid_unknown_fields=True, tag_field="effect", tag="banner"):
    """A message above the results."""

    text: Annotated[
        dict[str, Annotated[str, Meta(min_length=1, max_length=500)]], Meta(min_length=1, description="By language.")
    ]
    link: Annotated[Link | None, Meta(description="https://..., http://... or /path.")] = None
    image: Annotated[Link | None, Meta(description="https://..., http://... or /path.")] = None


Effect: TypeAlias = Boost | Bury | Pin | Hide | Synonyms | Redirect | Banner


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """One decision of the merchandiser."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="Unique, shown in explanations.")]
    effects: Annotated[tuple[Effect, ...], Meta(min_length=1, max_length=100)]
    when: When = When()
    note: Annotated[str, Meta(max_length=1000, description="Why, for the next person.")] = ""
    enabled: bool = True


class PolicyFile(Struct, frozen=True, forbid_unknown_fields=True):
    """Merchandising configuration. Rules are applied in file order; where two disagree the earlier one wins."""

    weights: Weights = Weights()
    thresholds: Thresholds = Thresholds()
    rules: Annotated[tuple[Rule, ...], Meta(max_length=10_000)] = ()


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the file, for editors; kept in `config/schemas/merchandising.schema.json`."""
    schema = msgspec.json.schema(PolicyFile)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "PartFit merchandising", **schema}
