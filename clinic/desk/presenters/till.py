"""The day's till, ready to print, and as a file for a spreadsheet."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.desk.presenters.visit_money import ORDERS, means_words
from clinic.payments.queries.till import ClosingSeen, Till
from clinic.web.filters import local_time, long_date, money
from clinic.web.spreadsheet import csv_text

TILL = "/desk/till"


@dataclass(frozen=True, slots=True)
class TillRow:
    """Money that came or went, in one line."""

    time: str
    what: str
    who: str
    href: str
    means: str
    amount: str
    by: str


@dataclass(frozen=True, slots=True)
class ClosingView:
    """One count of the drawer. ``look`` is "w" where it did not fit."""

    facts: tuple[tuple[str, str], ...]
    title: str
    said: str
    look: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TillView:
    """The page of a day. ``expected`` and ``seen`` go back with the count."""

    title: str
    day_iso: str
    rows: tuple[TillRow, ...]
    sums: tuple[tuple[str, str], ...]
    drawer: tuple[tuple[str, str], ...]
    closings: tuple[ClosingView, ...]
    state: str
    state_look: str
    may_write: bool
    is_open: bool
    expected: int
    expected_words: str
    seen: int
    previous: str
    following: str
    csv_href: str


def present_till(*, till: Till, zone: str, today: date) -> TillView:
    """The page; a day that has not come has nothing to write in."""
    state, look = _state(till, today)
    return TillView(
        title=str(_("Till, %(day)s", day=long_date(till.day))),
        day_iso=till.day.isoformat(),
        rows=_rows(till, zone),
        sums=_sums(till),
        drawer=_drawer(till),
        closings=tuple(_closing(one, zone) for one in reversed(till.closings)),
        state=state,
        state_look=look,
        may_write=till.day <= today,
        is_open=till.is_open,
        expected=till.drawer.expected_cents,
        expected_words=money(till.drawer.expected_cents),
        seen=len(till.closings),
        previous=_address(till.day - timedelta(days=1)),
        following=_address(till.day + timedelta(days=1)) if till.day < today else "",
        csv_href=f"{TILL}/till.csv?date={till.day.isoformat()}",
    )


def till_file(till: Till, *, zone: str) -> str:
    """The lines of a day as CSV, the drawer's movements and its counts below them."""
    head = ("at", "kind", "means", "amount", "for", "patient", "receipt", "reference", "by")

    def at(moment: object) -> str:
        return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")  # type: ignore[attr-defined, no-any-return]

    def cents(amount: int) -> str:
        return f"{amount / 100:.2f}"

    lines = [
        (
            at(one.at),
            "payment" if one.cents >= 0 else "refund",
            one.means,
            cents(one.cents),
            one.title,
            one.name,
            str(one.receipt or ""),
            one.reference or "",
            one.by,
        )
        for one in till.lines
    ]
    moved = [
        (at(one.at), "movement", "cash", cents(one.cents), one.reason, "", "", "", one.by)
        for one in till.movements
    ]
    counts = [
        (at(one.at), "count", "cash", cents(one.counted_cents), one.note or "", "", "", "", one.by)
        for one in till.closings
    ]
    return csv_text([head, *lines, *moved, *counts])


def _address(day: date) -> str:
    return f"{TILL}?date={day.isoformat()}"


def _state(till: Till, today: date) -> tuple[str, str]:
    if not till.closings:
        has_money = bool(till.lines or till.movements or till.drawer.start_cents)
        words = _("Not closed yet") if has_money else _("Nothing was taken at the desk")
        return str(words), "w" if has_money and till.day < today else ""
    if till.is_open:
        return str(_("Money moved after it was closed: count again")), "w"
    return str(_("Closed")), ""


def _rows(till: Till, zone: str) -> tuple[TillRow, ...]:
    found = [
        (
            one.at,
            TillRow(
                time=local_time(one.at, zone=zone),
                what=one.title
                if one.cents >= 0
                else str(_("Given back: %(name)s", name=one.title)),
                who=one.name,
                href=f"{ORDERS}/{one.order}",
                means=" ".join((means_words(one.means), one.reference or "")).strip(),
                amount=money(one.cents),
                by=one.by,
            ),
        )
        for one in till.lines
    ]
    found += [
        (
            one.at,
            TillRow(
                time=local_time(one.at, zone=zone),
                what=one.reason,
                who="",
                href="",
                means=str(_("put in") if one.cents > 0 else _("taken out")),
                amount=money(one.cents),
                by=one.by,
            ),
        )
        for one in till.movements
    ]
    return tuple(row for _at, row in sorted(found, key=lambda pair: pair[0]))


def _sums(till: Till) -> tuple[tuple[str, str], ...]:
    words = [(means_words(means).capitalize(), money(cents)) for means, cents in till.sums.items()]
    online = (str(_("Online, by link")), money(till.online_cents))
    whole = (str(_("All of it")), money(sum(till.sums.values()) + till.online_cents))
    return (*words, online, whole)


def _drawer(till: Till) -> tuple[tuple[str, str], ...]:
    drawer = till.drawer
    return (
        (str(_("In the drawer before")), money(drawer.start_cents)),
        (str(_("Cash taken, less given back")), money(drawer.cash_cents)),
        (str(_("Put in, less taken out")), money(drawer.moved_cents)),
        (str(_("There should be")), money(drawer.expected_cents)),
    )


def _closing(one: ClosingSeen, zone: str) -> ClosingView:
    said = _("It fits.")
    if one.difference > 0:
        said = _("%(sum)s too much.", sum=money(one.difference))
    elif one.difference < 0:
        said = _("%(sum)s are missing.", sum=money(-one.difference))
    return ClosingView(
        facts=(
            (str(_("There should have been")), money(one.drawer.expected_cents)),
            (str(_("Counted")), money(one.counted_cents)),
            (str(_("Taken out")), money(one.banked_cents)),
        ),
        title=str(
            _("Closed at %(time)s by %(who)s", time=local_time(one.at, zone=zone), who=one.by)
        ),
        said=str(said),
        look="w" if one.difference else "",
        note=one.note or "",
    )
