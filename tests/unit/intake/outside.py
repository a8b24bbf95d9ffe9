"""Where HL7's and others' cases are: beside the project, never in it."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
EXTERNAL = Path(os.environ.get("CLINIC_EXTERNAL") or ROOT.parent / "shared" / "external")
FHIR = EXTERNAL / "fhir"

needs_outside = pytest.mark.skipif(
    not FHIR.is_dir(), reason="the cases of others (../shared/external) are not on this machine"
)


def load(*parts: str) -> Any:
    """A JSON file of theirs; numbers with a point as Decimals."""
    text = FHIR.joinpath(*parts).read_text(encoding="utf-8")
    return json.loads(text, parse_float=Decimal)


def cases(folder: str, key: str = "") -> list[Any]:
    """The cases of a folder; none where the folder is absent (the test is skipped aloud)."""
    if not FHIR.is_dir():
        return []
    found = load(folder, "cases.json")
    return list(found[key] if key else found)
