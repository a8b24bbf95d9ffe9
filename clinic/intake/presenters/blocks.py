"""A page of a form as blocks: words, questions, groups, and groups that repeat."""

from dataclasses import replace

from flask_babel import gettext as _

from clinic.intake.presenters.answers import answer_words, file_id, typed_values
from clinic.intake.presenters.block import Block, Drawing
from clinic.intake.presenters.block_charts import with_chart
from clinic.intake.presenters.inputs import (
    attributes_of,
    date_inputs,
    other_input,
    plain_choices,
    time_input,
    unit_inputs,
)
from clinic.intake.presenters.wrong import about_question, sentence_of
from clinic.intake.rules.controls import Control, control_of, is_asked, takes_other
from clinic.intake.rules.form import DISPLAY, Item
from clinic.intake.rules.names import field_name, is_repeated, named_places
from clinic.intake.rules.state import Place
from clinic.intake.rules.translation import item_words, option_words
from clinic.intake.rules.typed import OTHER
from clinic.web.fields import ChoiceView, FieldView

LONG_TEXT = 120
_EDGES = {"lower", "upper"}


def present_blocks(*, drawing: Drawing, items: tuple[Item, ...]) -> tuple[Block, ...]:
    """The blocks of a page; a lone group is the page itself, its heading the page's."""
    names = {id(place): name for name, place in named_places(state=drawing.state, items=items)}
    writer = _Writer(drawing, names)
    orders = {item.order for item in items}
    tops = [place for place in drawing.state.root.children if place.item.order in orders]
    groups = [place for place in tops if place.item.type == "group" and not place.item.repeats]
    lone = groups[0] if len(groups) == 1 else None
    found: list[Block] = []
    for place in tops:
        found += writer.children(place) if place is lone else writer.blocks([place])
    return with_chart(tuple(found), drawing.state)


