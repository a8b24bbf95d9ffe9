"""What operators type, run as they type it."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from pyotp import TOTP
from sqlalchemy import select, text

from clinic.core import audit
from clinic.core.audit import AuditEntry, seal_entries
from clinic.core.clock import now
from clinic.core.db import db, transaction
from clinic.core.values import SYSTEM, Role
from clinic.people.models import ApiToken, SecondFactor
from clinic.people.operations import (
    begin_second_factor,
    choose_password,
    confirm_second_factor,
    recognise,
    sign_in,
)
from clinic.people.queries import find_actor_of_token
from clinic.people.rules.browsers import Browser
from tests.integration.people.accounts import EMAIL, PASSWORD, make_staff
from tests.support.databases import EngineKind
from tests.support.server import run_command

NEW_STAFF = ("staff", "create", "--email", EMAIL, "--name", "Amara Osei", "--role", "admin")
NEW_TOKEN = ("token", "create", "--name", "Front door", "--role", "front_desk")


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def last_word(output: str) -> str:
    return output.rsplit(maxsplit=1)[-1]


class TestResetSecondFactor:
    def test_lets_the_password_do_again_and_is_on_record(
        self, app: Flask, runner: FlaskCliRunner
    ) -> None:
        make_staff(app)
        with app.app_context():
            session = recognise(
                token=sign_in(email=EMAIL, password=PASSWORD, now=now()).token, now=now()
            )
            assert session is not None
            begin_second_factor(actor=session.actor, now=now())
            factor = db.session.scalars(select(SecondFactor)).one()
            code, browser = TOTP(factor.secret or "").at(now()), Browser()
            confirm_second_factor(code=code, browser=browser, actor=session.actor, now=now())
            assert sign_in(email=EMAIL, password=PASSWORD, now=now()).needs_code
        done = runner.invoke(args=["staff", "reset-second-factor", "--email", EMAIL])
        assert done.exit_code == 0
        with app.app_context():
            assert not sign_in(email=EMAIL, password=PASSWORD, now=now()).needs_code
            entries = db.session.scalars(select(AuditEntry.action)).all()
            assert "staff.second-factor-reset" in entries

    def test_says_that_nobody_has_the_address(self, runner: FlaskCliRunner) -> None:
        done = runner.invoke(args=["staff", "reset-second-factor", "--email", EMAIL])
        assert (done.exit_code, "no member of staff" in done.output) == (2, True)


class TestStaffCreate:
    def test_ends_with_a_link_that_works(self, app: Flask, settings: dict[str, str]) -> None:
        done = run_command({**settings, "BASE_URL": "http://clinic.example.com"}, *NEW_STAFF)
        assert (done.returncode, done.stderr) == (0, "")
        link = last_word(done.stdout)
        assert link.startswith("http://clinic.example.com/set-up/")
        with app.app_context():
            token = link.rpartition("/")[2]
            choose_password(token=token, password=PASSWORD, clinic_name="", now=now())
            assert sign_in(email=EMAIL, password=PASSWORD, now=now()).token

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"--email": "no"}, "name@example.com"),
            ({"--role": "king"}, "front_desk"),
            ({"--name": ""}, "name"),
            ({"--name": "a\x07"}, "printed"),
        ],
    )
    def test_says_what_is_wrong(
        self, runner: FlaskCliRunner, change: dict[str, str], told: str
    ) -> None:
        words = list(NEW_STAFF)
        for option, value in change.items():
            words[words.index(option) + 1] = value
        done = runner.invoke(args=words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert told in done.stderr
        assert "Traceback" not in done.stderr

    def test_refuses_the_same_address_again(self, runner: FlaskCliRunner) -> None:
        assert runner.invoke(args=NEW_STAFF).exit_code == 0
        done = runner.invoke(args=NEW_STAFF)
        assert done.exit_code == 2
        assert "already" in done.stderr

    def test_is_on_record(self, app: Flask, runner: FlaskCliRunner) -> None:
        runner.invoke(args=NEW_STAFF)
        with app.app_context():
            entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.actor_name) == ("staff.created", "command line")


class TestStaffLink:
    def test_gives_a_new_link(self, runner: FlaskCliRunner) -> None:
        first = last_word(runner.invoke(args=NEW_STAFF).stdout)
        done = runner.invoke(args=["staff", "link", "--email", EMAIL])
        assert done.exit_code == 0
        assert "/set-up/" in last_word(done.stdout)
        assert last_word(done.stdout) != first

    def test_needs_an_account(self, runner: FlaskCliRunner) -> None:
        done = runner.invoke(args=["staff", "link", "--email", EMAIL])
        assert done.exit_code == 2


class TestToken:
    def test_is_the_last_word_and_stored_as_a_hash(
        self, app: Flask, runner: FlaskCliRunner
    ) -> None:
        token = last_word(runner.invoke(args=NEW_TOKEN).stdout)
        assert token.startswith("clinic_")
        with app.app_context():
            actor = find_actor_of_token(token=token)
            assert actor is not None
            assert (actor.kind, actor.role) == ("token", Role.FRONT_DESK)
            assert token not in db.session.scalars(select(ApiToken.token_hash)).one()

    @pytest.mark.parametrize("way", [["--name", "Front door"], ["Front door"]], ids=len)
    def test_opens_nothing_once_its_name_is_revoked(
        self, app: Flask, runner: FlaskCliRunner, way: list[str]
    ) -> None:
        tokens = [last_word(runner.invoke(args=NEW_TOKEN).stdout) for _ in range(2)]
        assert len(set(tokens)) == 2
        assert runner.invoke(args=["token", "revoke", *way]).exit_code == 0
        with app.app_context():
            assert [find_actor_of_token(token=token) for token in tokens] == [None, None]
        assert runner.invoke(args=["token", "revoke", *way]).exit_code == 2

    def test_is_revoked_by_itself_beside_another_of_its_name(
        self, app: Flask, runner: FlaskCliRunner
    ) -> None:
        old, new = (last_word(runner.invoke(args=NEW_TOKEN).stdout) for _ in range(2))
        assert runner.invoke(args=["token", "revoke", old]).exit_code == 0
        with app.app_context():
            assert find_actor_of_token(token=old) is None
            assert find_actor_of_token(token=new) is not None

    @pytest.mark.parametrize("words", [[], ["a", "--name", "b"], ["clinic_unknown"]], ids=len)
    def test_is_revoked_only_when_it_is_clear_which(
        self, runner: FlaskCliRunner, words: list[str]
    ) -> None:
        assert runner.invoke(args=["token", "revoke", *words]).exit_code == 2

    def test_needs_a_known_role(self, runner: FlaskCliRunner) -> None:
        done = runner.invoke(args=["token", "create", "--name", "x", "--role", "king"])
        assert done.exit_code == 2


class TestAuditVerify:
    @pytest.fixture(autouse=True)
    def trail(self, app: Flask, runner: FlaskCliRunner) -> None:
        for name in "abc":
            runner.invoke(args=["token", "create", "--name", name, "--role", "admin"])
        with app.app_context():
            seal_entries()

    def test_says_that_all_is_well_and_gives_the_head(self, runner: FlaskCliRunner) -> None:
        done = runner.invoke(args=["audit", "verify"])
        assert done.exit_code == 0
        assert "3 sealed entries" in done.stdout
        head = last_word(done.stdout)
        assert runner.invoke(args=["audit", "verify", "--head", head]).exit_code == 0

    @pytest.mark.parametrize("head", ["4:00", "3:00", "nonsense", ""])
    def test_misses_a_head_that_is_not_in_the_chain(
        self, runner: FlaskCliRunner, head: str
    ) -> None:
        done = runner.invoke(args=["audit", "verify", "--head", head])
        assert done.exit_code == 1
        assert "not in the chain" in done.stdout

    def test_names_the_first_broken_row(
        self, app: Flask, runner: FlaskCliRunner, engine_kind: EngineKind
    ) -> None:
        guard = (
            "ALTER TABLE audit_entries DISABLE TRIGGER ALL"
            if engine_kind == "postgresql"
            else "DROP TRIGGER audit_entries_no_update"
        )

        @transaction
        def tamper() -> None:
            db.session.execute(text(guard))
            db.session.execute(text("UPDATE audit_entries SET action = 'x' WHERE id >= 2"))

        with app.app_context():
            tamper()
        done = runner.invoke(args=["audit", "verify"])
        assert done.exit_code == 1
        assert "entry 2 (seal 2) was changed" in done.stdout

    def test_misses_seals_after_a_minute(self, app: Flask, runner: FlaskCliRunner) -> None:
        @transaction
        def deed() -> None:
            at = datetime(2026, 1, 1, tzinfo=UTC)
            audit.record(action="a", actor=SYSTEM, now=at)

        with app.app_context():
            deed()
        done = runner.invoke(args=["audit", "verify"])
        assert done.exit_code == 1
        assert "entry 4 is unsealed" in done.stdout
