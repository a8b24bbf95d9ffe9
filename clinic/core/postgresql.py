"""Connections to PostgreSQL: they notice a server that is gone, and never wait for it for ever.

Imported only where the database is PostgreSQL.
"""

import select
import time
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import generators
from psycopg.abc import RV, PQGen
from psycopg.pq import ExecStatus
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from clinic.core.asking import Asker
from clinic.core.waiting import longest_wait, note_wait

LOOK_SECONDS = 0.1
"""How often a wait for the server looks up, to see Ctrl-C."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that gives up on a server that is there and does not answer.

    The bounds that the server keeps (``lock_timeout``, ``statement_timeout``) are of no use when
    it is the server that hangs, nor is TCP's: its machine still acknowledges what we send.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asker = Asker(self)

    def wait(
        self, gen: PQGen[RV], interval: float = LOOK_SECONDS, timeout: float | None = None
    ) -> RV:
        """Wait for an answer; OperationalError, with the connection closed, when none comes."""
        began = time.monotonic()
        try:
            return super().wait(gen, interval, longest_wait() if timeout is None else timeout)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - what Connection.wait documents
            self.pgconn.finish()  # what may still come answers a question that nobody asks
            raise psycopg.OperationalError("the server does not answer") from None
        finally:
            note_wait(time.monotonic() - began)


def prepare_postgresql(engine: Engine) -> None:
    """Teach the engine these connections; call once, before its first one."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "checkout", _refuse_dead)


def _connect(_dialect: Any, _record: Any, args: list[Any], options: dict[str, Any]) -> Any:
    return BoundedConnection.connect(*args, **options)


def _refuse_dead(connection: psycopg.Connection[Any], _record: Any, _proxy: Any) -> None:
    """Let the pool open a new connection in place of one whose server has gone.

    An idle connection has nothing to say, unless it ends: a server that stops or dies leaves a
    last message or the end of the stream behind. Seeing that costs no round trip. It is looked
    for each time, not only after a pause: else each busy connection costs one refusal after a
    crash.
    """
    if connection.closed or _has_something_to_say(connection):
        raise DisconnectionError


def _has_something_to_say(connection: psycopg.Connection[Any]) -> bool:
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))


class Ahead:
    """One prepared statement that is sent without waiting for its answer; for a connection that
    commits by itself and that nothing else uses meanwhile."""

    def __init__(self, connection: psycopg.Connection[Any], name: str, words: str) -> None:
        self._connection, self._name = connection, name
        connection.execute(f"PREPARE {name} AS {words}")

    def send(self, values: Sequence[bytes]) -> None:
        """Send it with these values in text format. Its answer is asked for before the next."""
        self._connection.pgconn.send_query_prepared(self._name.encode(), values)
        self._connection.pgconn.flush()

    def answer(self) -> None:
        """Wait until it is done; psycopg.Error where it is not."""
        connection = self._connection
        for result in connection.wait(_answers(connection.pgconn)):
            if result.status != ExecStatus.COMMAND_OK:
                raise psycopg.errors.error_from_result(result)

    def close(self) -> None:
        """Let the server forget the statement."""
        self._connection.execute(f"DEALLOCATE {self._name}")


def _answers(pgconn: Any) -> PQGen[list[Any]]:
    yield from generators.send(pgconn)
    results: list[Any] = yield from generators.fetch_many(pgconn)
    return results
