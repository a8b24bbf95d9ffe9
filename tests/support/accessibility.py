"""axe-core in the page that a real browser shows."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Error, Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]
LEFT_BEHIND = ("context was destroyed", "axe is not defined", "frame was detached")
MOST_PAGES = 5


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds wrong on the page as it is now, one line for each element.

    All rules in the light; in the dark those of colours, which alone depend on it. A page that
    leads on to the next one meanwhile has none: it is the next one that is looked at.
    """
    for _ in range(MOST_PAGES - 1):
        try:
            return _all_found(page)
        except Error as error:
            if not any(words in error.message for words in LEFT_BEHIND):
                raise
    return _all_found(page)


def _all_found(page: Page) -> list[str]:
    page.wait_for_load_state("load")  # without its styles a page has other faults
    page.evaluate(_source())  # by the debugger, so the page's own policy need not allow it
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    faults = _found(page, STANDARDS)
    page.emulate_media(color_scheme="dark")
    faults += [f"in the dark: {fault}" for fault in _found(page, COLOURS)]
    page.emulate_media(color_scheme="null", reduced_motion="null")
    return faults


def _found(page: Page, rules: list[str]) -> list[str]:
    found = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    return [
        f"{fault['id']} ({fault['impact']}): {fault['help']}: {node['html'][:200]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    """AssertionError listing every fault that axe finds."""
    faults = accessibility_faults(page)
    assert not faults, f"{page.url}:\n" + "\n".join(faults)
