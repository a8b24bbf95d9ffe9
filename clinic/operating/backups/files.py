"""Files of a backup: written for the owner's eyes only, read once more before they are believed."""

import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from clinic.operating.backups.manifest import KeptFile

CHUNK = 1024 * 1024
LINES = 500
_to_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Hashing(io.RawIOBase):
    """Passes on what is written, and knows its size and SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.digest.update(data)
        written = self._file.write(data)
        self.size += written
        return written


def open_private(path: Path) -> BinaryIO:
    """A new file that only its owner can read, in folders that are the owner's too.

    Raises FileExistsError when the name is taken.
    """
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(handle, "wb")


def write_rows(folder: Path, path: str, rows: Iterable[object]) -> tuple[KeptFile, int]:
    """One line of JSON for each row, packed; answers the file and how many rows."""
    count, lines = 0, []
    with open_private(folder / path) as file:
        hashing = _Hashing(file)
        with gzip.GzipFile("", "wb", compresslevel=1, fileobj=hashing, mtime=0) as packed:
            for row in rows:
                lines.append(_to_text(row))
                count += 1
                if len(lines) == LINES:
                    packed.write(_block(lines))
            packed.write(_block(lines))
    return KeptFile(path, hashing.size, hashing.digest.hexdigest()), count


def _block(lines: list[str]) -> bytes:
    block = "".join(f"{line}\n" for line in lines).encode()
    lines.clear()
    return block


def read_rows(folder: Path, path: str) -> Iterator[Any]:
    """The rows of such a file."""
    with gzip.open(folder / path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield json.loads(line)


def copy_file(source: Path, folder: Path, path: str) -> KeptFile:
    """Copy a file into a folder; FileNotFoundError, with nothing left behind, when it is gone."""
    with source.open("rb") as reading, open_private(folder / path) as file:
        hashing = _Hashing(file)
        while chunk := reading.read(CHUNK):
            hashing.write(chunk)
    return KeptFile(path, hashing.size, hashing.digest.hexdigest())


def is_as_kept(folder: Path, kept: KeptFile) -> bool:
    """Whether the file is there, with every byte as it was written."""
    path = folder / kept.path
    if not path.is_file() or path.stat().st_size != kept.size:
        return False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == kept.sha256


def settle(path: Path) -> None:
    """Bring a folder's names to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
