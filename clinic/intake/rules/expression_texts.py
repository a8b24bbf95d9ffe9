"""The expressions of a definition: read, compiled once, reported when they cannot be used."""

from collections.abc import Callable
from typing import Any

from clinic.intake.rules.definition_parts import objects
from clinic.intake.rules.fhirpath import FhirPathError, NotSupported
from clinic.intake.rules.fhirpath_parser import compile_path
from clinic.intake.rules.form import Constraint, Expression, Item
from clinic.intake.rules.outcome import Code, Issues, shown

MOST_CHARACTERS = 60_000
LANGUAGE = "text/fhirpath"


def read_expression(attribute: str) -> Callable[..., None]:
    """A reader for an extension with one valueExpression."""

    def read(*, raw: dict[str, Any], item: Item, path: str, issues: Issues) -> None:
        expression = _value_expression(raw, item, path, issues)
        if expression is not None:
            setattr(item.limits, attribute, expression)

    return read


def read_variable(*, raw: dict[str, Any], item: Item, path: str, issues: Issues) -> None:
    """A named expression that others use as `%name`."""
    expression = _value_expression(raw, item, path, issues)
    if expression is None:
        return
    if not expression.name:
        issues.error(Code.REQUIRED, f"{_name(item)}: a variable has no name.", path)
        return
    item.limits.variables.append(expression)


def read_constraint(*, raw: dict[str, Any], item: Item, path: str, issues: Issues) -> None:
    """What must hold; from the parts key, severity, human and expression of the extension."""
    parts: dict[str, Any] = {}
    for place, part in objects(raw=raw, key="extension", path=path, issues=issues):
        name = part.get("url")
        values = [part[key] for key in part if key.startswith("value")]
        if not isinstance(name, str) or len(values) != 1:
            issues.error(Code.STRUCTURE, f"{_name(item)}: a part of a constraint is wrong.", place)
        else:
            parts[name] = values[0]
    told = parts.get("expression")
    if isinstance(told, dict):
        text, language = told.get("expression"), told.get("language", LANGUAGE)
    else:
        text, language = told, LANGUAGE
    expression = _compiled("", text, language, item, path, issues)
    if expression is not None:
        item.limits.constraints.append(
            Constraint(
                key=str(parts.get("key", "")),
                human=str(parts.get("human") or "What is answered does not fit together."),
                is_error=parts.get("severity", "error") == "error",
                expression=expression,
            )
        )


def _value_expression(
    raw: dict[str, Any], item: Item, path: str, issues: Issues
) -> Expression | None:
    value = raw.get("valueExpression")
    if not isinstance(value, dict):
        words = f"{_name(item)}: a valueExpression is missing."
        issues.error(Code.STRUCTURE, words, path)
        return None
    name, text = value.get("name", ""), value.get("expression")
    if not isinstance(name, str):
        issues.error(Code.STRUCTURE, f"{_name(item)}: a name must be a text.", path)
        return None
    return _compiled(name, text, value.get("language"), item, path, issues)


def _compiled(
    name: str, text: object, language: object, item: Item, path: str, issues: Issues
) -> Expression | None:
    if language != LANGUAGE:
        words = f"{_name(item)}: expressions in {shown(language)} are not supported."
        issues.warn(Code.NOT_SUPPORTED, words, path)
        return None
    if not isinstance(text, str) or not text:
        issues.error(Code.REQUIRED, f"{_name(item)}: the expression is missing.", path)
        return None
    root = item.root
    root.spent_on_expressions += len(text)
    try:
        if root.spent_on_expressions > MOST_CHARACTERS:
            raise NotSupported("there is too much FHIRPath in this form")
        return Expression(name=name, text=text, path=path, program=compile_path(text=text))
    except NotSupported as fault:
        issues.warn(Code.NOT_SUPPORTED, f"{_name(item)}: {fault}; it has no effect.", path)
    except FhirPathError as fault:
        issues.error(Code.INVALID, f"{_name(item)}: {fault}.", path)
    return None


def _name(item: Item) -> str:
    return item.link_id or "The form"
