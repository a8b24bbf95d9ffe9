"""Files that a motion lab writes and nobody looks at here: recordings (C3D) and tables of text.

They are kept as they came and only ever handed out as downloads. What can be asked of them is
asked: the ending, that the content is of that kind, its size, and that no other program would take
it for something that runs.
"""

import re
from pathlib import PurePosixPath

from clinic.documents.rules import EICAR, MediaType, is_two_things

LARGEST_LAB_BYTES = 20 * 1024 * 1024
RECORDING = ".c3d"
TABLES = frozenset({".csv", ".tsv", ".txt", ".trc", ".mot", ".sto", ".anc", ".grf"})
"""Markers, forces and angles as text: OpenSim's and Cortex' files, and what anybody exports."""
LAB_ENDINGS = TABLES | {RECORDING}

_BLOCK_BYTES = 512
_C3D_KEY = 0x50
_C3D_PROCESSORS = frozenset({84, 85, 86})
"""Intel, DEC and MIPS: who wrote the numbers (C3D User Guide, "The parameter section")."""
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_MARKUP = re.compile(rb"<!doctype|<html|<script|<\?(?:php|xml)|<svg[\s>]", re.IGNORECASE)
_FORMULA = re.compile(rb'(?:^(?:\xef\xbb\xbf)?|[\r\n,;\t])[ ]*"?[ ]*(?:[=@]|[+-][A-Za-z_]+[(|!])')
"""A cell that a spreadsheet would work out; a number with a sign is none."""


def lab_ending(name: str) -> str:
    """The ending of a name, in small letters, if a lab's file may have it; else ""."""
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    return ending if ending in LAB_ENDINGS else ""


def lab_media_type(content: bytes, *, ending: str) -> MediaType | None:
    """What the content is, if that is what its ending says; None where it is not."""
    if ending == RECORDING:
        return MediaType.C3D if _is_c3d(content) else None
    return MediaType.TABLE if ending in TABLES and _is_text(content) else None


def is_harmful(content: bytes, *, media_type: MediaType) -> bool:
    """Whether some program would run, unpack or work out what is in it."""
    if EICAR in content or is_two_things(content, media_type=media_type):
        return True
    return media_type is MediaType.TABLE and bool(
        _MARKUP.search(content) or _FORMULA.search(content)
    )


def _is_c3d(content: bytes) -> bool:
    """A header block that leads to a block of parameters inside the file."""
    if len(content) < 2 * _BLOCK_BYTES or content[1] != _C3D_KEY or content[0] < 2:
        return False
    at = (content[0] - 1) * _BLOCK_BYTES
    return at + 4 <= len(content) and content[at + 3] in _C3D_PROCESSORS


def _is_text(content: bytes) -> bool:
    """Lines of letters and numbers, in whatever alphabet."""
    return _NO_TEXT.search(content) is None
