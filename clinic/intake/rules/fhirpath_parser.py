"""From text to a program: recursive descent over FHIRPath's grammar, straight to steps.

Chains of one precedence and paths become loops, so that only brackets nest.
Grammar: http://hl7.org/fhirpath/N1/grammar.html.
"""

import operator
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from clinic.intake.rules.fhirpath import (
    Collection,
    Context,
    FhirPathError,
    NotSupported,
    Program,
    Step,
)
from clinic.intake.rules.fhirpath_functions import FUNCTIONS
from clinic.intake.rules.fhirpath_operators import BINARY, LEVELS, TYPES, of_type
from clinic.intake.rules.fhirpath_strings import STRING_FUNCTIONS
from clinic.intake.rules.fhirpath_tokens import END, Token, tokens, unquoted
from clinic.intake.rules.fhirpath_values import arithmetic, children, single
from clinic.intake.rules.outcome import shown

DEEPEST = 20
_ALL_FUNCTIONS = {**FUNCTIONS, **STRING_FUNCTIONS}
_TYPE_LEVEL = next(level for level, words in enumerate(LEVELS) if "is" in words)
_DURATIONS = frozenset(
    f"{name}{plural}"
    for name in ("year", "month", "week", "day", "hour", "minute", "second", "millisecond")
    for plural in ("", "s")
)


@lru_cache(maxsize=1000)
def compile_path(*, text: str) -> Program:
    """A program; the same text is compiled once.

    Raises NotSupported naming what is not, FhirPathError where the text is no FHIRPath.
    """
    parser = _Parser(tokens(text=text))
    try:
        run = parser.expression(0)
    except RecursionError:
        raise FhirPathError("the expression is nested too deeply") from None
    parser.expect(END, "")
    return Program(text=text, run=run, names=frozenset(parser.names))


