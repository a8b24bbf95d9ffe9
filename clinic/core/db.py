"""The database session, and the one place that commits.

An operation is a function decorated with ``transaction``: one use case, one transaction. Before it
runs, whatever the request has read is let go (a read transaction that turns into a write is what
fails on SQLite, and what loses updates on PostgreSQL), so an operation takes ids and values, never
rows loaded before.
"""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Engine, Insert, TextClause, Update, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from clinic.core import prepared
from clinic.core.engines import BEGIN_WITHIN_MS, SQLITE_BUSY_MS, WRITER
from clinic.core.locks import file_lock
from clinic.core.once import asking_anew
from clinic.core.prepared import Question
from clinic.core.retrying import with_retries
from clinic.core.schema import Base

P = ParamSpec("P")
R = TypeVar("R")
Told = Callable[[list[tuple[Any, ...]]], None]

QUEUE_SECONDS = 2.0
SHORT_WAIT_MS = 100


@dataclass(slots=True)
class _Open:
    after: list[Callable[[], None]] = field(default_factory=list)
    rows: dict[Insert | Update | TextClause, list[dict[str, Any]]] = field(default_factory=dict)
    ahead: list[tuple[Question, Told]] = field(default_factory=list)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    connection: Connection | None = None


_open: ContextVar[_Open | None] = ContextVar("open_transaction", default=None)
_readers: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


class ClinicSession(FlaskSession):
    """Outside operations PostgreSQL is asked statement by statement, without BEGIN and ROLLBACK.

    Each statement sees what is committed, as it would within READ COMMITTED, for two round trips
    less. ``one_snapshot`` is for reads that must agree with each other.
    """

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        """The engine, or its reading half."""
        found = super().get_bind(*args, **kwargs)
        opened = _open.get()
        if opened is not None:
            _send_ahead(opened)  # what the session is about to ask must see it
        elif isinstance(found, Engine):
            return _reader(found) if found.dialect.name == "postgresql" else found
        return found


def _reader(engine: Engine) -> Engine:
    if engine not in _readers:
        _readers[engine] = engine.execution_options(isolation_level="AUTOCOMMIT")
    return _readers[engine]


db = SQLAlchemy(
    model_class=Base, session_options={"expire_on_commit": False, "class_": ClinicSession}
)


def one_snapshot() -> None:
    """Let the reads that follow, up to the end of the request or command, see one moment.

    Inside an operation nothing changes. What was read before is let go.
    """
    if _open.get() is None:
        db.session.rollback()
        if db.engine.dialect.name == "postgresql":
            db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def read_anew() -> None:
    """Let the reads that follow see what is committed by now, outside operations."""
    if _open.get() is None:
        db.session.rollback()
        db.session.expire_all()


_recorders: ContextVar[tuple[Callable[[Any], None], ...]] = ContextVar("recorders", default=())


def transaction(operation: Callable[P, R]) -> Callable[P, R]:
    """Make a function one transaction: committed when it returns, undone when it raises.

    Deadlocks, serialisation failures and lock waits are retried three times, so the function may
    run more than once and must not touch the world outside (use ``after_commit``). Raises Busy or
    Unavailable when the database does not let it through; RuntimeError when called inside another.
    """
    return _decorate(operation, recorded=True)


def housekeeping(operation: Callable[P, R]) -> Callable[P, R]:
    """Like ``transaction``, for work beside the use case: it changes nothing that is asked once.

    Recorders do not see its result, and what the request has asked (``ask_once``) still holds.
    """
    return _decorate(operation, recorded=False)


def _decorate(operation: Callable[P, R], *, recorded: bool) -> Callable[P, R]:
    @functools.wraps(operation)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _open.get() is not None:
            raise RuntimeError(f"{operation.__name__} was called inside another transaction")
        call = functools.partial(operation, *args, **kwargs)
        result, after = with_retries(functools.partial(_once, call, recorded=recorded))
        for follow_up in after:
            follow_up()
        return result

    return run


def _once(call: Callable[[], R], *, recorded: bool) -> tuple[R, list[Callable[[], None]]]:
    db.session.rollback()
    # A rollback forgets nothing when no transaction is open, as after a commit: rows that an
    # operation before left in the session would be taken for what the database says now.
    db.session.expire_all()
    opened = _Open()
    asked = time.monotonic()
    with asking_anew(changes_answers=recorded), writers_queue(db.engine):
        token = _open.set(opened)
        try:
            opened.connection = db.session.connection(execution_options=_writer_options(asked))
            result = call()
            recorders = _recorders.get() if recorded else ()
            _insert_rows(opened, and_commit=not recorders)
            for record in recorders:
                record(result)
            _send_ahead(opened)
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        finally:
            _open.reset(token)
    return result, opened.after


def _insert_rows(opened: _Open, *, and_commit: bool = False) -> None:
    """Write what was to be written later; with ``and_commit`` the end may go out with it."""
    rows, opened.rows = opened.rows, {}
    _send_ahead(opened)
    db.session.flush()
    if rows:
        prepared.run(current_connection(), rows, and_commit=and_commit)


def _writer_options(asked: float) -> dict[str, Any]:
    """How the connection begins. What was spent in the queue is taken off the wait for SQLite's
    lock: when another program holds that, the two waits together would pass three seconds."""
    waited_ms = int((time.monotonic() - asked) * 1000)
    if db.engine.dialect.name != "sqlite" or waited_ms < SHORT_WAIT_MS:
        return {WRITER: True}
    return {WRITER: True, BEGIN_WITHIN_MS: max(SHORT_WAIT_MS, SQLITE_BUSY_MS - waited_ms)}


