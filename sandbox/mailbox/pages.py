"""The pages of the mailbox: what came, and a mail as text and as HTML that can do nothing."""

import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, abort, render_template, send_from_directory
from markupsafe import Markup, escape

from sandbox.mailbox.store import Mail, Store
from sandbox.mailbox.text_pages import make_pages
from sandbox.mailbox.texts import Texts

STATIC = Path(__file__).resolve().parents[2] / "static"
LINK = re.compile(r"https?://[^\s<>\"']+")
HARMLESS = (
    "sandbox allow-popups allow-popups-to-escape-sandbox;"
    " default-src 'none'; style-src 'unsafe-inline'"
)
OURS = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def make_app(store: Store, texts: Texts, *, webhook: str | None = None) -> Flask:
    """The pages over what came; what a phone answers goes to ``webhook``."""
    app = Flask(__name__)
    app.register_blueprint(make_pages(texts, webhook=webhook))
    app.add_template_filter(with_links, "with_links")

    @app.after_request
    def keep_in(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", OURS)
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.get("/")
    def inbox() -> str:
        return render_template("inbox.html", mails=store.list(), texts=texts.latest())

    @app.get("/mails/<int:ident>")
    def mail(ident: int) -> str:
        found = _found(store, ident)
        return render_template(
            "mail.html", mail=found, text=_body(found, "plain"), files=_files(found)
        )

    @app.get("/mails/<int:ident>/html")
    def html(ident: int) -> Response:
        body = _body(_found(store, ident), "html").replace("<head>", '<head><base target="_blank">')
        return Response(body, headers={"Content-Security-Policy": HARMLESS})

    @app.get("/mails/<int:ident>/files/<int:number>")
    def file(ident: int, number: int) -> Response:
        files = list(_found(store, ident).content.iter_attachments())
        if number >= len(files):
            abort(404)
        body = files[number].get_payload(decode=True)
        name = re.sub(r"[^\w.-]", "_", files[number].get_filename("file"))
        return Response(
            body if isinstance(body, bytes) else b"",
            content_type=files[number].get_content_type(),
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @app.get("/clinic/<path:name>")
    def clinic_static(name: str) -> Response:
        return send_from_directory(STATIC, name)

    return app


def with_links(text: str) -> Markup:
    """The text with its addresses as links."""
    return Markup("").join(_pieces(text))


def _pieces(text: str) -> Iterator[Markup]:
    done = 0
    for match in LINK.finditer(text):
        yield escape(text[done : match.start()])
        address = escape(match.group())
        yield Markup('<a href="{0}" target="_blank" rel="noreferrer">{0}</a>').format(address)
        done = match.end()
    yield escape(text[done:])


def _found(store: Store, ident: int) -> Mail:
    found = store.find(ident)
    if found is None:
        abort(404)
    return found


def _body(mail: Mail, kind: str) -> str:
    part = mail.content.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _files(mail: Mail) -> list[str]:
    return [part.get_filename("file") for part in mail.content.iter_attachments()]
