"""A customer who does not want his ids kept: asked for by himself, honoured by every worker from the next event on."""

from __future__ import annotations

from dataclasses import dataclass

from search_service.errors import Invalid
from search_service.live.model import Who
from search_service.parameters import Parameters
from search_service.privacy import scrub_id
from search_service.request import read_ids
from search_service.runtime import Runtime
from search_service.tokens import user_token_holds
from search_service.wire import OptOutAnswer


@dataclass(frozen=True, slots=True)
class OptOut:
    """Whose ids, and whether they go `out` or come back. `signed_id` is the user's as sent, `who` as it is kept."""

    who: Who
    signed_id: str | None
    user_token: str | None
    out: bool

    def state(self, runtime: Runtime) -> OptOutAnswer:
        """Whether one of the ids is out."""
        return OptOutAnswer(runtime.live.opted_out(self.who))

    def apply(self, runtime: Runtime) -> OptOutAnswer:
        """Take every id out, or back. Raises `Invalid` for a user id without the proof that the operator asks for."""
        key, user_id = runtime.settings.user_key, self.who.user_id
        if key and self.signed_id and not user_token_holds(self.signed_id, self.user_token, key.get_secret_value()):
            raise Invalid.of("user_token", "does not prove this user_id")
        for identity in (user_id, self.who.session_id, self.who.client_id):
            if identity:
                runtime.live.opt_out(identity, self.out)
        return self.state(runtime)


def read_opt_out(parameters: Parameters, *, changes: bool = False) -> OptOut:
    """Read the ids, of which one is needed, and with `changes` the flag `out`. Raises `Invalid`."""
    ids = read_ids(parameters)
    if not any(ids.values()):
        parameters.fault("client_id", "give a user_id, a session_id or a client_id")
    kept = Who(**{name: value and scrub_id(value) for name, value in ids.items()})
    out = parameters.flag("out", True) if changes else True
    found = OptOut(kept, ids["user_id"], parameters.text("user_token"), out)
    parameters.finish()
    return found