class _Writer:
    """Writes places as blocks."""

    def __init__(self, drawing: Drawing, names: dict[int, str]) -> None:
        self.drawing = drawing
        self.names = names

    def children(self, place: Place) -> list[Block]:
        """What stands in a group or below a question."""
        below = [child for child in place.children if child.answer_index in {None, 0}]
        return self.blocks(below)

    def blocks(self, places: list[Place]) -> list[Block]:
        """Blocks of places beside each other; repetitions are gathered under their group."""
        found: list[Block] = []
        gathered: set[int] = set()
        for place in places:
            item = place.item
            if item.limits.hidden or item.limits.control in _EDGES:
                continue
            if is_repeated(item):
                if item.order not in gathered:
                    gathered.add(item.order)
                    found.append(self._repeat([one for one in places if one.item is item]))
            elif item.type == DISPLAY:
                found.append(self._words(place))
            elif item.is_question:
                found += self._question(place)
            elif blocks := self.children(place):
                found.append(self._group(place, blocks))
        return found

    def _group(self, place: Place, blocks: list[Block]) -> Block:
        return Block(
            kind="group",
            key=self.names[id(place)],
            is_off=not place.is_enabled,
            text=self._text(place.item),
            blocks=tuple(blocks),
            link_id=place.item.link_id,
        )

    def _repeat(self, places: list[Place]) -> Block:
        item = places[0].item
        name = field_name(item)
        repetitions = tuple(
            Block(
                kind="repetition",
                key=self.names[id(place)],
                text=self._text(item),
                blocks=tuple(self.children(place)),
                number=number,
            )
            for number, place in enumerate(places, start=1)
        )
        most = item.limits.max_occurs
        return Block(
            kind="repeat",
            key=name,
            is_off=not places[0].is_enabled,
            text=self._text(item),
            blocks=repetitions,
            number=len(places),
            add=f"add:{name}" if most is None or len(places) < most else "",
            still=self._still(item),
            link_id=item.link_id,
        )

    def _words(self, place: Place) -> Block:
        lines = tuple(line for line in self._text(place.item).split("\n") if line.strip())
        name = self.names[id(place)]
        return Block(kind="words", key=name, is_off=not place.is_enabled, lines=lines)

    def _question(self, place: Place) -> list[Block]:
        item, name = place.item, self.names[id(place)]
        control = control_of(item)
        if control is Control.NOTHING:
            return self.children(place)
        if not is_asked(item):
            return [self._read_only(place)]
        block = self._asked(place, control, name)
        return [block, *self.children(place)]

    def _read_only(self, place: Place) -> Block:
        lines = tuple(answer_words(answer.raw) for answer in place.answers)
        return Block(
            kind="read",
            key=self.names[id(place)],
            is_off=not place.is_enabled or not lines,
            text=self._text(place.item),
            lines=lines,
            link_id=place.item.link_id,
        )

    def _asked(self, place: Place, control: Control, name: str) -> Block:
        item = place.item
        typed = self._typed(place, name)
        error, theirs = self._error(place, name), dict(self.drawing.theirs).get(item.link_id, "")
        view = FieldView(
            id=name,
            name=name,
            label=self._text(item),
            hint=self._hint(item, control),
            error=error or theirs,
            is_optional=not item.required,
            value=next(iter(typed.get("", ())), ""),
            extra=attributes_of(item, control, is_own_device=self.drawing.is_own_device),
        )
        block = Block(
            kind=_KINDS.get(control, "line"),
            key=name,
            is_off=not place.is_enabled,
            field=view,
            edges=self._edges(item),
            still=self._still(item),
            alone=" ".join(str(n) for n, option in enumerate(item.options) if option.exclusive),
            link_id=item.link_id,
        )
        if control is Control.FILE:
            view = replace(view, name=f"{name}-file", value="")
            return replace(block, field=view, files=self._files(place, typed))
        return self._completed(block, item, control, typed)

    def _files(self, place: Place, typed: dict[str, list[str]]) -> tuple[tuple[str, str], ...]:
        """What stands in the answer, or was handed in with the page that is shown again."""
        known = {file_id(one.raw.get("valueAttachment", {})): one.raw for one in place.answers}
        if self.drawing.sent is not None:
            sent = self.drawing.sent.files
            known |= {name: {"valueAttachment": one} for name, one in sent.items()}
        return tuple((name, answer_words(known[name])) for name in typed[""] if name in known)

    def _completed(
        self, block: Block, item: Item, control: Control, typed: dict[str, list[str]]
    ) -> Block:
        view = block.field
        if view is None:
            return block
        match control:
            case Control.RADIOS | Control.CHECKS | Control.SELECT:
                view = replace(view, choices=self._choices(view, item, typed))
                block = replace(
                    block, other=other_input(view, typed) if takes_other(item) else None
                )
            case Control.YES_NO | Control.SCALE:
                view = replace(view, choices=plain_choices(view, item, control))
            case Control.DATE | Control.DATE_TIME:
                view = replace(view, parts=date_inputs(view, typed, self._wrong_parts(view.name)))
                is_timed = control is Control.DATE_TIME
                block = replace(block, time=time_input(view, typed) if is_timed else None)
            case Control.QUANTITY:
                unit, units = unit_inputs(view, item, typed)
                block = replace(block, unit=unit, units=units)
            case Control.NUMBER:
                block = replace(block, unit=str((item.limits.unit or {}).get("display") or ""))
        return replace(block, field=view)

    def _choices(
        self, view: FieldView, item: Item, typed: dict[str, list[str]]
    ) -> tuple[ChoiceView, ...]:
        chosen = set(typed.get("", ()))
        words = [
            option_words(form=self.drawing.form, option=option, language=self.drawing.language).text
            for option in item.options
        ]
        values = [(str(number), text) for number, text in enumerate(words)]
        if takes_other(item):
            values.append((OTHER, str(_("Something else"))))
        elif not item.required and not item.repeats:
            # Radio buttons cannot be taken back; what may stay open can be opened again.
            is_select = control_of(item) is Control.SELECT
            values = [("", ""), *values] if is_select else values
            if chosen and not is_select:
                values.append(("", str(_("No answer"))))
        elif control_of(item) is Control.SELECT:
            values.insert(0, ("", ""))
        return tuple(
            ChoiceView(f"{view.id}-{number}" if number else view.id, value, text, value in chosen)
            for number, (value, text) in enumerate(values)
        )

    def _typed(self, place: Place, name: str) -> dict[str, list[str]]:
        sent = self.drawing.sent
        if sent is None or name not in sent.shown:
            return typed_values(place.item, [answer.raw for answer in place.answers])
        suffixes = ("", "-other", "-unit", "-year", "-month", "-day", "-time")
        return {suffix: list(sent.typed(f"{name}{suffix}")) for suffix in suffixes}

    def _error(self, place: Place, name: str) -> str:
        sent = self.drawing.sent
        wrong = sent.wrong.get(name) if sent is not None else None
        if wrong is not None:
            return sentence_of(wrong, question=_named(place, name))
        if name in self.drawing.missing:
            return missing_sentence(place.item, question=_named(place, name))
        return ""

    def _wrong_parts(self, name: str) -> tuple[str, ...]:
        sent = self.drawing.sent
        wrong = sent.wrong.get(name) if sent is not None else None
        if wrong is not None:
            return wrong.parts or ("year", "month", "day")
        return ("year", "month", "day") if name in self.drawing.missing else ()

    def _text(self, item: Item) -> str:
        return item_words(form=self.drawing.form, item=item, language=self.drawing.language).text

    def _hint(self, item: Item, control: Control) -> str:
        low, high = self._edges(item)
        if control is Control.SCALE and (low or high):
            return ""
        if control is Control.CHECKS and "all that apply" not in item.text:
            return str(_("Choose all that apply."))
        if control is Control.FILE:
            return str(_("Take a photo, or choose a PDF or an image of up to 10 MB."))
        if control in {Control.DATE, Control.DATE_TIME}:
            return str(_("Only know roughly? The year alone, or month and year, is enough."))
        if control is Control.LINES:
            return str(_("One on each line."))
        return ""

    def _edges(self, item: Item) -> tuple[str, str]:
        words = {
            child.limits.control: self._text(child)
            for child in item.children
            if child.limits.control in _EDGES
        }
        return words.get("lower", ""), words.get("upper", "")

    def _still(self, item: Item) -> str:
        is_offered = item.link_id in self.drawing.offered
        return str(_("We know this already. Still right?")) if is_offered else ""


