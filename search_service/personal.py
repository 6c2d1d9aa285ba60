"""Who is asking: whether the identity counts, and what the latest events say of his taste."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ranking.model import Profile
from search_service.live.errors import LiveError
from search_service.live.model import Who
from search_service.pool import past_of
from search_service.request import Person
from search_service.runtime import Runtime, Serving
from search_service.tokens import user_token_holds

ANONYMOUS = "user_token"
NO_HISTORY = "personalisation"
NO_MODEL = "model"


@dataclass(frozen=True, slots=True)
class Personal:
    """The person as far as he counts; `profile` is `None` without history, model or leave to use it."""

    person: Person
    profile: Profile | None
    degraded: tuple[str, ...] = ()
    vehicle_ids: tuple[str, ...] = ()


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
        events = runtime.live.recent(who, runtime.settings.recent_events)
    except LiveError:
        return Personal(person, None, (*degraded, NO_HISTORY))
    if user is not None and person.member_level is None:
        person = replace(person, member_level=user.member_level)
    profile = None
    if serving.model is not None and events:
        profile = serving.model.profile(past_of(events, serving, runtime.now()))
    garage = user.garage if user is not None else ()
    return Personal(person, None if profile is None or profile.empty else profile, tuple(degraded), garage)


def _proven(person: Person, key: str) -> bool:
    return person.user_id is not None and user_token_holds(person.user_id, person.user_token, key)
