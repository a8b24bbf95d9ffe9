"""What is wrong, told as a FHIR R4 OperationOutcome.

Severities and codes are those of the value sets issue-severity and issue-type
(http://hl7.org/fhir/R4/valueset-issue-type.html).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

MOST_ISSUES = 500
_LONGEST_SHOWN = 60
_LARGEST_SHOWN = 10**18


class Severity(StrEnum):
    """How bad it is; an error or a fatal issue means: not accepted."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Code(StrEnum):
    """What kind of fault it is (the part of issue-type that we use)."""

    INVALID = "invalid"
    STRUCTURE = "structure"
    REQUIRED = "required"
    VALUE = "value"
    INVARIANT = "invariant"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not-found"
    NOT_SUPPORTED = "not-supported"
    CODE_INVALID = "code-invalid"
    BUSINESS_RULE = "business-rule"
    TOO_LONG = "too-long"
    TOO_COSTLY = "too-costly"
    EXCEPTION = "exception"
    INFORMATIONAL = "informational"


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault: `text` is a sentence for people, `expression` the FHIRPath of its place."""

    severity: Severity
    code: Code
    text: str
    expression: str

    @property
    def refuses(self) -> bool:
        """Whether this issue alone means that the form or the answers are not accepted."""
        return self.severity in {Severity.FATAL, Severity.ERROR}


class Issues:
    """Collects issues in the order they are found; past `MOST_ISSUES` it only counts."""

    def __init__(self) -> None:
        """Start with nothing wrong."""
        self._kept: list[Issue] = []
        self._left_out = 0
        self._refused = False

    def add(self, severity: Severity, code: Code, text: str, expression: str) -> None:
        """Note an issue."""
        self.extend((Issue(severity, code, text, expression),))

    def error(self, code: Code, text: str, expression: str) -> None:
        """Note what makes the form or the answers unacceptable."""
        self.add(Severity.ERROR, code, text, expression)

    def fatal(self, code: Code, text: str, expression: str) -> None:
        """Note what cannot be read any further."""
        self.add(Severity.FATAL, code, text, expression)

    def warn(self, code: Code, text: str, expression: str) -> None:
        """Note what a person should look at."""
        self.add(Severity.WARNING, code, text, expression)

    def inform(self, code: Code, text: str, expression: str) -> None:
        """Note what has no effect here."""
        self.add(Severity.INFORMATION, code, text, expression)

    def extend(self, issues: Iterable[Issue]) -> None:
        """Note issues found elsewhere."""
        for issue in issues:
            self._refused = self._refused or issue.refuses
            if len(self._kept) < MOST_ISSUES:
                self._kept.append(issue)
            else:
                self._left_out += 1

    def __iter__(self) -> Iterator[Issue]:
        """The kept issues, and a last one that counts those left out."""
        yield from self._kept
        if self._left_out:
            text = f"{self._left_out} more issues are not listed."
            severity = Severity.ERROR if self._refused else Severity.WARNING
            yield Issue(severity, Code.TOO_COSTLY, text, self._kept[-1].expression)

    def __len__(self) -> int:
        """How many issues there are, listed or not."""
        return len(self._kept) + self._left_out

    @property
    def refused(self) -> bool:
        """Whether any issue is an error or fatal."""
        return self._refused


def downgraded(issue: Issue) -> Issue:
    """The same issue as a warning, for answers that are still being written."""
    return replace(issue, severity=Severity.WARNING)


def operation_outcome(*, issues: Iterable[Issue]) -> dict[str, object]:
    """A FHIR R4 OperationOutcome; without any issue it says so, since `issue` is 1..*."""
    listed = list(issues) or [
        Issue(Severity.INFORMATION, Code.INFORMATIONAL, "Nothing is wrong.", "Questionnaire")
    ]
    return {"resourceType": "OperationOutcome", "issue": [_as_fhir(issue) for issue in listed]}


def _as_fhir(issue: Issue) -> dict[str, object]:
    told: dict[str, object] = {
        "severity": issue.severity.value,
        "code": issue.code.value,
        "details": {"text": issue.text},
    }
    if issue.expression:
        told["expression"] = [issue.expression]
    return told


def shown(value: object) -> str:
    """A value as an issue may quote it: short, on one line, whatever it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > _LARGEST_SHOWN:
        return "a huge number"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "null"
    words = "".join(sign if sign.isprintable() else "?" for sign in str(value)[:_LONGEST_SHOWN])
    return f"'{words}…'" if len(str(value)) > _LONGEST_SHOWN else f"'{words}'"
