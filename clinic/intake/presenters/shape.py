"""What a page asks just now: all that a script has to know of it while somebody types."""

from collections.abc import Iterator
from dataclasses import dataclass

from clinic.intake.presenters.block import Block, Drawing, shown_names
from clinic.intake.presenters.blocks import present_blocks
from clinic.intake.rules.form import Form
from clinic.intake.rules.influence import decide_page
from clinic.intake.rules.remembered import Remembered, digest_of
from clinic.intake.rules.sections import Section
from clinic.intake.rules.working import Answers, state_of


@dataclass(frozen=True, slots=True)
class Shape:
    """``shown`` names the questions that are asked, ``off`` what is on the page and not asked."""

    shown: str
    off: tuple[str, ...]


def shape_of_blocks(blocks: tuple[Block, ...]) -> Shape:
    """The shape of a page that is drawn."""
    return Shape(",".join(shown_names(blocks)), tuple(_off(blocks)))


def shape_of_page(*, form: Form, section: Section, answers: Answers) -> Shape:
    """The shape that a page with these answers has. Where what decides about it was the same
    before, it is not drawn for that."""
    known, deciding = form.once(_shapes), form.once(_deciding)
    if section.number not in deciding:
        deciding[section.number] = decide_page(form=form, section=section)
    names = deciding[section.number]
    if names is None:
        return _drawn(form, section, answers)
    key = (section.number, digest_of(names=names, answers=answers))
    return known.find(key) or known.keep(key, _drawn(form, section, answers))


def _drawn(form: Form, section: Section, answers: Answers) -> Shape:
    drawing = Drawing(form=form, state=state_of(form=form, answers=answers))
    return shape_of_blocks(present_blocks(drawing=drawing, items=section.items))


def _shapes(_form: Form) -> Remembered[Shape]:
    return Remembered()


def _deciding(_form: Form) -> dict[int, tuple[str, ...] | None]:
    return {}


def _off(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if block.is_off:
            yield block.key
        yield from _off(block.blocks)
