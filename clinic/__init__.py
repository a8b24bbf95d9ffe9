"""The application factory: the product's table of contents."""

import os
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import Babel
from flask_babel import lazy_gettext as _l

from clinic import tables
from clinic.cli import init_commands
from clinic.core import hooks
from clinic.core.crypto import use_keys
from clinic.core.db import db
from clinic.core.engines import engine_options, prepare_engine
from clinic.core.migrations import init_migrations
from clinic.core.values import Actor
from clinic.core.worker import add_duty, init_worker
from clinic.desk import views as desk_views
from clinic.desk.keeping import keep_day_sheet
from clinic.desk.queries.queues import count_queues
from clinic.documents import operations as documents_operations
from clinic.documents import views as documents_views
from clinic.gait import views as gait_views
from clinic.gait.operations import catalogue as gait_catalogue
from clinic.gait.operations import visits as bought_visits
from clinic.gait.operations.releasing import follow_recording
from clinic.intake import views as intake_views
from clinic.intake.operations import safety as intake_safety
from clinic.intake.operations.links import remove_stale_form_sessions
from clinic.interop import views as interop_views
from clinic.messaging import views as messaging_views
from clinic.operating import commands as operating_commands
from clinic.outbox import add_outbox_duties, init_outbox
from clinic.payments import acting, reconciling, refunding
from clinic.payments import views as payments_views
from clinic.payments.gateway import init_gateway
from clinic.people import operations as people_operations
from clinic.people import queries as people_queries
from clinic.people import views as people_views
from clinic.people.views.staff import ROLES as STAFF_ROLES
from clinic.people.views.staff import STAFF
from clinic.portal import views as portal_views
from clinic.portal.operations import codes as portal_codes
from clinic.portal.operations import contact as portal_contact
from clinic.portal.operations import sign_in as portal_sign_in
from clinic.scheduling import views as scheduling_views
from clinic.scheduling.operations.expiry import remove_expired_holds, remove_old_holds, remove_past
from clinic.scheduling.operations.request_wishes import REQUEST_ROLES
from clinic.scheduling.operations.reviewing import review_visits
from clinic.site import operations as site_operations
from clinic.site import views as site_views
from clinic.site.views import site_facts
from clinic.trail import views as trail_views
from clinic.web import health, sheet
from clinic.web.access import Doorkeeper, SignedIn, init_access
from clinic.web.addresses import init_names, init_numbers
from clinic.web.assets import init_assets
from clinic.web.errors import init_errors
from clinic.web.fields import init_fields
from clinic.web.filters import init_filters
from clinic.web.headers import init_headers
from clinic.web.households import Household
from clinic.web.idempotency import remove_old_answers
from clinic.web.limits import remove_old_counts
from clinic.web.logs import init_logs
from clinic.web.navigation import add_desk_link, init_navigation
from clinic.web.pages import init_pages
from clinic.web.patience import init_patience
from clinic.web.status import init_status
from clinic.web.uploads import init_uploads
from config import Config

ROOT = Path(__file__).resolve().parent.parent

__all__ = ["create_app", "tables"]