class _Parser:
    """A place among the words."""

    def __init__(self, words: list[Token]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0
        self.names: set[str] = set()

    @property
    def _next(self) -> Token:
        return self._words[self._at]

    def _take(self) -> Token:
        word = self._words[self._at]
        self._at += 1
        return word

    def _has(self, *signs: str) -> bool:
        word = self._next
        return word.kind in {"sign", "name"} and word.text in signs

    def expect(self, kind: str, text: str) -> Token:
        word = self._next
        if word.kind != kind or (text and word.text != text):
            raise FhirPathError(f"the expression cannot be read at character {word.at + 1}")
        return self._take() if kind != END else word

    def expression(self, level: int) -> Step:
        """Everything that binds at least as tightly as `level`."""
        if level == len(LEVELS):
            return self._unary()
        first = self.expression(level + 1)
        if level == _TYPE_LEVEL:
            return self._typed(first)
        rest: list[tuple[Any, Step]] = []
        while self._has(*LEVELS[level]):
            rest.append((BINARY[self._take().text], self.expression(level + 1)))
        return _chain(first, rest) if rest else first

    def _typed(self, first: Step) -> Step:
        while self._has("is", "as"):
            keeps = self._take().text == "as"
            first = of_type(first, self._type_name(), keeps=keeps)
        return first

    def _type_name(self) -> str:
        name = self.expect("name", "").text
        while self._has("."):
            self._take()
            name = self.expect("name", "").text
        if name not in TYPES:
            raise NotSupported(f"the type {shown(name)} is not supported")
        return name

    def _unary(self) -> Step:
        negative = False
        while self._has("+", "-"):
            negative ^= self._take().text == "-"
        inner = self._path()
        if not negative:
            return inner
        return lambda context, focus: arithmetic([0], inner(context, focus), operator.sub)

    def _path(self) -> Step:
        steps = [self._term()]
        while self._has(".", "["):
            if self._take().text == ".":
                steps.append(self._invocation())
            else:
                steps.append(_indexed(self._nested()))
                self.expect("sign", "]")
        return steps[0] if len(steps) == 1 else _path_of(steps)

    def _nested(self) -> Step:
        self._depth += 1
        if self._depth > DEEPEST:
            raise FhirPathError(f"brackets are nested more than {DEEPEST} deep")
        inner = self.expression(0)
        self._depth -= 1
        return inner

    def _term(self) -> Step:
        word = self._next
        if word.kind in {"name", "quoted"}:
            return self._literal_word() or self._invocation()
        if word.kind == "special":
            return _special(self._take().text)
        if word.kind == "variable":
            return self._variable()
        if word.kind in {"number", "text", "date"}:
            return self._literal()
        return self._bracket()

    def _bracket(self) -> Step:
        if self._has("{"):
            self._take()
            self.expect("sign", "}")
            return lambda _context, _focus: []
        self.expect("sign", "(")
        inner = self._nested()
        self.expect("sign", ")")
        return inner

    def _literal_word(self) -> Step | None:
        if not self._has("true", "false"):
            return None
        value = self._take().text == "true"
        return lambda _context, _focus: [value]

    def _literal(self) -> Step:
        word = self._take()
        value: Any = word.text
        if word.kind == "text":
            value = unquoted(word.text)
        elif word.kind == "date":
            value = word.text.removeprefix("@").removeprefix("T").removesuffix("T")
        elif word.kind == "number":
            value = Decimal(word.text) if "." in word.text else int(word.text)
            value = self._quantity(value)
        return lambda _context, _focus: [value]

    def _quantity(self, amount: Any) -> Any:
        if self._next.kind == "text":
            return {"value": amount, "code": unquoted(self._take().text)}
        if self._next.kind == "name" and self._next.text in _DURATIONS:
            raise NotSupported("reckoning with dates is not supported")
        return amount

    def _variable(self) -> Step:
        name = self._take().text[1:].strip("`'")
        self.names.add(name)

        def look_up(context: Context, _focus: Collection) -> Collection:
            context.budget.spend()
            found = context.lookup(name)
            if found is None:
                raise FhirPathError(f"the variable {shown(name)} is not known")
            return found

        return look_up

    def _invocation(self) -> Step:
        word = self._take()
        if word.kind == "special":
            return _special(word.text)
        if word.kind not in {"name", "quoted"}:
            raise FhirPathError(f"the expression cannot be read at character {word.at + 1}")
        name = word.text if word.kind == "name" else unquoted(word.text)
        return self._call(name) if self._has("(") else _child(name)

    def _call(self, name: str) -> Step:
        self._take()
        if name in {"ofType", "is", "as"}:
            kind = self._type_name()
            self.expect("sign", ")")
            return of_type(lambda _context, focus: focus, kind, keeps=name != "is")
        arguments = []
        while not self._has(")"):
            arguments.append(self._nested())
            if not self._has(")"):
                self.expect("sign", ",")
        self.expect("sign", ")")
        return _called(name, arguments)


def _called(name: str, arguments: list[Step]) -> Step:
    function = _ALL_FUNCTIONS.get(name)
    if function is None:
        raise NotSupported(f"the function {shown(name)} is not supported")
    if not function.least <= len(arguments) <= function.most:
        raise FhirPathError(f"the function {shown(name)} has the wrong number of arguments")
    work = function.work
    return lambda context, focus: work(context, focus, arguments)


def _chain(
    first: Step, rest: list[tuple[Callable[[Context, Collection, Collection], Collection], Step]]
) -> Step:
    def run(context: Context, focus: Collection) -> Collection:
        result = first(context, focus)
        for work, step in rest:
            result = work(context, result, step(context, focus))
        return result

    return run


def _path_of(steps: list[Step]) -> Step:
    def run(context: Context, focus: Collection) -> Collection:
        for step in steps:
            focus = step(context, focus)
        return focus

    return run


def _child(name: str) -> Step:
    def run(context: Context, focus: Collection) -> Collection:
        context.budget.spend(1 + len(focus))
        if len(focus) == 1:
            value = focus[0]
            if isinstance(value, dict) and value.get("resourceType") == name:
                return focus  # a path may begin with the type it starts from
            return children(value, name)
        found = [child for value in focus for child in children(value, name)]
        context.budget.spend(len(found))
        return found

    return run


def _indexed(position: Step) -> Step:
    def run(context: Context, focus: Collection) -> Collection:
        index = single(position(context, context.this))
        if not isinstance(index, int) or isinstance(index, bool):
            raise FhirPathError("an index must be a whole number")
        return focus[index : index + 1] if index >= 0 else []

    return run


def _special(name: str) -> Step:
    if name == "$this":
        return lambda context, _focus: context.this
    if name == "$index":
        return lambda context, _focus: [context.index]
    return lambda context, _focus: context.total
