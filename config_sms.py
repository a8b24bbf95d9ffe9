"""SMS_URL as a value: who takes our text messages, under which number, and how we sign in there."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("twilio", "twilio+http")
LONGEST_TIMEOUT = 10
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SENDER = re.compile(r"\+[1-9][0-9]{6,14}|MG[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsService:
    """Who takes our texts. `sender` is a number in E.164 or the id of a messaging service.

    `token` signs us in there, and signs what they tell us.
    """

    base: str
    account: str
    token: str = field(repr=False)
    sender: str
    timeout_seconds: int

    @classmethod
    def from_url(cls, url: str) -> "SmsService":
        """twilio://ACCOUNT:TOKEN@api.twilio.com?from=+12125550100, and ?timeout in seconds.

        `twilio+http` is a stand-in's plain line. Raises ValueError with a sentence for the
        operator; it never repeats the token.
        """
        parts = urlsplit(url)
        # A plus is a space in a query; numbers are written with one all the same.
        asked = dict(parse_qsl(parts.query.replace("+", "%2B"), keep_blank_values=True))
        timeout = asked.pop("timeout", str(LONGEST_TIMEOUT))
        sender = asked.pop("from", "")
        account, token = unquote(parts.username or ""), unquote(parts.password or "")
        if not _ACCOUNT.fullmatch(account) or not token:
            raise ValueError(
                "SMS_URL needs ACCOUNT:TOKEN before the host, ACCOUNT as AC and 32 digits."
            )
        if not _SENDER.fullmatch(sender):
            raise ValueError("SMS_URL needs ?from=: a number (+12125550100) or a service (MG...).")
        if asked or parts.path.strip("/") or not re.fullmatch(r"[1-9]|10", timeout):
            raise ValueError(
                f"SMS_URL takes ?from and ?timeout=SECONDS (1 to {LONGEST_TIMEOUT}),"
                " and nothing else behind the host."
            )
        scheme = "http" if parts.scheme == "twilio+http" else "https"
        port = f":{parts.port}" if parts.port else ""
        return cls(
            base=f"{scheme}://{parts.hostname}{port}",
            account=account,
            token=token,
            sender=sender,
            timeout_seconds=int(timeout),
        )

    @property
    def is_open(self) -> bool:
        """Whether texts would cross a network that others can read along."""
        return self.base.startswith("http://")
