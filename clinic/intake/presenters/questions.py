"""What is wrong with a page of questions, for its summary."""

from collections.abc import Iterable, Iterator

from clinic.intake.presenters.block import Block
from clinic.web.fields import ErrorView


def errors_of(blocks: Iterable[Block]) -> tuple[ErrorView, ...]:
    """The faults of a page in its order, each with the field that it leads to."""
    return tuple(_errors(blocks))


def _errors(blocks: Iterable[Block]) -> Iterator[ErrorView]:
    for block in blocks:
        if block.field is not None and block.field.error and not block.is_off:
            yield ErrorView(block.key, block.field.error)
        yield from _errors(block.blocks)
