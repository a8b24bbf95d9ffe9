"""Private files on their way to a browser: never stored, never run, never guessed at."""

from collections.abc import Iterable
from urllib.parse import quote

from flask import Response, current_app

_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def private_file(
    content: Iterable[bytes] | bytes,
    *,
    name: str,
    media_type: str,
    size: int,
    inline: bool = False,
) -> Response:
    """An answer with the content, as a download or, ``inline``, for images to be looked at.

    ``size`` in bytes lets a browser notice an end that was cut off. The page it opens in may load
    and run nothing.
    """
    answer = current_app.response_class(content, mimetype=media_type)
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    how = "inline" if inline and media_type.startswith("image/") else "attachment"
    answer.headers["Content-Disposition"] = (
        f"{how}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    answer.headers["Content-Length"] = str(size)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = (
        _POLICY if how == "inline" else f"{_POLICY}; sandbox"
    )
    return answer
