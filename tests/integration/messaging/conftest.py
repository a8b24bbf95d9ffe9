"""A mail server to send to, and an app that sends to it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.support.mail_sink import Sink, running_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A real SMTP server."""
    with running_sink() as running:
        yield running


@pytest.fixture
def mailing_app(make_app: Callable[..., Flask], sink: Sink) -> Iterator[Flask]:
    """An app that sends to the sink, with its context."""
    app = make_app(
        SMTP_URL=sink.url,
        MAIL_FROM="Riverside Rehab <hello@riverside.example>",
        BASE_URL="https://riverside.example",
    )
    with app.app_context():
        yield app
