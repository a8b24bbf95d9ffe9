"""Settings: every fault named at once, safe defaults outside production, none inside it."""

import base64
import multiprocessing
import stat
from pathlib import Path

import pytest

from config import Config, ConfigError
from config_mail import MailServer


def key(fill: int) -> str:
    """A key made of 32 different bytes, as base64url."""
    return base64.urlsafe_b64encode(bytes((fill + step) % 256 for step in range(32))).decode()


SECRET = "kP7vYq2mX9tLwR4sZc8dFh3jNb6gTa5e"


@pytest.fixture
def development(tmp_path: Path) -> dict[str, str]:
    return {"DATA_DIR": str(tmp_path / "data")}


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    return {
        "CLINIC_ENV": "production",
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": SECRET,
        "CLINIC_KEYS": f"k1:{key(1)}",
        "BASE_URL": "https://clinic.example.com",
    }


def faults_of(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        Config.from_env(environ)
    return refused.value.faults


class TestDefaults:
    def test_need_nothing_but_a_place_for_data(self, development: dict[str, str]) -> None:
        config = Config.from_env(development)
        assert config.env == "development"
        assert config.port == 8000
        assert config.base_url == "http://localhost:8000"
        assert config.trusted_proxies == 0
        assert config.log_level == "INFO"
        assert config.stripe_api_key is None
        assert config.redis_url is None
        assert config.mail_server is None
        assert not config.cookies_secure

    def test_put_a_sqlite_file_under_the_data_directory(self, development: dict[str, str]) -> None:
        config = Config.from_env(development)
        assert config.database_url == f"sqlite:///{config.data_dir}/clinic.sqlite3"

    def test_treat_an_empty_value_as_not_set(self, development: dict[str, str]) -> None:
        config = Config.from_env({**development, "PORT": "", "DATABASE_URL": " ", "CLINIC_ENV": ""})
        assert (config.port, config.env) == (8000, "development")

    @pytest.mark.parametrize(
        ("environment", "given", "expected"),
        [
            ("demo", "", 30),
            ("development", "", None),
            ("test", "", None),
            ("development", "5", 5),
            ("demo", "12 per minute", 12),
            ("development", "7/minute", 7),
            ("demo", "off", None),
            ("demo", "OFF", None),
        ],
    )
    def test_limit_bookings_where_the_public_comes(
        self, development: dict[str, str], environment: str, given: str, expected: int | None
    ) -> None:
        environ = {**development, "CLINIC_ENV": environment, "RATE_LIMIT_BOOKING": given}
        assert Config.from_env(environ).rate_limit_booking == expected

    def test_limit_bookings_in_production(self, production: dict[str, str]) -> None:
        assert Config.from_env(production).rate_limit_booking == 30


class TestMadeSecrets:
    def test_are_made_once_and_found_again(self, development: dict[str, str]) -> None:
        first, second = Config.from_env(development), Config.from_env(development)
        assert first.secret_key == second.secret_key
        assert first.clinic_keys == second.clinic_keys
        assert len(first.clinic_keys[0][1]) == 32

    def test_can_be_read_by_their_owner_only(self, development: dict[str, str]) -> None:
        data_dir = Config.from_env(development).data_dir
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data_dir.iterdir()}
        assert modes == {"secret_key": 0o600, "clinic_keys": 0o600}

    def test_are_the_same_for_processes_started_together(self, tmp_path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        with context.Pool(4) as pool:
            places = [{"DATA_DIR": str(tmp_path / f"data{n // 8}")} for n in range(64)]
            made = pool.map(secrets_seen, places, chunksize=1)
        for start in range(0, 64, 8):
            assert len(set(made[start : start + 8])) == 1

    def test_are_not_made_when_they_are_given(self, production: dict[str, str]) -> None:
        assert list(Config.from_env(production).data_dir.iterdir()) == []

    def test_that_were_damaged_are_a_fault_that_names_the_file(
        self, development: dict[str, str]
    ) -> None:
        damaged = Config.from_env(development).data_dir / "clinic_keys"
        damaged.write_text("k1:half", encoding="ascii")
        assert any(str(damaged) in fault for fault in faults_of(development))


def secrets_seen(environ: dict[str, str]) -> str:
    config = Config.from_env(environ)
    return f"{config.secret_key} {config.clinic_keys}"


class TestFaults:
    def test_are_all_named_together(self, development: dict[str, str]) -> None:
        wrong = {
            "CLINIC_ENV": "foo",
            "PORT": "abc",
            "DATABASE_URL": "mysql://somewhere/clinic",
            "TRUSTED_PROXIES": "-1",
            "RATE_LIMIT_BOOKING": "many",
            "BASE_URL": "clinic.example.com",
            "SMTP_URL": "http://mail",
            "MAIL_FROM": "nobody",
            "STRIPE_API_BASE": "localhost",
            "REDIS_URL": "6379",
            "LOG_LEVEL": "loud",
            "CLINIC_KEYS": "k1:short",
        }
        faults = faults_of({**development, **wrong})
        assert {fault.split()[0].rstrip(":") for fault in faults} == set(wrong)

    @pytest.mark.parametrize("port", ["0", "65536", "8000.5", "٨٠٠٠", "-1", "1e3", "9" * 30])
    def test_name_a_port_that_is_none(self, development: dict[str, str], port: str) -> None:
        assert faults_of({**development, "PORT": port})[0].startswith("PORT ")

    @pytest.mark.parametrize(
        "address",
        ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "postgresql", "nonsense", "sqlite:/x"],
    )
    def test_name_a_database_that_will_not_do(
        self, development: dict[str, str], address: str
    ) -> None:
        assert faults_of({**development, "DATABASE_URL": address})[0].startswith("DATABASE_URL ")

    @pytest.mark.parametrize(
        "ring",
        ["k1", "k1:", f":{key(1)}", f"k 1:{key(1)}", "k1:!!!!", f"k1:{key(1)},k1:{key(2)}"],
    )
    def test_name_a_key_ring_that_will_not_do(self, development: dict[str, str], ring: str) -> None:
        assert faults_of({**development, "CLINIC_KEYS": ring})[0].startswith("CLINIC_KEYS")

    def test_never_repeat_a_secret(self, development: dict[str, str]) -> None:
        environ = {**development, "CLINIC_KEYS": "k1:abcdefgh", "PORT": "x"}
        assert "abcdefgh" not in " ".join(faults_of(environ))

    def test_name_a_data_directory_that_cannot_be_made(self, tmp_path: Path) -> None:
        blocking = tmp_path / "file"
        blocking.write_text("", encoding="ascii")
        assert faults_of({"DATA_DIR": str(blocking / "data")})[0].startswith("DATA_DIR ")

    @pytest.mark.parametrize("path", ["/clinic", "?a=b", "#top"])
    def test_name_a_base_url_with_a_path(self, development: dict[str, str], path: str) -> None:
        environ = {**development, "BASE_URL": f"https://clinic.example.com{path}"}
        assert faults_of(environ)[0].startswith("BASE_URL ")


