"""Questions to PostgreSQL that go out together, past the driver's cursors.

A cursor waits for each answer, and what it does around a statement costs more than most statements
take. Here a batch of them is one message and one wait, with the BEGIN that the first of a
transaction needs and, where it is the last, the COMMIT. Values are written and read by the driver's
own adapters, and statements are prepared in the driver's own book of them: one that its cursors
have prepared is known here too, and what makes it forget them (a rollback) counts for both. After a
batch that failed or was broken off the book is begun anew, there and at the server: what it says of
that batch need not be so, and a statement that fails because it was prepared long ago (before a
column changed its type) would fail for as long as the connection lives.

Imported only where the database is PostgreSQL.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import IsolationLevel, errors, generators
from psycopg._preparing import Prepare
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

Row = tuple[Any, ...]
Question = tuple[bytes, Sequence[Any]]
"""A statement with its places numbered ($1), and the values for them."""

_BEGIN: Question = (b"BEGIN", ())
_BEGIN_AT: dict[IsolationLevel, Question] = {
    level: (f"BEGIN ISOLATION LEVEL {level.name.replace('_', ' ')}".encode(), ())
    for level in IsolationLevel
}
_COMMIT: Question = (b"COMMIT", ())
_ANSWERED = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
_USABLE = (TransactionStatus.IDLE, TransactionStatus.INTRANS)


class _Written(NamedTuple):
    """A question as it is sent; the driver's book knows it by its first two members."""

    query: bytes
    types: tuple[int, ...]
    values: Sequence[Any] | None
    formats: Sequence[Any] | None


class Asker:
    """What one connection asks in batches; like the connection, for one thread at a time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._book: Any = connection._prepared  # noqa: SLF001 - shared with its cursors, see above
        self._adapters = Transformer(connection)

    def ask(self, questions: Sequence[Question], *, and_commit: bool = False) -> list[list[Row]]:
        """The rows that each question answers, none for one that answers nothing.

        Begins a transaction as a cursor would. Raises psycopg.Error for the first question that
        failed; those after it, a COMMIT at the end too, have then done nothing.
        """
        begins = self._begins()
        asked = [*begins, *questions, _COMMIT] if and_commit else [*begins, *questions]
        results = self._send([self._written(query, values) for query, values in asked])
        for result in results:
            if result.status not in _ANSWERED:
                self._forget()
                raise errors.error_from_result(result)
        self._connection.wait(self._book.maintain_gen(self._connection))
        return [self._read(one) for one in results[len(begins) : len(begins) + len(questions)]]

    def _begins(self) -> list[Question]:
        connection = self._connection
        if connection.autocommit or connection.pgconn.transaction_status != TransactionStatus.IDLE:
            return []
        level = connection.isolation_level
        return [_BEGIN if level is None else _BEGIN_AT[level]]

    def _written(self, query: bytes, values: Sequence[Any]) -> _Written:
        if not values:
            return _Written(query, (), None, None)
        written = self._adapters.dump_sequence(values, [PyFormat.AUTO] * len(values))
        return _Written(query, self._adapters.types or (), written, self._adapters.formats)

    def _read(self, result: PGresult) -> list[Row]:
        if result.status != ExecStatus.TUPLES_OK:
            return []
        self._adapters.set_pgresult(result)
        rows: list[Row] = self._adapters.load_rows(0, result.ntuples, tuple)
        self._adapters.set_pgresult(None)
        return rows

    def _send(self, asked: Sequence[_Written]) -> list[PGresult]:
        """The answer to each question, or why it could not be prepared."""
        pgconn, book = self._connection.pgconn, self._book
        sent, count = list[tuple[_Written, Prepare, bytes]](), len(asked)
        pgconn.enter_pipeline_mode()
        try:
            for one in asked:
                known, name = book.get(one, True)
                if known is Prepare.SHOULD:
                    pgconn.send_prepare(name, one.query, one.types)
                    count += 1
                if known is Prepare.NO:  # the address says that nothing is to be prepared
                    pgconn.send_query_params(one.query, one.values, one.types, one.formats)
                else:
                    pgconn.send_query_prepared(name, one.values, one.formats)
                book.maybe_add_to_cache(one, known, name)
                sent.append((one, known, name))
            pgconn.pipeline_sync()
            found = iter(self._connection.wait(_answers(pgconn, count)))
        except BaseException:
            self._leave_pipeline()
            self._forget()
            raise
        self._leave_pipeline()
        return [self._answer(found, *one) for one in sent]

    def _answer(
        self, found: Iterator[PGresult], one: _Written, known: Prepare, name: bytes
    ) -> PGresult:
        if known is not Prepare.SHOULD:
            return next(found)
        prepared, result = next(found), next(found)
        if result.status in _ANSWERED:
            self._book.validate(self._book.key(one), known, name, [result])
        return result if prepared.status == ExecStatus.COMMAND_OK else prepared

    def _forget(self) -> None:
        """Begin the book anew; in a transaction that failed, the rollback tells the server."""
        self._book.clear()
        if self._connection.pgconn.transaction_status in _USABLE:
            self._connection.wait(self._book.maintain_gen(self._connection))

    def _leave_pipeline(self) -> None:
        """What still comes would be taken for the answer to the next question: then it is over."""
        pgconn = self._connection.pgconn
        if pgconn.status != ConnStatus.OK:
            return
        try:
            pgconn.exit_pipeline_mode()
        except psycopg.OperationalError:
            pgconn.finish()


def _answers(pgconn: PGconn, count: int) -> PQGen[list[PGresult]]:
    """Send what was queued, and wait for so many answers and the end of the batch."""
    found = list[PGresult]()
    try:
        yield from generators.send(pgconn)
        for _ in range(count):
            found += yield from generators.fetch_many(pgconn)
        yield from generators.fetch_many(pgconn)
    except psycopg.DatabaseError:
        # A server that ends a connection says why before.
        for result in found:
            if result.status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result) from None
        raise
    return found
