"""What a request has asked once and need not ask again.

An answer is kept for one request, and no longer than to its next operation: what that may have
changed is asked anew. Inside operations, in commands and in the worker nothing is kept.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import has_request_context, request

T = TypeVar("T")
_KEY = "clinic.once"


def ask_once(ask: Callable[[], T]) -> T:
    """What ``ask`` answers; in a request between two operations it is called only once.

    ``ask`` is a function of a module, which stands for its answer. What it raises is not kept.
    """
    kept = request.environ.setdefault(_KEY, {}) if has_request_context() else None
    if kept is None:
        return ask()
    if ask not in kept:
        kept[ask] = ask()
    answer: T = kept[ask]
    return answer


@contextmanager
def asking_anew(*, changes_answers: bool) -> Iterator[None]:
    """Keep nothing in this block, and with ``changes_answers`` nothing from before it either."""
    if not has_request_context():
        yield
        return
    kept: dict[Any, Any] | None = request.environ.get(_KEY, {})
    request.environ[_KEY] = None
    try:
        yield
    finally:
        request.environ[_KEY] = {} if changes_answers else kept
