"""Files as patients, and others, hand them in; every one is made up here."""

import io
import struct
import zipfile
import zlib

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

WORDS_OF_THE_CAMERA = "48.8584 N 2.2945 E, camera of Pat"


def photo(kind: str = "JPEG", *, size: tuple[int, int] = (60, 40), color: str = "teal") -> bytes:
    """A picture, with a place and a name written into it."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = WORDS_OF_THE_CAMERA
    exif[0x0112] = 6  # lying on its side
    Image.new("RGB", size, color).save(out, format=kind, exif=exif)
    return out.getvalue()


def report(*, pages: int = 1, password: str | None = None) -> bytes:
    """A PDF file."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=612, height=792)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def report_that_acts(action: str) -> bytes:
    """A PDF that does something when it is opened."""
    writer = PdfWriter()
    writer.add_blank_page(width=612, height=792)
    act = DictionaryObject(
        {NameObject("/S"): NameObject(action), NameObject("/F"): TextStringObject("run.exe")}
    )
    writer.root_object[NameObject("/OpenAction")] = act
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def report_that_carries(name: str = "inside.exe") -> bytes:
    """A PDF with another file inside."""
    writer = PdfWriter()
    writer.add_blank_page(width=612, height=792)
    writer.add_attachment(name, b"MZ")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def archive() -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("run.js", "alert(1)")
    return out.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of a few hundred bytes that says it is enormous."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def wordy_bomb() -> bytes:
    """A PNG whose comment unpacks to 200 MB."""
    plain = photo("PNG")
    packed = zlib.compress(bytes(200_000_000), 9)
    data = b"zTXt" + b"Comment\x00\x00" + packed
    crc = struct.pack(">I", zlib.crc32(data))
    chunk = struct.pack(">I", len(data) - 4) + data + crc
    return plain[:33] + chunk + plain[33:]
