"""The operator's `merchandising.yaml`, put into force when it changes, as long as nobody published by hand."""

from __future__ import annotations

import logging
from pathlib import Path

from ranking.errors import PolicyError
from ranking.policy import load_policy
from search_service.live.policies import Policies

LOG = logging.getLogger("partfit.policy")
SOURCE = "file"


class FollowedPolicy:
    """One file, looked at by its time stamp and size. `fault` says why its present text is not in force, if so."""

    def __init__(self, path: Path, policies: Policies) -> None:
        self._path = path
        self._policies = policies
        self._seen: tuple[int, int] | None = None
        self.fault: str | None = None

    def look(self) -> bool:
        """Publish the file if it changed and passes its check; True if something was published."""
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return False
        mark = (stat.st_mtime_ns, stat.st_size)
        if mark == self._seen:
            return False
        self._seen = mark
        return self._take(self._path.read_text(encoding="utf-8"))

    def _take(self, body: str) -> bool:
        if any(one.source != SOURCE for one in self._policies.history()):
            return False
        published = self._policies.published()
        if published is not None and published.body == body:
            return False
        try:
            load_policy(body.encode())
        except PolicyError as error:
            self.fault = f"{self._path.name}: {error}"
            LOG.warning("policy file not published", extra={"fields": {"file": self._path.name, "error": str(error)}})
            return False
        self.fault = None
        self._policies.publish(self._policies.create(body, SOURCE).version, SOURCE)
        LOG.info("policy file published", extra={"fields": {"file": self._path.name}})
        return True
