"""What stands around the calendar's grid: its name, other days, other views, whom it shows."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.desk.presenters.calendar_asking import CalendarAsk, View
from clinic.scheduling.rules.setting import Setting
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import long_date, short_date


@dataclass(frozen=True, slots=True)
class WayView:
    """Another view of the same days."""

    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class FrameView:
    """The page around the grid."""

    title: str
    day: str
    view: str
    is_today: bool
    previous: str
    following: str
    today: str
    table_href: str
    away_href: str
    ways: tuple[WayView, ...]
    filters: tuple[FieldView, ...]
    grid_href: str
    here: str
    pulse: str


def present_frame(*, ask: CalendarAsk, setting: Setting, pulse: str) -> FrameView:
    """The page around the grid; ``pulse`` is what its script asks with."""
    person = setting.practitioners.get(ask.practitioner or "")
    title = long_date(ask.day)
    if ask.view is View.WEEK and person:
        title = _(
            "%(name)s, week of %(day)s",
            name=person.name.partition(",")[0],
            day=short_date(ask.days[0]),
        )
    return FrameView(
        title=str(title),
        day=ask.day.isoformat(),
        view=ask.view.value,
        is_today=ask.today in ask.days,
        previous=ask.stepped(-1),
        following=ask.stepped(1),
        today=ask.address(day=ask.today),
        table_href=f"/desk?date={ask.day.isoformat()}",
        away_href=f"/desk/away?date={ask.day.isoformat()}",
        ways=_ways(ask),
        filters=_filters(ask, setting),
        grid_href=ask.address("/desk/calendar/grid", today=ask.today.min),
        here=ask.address(),
        pulse=pulse,
    )


def _ways(ask: CalendarAsk) -> tuple[WayView, ...]:
    words = {View.DAY: _("Practitioners"), View.ROOMS: _("Rooms"), View.WEEK: _("Week")}
    return tuple(
        WayView(
            str(word),
            ask.address(view=view, practitioner=ask.practitioner if view is View.WEEK else None),
            view is ask.view,
        )
        for view, word in words.items()
    )


def _filters(ask: CalendarAsk, setting: Setting) -> tuple[FieldView, ...]:
    people = [(one.slug, one.name.partition(",")[0]) for one in setting.practitioners.values()]
    found = []
    if ask.view is not View.ROOMS:
        everybody = [("", _("Everybody"))] if ask.view is View.DAY else []
        found.append(_select("practitioner", _("Who"), [*everybody, *people], ask.practitioner))
    if len(setting.locations) > 1:
        places = [("", _("All places")), *((p.slug, p.name) for p in setting.locations.values())]
        found.append(_select("location", _("Where"), places, ask.location))
    return tuple(found)


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str | None) -> FieldView:
    choices = tuple(
        ChoiceView(f"{name}-{number}", value, str(words), value == (chosen or ""))
        for number, (value, words) in enumerate(options)
    )
    return FieldView(id=name, name=name, label=str(label), choices=choices)
