"""Names of files, and who reads which kind."""

import pytest

from clinic.core.values import Role
from clinic.documents.rules import LONGEST_NAME, READERS, Kind, MediaType, clean_name


class TestCleanName:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("card.jpg", "card.jpg"),
            ("../../etc/passwd", "passwd.jpg"),
            ("C:\\Users\\Pat\\card.PNG", "card.jpg"),
            ("invoice.pdf.exe", "invoice pdf.jpg"),
            ("evil\u202egpj.exe", "evilgpj.jpg"),
            ("a\r\nSet-Cookie: x=1.jpg", "a Set-Cookie x=1.jpg"),
            ('"><script>.jpg', "script.jpg"),
            (".htaccess", "htaccess.jpg"),
            ("", "document.jpg"),
            ("...", "document.jpg"),
            ("Überweisung März.jpeg", "Überweisung März.jpg"),
            ("\x00\x07.jpg", "jpg.jpg"),
        ],
    )
    def test_leaves_a_name_that_harms_nobody(self, given: str, kept: str) -> None:
        assert clean_name(given, media_type=MediaType.JPEG) == kept

    def test_keeps_the_ending_of_a_table_of_the_lab(self) -> None:
        kept = clean_name("../Walk 1.exe.TRC", media_type=MediaType.TABLE, ending=".trc")
        assert kept == "Walk 1 exe.trc"

    def test_bounds_its_length(self) -> None:
        assert len(clean_name("x" * 5000, media_type=MediaType.PDF)) == LONGEST_NAME + len(".pdf")


class TestReaders:
    def test_are_named_for_every_kind(self) -> None:
        assert READERS.keys() == set(Kind)

    def test_of_findings_are_those_who_treat(self) -> None:
        for kind in (Kind.IMAGING_REPORT, Kind.EXAM_REPORT, Kind.ULTRASOUND_REPORT, Kind.OTHER):
            assert READERS[kind] == {Role.CLINICIAN}

    def test_never_include_the_auditor(self) -> None:
        assert not any(Role.AUDITOR in roles for roles in READERS.values())
