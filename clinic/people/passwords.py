"""Hashing passwords: argon2id, with a cost that many threads can bear at once.

19 MiB, two passes, one lane (OWASP's recommendation for argon2id). At most two hashes at a time in
a process, so that a crowd at the door costs time and not memory. Never inside a transaction.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from clinic.core.db import db, in_transaction
from clinic.people.rules.passwords import LONGEST, normal_password

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_at_once = threading.BoundedSemaphore(2)
# The hash of a password that nobody has: an unknown address costs the same time as a known one.
_NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$muN3bBz1dPDepifo2fB8iQ$"
    "Zilt64ldyoifCU3Vtsgg2CFDegoOORYJSeW335EPqHs"
)


def hash_password(password: str) -> str:
    """The hash to store; RuntimeError inside a transaction."""
    _step_out_of_database()
    with _at_once:
        return _hasher.hash(_bytes(password))


def is_right(password: str, *, stored: str | None) -> bool:
    """Whether the password belongs to the stored hash; as slow when there is none.

    RuntimeError inside a transaction.
    """
    _step_out_of_database()
    with _at_once:
        try:
            _hasher.verify(stored or _NOBODYS, _bytes(password[: LONGEST + 1]))
        except (VerifyMismatchError, InvalidHashError):
            return False
    return stored is not None and len(password) <= LONGEST


def _bytes(password: str) -> bytes:
    return normal_password(password).encode(errors="replace")


def _step_out_of_database() -> None:
    """No connection is kept from others while a processor counts."""
    if in_transaction():
        raise RuntimeError("passwords are hashed outside of transactions")
    db.session.rollback()
