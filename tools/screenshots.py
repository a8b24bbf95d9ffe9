"""Every page of the demo clinic as PNG files, at 390 and 1280 px: `make screenshots`.

A clinic is made in a folder that goes again, at an instant that is always the same, so that two
sets of pictures can be laid side by side. `python tools/screenshots.py [FOLDER] [NAME]` writes to
`screenshots/` unless told otherwise; with NAME only the stories whose name holds it.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from tests.support.apps import environment  # noqa: E402
from tests.support.ports import free_port  # noqa: E402
from tests.support.server import (  # noqa: E402
    process_environment,
    running_process,
    running_server,
    running_worker,
    wait_for,
)
from tools.chromium import find_chromium  # noqa: E402
from tools.clinical_stories import CLINICAL_STORIES  # noqa: E402
from tools.selling_stories import SELLING  # noqa: E402
from tools.stories import STORIES, WIDTHS, Camera  # noqa: E402

A_MONDAY = datetime(2026, 11, 23, 15, 42, tzinfo=UTC)  # 10:42 AM in New York


@dataclass(frozen=True, slots=True)
class Place:
    """Where the clinic answers, and where its mail is read."""

    base_url: str
    mailbox: str


def main(folder: Path, only: str) -> None:
    """Make the clinic, serve it, and take every story at every width."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data_dir, ExitStack() as stack:
        place = stack.enter_context(_running_clinic(Path(data_dir)))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        for width in WIDTHS:
            for story in (*STORIES, *CLINICAL_STORIES, *SELLING):
                if only in story.__name__:
                    _tell(story, browser, place, folder, width)
        browser.close()


@contextmanager
def _running_clinic(data_dir: Path) -> Iterator[Place]:
    """The demo clinic with its worker, and a mailbox that takes what it sends."""
    with ExitStack() as stack:
        smtp_port, mailbox = stack.enter_context(_running_mailbox(data_dir))
        settings = environment(
            database_url=f"sqlite:///{data_dir / 'clinic.sqlite3'}",
            data_dir=data_dir,
            CLINIC_ENV="demo",
            RATE_LIMIT_BOOKING="off",
            SMTP_URL=f"smtp://127.0.0.1:{smtp_port}",
        )
        _load(settings)
        server = stack.enter_context(
            running_server(settings, log_dir=data_dir, starting_at=A_MONDAY)
        )
        served = {**settings, "BASE_URL": server.base_url}
        stack.enter_context(running_worker(served, log_dir=data_dir, starting_at=A_MONDAY))
        yield Place(server.base_url, mailbox)


@contextmanager
def _running_mailbox(data_dir: Path) -> Iterator[tuple[int, str]]:
    smtp_port, http_port = free_port(), free_port()
    command = [
        *(sys.executable, "-m", "sandbox.mailbox", "--smtp-port", str(smtp_port)),
        *("--http-port", str(http_port), "--file", str(data_dir / "mails.sqlite3")),
    ]
    url, log = f"http://127.0.0.1:{http_port}", data_dir / "mailbox.log"
    environ = process_environment({}, starting_at=A_MONDAY)
    with running_process(command, environ=environ, log=log) as process:
        wait_for(url, process=process, log=log)
        yield smtp_port, url


def _load(settings: Mapping[str, str]) -> None:
    environ = process_environment(settings, starting_at=A_MONDAY)
    for words in (("db", "upgrade"), ("demo", "load")):
        command = [str(Path(sys.executable).parent / "flask"), "--app", "wsgi", *words]
        subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)


def _tell(
    story: Callable[[Camera], None], browser: Browser, place: Place, folder: Path, width: int
) -> None:
    context = browser.new_context(
        base_url=place.base_url, viewport={"width": width, "height": 900}, locale="en-US"
    )
    story(Camera(context.new_page(), folder, width, place.mailbox))
    context.close()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(Path(given[0] if given else ROOT / "screenshots"), given[1] if len(given) > 1 else "")
