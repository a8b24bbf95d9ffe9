"""The demo's mailbox, as somebody reads a mail there."""

from playwright.sync_api import Browser, expect

from tests.integration.sandbox.test_mailbox import PHONE, Mailbox, mailbox
from tests.support.accessibility import assert_accessible

__all__ = ["mailbox"]


class TestMailbox:
    def test_is_for_everybody_and_shows_what_comes(
        self,
        browser: Browser,
        mailbox: Mailbox,
        width: int,
    ) -> None:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, base_url=mailbox.base_url
        )
        page = context.new_page()
        page.goto("/")
        assert_accessible(page)
        mailbox.send()
        page.get_by_role("link", name="Your code").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your code")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        mailbox.text()
        page.goto("/")
        page.get_by_role("link", name=PHONE).click()
        page.get_by_label("Answer from this phone").fill("Thank you")
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("alert")).to_contain_text("The clinic did not take the answer")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
