"""The one file of a backup that is written last: what else there is, and proof that it is all ours.

Every other file stands in it with its SHA-256, and it is signed under the key ring: whoever has no
key can neither change a backup nor make one. ``keys`` holds a proof for each key that something in
the backup needs; no key follows from it.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from clinic.core.crypto import CannotOpen, Keyring
from clinic.core.types import canonical_json

NAME = "manifest.json"
FORMAT = "clinic-backup"
VERSION = 1
SIGNED = "backup-manifest"
PROVEN = "backup-key"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file by its path in the backup."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table's file. ``next_id`` is where its numbering goes on, None where the rows tell."""

    name: str
    columns: list[list[str]]
    rows: int
    next_id: int | None
    file: KeptFile


@dataclass(frozen=True, slots=True)
class KeptDocuments:
    """The list of uploads, a file with one line each; ``missing`` had no file to be kept."""

    count: int
    size: int
    missing: list[str]
    file: KeptFile


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is. ``made_at`` is the moment that it shows, in RFC 3339.

    ``keys`` has None for a key that the ring had no more when the backup was made.
    """

    product: str
    engine: str
    revision: str
    made_at: str
    audit_head: str | None
    active_key: str
    tables: list[KeptTable]
    left_out: list[str]
    documents: KeptDocuments
    keys: dict[str, str | None] = field(default_factory=dict)
    signature: str = ""
    format: str = FORMAT
    format_version: int = VERSION

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)

    def signed(self, ring: Keyring) -> "Manifest":
        """The same with its signature."""
        return replace(self, signature=ring.mac(SIGNED, self._content()))

    def is_genuine(self, ring: Keyring) -> bool:
        """Whether it is as it was signed, under a key of the ring."""
        return ring.proves(SIGNED, self._content(), self.signature)

    def to_text(self) -> str:
        """The file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    def _content(self) -> str:
        return canonical_json({**asdict(self), "signature": ""})


def read_manifest(path: Path) -> Manifest:
    """The manifest of a file.

    Raises OSError; ValueError when it is none, UnknownFormat when it is one of a later product.
    """
    told = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ValueError("this is no manifest of a backup")
    if told.get("format_version") != VERSION:
        raise UnknownFormat(str(told.get("format_version")))
    try:
        return _from_dict(told)
    except (KeyError, TypeError) as error:
        raise ValueError(f"the manifest is not whole: {error}") from error


class UnknownFormat(Exception):
    """The backup has a format that this code does not know."""


def _from_dict(told: dict[str, Any]) -> Manifest:
    tables = [KeptTable(**{**one, "file": KeptFile(**one["file"])}) for one in told["tables"]]
    documents = KeptDocuments(
        **{**told["documents"], "file": KeptFile(**told["documents"]["file"])}
    )
    return Manifest(**{**told, "tables": tables, "documents": documents})


def proof_of(name: str, ring: Keyring) -> str | None:
    """What shows that a ring has this very key; None when the ring has none of that name."""
    try:
        return ring.derived(PROVEN, key_name=name).hex()[:32]
    except CannotOpen:
        return None
