"""Our own questionnaires, safety rules and patterns: data in our words, drafts for clinicians.

The questionnaires are FHIR R4; the rule sets' formats are described in docs/intake-engine.md.
"""

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from clinic.intake.rules.definition import read_form
from clinic.intake.rules.drafts import is_draft, with_conditions
from clinic.intake.rules.form import Form
from clinic.intake.rules.outcome import Issues
from clinic.intake.rules.patterns import PatternSet, read_patterns
from clinic.intake.rules.reading import read_json
from clinic.intake.rules.safety import RuleSet, read_rules

T = TypeVar("T")

FOLDER = Path(__file__).resolve().parent

# In the order in which a patient meets them.
QUESTIONNAIRES = (
    "symptoms",
    "about-you",
    "health-history",
    "activity-goals",
    "nprs",
    "psfs",
    "gait-intake",
    "consents",
)

SETS = {"rules": "safety-rules", "patterns": "patterns-to-consider"}


class BrokenLibrary(Exception):
    """A file of the library that cannot be used; a test keeps this from happening."""


def definition(*, name: str) -> Any:
    """A questionnaire's FHIR JSON, read anew: the caller may change it.

    Raises FileNotFoundError for a name that is not in `QUESTIONNAIRES`.
    """
    return read_json(data=(FOLDER / f"{name}.json").read_bytes())


@cache
def form(*, name: str) -> Form:
    """A questionnaire of the library, read and ready; the same object each time."""
    found, issues = read_form(raw=definition(name=name))
    return _whole(name, found, issues)


@cache
def safety_rules() -> RuleSet:
    """Our red flags."""
    found, issues = read_rules(raw=definition(name="safety-rules"))
    return _whole("safety-rules", found, issues)


@cache
def pattern_rules() -> PatternSet:
    """Our patterns to consider."""
    found, issues = read_patterns(raw=definition(name="patterns-to-consider"))
    return _whole("patterns-to-consider", found, issues)


def in_conditions(*, raw: Any, listed: str) -> Any:
    """A set of ``rules`` or ``patterns`` that the reader can take, if it is a draft in known words.

    Anything else is answered as it is.
    """
    if not is_draft(raw=raw, listed=listed):
        return raw
    ours = definition(name=SETS[listed])
    digests = definition(name="drafts")[listed]
    return with_conditions(draft=raw, ours=ours, digests=digests, listed=listed)


def _whole(name: str, found: T | None, issues: Issues) -> T:
    if found is None or issues.refused:
        raise BrokenLibrary(f"{name}: {next(iter(issues)).text}")
    return found
