"""The demo's mailbox: what is sent to it is there to be read and answered, and can do nothing."""

import json
import smtplib
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from werkzeug.serving import make_server

from clinic.messaging.smtp import NotTaken
from clinic.messaging.twilio import TextLine
from config_sms import SmsService
from sandbox.mailbox.pages import make_app as make_pages
from sandbox.mailbox.store import MOST_MAILS, Store
from sandbox.mailbox.texts import ACCOUNT, NUMBER, TOKEN, Texts, answer, take
from tests.conftest import AppMaker
from tests.integration.scheduling.a_clinic import load
from tests.support.pages import Page
from tests.support.ports import free_port
from tests.support.server import process_environment, running_process, wait_for

CODE = "482 913"
PHONE = "+12125550143"
EVIL = "<script>document.title='owned'</script>"


@dataclass(frozen=True)
class Mailbox:
    """A running one."""

    smtp_port: int
    base_url: str
    file: Path

    def send(
        self,
        subject: str = "Your code",
        html: str = "<p>482 913</p>",
        to: str = "Ann <ann@b.example>",
    ) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@b.example", to, subject
        mail.set_content(f"{CODE} at https://riverside.example/visits/a?b=c&d {EVIL}")
        mail.add_alternative(f"<html><head></head><body>{html}</body></html>", subtype="html")
        mail.add_attachment("BEGIN:VCALENDAR", subtype="calendar", filename="visit.ics")
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as smtp:
            smtp.send_message(mail)

    def text(self, words: str = "Your visit is on Monday.", *, to: str = PHONE) -> None:
        """Send a text, as the worker does."""
        with TextLine(SmsService.from_url(sms_url(self.base_url))) as line:
            line.send(to=to, text=words)

    def get(self, path: str) -> tuple[str, dict[str, str]]:
        with urlopen(f"{self.base_url}{path}", timeout=60) as answer:  # noqa: S310 - our own
            return answer.read().decode(), dict(answer.headers)


def sms_url(base_url: str) -> str:
    host = base_url.removeprefix("http://")
    return f"twilio+http://{ACCOUNT}:{TOKEN}@{host}?from={NUMBER}&timeout=10"


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    smtp_port, http_port = free_port(), free_port()
    file = tmp_path / "mails.sqlite3"
    command = [
        *(sys.executable, "-m", "sandbox.mailbox", "--smtp-port", str(smtp_port)),
        *("--http-port", str(http_port), "--file", str(file)),
        *("--texts-webhook", f"http://127.0.0.1:{smtp_port}/nobody"),
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
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="550"):
            mailbox.send(to="ann@bounce.example")
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

    def test_shows_texts_and_says_when_an_answer_reaches_nobody(self, mailbox: Mailbox) -> None:
        mailbox.text(f"Your visit: https://riverside.example/visits/a {EVIL}")
        assert PHONE in mailbox.get("/")[0]
        html, headers = mailbox.get(f"/texts/{PHONE}")
        assert 'href="https://riverside.example/visits/a"' in html
        assert "<script>" not in html
        assert "form-action 'self'" in headers["Content-Security-Policy"]
        sent = Request(f"{mailbox.base_url}/texts/{PHONE}", data=b"words=Hello")  # noqa: S310
        with urlopen(sent, timeout=60) as answer:  # noqa: S310 - our own
            assert "The clinic did not take the answer" in answer.read().decode()
        mailbox.text(to="+12125550142")
        with pytest.raises(NotTaken, match="21211"):
            mailbox.text(to="12")


@pytest.fixture
def clinic(make_app: AppMaker) -> Iterator[str]:
    """The address of a clinic that hears what phones answer."""
    base_url = f"http://127.0.0.1:{(port := free_port())}"
    app = make_app(SMS_URL=sms_url("http://127.0.0.1:1"), BASE_URL=base_url)
    with app.app_context():
        load()
    server = make_server("127.0.0.1", port, app)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield base_url
    server.shutdown()
    thread.join()
    server.server_close()


class TestAnswer:
    def test_is_heard_by_the_clinic_and_ends_texts(self, clinic: str, tmp_path: Path) -> None:
        texts, hook = Texts(tmp_path / "mails.sqlite3"), f"{clinic}/messages/sms/webhook"
        assert take(texts, to=PHONE, words="Your visit is on Monday.")[0] == 201
        assert answer(texts, number=PHONE, words="Hello?", webhook=hook)
        assert "Nobody reads answers" in texts.of(PHONE)[-1].words
        assert answer(texts, number=PHONE, words="Stop.", webhook=hook)
        assert take(texts, to=PHONE, words="Again")[1]["code"] == 21610
        assert answer(texts, number=PHONE, words="start", webhook=hook)
        assert take(texts, to=PHONE, words="Again")[0] == 201
        assert [one.words for one in texts.latest()] == ["Again"]

    def test_is_not_believed_from_anybody_else(self, clinic: str, tmp_path: Path) -> None:
        texts = Texts(tmp_path / "mails.sqlite3")
        wrong = f"{clinic}/messages/sms/webhook?signed=otherwise"
        assert take(texts, to=PHONE, words="Hello")[0] == 201
        signed_for = f"{clinic.replace('127.0.0.1', 'localhost')}/messages/sms/webhook"
        assert not answer(texts, number=PHONE, words="STOP", webhook=signed_for)
        assert answer(texts, number=PHONE, words="Hi", webhook=wrong), "a query is signed too"

    def test_is_taken_from_our_own_account_only(self, tmp_path: Path) -> None:
        file = tmp_path / "mails.sqlite3"
        pages = make_pages(Store(file), Texts(file)).test_client()
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        assert pages.post(path, data={"To": PHONE, "Body": "x"}).status_code == 401
        assert pages.post(f"/texts/{PHONE}", data={"words": "x"}).status_code == 404
        assert pages.get(f"/texts/{PHONE}").status_code == 404


class TestStore:
    def test_keeps_the_last_few_hundred(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "mails.sqlite3")
        for number in range(MOST_MAILS + 5):
            store.add(f"Subject: {number}\r\n\r\n".encode(), recipients=["a@b.example"])
        mails = Store(tmp_path / "mails.sqlite3").list()
        assert len(mails) == MOST_MAILS
        assert mails[0].content["Subject"] == str(MOST_MAILS + 4)
