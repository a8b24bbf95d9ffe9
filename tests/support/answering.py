"""What people do on a page of questions, whichever form it belongs to."""

from playwright.sync_api import Page


def check_none_of_these(page: Page) -> None:
    """Say "None of these" to each list that shows; only a page that is there whole has them all."""
    page.wait_for_load_state("load")
    for box in page.get_by_label("None of these").all():
        if box.is_visible():
            box.check()
