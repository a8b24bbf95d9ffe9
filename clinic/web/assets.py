"""Styles, fonts and pictures: served from one folder, small over the wire, kept for a year.

A page names an asset with the version of its content, so what a browser keeps can never be stale.
Text is sent gzipped. Pages themselves are not: they carry a CSRF token beside what a visitor
typed, and compressing the two together would leak the token (BREACH).
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, request, url_for
from werkzeug.security import safe_join

FOREVER = "public, max-age=31536000, immutable"
COMPRESSIBLE = frozenset({"text/css", "text/javascript", "image/svg+xml", "text/plain"})
MIMETYPES = {".woff2": "font/woff2", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it goes over the wire; `packed` is None where packing does not help."""

    mimetype: str
    version: str
    plain: bytes
    packed: bytes | None


def init_assets(app: Flask, *, folder: Path) -> None:
    """Serve `folder` under /static as endpoint `static`, and give templates `asset(name)`.

    The app must have been made with `static_folder=None`.
    """

    def serve(filename: str) -> Response:
        return _answer(_found(folder, filename))

    def asset(name: str) -> str:
        return url_for("static", filename=name, v=_found(folder, name).version)

    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=serve)
    app.add_template_global(asset)


def load_asset(*, path: Path) -> Asset:
    """Read a file and pack it if its kind is worth it."""
    plain = path.read_bytes()
    mimetype = MIMETYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    packed = gzip.compress(plain, 9, mtime=0) if mimetype in COMPRESSIBLE else None
    version = hashlib.sha256(plain).hexdigest()[:12]
    return Asset(mimetype or "application/octet-stream", version, plain, packed)


@lru_cache(maxsize=256)
def _kept(path: Path, _mtime_ns: int, _size: int) -> Asset:
    # The time and size are part of the key: a file that changed is read again.
    return load_asset(path=path)


def _found(folder: Path, name: str) -> Asset:
    joined = safe_join(str(folder), name)
    if joined is None or not Path(joined).is_file():
        abort(404)
    path = Path(joined)
    facts = path.stat()
    return _kept(path, facts.st_mtime_ns, facts.st_size)


def _answer(asset: Asset) -> Response:
    pack = asset.packed is not None and request.accept_encodings["gzip"] > 0
    body = asset.packed if pack and asset.packed is not None else asset.plain
    response = Response(body, mimetype=asset.mimetype)
    if pack:
        response.content_encoding = "gzip"
    if asset.packed is not None:
        response.vary.add("Accept-Encoding")
    response.set_etag(f"{asset.version}{'-gz' if pack else ''}")
    current = request.args.get("v") == asset.version
    response.headers["Cache-Control"] = FOREVER if current else "no-cache"
    response.make_conditional(request)
    return response
