"""Unit tests know no database and no network: reaching for one fails the test."""

import socket
import sqlite3
from typing import Any, NoReturn

import psycopg
import pytest
from sqlalchemy.engine import Engine


def _refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise RuntimeError("a unit test reached for a database or the network")


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket, no SQLite file, no engine."""
    monkeypatch.setattr(socket.socket, "connect", _refuse)
    monkeypatch.setattr(sqlite3, "connect", _refuse)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", _refuse)
    monkeypatch.setattr(psycopg, "connect", _refuse)
    monkeypatch.setattr(psycopg.Connection, "connect", _refuse)
    monkeypatch.setattr(Engine, "__init__", _refuse)
