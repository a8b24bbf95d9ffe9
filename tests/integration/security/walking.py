"""A walk over all pages that somebody can reach by links and forms, one page of each kind."""

from collections import deque
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.support.pages import Form, Page, check_page

ENDING = ("/sign-out", "/portal/sign-out", "/portal/sign-out-everywhere", "/account/sessions/end")
"""What ends the walk of whoever sends it."""

UNWRITABLE = dict.fromkeys({*range(32), 127} - set(b"\t\n\r"))
"""A field keeps the control characters that were typed into it; HTML has no spelling for them."""


class Walk:
    """Follows links, and where forms lead; each page that is met must keep the rules of all."""

    def __init__(self, app: Flask, client: FlaskClient, starts: Iterable[str]) -> None:
        self.client = client
        self.met: list[str] = []
        self._map = app.url_map.bind("localhost")
        self._ahead = deque(starts)
        self._kinds: set[str] = set()

    def pages(self) -> Iterator[Page]:
        """Every kind of page once, links being followed while one looks at them."""
        while self._ahead:
            path = self._ahead.popleft()
            kind = self._kind(path)
            if kind is None or kind in self._kinds:
                continue
            page = self._read(path, self.client.get(path, buffered=True))
            if page is not None and page.status == 200:
                self._kinds.add(kind)
                self.met.append(path)
                self._ahead.extend(page.links())
                yield page

    def forms(self) -> Iterator[tuple[Page, Form]]:
        """Every kind of form of every page once."""
        known = set()
        for page in self.pages():
            for form in page.forms:
                target = (self._kind(form.action), form.method, frozenset(form.values))
                if urlsplit(form.action).path not in ENDING and target not in known:
                    known.add(target)
                    yield page, form

    def send(self, form: Form, values: dict[str, list[str]]) -> Page | None:
        """Send the form with these values and its first button; the page that answers, if any."""
        pressed = {name: [value] for name, value in form.buttons[:1]}
        sent = {**pressed, **values}
        if form.method == "get":
            path = urlsplit(form.action).path
            return self._read(path, self.client.get(path, query_string=sent, buffered=True))
        return self._read(form.action, self.client.post(form.action, data=sent, buffered=True))

    def _kind(self, path: str) -> str | None:
        parts = urlsplit(path)
        if parts.netloc or parts.scheme or not parts.path.startswith("/"):
            return None
        try:
            endpoint, _values = self._map.match(parts.path, method="GET")
        except HTTPException:
            return parts.path  # a form may post where no page is
        return str(endpoint)

    def _read(self, path: str, answer: TestResponse) -> Page | None:
        assert answer.status_code < 500, (path, answer.status_code)
        location = answer.headers.get("Location")
        if location:
            self._ahead.append(location)
            return None
        if answer.mimetype != "text/html":
            return None
        html = answer.text.translate(UNWRITABLE)
        page = Page(path=path, status=answer.status_code, html=html)
        check_page(page)
        return page
