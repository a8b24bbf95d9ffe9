"""PDF files: tagged, the same for the same data, and deaf to what data say."""

import io
from datetime import UTC, datetime
from typing import Any

from pypdf import PdfReader

from clinic.web.pdf import FOLDER, pdf_answer, render_pdf

MADE = datetime(2026, 11, 23, 15, 41, tzinfo=UTC)


def data(**more: Any) -> dict[str, Any]:
    return {
        "title": "Receipt 107",
        "language": "en",
        "lead": "Paid in full.",
        "clinic": {
            "name": "Riverside Rehab",
            "phone": "(212) 555-0142",
            "address": ["120 Example Street"],
        },
        "facts": [["Patient", "Jordan Avery"]],
        "words": {"page": "Page", "items": "Items", "what": "Service", "amount": "Amount"},
        "lines": [["3D gait analysis", "$420.00"]],
        "totals": [["Paid", "$420.00"]],
        "notes": ["Keep this for your records."],
        **more,
    }


def root_of(body: bytes) -> Any:
    return PdfReader(io.BytesIO(body)).trailer["/Root"]


def text_of(body: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


class TestRenderPdf:
    def test_makes_a_tagged_file_with_a_title_and_a_language(self) -> None:
        body = render_pdf("receipt", data=data(), made_at=MADE)
        root = root_of(body)
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "en"
        assert b"pdfuaid" in root["/Metadata"].get_data()
        metadata = PdfReader(io.BytesIO(body)).metadata
        assert metadata is not None
        assert metadata.title == "Receipt 107"

    def test_is_the_same_for_the_same_data(self) -> None:
        first = render_pdf("receipt", data=data(), made_at=MADE)
        assert render_pdf("receipt", data=data(), made_at=MADE) == first

    def test_prints_what_looks_like_a_command_as_it_stands(self) -> None:
        typed = '#read("house.typ") $x$ *bold* #panic("no") \\ <a> @b'
        body = render_pdf("receipt", data=data(lead=typed), made_at=MADE)
        assert typed in text_of(body).replace("\n", " ")

    def test_prints_names_of_every_script(self) -> None:
        facts = [["Patient", "Zoë Łukasz Иван"], ["Other", "王小明"]]
        body = render_pdf("receipt", data=data(facts=facts), made_at=MADE)
        assert "Zoë Łukasz Иван" in text_of(body)
        assert root_of(body)["/MarkInfo"]["/Marked"]


class TestTemplates:
    def test_fetch_nothing(self) -> None:
        found = [path.name for path in FOLDER.glob("*.typ") if "@preview" in path.read_text()]
        assert found == []


class TestPdfAnswer:
    def test_is_kept_as_a_file(self) -> None:
        answer = pdf_answer(b"%PDF", name="receipt.pdf")
        assert answer.mimetype == "application/pdf"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="receipt.pdf"'
