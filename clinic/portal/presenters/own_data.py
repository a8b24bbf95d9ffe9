"""A patient's record as a file, and as a page that prints (docs/own-data.md)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flask_babel import gettext as _

from clinic.payments.queries.orders import OrderSeen
from clinic.portal.presenters.orders import OwnOrder, present_own_orders
from clinic.portal.presenters.person import present_facts, relation_word
from clinic.portal.presenters.visits import VisitLine, present_past
from clinic.portal.queries.own_data import OwnData
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.queries.waitlist import WaitingEntry
from clinic.web.filters import full_date, local_full_date
from clinic.web.households import Kin

FORMAT = "clinic-own-data"
VERSION = 1


@dataclass(frozen=True, slots=True)
class OwnRequest:
    """A request with its own words and the answer."""

    asked: str
    reason: str
    answer: str


@dataclass(frozen=True, slots=True)
class OwnDataView:
    """The page of one's own data."""

    title: str
    made: str
    facts: tuple[tuple[str, str], ...]
    guardians: tuple[str, ...]
    visits: tuple[VisitLine, ...]
    requests: tuple[OwnRequest, ...]
    waitlist: tuple[str, ...]
    orders: tuple[OwnOrder, ...]


def present_own_data(*, kin: Kin, data: OwnData, today: date, zone: str) -> OwnDataView:
    """Everything in words. ``today`` is the day in the clinic's ``zone``."""
    return OwnDataView(
        title=str(_("Everything we keep of %(name)s", name=kin.name)),
        made=full_date(today),
        facts=present_facts(kin),
        guardians=tuple(f"{one.name}, {relation_word(one.relation)}" for one in data.guardians),
        visits=tuple(present_past(visit) for visit in data.visits),
        requests=tuple(
            OwnRequest(
                local_full_date(one.created_at, zone=zone),
                one.reason,
                "\n\n".join(filter(None, (one.answer, one.decline_reason))),
            )
            for one in data.requests
        ),
        waitlist=tuple(
            str(
                _(
                    "%(service)s, from %(first)s to %(last)s",
                    service=one.service_name,
                    first=full_date(one.from_date),
                    last=full_date(one.to_date),
                )
            )
            for one in data.waitlist
        ),
        orders=present_own_orders(data.orders, zone=zone),
    )


def own_data_document(*, data: OwnData, clinic: str, now: datetime) -> dict[str, Any]:
    """The same for machines; instants are RFC 3339 in UTC, dates ISO 8601."""
    patient = data.patient
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": _instant(now),
        "clinic": {"name": clinic},
        "patient": {
            "id": patient.public_id,
            "given_name": patient.given_name,
            "family_name": patient.family_name,
            "birth_date": patient.birth_date.isoformat(),
            "email": patient.email,
            "phone": patient.phone,
            "since": _instant(patient.created_at),
        },
        "guardians": [
            {"name": one.name, "relation": one.relation, "confirmed": one.is_confirmed}
            for one in data.guardians
        ],
        "visits": [_visit(visit) for visit in data.visits],
        "requests": [_request(request) for request in data.requests],
        "waitlist": [_entry(entry) for entry in data.waitlist],
        "orders": [_order(order) for order in data.orders],
    }


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.public_id,
        "status": visit.status,
        "confirmed": visit.is_confirmed,
        "service": visit.service_name,
        "practitioner": visit.practitioner_name,
        "modality": visit.modality,
        "location": visit.location_name,
        "address": visit.address,
        "starts_at": _instant(visit.starts_at),
        "ends_at": _instant(visit.ends_at),
        "local": visit.local.isoformat(),
    }


def _request(request: RequestedVisit) -> dict[str, Any]:
    return {
        "id": request.public_id,
        "status": str(request.status),
        "asked_at": _instant(request.created_at),
        "reason": request.reason,
        "area": request.area,
        "preferred": [
            {"starts_at": _instant(time.starts_at), "ends_at": _instant(time.ends_at)}
            for time in request.times
        ],
        "email": request.email,
        "phone": request.phone,
        "answer": request.answer,
        "decline_reason": request.decline_reason,
    }


def _entry(entry: WaitingEntry) -> dict[str, Any]:
    return {
        "id": entry.public_id,
        "status": str(entry.status),
        "joined_at": _instant(entry.joined_at),
        "service": entry.service_name,
        "practitioner": entry.practitioner_name,
        "location": entry.location_name,
        "from": entry.from_date.isoformat(),
        "to": entry.to_date.isoformat(),
        "visit": entry.visit,
    }


def _order(order: OrderSeen) -> dict[str, Any]:
    return {
        "id": order.public_id,
        "title": order.title,
        "status": order.status,
        "payment": order.payment,
        "ordered_at": _instant(order.created_at),
        "currency": order.currency,
        "total_cents": order.total_cents,
        "paid_cents": order.paid_cents,
        "refunded_cents": order.refunded_cents,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
