"""A questionnaire, read: items in document order with all that is asked of their answers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from clinic.intake.rules.fhirpath import Program
from clinic.intake.rules.values import Key, Value

GROUP = "group"
DISPLAY = "display"

T = TypeVar("T")

# What an item of each type is answered with (value[x]); choices add the types of their options.
ANSWERED_WITH = {
    "boolean": ("Boolean",),
    "decimal": ("Decimal",),
    "integer": ("Integer",),
    "date": ("Date",),
    "dateTime": ("DateTime",),
    "time": ("Time",),
    "string": ("String",),
    "text": ("String",),
    "url": ("Uri",),
    "choice": ("Coding",),
    "open-choice": ("Coding", "String"),
    "attachment": ("Attachment",),
    "reference": ("Reference",),
    "quantity": ("Quantity",),
}
TYPES = frozenset({GROUP, DISPLAY, *ANSWERED_WITH})
ABSTRACT = "question"


class Operator(StrEnum):
    """How an answer is compared in enableWhen."""

    EXISTS = "exists"
    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    LESS = "<"
    GREATER_OR_EQUAL = ">="
    LESS_OR_EQUAL = "<="


@dataclass(frozen=True, slots=True)
class Condition:
    """One enableWhen: another question's answers against a value."""

    question: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Option:
    """One answerOption; `weight` is its ordinalValue or itemWeight."""

    value: Value
    display: str
    weight: Any = None
    exclusive: bool = False
    initial: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """A FHIRPath expression of the form, compiled; `path` is its place in the definition."""

    name: str
    text: str
    path: str
    program: Program


@dataclass(frozen=True, slots=True)
class Constraint:
    """Something that must hold, with the sentence for when it does not."""

    key: str
    human: str
    is_error: bool
    expression: Expression


@dataclass(slots=True)
class Limits:
    """What an item's extensions ask of its answers. Sizes in bytes, lengths in characters."""

    min_length: int | None = None
    min_occurs: int | None = None
    max_occurs: int | None = None
    min_value: Value | None = None
    max_value: Value | None = None
    max_decimals: int | None = None
    max_size: Any = None
    pattern: Any = None
    mime_types: list[str] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    unit: dict[str, Any] | None = None
    reference_types: list[str] = field(default_factory=list)
    hidden: bool = False
    control: str | None = None
    weight: Any = None
    variables: list[Expression] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    enable: Expression | None = None
    calculated: Expression | None = None
    initial: Expression | None = None


NO_LIMITS = Limits()


@dataclass(slots=True, eq=False)
class Item:
    """One item; `path` is its place in the definition, `order` its number in document order."""

    link_id: str
    type: str
    path: str
    order: int
    parent: "Item | None"
    raw: dict[str, Any]
    text: str = ""
    depth: int = 0
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    max_length: int | None = None
    behavior: str = "any"
    conditions: tuple[Condition, ...] = ()
    is_cyclic: bool = False
    options: tuple[Option, ...] = ()
    option_keys: frozenset[Key] | None = None
    initial: tuple[Value, ...] = ()
    limits: Limits = field(default_factory=lambda: NO_LIMITS)
    children: list["Item"] = field(default_factory=list)
    value_sets: dict[str, Any] = field(default_factory=dict)  # of the form itself: read once
    spent_on_patterns: int = 0  # of the form itself, in instructions
    spent_on_expressions: int = 0  # of the form itself, in characters

    @property
    def is_question(self) -> bool:
        """Whether it can be answered."""
        return self.type not in {GROUP, DISPLAY}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types of value it may be answered with."""
        kinds = ANSWERED_WITH.get(self.type, ())
        if self.type in {"choice", "open-choice"} and self.options:
            offered = {option.value.kind for option in self.options}
            return (*kinds, *sorted(offered - set(kinds)))
        return kinds

    @property
    def root(self) -> "Item":
        """The form itself, as an item."""
        item = self
        while item.parent is not None:
            item = item.parent
        return item

    def ancestors(self) -> "Iterator[Item]":
        """Its parent, that one's parent and so on, without the form itself."""
        above = self.parent
        while above is not None and above.parent is not None:
            yield above
            above = above.parent


@dataclass(slots=True, eq=False)
class Form:
    """A questionnaire ready to be answered; `root` is the form itself as a group.

    Once it is read nothing of it changes, so what follows from it is worked out once and kept
    with it (`once`).
    """

    root: Item
    raw: dict[str, Any]
    items: tuple[Item, ...]
    by_link: dict[str, Item]
    evaluation_order: tuple[Item, ...] = ()
    kept: dict[Callable[["Form"], Any], Any] = field(default_factory=dict, repr=False)

    @property
    def has_expressions(self) -> bool:
        """Whether anything in it is said in FHIRPath."""
        return self.once(_has_expressions)

    def once(self, work: "Callable[[Form], T]") -> T:
        """What `work`, a function of a module, makes of this form; it is asked once."""
        if work not in self.kept:
            self.kept[work] = work(self)
        found: T = self.kept[work]
        return found


def _has_expressions(form: Form) -> bool:
    return any(
        item.limits.enable or item.limits.calculated or item.limits.constraints
        for item in (form.root, *form.items)
    )
