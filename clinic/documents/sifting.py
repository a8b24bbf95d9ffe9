"""What is in an upload, by its content: opened, checked and, for images, written anew.

Sizes are asked before anything is unpacked. Images lose all but their pixels: places, names of
cameras, and whatever was hidden behind them. Of PDF files the structure is read; what runs, opens
other files or cannot be looked into is refused.
"""

import hashlib
import io
import logging
import threading
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clinic.core.errors import Refusal
from clinic.documents.lab_files import (
    LARGEST_LAB_BYTES,
    is_harmful,
    lab_ending,
    lab_media_type,
)
from clinic.documents.rules import (
    LARGEST_BYTES,
    LONGEST_SIDE,
    MOST_PAGES,
    MOST_PIXELS,
    MediaType,
    has_test_virus,
    is_phone_photo,
    is_two_things,
)

if TYPE_CHECKING:
    from PIL.Image import Image

PDF = "application/pdf"
IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
MOST_OBJECTS = 50_000
PDF_SECONDS = 5.0
_QUALITY = 88
_ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EmbeddedFiles", "/EmbeddedFile", "/EF", "/XFA", "/RichMedia"}
)
_ACTIVE_ACTIONS = frozenset(
    {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition"}
)
# Unpacked images are large: one at a time in each process keeps a small machine alive.
_one_at_a_time = threading.Lock()
# pypdf tells its log what it stumbled over, in the words of the file.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)


class FileEmpty(Refusal):
    """Nothing was chosen, or the file has no byte."""

    code = "file-empty"
    status = 422
    message = "The file is empty. Please choose another one."


class FileTooLarge(Refusal):
    """More bytes, pixels or pages than we take."""

    code = "file-too-large"
    status = 422
    message = "The file is too large. We take up to 10 MB, and PDF files of up to 200 pages."


class FileNotTaken(Refusal):
    """Neither a photo we know nor a PDF."""

    code = "file-not-taken"
    status = 422
    message = "We take photos (JPEG, PNG or WebP) and PDF files. Please choose another file."


class PhotoOfAPhone(FileNotTaken):
    """A photo in the format that only the maker's own devices open (HEIC)."""

    message = (
        "This photo is in a format (HEIC) that we cannot open. Take a screenshot of it and choose"
        " that, or set the phone's camera to “Most compatible” and take it again."
    )


class LabFileTooLarge(Refusal):
    """A recording with more bytes than we take."""

    code = "file-too-large"
    status = 422
    message = "The file is too large. We take files of the lab of up to 20 MB."


class LabFileNotTaken(Refusal):
    """An ending that no lab's file has, or a content that its ending does not say."""

    code = "file-not-taken"
    status = 422
    message = (
        "This is not what its name says. We take C3D recordings, and tables of text (CSV, TSV, "
        "TRC, MOT, STO, TXT)."
    )


class LabFileNotSafe(Refusal):
    """Some program would run it, unpack it, or work out a formula in it."""

    code = "file-not-safe"
    status = 422
    message = (
        "For everybody's safety we do not take this file. Tables may hold numbers and words, and "
        "no formulas, pages or archives."
    )


class FileDamaged(Refusal):
    """It says what it is and cannot be opened as that."""

    code = "file-damaged"
    status = 422
    message = "We could not open this file. It may be damaged. Please try another copy."


class FileNotSafe(Refusal):
    """A test virus, two kinds of file in one, or a PDF that runs or carries something."""

    code = "file-not-safe"
    status = 422
    message = (
        "For everybody's safety we do not take this file. A photo of the page works, or bring it "
        "with you."
    )


class FileLocked(Refusal):
    """A PDF with a password."""

    code = "file-locked"
    status = 422
    message = "This PDF has a password. Please remove it, or take a photo of the page."


@dataclass(frozen=True, slots=True)
class Sifted:
    """Content that may be kept, and what it is; ``ending`` where that does not follow."""

    content: bytes
    media_type: MediaType
    ending: str = ""

    @property
    def sha256(self) -> str:
        """The digest of the content, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def sift(*, content: bytes) -> Sifted:
    """The content as it may be kept.

    Raises FileEmpty, FileTooLarge, FileNotTaken, FileDamaged, FileNotSafe and FileLocked.
    """
    if not content:
        raise FileEmpty
    if len(content) > LARGEST_BYTES:
        raise FileTooLarge
    if has_test_virus(content):
        raise FileNotSafe
    kind = _kind(content)
    if kind == PDF:
        return _sift_pdf(content)
    if kind in IMAGES:
        return _sift_image(content, kind)
    raise PhotoOfAPhone if is_phone_photo(content) else FileNotTaken


def sift_lab_file(*, content: bytes, name: str) -> Sifted:
    """A lab's own file as it may be kept, byte for byte; its ending says what it must be.

    Raises FileEmpty, LabFileTooLarge, LabFileNotTaken and LabFileNotSafe.
    """
    if not content:
        raise FileEmpty
    if len(content) > LARGEST_LAB_BYTES:
        raise LabFileTooLarge
    ending = lab_ending(name)
    media_type = lab_media_type(content, ending=ending)
    if media_type is None:
        raise LabFileNotTaken
    if is_harmful(content, media_type=media_type):
        raise LabFileNotSafe
    return Sifted(content, media_type, ending)


def _kind(content: bytes) -> str:
    import filetype

    return str(filetype.guess_mime(content) or "")


def _sift_image(content: bytes, kind: str) -> Sifted:
    from PIL import Image

    media_type = MediaType.PNG if kind == "image/png" else MediaType.JPEG
    if is_two_things(content, media_type=media_type):
        raise FileNotSafe
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=(IMAGES[kind],)) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise FileTooLarge
                return Sifted(_written_anew(image, media_type), media_type)
    except Refusal:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileTooLarge from None
    # Pillow's readers fail in many ways on what was made to make them fail.
    except Exception:  # noqa: BLE001
        raise FileDamaged from None


def _written_anew(image: "Image", media_type: MediaType) -> bytes:
    """The pixels of the first picture, upright, no larger than can be read, and nothing else."""
    from PIL import ImageOps

    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    if media_type is MediaType.PNG:
        plain = upright.convert("RGBA" if "A" in upright.getbands() else "RGB")
        _without_words(plain).save(out, format="PNG", optimize=False)
    else:
        _without_words(upright.convert("RGB")).save(out, format="JPEG", quality=_QUALITY)
    return out.getvalue()


def _without_words(image: "Image") -> "Image":
    """The same pixels without anything that was written beside them."""
    image.info.clear()
    image.getexif().clear()
    return image


def _sift_pdf(content: bytes) -> Sifted:
    if not content.startswith(b"%PDF-") or is_two_things(content, media_type=MediaType.PDF):
        raise FileNotSafe
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what pypdf mends while reading is no news to us
            _look_through(content)
    except Refusal:
        raise
    # pypdf's readers fail in many ways on what was made to make them fail.
    except Exception:  # noqa: BLE001
        raise FileDamaged from None
    return Sifted(content, MediaType.PDF)


def _look_through(content: bytes) -> None:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise FileLocked
    until = time.monotonic() + PDF_SECONDS
    numbers = {n for table in reader.xref.values() for n in table} | set(reader.xref_objStm)
    if len(numbers) > MOST_OBJECTS:
        raise FileTooLarge
    pages = len(reader.pages)
    if pages == 0:
        raise FileDamaged
    if pages > MOST_PAGES:
        raise FileTooLarge
    for number in sorted(numbers):
        if time.monotonic() > until:
            raise FileTooLarge
        _refuse_active(_object(reader, number))


def _object(reader: Any, number: int) -> Any:
    """The object of that number; None where the table of contents is wrong about it."""
    from pypdf.errors import PdfReadError
    from pypdf.generic import IndirectObject

    try:
        return reader.get_object(IndirectObject(number, 0, reader))
    except (PdfReadError, KeyError, ValueError):
        return None


def _refuse_active(found: Any) -> None:
    """Raise FileNotSafe for a dictionary, at any depth, that runs, opens or carries something."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if _ACTIVE_KEYS & one.keys() or str(one.get("/S", "")) in _ACTIVE_ACTIONS:
                raise FileNotSafe
            waiting.extend(value for value in one.values() if isinstance(value, dict | list))
        elif isinstance(one, list):
            waiting.extend(value for value in one if isinstance(value, dict | list))
