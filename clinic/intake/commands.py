"""`flask --app wsgi questionnaire import | check | enabled | safety`.

Only `import` needs a database.
"""

import sys
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import AppGroup

from clinic.core.clock import now
from clinic.core.commands import on_our_schema
from clinic.core.errors import Refusal
from clinic.core.values import SYSTEM
from clinic.intake.library import in_conditions, pattern_rules, safety_rules
from clinic.intake.operations.questionnaires import DefinitionRefused, import_questionnaire
from clinic.intake.rules.checking import check_response, settled
from clinic.intake.rules.definition import read_form
from clinic.intake.rules.enabling import enabled_links
from clinic.intake.rules.form import Form
from clinic.intake.rules.outcome import Code, Issue, Issues, Severity, operation_outcome
from clinic.intake.rules.patterns import PatternSet, list_patterns, read_patterns
from clinic.intake.rules.reading import LARGEST_BYTES, Unreadable, read_json, write_json
from clinic.intake.rules.safety import RuleSet, fired_rules, highest_level, read_rules
from clinic.intake.rules.state import ROOT, State

REFUSED = 1
UNREADABLE = 2
OLDEST = 130

FILE = click.Path(path_type=Path)

questionnaire = AppGroup("questionnaire", help="Forms as data: FHIR R4 questionnaires.")


@questionnaire.command("check", with_appcontext=False)
@click.argument("definition", type=FILE)
@click.argument("answers", type=FILE, required=False)
def check(definition: Path, answers: Path | None) -> None:
    """Print an OperationOutcome about a Questionnaire and, if given, a QuestionnaireResponse.

    Exit 0 when no issue is an error or fatal, 1 when one is, 2 when a file cannot be read.
    """
    form, issues = read_form(raw=_load(definition, "Questionnaire"))
    if answers is not None:
        raw = _load(answers, ROOT)
        if form is not None:
            _state, found = check_response(form=form, raw=raw)
            issues.extend(found)
    _tell(issues)
    sys.exit(REFUSED if issues.refused else 0)


@questionnaire.command("import")
@click.argument("definition", type=FILE)
@click.option("--activate", is_flag=True, help="Give it to patients from now on.")
@click.option("--reason", help="Why the form was amended.")
@on_our_schema
def import_(definition: Path, activate: bool, reason: str | None) -> None:
    """Take a Questionnaire in as a new version, and print an OperationOutcome.

    The same text again changes nothing. Exit 0 when it was taken in; 1, and nothing is changed,
    when an issue is an error or the version is in use with another text; 2 when the file cannot be
    read.
    """
    raw = _load(definition, "Questionnaire")
    try:
        taken = import_questionnaire(
            raw=raw, actor=SYSTEM, now=now(), is_activated=activate, reason=reason
        )
    except DefinitionRefused as refusal:
        _tell(refusal.issues)
        sys.exit(REFUSED)
    except Refusal as refusal:
        _refuse(Code.BUSINESS_RULE, refusal.message, "Questionnaire.version")
    _tell(taken.issues)


@questionnaire.command("enabled", with_appcontext=False)
@click.argument("definition", type=FILE)
@click.argument("answers", type=FILE)
def enabled(definition: Path, answers: Path) -> None:
    """Print the linkIds that are enabled in that state, as a JSON list in document order.

    A definition with faults is used as far as it goes. Exit 1, with an OperationOutcome, when one
    of the files is no such resource at all; exit 2 when it cannot be read.
    """
    click.echo(write_json(enabled_links(state=_state(definition, answers)), indent=None))


@questionnaire.command("safety", with_appcontext=False)
@click.argument("definition", type=FILE)
@click.argument("answers", type=FILE)
@click.option("--rules", type=FILE, help="A rule set; ours by default.")
@click.option("--patterns", type=FILE, help="Patterns to consider; ours by default.")
@click.option("--age", type=click.IntRange(0, OLDEST), help="The patient's age in years.")
def safety(
    definition: Path, answers: Path, rules: Path | None, patterns: Path | None, age: int | None
) -> None:
    """Print the level, the red flags and the patterns that the answers call for, as JSON.

    Exit 1, with an OperationOutcome, when a file is not what it should be; 2 when it cannot be
    read.
    """
    state = _state(definition, answers)
    rule_set, listing = _rule_set(rules), _pattern_set(patterns)
    events = fired_rules(rules=rule_set, state=state, age=age)
    listed = list_patterns(patterns=listing, state=state, age=age, fired=events)
    told = {
        "level": highest_level(events),
        "redFlags": [event.rule_id for event in events],
        "patterns": [found.pattern_id for found in listed],
    }
    click.echo(write_json(told, indent=None))


def _state(definition: Path, answers: Path) -> State:
    form = _form(definition)
    raw = _load(answers, ROOT)
    if not isinstance(raw, dict) or raw.get("resourceType") != ROOT:
        _refuse(Code.INVALID, "This is no QuestionnaireResponse.", ROOT)
    return settled(form=form, raw=raw)


def _form(definition: Path) -> Form:
    form, issues = read_form(raw=_load(definition, "Questionnaire"))
    if form is None:
        _tell(issues)
        sys.exit(REFUSED)
    return form


def _rule_set(path: Path | None) -> RuleSet:
    if path is None:
        return safety_rules()
    rules, issues = read_rules(raw=in_conditions(raw=_load(path, "rules"), listed="rules"))
    if rules is None or issues.refused:
        _tell(issues)
        sys.exit(REFUSED)
    return rules


def _pattern_set(path: Path | None) -> PatternSet:
    if path is None:
        return pattern_rules()
    raw = in_conditions(raw=_load(path, "patterns"), listed="patterns")
    patterns, issues = read_patterns(raw=raw)
    if patterns is None or issues.refused:
        _tell(issues)
        sys.exit(REFUSED)
    return patterns


def _load(path: Path, what: str) -> Any:
    """The JSON of a file; ends the command when there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as fault:
        _refuse(Code.EXCEPTION, f"{path}: {fault.strerror or 'cannot be read'}.", what, UNREADABLE)
    try:
        return read_json(data=data)
    except Unreadable as fault:
        _refuse(fault.issue.code, f"{path.name}: {fault.issue.text}", what)


def _refuse(code: Code, text: str, expression: str, status: int = REFUSED) -> NoReturn:
    issues = Issues()
    issues.extend((Issue(Severity.FATAL, code, text, expression),))
    _tell(issues)
    sys.exit(status)


def _tell(issues: Issues) -> None:
    click.echo(write_json(operation_outcome(issues=issues)))
