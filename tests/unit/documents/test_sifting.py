"""What is taken of the files that people hand in."""

import io

import pytest
from PIL import Image

from clinic.core.errors import Refusal
from clinic.documents.rules import EICAR, LARGEST_BYTES, LONGEST_SIDE, MediaType
from clinic.documents.sifting import (
    FileDamaged,
    FileEmpty,
    FileLocked,
    FileNotSafe,
    FileNotTaken,
    FileTooLarge,
    sift,
)
from tests.unit.documents import files

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<!DOCTYPE html><script>alert(document.cookie)</script>"


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


class TestAnImage:
    @pytest.mark.parametrize(
        ("kind", "becomes"),
        [("JPEG", MediaType.JPEG), ("PNG", MediaType.PNG), ("WEBP", MediaType.JPEG)],
    )
    def test_is_written_anew_without_what_was_written_beside_it(
        self, kind: str, becomes: MediaType
    ) -> None:
        content = files.photo(kind)
        assert files.WORDS_OF_THE_CAMERA.encode() in content
        kept = sift(content=content)
        assert kept.media_type is becomes
        assert b"Pat" not in kept.content
        assert dict(opened(kept.content).getexif()) == {}

    def test_is_turned_upright(self) -> None:
        kept = sift(content=files.photo(size=(60, 40)))
        assert opened(kept.content).size == (40, 60)

    def test_is_no_larger_than_can_be_read(self) -> None:
        kept = sift(content=files.photo(size=(LONGEST_SIDE * 2, 80)))
        assert max(opened(kept.content).size) <= LONGEST_SIDE

    def test_keeps_no_byte_that_stood_behind_its_end(self) -> None:
        kept = sift(content=files.photo() + b"a secret behind the picture")
        assert b"secret" not in kept.content

    @pytest.mark.parametrize("second", [files.archive(), PAGE, SVG], ids=["zip", "page", "svg"])
    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    def test_that_is_something_else_too_is_refused(self, kind: str, second: bytes) -> None:
        with pytest.raises(FileNotSafe):
            sift(content=files.photo(kind) + second)

    @pytest.mark.parametrize("bomb", [files.bomb(), files.bomb(8_000, 8_000)])
    def test_that_would_unpack_to_too_many_pixels_is_refused(self, bomb: bytes) -> None:
        assert len(bomb) < 1000
        with pytest.raises(FileTooLarge):
            sift(content=bomb)

    def test_with_a_comment_that_unpacks_without_end_is_refused(self) -> None:
        with pytest.raises(FileDamaged):
            sift(content=files.wordy_bomb())

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_that_was_cut_off_is_refused(self, kind: str) -> None:
        whole = files.photo(kind, size=(400, 300))
        with pytest.raises(FileDamaged):
            sift(content=whole[: len(whole) * 2 // 3])


class TestAPdf:
    def test_is_kept_as_it_came(self) -> None:
        content = files.report(pages=3)
        kept = sift(content=content)
        assert (kept.media_type, kept.content) == (MediaType.PDF, content)

    @pytest.mark.parametrize(
        "content",
        [
            files.report_that_acts("/JavaScript"),
            files.report_that_acts("/Launch"),
            files.report_that_acts("/SubmitForm"),
            files.report_that_carries(),
            files.report() + files.archive(),
            PAGE + files.report(),
            files.report() + PAGE,
        ],
        ids=["script", "launches", "submits", "carries", "zip", "page first", "page last"],
    )
    def test_that_runs_or_carries_something_is_refused(self, content: bytes) -> None:
        with pytest.raises((FileNotSafe, FileNotTaken)):
            sift(content=content)

    def test_with_a_password_is_refused(self) -> None:
        with pytest.raises(FileLocked):
            sift(content=files.report(password="secret"))

    def test_of_too_many_pages_is_refused(self) -> None:
        with pytest.raises(FileTooLarge):
            sift(content=files.report(pages=201))

    def test_that_was_cut_off_is_refused(self) -> None:
        with pytest.raises((FileDamaged, FileNotSafe)):
            sift(content=files.report(pages=5)[:600])


class TestAnythingElse:
    @pytest.mark.parametrize(
        "content",
        [SVG, PAGE, files.archive(), b"MZ\x90\x00 a program", b"just words", b"GIF89a" + bytes(99)],
    )
    def test_is_not_taken(self, content: bytes) -> None:
        with pytest.raises(FileNotTaken):
            sift(content=content)

    def test_of_a_phones_own_format_is_told_how_to_come_in_another(self) -> None:
        photo = b"\x00\x00\x00\x18ftypheic" + bytes(100)
        with pytest.raises(FileNotTaken, match="HEIC"):
            sift(content=photo)

    def test_is_refused_when_it_is_empty_or_too_large(self) -> None:
        with pytest.raises(FileEmpty):
            sift(content=b"")
        with pytest.raises(FileTooLarge):
            sift(content=files.photo() + bytes(LARGEST_BYTES))

    @pytest.mark.parametrize("around", [b"", files.photo(), files.report()])
    def test_is_refused_when_the_test_virus_is_in_it(self, around: bytes) -> None:
        with pytest.raises(FileNotSafe):
            sift(content=around + EICAR)

    def test_says_why_in_words_for_patients(self) -> None:
        for kind in Refusal.__subclasses__():
            if kind.__module__ == "clinic.documents.sifting":
                assert kind.message.endswith("."), kind
