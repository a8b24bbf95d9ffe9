"""What is kept of a browser, for the list of sessions."""

import pytest

from clinic.people.rules.browsers import Browser, read_browser

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15"


class TestReadBrowser:
    @pytest.mark.parametrize(
        ("said", "family", "system"),
        [
            (f"{WINDOWS} Chrome/131.0 Safari/537.36", "Chrome", "Windows"),
            (f"{WINDOWS} Chrome/131.0 Safari/537.36 Edg/131.0", "Edge", "Windows"),
            (f"{IPHONE} Version/17.4 Mobile/15E148 Safari/604.1", "Safari", "iPhone"),
            (f"{IPHONE} CriOS/131.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0", "Firefox", "Linux"),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/131.0 Mobile", "Chrome", "Android"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) Safari/605", "Safari", "macOS"),
            ("", "", ""),
            ("curl/8 \x00 <script>" + "x" * 5000, "", ""),
        ],
    )
    def test_tells_families_apart(self, said: str, family: str, system: str) -> None:
        assert read_browser(said, network="192.0.2.1") == Browser(family, system, "192.0.2.1")
