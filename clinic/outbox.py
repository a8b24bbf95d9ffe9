"""The outbox, tied to the slices that know what messages say; a part of ``create_app``."""

from datetime import datetime, timedelta

from flask import Flask
from flask_babel import gettext

from clinic.core import hooks
from clinic.core.worker import add_duty
from clinic.gait.letters import KINDS as REPORT_KINDS
from clinic.gait.letters import prepare_report
from clinic.intake.letters import KINDS as FORM_KINDS
from clinic.intake.letters import prepare_alert, prepare_forms
from clinic.intake.operations.alerts import KINDS as ALERT_KINDS
from clinic.intake.operations.mailing import retell_forms
from clinic.messaging.delivery import (
    can_send,
    deliver,
    deliver_texts,
    gather_with,
    how_messages_stand,
    init_messaging,
    prepare_with,
)
from clinic.messaging.operations.retention import forget_recipients
from clinic.messaging.previews import show_with
from clinic.messaging.repeats import retell_with
from clinic.messaging.rules import Channel, Letterhead
from clinic.payments.letters import KINDS as ORDER_KINDS
from clinic.payments.letters import prepare_order, show_order
from clinic.payments.operations.telling import STANDING, retell_order
from clinic.people.queries.contact import find_allowed
from clinic.scheduling.letters import (
    REQUEST_KINDS,
    WAITLIST_KINDS,
    gather_reminders,
    gather_visits,
    prepare_digest,
    prepare_opinion,
    prepare_request,
    prepare_waitlist,
    show_digest,
    show_request,
    show_visits,
)
from clinic.scheduling.operations.digests import post_digests
from clinic.scheduling.operations.reminders import plan_again, plan_reminders
from clinic.scheduling.operations.retelling import (
    retell_opinion,
    retell_reminder,
    retell_request,
    retell_visits,
    retell_waitlist,
)
from clinic.scheduling.queries.setting import NoClinic, get_setting, remembered_setting
from clinic.scheduling.rules.telling import KINDS as VISIT_KINDS
from clinic.web import health
from config import Config


def init_outbox(app: Flask, config: Config) -> None:
    """Let the application write messages, and ask each slice for what it alone knows."""
    init_messaging(
        app,
        server=config.mail_server,
        sms=config.sms_service,
        allowed=find_allowed,
        mail_from=config.mail_from,
        base_url=config.base_url,
        letterhead=_letterhead,
        zone=_remembered_zone,
    )
    health.watch(app, name="messages", look=how_messages_stand)
    gather_with(app, gather_visits, kinds=VISIT_KINDS)
    prepare_with(app, prepare_forms, kinds=FORM_KINDS)
    prepare_with(app, prepare_alert, kinds=ALERT_KINDS)
    gather_with(app, gather_reminders, kinds=("visit-reminder",))
    prepare_with(app, prepare_digest, kinds=("practitioner-digest",))
    show_with(app, show_visits, kinds=(*VISIT_KINDS, "visit-reminder"))
    show_with(app, show_digest, kinds=("practitioner-digest",))
    hooks.contact_chosen.tie(plan_again)
    prepare_with(app, prepare_request, kinds=tuple(REQUEST_KINDS))
    prepare_with(app, prepare_opinion, kinds=("request-opinion",))
    show_with(app, show_request, kinds=("request-scheduled",))
    prepare_with(app, prepare_waitlist, kinds=WAITLIST_KINDS)
    prepare_with(app, prepare_order, kinds=ORDER_KINDS)
    show_with(app, show_order, kinds=ORDER_KINDS)
    prepare_with(app, prepare_report, kinds=REPORT_KINDS)
    _tie_repeats(app)


def _tie_repeats(app: Flask) -> None:
    """How each kind is told again that somebody asks for again; of each line the newest counts."""
    retell_with(app, retell_visits, kinds=VISIT_KINDS)
    retell_with(app, retell_reminder, kinds=("visit-reminder",))
    retell_with(app, retell_forms, kinds=FORM_KINDS)
    retell_with(app, retell_request, kinds=tuple(REQUEST_KINDS))
    retell_with(app, retell_opinion, kinds=("request-opinion",))
    retell_with(app, retell_waitlist, kinds=WAITLIST_KINDS)
    retell_with(app, retell_order, kinds=STANDING)
    for kind in sorted({*ORDER_KINDS, *REPORT_KINDS} - {*STANDING}):
        retell_with(app, retell_order, kinds=(kind,))


def _letterhead() -> Letterhead:
    try:
        setting = get_setting()
    except NoClinic:  # the first member of staff is written to before there is a clinic file
        return Letterhead(name=str(gettext("the clinic")), phone="")
    return Letterhead(name=setting.name, phone=setting.phone, zone=setting.zone)


def _remembered_zone() -> str:
    try:
        return remembered_setting().zone
    except NoClinic:
        return _letterhead().zone


def _plan_reminders(*, now: datetime) -> None:
    plan_reminders(now=now, has_texts=can_send(Channel.SMS))


def _forget_recipients(*, now: datetime) -> None:
    try:
        days = get_setting().policy.message_days
    except NoClinic:
        return
    forget_recipients(before=now - timedelta(days=days))


def add_outbox_duties(app: Flask) -> None:
    """What the worker does for the outbox."""
    add_duty(app, name="messages", every_seconds=1, work=deliver, is_apart=True)
    add_duty(app, name="texts", every_seconds=1, work=deliver_texts, is_apart=True)
    add_duty(app, name="old messages", every_seconds=60, work=_forget_recipients)
    add_duty(app, name="reminders", every_seconds=2, work=_plan_reminders)
    add_duty(app, name="digests", every_seconds=60, work=post_digests)
