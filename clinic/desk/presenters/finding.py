"""What a search found, ready to print."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.desk.presenters.asking import DayAsk, today_in
from clinic.desk.queries.finding import Found
from clinic.gait.queries.codes import order_code
from clinic.payments.queries.orders import OrderSeen
from clinic.people.queries import FoundPatient
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.requests import Modality
from clinic.scheduling.rules.setting import Setting
from clinic.web.filters import full_date, local_date, local_time, phone

BOOK = "/desk/book"


@dataclass(frozen=True, slots=True)
class FoundView:
    """One line: a patient, or a visit by its reference."""

    href: str
    name: str
    about: str
    more: str


@dataclass(frozen=True, slots=True)
class SearchView:
    """The answer to a search; ``said`` tells how much was found."""

    lines: tuple[FoundView, ...]
    said: str
    typed: str


def present_found(*, found: Found, setting: Setting, typed: str, patient_path: str) -> SearchView:
    """The lines; ``patient_path`` is the address a patient's public id is put behind."""
    lines = [_visit_line(found.visit, setting)] if found.visit else []
    lines += [_order_line(found.order, setting)] if found.order else []
    lines += [_request_line(found.request, setting)] if found.request else []
    lines += [_patient_line(one, found, setting, patient_path) for one in found.patients]
    said = ngettext("%(num)d found", "%(num)d found", len(lines)) if lines else _("Nobody found")
    return SearchView(tuple(lines), str(said) if typed.strip() else "", typed)


def _patient_line(
    one: FoundPatient, found: Found, setting: Setting, patient_path: str
) -> FoundView:
    about = [_("born %(date)s", date=full_date(one.birth_date))]
    about += [phone(one.phone)] if one.phone else [one.email] if one.email else []
    at = found.coming.get(one.patient_id)
    moment = (
        f"{local_date(at, zone=setting.zone)}, {local_time(at, zone=setting.zone)}" if at else ""
    )
    more = _("next %(moment)s", moment=moment) if moment else _("no visit to come")
    return FoundView(f"{patient_path}{one.public_id}", one.name, ", ".join(about), str(more))


def _order_line(one: OrderSeen, setting: Setting) -> FoundView:
    about = _(
        "order %(code)s, %(day)s",
        code=order_code(one),
        day=local_date(one.created_at, zone=setting.zone),
    )
    return FoundView(f"/desk/orders/{one.public_id}", one.name, str(about), one.title)


def _request_line(one: RequestedVisit, setting: Setting) -> FoundView:
    day = local_date(one.created_at, zone=setting.zone)
    about = _("request %(reference)s, %(day)s", reference=one.reference, day=day)
    name = f"{one.given_name} {one.family_name}"
    what = _("by video") if one.modality is Modality.TELEHEALTH else _("in the clinic")
    return FoundView(f"/desk/requests/{one.public_id}", name, str(about), str(what))


def _visit_line(one: Visit, setting: Setting) -> FoundView:
    day = today_in(setting.zone, one.starts_at)
    # Without a "today" the address names its date whichever it is.
    href = DayAsk(day=day, zone=setting.zone, today=day.min).address()
    moment = (
        f"{local_date(one.starts_at, zone=one.zone)}, {local_time(one.starts_at, zone=one.zone)}"
    )
    about = _("visit %(reference)s, %(moment)s", reference=one.reference, moment=moment)
    name = f"{one.given_name} {one.family_name}"
    return FoundView(f"{href}#v-{one.public_id}", name, str(about), one.service_name)
