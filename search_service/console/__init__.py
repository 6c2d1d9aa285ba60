"""The merchandiser's console at `/console`: plain files on top of the admin interface."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter

from search_service.shop.pages import page_router


def router() -> APIRouter:
    """Serves the console at `/console` and its files under `/console/`."""
    return page_router(files(__name__) / "static", "/console", "/console")
