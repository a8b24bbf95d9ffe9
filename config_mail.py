"""SMTP_URL as a value: who takes our mail, and how the line to them is kept closed."""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

Tls = Literal["none", "starttls", "implicit"]

SCHEMES = ("smtp", "smtp+starttls", "smtps")
LONGEST_TIMEOUT = 10
PORTS: dict[Tls, int] = {"none": 25, "starttls": 587, "implicit": 465}
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Who takes our mail. `tls` says when the line is closed: at once, by STARTTLS, or never."""

    host: str
    port: int
    tls: Tls
    user: str | None
    password: str | None = field(repr=False)
    timeout_seconds: int

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """smtp:// (plain, or with ?starttls), smtp+starttls:// or smtps://; ?timeout in seconds.

        Raises ValueError with a sentence for the operator; it never repeats the password.
        """
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        timeout = asked.pop("timeout", str(LONGEST_TIMEOUT))
        wants_starttls = asked.pop("starttls", None) is not None
        if asked or parts.path.strip("/") or not re.fullmatch(r"[1-9]|10", timeout):
            raise ValueError(
                f"SMTP_URL takes ?starttls and ?timeout=SECONDS (1 to {LONGEST_TIMEOUT}),"
                " and nothing else behind the host."
            )
        tls: Tls = "none"
        if parts.scheme == "smtps":
            tls = "implicit"
        elif wants_starttls or parts.scheme == "smtp+starttls":
            tls = "starttls"
        return cls(
            host=parts.hostname or "",
            port=parts.port or PORTS[tls],
            tls=tls,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            timeout_seconds=int(timeout),
        )

    @property
    def is_open(self) -> bool:
        """Whether mail would cross a network that others can read along."""
        return self.tls == "none" and self.host not in THIS_MACHINE
