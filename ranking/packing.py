"""A model as bytes and back: a manifest and an archive of plain arrays.

Nothing is unpickled. An archive is used only if its SHA-256 is the manifest's, it holds exactly the arrays known here,
and each has the expected type and shape, finite numbers, and codes inside their tables.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from ranking.choice_taste import TasteSpace
from ranking.content import Content
from ranking.errors import ArtifactError
from ranking.features import LEVELS, UNKNOWN, Coded, Coding, NameRows
from ranking.model import FEATURES, Model
from ranking.neighbours import Neighbours
from ranking.replacement import Replacement
from ranking.sessions import SessionNeighbours
from ranking.trained import TrainedModel
from ranking.type_demand import WEEKS, TypeDemand

Array: TypeAlias = NDArray[Any]

FORMAT = 5
MAX_BYTES = 8 << 30
_DTYPES = {
    "names": "|u1", "edges": "<f4", "part_type": "<i4", "brand": "<i4", "quality": "<i4", "level": "<i4",
    "popularity": "<f4", "brand_rates": "<f4", "factors": "<f4", "basis": "<f4",
    "walk_starts": "<i8", "walk_items": "<i4", "walk_strength": "<f4",
    "next_starts": "<i8", "next_items": "<i4", "next_strength": "<f4",
    "session_starts": "<i8", "session_items": "<i4",
    "group_shares": "<f4", "region_lift": "<f4", "season_lift": "<f4",
    "replacement_days": "<f4", "replacement_gaps": "<f4", "content_rows": "<f4", "type_next": "<f4",
    "blend": "<f8", "together": "<f4", "alongside": "<f4", "type_walk": "<f4",
    "taste_vectors": "<f4", "taste_cells": "<f4", "taste_shares": "<f4",
}  # fmt: skip


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """What is said about a model beside its arrays. Times are days since 1970; `metrics` are those of the gate."""

    format: int
    version: str
    sha256: str
    size: int
    parts: int
    events: int
    users: int
    window: tuple[float, float]
    confidence: float
    half_life: float
    metrics: dict[str, Any]
    settings: dict[str, Any]
    dropped: dict[str, int]


class _Names(msgspec.Struct, forbid_unknown_fields=True):
    part_ids: tuple[str, ...]
    part_types: tuple[str, ...]
    brands: tuple[str, ...]
    qualities: tuple[str, ...]
    vehicle_groups: tuple[str, ...]
    regions: tuple[str, ...]
    traits: tuple[str, ...]


def pack(trained: TrainedModel) -> tuple[bytes, bytes]:
    """(manifest.json, arrays.npz) of a trained model; `unpack` is the way back. For stores that are no folders."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **_arrays(trained.model))
    data = buffer.getvalue()
    manifest = Manifest(
        format=FORMAT,
        version=trained.model.version,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        parts=len(trained.model.part_ids),
        events=trained.events,
        users=trained.users,
        window=trained.window,
        confidence=trained.model.confidence,
        half_life=trained.model.half_life,
        metrics=_finite(asdict(trained.report)) | {"blend_choices": trained.blend_choices},
        settings=asdict(trained.settings),
        dropped=dict(trained.dropped),
    )
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1), data


def unpack(manifest: bytes, arrays: bytes, where: Path = Path("model")) -> Model:
    """Check and build a model. Raises `ArtifactError` naming `where` for anything not as it must be."""
    try:
        facts = msgspec.json.decode(manifest, type=Manifest)
    except msgspec.MsgspecError as error:
        raise ArtifactError(where, f"manifest: {error}") from None
    if facts.format != FORMAT:
        raise ArtifactError(where, f"format {facts.format}, this version reads {FORMAT}")
    if len(arrays) != facts.size or hashlib.sha256(arrays).hexdigest() != facts.sha256:
        raise ArtifactError(where, "arrays are not those of the manifest (SHA-256 differs)")
    return _model(facts, _loaded(arrays, where), where)


