"""Make sure that there is a Chromium for the browser tests, where that is allowed.

Present: nothing happens. Missing, and we are root on a system with apt: it is installed. Otherwise
the browser tests will be skipped and this says so; with CI=true that is a failure.
"""

import os
import shutil
import subprocess
import sys

RETRIES = ("-o", "Acquire::Retries=3")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """The path of the browser: CHROMIUM, else the first known name on PATH, else None."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> bool:
    """Install Chromium by apt; False where that is not allowed or did not work."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print("Installing Chromium for the browser tests ...", flush=True)
    asked = ["install", "-qq", "-y", "--no-install-recommends", "chromium", "fonts-liberation"]
    return [_apt(words) for words in (["update", "-qq"], asked)][-1]


def _apt(words: list[str]) -> bool:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(["apt-get", *RETRIES, *words], env=environ, check=False).returncode == 0


def main() -> int:
    """Exit status 1 only where nothing may be skipped."""
    if find_chromium() or (install() and find_chromium()):
        return 0
    print("There is no Chromium: THE BROWSER TESTS WILL BE SKIPPED.", file=sys.stderr)
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
