"""The pages' ground without a clinic on it: an app that needs no database, for looks and errors."""

from pathlib import Path

from flask import Flask
from flask_babel import Babel
from flask_wtf import CSRFProtect

from clinic.web import (
    assets,
    errors,
    fields,
    filters,
    headers,
    logs,
    pages,
    sheet,
    status,
)

ROOT = Path(__file__).resolve().parents[2]
FACTS = pages.SiteFacts(
    name="Riverside Rehab",
    phone="+1 212 555 0142",
    places=(pages.Place("", "120 Example Street, New York, NY 10000"),),
    hours=(pages.OpenHours("", ("Monday to Friday, 8 AM to 6 PM",)),),
    is_demo=True,
)


def make_ground(*, base_url: str = "http://localhost", locale: str = "en_US") -> Flask:
    """An app with headers, errors, assets, filters and the sheet of components."""
    app = Flask("clinic", static_folder=None, template_folder=str(ROOT / "templates"))
    app.config.update(SECRET_KEY="ground", TESTING=True, BABEL_DEFAULT_LOCALE=locale)
    Babel(app)
    CSRFProtect(app)
    logs.init_logs(app)
    assets.init_assets(app, folder=ROOT / "static")
    headers.init_headers(app, base_url=base_url)
    errors.init_errors(app)
    filters.init_filters(app)
    fields.init_fields(app)
    status.init_status(app)
    pages.init_words(app)
    pages.init_pages(app, site_facts=lambda: FACTS)
    app.register_blueprint(sheet.blueprint)
    return app
