"""Every setting of the product, typed, read once from the environment.

`Config.from_env` looks at all settings before it gives up, so that whoever installs the clinic
sees every fault at once. Outside production each setting has a working default; in production
nothing that protects patients has one. `.env.example` explains each setting.
"""

import base64
import binascii
import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

from config_mail import SCHEMES as MAIL_SCHEMES
from config_mail import MailServer
from config_sms import SCHEMES as SMS_SCHEMES
from config_sms import SmsService

Environment = Literal["demo", "development", "test", "production"]
KeyRing = tuple[tuple[str, bytes], ...]

ENVIRONMENTS: tuple[Environment, ...] = ("demo", "development", "test", "production")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
ROOT = Path(__file__).resolve().parent
KEY_BYTES = 32
SHORTEST_SECRET = 32
LARGEST_REQUEST = 4 * 1024 * 1024
BOOKINGS_PER_MINUTE = 30
BOOKING_RATE = re.compile(r"([1-9][0-9]{0,5})(?:\s*(?:/|per)\s*min(?:ute)?)?", re.IGNORECASE)
LAST_PORT = 65535
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})
PLACEHOLDER = re.compile(r"change|example|secret|default|placeholder|replace|x{8}", re.IGNORECASE)
RANDOM = re.compile(r"(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{32}")
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class ConfigError(Exception):
    """The environment cannot be used; `faults` has one sentence for each wrong setting."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        lines = "\n".join(f"  - {fault}" for fault in faults)
        super().__init__(f"The settings cannot be used:\n{lines}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one process. Secrets are kept out of `repr`.

    `clinic_keys` is the ring of encryption keys as (id, 32 bytes); the first one encrypts, all of
    them decrypt. `rate_limit_booking` counts per minute and address; None switches it off.
    `trusted_proxies` is how many proxies in front may set X-Forwarded headers.
    """

    env: Environment
    data_dir: Path
    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    clinic_keys: KeyRing = field(repr=False)
    base_url: str
    trusted_proxies: int
    rate_limit_booking: int | None
    mail_server: MailServer | None
    mail_from: str
    sms_service: SmsService | None
    stripe_api_key: str | None = field(repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(repr=False)
    stripe_api_base: str | None
    redis_url: str | None = field(repr=False)
    port: int
    log_level: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Config":
        """Read all settings; ConfigError names every one that is missing or wrong.

        Outside production a missing SECRET_KEY or CLINIC_KEYS is made once under DATA_DIR, in a
        file only its owner can read, and found there by every later process.
        """
        reader = _Reader(environ)
        env = reader.environment()
        data_dir = reader.data_dir()
        port = reader.number("PORT", default=8000, lowest=1, highest=LAST_PORT)
        values: dict[str, Any] = {
            "env": env,
            "data_dir": data_dir,
            "database_url": reader.database_url(data_dir),
            "base_url": reader.base_url(port),
            "trusted_proxies": reader.number("TRUSTED_PROXIES", default=0, lowest=0, highest=10),
            "rate_limit_booking": reader.rate_limit(env),
            "mail_server": reader.mail_server(env),
            "mail_from": reader.mail_from(env),
            "sms_service": reader.sms_service(env),
            "stripe_api_key": reader.text("STRIPE_API_KEY"),
            "stripe_webhook_secrets": reader.words("STRIPE_WEBHOOK_SECRET"),
            "stripe_api_base": reader.url("STRIPE_API_BASE", ("http", "https")),
            "redis_url": reader.url("REDIS_URL", ("redis", "rediss", "unix")),
            "port": port,
            "log_level": reader.choice("LOG_LEVEL", LOG_LEVELS, default="INFO"),
        }
        secret_key, clinic_keys = reader.text("SECRET_KEY"), reader.key_ring()
        reader.refuse_live_payments(env)
        if env == "production":
            reader.refuse_in_production(secret_key=secret_key, clinic_keys=clinic_keys)
        reader.stop_at_faults()
        values["secret_key"] = secret_key or reader.made("secret_key", data_dir, _new_secret)
        values["clinic_keys"] = clinic_keys or reader.made_key_ring(data_dir)
        reader.stop_at_faults()
        return cls(**values)

    @property
    def cookies_secure(self) -> bool:
        """Whether cookies are `__Host-` and Secure: when people reach the clinic by https."""
        return self.base_url.startswith("https://")

    @property
    def second_factor_demanded(self) -> bool:
        """Whether staff can do nothing before they have a second factor: where patients are."""
        return self.env == "production"

    def flask_settings(self) -> dict[str, Any]:
        """What Flask and its extensions read from `app.config`.

        A request may be larger than any field: an entry that is too long is answered at its
        field, with what was typed kept, and not by the server's bare 413.
        """
        prefix = "__Host-" if self.cookies_secure else ""
        return {
            "SECRET_KEY": self.secret_key,
            "TESTING": self.env == "test",
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "PREFERRED_URL_SCHEME": "https" if self.cookies_secure else "http",
            "SESSION_COOKIE_NAME": f"{prefix}session",
            "SESSION_COOKIE_SECURE": self.cookies_secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_PATH": "/",
            "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
            "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST,
            "WTF_CSRF_TIME_LIMIT": None,  # a form left open over lunch is not lost
        }


class _Reader:
    """Reads settings one by one and remembers every fault on the way. Empty means not set."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def fault(self, sentence: str) -> None:
        self.faults.append(sentence)

    def stop_at_faults(self) -> None:
        if self.faults:
            raise ConfigError(self.faults)

    def text(self, name: str) -> str | None:
        return self.environ.get(name, "").strip() or None

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in (self.text(name) or "").split(",") if word.strip())

    def choice(self, name: str, allowed: tuple[str, ...], *, default: str) -> str:
        value = (self.text(name) or default).upper()
        if value not in allowed:
            self.fault(f"{name} must be one of {', '.join(allowed)}; it is {value!r}.")
        return value

    def environment(self) -> Environment:
        value = self.text("CLINIC_ENV") or "development"
        for environment in ENVIRONMENTS:
            if value == environment:
                return environment
        self.fault(f"CLINIC_ENV must be one of {', '.join(ENVIRONMENTS)}; it is {value!r}.")
        return "development"

    def number(self, name: str, *, default: int, lowest: int, highest: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        number = int(value) if re.fullmatch(r"[0-9]{1,9}", value) else -1
        if not lowest <= number <= highest:
            self.fault(
                f"{name} must be a whole number from {lowest} to {highest}; it is {value!r}."
            )
            return default
        return number

    def data_dir(self) -> Path:
        given = self.text("DATA_DIR")
        path = Path(given).expanduser().absolute() if given else ROOT / "instance"
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            self.fault(f"DATA_DIR {path} cannot be made: {error.strerror}.")
            return path
        if not os.access(path, os.W_OK | os.X_OK):
            self.fault(f"DATA_DIR {path} cannot be written.")
        return path

    def split(self, name: str, value: str) -> SplitResult | None:
        """The parts of an address; None, with the fault noted, when it is none."""
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError:
            self.fault(f"{name} is not an address.")
            return None
        return parts

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        parts = self.split(name, value)
        if parts is None:
            return None
        place = parts.path if parts.scheme == "unix" else parts.hostname
        if parts.scheme not in schemes or not place:
            starts = " or ".join(f"{scheme}://" for scheme in schemes)
            self.fault(f"{name} must start with {starts} and name a host.")
        return value.rstrip("/")

    def base_url(self, port: int) -> str:
        value = self.url("BASE_URL", ("http", "https")) or f"http://localhost:{port}"
        if value.count("/") != len("//") or set("?#@") & set(value):
            self.fault("BASE_URL must be a scheme, a host and a port at most, without a path.")
        return value

    def database_url(self, data_dir: Path) -> str:
        value = self.text("DATABASE_URL")
        if value is None:
            return f"sqlite:///{data_dir / 'clinic.sqlite3'}"
        scheme, _, rest = value.partition("://")
        if rest and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
            self.split("DATABASE_URL", value)
            return f"postgresql+psycopg://{rest}"
        path = rest.removeprefix("/")
        if scheme != "sqlite" or not rest.startswith("/") or path in {"", ":memory:"}:
            self.fault("DATABASE_URL must be postgresql://... or sqlite:///path/of/a/file.")
            return value
        return f"sqlite:///{Path(path).absolute()}"

    def rate_limit(self, env: Environment) -> int | None:
        value = self.text("RATE_LIMIT_BOOKING")
        if value is None:
            return BOOKINGS_PER_MINUTE if env in {"production", "demo"} else None
        if value.lower() == "off":
            return None
        found = BOOKING_RATE.fullmatch(value)
        if found is None:
            self.fault(f"RATE_LIMIT_BOOKING must be bookings per minute or 'off'; it is {value!r}.")
            return None
        return int(found[1])

    def mail_server(self, env: Environment) -> MailServer | None:
        value = self.url("SMTP_URL", MAIL_SCHEMES)
        try:
            server = MailServer.from_url(value) if value else None
        except ValueError as error:
            self.fault(str(error))
            return None
        if env == "production" and server is not None and server.is_open:
            self.fault("SMTP_URL must be smtps:// or smtp+starttls:// in production.")
        return server

    def mail_from(self, env: Environment) -> str:
        value = self.text("MAIL_FROM") or "Clinic <clinic@example.com>"
        if env == "production" and self.text("SMTP_URL") and not self.text("MAIL_FROM"):
            self.fault("MAIL_FROM is needed beside SMTP_URL in production.")
        if not re.fullmatch(r"(?:[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)", value):
            self.fault("MAIL_FROM must be an address: name@host or Name <name@host>.")
        return value

    def sms_service(self, env: Environment) -> SmsService | None:
        value = self.url("SMS_URL", SMS_SCHEMES)
        try:
            service = SmsService.from_url(value) if value else None
        except ValueError as error:
            self.fault(str(error))
            return None
        if env == "production" and service is not None and service.is_open:
            self.fault("SMS_URL must be twilio:// in production.")
        return service

    def key_ring(self) -> KeyRing:
        return self.parse_keys("CLINIC_KEYS", self.text("CLINIC_KEYS") or "")

    def parse_keys(self, name: str, text: str) -> KeyRing:
        """`id:base64url` pairs, separated by commas; the fault never repeats the key."""
        ring: dict[str, bytes] = {}
        for place, word in enumerate((word for word in text.split(",") if word.strip()), start=1):
            identifier, _, encoded = word.strip().partition(":")
            key = _decoded(encoded)
            if not KEY_ID.fullmatch(identifier) or key is None:
                self.fault(f"{name}: entry {place} must be id:base64url of {KEY_BYTES} bytes.")
            elif identifier in ring:
                self.fault(f"{name}: the id {identifier!r} is there twice.")
            else:
                ring[identifier] = key
        return tuple(ring.items())

    def refuse_in_production(self, *, secret_key: str | None, clinic_keys: KeyRing) -> None:
        """What may be convenient elsewhere and is never right where real patients are."""
        if secret_key is None:
            self.fault("SECRET_KEY is needed in production.")
        elif len(secret_key) < SHORTEST_SECRET or (
            PLACEHOLDER.search(secret_key) and not RANDOM.search(secret_key)
        ):
            self.fault(f"SECRET_KEY must be {SHORTEST_SECRET} or more characters made at random.")
        if not self.text("CLINIC_KEYS"):
            self.fault("CLINIC_KEYS is needed in production.")
        if any(len(set(key)) < KEY_BYTES // 4 for _, key in clinic_keys):
            self.fault("CLINIC_KEYS must be made at random.")
        if not (self.text("BASE_URL") or "").startswith("https://"):
            self.fault("BASE_URL must be the clinic's https:// address in production.")
        self._refuse_test_payments()
        if any(
            self.environ.get(name, "").strip().lower() not in FALSE_WORDS
            for name in ("FLASK_DEBUG", "WERKZEUG_DEBUG_PIN")
        ):
            self.fault("FLASK_DEBUG and WERKZEUG_DEBUG_PIN must be off in production.")

    def refuse_live_payments(self, env: Environment) -> None:
        """A key that moves real money belongs to production alone."""
        key = self.text("STRIPE_API_KEY") or ""
        if env != "production" and key.startswith(("sk_live_", "rk_live_")):
            self.fault("STRIPE_API_KEY must be a test key outside production.")
        if key and not key.startswith(("sk_", "rk_")):
            self.fault("STRIPE_API_KEY must be a secret or restricted key: sk_... or rk_....")

    def _refuse_test_payments(self) -> None:
        key = self.text("STRIPE_API_KEY")
        if key and not key.startswith(("sk_live_", "rk_live_")):
            self.fault("STRIPE_API_KEY must be a live key in production.")
        if key and not self.words("STRIPE_WEBHOOK_SECRET"):
            self.fault("STRIPE_WEBHOOK_SECRET is needed beside STRIPE_API_KEY in production.")
        if self.text("STRIPE_API_BASE"):
            self.fault("STRIPE_API_BASE is for tests; it must not be set in production.")

    def made(self, name: str, data_dir: Path, make: Callable[[], str]) -> str:
        """The secret of that name under DATA_DIR, made now if there is none yet."""
        path = data_dir / name
        try:
            if not path.exists():
                _publish(path, make())
            return path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.fault(f"{path} cannot be made or read: {error}.")
            return ""

    def made_key_ring(self, data_dir: Path) -> KeyRing:
        text = self.made("clinic_keys", data_dir, lambda: f"k1:{_new_secret()}")
        ring = self.parse_keys(str(data_dir / "clinic_keys"), text)
        if not ring:
            self.fault(f"{data_dir / 'clinic_keys'} holds no key.")
        return ring


def _new_secret() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def _decoded(text: str) -> bytes | None:
    """The 32 bytes that base64url text stands for, with or without padding; else None."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+={0,2}", text):
        return None
    try:
        key = base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except binascii.Error:
        return None
    return key if len(key) == KEY_BYTES else None


def _publish(path: Path, text: str) -> None:
    """Put a file in place whole or not at all; the first of several processes wins.

    A hard link fails when the name is taken, so nobody ever reads half a secret or replaces one
    that another process has begun to use.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another was first: theirs is the one to use
            os.link(temporary, path)
    finally:
        Path(temporary).unlink()
