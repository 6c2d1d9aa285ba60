"""Static pages from memory, under a policy that lets a page load nothing but its own files and pictures."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A file ready to be sent. `etag` is a hash of the content, so that browsers ask and mostly get a 304."""

    body: bytes
    packed: bytes
    media_type: str
    etag: str

    def answer(self, request: Request) -> Response:
        """The file, gzipped where the browser takes that; 304 without a body if the browser has it already."""
        headers = {**SECURITY, "Cache-Control": "no-cache", "ETag": self.etag, "Vary": "Accept-Encoding"}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(self.packed, media_type=self.media_type, headers=headers)
        return Response(self.body, media_type=self.media_type, headers=headers)


def read_pages(folder: Traversable) -> dict[str, Page]:
    """The files of a folder by name; those of other kinds than `MEDIA_TYPES` are not served."""
    pages = {}
    for entry in folder.iterdir():
        suffix = entry.name[entry.name.rfind(".") :]
        if entry.is_file() and suffix in MEDIA_TYPES:
            body = entry.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            pages[entry.name] = Page(body, gzip.compress(body, mtime=0), MEDIA_TYPES[suffix], etag)
    return pages


def page_router(folder: Traversable, path: str, prefix: str) -> APIRouter:
    """Serves `index.html` of the folder at `path`, its other files under `prefix/NAME`; a name not there is a 404."""
    pages = read_pages(folder)
    router = APIRouter(include_in_schema=False)

    async def index(request: Request) -> Response:
        return pages["index.html"].answer(request)

    async def file(name: str, request: Request) -> Response:
        page = pages.get(name)
        return page.answer(request) if page else Response(status_code=404, headers=SECURITY)

    router.add_api_route(path, index, methods=["GET", "HEAD"], response_model=None)
    router.add_api_route(f"{prefix}/{{name}}", file, methods=["GET", "HEAD"], response_model=None)
    return router
