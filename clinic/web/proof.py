"""The proof that a form is ours, in another guise on every page.

The token of a session stays the same for an hour. Sent as it is beside other text in a compressed
page, it could be guessed from the page's length (BREACH, Gluck, Harris and Prado 2013). So each
page carries it under a one-time pad of its own: the same proof, never the same letters twice.
"""

import base64
import binascii
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

from clinic.web.access import TOKEN_API, access_rule
from clinic.web.refusals import note_refusal

View = TypeVar("View", bound=Callable[..., Any])
Answer = Callable[[], ResponseReturnValue | None]

MARK = "~"
_KEPT = "clinic_masked_proof"
_UNPROVEN = "answer_unproven"


class MaskedProof(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's check of forms, with tokens that are masked anew for each page."""

    def init_app(self, app: Flask) -> None:
        """Let templates print masked tokens."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = masked_proof
        app.context_processor(lambda: {"csrf_token": masked_proof})

    def _get_csrf_token(self) -> str | None:
        token = super()._get_csrf_token()
        return unmask(token) if token else token


_csrf = MaskedProof()


def init_proof(app: Flask) -> None:
    """Refuse every form that did not come from our own page (CSRF)."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # The token is bound to a SameSite cookie; a browser that hides the Referer may still book.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    _csrf.init_app(app)
    app.before_request(_check_form)


def when_unproven(answer: Answer) -> Callable[[View], View]:
    """Let ``answer`` say what becomes of a form of this view that comes without the proof: it may
    keep what was typed, never act on it. Where it answers None the form is refused like any."""

    def mark(view: View) -> View:
        setattr(view, _UNPROVEN, answer)
        return view

    return mark


def _check_form() -> ResponseReturnValue | None:
    """Tokens of programs need no such proof."""
    if request.endpoint is None or request.path.startswith(TOKEN_API):
        return None
    view = current_app.view_functions[request.endpoint]
    rule = access_rule(view)
    if rule is not None and rule.is_signed:
        return None
    try:
        _csrf.protect()
    except CSRFError:
        note_refusal("no proof that the form is ours")
        answer: Answer | None = getattr(view, _UNPROVEN, None)
        found = answer() if answer is not None else None
        if found is None:
            raise
        return found
    return None


def masked_proof() -> str:
    """The session's token under a pad of this page; the same in all its forms."""
    if _KEPT not in g:
        setattr(g, _KEPT, mask(generate_csrf()))
    kept: str = getattr(g, _KEPT)
    return kept


def mask(token: str) -> str:
    """The token under a fresh pad, the pad beside it."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    return MARK + base64.urlsafe_b64encode(pad + _under(plain, pad)).decode()


def unmask(text: str) -> str:
    """The token again; what was never masked, or is broken, is answered as it is."""
    if not text.startswith(MARK):
        return text
    try:
        raw = base64.urlsafe_b64decode(text[1:].encode())
        return _under(raw[len(raw) // 2 :], raw[: len(raw) // 2]).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return text


def _under(text: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(text, pad, strict=True))
