"""What a page of a form is made of, and what it is drawn from."""

from collections.abc import Iterator
from dataclasses import dataclass

from clinic.intake.presenters.body_chart import BodyChart
from clinic.intake.rules.form import Form
from clinic.intake.rules.sent import Sent
from clinic.intake.rules.state import State
from clinic.web.fields import FieldView


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the page. ``kind``: words | radios | checks | select | scale | line | area | date
    | number | quantity | file | read | group | repeat | repetition.

    ``key`` names it for the script; ``is_off``: it is not asked just now. ``unit`` stands behind a
    number, ``other`` is a text beside options, ``units`` a choice of units, ``time`` a time of day,
    ``alone`` the options that exclude all others, ``files`` what was handed in (id and name).
    """

    kind: str
    key: str
    is_off: bool = False
    text: str = ""
    lines: tuple[str, ...] = ()
    field: FieldView | None = None
    other: FieldView | None = None
    units: FieldView | None = None
    time: FieldView | None = None
    unit: str = ""
    edges: tuple[str, str] = ("", "")
    blocks: tuple["Block", ...] = ()
    number: int = 0
    add: str = ""
    still: str = ""
    alone: str = ""
    chart: BodyChart | None = None
    link_id: str = ""
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page is drawn from: the state of what is stored and offered, and what was sent.

    ``offered`` are the linkIds whose answers are taken from earlier ones; ``theirs`` are those that
    changed elsewhere, with the words that stand there now. ``is_own_device``: what the browser
    knows of who types may be filled in.
    """

    form: Form
    state: State
    language: str = "en"
    sent: Sent | None = None
    offered: frozenset[str] = frozenset()
    theirs: tuple[tuple[str, str], ...] = ()
    missing: frozenset[str] = frozenset()
    is_own_device: bool = False


def shown_names(blocks: tuple[Block, ...]) -> Iterator[str]:
    """The names of the questions that are asked just now."""
    for block in blocks:
        if block.is_off:
            continue
        if block.field is not None:
            yield block.key
        yield from shown_names(block.blocks)
