"""A clinic behind real processes, and people with browsers."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from clinic.core.values import Role
from tests.support.databases import EngineKind
from tests.support.nursery import Nursery
from tests.support.page_clinic import hire, load
from tests.support.server import Server

MONDAY_TEN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # in New York

expect.set_options(timeout=30_000)  # an end for what never comes, not a measure of speed


@pytest.fixture
def engine_kind() -> EngineKind:
    """Browsers see no difference between the engines: one of them is enough here."""
    return "sqlite"


@pytest.fixture(scope="session")
def warm_nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Journeys are about pages: their servers need not load everything each time."""
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.close()


@pytest.fixture
def nursery(warm_nursery: Nursery) -> Nursery:
    """Where the servers of journeys are forked from."""
    return warm_nursery


@pytest.fixture(params=[390, 1280], ids=["phone", "desktop"])
def width(request: pytest.FixtureRequest) -> int:
    """Runs the journey once on a phone and once on a desk."""
    found: int = request.param
    return found


@pytest.fixture
def clinic(app: Flask) -> Flask:
    """The clinic's own side, to look into its records."""
    with app.app_context():
        load()
        hire(Role.FRONT_DESK)
    return app


@pytest.fixture
def served(clinic: Flask, start_server: Callable[..., Server]) -> Server:
    """The clinic on Monday, March 2, 2026, at 10:00 in New York."""
    return start_server(starting_at=MONDAY_TEN)


@pytest.fixture
def person(browser: Browser, served: Server, width: int) -> Iterator[Callable[..., Page]]:
    """Somebody with a browser: `person()`, or `person(java_script_enabled=False)`."""
    contexts: list[BrowserContext] = []

    def come(**more: Any) -> Page:
        context = browser.new_context(
            base_url=served.base_url,
            viewport={"width": width, "height": 900},
            locale="en-US",
            **more,
        )
        contexts.append(context)
        return context.new_page()

    yield come
    for context in contexts:
        context.close()