class TestReading:
    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_gives_postgresql_its_driver(self, development: dict[str, str], scheme: str) -> None:
        config = Config.from_env({**development, "DATABASE_URL": f"{scheme}://u:p@db:5432/clinic"})
        assert config.database_url == "postgresql+psycopg://u:p@db:5432/clinic"

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("sqlite:////srv/clinic.db", "sqlite:////srv/clinic.db"),
            ("sqlite:///clinic.db", f"sqlite:///{Path.cwd() / 'clinic.db'}"),
        ],
    )
    def test_makes_sqlite_paths_absolute(
        self, development: dict[str, str], given: str, expected: str
    ) -> None:
        assert Config.from_env({**development, "DATABASE_URL": given}).database_url == expected

    def test_keeps_the_order_of_the_key_ring(self, development: dict[str, str]) -> None:
        ring = f"new:{key(9)}, old:{key(1).rstrip('=')}"
        keys = Config.from_env({**development, "CLINIC_KEYS": ring}).clinic_keys
        assert [identifier for identifier, _ in keys] == ["new", "old"]
        assert keys[1][1] == bytes(range(1, 33))

    def test_takes_several_webhook_secrets_while_rotating(
        self, development: dict[str, str]
    ) -> None:
        config = Config.from_env({**development, "STRIPE_WEBHOOK_SECRET": "whsec_a, whsec_b,"})
        assert config.stripe_webhook_secrets == ("whsec_a", "whsec_b")

    def test_secures_cookies_behind_https(self, development: dict[str, str]) -> None:
        config = Config.from_env({**development, "BASE_URL": "https://clinic.example.com/"})
        settings = config.flask_settings()
        assert config.base_url == "https://clinic.example.com"
        assert settings["SESSION_COOKIE_NAME"] == "__Host-session"
        assert settings["SESSION_COOKIE_SECURE"] is True

    def test_keeps_secrets_out_of_repr(self, production: dict[str, str]) -> None:
        shown = repr(Config.from_env(production))
        assert SECRET not in shown
        assert "clinic_keys" not in shown


