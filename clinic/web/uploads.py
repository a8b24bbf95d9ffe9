"""Requests that bring files: larger than others, and never on a disk as they came.

Werkzeug puts large parts of a form into temporary files. What patients hand in would lie there
readable, so it stays in memory, which the largest request bounds.
"""

import io
from collections.abc import Callable
from typing import IO, Any, TypeVar

from flask import Flask, Request, current_app, request

View = TypeVar("View", bound=Callable[..., Any])

LARGEST_UPLOAD = 24 * 1024 * 1024
"""More than any file we take: what is too large is then said beside its field."""
_MARK = "takes_files"


class ClinicRequest(Request):
    """A request whose files stay in memory."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - the signature is werkzeug's
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return io.BytesIO()


def takes_files(view: View) -> View:
    """Let the view's requests be as large as an upload; closest to the function."""
    setattr(view, _MARK, True)
    return view


def init_uploads(app: Flask) -> None:
    """Keep uploads out of temporary files, and bound them where a view takes any.

    To be called before ``init_access``, which reads forms.
    """
    app.request_class = ClinicRequest
    app.before_request(_allow_large)


def _allow_large() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, _MARK, False):
        request.max_content_length = LARGEST_UPLOAD
