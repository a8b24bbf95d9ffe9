"""FHIRPath in bounded time: the part of the language that forms use, on a budget of steps.

Source: http://hl7.org/fhirpath/N1/ (normative release 1). What is not supported is refused when
an expression is compiled, by name; see docs/intake-engine.md for the list and for why this is no
library. Evaluation counts its steps: an expression can cost no more than the budget it is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Collection = list[Any]
Step = Callable[["Context", Collection], Collection]

LONGEST = 4000


class FhirPathError(Exception):
    """An expression that cannot be evaluated; the message is a sentence without a full stop."""


class NotSupported(FhirPathError):
    """A part of FHIRPath that is not supported here."""


class TooCostly(FhirPathError):
    """The steps that an evaluation may take are used up."""


@dataclass(slots=True)
class Budget:
    """Steps left; about a million a second."""

    left: int

    def spend(self, steps: int = 1) -> None:
        """Take steps; raises TooCostly when there are none left."""
        self.left -= steps
        if self.left < 0:
            raise TooCostly("the expressions of this form cost too much to evaluate")


@dataclass(slots=True)
class Context:
    """What an evaluation sees: `%name` by `lookup` (None: unknown), `$this`, `$index`, `$total`."""

    lookup: Callable[[str], Collection | None]
    budget: Budget
    this: Collection = field(default_factory=list)
    index: int = 0
    total: Collection = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression; `names` are the variables it asks for."""

    text: str
    run: Step
    names: frozenset[str]


def evaluate(
    *,
    program: Program,
    focus: Collection,
    lookup: Callable[[str], Collection | None],
    budget: Budget,
) -> Collection:
    """The collection an expression means for `focus`.

    Raises FhirPathError when it means nothing (a wrong type, an unknown variable) or costs more
    than the budget.
    """
    context = Context(lookup=lookup, budget=budget, this=focus)
    try:
        return program.run(context, focus)
    except RecursionError:
        raise TooCostly("the expression is nested too deeply") from None
    except (ArithmeticError, ValueError, TypeError) as fault:
        raise FhirPathError(
            f"the expression cannot be worked out ({type(fault).__name__})"
        ) from None


def variables(values: Mapping[str, Collection]) -> Callable[[str], Collection | None]:
    """A lookup in fixed values."""
    return values.get
