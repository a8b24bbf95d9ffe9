"""One's own visits in a calendar program: made, shown once, subscribed to, ended."""

import re

from flask import Flask

from tests.integration.portal.family import sign_in
from tests.support.page_client import PageClient


class TestCalendar:
    def test_is_shown_once_and_ends_in_words(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        [path] = [link for link in pages.page.links() if link.endswith("/calendar")]
        page = pages.get(path)
        assert "There is no address." in page.text
        page = pages.submit(action=f"{path}/make")
        found = re.search(r"://(\S+?)(/calendar/[\w-]+\.ics)", page.text)
        assert found is not None
        assert f"webcal://{found[1]}{found[2]}" in page.links(), "a phone subscribes by one tap"
        assert pages.client.get(found[2]).mimetype == "text/calendar"
        assert "/calendar/" not in pages.get(path).text
        page = pages.submit(action=f"{path}/end")
        assert page.path.startswith(path)
        assert "The address has ended." in page.text
        gone = pages.get(found[2], status=404)
        assert gone.h1 == "This calendar address no longer works"