def missing_sentence(item: Item, *, question: str = "") -> str:
    """What is said of a question that needs an answer and has none."""
    is_choice = control_of(item) in _CHOSEN
    said = str(_("Choose an answer") if is_choice else _("Give an answer"))
    return about_question(said, question=question or _short(item.text))


def _named(place: Place, name: str) -> str:
    """The question; in a group that may stand several times with the group's name and number."""
    question, above = _short(place.item.text), place.parent
    while above is not None and not is_repeated(above.item):
        above = above.parent
    number = name.rpartition("-")[2]
    if above is None or not number.isdecimal():
        return question
    group = _short(above.item.text)
    return (
        f"{question} ({group}, {int(number) + 1})" if group else f"{question} ({int(number) + 1})"
    )


def _short(text: str) -> str:
    return text if len(text) <= LONG_TEXT else f"{text[:LONG_TEXT].rsplit(' ', 1)[0]} …"


_CHOSEN = {Control.RADIOS, Control.CHECKS, Control.SELECT, Control.YES_NO}
_KINDS = {
    Control.RADIOS: "radios",
    Control.YES_NO: "radios",
    Control.CHECKS: "checks",
    Control.SELECT: "select",
    Control.SCALE: "scale",
    Control.NUMBER: "number",
    Control.QUANTITY: "quantity",
    Control.DATE: "date",
    Control.DATE_TIME: "date",
    Control.AREA: "area",
    Control.LINES: "area",
    Control.FILE: "file",
}
