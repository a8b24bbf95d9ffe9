"""The fence around unit tests stands."""

import socket
import sqlite3

import psycopg
import pytest
from sqlalchemy import create_engine


class TestUnitTests:
    def test_cannot_open_a_sqlite_file(self) -> None:
        with pytest.raises(RuntimeError, match="unit test"):
            sqlite3.connect(":memory:")

    def test_cannot_connect_to_postgresql(self) -> None:
        with pytest.raises(RuntimeError, match="unit test"):
            psycopg.connect("postgresql://localhost/clinic")

    def test_cannot_make_an_engine(self) -> None:
        with pytest.raises(RuntimeError, match="unit test"):
            create_engine("sqlite://")

    def test_cannot_reach_the_network(self) -> None:
        with socket.socket() as line, pytest.raises(RuntimeError, match="unit test"):
            line.connect(("127.0.0.1", 9))
