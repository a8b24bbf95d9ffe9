"""The components and the error pages in a real browser: readable, reachable, nothing sticks out."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from flask import abort
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.support.accessibility import assert_accessible
from tests.support.ground import make_ground

PATHS = ("/_components", "/no-such-page")
WIDTHS = (320, 390, 1280)
ERRORS = (400, 401, 403, 405, 413, 429, 500, 503)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The ground on a free port, in this process."""
    ground = make_ground()
    ground.add_url_rule("/fails/<int:code>", "fails", abort)
    server = make_server("127.0.0.1", 0, ground, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def opened(browser: Browser, url: str, **how: Any) -> Page:
    page = browser.new_context(**how).new_page()
    page.goto(url)
    return page


class TestLook:
    @pytest.mark.parametrize("width", WIDTHS)
    @pytest.mark.parametrize("path", PATHS)
    def test_is_readable_for_everybody(
        self, browser: Browser, address: str, path: str, width: int
    ) -> None:
        size = {"width": width, "height": 900}
        page = opened(browser, address + path, viewport=size)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.context.close()

    def test_is_readable_when_something_fails(self, browser: Browser, address: str) -> None:
        page = opened(browser, address)
        for status in ERRORS:
            answer = page.goto(f"{address}/fails/{status}")
            assert answer is not None
            assert answer.status == status
            for width in reversed(WIDTHS):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, status
            assert_accessible(page)
        page.context.close()

    def test_breaks_no_rule_of_its_own_policy(self, browser: Browser, address: str) -> None:
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"{address}/_components")
        page.wait_for_load_state("networkidle")
        assert said == []
        page.close()

    def test_shows_our_own_fonts(self, browser: Browser, address: str) -> None:
        page = opened(browser, f"{address}/_components")
        assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('1em Figtree'))")
        assert page.evaluate("document.fonts.check('1em Newsreader')")
        page.context.close()

    def test_loads_each_font_once(self, browser: Browser, address: str) -> None:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/_components")
        page.wait_for_load_state("networkidle")
        fonts = [url for url in asked if ".woff2" in url]
        assert len(fonts) == len(set(fonts)) == 2
        page.close()

    def test_takes_the_reader_to_the_errors_without_a_script(
        self, browser: Browser, address: str
    ) -> None:
        page = opened(browser, f"{address}/_components", java_script_enabled=False)
        expect(page.locator(".error-summary:focus")).to_have_count(1)
        page.context.close()

    def test_lets_the_keyboard_skip_to_the_content(self, browser: Browser, address: str) -> None:
        page = opened(browser, f"{address}/no-such-page")
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to content")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{address}/no-such-page#main")
        page.context.close()

    def test_prints_without_controls(self, browser: Browser, address: str) -> None:
        page = opened(browser, f"{address}/_components")
        page.emulate_media(media="print")
        expect(page.locator(".top nav")).to_be_hidden()
        expect(page.locator("footer")).to_be_hidden()
        expect(page.locator("h1")).to_be_visible()
        page.context.close()
