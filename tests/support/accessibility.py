"""axe-core in the page that a real browser shows."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds wrong on the page as it is now, one line for each element."""
    page.wait_for_load_state("load")  # without its styles a page has other faults
    page.evaluate(_source())  # by the debugger, so the page's own policy need not allow it
    found = page.evaluate(
        "standards => axe.run(document, {runOnly: standards, resultTypes: ['violations']})",
        STANDARDS,
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
