"""The demo shop at `/`: plain files without a build step, on top of the public interface alone."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter

from search_service.shop.pages import page_router


def router() -> APIRouter:
    """Serves the shop page at `/` and its files under `/shop/`."""
    return page_router(files(__name__) / "static", "/", "/shop")
