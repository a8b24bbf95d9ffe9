"""What a browser says of itself, shortened to what its owner recognises it by."""

import re
from dataclasses import dataclass

# The order matters: most browsers also name the ones that they want to be taken for.
_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("ChromeOS", r"CrOS"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser family, the system it runs on ("" when not known), and where it came from."""

    family: str = ""
    system: str = ""
    network: str = ""


def read_browser(user_agent: str, *, network: str) -> Browser:
    """The families that a User-Agent header names; versions say nothing to its owner."""
    return Browser(
        family=_first(_BROWSERS, user_agent), system=_first(_SYSTEMS, user_agent), network=network
    )


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, text)), "")
