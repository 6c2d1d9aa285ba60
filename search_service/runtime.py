"""What one process serves from: the published generation, model and policy, followed as they change.

`Runtime` is made once by the composition root; `Serving` is everything of one generation, never changed, so that an
answer never mixes two. A newly published generation, model or policy is picked up between requests.
"""

from __future__ import annotations

import datetime
import gc
import hmac
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitment_rules.candidates import CandidateSet, resolve
from fitment_rules.judge import Asked
from fitment_rules.model import Scalar
from fitment_rules.vehicles import VehicleQuery
from indexers import schema
from indexers.engine.errors import EngineError
from indexers.engine.plan import AnyOf, Filter
from indexers.engine.port import Engine, Reader
from indexers.errors import IndexerError, UnknownGeneration
from indexers.generation import Generation
from indexers.generations import LEAVING, Generations
from indexers.vocabulary import Vocabulary
from ranking.errors import ArtifactError, PolicyError
from ranking.jobs import Jobs
from ranking.model import Model
from ranking.policy import Policy, load_policy
from ranking.policy_file import Items
from ranking.type_table import TypeTable
from search_service.attributes import AttributeTexts
from search_service.decoders import Decoder, VinAnswer, WmiTable, vin_answer
from search_service.errors import Forbidden, Invalid, NotReady, Unauthorized
from search_service.fits import Fits
from search_service.live.errors import PolicyMissing
from search_service.live.experiments import Experiments, Trial
from search_service.live.model import User
from search_service.live.policies import Policies
from search_service.live.port import LiveStore
from search_service.live.records import pointer, user_of
from search_service.live.view import LiveView
from search_service.make_names import MakeNames
from search_service.models import Models
from search_service.policy_following import FollowedPolicy
from search_service.retrieval import all_of
from search_service.settings import EngineKind, Settings
from search_service.understanding.intent import VehicleMention
from search_service.understanding.understanding import Understanding

LOG = logging.getLogger("partfit.runtime")
LOOK_EVERY = 0.5
"""Seconds between two looks at the pointers of generation and model."""

LOOK_FIRST = LEAVING / 2
"""Seconds after which a worker that nobody asked anything looks before it answers: what it has may be removed soon."""

STALE_LIVE = "live_state"
MERCHANDISING = "merchandising.yaml"
VEHICLES_REMEMBERED = 128
"""Vehicle queries whose candidates and outcomes a worker keeps; a broad one takes about a megabyte."""

VEHICLES_LEAVING = 32
"""Of those, how many more are kept before what they remember is emptied: more than answers under way at once."""

_NOT_ASKED = -2

GARBAGE_EVERY = 20_000
"""Objects made between two looks for garbage. An answer makes some thousands and leaves no cycles of its own, while all
that is remembered of vehicles would be looked through (with a make p95 58 to 109 ms at the usual 700, 31 at this)."""

T = TypeVar("T")


