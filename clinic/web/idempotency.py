"""One answer for one Idempotency-Key (contract.md): asking again does not do it again.

A named lock keeps two calls with one key apart and is freed when its holder dies. The answer is
written in the very transaction of the operation that it tells of: both are there or neither is,
whenever a process is killed. There is no "running" row that could be left behind.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import current_app, request
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from clinic.core.db import db, housekeeping, recording
from clinic.core.errors import Invalid, Refusal
from clinic.core.locks import LockTaken, named_lock
from clinic.core.schema import violates
from clinic.web.access import client_address, current_actor
from clinic.web.models import IdempotentAnswer

R = TypeVar("R")
Answer = tuple[dict[str, Any], int]

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
WAIT_SECONDS = 5.0
NOT_KEPT = frozenset({401, 403, 429})
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_BATCH = 1000


class InProgress(Refusal):
    """The first call with this key is still running."""

    code = "in-progress"
    status = 409
    message = "The same request is being worked on. Ask again in a moment."


class IdempotencyMismatch(Refusal):
    """The key was used for another request."""

    code = "idempotency-mismatch"
    status = 422
    message = "This Idempotency-Key was used for another request."


def answer_once(
    *, body: object, run: Callable[[], R], answer: Callable[[R], Answer], now: datetime
) -> Answer:
    """What ``run`` brings, as ``answer`` words it; with an Idempotency-Key, done only once.

    ``body`` is the parsed JSON of the request. ``run`` checks it and calls one operation
    (``@transaction``); ``answer(result)`` is called inside that transaction, may read there, and
    its body must be JSON. What ``run`` refuses with a 4xx (401, 403 and 429 apart) is kept too.
    Without the header it is simply run. Raises what ``run`` raises, Invalid for an unusable key,
    InProgress after 5 s, IdempotencyMismatch; a kept refusal is raised again as it was.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return answer(run())
    if not _KEY.fullmatch(key):
        sentence = "Send 1 to 255 printable ASCII characters without spaces."
        raise Invalid({HEADER: [sentence]})
    slot, fingerprint = _slot(key), _fingerprint(body)
    # Nothing read so far may keep a connection from others while we wait.
    db.session.rollback()
    with ExitStack() as held:
        try:
            held.enter_context(named_lock(db.engine, f"idem:{slot}", wait_seconds=WAIT_SECONDS))
        except LockTaken:
            raise InProgress from None
        return _Once(slot, fingerprint, now).answer(run, answer)


class _Once:
    """One key's answer, worked out or read under its lock."""

    def __init__(self, slot: str, fingerprint: str, now: datetime) -> None:
        self.slot = slot
        self.fingerprint = fingerprint
        self.now = now
        self.given: Answer | None = None
        self.is_stale = False

    def answer(self, run: Callable[[], R], answer: Callable[[R], Answer]) -> Answer:
        known = self._known()
        if known is not None:
            return known

        def record(result: Any) -> None:
            self.given = None
            given = answer(result)
            self._write({"body": given[0]}, given[1])
            self.given = given

        try:
            with recording(record):
                result = run()
        except Refusal as refusal:
            if self.given is None and _is_kept(refusal):
                self._keep(_packed(refusal), refusal.status)
            raise
        except IntegrityError as error:
            # The server lost our lock and somebody else was let in: theirs is the one answer.
            if violates(error, "uq_idempotent_answers_slot"):
                raise InProgress from error
            raise
        if self.given is None:  # nothing was written (a preview), but the answer is kept as well
            self.given = answer(result)
            self._keep({"body": self.given[0]}, self.given[1])
        return self.given

    def _known(self) -> Answer | None:
        row = db.session.scalar(select(IdempotentAnswer).where(IdempotentAnswer.slot == self.slot))
        self.is_stale = row is not None and row.expires_at <= self.now
        if row is None or self.is_stale:
            return None
        if row.request_hash != self.fingerprint:
            raise IdempotencyMismatch
        kept = json.loads(row.body or "{}")
        if "refusal" in kept:
            raise _unpacked(kept["refusal"], row.status)
        return kept["body"], row.status

    @housekeeping
    def _keep(self, kept: dict[str, Any], status: int) -> None:
        self._write(kept, status)

    def _write(self, kept: dict[str, Any], status: int) -> None:
        if self.is_stale:  # an answer too old to count makes room
            db.session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.slot == self.slot))
        row = IdempotentAnswer(
            slot=self.slot,
            request_hash=self.fingerprint,
            status=status,
            body=json.dumps(kept),
            expires_at=self.now + KEPT,
        )
        db.session.add(row)
        db.session.flush()


def _is_kept(refusal: Refusal) -> bool:
    return 400 <= refusal.status < 500 and refusal.status not in NOT_KEPT


def _packed(refusal: Refusal) -> dict[str, Any]:
    told = {"code": refusal.code, "message": refusal.message, "details": refusal.details}
    return {"refusal": told}


def _unpacked(told: dict[str, Any], status: int) -> Refusal:
    refusal = Refusal(told["message"], **told["details"])
    refusal.code, refusal.status = told["code"], status
    return refusal


def asked_key(body: object) -> tuple[str, str] | None:
    """Under what a request with an Idempotency-Key is known, and what it asks: two keyed words.

    For work that outlives an answer which is not kept (a 503): asked again, it is gone on with.
    """
    key = request.headers.get(HEADER)
    return (_slot(key), _fingerprint(body)) if key is not None else None


def _slot(key: str) -> str:
    """Whose key it is (a token's, else an address's) and the key, as a keyed hash."""
    actor = current_actor()
    caller = f"token:{actor.id}" if actor.kind == "token" else f"address:{client_address()}"
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(secret, f"{caller}|{key}".encode(errors="replace"), hashlib.sha256).hexdigest()


def _fingerprint(body: object) -> str:
    """What was asked: method, path and the body as JSON, however it was spelled."""
    spelled = json.dumps([request.method, request.path, body], sort_keys=True)
    return hashlib.sha256(spelled.encode()).hexdigest()


def remove_old_answers(*, now: datetime) -> None:
    """Forget answers whose time is over, a thousand at once; their keys are free again."""
    old = select(IdempotentAnswer.id).where(IdempotentAnswer.expires_at <= now).limit(_BATCH)
    while db.session.scalars(old).first() is not None:
        _remove(now=now)


@housekeeping
def _remove(*, now: datetime) -> None:
    old = select(IdempotentAnswer.id).where(IdempotentAnswer.expires_at <= now).limit(_BATCH)
    db.session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.id.in_(old)))
