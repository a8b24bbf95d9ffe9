"""The floors: what Flask and the driver do by themselves (``gunicorn bench.floor:app``).

Nothing here knows the product: no access rules, no headers, no checks. The database is opened with
the same habits, so that a commit is as durable.
"""

import os
import pickle
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, Response, jsonify, request

from bench.recording import Replay, Script

MADE = "CREATE TABLE IF NOT EXISTS bench_rows (id {identity}, name TEXT NOT NULL, at {instant})"
BODY = Path(os.environ["FLOOR_BODY"])
SCRIPT = Path(os.environ["FLOOR_SCRIPT"])
DATABASE = os.environ["DATABASE_URL"]
IS_SQLITE = DATABASE.startswith("sqlite")

app = Flask(__name__)
_own = threading.local()
_body = BODY.read_bytes()


def _connection() -> Any:
    if not hasattr(_own, "connection"):
        _own.connection = _open()
    return _own.connection


def _open() -> Any:
    if not IS_SQLITE:
        return psycopg.connect(DATABASE.replace("+psycopg", ""))
    connection = sqlite3.connect(DATABASE.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "cache_size=-4000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@app.get("/healthz")
def healthz() -> str:
    """Say that the process answers."""
    return "ok"


@app.get("/bytes")
def same_bytes() -> Response:
    """The bytes that the product answered."""
    return Response(_body, mimetype="application/json")


@app.post("/bare")
def bare_post() -> str:
    """Read a body and say so."""
    request.get_data()
    return "read"


@app.post("/row")
def one_row() -> tuple[Response, int]:
    """Insert one row, durably."""
    asked = request.get_json()
    connection = _connection()
    at = datetime.now(UTC)
    if IS_SQLITE:
        connection.execute("BEGIN IMMEDIATE")
        words, values = "VALUES (?, ?)", (asked["patient"]["family_name"], at.isoformat())
    else:
        words, values = "VALUES (%s, %s)", (asked["patient"]["family_name"], at.isoformat())
    connection.execute(f"INSERT INTO bench_rows (name, at) {words}", values)
    connection.commit()
    return jsonify(asked), 201


@app.post("/replay")
def same_statements() -> tuple[Response, int]:
    """Run the statements of a booking, without the product around them."""
    asked = request.get_json()
    if not hasattr(_own, "replay"):
        script: Script = pickle.loads(SCRIPT.read_bytes())  # noqa: S301 - our own file
        _own.replay = Replay(script, _connection(), is_sqlite=IS_SQLITE)
    _own.replay.run(
        number=asked["number"],
        starts_at=datetime.fromisoformat(asked["starts_at"]),
        now=datetime.now(UTC),
    )
    return jsonify(asked), 201
