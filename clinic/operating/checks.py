"""Is this installation fit for real patients: each check says what it found and what to do.

A failure is what must not be where patients are; a warning is what somebody should decide upon.
"""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from clinic.core.db import db
from clinic.core.heartbeat import is_alive
from clinic.core.migrations import is_migrated
from clinic.operating.queries import count_staff_without_second_factor
from config import Config

OTHERS = stat.S_IRWXG | stat.S_IRWXO
SECRET_FILES = ("secret_key", "clinic_keys", ".env")


class Level(Enum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``remedy`` says what to do about it."""

    level: Level
    name: str
    says: str
    remedy: str = ""


def check_deployment(
    *, config: Config, environ: Mapping[str, str], now: datetime, home: Path
) -> list[Check]:
    """Every check, in the order in which to mend things. ``home`` is where settings may lie."""
    return [
        *_settings(config, environ),
        *_files(config, home),
        *_database(now),
    ]


def _settings(config: Config, environ: Mapping[str, str]) -> Iterator[Check]:
    yield _judge(
        config.env == "production",
        "environment",
        f"CLINIC_ENV is {config.env}",
        remedy="Set CLINIC_ENV=production: it refuses to start on what is never right there.",
    )
    yield _judge(
        config.cookies_secure,
        "https",
        f"BASE_URL is {config.base_url}",
        remedy="Set BASE_URL to the clinic's https:// address: cookies are Secure only then.",
    )
    for name in ("SECRET_KEY", "CLINIC_KEYS"):
        yield _judge(
            bool(environ.get(name)),
            name,
            "is set" if environ.get(name) else "was made under DATA_DIR",
            remedy=f"Set {name} and keep it apart from the data and its backups.",
        )
    yield _judge(
        config.trusted_proxies > 0,
        "proxies",
        f"TRUSTED_PROXIES is {config.trusted_proxies}",
        otherwise=Level.WARN,
        remedy="With a proxy in front, say how many: else all visitors share one address.",
    )
    yield _judge(
        config.mail_server is not None,
        "mail",
        "SMTP_URL is set" if config.mail_server else "no SMTP_URL: mail goes to the sandbox only",
        otherwise=Level.WARN,
        remedy="Set SMTP_URL and MAIL_FROM: codes and confirmations reach nobody without them.",
    )
    yield _judge(
        config.rate_limit_booking is not None,
        "rate limit",
        f"RATE_LIMIT_BOOKING is {config.rate_limit_booking or 'off'}",
        remedy="Leave RATE_LIMIT_BOOKING at its default, or set bookings per minute.",
    )
    yield _judge(
        config.log_level != "DEBUG",
        "log level",
        f"LOG_LEVEL is {config.log_level}",
        otherwise=Level.WARN,
        remedy="Set LOG_LEVEL=INFO: libraries write more at DEBUG than they should keep.",
    )


def _files(config: Config, home: Path) -> Iterator[Check]:
    places = [config.data_dir, *(config.data_dir / name for name in SECRET_FILES), home / ".env"]
    open_ones = [path for path in places if path.exists() and path.stat().st_mode & OTHERS]
    yield _judge(
        not open_ones,
        "permissions",
        "only the owner reads DATA_DIR and keys"
        if not open_ones
        else "others on this machine may read " + ", ".join(str(path) for path in open_ones),
        remedy="chmod -R go-rwx what is named, and run the product under an account of its own.",
    )


def _database(now: datetime) -> Iterator[Check]:
    try:
        migrated = is_migrated()
    except SQLAlchemyError as error:
        db.session.rollback()
        says = f"does not answer ({type(error).__name__})"
        yield Check(Level.FAIL, "database", says, "Start it, and look at DATABASE_URL.")
        return
    yield _judge(
        migrated,
        "database",
        "answers, its tables are those of this version" if migrated else "is not migrated",
        remedy="Run flask --app wsgi db upgrade.",
    )
    if migrated:
        yield from _people_and_worker(now)


def _people_and_worker(now: datetime) -> Iterator[Check]:
    alive = is_alive(part="worker", now=now)
    yield _judge(
        alive,
        "worker",
        "was heard of in the last 30 seconds" if alive else "was not heard of lately",
        remedy="Start flask --app wsgi worker: mail, expiry and sealing wait for it.",
    )
    without = count_staff_without_second_factor()
    yield _judge(
        without == 0,
        "second factor",
        f"{without} accounts sign in with a password alone",
        otherwise=Level.WARN,
        remedy="Ask each of them to add an authenticator app on their account's page.",
    )


def _judge(
    is_fine: bool,
    name: str,
    says: str,
    *,
    remedy: str,
    otherwise: Level = Level.FAIL,
) -> Check:
    return Check(Level.OK if is_fine else otherwise, name, says, remedy)