def _finite(value: Any) -> Any:
    """NaN as None: JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _arrays(model: Model) -> dict[str, Array]:
    coding = model.coding
    items, demanded, walk, following = model.items, model.type_demand, model.walk, model.next
    held = _Names(
        model.part_ids, coding.part_types, coding.brands, coding.qualities,
        demanded.groups, demanded.regions, model.content.traits,
    )  # fmt: skip
    names = np.frombuffer(msgspec.json.encode(held), np.uint8)
    arrays: dict[str, Array] = {
        "names": names, "edges": coding.edges, "part_type": items.part_type,
        "brand": items.brand, "quality": items.quality, "level": items.level, "popularity": model.popularity,
        "brand_rates": model.brand_rates,
        "factors": model.factors, "basis": model.basis, "walk_starts": walk.starts,
        "walk_items": walk.items, "walk_strength": walk.strength, "blend": model.blend,
        "next_starts": following.starts, "next_items": following.items, "next_strength": following.strength,
        "session_starts": model.sessions.starts, "session_items": model.sessions.items,
        "group_shares": demanded.shares, "region_lift": demanded.region_lift, "season_lift": demanded.season_lift,
        "replacement_days": model.replacement.days, "replacement_gaps": model.replacement.gaps,
        "content_rows": model.content.rows, "type_next": model.type_next,
        "together": model.together, "alongside": model.alongside, "type_walk": model.type_walk,
        "taste_vectors": model.space.vectors, "taste_cells": model.space.cells, "taste_shares": model.space.shares,
    }  # fmt: skip
    return {name: np.ascontiguousarray(arrays[name], _DTYPES[name]) for name in _DTYPES}


def _loaded(data: bytes, where: Path) -> dict[str, Array]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            held = {info.filename.removesuffix(".npy"): info.file_size for info in archive.infolist()}
        if held.keys() != _DTYPES.keys() or sum(held.values()) > MAX_BYTES:
            raise ArtifactError(where, f"holds other arrays than expected: {sorted(held.keys() ^ _DTYPES.keys())}")
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in _DTYPES}
    except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ArtifactError(where, f"no readable archive: {error}") from None
    for name, array in arrays.items():
        if array.dtype.str != _DTYPES[name]:
            raise ArtifactError(where, f"{name} has type {array.dtype.str}, expected {_DTYPES[name]}")
        if array.dtype.kind == "f" and name != "edges" and not np.isfinite(array).all():
            raise ArtifactError(where, f"{name} holds numbers that are not finite")
    return arrays


def _model(facts: Manifest, arrays: dict[str, Array], where: Path) -> Model:
    try:
        names = msgspec.json.decode(arrays["names"].tobytes(), type=_Names)
    except msgspec.MsgspecError as error:
        raise ArtifactError(where, f"names: {error}") from None
    _check_shapes(arrays, names, where)
    _check_codes(arrays, names, where)
    coding = Coding(names.part_types, names.brands, names.qualities, arrays["edges"])
    return Model(
        version=facts.version,
        coding=coding,
        part_ids=names.part_ids,
        items=Coded(arrays["part_type"], arrays["brand"], arrays["quality"], arrays["level"]),
        space=TasteSpace.of(arrays["taste_vectors"], arrays["taste_cells"], arrays["taste_shares"]),
        confidence=facts.confidence,
        half_life=facts.half_life,
        walk=Neighbours(arrays["walk_starts"], arrays["walk_items"], arrays["walk_strength"]),
        next=Neighbours(arrays["next_starts"], arrays["next_items"], arrays["next_strength"]),
        sessions=SessionNeighbours.of(arrays["session_starts"], arrays["session_items"], len(names.part_ids)),
        type_demand=TypeDemand.of(
            names.vehicle_groups, names.regions, arrays["group_shares"], arrays["region_lift"], arrays["season_lift"]
        ),
        replacement=Replacement(arrays["replacement_days"], arrays["replacement_gaps"]),
        content=Content.of(
            names.traits, arrays["content_rows"], (len(names.part_types), len(names.brands), len(names.qualities))
        ),
        index={part_id: number for number, part_id in enumerate(names.part_ids)},
        codes=coding.codes(),
        **{name: arrays[name] for name in _SAME_NAME},
    )


_SAME_NAME = (
    "brand_rates", "popularity", "factors", "basis",
    "blend", "together", "alongside", "type_walk", "type_next",
)  # fmt: skip


_STARTS = {
    "walk_starts": "walk_items", "next_starts": "next_items", "session_starts": "session_items",
}  # fmt: skip


def _check_shapes(arrays: dict[str, Array], names: _Names, where: Path) -> None:
    parts, types = len(names.part_ids), len(names.part_types)
    brands, qualities = len(names.brands), len(names.qualities)
    width = arrays["factors"].shape[1] if arrays["factors"].ndim == 2 else -1
    pairs, cells = len(arrays["walk_items"]), arrays["taste_shares"].shape[-1]
    followers = len(arrays["next_items"])
    rows = NameRows(brands, qualities).size
    rank = arrays["taste_vectors"].shape[1] if arrays["taste_vectors"].ndim == 2 else -1
    expected = {
        "edges": (types, LEVELS - 1), "part_type": (parts,), "brand": (parts,), "quality": (parts,), "level": (parts,),
        "popularity": (parts,), "brand_rates": (types, brands),
        "factors": (parts + rows, width), "basis": (width, width),
        "walk_starts": (parts + 1,), "walk_items": (pairs,), "walk_strength": (pairs,), "blend": (len(FEATURES),),
        "alongside": (types, types), "together": (types, types), "type_walk": (types, types),
        "type_next": (types, types), "next_starts": (parts + 1,), "next_items": (followers,),
        "next_strength": (followers,), "session_starts": (max(len(arrays["session_starts"]), 1),),
        "session_items": (len(arrays["session_items"]),), "group_shares": (max(len(names.vehicle_groups), 1), types),
        "region_lift": (len(names.regions), types), "season_lift": (WEEKS, types),
        "replacement_days": (types,), "replacement_gaps": (types,),
        "content_rows": (types + brands + qualities + LEVELS + len(names.traits), width),
        "taste_vectors": (rows, rank), "taste_cells": (types, cells, rank),
        "taste_shares": (types, cells),
    }  # fmt: skip
    for name, shape in expected.items():
        if arrays[name].shape != shape:
            raise ArtifactError(where, f"{name} has shape {arrays[name].shape}, expected {shape}")


def _check_codes(arrays: dict[str, Array], names: _Names, where: Path) -> None:
    limits = {
        "part_type": len(names.part_types), "brand": len(names.brands), "quality": len(names.qualities),
        "level": LEVELS, "walk_items": len(names.part_ids), "next_items": len(names.part_ids),
        "session_items": len(names.part_ids),
    }  # fmt: skip
    for name, limit in limits.items():
        codes = arrays[name]
        lowest = 0 if name.endswith("_items") else UNKNOWN
        if len(codes) and (int(codes.min()) < lowest or int(codes.max()) >= limit):
            found = f"{codes.min()}..{codes.max()}"
            raise ArtifactError(where, f"{name} holds codes {found}, expected {lowest}..{limit - 1}")
    if len(arrays["replacement_days"]) and not arrays["replacement_days"].min() > 0:
        raise ArtifactError(where, "replacement_days holds intervals that are not above 0")
    for name, of in _STARTS.items():
        starts = arrays[name]
        if starts[0] != 0 or starts[-1] != len(arrays[of]) or (np.diff(starts) < 0).any():
            raise ArtifactError(where, f"{name} do not ascend from 0 to the length of {of}")
