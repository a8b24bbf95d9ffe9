"""Pages that may go over the wire compressed.

Compressing a secret beside what a visitor typed leaks the secret by the answer's length (BREACH),
so pages are sent as they are, unless their view says that nobody typed anything into them. The
proof that a form is ours may stand there: it is masked anew for every page (``proof.py``).
"""

import functools
import gzip
from collections.abc import Callable
from typing import Any, ParamSpec

from flask import Response, make_response, request

P = ParamSpec("P")
WORTH_BYTES = 1024


def packed(view: Callable[P, Any]) -> Callable[P, Response]:
    """Let a view's page be gzipped where the browser takes it. Nothing typed may be in the page."""

    @functools.wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        response = make_response(view(*args, **kwargs))
        response.vary.add("Accept-Encoding")
        body = response.get_data()
        if len(body) >= WORTH_BYTES and request.accept_encodings["gzip"] > 0:
            response.set_data(gzip.compress(body, 6, mtime=0))
            response.content_encoding = "gzip"
        return response

    return answer
