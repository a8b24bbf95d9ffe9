"""A browser without a window: follows pages of the app and checks every one it sees."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.pages import Form, Page, check_page

REDIRECTS = frozenset({301, 302, 303, 307, 308})
FARTHEST = 5
Values = Mapping[str, str | Iterable[str]]


class PageClient:
    """One visitor with a cookie jar. Every HTML answer must keep the rules of all pages.

    `get` and `post` name the status they expect (of the last page when redirects are followed),
    so that a test never goes on from a page it did not mean.
    """

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page = Page(path="", status=0, html="")

    def get(self, path: str, *, status: int = 200, follow: bool = True) -> Page:
        """The page at that address."""
        return self._arrive(self.client.get(path), path=path, status=status, follow=follow)

    def post(
        self, path: str, values: Values | None = None, *, status: int = 200, follow: bool = True
    ) -> Page:
        """What answers these values, sent as a form exactly as given: no CSRF token is added."""
        answer = self.client.post(path, data=dict(values or {}))
        return self._arrive(answer, path=path, status=status, follow=follow)

    def submit(
        self,
        values: Values | None = None,
        *,
        action: str | None = None,
        status: int = 200,
        follow: bool = True,
    ) -> Page:
        """Fill in the form of the present page (the one that posts to `action`) and send it.

        What is not named keeps what the page had filled in, its CSRF token too.
        """
        form = self.page.form(action)
        return self.post(form.action, _filled(form, values or {}), status=status, follow=follow)

    def _arrive(self, answer: TestResponse, *, path: str, status: int, follow: bool) -> Page:
        for _ in range(FARTHEST):
            if not follow or answer.status_code not in REDIRECTS:
                break
            path = _local(answer.headers["Location"])
            answer = self.client.get(path)
        html = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        page = Page(path=path, status=answer.status_code, html=html)
        assert page.status == status, f"{path} answered {page.status}, not {status}: {html[:2000]}"
        if html and page.status not in REDIRECTS:
            check_page(page)
            self.page = page
        return page


def _filled(form: Form, values: Values) -> Values:
    return {**form.values, **values}


def _local(location: str) -> str:
    parts = urlsplit(location)
    assert parts.netloc in {"", "localhost"}, f"sent to another host: {location}"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
