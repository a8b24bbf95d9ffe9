"""The drawing of a body beside the question that asks for one, tied to its page's controls."""

from collections.abc import Mapping
from dataclasses import replace

from clinic.intake.presenters.block import Block
from clinic.intake.presenters.body_chart import BodyChart, Handles, present_body_chart
from clinic.intake.rules.body import CONTROL
from clinic.intake.rules.state import State
from clinic.web.fields import ChoiceView


def with_chart(blocks: tuple[Block, ...], state: State) -> tuple[Block, ...]:
    """The blocks with a drawing beside the question that asks for one (itemControl body-chart)."""
    places = {block.link_id: block for block in blocks}
    return tuple(
        replace(block, chart=_chart(block, places, state)) if _wants_chart(block, state) else block
        for block in blocks
    )


def _wants_chart(block: Block, state: State) -> bool:
    item = state.form.by_link.get(block.link_id)
    return item is not None and item.limits.control == CONTROL and block.field is not None


def _chart(block: Block, places: Mapping[str, Block], state: State) -> BodyChart:
    item = state.form.by_link[block.link_id]
    codes = [str(option.value.raw.get("code")) for option in item.options]
    choices = block.field.choices if block.field is not None else ()
    boxes = {code: choice.id for code, choice in zip(codes, choices, strict=False)}
    sides = {
        code: " ".join(choice.id for choice in _side_choices(places.get(f"at-{code}"), code))
        for code in codes
    }
    handles = Handles(
        boxes=boxes,
        sides=sides,
        worst=_pairs(places.get("worst-region"), state),
        overall=_pairs(places.get("side"), state),
    )
    return present_body_chart(state=state, regions=block.link_id, handles=handles)


def _pairs(block: Block | None, state: State) -> str:
    """`id=code` of each button of a question."""
    if block is None or block.field is None:
        return ""
    codes = [one.value.raw.get("code") for one in state.form.by_link[block.link_id].options]
    named = zip(block.field.choices, codes, strict=False)
    return " ".join(f"{choice.id}={code}" for choice, code in named)


def _side_choices(group: Block | None, code: str) -> tuple[ChoiceView, ...]:
    """Left, right and both of a place, as its form offers them in this order."""
    asked = group.blocks if group is not None else ()
    found = (one.field for one in asked if one.link_id == f"at-{code}-side")
    field = next(found, None)
    return field.choices[:3] if field is not None else ()
