"""PDF files from Typst templates: tagged, so that a screen reader can read them (PDF/UA-1).

A template is a file under `templates/pdf`; what it prints comes as data, never as source, so
nothing that somebody typed can become a command. Fonts are our own, and nothing is fetched.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Response

if TYPE_CHECKING:
    import typst

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "pdf"
_NO_GLYPH = "could not be displayed"


def render_pdf(template: str, *, data: Mapping[str, Any], made_at: datetime) -> bytes:
    """The PDF that ``templates/pdf/<template>.typ`` makes of ``data``.

    ``data`` is what JSON can hold and is read in the template as ``json(bytes(sys.inputs.data))``;
    text of it is printed as it stands. ``made_at`` is the moment the file tells as its own, so the
    same data give the same bytes. Letters that none of our fonts has are printed as boxes; only
    then the file cannot carry the mark of the standard, and stays tagged without it.
    """
    import typst  # 80 MB of it: loaded where a file is made, not when the app starts

    source = FOLDER / f"{template}.typ"
    try:
        return _compile(source, data, made_at, is_marked=True)
    except typst.TypstError as error:
        if _NO_GLYPH not in str(error):
            raise
        return _compile(source, data, made_at, is_marked=False)


def _compile(source: Path, data: Mapping[str, Any], made_at: datetime, *, is_marked: bool) -> bytes:
    import typst

    made: bytes = typst.compile(
        source,
        root=FOLDER,
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"] if is_marked else [],
        timestamp=int(made_at.timestamp()),
    )
    return made


@lru_cache(maxsize=1)
def _fonts() -> "typst.Fonts":
    """Ours and those Typst brings; what the machine has installed must not change a file."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[FOLDER / "fonts"])


def pdf_answer(body: bytes, *, name: str) -> Response:
    """A PDF to be kept as a file; ``name`` is plain ASCII and tells nothing of a patient."""
    answer = Response(body, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