@contextmanager
def writers_queue(engine: Engine) -> Iterator[None]:
    """Queue writers on SQLite before BEGIN IMMEDIATE; PostgreSQL queues by itself.

    Measured: with SQLite's own timeout alone 50 writers met 89 refusals, with the lock none.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    with file_lock(Path(f"{engine.url.database}.queue"), wait_seconds=QUEUE_SECONDS):
        yield


@event.listens_for(Session, "before_flush")
def _only_operations_write(_session: Session, _context: Any, _instances: Any) -> None:
    if _open.get() is None:
        raise RuntimeError("rows are written inside an operation (@transaction) only")


def current_connection() -> Connection:
    """The connection of the running operation, or the session's for reads outside of one.

    For prepared statements past the session. What the session has not written yet is not seen.
    """
    opened = _open.get()
    if opened is not None and opened.connection is not None:
        _send_ahead(opened)
        return opened.connection
    return db.session.connection()


def ask(*questions: Question) -> list[list[tuple[Any, ...]]]:
    """What prepared statements answer, each in turn, past the session; for one wait together.

    What was to go out ``ahead_of_questions`` goes with them. See ``prepared.fetch_together``.
    """
    opened = _open.get()
    if opened is None or opened.connection is None:
        return prepared.fetch_together(db.session.connection(), *questions)
    ahead, opened.ahead = opened.ahead, []
    asked = [question for question, _ in ahead]
    found = prepared.fetch_together(opened.connection, *asked, *questions)
    for (_, told), rows in zip(ahead, found, strict=False):
        told(rows)
    return found[len(ahead) :]


def ahead_of_questions(question: Question, told: Told) -> None:
    """Send this with whatever the current transaction asks next, and tell its rows then.

    Nothing in this transaction is asked or written before it. Raises RuntimeError outside one.
    """
    _opened("ahead_of_questions").ahead.append((question, told))


def reserved_numbers() -> dict[str, list[int]]:
    """Numbers that rows of these tables may still be given in the current transaction.

    Raises RuntimeError outside one.
    """
    return _opened("reserved_numbers").numbers


def _send_ahead(opened: _Open) -> None:
    if opened.ahead:
        ask()


def is_postgresql() -> bool:
    """Whether the database is PostgreSQL, else it is SQLite."""
    return bool(db.engine.dialect.name == "postgresql")


def in_transaction() -> bool:
    """Whether an operation is running."""
    return _open.get() is not None


def after_commit(call: Callable[[], None]) -> None:
    """Run ``call`` once the current transaction has committed, never when it is undone.

    Raises RuntimeError outside a transaction.
    """
    _opened("after_commit").after.append(call)


def insert_later(statement: Insert | TextClause, *rows: dict[str, Any]) -> None:
    """Write rows as the last step of the current transaction, together with others of their kind.

    For what nobody reads before (the audit trail), or only after ``insert_now``. Kinds are written
    in the order in which each was first given. Raises RuntimeError outside a transaction.
    """
    _opened("insert_later").rows.setdefault(statement, []).extend(rows)


def update_later(statement: Update, row: dict[str, Any]) -> None:
    """Change a row as one of the last steps of the current transaction, with ``insert_later``'s.

    For a row that this transaction has locked and does not read again: what the session holds of
    it must be told by ``set_committed_value``. Raises RuntimeError outside a transaction.
    """
    _opened("update_later").rows.setdefault(statement, []).append(row)


def insert_now() -> None:
    """Write at once what was to be written later, because it is read before the end.

    Raises RuntimeError outside a transaction.
    """
    _insert_rows(_opened("insert_now"))


def write_at_once(statement: Insert, rows: list[dict[str, Any]]) -> None:
    """Write rows as a transaction of their own, past the session; one row in one round trip.

    For what is only kept (an inbox): nothing is read, nobody else's work is in it. What the session
    has read before stays as it was read (``read_anew``). Retried and refused like an operation.
    Raises RuntimeError inside a transaction.
    """
    if _open.get() is not None:
        raise RuntimeError("rows are written at once outside of a transaction only")
    with_retries(functools.partial(_write_once, statement, rows))


def _write_once(statement: Insert, rows: list[dict[str, Any]]) -> None:
    """PostgreSQL takes one statement as a transaction, without BEGIN and COMMIT around it."""
    asked = time.monotonic()
    if db.engine.dialect.name == "postgresql":
        with _reader(db.engine).connect() as connection:
            connection.execute(statement, rows)
        return
    with writers_queue(db.engine), db.engine.connect() as opened:
        connection = opened.execution_options(**_writer_options(asked))
        with connection.begin():
            connection.execute(statement, rows)


def _opened(asking: str) -> _Open:
    opened = _open.get()
    if opened is None:
        raise RuntimeError(f"{asking} needs a transaction")
    return opened


@contextmanager
def recording(record: Callable[[Any], None]) -> Iterator[None]:
    """Let ``record(result)`` run as the last step inside each ``transaction`` of this block.

    What it writes is committed with the use case or not at all (idempotent answers).
    """
    token = _recorders.set((*_recorders.get(), record))
    try:
        yield
    finally:
        _recorders.reset(token)
