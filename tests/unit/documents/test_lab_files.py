"""Which files of a gait lab are taken: what their ending says, and nothing that runs."""

import pytest

from clinic.core.errors import Refusal
from clinic.documents.lab_files import LARGEST_LAB_BYTES
from clinic.documents.rules import EICAR, MediaType
from clinic.documents.sifting import (
    FileEmpty,
    LabFileNotSafe,
    LabFileNotTaken,
    LabFileTooLarge,
    sift_lab_file,
)
from tests.unit.documents import files

TABLE = "Time,Knee angle (°)\r\n0.00,-12.5\r\n0.01,+3.25e-1\r\n".encode()
TRC = b"PathFileType\t4\t(X/Y/Z)\twalk.trc\nDataRate=100\n1\t0.00\t-1.5\t2.5\t3\n"


def recording(*, key: int = 0x50, processor: int = 84, block: int = 2) -> bytes:
    """The beginning of a C3D file: its header and its parameters."""
    head = bytes([block, key]).ljust(512, b"\0")
    return head + bytes([1, 0x50, 1, processor]).ljust(512, b"\0") + b"\x01\xfe" * 2000


class TestSiftLabFile:
    @pytest.mark.parametrize(
        ("name", "content", "media_type"),
        [
            ("Walk 1.C3D", recording(), MediaType.C3D),
            ("angles.csv", TABLE, MediaType.TABLE),
            ("angles.csv", b"\xef\xbb\xbf" + TABLE, MediaType.TABLE),
            ("angles.txt", "Kniewinkel \u00b0\n1;2\n".encode("cp1252"), MediaType.TABLE),
            ("walk.trc", TRC, MediaType.TABLE),
        ],
    )
    def test_keeps_what_a_lab_writes_byte_for_byte(
        self, name: str, content: bytes, media_type: MediaType
    ) -> None:
        sifted = sift_lab_file(content=content, name=name)
        assert (sifted.content, sifted.media_type) == (content, media_type)
        assert name.lower().endswith(sifted.ending)

    @pytest.mark.parametrize(
        ("name", "content", "refusal"),
        [
            ("walk.c3d", b"", FileEmpty),
            ("walk.c3d", TABLE, LabFileNotTaken),
            ("walk.c3d", recording(key=0x51), LabFileNotTaken),
            ("walk.c3d", recording(processor=1), LabFileNotTaken),
            ("walk.c3d", recording(block=200), LabFileNotTaken),
            ("walk.c3d", recording()[:600], LabFileNotTaken),
            ("walk.c3d", recording() + files.archive(), LabFileNotSafe),
            ("walk.c3d", recording() + EICAR, LabFileNotSafe),
            ("angles.csv", recording(), LabFileNotTaken),
            ("angles.csv", files.photo(), LabFileNotTaken),
            ("angles.csv", b"MZ\x90\x00", LabFileNotTaken),
            ("angles.csv", TABLE + b"=cmd|' /C calc'!A0,1\r\n", LabFileNotSafe),
            ("angles.csv", b'\xef\xbb\xbf"=1+1",2\n', LabFileNotSafe),
            ("angles.csv", b"1;@SUM(A1)\n", LabFileNotSafe),
            ("angles.csv", b"1,-cmd|x\n", LabFileNotSafe),
            ("angles.txt", b"x" * 5000 + b"<script>alert(1)</script>", LabFileNotSafe),
            ("angles.txt", b"%PDF-1.4 a table, said somebody\n", LabFileNotSafe),
            ("walk.exe", TABLE, LabFileNotTaken),
            ("walk", TABLE, LabFileNotTaken),
            ("walk.csv", b"1" * (LARGEST_LAB_BYTES + 1), LabFileTooLarge),
        ],
        ids=range(20),
    )
    def test_refuses_the_rest(self, name: str, content: bytes, refusal: type[Refusal]) -> None:
        with pytest.raises(refusal):
            sift_lab_file(content=content, name=name)
