"""Fixtures for races, kills and faults; everything here is marked ``torture``."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from clinic.core.clock import now
from clinic.core.types import to_micros
from tests.support.databases import ENGINE_KINDS, Databases
from tests.torture.house import House, open_house
from tests.torture.invariants import broken_rules

HERE = Path(__file__).parent
SECONDS = int(os.environ.get("TORTURE_SECONDS", "90"))
SLOWEST_SECONDS = float(os.environ.get("TORTURE_SLOWEST", "3"))
"""Nobody waits longer; to be raised only where the machine is shared with something else."""
MARGIN = timedelta(seconds=5)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests take minutes and the whole machine."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.torture)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Databases on a disk: how long it takes is part of what is asked here."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(params=ENGINE_KINDS, scope="module")
def house(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """Four server processes on one database for all tests of a module, once on each engine.

    Tests keep apart by days and patients of their own.
    """
    folder = tmp_path_factory.mktemp(f"house-{request.param}")
    with open_house(databases=databases, kind=request.param, folder=folder, limit=1) as opened:
        opened.serve()
        yield opened


@pytest.fixture
def fresh_house(databases: Databases, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Opens a house of the test's own: ``fresh_house("sqlite")``; nothing is served yet."""
    with ExitStack() as opened:
        yield lambda kind, **more: opened.enter_context(
            open_house(databases=databases, kind=kind, folder=tmp_path / kind, **more)
        )


def assert_whole(house: House) -> None:
    """No rule is broken in the house's database."""
    moment: object = now() + MARGIN
    if house.kind == "sqlite":
        moment = to_micros(now() + MARGIN)
    with house.looking() as connection:
        broken = broken_rules(connection, now=moment)
    if broken:
        kept = house.keep()
        raise AssertionError(f"rules that do not hold: {broken}; the database is kept: {kept}")


_days = count(1)
_people = count(1000)


@pytest.fixture
def day() -> datetime:
    """A midnight (UTC) of this test's own: a weekday, at least two days ahead."""
    while True:
        found = (now() + timedelta(days=1 + next(_days) % 55)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        if found.weekday() < 5:
            return found


@pytest.fixture
def someone() -> Callable[[], int]:
    """Numbers of people nobody else uses."""
    return lambda: next(_people)
