"""Which files are taken, what they are called, and which role may read which kind."""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from clinic.core.values import Role


class Kind(StrEnum):
    """What a document is to the clinic."""

    CARD_FRONT = "card-front"
    CARD_BACK = "card-back"
    REFERRAL = "referral"
    IMAGING_REPORT = "imaging-report"
    EXAM_REPORT = "exam-report"
    ULTRASOUND_REPORT = "ultrasound-report"
    GAIT_REPORT = "gait-report"
    GAIT_DATA = "gait-data"
    OTHER = "other"


class MediaType(StrEnum):
    """What is kept. Other images become one of these, SVG and office files are refused.

    ``C3D`` and ``TABLE`` are a lab's own files (`lab_files`), which no browser is shown.
    """

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"
    C3D = "application/x-c3d"
    TABLE = "text/plain"


EXTENSIONS: Mapping[MediaType, str] = {
    MediaType.JPEG: ".jpg",
    MediaType.PNG: ".png",
    MediaType.PDF: ".pdf",
    MediaType.C3D: ".c3d",
    MediaType.TABLE: ".txt",
}

LARGEST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 3000
"""Pixels: what a person can read of a photographed page on any screen; larger ones are scaled."""
MOST_PAGES = 200
MOST_OF_ONE_THING = 20
"""Documents of one visit, order or response."""
LONGEST_NAME = 80
ABOUT = re.compile(r"(?:order|visit|response|patient):[A-Za-z0-9_-]{1,40}")

_DESK = frozenset({Role.FRONT_DESK, Role.CLINICIAN, Role.ADMIN})
_CARE = frozenset({Role.CLINICIAN})

# The desk copies cards and takes in referrals, whose dates it must know; findings are for those
# who treat, and for the lab where they are its own.
READERS: Mapping[Kind, frozenset[Role]] = {
    Kind.CARD_FRONT: _DESK,
    Kind.CARD_BACK: _DESK,
    Kind.REFERRAL: _DESK - {Role.ADMIN},
    Kind.IMAGING_REPORT: _CARE,
    Kind.EXAM_REPORT: _CARE,
    Kind.ULTRASOUND_REPORT: _CARE,
    Kind.GAIT_REPORT: frozenset({Role.CLINICIAN, Role.GAIT_LAB}),
    Kind.GAIT_DATA: frozenset({Role.CLINICIAN, Role.GAIT_LAB}),
    Kind.OTHER: _CARE,
}

# The industry's test file: what finds it would find a virus. It is written in two halves, so that
# scanners let this file be.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

_BARRED = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"*/:<>?\\|%;]')
# What makes a file be taken for a page, a program or an archive by those who look for it there.
_PAGE = re.compile(rb"<!doctype html|<html|<script|<\?php|<svg[\s>]", re.IGNORECASE)
_HEAD_BYTES = 4096
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL_BYTES = 22
_ZIP_LONGEST_COMMENT = 65_535
_OTHER_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_PHONE_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_PDF_HEAD = b"%PDF-"
_PDF_END = b"%%EOF"
_PDF_END_WITHIN_BYTES = 1024


def clean_name(name: str, *, media_type: MediaType, ending: str = "") -> str:
    """The file's name without path, controls, marks of direction or a second ending.

    The ending is the one of what the file is, or ``ending`` where it may have several. An empty
    name becomes "document".
    """
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(sign for sign in text if unicodedata.category(sign) not in {"Cf", "Cs", "Co"})
    text = " ".join(_BARRED.sub(" ", text).split()).strip(". ")
    stem = text.rsplit(".", 1)[0] if "." in text else text
    stem = stem.replace(".", " ").strip()[:LONGEST_NAME].strip() or "document"
    return f"{stem}{ending or EXTENSIONS[media_type]}"


def has_test_virus(content: bytes) -> bool:
    """Whether the EICAR test file is in it."""
    return EICAR in content


def is_phone_photo(content: bytes) -> bool:
    """Whether it is a photo in the HEIF container (ISO/IEC 23008-12) that phones write."""
    return content[4:8] == b"ftyp" and content[8:12] in _PHONE_BRANDS


def is_two_things(content: bytes, *, media_type: MediaType) -> bool:
    """Whether the bytes would also be taken for a page, an archive or a PDF by other programs."""
    head = content[:_HEAD_BYTES]
    if _PAGE.search(head) or _ends_as_zip(content) or _holds_archive(content):
        return True
    if media_type is MediaType.PDF:
        return _PDF_END not in content[-_PDF_END_WITHIN_BYTES:] or bool(
            _PAGE.search(content[-_HEAD_BYTES:])
        )
    return _PDF_HEAD in head or bool(_PAGE.search(content[-_HEAD_BYTES:]))


def _ends_as_zip(content: bytes) -> bool:
    """Whether a ZIP reader, which begins at the end, would find its directory there."""
    tail = content[-(_ZIP_TAIL_BYTES + _ZIP_LONGEST_COMMENT) :]
    at = tail.rfind(_ZIP_END)
    while at >= 0:
        comment = int.from_bytes(tail[at + 20 : at + 22], "little")
        if len(tail) - at >= _ZIP_TAIL_BYTES and at + _ZIP_TAIL_BYTES + comment <= len(tail):
            return True
        at = tail.rfind(_ZIP_END, 0, at)
    return False


def _holds_archive(content: bytes) -> bool:
    return any(mark in content for mark in _OTHER_ARCHIVES)
