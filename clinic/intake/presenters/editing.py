"""A page of a form with its texts, order and options in fields."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.intake.library import safety_rules
from clinic.intake.rules.editing import Edited, ItemChange, has_editable_options, option_text
from clinic.intake.rules.form import DISPLAY, GROUP, Item
from clinic.web.fields import ErrorView, FieldView


@dataclass(frozen=True, slots=True)
class OptionRow:
    """An option: its place and its words."""

    at: FieldView
    text: FieldView


@dataclass(frozen=True, slots=True)
class EditRow:
    """An item. ``need`` is None where nothing is answered, ``more`` where options are not words."""

    id: str
    kind: str
    about: str
    at: FieldView
    text: FieldView
    drop: FieldView
    need: FieldView | None
    options: tuple[OptionRow, ...]
    more: FieldView | None
    is_weighed: bool
    is_unfolded: bool


def present_edit(
    *, items: Iterable[Item], edited: Edited | None
) -> tuple[tuple[EditRow, ...], tuple[ErrorView, ...]]:
    """The rows of a page, as they stand or as they were typed, and what is wrong with them."""
    rows = tuple(_row(item, edited or Edited()) for item in items)
    wrong = edited.wrong if edited is not None else {}
    return rows, tuple(ErrorView(name, words) for name, words in wrong.items())


def _row(item: Item, edited: Edited) -> EditRow:
    change = edited.changes.get(item.link_id) or _as_it_stands(item)
    order = item.order
    has_answers = item.type not in {GROUP, DISPLAY}
    return EditRow(
        id=f"row-{order}",
        kind=_kind(item),
        about=item.text[:60],
        at=_number(f"at-{order}", str(_("Place")), change.position, edited),
        text=_text(f"text-{order}", str(_("Text")), change.text, edited.wrong),
        drop=_box(f"drop-{order}", str(_("Leave it out")), change.is_left_out, edited),
        need=_box(f"need-{order}", str(_("Must be answered")), change.is_required, edited)
        if has_answers
        else None,
        options=tuple(_options(item, change, edited)),
        more=_text(
            f"more-{order}",
            str(_("More options, one on each line")),
            "\n".join(change.added),
            edited.wrong,
            is_optional=True,
        )
        if has_editable_options(item)
        else None,
        is_weighed=item.link_id in safety_rules().asked,
        is_unfolded=any(
            f"option-{order}-" in name or name.startswith(f"option-at-{order}-")
            for name in edited.wrong
        ),
    )


def _as_it_stands(item: Item) -> ItemChange:
    beside = item.parent.children if item.parent is not None else [item]
    position = next((n for n, one in enumerate(beside, start=1) if one is item), 1)
    return ItemChange(text=item.text, position=position, is_required=item.required)


def _options(item: Item, change: ItemChange, edited: Edited) -> Iterator[OptionRow]:
    if not has_editable_options(item):
        return
    typed = {one.number: one for one in change.options or ()}
    for number, option in enumerate(item.options):
        one = typed.get(number)
        name = f"option-{item.order}-{number}"
        at = one.position if one is not None else number + 1
        words = one.text if one is not None else option_text(option)
        label = str(_("Option %(number)d", number=number + 1))
        yield OptionRow(
            at=_number(f"option-at-{item.order}-{number}", str(_("Place")), at, edited),
            text=_text(name, label, words, edited.wrong),
        )


def _kind(item: Item) -> str:
    words = {GROUP: _("Heading of a group"), DISPLAY: _("Words")}
    return str(words.get(item.type) or _("Question"))


def _text(
    name: str, label: str, value: str, wrong: Mapping[str, str], *, is_optional: bool = False
) -> FieldView:
    return FieldView(
        id=name,
        name=name,
        label=label,
        value=value,
        error=wrong.get(name, ""),
        is_optional=is_optional,
    )


def _number(name: str, label: str, value: int, edited: Edited) -> FieldView:
    shown = "" if value > 9_000 else str(value)
    return FieldView(
        id=name,
        name=name,
        label=label,
        value=edited.places.get(name, shown),
        error=edited.wrong.get(name, ""),
        extra={"inputmode": "numeric", "size": 3},
    )


def _box(name: str, label: str, is_set: bool, edited: Edited) -> FieldView:
    return FieldView(
        id=name,
        name=name,
        label=label,
        value="y" if is_set else "",
        type="checkbox",
        error=edited.wrong.get(name, ""),
    )