class TestProduction:
    def test_starts_on_real_settings(self, production: dict[str, str]) -> None:
        live = {"STRIPE_API_KEY": "rk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
        assert Config.from_env({**production, **live}).cookies_secure

    def test_starts_on_a_random_secret_with_a_word_before_it(
        self, production: dict[str, str]
    ) -> None:
        key = "secret-of-example-" + "0123456789abcdef" * 2
        assert Config.from_env({**production, "SECRET_KEY": key}).secret_key == key

    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("SECRET_KEY", ""),
            ("SECRET_KEY", "dev"),
            ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
            ("SECRET_KEY", "x" * 40),
            ("RATE_LIMIT_BOOKING", "5 per hour"),
            ("CLINIC_KEYS", ""),
            ("CLINIC_KEYS", "k1:" + "A" * 43),
            ("BASE_URL", ""),
            ("BASE_URL", "http://clinic.example.com"),
            ("STRIPE_API_KEY", "sk_test_1"),
            ("STRIPE_API_KEY", "rk_test_1"),
            ("STRIPE_API_BASE", "http://localhost:9000"),
            ("SMTP_URL", "smtp://clinic:secret@mail.example.com"),
            ("FLASK_DEBUG", "1"),
        ],
    )
    def test_refuses(self, production: dict[str, str], setting: str, value: str) -> None:
        beside = {"STRIPE_WEBHOOK_SECRET": "whsec_1", "MAIL_FROM": "clinic@example.com"}
        environ = {**production, **beside, setting: value}
        assert [fault.split()[0] for fault in faults_of(environ)] == [setting]

    def test_refuses_payments_whose_events_cannot_be_verified(
        self, production: dict[str, str]
    ) -> None:
        faults = faults_of({**production, "STRIPE_API_KEY": "sk_live_1"})
        assert faults[0].startswith("STRIPE_WEBHOOK_SECRET ")

    @pytest.mark.parametrize("key", ["sk_live_1", "rk_live_1", "pk_test_1", "nonsense"])
    def test_elsewhere_takes_test_keys_alone(self, production: dict[str, str], key: str) -> None:
        for env in ("development", "test", "demo"):
            environ = {"CLINIC_ENV": env, "DATA_DIR": production["DATA_DIR"], "STRIPE_API_KEY": key}
            assert [fault.split()[0] for fault in faults_of(environ)] == ["STRIPE_API_KEY"]

    def test_refuses_mail_from_nobody(self, production: dict[str, str]) -> None:
        faults = faults_of({**production, "SMTP_URL": "smtps://mail.example.com"})
        assert faults[0].startswith("MAIL_FROM ")

    @pytest.mark.parametrize("url", ["smtp://localhost:25", "smtp+starttls://mail.example.com"])
    def test_takes_mail_servers_that_nobody_reads_along(
        self, production: dict[str, str], url: str
    ) -> None:
        environ = {**production, "SMTP_URL": url, "MAIL_FROM": "clinic@example.com"}
        assert Config.from_env(environ).mail_server is not None

    def test_leaves_debug_off_when_it_says_so(self, production: dict[str, str]) -> None:
        assert Config.from_env({**production, "FLASK_DEBUG": "0"}).env == "production"


class TestMailServer:
    @pytest.mark.parametrize(
        ("url", "tls", "port"),
        [
            ("smtp://mail.example.com", "none", 25),
            ("smtp://mail.example.com:2525/", "none", 2525),
            ("smtp://mail.example.com?starttls", "starttls", 587),
            ("smtp+starttls://mail.example.com:25", "starttls", 25),
            ("smtps://mail.example.com", "implicit", 465),
        ],
    )
    def test_is_read_from_its_address(self, url: str, tls: str, port: int) -> None:
        server = MailServer.from_url(url)
        assert (server.host, server.tls, server.port) == ("mail.example.com", tls, port)
        assert (server.user, server.password, server.timeout_seconds) == (None, None, 10)

    def test_takes_a_password_as_addresses_write_it(self) -> None:
        server = MailServer.from_url("smtps://front%40desk:p%40ss%2Fw%3A@mail.example.com")
        assert (server.user, server.password) == ("front@desk", "p@ss/w:")
        assert "p@ss" not in repr(server)

    @pytest.mark.parametrize("more", ["/inbox", "?timeout=0", "?timeout=11", "?tls=1", "?timeout"])
    def test_refuses_what_it_does_not_know_without_the_password(
        self, development: dict[str, str], more: str
    ) -> None:
        url = f"smtp://clinic:hush-hush@mail.example.com{more}"
        faults = faults_of({**development, "SMTP_URL": url})
        assert faults[0].startswith("SMTP_URL ")
        assert "hush" not in faults[0]
