"""Blocked time in words, and the form that asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from clinic.desk.presenters.asking import today_in
from clinic.scheduling.operations.blocks import KINDS
from clinic.scheduling.queries.blocks import BlockRow
from clinic.scheduling.rules.setting import Setting
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import local_date, local_time


@dataclass(frozen=True, slots=True)
class BlockFormView:
    """The form: whose time, on which day, from when until when, what for."""

    day: str
    time: str
    until: str
    fields: tuple[FieldView, ...]
    is_beside: bool


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block, with the way back to its day."""

    public_id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    calendar_href: str
    is_gone: bool


def block_words(kind: str) -> str:
    """`Lunch` of "lunch"; KeyError for a kind that we do not have."""
    words = {
        "lunch": _("Lunch"),
        "meeting": _("Meeting"),
        "paperwork": _("Paperwork"),
        "training": _("Training"),
        "away": _("Away"),
        "repair": _("Under repair"),
        "other": _("Blocked"),
    }
    return str(words[kind])


def present_block_form(*, values: Mapping[str, str], setting: Setting, day: date) -> BlockFormView:
    """The form as it was typed."""
    people = [(one.slug, one.name.partition(",")[0]) for one in setting.practitioners.values()]
    rooms = [(one.slug, one.name) for one in setting.rooms.values()]
    kinds = [(kind, block_words(kind)) for kind in KINDS]
    return BlockFormView(
        day=day.isoformat(),
        time=values.get("time", "")[:5] or "12:00",
        until=values.get("until", "")[:5] or "13:00",
        fields=(
            _select("resource", _("Whose time"), [*people, *rooms], values.get("resource", "")),
            _select("kind", _("What for"), kinds, values.get("kind", "")),
        ),
        is_beside=values.get("beside_visits") == "1",
    )


def present_block(*, block: BlockRow, setting: Setting) -> BlockView:
    """One block in words."""
    zone = setting.zone
    begins, ends = (local_time(at, zone=zone) for at in (block.starts_at, block.ends_at))
    return BlockView(
        public_id=block.public_id,
        title=f"{block_words(block.kind)}, {_name(block, setting)}",
        facts=(
            (str(_("When")), f"{local_date(block.starts_at, zone=zone)}, {begins}–{ends}"),
            (str(_("Blocked by")), block.made_by),
        ),
        calendar_href=f"/desk/calendar?date={_day(block, zone)}",
        is_gone=block.is_removed,
    )


def _day(block: BlockRow, zone: str) -> str:
    return today_in(zone, block.starts_at).isoformat()


def _name(block: BlockRow, setting: Setting) -> str:
    names = {one.resource: one.name for one in setting.practitioners.values()}
    names |= {one.resource: one.name for one in setting.rooms.values()}
    return names.get(block.resource, "").partition(",")[0]


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> FieldView:
    choices = tuple(
        ChoiceView(f"{name}-{number}", value, str(words), value == chosen)
        for number, (value, words) in enumerate(options)
    )
    return FieldView(id=name, name=name, label=str(label), choices=choices)
