"""Every kind of message in words: complete, and with nothing in it that tells on anybody."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from clinic.messaging.letters import Texts, render_texts
from clinic.messaging.rules import KINDS, SMS_KINDS, Letterhead
from clinic.messaging.wording import OwnWords
from tests.support.pages import Page

TEMPLATES = Path(__file__).resolve().parents[3] / "templates" / "messages"


@dataclass(frozen=True)
class SampleVisit:
    day: str = "Tuesday, March 3"
    short_day: str = "Tue, Mar 3"
    time: str = "10:00 AM"
    zone: str = "New York (Eastern Time)"
    service: str = "Knee <b>rehab</b>"
    practitioner: str = "Amara Osei"
    place: tuple[str, ...] = ("Main office", "1 Example Street")
    path: str = "/visits/abc"
    is_confirmed: bool = False
    own_times: tuple[str, ...] = ("Where you are: Tuesday, March 3, 7:00 AM",)


SAMPLES: Mapping[str, object] = {
    "clinic": Letterhead("Riverside & Rehab", "+12125550100"),
    "name": "Ann <Lee>",
    "site": "https://riverside.example",
    "link": "https://riverside.example/set-up/abc",
    "code": "482 913",
    "minutes": "10",
    "total": "$350.00",
    "paid": "$350.00",
    "refunded": "$50.00",
    "needs_time": False,
    "changes": ("2 visits were booked", "1 visit was cancelled"),
}
COUNTED = [(kind, n) for kind in KINDS for n in ((1, 3) if "visit-" in kind else (1,))]
pytestmark = pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)


@pytest.fixture
def texts(in_app: Flask, kind: str, visits: int) -> Texts:
    more = {"visits": (SampleVisit(),) * visits} if "visit-" in kind else {}
    return render_texts(kind=kind, values={**SAMPLES, **more}, language="en")


@pytest.mark.parametrize(("kind", "visits"), COUNTED)
class TestKind:
    def test_is_readable_as_text(self, texts: Texts) -> None:
        assert texts.text.startswith("Hello Ann <Lee>,\n\n")
        assert "Riverside & Rehab, (212) 555-0100" in texts.text
        assert not re.search(r"\n{3}|&amp;|&#|\{\{|%\(", texts.text)
        assert all(len(line) < 500 for line in texts.text.splitlines())

    def test_is_sound_html_that_fetches_nothing(self, texts: Texts) -> None:
        page = Page(path="message", status=200, html=texts.html)
        assert page.title == page.h1 != ""
        assert not re.search(r"<(img|link|script|iframe|object|svg)|url\(|@import", texts.html)
        assert "Ann &lt;Lee&gt;" in texts.html
        assert "<b>" not in texts.html
        assert not re.search(r"\{\{|%\(", texts.html)

    def test_has_a_subject_that_tells_on_nobody(self, texts: Texts) -> None:
        assert "Riverside & Rehab" in texts.subject
        assert "\n" not in texts.subject
        assert not {"Ann", "Knee", "Osei", "482"} & set(re.findall(r"\w+", texts.subject))

    def test_names_every_link_in_both_bodies(self, texts: Texts) -> None:
        in_html = set(re.findall(r'href="(https[^"]+)"', texts.html))
        assert in_html == set(re.findall(r"https\S+", texts.text))


class TestKinds:
    def test_each_have_their_templates_and_no_other(self, in_app: Flask) -> None:
        folders = {path.parent.name for path in TEMPLATES.glob("*/subject.txt")}
        assert folders == set(KINDS)
        for kind in KINDS:
            names = {path.name for path in (TEMPLATES / kind).iterdir()}
            texts = {"sms.txt"} if kind in SMS_KINDS else set()
            assert names == {"subject.txt", "body.txt", "body.html"} | texts


class TestGreeting:
    def test_leaves_no_gap_where_no_name_is_told(self, in_app: Flask) -> None:
        values = {**SAMPLES, "name": ""}
        texts = render_texts(kind="sign-in-code", values=values, language="en")
        assert texts.text.startswith("Hello,\n\n")
        assert "<p>Hello,</p>" in texts.html


class TestWordsFromTheRight:
    def test_keep_the_order_of_numbers_inside(self, in_app: Flask) -> None:
        own = OwnWords(subject="{clinic}", body="اتصل {phone}\n\n{code}", words="{booking}")
        told = [
            render_texts(kind="sign-in-code", values=SAMPLES, language=language, own=own)
            for language in ("ar", "es")
        ]
        for body in (told[0].text, told[0].html):
            assert "\u2068(212) 555-0100\u2069" in body
            assert re.search(r"(?<!\u2068)482 913(?!\u2069)", body)
            assert re.search(r"/book(?!\u2069)", body)
        assert told[0].subject == "Riverside & Rehab"
        assert "\u2068" not in told[1].text
