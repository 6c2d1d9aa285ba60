"""`partfit serve`: worker processes under one port."""

from __future__ import annotations

import os
import tempfile

import uvicorn

from search_service.app import create_app
from search_service.settings import PREFIX, Settings


def serve(settings: Settings) -> None:
    """Serve until stopped. Several workers each open their own runtime; the settings reach them by environment."""
    common = {"host": settings.host, "port": settings.port, "log_config": None, "access_log": False}
    if settings.workers == 1:
        uvicorn.run(create_app(settings), **common)  # type: ignore[arg-type]
        return
    for name in ("data_dir", "engine", "host", "port", "workers"):
        os.environ[PREFIX + name.upper()] = str(getattr(settings, name))
    with tempfile.TemporaryDirectory(prefix="partfit-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        uvicorn.run("search_service.app:app_from_environment", factory=True, workers=settings.workers, **common)  # type: ignore[arg-type]
