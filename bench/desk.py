"""The desk's pages on a short and a long history: Today, calendar, search, record, requests."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta

from flask.testing import FlaskClient

from bench.client import alternate
from bench.figures import Figure
from bench.houses import Houses
from bench.requests import FEW, MANY, Asked, fill_requests
from bench.the_clinic import name_of_patient
from clinic.core.clock import now
from tests.support.apps import running_app
from tests.support.page_client import PageClient
from tests.support.page_clinic import PASSWORD, hire

PACKED = {"Accept-Encoding": "gzip"}
SOMEBODY = 77
"""A patient of both clinics."""


@contextmanager
def _desk(houses: Houses, url: str, asked: Asked) -> Iterator[tuple[FlaskClient, str]]:
    """Somebody at the front desk, signed in, and the proof that their forms bring."""
    with running_app(database_url=url, data_dir=houses.root / "data") as app:
        with app.app_context():
            email = hire(now=now())
            fill_requests(asked)
        pages = PageClient(app)
        pages.get("/sign-in")
        pages.submit({"email": email, "password": PASSWORD}, action="/sign-in")
        page = pages.get("/desk/search")
        yield pages.client, page.form("/desk/search").values["csrf_token"][0]


def measure(*, houses: Houses, small: str, large: str, rounds: int) -> list[Figure]:
    """Milliseconds of each page on both, and how many times longer the long history takes."""
    with ExitStack() as stack:
        desks = {
            name: stack.enter_context(_desk(houses, url, asked))
            for name, url, asked in (("few", small, FEW), ("many", large, MANY))
        }
        figures: list[Figure] = []
        for what, make in PAGES.items():
            calls = {name: make(client, proof) for name, (client, proof) in desks.items()}
            alternate(calls, rounds=5)
            took = alternate(calls, rounds=max(20, rounds // 5))
            figures += [
                Figure(f"desk.{what}", took["few"], "ms"),
                Figure(f"desk.{what}_large", took["many"], "ms"),
                Figure(f"desk.{what}_large_to_small", took["many"] / took["few"], "x", at_most=1.5),
            ]
    return figures


def _next_weekday() -> date:
    day = now().date() + timedelta(days=1)
    return day + timedelta(days=max(0, 7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


def _today(client: FlaskClient, _proof: str) -> Callable[[], None]:
    return lambda: _get(client, f"/desk?date={_next_weekday().isoformat()}")


def _calendar(client: FlaskClient, _proof: str) -> Callable[[], None]:
    return lambda: _get(client, f"/desk/calendar?date={_next_weekday().isoformat()}")


def _search(client: FlaskClient, proof: str) -> Callable[[], None]:
    given, family = name_of_patient(SOMEBODY)
    typed = f"{given} {family[:-2]}{family[-1]}"  # one letter left out

    def ask() -> None:
        answer = client.post("/desk/search/found", data={"csrf_token": proof, "q": typed})
        assert answer.status_code == 200, answer.text
        assert family in answer.text

    return ask


def _record(client: FlaskClient, proof: str) -> Callable[[], None]:
    typed = " ".join(name_of_patient(SOMEBODY))
    found = client.post("/desk/search/found", data={"csrf_token": proof, "q": typed}).text
    path = re.search(r'href="(/desk/patients/[^"/?#]+)"', found)
    assert path, found
    return lambda: _get(client, path[1])


def _requests(client: FlaskClient, _proof: str) -> Callable[[], None]:
    return lambda: _get(client, "/desk/requests")


def _get(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=PACKED)
    assert answer.status_code == 200, path


PAGES = {
    "today": _today,
    "calendar": _calendar,
    "search": _search,
    "record": _record,
    "requests": _requests,
}
