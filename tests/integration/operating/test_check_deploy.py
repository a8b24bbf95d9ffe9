"""`check-deploy`: each thing that must not be where patients are is named, with what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from clinic.core.clock import now
from clinic.core.heartbeat import beat
from clinic.core.values import Role
from clinic.operating.checks import Level, check_deployment
from tests.support.apps import running_app
from tests.support.page_clinic import hire

AppMaker = Callable[..., Flask]


@pytest.fixture
def levels(make_app: AppMaker, tmp_path: Path) -> Callable[..., dict[str, Level]]:
    """How each check comes out on an app with these settings."""

    def checked(**settings: str) -> dict[str, Level]:
        app = make_app(**settings)
        with app.app_context():
            environ = {"SECRET_KEY": "x", "CLINIC_KEYS": "x", **settings}
            found = check_deployment(
                config=app.config["CLINIC"], environ=environ, now=now(), home=tmp_path
            )
            return {check.name: check.level for check in found}

    return checked


class TestCheckDeployment:
    def test_names_what_is_open(self, levels: Callable[..., dict[str, Level]]) -> None:
        found = levels(SECRET_KEY="", RATE_LIMIT_BOOKING="off", LOG_LEVEL="DEBUG")
        for name in ("environment", "https", "SECRET_KEY", "worker", "rate limit"):
            assert found[name] is Level.FAIL, name
        for name in ("proxies", "mail", "log level"):
            assert found[name] is Level.WARN, name

    def test_is_content_with_what_is_right(
        self, app: Flask, levels: Callable[..., dict[str, Level]]
    ) -> None:
        with app.app_context():
            beat(part="worker", now=now())
        found = levels(
            BASE_URL="https://clinic.example.com",
            TRUSTED_PROXIES="1",
            SMTP_URL="smtps://mail.example.com",
            RATE_LIMIT_BOOKING="30",
        )
        assert {name for name, level in found.items() if level is not Level.OK} == {"environment"}

    def test_counts_who_signs_in_with_a_password_alone(
        self, app: Flask, levels: Callable[..., dict[str, Level]]
    ) -> None:
        with app.app_context():
            hire(Role.FRONT_DESK)
        assert levels()["second factor"] is Level.WARN

    @pytest.mark.parametrize("name", ["", "clinic_keys", "secret_key"])
    def test_refuses_data_that_others_may_read(
        self, levels: Callable[..., dict[str, Level]], tmp_path: Path, name: str
    ) -> None:
        path = tmp_path / "data" / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if name:
            path.write_text("kept")
        else:
            path.mkdir(exist_ok=True)
        path.chmod(0o755)
        assert levels()["permissions"] is Level.FAIL

    def test_says_that_the_database_is_not_migrated(
        self, empty_database_url: str, tmp_path: Path
    ) -> None:
        with running_app(database_url=empty_database_url, data_dir=tmp_path / "new") as app:
            done = app.test_cli_runner().invoke(args=["check-deploy"])
        assert done.exit_code == 1
        assert "FAIL  database: is not migrated" in done.output
        assert "flask --app wsgi db upgrade" in done.output
