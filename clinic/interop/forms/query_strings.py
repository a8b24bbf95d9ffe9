"""What programs ask in a query string: every parameter known, once, and of its kind."""

from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import date, datetime

from flask import request
from flask_babel import gettext as _

from clinic.interop.forms.bodies import is_state
from clinic.interop.forms.faults import Faults
from clinic.interop.rules.cursors import read_cursor
from clinic.interop.rules.instants import read_date
from clinic.interop.rules.json_text import join
from clinic.payments.rules.states import Status as OrderStatus
from clinic.scheduling.rules.requests import RequestStatus
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.status import Status
from clinic.scheduling.rules.waitlist import EntryStatus

MOST_DAYS = 62
SLOTS = ("service", "from", "to", "practitioner", "location", "state")
REQUESTS = ("status", "cursor")
ORDERS = ("status", "cursor")
ENTRIES = ("status", "cursor")
APPOINTMENTS = ("from", "to", "practitioner", "status", "cursor")


@dataclass(frozen=True, slots=True)
class SlotsAsked:
    """Times of a service on some dates, both included."""

    service: str
    from_date: date
    to_date: date
    practitioner: str | None
    location: str | None
    state: str | None


@dataclass(frozen=True, slots=True)
class VisitsAsked:
    """Visits on some dates, both included, from a cursor on."""

    from_date: date
    to_date: date
    practitioner: str | None
    status: str | None
    after: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class RequestsAsked:
    """Visit requests in some statuses, from a cursor on."""

    statuses: tuple[RequestStatus, ...]
    after: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class OrdersAsked:
    """Orders in some statuses, from a cursor on."""

    statuses: tuple[OrderStatus, ...]
    after: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class EntriesAsked:
    """Waitlist entries in some statuses, from a cursor on."""

    statuses: tuple[EntryStatus, ...]
    after: tuple[datetime, int] | None


class _Parameters:
    """The parameters of this request, each noted when something is wrong with it."""

    def __init__(self, allowed: Collection[str]) -> None:
        self.faults = Faults()
        for name in request.args:
            if name not in allowed:
                self.faults.add(join("", name), _("This is not asked for here."))
            elif len(request.args.getlist(name)) > 1:
                self.faults.add(name, _("Send this once."))

    def text(self, name: str, *, needed: bool = False) -> str | None:
        found = request.args.get(name)
        if found is None and needed:
            self.faults.add(name, _("This is needed."))
        return found

    def code(self, name: str, live: Container[str], *, needed: bool = False) -> str | None:
        found = self.text(name, needed=needed)
        if found is not None and found not in live:
            self.faults.add(name, _("There is no such %(what)s.", what=name))
        return found

    def day(self, name: str) -> date | None:
        found = self.text(name, needed=True)
        if found is None:
            return None
        try:
            return read_date(text=found)
        except ValueError:
            self.faults.add(name, _("Send a date as YYYY-MM-DD, like 2026-03-02."))
            return None

    def dates(self) -> tuple[date, date]:
        """``from`` and ``to``; unusable ones are noted and stand in for each other."""
        first, last = self.day("from"), self.day("to")
        if first is not None and last is not None:
            if last < first:
                self.faults.add("to", _("This is before the first date."))
            elif (last - first).days >= MOST_DAYS:
                self.faults.add("to", _("Ask for at most %(most)d days.", most=MOST_DAYS))
        return first or last or date.min, last or first or date.min


def read_nothing() -> None:
    """Raise Invalid for any parameter: none is asked for."""
    if request.args:
        _Parameters(()).faults.refuse()


def read_slots_asked(setting: Setting) -> SlotsAsked:
    """What times are asked for; Invalid with every fault at once, unknown codes too."""
    asked = _Parameters(SLOTS)
    service = asked.code("service", setting.services, needed=True)
    from_date, to_date = asked.dates()
    found = SlotsAsked(
        service=service or "",
        from_date=from_date,
        to_date=to_date,
        practitioner=asked.code("practitioner", setting.practitioners),
        location=asked.code("location", setting.locations),
        state=_state(asked, setting, service),
    )
    asked.faults.refuse()
    return found


def read_visits_asked(practitioners: Container[str]) -> VisitsAsked:
    """Which visits are asked for, of one of these practitioners or of all; Invalid, all at once."""
    asked = _Parameters(APPOINTMENTS)
    from_date, to_date = asked.dates()
    status = asked.text("status")
    if status is not None and status not in set(Status):
        asked.faults.add("status", _("Send one of: %(words)s.", words=", ".join(Status)))
    found = VisitsAsked(
        from_date=from_date,
        to_date=to_date,
        practitioner=asked.code("practitioner", practitioners),
        status=status,
        after=_after(asked),
    )
    asked.faults.refuse()
    return found


def read_requests_asked() -> RequestsAsked:
    """Which visit requests are asked for, all of them without a status; Invalid."""
    asked = _Parameters(REQUESTS)
    status = asked.text("status")
    if status is not None and status not in set(RequestStatus):
        words = ", ".join(RequestStatus)
        asked.faults.add("status", _("Send one of: %(words)s.", words=words))
    after = _after(asked)
    asked.faults.refuse()
    return RequestsAsked((RequestStatus(status),) if status else tuple(RequestStatus), after)


def read_entries_asked() -> EntriesAsked:
    """Which waitlist entries are asked for, all of them without a status; Invalid."""
    asked = _Parameters(ENTRIES)
    status = asked.text("status")
    if status is not None and status not in set(EntryStatus):
        words = ", ".join(EntryStatus)
        asked.faults.add("status", _("Send one of: %(words)s.", words=words))
    after = _after(asked)
    asked.faults.refuse()
    return EntriesAsked((EntryStatus(status),) if status else tuple(EntryStatus), after)


def read_orders_asked() -> OrdersAsked:
    """Which orders are asked for, all of them without a status; Invalid."""
    asked = _Parameters(ORDERS)
    status = asked.text("status")
    if status is not None and status not in set(OrderStatus):
        words = ", ".join(OrderStatus)
        asked.faults.add("status", _("Send one of: %(words)s.", words=words))
    after = _after(asked)
    asked.faults.refuse()
    return OrdersAsked((OrderStatus(status),) if status else (), after)


def _state(asked: _Parameters, setting: Setting, service: str | None) -> str | None:
    state = asked.text("state")
    wanted = setting.services.get(service or "")
    if state is None:
        if wanted is not None and wanted.is_telehealth:
            asked.faults.add("state", _("Say in which state the patient will be."))
    elif not is_state(state):
        asked.faults.add("state", _("Send a state by its two capital letters, like NY."))
    return state


def _after(asked: _Parameters) -> tuple[datetime, int] | None:
    cursor = asked.text("cursor")
    if cursor is None:
        return None
    try:
        return read_cursor(text=cursor)
    except ValueError:
        asked.faults.add("cursor", _("Send what the page before gave as next."))
        return None
