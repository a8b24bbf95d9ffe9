"""The application factory: the product's table of contents."""

import os
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import Babel

from clinic import tables
from clinic.cli import init_commands
from clinic.core import hooks
from clinic.core.crypto import use_keys
from clinic.core.db import db
from clinic.core.engines import engine_options, prepare_engine
from clinic.core.migrations import init_migrations
from clinic.core.worker import add_duty, init_worker
from clinic.desk.demo import pay_demo_visits
from clinic.desk.keeping import keep_day_sheet
from clinic.documents import operations as documents_operations
from clinic.gait.operations import catalogue as gait_catalogue
from clinic.gait.operations import visits as bought_visits
from clinic.gait.operations.releasing import follow_recording
from clinic.gait.operations.unchosen import list_unchosen
from clinic.intake.operations.keeping import remove_old_kept
from clinic.intake.operations.leaving import raise_left
from clinic.intake.operations.links import remove_stale_form_sessions
from clinic.intake.operations.safety.handling import escalate_overdue
from clinic.operating import commands as operating_commands
from clinic.outbox import add_outbox_duties, init_outbox
from clinic.payments import acting, reconciling, refunding
from clinic.payments.gateway import init_gateway
from clinic.people import operations as people_operations
from clinic.portal.operations import codes as portal_codes
from clinic.portal.operations import contact as portal_contact
from clinic.portal.operations import sign_in as portal_sign_in
from clinic.scheduling.operations.expiry import remove_expired_holds, remove_old_holds, remove_past
from clinic.scheduling.operations.requests.offers import lapse_offers
from clinic.scheduling.operations.reviewing import review_visits
from clinic.scheduling.operations.waitlist.following import follow_visit
from clinic.scheduling.operations.waitlist.rounds import tend_waitlist
from clinic.site import operations as site_operations
from clinic.web.addresses import init_names, init_numbers
from clinic.web.assets import init_assets
from clinic.web.filters import init_filters
from clinic.web.headers import init_headers
from clinic.web.idempotency import remove_old_answers
from clinic.web.lean import LeanFlask
from clinic.web.limits import remove_old_counts
from clinic.web.logs import init_logs
from clinic.web.pages import init_words
from clinic.web.patience import init_patience
from clinic.web.status import init_status
from config import Config

ROOT = Path(__file__).resolve().parent.parent

__all__ = ["create_app", "tables"]


def create_app(config: Config | None = None, *, has_pages: bool = True) -> Flask:
    """Build the application from ``config``, or from the environment.

    Without pages it answers no requests: for the worker, which would carry them for nothing.

    Raises ConfigError, naming every fault at once, when the settings cannot be used.
    """
    config = config or Config.from_env(os.environ)
    app = LeanFlask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=None,  # served by clinic.web.assets
        instance_path=str(config.data_dir),
    )
    app.config.update(config.flask_settings())
    app.config["CLINIC"] = config
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url)
    _extensions(app, config)
    _web(app, config)
    _ties()
    if has_pages:
        from clinic.doors import init_doors

        init_doors(app, config)
    _payments(app, config)
    init_outbox(app, config)
    _background(app)
    init_commands(app)
    app.cli.add_command(operating_commands.keys)
    app.cli.add_command(operating_commands.check_deploy)
    return app


def _extensions(app: Flask, config: Config) -> None:
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    init_migrations(app, db, folder=ROOT / "migrations")
    Babel(app)
    use_keys(app, config.clinic_keys)


def _web(app: Flask, config: Config) -> None:
    init_logs(app)
    init_numbers(app)
    init_names(app)
    init_patience(app)
    init_headers(app, base_url=config.base_url, form_targets=payment_origins(config))
    init_assets(app, folder=ROOT / "static")
    init_filters(app)
    init_status(app)
    init_words(app)


def payment_origins(config: Config) -> tuple[str, ...]:
    """Where a form that pays may lead to: the hosted page, and in tests the double's."""
    double = urlsplit(config.stripe_api_base or "")
    own = (f"{double.scheme}://{double.netloc}",) if double.netloc else ()
    return ("https://checkout.stripe.com", *own)


def _ties() -> None:
    hooks.safety_changed.tie(review_visits)
    hooks.appointment_changed.tie(follow_visit)
    hooks.demo_begun.tie(_introduce_demo_people)
    hooks.demo_lived.tie(pay_demo_visits)


def _payments(app: Flask, config: Config) -> None:
    """The payment service, and what happens to a bought visit when money comes or goes."""
    init_gateway(
        app,
        key=config.stripe_api_key,
        api_base=config.stripe_api_base,
        secrets=config.stripe_webhook_secrets,
    )
    hooks.order_paid.tie(bought_visits.book_paid)
    hooks.order_waiting.tie(bought_visits.keep_time)
    hooks.order_let_go.tie(bought_visits.free_time)
    hooks.order_cancelled.tie(bought_visits.cancel_visit)
    hooks.appointment_changed.tie(bought_visits.follow_visit)
    hooks.appointment_changed.tie(follow_recording)


def _introduce_demo_people(at: datetime) -> None:
    site_operations.introduce_demo_people(now=at)
    gait_catalogue.introduce_demo_products(now=at)


def _background(app: Flask) -> None:
    """The worker's duties besides its own."""
    init_worker(app)
    add_outbox_duties(app)
    add_duty(app, name="payment events", every_seconds=1, work=acting.act_on_events, is_apart=True)
    add_duty(app, name="refunds", every_seconds=2, work=refunding.keep_sending, is_apart=True)
    add_duty(
        app, name="unpaid orders", every_seconds=15, work=reconciling.keep_closing, is_apart=True
    )
    add_duty(
        app, name="reconciliation", every_seconds=180, work=reconciling.keep_settled, is_apart=True
    )
    add_duty(app, name="lab times to choose", every_seconds=300, work=list_unchosen)
    add_duty(app, name="rate counts", every_seconds=60, work=remove_old_counts)
    add_duty(app, name="idempotent answers", every_seconds=60, work=remove_old_answers)
    add_duty(app, name="sessions", every_seconds=60, work=people_operations.remove_stale_sessions)
    add_duty(app, name="reset links", every_seconds=1, work=people_operations.answer_resets)
    add_duty(app, name="safety", every_seconds=5, work=escalate_overdue)
    add_duty(app, name="signs left open", every_seconds=5, work=raise_left)
    add_duty(app, name="expired holds", every_seconds=5, work=remove_expired_holds)
    add_duty(app, name="past claims", every_seconds=60, work=remove_past)
    add_duty(app, name="offers", every_seconds=30, work=lapse_offers)
    add_duty(app, name="waitlist", every_seconds=3, work=tend_waitlist)
    add_duty(app, name="old holds", every_seconds=60, work=remove_old_holds)
    add_duty(app, name="sign-in codes", every_seconds=1, work=portal_codes.issue_codes)
    add_duty(
        app, name="old contact changes", every_seconds=60, work=portal_contact.remove_old_changes
    )
    add_duty(app, name="forms' sessions", every_seconds=60, work=remove_stale_form_sessions)
    add_duty(app, name="kept pages", every_seconds=60, work=remove_old_kept)
    add_duty(app, name="day sheet", every_seconds=60, work=keep_day_sheet)
    add_duty(app, name="old codes", every_seconds=60, work=portal_codes.remove_old_codes)
    add_duty(
        app,
        name="unclaimed files",
        every_seconds=600,
        work=documents_operations.remove_unclaimed_files,
    )
    add_duty(
        app, name="patients' sessions", every_seconds=60, work=portal_sign_in.remove_stale_sessions
    )
