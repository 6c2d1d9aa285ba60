"""Who is asking: whether the identity counts, and what the latest events say of his taste."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ranking.profile import Past, Profile
from ranking.signals import Floats
from search_service.live.errors import LiveError
from search_service.live.model import Event, Who
from search_service.pool import past_of
from search_service.request import Person
from search_service.runtime import Runtime, Serving
from search_service.tokens import user_token_holds

ANONYMOUS = "user_token"
NO_HISTORY = "personalisation"
NO_MODEL = "model"
REMEMBERED = 2000
FRESH_MS = 60_000
"""How long what events say is kept: they are weighed by age in days, so a minute changes nothing."""


@dataclass(frozen=True, slots=True)
class Personal:
    """The person as far as he counts; `profile` is `None` without history, model or leave to use it.

    `history` are his latest acts, newest first, `vehicle_ids` his garage.
    """

    person: Person
    profile: Profile | None
    degraded: tuple[str, ...] = ()
    vehicle_ids: tuple[str, ...] = ()
    history: tuple[Past, ...] = ()
    known: Known | None = None

    def next_types(self, serving: Serving) -> Floats | None:
        """Where others went on to from his latest parts (`Model.next_types`); `None` without a history or a model."""
        model = serving.model
        if self.known is None or self.profile is None or model is None:
            return None
        if self.known.next_types is None:
            self.known.next_types = model.next_types(self.profile)
        return self.known.next_types


def personal_for(runtime: Runtime, serving: Serving, person: Person) -> Personal:
    """Check the identity, read the latest events, fold them in. What does not work is named in `degraded`."""
    degraded = [NO_MODEL] if serving.model is None else []
    key = runtime.settings.user_key
    if person.user_id and key is not None and not _proven(person, key.get_secret_value()):
        degraded.append(ANONYMOUS)
        person = replace(person, user_id=None, member_level=None)
    who = Who(person.user_id, person.session_id, person.client_id)
    if not person.personalised or not (who.user_id or who.session_id or who.client_id):
        return Personal(person, None, tuple(degraded))
    try:
        user = runtime.user(person.user_id) if person.user_id else None
        out = runtime.live.opted_out(who)
        events = [] if out else runtime.live.recent(who, runtime.settings.recent_events)
    except LiveError:
        return Personal(person, None, (*degraded, NO_HISTORY))
    if user is not None and person.member_level is None:
        person = replace(person, member_level=user.member_level)
    garage = user.garage if user is not None else ()
    known = _known(serving, events, runtime.now())
    return Personal(person, known.profile, tuple(degraded), garage, known.history, known)


@dataclass(slots=True)
class Known:
    """What a list of events says, as of `at` (milliseconds); `next_types` is worked out when first asked for."""

    at: int
    history: tuple[Past, ...]
    profile: Profile | None
    next_types: Floats | None = None


def _known(serving: Serving, events: Sequence[Event], now: int) -> Known:
    """Read once for the same events: one event more is another list, so what was just done always counts."""
    if not events:
        return Known(now, (), None)
    key = b"".join(event.key for event in events)
    found = serving.people.get(key)
    if not isinstance(found, Known) or not 0 <= now - found.at <= FRESH_MS:
        found = _read(serving, events, now)
        if len(serving.people) >= REMEMBERED:
            serving.people.pop(next(iter(serving.people)), None)
        serving.people[key] = found
    return found


def _read(serving: Serving, events: Sequence[Event], now: int) -> Known:
    history = tuple(past_of(events, serving, now))
    profile = serving.model.profile(history) if serving.model is not None and history else None
    return Known(now, history, None if profile is None or profile.empty else profile)


def _proven(person: Person, key: str) -> bool:
    return person.signed_id is not None and user_token_holds(person.signed_id, person.user_token, key)
