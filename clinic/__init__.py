"""The application factory: the product's table of contents."""

import os
from pathlib import Path

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate

from clinic import tables
from clinic.core.crypto import use_keys
from clinic.core.db import db
from clinic.core.engines import engine_options, prepare_engine
from config import Config

ROOT = Path(__file__).resolve().parent.parent

__all__ = ["create_app", "tables"]


def create_app(config: Config | None = None) -> Flask:
    """Build the application from ``config``, or from the environment.

    Raises ConfigError, naming every fault at once, when the settings cannot be used.
    """
    config = config or Config.from_env(os.environ)
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(config.data_dir),
    )
    app.config.update(config.flask_settings())
    app.config["CLINIC"] = config
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url)
    _extensions(app, config)
    return app


def _extensions(app: Flask, config: Config) -> None:
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=False)
    Babel(app)
    use_keys(app, config.clinic_keys)