def create_app(config: Config | None = None) -> Flask:
    """Build the application from ``config``, or from the environment.

    Raises ConfigError, naming every fault at once, when the settings cannot be used.
    """
    config = config or Config.from_env(os.environ)
    app = Flask(
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
    _slices(app, config)
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
    init_errors(app)
    init_uploads(app)
    init_headers(app, base_url=config.base_url, form_targets=payment_origins(config))
    init_assets(app, folder=ROOT / "static")
    init_filters(app)
    init_fields(app)
    init_status(app)
    init_pages(app, site_facts=site_facts)
    doorkeeper = Doorkeeper(
        staff_of_cookie=_staff_of_cookie,
        household_of_cookie=_household_of_cookie,
        actor_of_token=_actor_of_token,
    )
    init_access(app, doorkeeper=doorkeeper, trusted_proxies=config.trusted_proxies)
    init_navigation(app)


def payment_origins(config: Config) -> tuple[str, ...]:
    """Where a form that pays may lead to: the hosted page, and in tests the double's."""
    double = urlsplit(config.stripe_api_base or "")
    own = (f"{double.scheme}://{double.netloc}",) if double.netloc else ()
    return ("https://checkout.stripe.com", *own)


def _staff_of_cookie(token: str, now: datetime) -> SignedIn | None:
    config: Config = current_app.config["CLINIC"]
    session = people_operations.recognise(
        token=token, now=now, second_factor_demanded=config.second_factor_demanded
    )
    return SignedIn(session.actor, session.proved_at) if session else None


def _household_of_cookie(token: str, now: datetime) -> Household | None:
    return portal_sign_in.recognise(token=token, now=now)


def _actor_of_token(token: str) -> Actor | None:
    return people_queries.find_actor_of_token(token=token)


def _slices(app: Flask, config: Config) -> None:
    app.register_blueprint(health.blueprint)
    app.register_blueprint(site_views.blueprint)
    app.register_blueprint(people_views.blueprint)
    app.register_blueprint(messaging_views.blueprint)
    app.register_blueprint(documents_views.blueprint)
    app.register_blueprint(interop_views.blueprint)
    app.register_blueprint(intake_views.blueprint)
    app.register_blueprint(payments_views.blueprint)
    app.register_blueprint(scheduling_views.blueprint)
    app.register_blueprint(gait_views.blueprint)
    app.register_blueprint(desk_views.blueprint)
    app.register_blueprint(portal_views.blueprint)
    app.register_blueprint(trail_views.blueprint)
    if config.env != "production":
        app.register_blueprint(sheet.blueprint)
    _desk_links(app)
    hooks.safety_changed.tie(review_visits)
    hooks.demo_begun.tie(_introduce_demo_people)


def _desk_links(app: Flask) -> None:
    """Who finds which page at the desk; the views' own rules say who may open it."""
    intake_views.desk_links.add_links(app, count=lambda: count_queues().safety)
    add_desk_link(
        app, path="/desk", icon="list", words=_l("Today"), roles=desk_views.DESK, order=10
    )
    add_desk_link(
        app,
        path="/desk/calendar",
        icon="calendar",
        words=_l("Calendar"),
        roles=desk_views.DESK,
        order=20,
    )
    add_desk_link(
        app,
        path="/desk/book",
        icon="phone",
        words=_l("Book by phone"),
        roles=desk_views.DESK,
        order=30,
    )
    add_desk_link(
        app,
        path="/desk/numbers",
        icon="numbers",
        words=_l("Numbers"),
        roles=desk_views.numbers.MANAGERS,
        order=100,
    )
    add_desk_link(
        app,
        path=desk_views.licences.PATH,
        icon="page",
        words=_l("Licences"),
        roles=desk_views.licences.READERS,
        order=98,
    )
    add_desk_link(
        app,
        path="/desk/audit",
        icon="eye",
        words=_l("Audit trail"),
        roles=trail_views.READERS,
        order=140,
    )
    add_desk_link(
        app,
        path=portal_views.GUARDIANS,
        icon="person",
        words=_l("Guardians"),
        roles=portal_views.GUARDIAN_DESK,
        order=95,
    )
    add_desk_link(
        app,
        path="/desk/messages",
        icon="mail",
        words=_l("Messages"),
        roles=messaging_views.ROLES,
        order=110,
    )
    add_desk_link(app, path=STAFF, icon="person", words=_l("Staff"), roles=STAFF_ROLES, order=120)
    add_desk_link(
        app,
        path="/desk/requests",
        icon="form",
        words=_l("Requests"),
        roles=REQUEST_ROLES,
        order=40,
        count=lambda: count_queues().requests,
    )
    gait_views.add_links(app, count=lambda: count_queues().tasks)
    add_desk_link(
        app,
        path="/desk/calendars",
        icon="calendar",
        words=_l("Calendars"),
        roles=scheduling_views.feeds.MANAGERS,
        order=122,
    )
    add_desk_link(
        app,
        path="/desk/site",
        icon="page",
        words=_l("Website"),
        roles=site_views.desk.MANAGERS,
        order=125,
    )


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
    add_duty(app, name="rate counts", every_seconds=60, work=remove_old_counts)
    add_duty(app, name="idempotent answers", every_seconds=60, work=remove_old_answers)
    add_duty(app, name="sessions", every_seconds=60, work=people_operations.remove_stale_sessions)
    add_duty(app, name="reset links", every_seconds=1, work=people_operations.answer_resets)
    add_duty(app, name="safety", every_seconds=5, work=intake_safety.escalate_overdue)
    add_duty(app, name="expired holds", every_seconds=5, work=remove_expired_holds)
    add_duty(app, name="past claims", every_seconds=60, work=remove_past)
    add_duty(app, name="old holds", every_seconds=60, work=remove_old_holds)
    add_duty(app, name="sign-in codes", every_seconds=1, work=portal_codes.issue_codes)
    add_duty(
        app, name="old contact changes", every_seconds=60, work=portal_contact.remove_old_changes
    )
    add_duty(app, name="forms' sessions", every_seconds=60, work=remove_stale_form_sessions)
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
