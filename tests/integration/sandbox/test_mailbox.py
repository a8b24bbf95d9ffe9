"""The demo's mailbox: what is sent to it is there to be read, and can do nothing there."""

import json
import smtplib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from sandbox.mailbox.store import MOST_MAILS, Store
from tests.support.pages import Page
from tests.support.server import free_port, process_environment, running_process, wait_for

CODE = "482 913"
EVIL = "<script>document.title='owned'</script>"


@dataclass(frozen=True)
class Mailbox:
    """A running one."""

    smtp_port: int
    base_url: str
    file: Path

    def send(self, subject: str = "Your code", html: str = "<p>482 913</p>") -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@b.example", "Ann <ann@b.example>", subject
        mail.set_content(f"{CODE} at https://riverside.example/visits/a?b=c&d {EVIL}")
        mail.add_alternative(f"<html><head></head><body>{html}</body></html>", subtype="html")
        mail.add_attachment("BEGIN:VCALENDAR", subtype="calendar", filename="visit.ics")
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=5) as smtp:
            smtp.send_message(mail)

    def get(self, path: str) -> tuple[str, dict[str, str]]:
        with urlopen(f"{self.base_url}{path}", timeout=5) as answer:  # noqa: S310 - our own
            return answer.read().decode(), dict(answer.headers)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    smtp_port, http_port = free_port(), free_port()
    file = tmp_path / "mails.sqlite3"
    command = [
        *(sys.executable, "-m", "sandbox.mailbox", "--smtp-port", str(smtp_port)),
        *("--http-port", str(http_port), "--file", str(file)),
    ]
    log = tmp_path / "mailbox.log"
    with running_process(command, environ=process_environment({}), log=log) as process:
        wait_for(f"http://127.0.0.1:{http_port}/", process=process, log=log)
        yield Mailbox(smtp_port, f"http://127.0.0.1:{http_port}", file)


class TestMailbox:
    def test_shows_what_came_as_text_html_and_files(self, mailbox: Mailbox) -> None:
        assert "Nothing came yet" in mailbox.get("/")[0]
        mailbox.send()
        mailbox.send("Second & last")
        inbox = Page(path="/", status=200, html=mailbox.get("/")[0])
        assert inbox.h1 == "Mailbox"
        assert inbox.html.index("Second &amp; last") < inbox.html.index("Your code")
        mail = Page(path="/mails/1", status=200, html=mailbox.get("/mails/1")[0])
        assert mail.h1 == "Your code"
        assert CODE in mail.html
        assert 'href="https://riverside.example/visits/a?b=c&amp;d"' in mail.html
        assert mailbox.get("/mails/1/files/0")[0].strip() == "BEGIN:VCALENDAR"

    def test_lets_a_mail_do_nothing(self, mailbox: Mailbox) -> None:
        mailbox.send(EVIL, EVIL)
        for path in ("/", "/mails/1"):
            html, headers = mailbox.get(path)
            assert "<script>" not in html
            assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        _, headers = mailbox.get("/mails/1/html")
        assert headers["Content-Security-Policy"].startswith("sandbox allow-popups")
        assert "allow-scripts" not in json.dumps(headers)

    @pytest.mark.parametrize("path", ["/mails/9", "/mails/9/html", "/mails/9/files/0", "/x"])
    def test_knows_what_it_has_not(self, mailbox: Mailbox, path: str) -> None:
        with pytest.raises(HTTPError, match="404"):
            mailbox.get(path)

    def test_keeps_its_file_to_its_owner(self, mailbox: Mailbox) -> None:
        assert mailbox.file.stat().st_mode & 0o777 == 0o600


class TestStore:
    def test_keeps_the_last_few_hundred(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "mails.sqlite3")
        for number in range(MOST_MAILS + 5):
            store.add(f"Subject: {number}\r\n\r\n".encode(), recipients=["a@b.example"])
        mails = Store(tmp_path / "mails.sqlite3").list()
        assert len(mails) == MOST_MAILS
        assert mails[0].content["Subject"] == str(MOST_MAILS + 4)
