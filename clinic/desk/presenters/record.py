"""A patient's record, ready to print."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.core.types import to_micros
from clinic.desk.presenters.asking import today_in
from clinic.desk.presenters.booking import moment_words
from clinic.desk.presenters.referral import (
    CounterView,
    ReferralView,
    present_counter,
    present_referrals,
)
from clinic.desk.presenters.rows import short_person
from clinic.desk.queries.record import Counts, History, Record
from clinic.documents.rules import Kind
from clinic.messaging.lines import subject_words
from clinic.payments.queries.orders import OrderSeen
from clinic.people.models import Guardian, Patient
from clinic.people.queries.merges import MergeSeen
from clinic.people.queries.records import NoteSeen
from clinic.people.rules.ages import is_minor
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.queries.waitlist import WaitingEntry
from clinic.web.filters import dial, full_date, local_full_date, money, phone

PATIENTS = "/desk/patients"
MOST_OWING = 20
FORM_MARKS = {"done": ("done", ""), "begun": ("form", "w"), "to-do": ("circle", "w")}


@dataclass(frozen=True, slots=True)
class NoteView:
    """What somebody noted, by whom and when; ``remove`` is where it is taken back, ``reword`` where
    it is put better."""

    words: str
    by: str
    remove: str
    reword: str


@dataclass(frozen=True, slots=True)
class MergedView:
    """A record that was merged into this one; ``undo`` is where it is parted again, for a day."""

    name: str
    words: str
    undo: str


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit in a record, with what was noted of it."""

    href: str
    moment: str
    about: str
    status: str
    is_confirmed: bool
    is_late: bool
    subject: str
    notes: tuple[NoteView, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Something in a list of the record: its name, what there is to say, where it leads."""

    name: str
    more: str
    href: str = ""
    icon: str = ""
    look: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """The page. A part that may not be seen has no path and no lines."""

    path: str
    name: str
    born: str
    is_minor: bool
    dial: str
    contact: tuple[tuple[str, str], ...]
    counts: str
    alerts: tuple[NoteView, ...]
    flags: tuple[str, ...]
    notes: tuple[NoteView, ...]
    merged: tuple[MergedView, ...]
    guardians: tuple[Line, ...]
    coming: tuple[VisitLine, ...]
    past: tuple[VisitLine, ...]
    requests: tuple[Line, ...]
    waits: tuple[Line, ...]
    wait_href: str
    messages: tuple[Line, ...]
    forms: tuple[Line, ...]
    orders: tuple[Line, ...]
    counter: CounterView | None
    referrals: tuple[ReferralView, ...]
    refer: str
    owing: tuple[Line, ...]
    owed: str
    documents: tuple[Line, ...]
    forms_href: str
    balance_href: str
    sale_href: str
    papers_href: str
    messages_href: str
    audit_href: str
    book_href: str


@dataclass(frozen=True, slots=True)
class HistoryView:
    """A page of visits that are over; ``older`` leads on."""

    path: str
    name: str
    visits: tuple[VisitLine, ...]
    older: str


def present_record(
    *, record: Record, zone: str, now: datetime, may_open: Callable[[str], bool]
) -> RecordView:
    """The page; ``may_open`` tells of a path whether its link may be shown."""
    one = record.patient
    path = f"{PATIENTS}/{one.public_id}"

    def if_open(href: str) -> str:
        return href if may_open(href.partition("?")[0]) else ""

    return RecordView(
        path=path,
        name=name_of_patient(one),
        born=full_date(one.birth_date),
        is_minor=is_minor(birth_date=one.birth_date, today=today_in(zone, now)),
        dial=dial(one.phone) if one.phone else "",
        contact=_contact(one),
        counts=_counts(record.counts),
        alerts=tuple(present_note(note, path=path, zone=zone) for note in record.alerts),
        flags=_flags(record),
        notes=tuple(present_note(note, path=path, zone=zone) for note in record.notes),
        merged=tuple(_merged(merge, path, zone, now) for merge in record.merged),
        guardians=tuple(_guardian(guardian) for guardian in record.guardians),
        coming=_visits(record.coming, record.notes_about, path),
        past=_visits(record.past, record.notes_about, path),
        requests=tuple(
            Line(
                name=local_full_date(request.created_at, zone=zone),
                more=request.stands,
                href=f"/desk/requests/{request.public_id}",
            )
            for request in record.requests
        ),
        waits=tuple(_wait(entry) for entry in record.waits),
        wait_href=if_open(f"/desk/waitlist/new?patient={one.public_id}"),
        messages=tuple(
            Line(subject_words(message.kind), _sent(message.sent_at, message.state.value, zone))
            for message in record.messages
        ),
        forms=tuple(_form(form.title, form.status) for form in record.forms),
        orders=tuple(_order(order, zone, if_open) for order in record.orders),
        counter=present_counter(record.counter),
        referrals=present_referrals(record.referrals, path=path),
        refer=f"{path}/referrals" if may_open(f"{path}/correct") else "",
        owing=tuple(
            Line(
                name=f"{moment_words(visit.starts_at, visit.zone)}, {visit.service_name}",
                more=str(_("%(sum)s left", sum=money(found.left_cents))),
                href=f"/desk/visits/{visit.public_id}#money",
            )
            for visit, found in record.owing[:MOST_OWING]
        ),
        owed=money(record.owed_cents) if record.owed_cents else "",
        documents=tuple(
            Line(
                name=document_words(document.kind),
                more=local_full_date(document.added_at, zone=zone),
                href=f"/desk/documents/{document.public_id}",
            )
            for document in record.documents
        ),
        forms_href=if_open(f"{path}/forms"),
        balance_href=if_open(f"/desk/orders/balance?patient={one.public_id}"),
        sale_href=if_open(f"/desk/orders/new?patient={one.public_id}")
        if one.email or one.phone
        else "",
        papers_href=if_open(f"{path}/papers"),
        messages_href=if_open(f"{path}/messages"),
        audit_href=if_open(f"/desk/audit?patient={one.public_id}"),
        book_href=f"/desk/book?patient={one.public_id}",
    )


def present_history(history: History) -> HistoryView:
    """A page of visits that are over."""
    path = f"{PATIENTS}/{history.patient.public_id}"
    older = ""
    if history.cursor:
        at, ident = history.cursor
        older = f"{path}/visits?before={to_micros(at)}.{ident}"
    visits = _visits(history.visits, history.notes_about, path)
    return HistoryView(path, name_of_patient(history.patient), visits, older)


def name_of_patient(one: Patient) -> str:
    """Given and family name."""
    return f"{one.given_name} {one.family_name}"


def document_words(kind: Kind) -> str:
    """What a paper is."""
    words = {
        Kind.CARD_FRONT: _("Insurance card, front"),
        Kind.CARD_BACK: _("Insurance card, back"),
        Kind.REFERRAL: _("Referral"),
        Kind.IMAGING_REPORT: _("Imaging report"),
        Kind.EXAM_REPORT: _("Exam report"),
        Kind.ULTRASOUND_REPORT: _("Ultrasound report"),
        Kind.GAIT_REPORT: _("Gait report"),
        Kind.GAIT_DATA: _("File of the gait lab"),
        Kind.OTHER: _("Another paper"),
    }
    return str(words[kind])


def _contact(one: Patient) -> tuple[tuple[str, str], ...]:
    found = [(_("Born"), full_date(one.birth_date))]
    found.append((_("Phone"), phone(one.phone) if one.phone else _("none")))
    found.append((_("E-mail"), one.email or _("none")))
    return tuple((str(label), str(words)) for label, words in found)


def _flags(record: Record) -> tuple[str, ...]:
    """What stands beside the alerts as long as it is so, without anybody's noting it."""
    flags = [str(_("Owes a form"))] if any(one.status != "done" for one in record.forms) else []
    owed = record.owed_cents
    return (*flags, str(_("Owes %(amount)s", amount=money(owed)))) if owed else tuple(flags)


def _counts(counts: Counts) -> str:
    said = [
        ngettext("%(num)d visit kept", "%(num)d visits kept", counts.kept),
        ngettext("%(num)d cancelled late", "%(num)d cancelled late", counts.late),
        ngettext("%(num)d no-show", "%(num)d no-shows", counts.missed),
    ]
    return ", ".join(said)


def present_note(note: NoteSeen, *, path: str, zone: str) -> NoteView:
    """What somebody noted on the record at ``path``."""
    by = f"{note.added_by}, {local_full_date(note.added_at, zone=zone)}"
    here = f"{path}/notes/{note.public_id}"
    return NoteView(note.words, by, f"{here}/remove", f"{here}/reword")


def _merged(one: MergeSeen, path: str, zone: str, now: datetime) -> MergedView:
    words = _(
        "%(name)s was merged into this record by %(who)s, %(when)s.",
        name=one.gone_name,
        who=one.merged_by,
        when=moment_words(one.merged_at, zone),
    )
    undo = f"{path}/merges/{one.merge}/undo" if one.can_be_undone(now=now) else ""
    return MergedView(one.gone_name, str(words), undo)


def _guardian(one: Guardian) -> Line:
    contact = [phone(one.phone)] if one.phone else []
    contact += [one.email] if one.email else []
    is_sure = one.confirmed_at is not None
    return Line(
        name=one.name,
        more=", ".join(contact),
        icon="check" if is_sure else "hourglass",
        look="" if is_sure else "w",
        word=str(_("Acts for the child") if is_sure else _("To be confirmed")),
    )


def _visits(
    visits: tuple[Visit, ...], notes: dict[str, tuple[NoteSeen, ...]], path: str
) -> tuple[VisitLine, ...]:
    return tuple(
        VisitLine(
            href=f"/desk/visits/{one.public_id}",
            moment=f"{moment_words(one.starts_at, one.zone)}, {one.local.year}",
            about=f"{one.service_name}, {short_person(one.practitioner_name)}",
            status=one.status,
            is_confirmed=one.is_confirmed,
            is_late=one.is_late_cancelled,
            subject=f"appointment:{one.public_id}",
            notes=tuple(
                present_note(note, path=path, zone=one.zone)
                for note in notes.get(f"appointment:{one.public_id}", ())
            ),
        )
        for one in visits
    )


def _wait(entry: WaitingEntry) -> Line:
    """What somebody waits for, or waited for."""
    return Line(
        name=entry.service_name,
        more=entry.stands,
        href=f"/desk/waitlist/{entry.public_id}",
    )


def _sent(at: datetime | None, state: str, zone: str) -> str:
    words = {
        "due": _("waiting"),
        "sent": _("sent"),
        "failed": _("not delivered"),
        "dropped": _("not needed"),
    }
    return f"{words[state]} {moment_words(at, zone)}" if at else str(words[state])


def _form(title: str, status: str) -> Line:
    words = {"done": _("Sent"), "begun": _("Begun"), "to-do": _("Not begun")}
    icon, look = FORM_MARKS[status]
    return Line(title, "", icon=icon, look=look, word=str(words[status]))


def _order(order: OrderSeen, zone: str, if_open: Callable[[str], str]) -> Line:
    words = {
        "unpaid": _("unpaid"),
        "pending": _("on its way"),
        "paid": _("paid"),
        "partly-refunded": _("partly refunded"),
        "refunded": _("refunded"),
    }
    is_closed = order.status in {"cancelled", "expired"}
    state = _("closed") if is_closed and order.payment == "unpaid" else words[order.payment]
    total = money(order.total_cents, currency=order.currency)
    day = local_full_date(order.created_at, zone=zone)
    return Line(order.title, f"{total}, {state}, {day}", if_open(f"/desk/orders/{order.public_id}"))
