"""A buyer with cookies, before the pages of real processes."""

import re
import time
from dataclasses import dataclass

import requests

from tests.integration.gait.conftest import BUY, DETAILS

_HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|key)"[^>]*value="([^"]*)"')
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a buyer read, where, and after how long."""

    status: int
    text: str
    seconds: float


class Buyer:
    """Somebody who buys the analysis without a time."""

    def __init__(self, base_url: str, who: int) -> None:
        self._base, self._browser = base_url, requests.Session()
        self._typed = {**DETAILS, "given_name": f"Buyer{'abcdefgh'[who]}"}

    def open_form(self) -> None:
        """Open the page and fill it in."""
        found = self._browser.get(f"{self._base}{BUY}", timeout=PATIENCE_SECONDS).text
        self._typed |= dict(_HIDDEN.findall(found))

    def buy(self) -> Told:
        """Press the button; the same form again is the same order."""
        began = time.monotonic()
        answer = self._browser.post(
            f"{self._base}{BUY}",
            data=self._typed,
            timeout=PATIENCE_SECONDS,
            allow_redirects=False,
        )
        return Told(answer.status_code, answer.text, time.monotonic() - began)


def look(base_url: str, paths: tuple[str, ...], *, times: int) -> list[float]:
    """How long each look at public pages took, the shortest first."""
    took = []
    for _ in range(times):
        for path in paths:
            began = time.monotonic()
            answer = requests.get(f"{base_url}{path}", timeout=PATIENCE_SECONDS)
            assert answer.status_code == 200, path
            took.append(time.monotonic() - began)
    return sorted(took)
