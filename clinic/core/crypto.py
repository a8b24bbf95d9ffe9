"""Encrypted fields: AES-256-GCM under a ring of keys, bound to the row they belong to.

A sealed text is ``v1.<key id>.<nonce>.<ciphertext>``. Table, column and the row's public id are
authenticated with it, so a value pasted into another row or column does not open. The first key of
the ring seals; every key of the ring opens.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from typing import Any, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

_EXTENSION = "clinic-keyring"
_NONCE_BYTES = 12


class CannotOpen(Exception):
    """A sealed text that no key of the ring opens at this place: wrong key, moved or altered."""


class Keyring:
    """Named 256-bit keys; the first one given is the active one. Raises ValueError without any."""

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        if not keys:
            raise ValueError("a key ring needs at least one key")
        self.active = keys[0][0]
        self._raw: Mapping[str, bytes] = dict(keys)
        self._boxes = {name: AESGCM(raw) for name, raw in keys}
        self._derived: dict[tuple[str, str], bytes] = {}

    def seal(self, text: str, *, bound_to: str) -> str:
        """Encrypt ``text`` so that it opens only together with ``bound_to``."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._boxes[self.active].encrypt(nonce, text.encode(), bound_to.encode())
        return f"v1.{self.active}.{_encode(nonce)}.{_encode(sealed)}"

    def open(self, sealed: str, *, bound_to: str) -> str:
        """The text again; raises CannotOpen for another place, an unknown key or a changed byte."""
        try:
            version, name, nonce, body = sealed.split(".")
            if version != "v1":
                raise CannotOpen(f"unknown envelope {version!r}")
            plain = self._boxes[name].decrypt(_decode(nonce), _decode(body), bound_to.encode())
        except KeyError:
            raise CannotOpen("sealed with a key that is not in CLINIC_KEYS") from None
        except (InvalidTag, ValueError):
            raise CannotOpen("altered, or moved from another row") from None
        return plain.decode()

    def sealed_anew(self, sealed: str, *, bound_to: str) -> str | None:
        """The same text under the active key; None when no key of the ring opens it."""
        try:
            return self.seal(self.open(sealed, bound_to=bound_to), bound_to=bound_to)
        except CannotOpen:
            return None

    def derived(self, purpose: str, *, key_name: str | None = None) -> bytes:
        """A 256-bit key for another purpose, from the named (or active) key by HMAC-SHA-256.

        Raises CannotOpen when the ring has no key of that name.
        """
        name = key_name or self.active
        known = self._derived.get((name, purpose))
        if known is not None:
            return known
        raw = self._raw.get(name)
        if raw is None:
            raise CannotOpen(f"the key {key_name!r} is not in CLINIC_KEYS")
        made = hmac.digest(raw, purpose.encode(), hashlib.sha256)
        self._derived[name, purpose] = made
        return made

    def mac(self, purpose: str, text: str) -> str:
        """128 bits of HMAC-SHA-256 of ``text`` for a purpose, as 32 hexadecimal digits."""
        return self._mac(self.active, purpose, text)

    def proves(self, purpose: str, text: str, mac: str) -> bool:
        """Whether ``mac`` was made of ``text`` for the purpose under any key of the ring."""
        proofs = (self._mac(name, purpose, text) for name in self._raw)
        return any(hmac.compare_digest(proof.encode(), mac.encode()) for proof in proofs)

    def _mac(self, key_name: str, purpose: str, text: str) -> str:
        key = self.derived(purpose, key_name=key_name)
        return hmac.digest(key, text.encode(), hashlib.sha256).hex()[:32]


def use_keys(app: Any, keys: Sequence[tuple[str, bytes]]) -> None:
    """Give the application its key ring."""
    app.extensions[_EXTENSION] = Keyring(keys)


def keyring() -> Keyring:
    """The key ring of the current application."""
    found: Keyring = current_app.extensions[_EXTENSION]
    return found


class EncryptedText:
    """A readable and writable text attribute over a sealed column of a row with a ``public_id``.

    ``note = EncryptedText("note_sealed")``; reading raises CannotOpen when the value was moved.
    """

    def __init__(self, column: str) -> None:
        self.column = column
        self.table = ""

    def __set_name__(self, owner: type, _name: str) -> None:
        """Remember whose it is."""
        self.table = getattr(owner, "__tablename__", "")

    def sealed(self, text: str | None, *, public_id: str) -> str | None:
        """What the column of the row with that public id holds for ``text``.

        For rows that are inserted past the session: ``Message.context.sealed(text, ...)``.
        """
        place = f"{self.table}|{self.column}|{public_id}"
        return None if text is None else keyring().seal(text, bound_to=place)

    @overload
    def __get__(self, row: None, owner: type) -> "EncryptedText": ...
    @overload
    def __get__(self, row: object, owner: type) -> str | None: ...
    def __get__(self, row: Any, owner: type) -> "EncryptedText | str | None":
        """Open the stored value, None when there is none."""
        if row is None:
            return self
        sealed = getattr(row, self.column)
        return None if sealed is None else keyring().open(sealed, bound_to=self._place(row))

    def __set__(self, row: Any, text: str | None) -> None:
        """Seal and store ``text``; None clears it."""
        sealed = None if text is None else keyring().seal(text, bound_to=self._place(row))
        setattr(row, self.column, sealed)

    def _place(self, row: Any) -> str:
        return f"{row.__tablename__}|{self.column}|{row.public_id}"


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
