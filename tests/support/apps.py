"""Apps for tests: the real `create_app` on test settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from clinic import create_app
from clinic.core.db import db
from clinic.core.locks import dispose_lock_engines
from config import Config

TEST_KEYS = "test:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
TEST_SECRET = "kept-in-the-open-because-it-protects-nothing"


class _CompiledTemplates(BytecodeCache):
    """What templates compile to, kept for the next app: the same for the same words."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


compiled_templates = _CompiledTemplates()


def environment(*, database_url: str, data_dir: Path, **settings: str) -> dict[str, str]:
    """The settings of a test process, as environment variables; `settings` win."""
    return {
        "CLINIC_ENV": "test",
        "DATA_DIR": str(data_dir),
        "DATABASE_URL": database_url,
        "SECRET_KEY": TEST_SECRET,
        "CLINIC_KEYS": TEST_KEYS,
        "LOG_LEVEL": "WARNING",
        **settings,
    }


@contextmanager
def running_app(*, database_url: str, data_dir: Path, **settings: str) -> Iterator[Flask]:
    """An app on this database; every connection it opened is closed at the end."""
    environ = environment(database_url=database_url, data_dir=data_dir, **settings)
    app = create_app(Config.from_env(environ))
    app.jinja_env.bytecode_cache = compiled_templates
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()
        dispose_lock_engines()
