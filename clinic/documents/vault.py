"""Encrypted files under DATA_DIR/documents, outside of anything that is served.

Every file has a key of its own, which its row keeps sealed. The content is cut into pieces of
64 KiB, each sealed by AES-256-GCM with its number and whether it is the last one, and bound to the
document's public id: pieces cannot be changed, reordered, left out or taken from another file, and
a cut-off end shows. A file appears under its name whole or not at all.
"""

import base64
import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from clinic.core.crypto import CannotOpen
from clinic.core.errors import Refusal
from clinic.core.types import from_micros

PIECE_BYTES = 64 * 1024
_TAG_BYTES = 16
_SEALED_PIECE = PIECE_BYTES + _TAG_BYTES
_MAGIC = b"clinic-document-1\n"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
UNFINISHED_FOR = timedelta(hours=1)


class NoRoom(Refusal):
    """The disk is full. What was there before is untouched."""

    code = "no-room"
    status = 507
    message = "We could not keep this file just now. Please try again later, or bring it with you."


def folder() -> Path:
    """Where the files lie; backups take it whole."""
    path: Path = current_app.config["CLINIC"].data_dir / "documents"
    return path


def new_file_key() -> str:
    """A key for one file, as text that a row can seal."""
    return base64.b64encode(AESGCM.generate_key(bit_length=256)).decode()


def write_file(*, public_id: str, key: str, content: bytes) -> None:
    """Encrypt and keep the content; raises NoRoom, leaving nothing behind."""
    place = path_of(public_id)
    temporary = None
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".new-")  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC)
            for piece in _sealed(public_id, key, content):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
        temporary = None
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NoRoom from error
        raise
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def read_file(*, public_id: str, key: str, size: int) -> Iterator[bytes]:
    """The content, piece by piece. The first one is opened before this answers.

    Raises CannotOpen for a file that is missing, altered, cut off or of another document.
    """
    pieces = _opened(public_id, key, size)
    first = next(pieces, b"")
    return _chained(first, pieces)


def remove_file(*, public_id: str) -> None:
    """Remove the file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        path_of(public_id).unlink()


def list_files(*, before: datetime) -> list[str]:
    """Public ids of all files older than ``before``; what was never finished is removed."""
    found = []
    for path in sorted(folder().glob("??/*")) + sorted(folder().glob("??/.new-*")):
        with contextlib.suppress(FileNotFoundError):
            written_at = from_micros(int(path.stat().st_mtime * 1_000_000))
            if written_at >= before:
                continue
            if path.name.startswith(".new-"):
                path.unlink()
            else:
                found.append(path.name)
    return found


def list_all() -> Iterator[str]:
    """Public ids of all files that are whole, in no order."""
    for path in folder().glob("??/*"):
        if not path.name.startswith(".new-"):
            yield path.name


def place_of(public_id: str) -> str:
    """Where in the folder a document's file lies."""
    return f"{public_id[:2].lower()}/{public_id}"


def path_of(public_id: str) -> Path:
    """Where a document's file lies."""
    return folder() / place_of(public_id)


def _sealed(public_id: str, key: str, content: bytes) -> Iterator[bytes]:
    box, bound_to = AESGCM(base64.b64decode(key)), _bound_to(public_id)
    starts = range(0, max(len(content), 1), PIECE_BYTES)
    for number, start in enumerate(starts):
        nonce = _nonce(number, is_last=start + PIECE_BYTES >= len(content))
        yield box.encrypt(nonce, content[start : start + PIECE_BYTES], bound_to)


def _opened(public_id: str, key: str, size: int) -> Iterator[bytes]:
    box, bound_to = AESGCM(base64.b64decode(key)), _bound_to(public_id)
    last = max(0, (size - 1) // PIECE_BYTES)
    try:
        with path_of(public_id).open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise CannotOpen("not a document of ours")
            for number in range(last + 1):
                sealed = file.read(_SEALED_PIECE)
                yield box.decrypt(_nonce(number, is_last=number == last), sealed, bound_to)
    except FileNotFoundError:
        raise CannotOpen("the document's file is missing") from None
    except (InvalidTag, ValueError):
        raise CannotOpen("the document's file was altered, cut off or exchanged") from None


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _bound_to(public_id: str) -> bytes:
    return f"documents|file|{public_id}".encode()