@dataclass(frozen=True)
class Serving:
    """Everything of one generation that answers need.

    `every_candidate` are all vehicles: what options are given of before anything is said.
    """

    generation: Generation
    reader: Reader
    fits: Fits
    understanding: Understanding
    every_candidate: CandidateSet
    model: Model | None
    stock_sequence: int
    brands: Mapping[str, tuple[str, ...]]
    vocabulary: Vocabulary
    jobs: Jobs

    @property
    def model_version(self) -> str | None:
        """Version of the model in service with it."""
        return self.model.version if self.model else None

    @cached_property
    def types(self) -> TypeTable:
        """What model, table of jobs and catalogue know of the catalogue's part types."""
        codes = self.generation.column("part_type")[self.generation.live_ordinals()]
        counts = np.bincount(codes[codes >= 0], minlength=len(self._words["part_type"])).tolist()
        known = {name: count for name, count in zip(self._words["part_type"], counts, strict=True) if count}
        return TypeTable.of(self.model, self.jobs, known)

    @cached_property
    def outside(self) -> float:
        """Share of the parts whose part type the vocabulary lacks."""
        return self.generation.outside_share(self.vocabulary)

    def candidates(self, query: VehicleQuery) -> CandidateSet:
        """`resolve`, remembered for the last vehicles asked about: pages and checks of one car follow each other."""
        said = tuple((one.attribute, one.keys, one.shown) for one in query.given)
        answers = tuple(sorted(query.answers.items()))
        key = (said, query.vehicle_ids, query.built, query.vin_serial, answers)
        return self._remembered(("candidates", key), lambda: resolve(self.generation.vehicles, query))

    def asked(self, candidates: CandidateSet, places: tuple[str, ...] = ()) -> Asked:
        """The judge of a candidate set for places asked, remembered likewise."""
        generation = self.generation
        key = ("asked", id(candidates), places)
        made = self._remembered(key, lambda: Asked(candidates, generation.slots, generation.note_slots, places))
        return made if made.candidates is candidates else Asked(candidates, made.slots, made.note_slots, places)

    def _remembered(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        found: T | None = self._recent.pop(key, None)
        if found is None:
            found = make()
            while len(self._recent) >= VEHICLES_REMEMBERED:
                self._leave(self._recent.pop(next(iter(self._recent)), None))
        self._recent[key] = found
        return found

    def _leave(self, one: object) -> None:
        """What a judge remembers holds it in turn. Emptied it goes at once, and not thousands of them in one pause.

        Answers that still use it come first: it waits until some more have left.
        """
        self._leaving.append(one)
        while len(self._leaving) > VEHICLES_LEAVING:
            gone = self._leaving.popleft()
            if isinstance(gone, Asked):
                gone.memo.clear()

    @cached_property
    def _leaving(self) -> deque[object]:
        return deque()

    def forget_vehicles(self) -> None:
        """Empty what `candidates` and `asked` remember: for measuring what a vehicle costs that is not."""
        self._recent.clear()

    @cached_property
    def people(self) -> dict[bytes, object]:
        """What lists of events say, by the keys of the events (`personal`)."""
        return {}

    @cached_property
    def memo(self) -> dict[object, Any]:
        """Room for what is found once without a vehicle."""
        return {}

    @cached_property
    def _recent(self) -> dict[tuple[object, ...], Any]:
        return {}

    def mentioned(self, mention: VehicleMention) -> Mapping[str, Sequence[Scalar]]:
        """Attribute → values of a vehicle found in text."""
        return {name.removeprefix("attr."): values for name, values in mention.parameters().items()}

    def word(self, column: str, ordinal: int) -> str:
        """The text of a coded column (`brand`, `part_type`, `quality`) for a part; empty if it has none."""
        code = int(self._codes[column][ordinal])
        return "" if code < 0 else self._words[column][code]

    def words_of(self, column: str, ordinals: NDArray[np.int64]) -> list[str]:
        """`word` of many parts."""
        words = self._words[column]
        return ["" if code < 0 else words[code] for code in self.generation.column(column)[ordinals].tolist()]

    def codes_of(self, column: str, words: Iterable[str]) -> NDArray[np.int64]:
        """The numbers that words have in a coded column; words that no part has are left out."""
        codes = self._code_of[column]
        return np.array([codes[word] for word in words if word in codes], np.int64)

    @cached_property
    def _code_of(self) -> Mapping[str, Mapping[str, int]]:
        return {name: {word: code for code, word in enumerate(words)} for name, words in self._words.items()}

    @cached_property
    def _codes(self) -> Mapping[str, memoryview]:
        columns = {name: self.generation.column(name) for name in ("brand", "part_type", "quality")}
        return {name: memoryview(column) for name, column in columns.items()}  # type: ignore[arg-type]

    @cached_property
    def _words(self) -> Mapping[str, Sequence[str]]:
        return {name: self.generation.words[name] for name in ("brand", "part_type", "quality")}

    def model_items(self, ordinals: NDArray[np.int64]) -> NDArray[np.int32]:
        """The model's number of each part, -1 where it knows none or there is no model; looked up by id once a part."""
        if self.model is None:
            return np.full(len(ordinals), -1, np.int32)
        found = self._model_items[ordinals]
        asked = np.flatnonzero(found == _NOT_ASKED)
        if len(asked):
            found[asked] = self.model.numbers(self.generation.part_ids(ordinals[asked].tolist()))
            self._model_items[ordinals[asked]] = found[asked]
        return found

    @cached_property
    def _model_items(self) -> NDArray[np.int32]:
        return np.full(len(self.generation.column("part_type")), _NOT_ASKED, np.int32)

    def policy_filter(self, items: Items) -> Filter:
        """The documents a policy's selector names."""
        filters: list[Filter] = []
        if items.part_ids:
            known = [int(one) for one in self.generation.ordinals(items.part_ids) if one >= 0]
            filters.append(AnyOf(schema.ORD.name, tuple(known)))
        if items.brand:
            brands = (one for name in items.brand for one in self.brands.get(name.casefold(), (name,)))
            filters.append(AnyOf(schema.BRAND.name, tuple(brands)))
        if items.part_type:
            filters.append(AnyOf(schema.PART_TYPE.name, tuple(map(self.vocabulary.id_of, items.part_type))))
        if items.quality:
            filters.append(AnyOf(schema.QUALITY.name, items.quality))
        return all_of(*filters)

    def selected(self, items: Items, ordinals: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which parts a policy's selector names: `policy_filter`, read from the columns."""
        found = np.ones(len(ordinals), np.bool_)
        if items.part_ids:
            found &= np.isin(ordinals, self.generation.ordinals(items.part_ids))
        named = {
            "brand": [one for name in items.brand for one in self.brands.get(name.casefold(), (name,))],
            "part_type": list(map(self.vocabulary.id_of, items.part_type)),
            "quality": list(items.quality),
        }
        for column, words in named.items():
            if words:
                found &= np.isin(self.generation.column(column)[ordinals], self.codes_of(column, words))
        return found


@dataclass
class Parts:
    """What the composition root hands over: opened, checked, and closed by `Runtime.close`."""

    settings: Settings
    engine: Engine
    generations: Generations
    live: LiveStore
    view: LiveView
    vocabulary: Vocabulary
    texts: AttributeTexts
    decoders: Sequence[Decoder]
    makers: WmiTable
    jobs: Jobs
    make_names: MakeNames
    models: Models
    stamp_key: str
    understand: Callable[[Generation], Understanding]
    clock: Callable[[], int] = field(default=lambda: int(time.time() * 1000))


class Runtime:
    """Follows the published pointers; safe to use from several threads."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.settings = parts.settings
        self.live = parts.live
        self.view = parts.view
        self.vocabulary = parts.vocabulary
        self.texts = parts.texts
        self.make_names = parts.make_names
        self.generations = parts.generations
        self.stamp_key = parts.stamp_key
        self.policies = Policies(parts.live, parts.clock)
        self.experiments = Experiments(parts.live, parts.clock)
        self.remote = parts.settings.engine is EngineKind.OPENSEARCH
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._serving: Serving | None = None
        self._older: dict[str, Serving] = {}
        self._looked = 0.0
        self._policies: dict[str, Policy] = {}
        self._policy: tuple[Mapping[str, int], Policy] | None = None
        self._trial: tuple[Mapping[str, int], Trial | None] | None = None
        self._failed: dict[str, str] = {}
        folder = parts.settings.config_dir
        self._policy_file = FollowedPolicy(folder / MERCHANDISING, self.policies) if folder else None
        self._policy_looked = 0.0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self._parts.clock()

    def today(self) -> datetime.date:
        """The date, UTC."""
        return datetime.datetime.fromtimestamp(self.now() / 1000, datetime.UTC).date()

    def serving(self, name: str | None = None) -> Serving:
        """What is published, or an older generation that is still kept. Raises `NotReady`, `Invalid`."""
        current = self.serving_or_none()
        if current is None:
            raise NotReady
        if name is None or name == current.generation.name:
            return current
        with self._lock:
            if name not in self._older:
                try:
                    self._older = {name: self._open(name, current.model)}
                except UnknownGeneration:
                    raise Invalid.of("cursor", "its generation is no longer kept; search again without it") from None
            return self._older[name]

    def serving_or_none(self) -> Serving | None:
        """What is published; `None` before the first generation."""
        if self._serving is None:
            self.refresh()
        elif (ago := time.monotonic() - self._looked) >= LOOK_EVERY:
            if self.remote or self._model_waits():
                self._look_aside(wait=ago >= LOOK_FIRST)
            else:
                self.refresh()
        return self._serving

    def _model_waits(self) -> bool:
        """True if another model than the one in service was published."""
        held = self._serving.model_version if self._serving else None
        try:
            return self._parts.models.current() not in (None, held)
        except ArtifactError:
            return False

    def _look_aside(self, *, wait: bool) -> None:
        """Look while answers go on with what is there: reading a remote pointer takes as long as many an answer,
        reading a model as long as a hundred.

        `wait` lets the caller look: what is there may be gone.
        """
        if self._looking.acquire(blocking=False):
            if wait:
                self._look()
            else:
                threading.Thread(target=self._look, name="look", daemon=True).start()

    def _look(self) -> None:
        try:
            self.refresh()
        except EngineError as error:
            LOG.warning("pointers not read", extra={"fields": {"error": str(error)}})
        finally:
            self._looking.release()

    def refresh(self) -> None:
        """Look at the pointers, and open what is new. A generation or model that fails leaves the old in place.

        Whoever waited for another's look takes what that one found.
        """
        asked = time.monotonic()
        with self._lock:
            if self._looked > asked:
                return
            self._looked = time.monotonic()
            name = self._parts.generations.current()
            if name is None:
                return
            model = self._model(self._serving.model if self._serving else None)
            old = self._serving
            if old is None or old.generation.name != name:
                self._serving = self._swap(old, name, model)
            elif model is not old.model:
                self._serving = replace(old, model=model)
            self._looked = time.monotonic()

    def kept(self) -> tuple[str, ...]:
        """Names of the generations that cursors may still name."""
        return tuple(one.name for one in self.generations.list())

    def policy(self, version: str | None = None) -> Policy:
        """The published policy, or a named version (a draft's preview, a cursor's first page)."""
        published = self._published_policy()
        if version is None or version == published.version:
            return published
        if version not in self._policies:
            self._policies[version] = self._named_policy(version)
        return self._policies[version]

    def trial(self) -> Trial | None:
        """The experiment that runs, if one does."""
        versions = self.view.snapshot().versions
        if self._trial is None or self._trial[0] != versions:
            self._trial = (versions, self.experiments.running())
        return self._trial[1]

    def allow_policy(self, version: str | None, authorization: str | None) -> None:
        """Raise `Unauthorized` if a policy version is asked for without the admin key."""
        if version is not None:
            self.allow_admin(authorization)

    def allow_admin(self, authorization: str | None) -> None:
        """Raise `Unauthorized` without the admin key, `Forbidden` if none is set."""
        key = self.settings.admin_key
        if key is None:
            raise Forbidden("No admin key is set on this server; set PARTFIT_ADMIN_KEY.")
        scheme, _, given = (authorization or "").partition(" ")
        if scheme.casefold() != "bearer" or not _same(given.strip(), key.get_secret_value()):
            raise Unauthorized

    def decode_vin(self, vin: str) -> VinAnswer:
        """What a VIN says, as typed; never raises for what is in it."""
        parts = self._parts
        return vin_answer(vin, decoders=parts.decoders, table=parts.makers, this_year=self.today().year)

    def user(self, user_id: str) -> User | None:
        """A customer as the shop described him. Raises `LiveUnavailable`."""
        return user_of(self.live, user_id)

    def degraded(self) -> list[str]:
        """What does not work just now, beside what one request noticed."""
        return [*([STALE_LIVE] if self.view.snapshot().stale else []), *self._failed]

    def ping(self) -> None:
        """Return if the engine answers, else raise `EngineUnavailable`."""
        self._parts.engine.ping()

    def close(self) -> None:
        """Close readers, the live view, the store, the engine."""
        for serving in (self._serving, *self._older.values()):
            if serving is not None:
                serving.reader.close()
        self.view.close()
        self.live.close()
        self._parts.engine.close()

    def _swap(self, old: Serving | None, name: str, model: Model | None) -> Serving | None:
        try:
            fresh = self._open(name, model)
        except (IndexerError, EngineError, msgspec.MsgspecError, OSError) as error:
            self._failed["generation"] = str(error)
            LOG.error("generation not opened", extra={"fields": {"generation": name, "error": str(error)}})
            return old
        self._failed.pop("generation", None)
        self._older = {old.generation.name: old} if old is not None else {}
        _settle(old is not None)
        with suppress(EngineError):
            self.generations.forget_dropped()
        LOG.info("generation in service", extra={"fields": {"generation": name}})
        return fresh

    def _open(self, name: str, model: Model | None) -> Serving:
        parts = self._parts
        generation = parts.generations.open(name)
        folded = pointer(self.live, stock_pointer(name))
        return Serving(
            generation=generation,
            reader=parts.engine.reader(name),
            fits=Fits(generation, parts.texts),
            understanding=parts.understand(generation),
            every_candidate=resolve(generation.vehicles, VehicleQuery()),
            model=model,
            stock_sequence=int(folded or 0),
            brands=_by_case(generation.words["brand"]),
            vocabulary=parts.vocabulary,
            jobs=parts.jobs,
        )

    def _model(self, held: Model | None) -> Model | None:
        try:
            version = self._parts.models.current()
            if version is not None and (held is None or held.version != version):
                held = self._parts.models.load(version)
        except (ArtifactError, EngineError) as error:
            self._failed.setdefault("model", str(error))
            LOG.warning("model not loaded", extra={"fields": {"error": str(error)}})
            return held
        self._failed.pop("model", None)
        return held

    def _follow_policy_file(self) -> None:
        if self._policy_file is None or time.monotonic() - self._policy_looked < LOOK_EVERY:
            return
        self._policy_looked = time.monotonic()
        if self._policy_file.look():
            self.view.refresh()

    def _published_policy(self) -> Policy:
        self._follow_policy_file()
        versions = self.view.snapshot().versions
        if self._policy is None or self._policy[0] != versions:
            self._policy = (versions, self._read_policy())
        return self._policy[1]

    def _read_policy(self) -> Policy:
        published = self.policies.published()
        if published is None:
            return Policy.default()
        if published.version not in self._policies:
            try:
                self._policies[published.version] = _versioned(published.body, published.version)
            except PolicyError as error:
                self._failed["policy"] = str(error)
                return Policy.default()
        return self._policies[published.version]

    def _named_policy(self, version: str) -> Policy:
        try:
            return _versioned(self.policies.get(version).body, version)
        except PolicyMissing:
            if version == Policy.default().version:
                return Policy.default()
            raise Invalid.of("policy_version", f"there is no policy {version!r}") from None


def _settle(others: bool) -> None:
    """What a generation opened stays; looking through it for garbage would hold up answers.

    Of `others` before it the last but one goes now: its objects hold each other, and their files, whose space a pruned
    generation's would keep. A tenth of a second at a million parts.
    """
    if others:
        gc.unfreeze()
        gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_EVERY)


def stock_pointer(generation: str) -> str:
    """Name of the pointer that holds the stock sequence folded into a generation's documents."""
    return f"stock:{generation}"


def _versioned(body: str, version: str) -> Policy:
    policy = load_policy(body.encode())
    policy.version = version
    return policy


def _by_case(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        found[name.casefold()] = (*found.get(name.casefold(), ()), name)
    return found


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
