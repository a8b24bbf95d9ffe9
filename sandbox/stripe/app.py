"""The double as a web application."""

from pathlib import Path

from flask import Flask, Response, send_from_directory

from sandbox.stripe import api, pages
from sandbox.stripe.delivery import Post
from sandbox.stripe.state import State

CLINIC_STATIC = Path(__file__).resolve().parents[2] / "static"
SECRET = "whsec_sandbox_only"  # noqa: S105 - it protects nothing
KEY = "sk_test_sandbox_only"


def make_app(state: State, *, webhook: str | None = None, secret: str = SECRET) -> Flask:
    """The API, the hosted page and the panel over one state; webhooks go to the address."""
    app = Flask(__name__)
    app.extensions["state"] = state
    if webhook is not None:
        app.extensions["post"] = Post(state, url=webhook, secret=secret)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(pages.blueprint)
    app.add_template_filter(lambda cents: f"{cents / 100:,.2f}", "money")

    @app.get("/clinic/<path:name>")
    def clinic_static(name: str) -> Response:
        return send_from_directory(CLINIC_STATIC, name)

    @app.after_request
    def keep_in(answer: Response) -> Response:
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; font-src 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        )
        return answer

    return app
