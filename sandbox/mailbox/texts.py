"""Text messages in the mailbox: taken as Twilio takes them, read on a page, and answered there.

What somebody answers goes to the clinic's webhook, signed with the account's token as Twilio signs
it. After STOP the stand-in takes nothing more for that number until START, as carriers do.
"""

import base64
import hashlib
import hmac
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "sandbox-token-that-opens-nothing", "+12125550199"
MOST_TEXTS = 300
LONGEST = 1600
SECONDS = 5
_STOPS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
_STARTS = frozenset({"start", "yes", "unstop"})
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it came: from the clinic, or (``is_answer``) from the phone of that number."""

    id: int
    at: datetime
    number: str
    is_answer: bool
    words: str


class Texts:
    """The last few hundred texts, beside the mails in their file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch(mode=0o600)
        with self._open() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY AUTOINCREMENT,"
                " at TEXT NOT NULL, number TEXT NOT NULL, is_answer INTEGER NOT NULL,"
                " words TEXT NOT NULL)"
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
            yield connection

    def add(self, *, number: str, words: str, is_answer: bool = False) -> int:
        """Keep one more text; answers its number."""
        row = (datetime.now(UTC).isoformat(timespec="seconds"), number, is_answer, words)
        with self._open() as connection:
            added = connection.execute(
                "INSERT INTO texts (at, number, is_answer, words) VALUES (?, ?, ?, ?)", row
            )
            connection.execute(
                "DELETE FROM texts WHERE id <= (SELECT max(id) FROM texts) - ?", (MOST_TEXTS,)
            )
        return added.lastrowid or 0

    def latest(self) -> list[Text]:
        """The last text of each number, the newest first."""
        return self._list(
            "WHERE id IN (SELECT max(id) FROM texts GROUP BY number) ORDER BY id DESC"
        )

    def of(self, number: str) -> list[Text]:
        """What was written to and from a number, the oldest first."""
        return self._list("WHERE number = ? ORDER BY id", number)

    def has_stopped(self, number: str) -> bool:
        """Whether the phone's last word on it was STOP."""
        said = [_word(text.words) for text in self.of(number) if text.is_answer]
        asked = [word for word in said if word in _STOPS | _STARTS]
        return bool(asked) and asked[-1] in _STOPS

    def _list(self, which: str, *values: str) -> list[Text]:
        asked = f"SELECT id, at, number, is_answer, words FROM texts {which}"  # noqa: S608 - ours
        with self._open() as connection:
            rows = connection.execute(asked, values).fetchall()
        return [
            Text(row[0], datetime.fromisoformat(row[1]), row[2], bool(row[3]), row[4])
            for row in rows
        ]


def _word(words: str) -> str:
    return words.strip().strip(".!").casefold()


def take(texts: Texts, *, to: str, words: str) -> tuple[int, dict[str, object]]:
    """Take a text of the clinic; answers a status and JSON as Twilio's Messages API gives them."""
    if not _E164.fullmatch(to):
        return 400, {"code": 21211, "message": "The 'To' number is not a valid phone number."}
    if not 0 < len(words) <= LONGEST:
        return 400, {"code": 21617, "message": "The message body is empty or too long."}
    if texts.has_stopped(to):
        return 400, {"code": 21610, "message": "The recipient has answered STOP."}
    return 201, {"sid": f"SM{texts.add(number=to, words=words):032x}", "status": "queued"}


def answer(texts: Texts, *, number: str, words: str, webhook: str) -> bool:
    """Send what a phone answers to the clinic, and keep what the clinic says to that.

    False when the clinic did not take it.
    """
    ident = texts.add(number=number, words=words, is_answer=True)
    fields = {"MessageSid": f"SM{ident:032x}", "From": number, "To": NUMBER, "Body": words}
    asked = Request(  # noqa: S310 - the address that the demo was started with
        webhook,
        data=urlencode(fields).encode(),
        headers={"X-Twilio-Signature": _signature(webhook, fields)},
    )
    try:
        with urlopen(asked, timeout=SECONDS) as answered:  # noqa: S310 - the same
            said = answered.read().decode()
    except (HTTPException, OSError):
        return False
    for message in ET.fromstring(said).iter("Message"):  # noqa: S314 - our own clinic's
        texts.add(number=number, words=message.text or "")
    return True


def _signature(url: str, fields: dict[str, str]) -> str:
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    return base64.b64encode(
        hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
    ).decode()
